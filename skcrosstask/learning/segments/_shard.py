"""A shard of training videos, and what one pass finds in it: model in, sums out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrosstask.learning.segments._kernels import (
    ShardArrays,
    VideoWeights,
    label_videos,
)
from skcrosstask.learning.segments._labels import RowsOfVideo, SegmentSource
from skcrosstask.learning.segments._rule import temperature_at

if TYPE_CHECKING:
    from skcrosstask.learning._candidates import Candidates
    from skcrosstask.learning.rows._shard_rows import ShardRows
    from skcrosstask.learning.segments._rule import SegmentRule

__all__ = ["Shard", "ShardModel", "ShardPairs", "ShardSums", "label_shard"]

_NO_UNITS = np.empty(0, dtype=np.int64)


class ShardPairs(NamedTuple):
    """Different pairs of a fold and a step in a shard, and where each step has its own.

    Attributes
    ----------
    folds, steps : ndarrays of shape (P,) of int
        The pairs; steps among all steps.
    places : ndarray of int64
        The pair of each step of each video, one video after the other.
    """

    folds: np.ndarray
    steps: np.ndarray
    places: np.ndarray

    @classmethod
    def of(cls, shard: Shard, folds: np.ndarray) -> ShardPairs:
        """Those of a shard, by the fold of each of its videos."""
        n_steps = np.diff(shard.arrays.steps)
        keys = np.repeat(folds, n_steps) * len(shard.steps) + np.concatenate(shard.ids)
        pairs, places = np.unique(keys, return_inverse=True)
        known, steps = np.divmod(pairs, len(shard.steps))
        return cls(known, shard.steps[steps], places)


class ShardModel(NamedTuple):
    """What a pass knows before it, as far as one shard needs it.

    Attributes
    ----------
    rule : SegmentRule
        Constants.
    places : ndarray of int64
        For each step of each video, one after the other, its row of the means.
    means : ndarray of shape (P, R) of float32
        Means of steps, by what the other folds taught.
    """

    rule: SegmentRule
    places: np.ndarray
    means: np.ndarray


class ShardSums(NamedTuple):
    """What a pass finds in a shard.

    Attributes
    ----------
    counts : ndarray of shape (P,)
        Rows that were labelled with the step of each pair, in videos of its fold.
    sums : ndarray of shape (P, R)
        Their sums.
    segments : list of ndarray of shape (K, 2)
        Of each video that was labelled.
    gain : float
        Sum of the values of the labels.
    """

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
        self.ids = np.split(places, np.cumsum([len(ids) for ids in steps])[:-1])

    def __getstate__(self) -> dict[str, Any]:
        return {name: x for name, x in vars(self).items() if name != "arrays"}

    @cached_property
    def arrays(self) -> ShardArrays:
        """Where each video's rows, steps and windows are."""
        windows = [c.outside for c in self.candidates]
        sizes = [0 if cells is None else cells.size for cells in windows]
        starts = np.cumsum([0, *sizes[:-1]])
        return ShardArrays(
            self.rows.offsets,
            np.cumsum([0, *map(len, self.ids)]),
            np.where([cells is None for cells in windows], -1, starts),
            np.concatenate(
                [np.empty(0, bool), *(c.ravel() for c in windows if c is not None)]
            ),
        )

    def weights(self, rule: SegmentRule) -> VideoWeights:
        """What a row of each video is worth."""
        rates, which = np.unique([c.rate for c in self.candidates], return_inverse=True)
        heat = [temperature_at(rule.temperature, rule.rate, rate) for rate in rates]
        return VideoWeights(
            np.array(heat)[which],
            (rule.position / 2 / rates)[which],
            (rule.window_penalty / rates)[which],
            (rule.rate / rates)[which],
        )

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
        with self.rows.opened(chosen) as rows:
            for j in chosen:
                yield RowsOfVideo(
                    int(self.numbers[j]),
                    self.candidates[j],
                    self.rows.of_video(rows, j),
                    model.means[self.of_video(model.places, j)],
                    model.rule,
                )

    def of_video(self, of_steps: np.ndarray, j: int) -> np.ndarray:
        """What belongs to the steps of one video, of what there is for all."""
        ends = self.arrays.steps
        return of_steps[ends[j] : ends[j + 1]]


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
    counts, sums = np.zeros(len(model.means)), np.zeros(model.means.shape)
    found = counts, sums
    if source.label is None:
        return _label_best(shard, model, chosen, found)
    segments, gain, weights = [], 0.0, shard.weights(model.rule)
    for j, video in zip(chosen, shard.videos(model, chosen), strict=True):
        labels = source.label(video)
        segments.append(labels.segments)
        n, total = labels.sums_of(video.rows)
        places, share = shard.of_video(model.places, j), weights.share[j]
        # A place may come twice.
        np.add.at(counts, places, share * n)
        np.add.at(sums, places, share * total)
        gain += labels.value
    return ShardSums(*found, segments, gain)


def _label_best(
    shard: Shard,
    model: ShardModel,
    chosen: np.ndarray,
    found: tuple[np.ndarray, np.ndarray],
) -> ShardSums:
    segments = np.empty((len(model.places), 2), np.int64)
    bias = -np.einsum("pr,pr->p", model.means, model.means) / 2
    with shard.rows.opened(chosen) as rows:
        gain = label_videos(
            chosen,
            rows,
            shard.arrays,
            shard.weights(model.rule),
            model.places,
            model.means,
            bias,
            *found,
            segments,
        )
    return ShardSums(*found, [shard.of_video(segments, j) for j in chosen], gain)
