"""Where the labels Y of an epoch come from: one class a source."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from skcrosstask.alignment._posteriors import draw_placement, sum_placements

if TYPE_CHECKING:
    from skcrosstask.learning._candidates import Candidates
    from skcrosstask.learning.segments._labels import SegmentSource
    from skcrosstask.learning.segments._passes import SegmentPasses

__all__ = [
    "Alignment",
    "Annotation",
    "LabelSource",
    "LastLabels",
    "RandomPlacement",
    "SegmentUnits",
]


class LabelSource(Protocol):
    """What gives an epoch its labels.

    Attributes
    ----------
    phase : str
        Its name in ``history_``.
    aligns : bool
        Whether the compiled epoch places the steps itself, each video in its turn.
    of_segments : bool
        Whether scores are log odds over background, in conditioned features.
    """

    phase: str
    aligns: bool
    of_segments: bool

    def draw(self, rng: np.random.Generator) -> np.ndarray | None:
        """Labels of all videos, one after the other, as indices of rows.

        Parameters
        ----------
        rng : numpy.random.Generator
            Advanced.

        Returns
        -------
        ndarray of int64, or None
            -1 for a step without a label; None where labels are to stay.
        """


class Alignment:
    """The Y-step: placed by the model as it is when a video's turn comes."""

    phase, aligns, of_segments = "align", True, False

    def draw(self, rng: np.random.Generator) -> None:
        """Nothing: the epoch places the steps."""


class RandomPlacement:
    """Random placements within order and windows, all alike, each epoch anew."""

    phase, aligns, of_segments = "init", False, False

    def __init__(self, candidates: Sequence[Candidates]):
        self.candidates = candidates

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """See `LabelSource.draw`."""
        drawn = [
            draw_placement(*table, rng.random(video.n_steps))
            for table, video in zip(self._tables, self.candidates, strict=True)
        ]
        return np.concatenate(drawn)

    @cached_property
    def _tables(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """All placements of each video, to draw from."""
        return [
            sum_placements(np.zeros(outside.shape), outside)
            for outside in map(_outside, self.candidates)
        ]


class Annotation:
    """A random unit of each step that the annotation shows, each epoch anew."""

    phase, aligns, of_segments = "supervised", False, False

    def __init__(self, candidates: Sequence[Candidates]):
        self.candidates = candidates

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """See `LabelSource.draw`."""
        labels = []
        for video in self.candidates:
            draws = rng.random(video.n_steps)
            labels += [
                rows[int(draw * len(rows))] if len(rows) else -1
                for rows, draw in zip(video.choices, draws, strict=True)
            ]
        return np.array(labels, dtype=np.int64)


class SegmentUnits:
    """A random unit of each segment, which the Y-step places anew each epoch."""

    phase, aligns, of_segments = "refine", False, True

    def __init__(self, passes: SegmentPasses, source: SegmentSource):
        self.passes, self.source = passes, source

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """See `LabelSource.draw`."""
        labels = []
        for extent in self.passes.label_all(self.source):
            first, stop = extent.T
            inside = (rng.random(len(extent)) * (stop - first)).astype(np.int64)
            labels.append(np.where(first < 0, -1, first + inside))
        return np.concatenate(labels)


class LastLabels:
    """What Adam's epochs keep of the labels: the last ones.

    Parameters
    ----------
    candidates : sequence of Candidates
        One per video.

    Attributes
    ----------
    settled : bool
        False: dropout and the order of the videos never let it rest.
    """

    settled = False

    def __init__(self, candidates: Sequence[Candidates]):
        self.candidates = candidates
        self._ends = np.cumsum([video.n_steps for video in candidates])
        self._labels = np.full(self._ends[-1], -1)  # as indices of rows

    @property
    def labels(self) -> list[np.ndarray]:
        """The last labels Y (K,) of each video, as time units; -1 for none."""
        parts = np.split(self._labels, self._ends[:-1])
        return [
            np.append(video.units, -1)[rows]  # the row -1 is no unit
            for rows, video in zip(parts, self.candidates, strict=True)
        ]

    def state(self) -> dict[str, np.ndarray]:
        """What was labelled last, for `restore`."""
        return {"labels": self._labels}

    def restore(self, arrays: dict[str, np.ndarray], source: LabelSource) -> None:
        """Go on where another one was that made the same epochs.

        Parameters
        ----------
        arrays : dict of str to ndarray
            Its `state`.
        source : LabelSource
            What gave it the labels.
        """
        self._labels[:] = arrays["labels"]


def _outside(video: Candidates) -> np.ndarray:
    if video.outside is not None:
        return video.outside
    return np.zeros((video.n_alignable, video.n_steps), np.bool_)
