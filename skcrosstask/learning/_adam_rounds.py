"""Rounds of Adam: shards of videos are visited apart, then components are averaged."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrosstask.learning._alternation import Alternation, in_units
from skcrosstask.learning._model import ComponentModel
from skcrosstask.learning._shards import run_tasks
from skcrosstask.learning._store import FrameStore

if TYPE_CHECKING:
    from skcrosstask.components import Composition
    from skcrosstask.learning._candidates import Candidates
    from skcrosstask.learning._labels import LabelSource
    from skcrosstask.learning._worker_store import WorkerStore

__all__ = ["AdamRounds", "AdamShard", "Average", "Found", "Turn", "train_shard"]

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


class Average:
    """Mean of what shards found, weighted by visits, component by component.

    Parameters
    ----------
    n_components : int
        Components M of all shards.

    Attributes
    ----------
    visits : ndarray of shape (M,) of int64
        Of all shards that were added.
    """

    def __init__(self, n_components: int):
        self.visits = np.zeros(n_components, dtype=np.int64)
        self._sums: dict[str, np.ndarray] = {}

    def add(
        self, columns: np.ndarray, visits: np.ndarray, arrays: dict[str, np.ndarray]
    ) -> None:
        """Add a shard; sums depend on the order in which shards are added.

        Parameters
        ----------
        columns : ndarray of shape (C,) of int
            Its components, each once.
        visits : ndarray of shape (C,) of int
            How often each was moved.
        arrays : dict of str to ndarray of shape (C, ...) of float32
            What became of them.
        """
        self.visits[columns] += visits
        for name, array in arrays.items():
            if name not in self._sums:
                shape = len(self.visits), *array.shape[1:]
                self._sums[name] = np.zeros(shape)
            # Products of a visit count and a float32 are exact.
            self._sums[name][columns] += _beside(visits, array) * array

    def result(self) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Components that were visited, and their means.

        Returns
        -------
        columns : ndarray of int
            The others are to stay as they are.
        arrays : dict of str to ndarray of float32
            Their means.
        """
        columns = np.flatnonzero(self.visits)
        return columns, {
            name: (sums[columns] / _beside(self.visits[columns], sums)).astype("f4")
            for name, sums in self._sums.items()
        }


class AdamRounds:
    """Epochs of Adam in rounds: each shard starts from one model, and their mean is it.

    A round is to the model as one epoch of `Alternation`, but each component makes as
    many moves as its average shard. What is found depends on the number of shards, and
    never on who works on them.

    Parameters
    ----------
    model : ComponentModel
        What is learnt; it changes at the end of each round.
    store : FrameStore or WorkerStore
        Rows of the candidates; a FrameStore takes workers that share its memory.
    candidates : sequence of Candidates
        One per video.
    compositions : sequence of Composition
        Steps of each video's task.
    rng : numpy.random.Generator
        Order of the videos and random labels.
    n_shards : int
        Shards; no more than the store has.
    n_jobs : int, optional
        As for ``joblib.Parallel``.
    decode : {"steps", "time"}
        As of `Alternation`.
    align_dropout : bool, default=False
        Likewise.

    Attributes
    ----------
    labels : list of ndarray
        The last labels Y of each video, as time units; -1 for none.
    settled : bool
        False, as of `Alternation`.
    shards : list of AdamShard
        Whose videos are visited one after the other.
    """

    settled = False

    def __init__(
        self,
        model: ComponentModel,
        store: FrameStore | WorkerStore,
        candidates: Sequence[Candidates],
        compositions: Sequence[Composition],
        rng: np.random.Generator,
        *,
        n_shards: int,
        n_jobs: int | None = None,
        decode: str,
        align_dropout: bool = False,
    ):
        self.model, self.rng, self.n_jobs = model, rng, n_jobs
        self.candidates = candidates
        self._how = decode, align_dropout
        bounds = np.linspace(0, len(store.shards), n_shards + 1).round().astype(int)
        self.shards = [
            AdamShard(store.shards[a:b], candidates, compositions, store)
            for a, b in pairwise(bounds)
            if a < b
        ]
        self._ends = np.cumsum([video.n_steps for video in candidates])
        self._labels = np.full(self._ends[-1], -1)

    def epoch(self, source: LabelSource) -> dict:
        """Make a round; the model stays as it was if the round is not finished.

        Parameters
        ----------
        source : LabelSource
            Gives the labels.

        Returns
        -------
        dict
            Phase, mean objective and seconds.

        Raises
        ------
        ValueError
            If scores are no longer finite.
        """
        start, total = time.perf_counter(), 0.0
        order = self.rng.permutation(len(self.candidates))
        drawn = source.draw(self.rng)
        before = self._labels if drawn is None else drawn
        end = self.model.n_updates + max(len(s.numbers) for s in self.shards)
        turn = Turn(source.aligns, source.of_segments, *self._how, end)
        average, after = Average(len(self.model.coef)), []
        tasks = self._tasks(order, before, turn)
        found = run_tasks(train_shard, tasks, self.n_jobs)
        for shard, part in zip(self.shards, found, strict=True):
            average.add(shard.columns, shard.visits, part.arrays)
            after.append(part.labels)
            total += part.total
        self.model.replace(*average.result(), end)
        self._labels = np.concatenate(after)
        return {
            "phase": source.phase,
            "objective": total / len(order),
            "seconds": time.perf_counter() - start,
        }

    @property
    def labels(self) -> list[np.ndarray]:
        """The last labels Y of each video, as time units; -1 for none."""
        return in_units(self._labels, self.candidates)

    def state(self) -> dict[str, np.ndarray]:
        """What was labelled last, for `restore`."""
        return {"labels": self._labels}

    def restore(self, arrays: dict[str, np.ndarray], source: LabelSource) -> None:
        """Go on where another one was that made the same rounds.

        Parameters
        ----------
        arrays : dict of str to ndarray
            Its `state`.
        source : LabelSource
            What gave it the labels.
        """
        self._labels[:] = arrays["labels"]

    def _tasks(
        self, order: np.ndarray, labels: np.ndarray, turn: Turn
    ) -> Iterator[tuple]:
        """Arguments of `train_shard` for each shard, made as they are needed."""
        settings, arrays = self.model.state()
        for i, shard in enumerate(self.shards):
            first, last = shard.numbers[[0, -1]]
            own = order[(order >= first) & (order <= last)] - first
            start = self._ends[first - 1] if first else 0
            yield (
                shard,
                {**settings, "seed": _seed_of(self.model, i)},
                {name: array[shard.columns] for name, array in arrays.items()},
                own,
                labels[start : self._ends[last]],
                turn,
            )


def _seed_of(model: ComponentModel, shard: int) -> int:
    """Seed of a shard's dropout and negatives; Adam's step tells rounds apart."""
    if shard == 0:
        return model.seed
    return int(np.random.SeedSequence([model.seed, shard]).generate_state(1)[0])


def _beside(factors: np.ndarray, array: np.ndarray) -> np.ndarray:
    return factors.reshape(-1, *[1] * (array.ndim - 1)).astype(np.float64)
