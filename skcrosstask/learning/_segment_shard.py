"""A shard of training videos, and what one pass finds in it: model in, sums out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrosstask._jit import kernel
from skcrosstask.learning._segment_labels import (
    RowsOfVideo,
    SegmentSource,
)

if TYPE_CHECKING:
    from skcrosstask.learning._candidates import Candidates
    from skcrosstask.learning._segment_rule import SegmentRule
    from skcrosstask.learning._shard_rows import ShardRows

__all__ = ["Shard", "ShardModel", "ShardSums", "label_shard"]

_NO_UNITS = np.empty(0, dtype=np.int64)


class ShardModel(NamedTuple):
    """What a pass knows before it, as far as one shard needs it.

    Attributes
    ----------
    rule : SegmentRule
        Constants.
    folds : ndarray of shape (n,) of int
        Fold of each video of the shard.
    apart : bool
        Whether folds know different things.
    pairs : ndarray of shape (P,) of int
        Fold times S plus step, ascending: those that the shard's videos need.
    means : ndarray of shape (P, R)
        The step's mean, by what the other folds taught.
    """

    rule: SegmentRule
    folds: np.ndarray
    apart: bool
    pairs: np.ndarray
    means: np.ndarray

    @classmethod
    def of(
        cls, rule: SegmentRule, means: np.ndarray, folds: np.ndarray, shard: Shard
    ) -> ShardModel:
        """What a shard needs of the means (n_folds or 1, n_steps, R) of all steps."""
        apart, n_steps = len(means) > 1, len(shard.steps)
        wanted = [
            f * apart * n_steps + s for f, s in zip(folds, shard.ids, strict=True)
        ]
        pairs = np.unique(np.concatenate(wanted))
        known, steps = np.divmod(pairs, n_steps)
        return cls(rule, folds, apart, pairs, means[known, shard.steps[steps]])

    def means_of(self, shard: Shard, j: int) -> np.ndarray:
        """Means (K, R) of the steps of a video, by its place in the shard."""
        first = self.folds[j] * self.apart * len(shard.steps)
        return self.means[np.searchsorted(self.pairs, first + shard.ids[j])]


class ShardSums(NamedTuple):
    """What a pass finds in a shard.

    Attributes
    ----------
    folds, steps : ndarray of shape (P,) of int
        Pairs of a fold and one of the shard's steps.
    counts : ndarray of shape (P,)
        Rows that were labelled with the step, in videos of the fold.
    sums : ndarray of shape (P, R)
        Their sums.
    segments : list of ndarray of shape (K, 2)
        Of each video that was labelled.
    gain : float
        Sum of the values of the labels.
    """

    folds: np.ndarray
    steps: np.ndarray
    counts: np.ndarray
    sums: np.ndarray
    segments: list[np.ndarray]
    gain: float


class Shard:
    """Some of the videos, with all that passes need to know of them.

    Parameters
    ----------
    numbers : ndarray of shape (n,) of int
        Which videos they are.
    candidates : sequence of Candidates
        One per video.
    steps : sequence of ndarray
        The steps of each video's task, as rows of the table of all steps.
    rows : ShardRows
        Their rows, wherever the shard is.

    Attributes
    ----------
    steps : ndarray of shape (S,) of int
        The steps that occur, ascending.
    ids : list of ndarray of shape (K,)
        Those of each video, among these.
    """

    def __init__(
        self,
        numbers: np.ndarray,
        candidates: Sequence[Candidates],
        steps: Sequence[np.ndarray],
        rows: ShardRows,
    ):
        self.numbers, self.rows = numbers, rows
        # Passes see whole videos: what Adam chooses from need not travel.
        self.candidates = [
            replace(c, units=_NO_UNITS, pool=_NO_UNITS) for c in candidates
        ]
        self.steps, places = np.unique(np.concatenate(steps), return_inverse=True)
        ends = np.cumsum([len(ids) for ids in steps])
        self.ids = np.split(places, ends[:-1])

    def videos(
        self, model: ShardModel, chosen: Sequence[int] | np.ndarray
    ) -> Iterator[RowsOfVideo]:
        """Some of its videos, with their rows, one at a time.

        Parameters
        ----------
        model : ShardModel
            What is known.
        chosen : sequence of int
            Places in the shard.
        """
        with self.rows.opened() as rows:
            for j in chosen:
                yield RowsOfVideo(
                    int(self.numbers[j]),
                    self.candidates[j],
                    rows(j),
                    model.means_of(self, j),
                    model.rule,
                )


@kernel
def _add(places, share, n, total, counts, sums):
    """Add a share of a video's counts and sums; a place may come twice."""
    for k in range(len(places)):
        place = places[k]
        counts[place] += share * n[k]
        for r in range(sums.shape[1]):
            sums[place, r] += share * total[k, r]


def label_shard(
    shard: Shard, model: ShardModel, chosen: np.ndarray, source: SegmentSource
) -> ShardSums:
    """Label videos of a shard, and sum their rows by fold and step.

    Parameters
    ----------
    shard : Shard
        The videos.
    model : ShardModel
        What is known.
    chosen : ndarray of int
        Places in the shard, one at the least.
    source : SegmentSource
        Gives the labels.

    Returns
    -------
    ShardSums
        To be added to those of other shards.
    """
    n_steps, rate = len(shard.steps), model.rule.rate
    pairs = [model.folds[j] * n_steps + shard.ids[j] for j in chosen]
    known = np.unique(np.concatenate(pairs))
    counts = np.zeros(len(known))
    sums = np.zeros((len(known), model.means.shape[1]))
    segments, gain = [], 0.0
    for pair, video in zip(pairs, shard.videos(model, chosen), strict=True):
        labels = source.label(video)
        segments.append(labels.segments)
        share = rate / video.candidates.rate
        n, total = labels.sums_of(video.rows)
        _add(np.searchsorted(known, pair), share, n, total, counts, sums)
        gain += labels.value
    folds, steps = np.divmod(known, n_steps)
    return ShardSums(folds, steps, counts, sums, segments, gain)
