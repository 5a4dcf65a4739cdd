"""Where the labels Y of an epoch come from: one class a source."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import numpy as np

from skcrosstask.alignment._posteriors import draw_placement, sum_placements
from skcrosstask.learning._candidates import Candidates

__all__ = ["Alignment", "Annotation", "LabelSource", "RandomPlacement"]


class LabelSource(Protocol):
    """What gives an epoch its labels.

    Attributes
    ----------
    phase : str
        Its name in ``history_``.
    aligns : bool
        Whether the compiled epoch places the steps itself, each video in its turn.
    """

    phase: str
    aligns: bool

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

    phase, aligns = "align", True

    def draw(self, rng: np.random.Generator) -> None:
        """Nothing: the epoch places the steps."""


class RandomPlacement:
    """Random placements within order and windows, all alike, each epoch anew."""

    phase, aligns = "init", False

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

    phase, aligns = "supervised", False

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


def _outside(video: Candidates) -> np.ndarray:
    if video.outside is not None:
        return video.outside
    return np.zeros((video.n_alignable, video.n_steps), np.bool_)
