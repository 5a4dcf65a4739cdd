"""Y-steps over whole segments: where the labels of one video may come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrosstask._jit import kernel
from skcrosstask.alignment._align import best_ordered_segments
from skcrosstask.alignment._posteriors import weigh_placements

if TYPE_CHECKING:
    from skcrosstask.learning._candidates import Candidates
    from skcrosstask.learning.segments._rule import SegmentRule

__all__ = [
    "Labels",
    "RowsOfVideo",
    "SegmentSource",
    "annotated_segments",
    "extent_of",
    "label_best",
    "starting_segments",
    "weighted",
]


class Labels(NamedTuple):
    """Labels of one video.

    Attributes
    ----------
    segments : int64 ndarray of shape (K, 2)
        First unit of each step, and the one after its last; -1 for none.
    value : float
        What the Y-step raised: log odds of the labels, 0 where nothing was placed.
    weights : ndarray of shape (T, K) of float32, optional
        How much of each unit each step has, by default the units of its segment.
    """

    segments: np.ndarray
    value: float
    weights: np.ndarray | None = None

    def sums_of(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How many units (K,) each step has, and the sum (K, R) of their rows."""
        if self.weights is not None:
            return self.weights.sum(axis=0), self.weights.T @ rows
        sums = np.zeros((len(self.segments), rows.shape[1]))
        _add_rows(rows, self.segments, sums)
        return self.segments[:, 1] - self.segments[:, 0], sums


@dataclass(eq=False)
class RowsOfVideo:
    """All that a Y-step sees.

    Attributes
    ----------
    number : int
        Of the video, among all.
    candidates : Candidates
        Its length, windows and rate.
    rows : ndarray of shape (T, R) of float32
        Conditioned rows, in order.
    means : ndarray of shape (K, R)
        Of the steps, by what other videos taught.
    rule : SegmentRule
        Constants.
    """

    number: int
    candidates: Candidates
    rows: np.ndarray
    means: np.ndarray
    rule: SegmentRule


class SegmentSource(NamedTuple):
    """Where the labels of a pass come from, and its name in the history.

    By default, the Y-step gives them: the best ordered segments, of at least one unit
    per step. A function may run in another process, and is found there by its name.
    """

    phase: str
    label: Callable[[RowsOfVideo], Labels] | None = None


def starting_segments(video: RowsOfVideo) -> Labels:
    """Posterior of one unit per step inside the windows; without any, equal parts."""
    known = video.candidates
    if known.outside is not None:
        weights = weigh_placements(np.zeros(known.outside.shape), known.outside)
        return weighted(weights * known.rate)  # a second of each step
    part = (np.arange(known.n_units) * known.n_steps) // known.n_units
    return weighted(part[:, None] == np.arange(known.n_steps))


def label_best(odds: np.ndarray) -> Labels:
    """The best ordered segments by log odds (T, K) of steps over background."""
    segments = best_ordered_segments(odds)
    return Labels(segments, _gain(odds, segments))


def weighted(weights: np.ndarray) -> Labels:
    """Labels that give a step shares (T, K) of units."""
    weights = weights.astype(np.float32)
    return Labels(extent_of(weights), 0.0, weights)


@kernel
def _gain(odds, segments):
    """Sum of the odds of the segments' units."""
    value = 0.0
    for k in range(len(segments)):
        for t in range(segments[k, 0], segments[k, 1]):
            value += odds[t, k]
    return value


@kernel
def _add_rows(rows, segments, sums):
    """Add the rows of each segment to the sum of its step."""
    for k in range(len(segments)):
        for t in range(segments[k, 0], segments[k, 1]):
            for r in range(rows.shape[1]):
                sums[k, r] += rows[t, r]


def annotated_segments(video: RowsOfVideo) -> Labels:
    """Segments as they are annotated."""
    known = video.candidates
    weights = np.zeros((known.n_units, known.n_steps), np.float32)
    for k, rows in enumerate(known.choices):
        weights[rows, k] = 1.0
    return weighted(weights)


def extent_of(weights: np.ndarray) -> np.ndarray:
    """First unit (K, 2) of each step, and the one after its last; -1 for none."""
    taken = weights > 0
    n_units = len(taken)
    extent = np.stack(
        [taken.argmax(axis=0), n_units - taken[::-1].argmax(axis=0)], axis=1
    )
    extent[~taken.any(axis=0)] = -1
    return extent
