"""Rounds of Adam: shards of videos are visited apart, then components are averaged."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from skcrosstask.learning._shards import run_tasks
from skcrosstask.learning.adam._labels import LastLabels
from skcrosstask.learning.adam._model import ComponentModel
from skcrosstask.learning.adam._shard import AdamShard, Turn, train_shard

if TYPE_CHECKING:
    from skcrosstask.components import Composition
    from skcrosstask.learning._candidates import Candidates
    from skcrosstask.learning.adam._labels import LabelSource
    from skcrosstask.learning.rows._store import FrameStore
    from skcrosstask.learning.rows._worker_store import WorkerStore

__all__ = ["AdamRounds", "Average"]


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


class AdamRounds(LastLabels):
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
    shards : list of AdamShard
        Whose videos are visited one after the other.
    """

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
        super().__init__(candidates)
        self.model, self.rng, self.n_jobs = model, rng, n_jobs
        self._how = decode, align_dropout
        bounds = np.linspace(0, len(store.shards), n_shards + 1).round().astype(int)
        self.shards = [
            AdamShard(store.shards[a:b], candidates, compositions, store)
            for a, b in pairwise(bounds)
            if a < b
        ]

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
