"""A shard of training videos, and an epoch of Adam on it: model in, components out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrosstask.learning.adam._alternation import Alternation
from skcrosstask.learning.adam._model import ComponentModel
from skcrosstask.learning.rows._store import FrameStore

if TYPE_CHECKING:
    from skcrosstask.components import Composition
    from skcrosstask.learning._candidates import Candidates
    from skcrosstask.learning.rows._worker_store import WorkerStore

__all__ = ["AdamShard", "Found", "Turn", "train_shard"]

_AVERAGED = (
    *("coef", "coef_mean", "coef_square"),
    *("intercept", "intercept_mean", "intercept_square"),
)


class Rows(NamedTuple):
    """Rows of a shard, and where each video's start, as an `Alternation` has them."""

    data: np.ndarray
    offsets: np.ndarray


class Turn(NamedTuple):
    """What a shard is to do in a round.

    Attributes
    ----------
    aligns, of_segments : bool
        As of the `LabelSource`.
    decode : {"steps", "time"}
        As of `Alternation`.
    align_dropout : bool
        Likewise.
    end : int
        Adam's step to which all shards of a round come.
    """

    aligns: bool
    of_segments: bool
    decode: str
    align_dropout: bool
    end: int


class Found(NamedTuple):
    """What a shard's epoch leaves.

    Attributes
    ----------
    arrays : dict of str to ndarray
        The shard's components and their moments.
    labels : ndarray of int64
        Of its videos, one after the other, as indices of rows.
    total : float
        Sum of the losses.
    """

    arrays: dict[str, np.ndarray]
    labels: np.ndarray
    total: float


class AdamShard:
    """Consecutive videos that are visited one after the other.

    Parameters
    ----------
    parts : sequence of ndarray of int
        The videos, in the parts in which the store has them.
    candidates : sequence of Candidates
        One for each of all videos.
    compositions : sequence of Composition
        Steps of each of all videos' tasks.
    store : FrameStore or WorkerStore
        Has the rows; a FrameStore's do not travel.

    Attributes
    ----------
    numbers : ndarray of int
        The videos.
    columns : ndarray of int64
        Components of their tasks, ascending.
    visits : ndarray of int64
        By how many of the videos each of them is moved.
    """

    def __init__(
        self,
        parts: Sequence[np.ndarray],
        candidates: Sequence[Candidates],
        compositions: Sequence[Composition],
        store: FrameStore | WorkerStore,
    ):
        self.numbers = np.concatenate(parts)
        self.candidates = [candidates[i] for i in self.numbers]
        own = [compositions[i] for i in self.numbers]
        self.columns, self.visits = np.unique(
            np.concatenate([steps.columns for steps in own]), return_counts=True
        )
        tasks = {
            id(steps): replace(
                steps, columns=np.searchsorted(self.columns, steps.columns)
            )
            for steps in own
        }
        self.compositions = [tasks[id(steps)] for steps in own]
        self._store = store if isinstance(store, FrameStore) else None
        self._parts = [] if self._store else [store.shard(part) for part in parts]

    def rows(self) -> Rows:
        """Rows of the videos: this process's, or read into memory for the while."""
        if self._store is not None:
            first, last = self.numbers[[0, -1]]
            offsets = self._store.offsets[first : last + 2]
            data = self._store.data[offsets[0] : offsets[-1]]
            return Rows(data, offsets - offsets[0])
        packing = self._parts[0].packing
        sizes = np.concatenate([np.diff(part.offsets) for part in self._parts])
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        data = np.empty((offsets[-1], packing.n_features), packing.stored)
        start = 0
        for part in self._parts:
            with part.opened(range(len(part.videos))) as found:
                data[start : start + len(found)] = found
            start += len(found)
        return Rows(data, offsets)


def train_shard(
    shard: AdamShard,
    settings: dict[str, Any],
    arrays: dict[str, np.ndarray],
    order: np.ndarray,
    labels: np.ndarray,
    turn: Turn,
) -> Found:
    """One epoch on the videos of a shard.

    Parameters
    ----------
    shard : AdamShard
        The videos.
    settings, arrays : dict
        State of a model of the shard's components; changed.
    order : ndarray of int
        The shard's videos, as their turns come.
    labels : ndarray of int64
        Of its videos, one after the other.
    turn : Turn
        What is done.

    Returns
    -------
    Found
        To be averaged with what the other shards found.
    """
    model = ComponentModel.from_state(settings, arrays)
    course = Alternation(
        model,
        shard.rows(),
        shard.candidates,
        shard.compositions,
        np.random.default_rng(0),  # nothing is drawn
        decode=turn.decode,
        align_dropout=turn.align_dropout,
    )
    total = course.follow(order, labels, turn)
    labels = course.state()["labels"]
    _, learnt = model.advance(turn.end).state()
    return Found({name: learnt[name] for name in _AVERAGED}, labels, total)
