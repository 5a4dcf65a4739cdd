"""Alternation over whole segments: ordered segments (Y), then means of steps (F)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrosstask.learning._shards import run_tasks
from skcrosstask.learning.segments._closed_form import (
    StepSums,
    StepTable,
    solve_components,
    step_means,
)
from skcrosstask.learning.segments._kernels import add_sums
from skcrosstask.learning.segments._labels import SegmentSource
from skcrosstask.learning.segments._rule import SegmentRule
from skcrosstask.learning.segments._shard import (
    Shard,
    ShardModel,
    ShardPairs,
    ShardSums,
    label_shard,
)

if TYPE_CHECKING:
    from skcrosstask.components import Composition
    from skcrosstask.learning._candidates import Candidates
    from skcrosstask.learning.adam._model import ComponentModel
    from skcrosstask.learning.rows._store import FrameStore
    from skcrosstask.learning.rows._worker_store import WorkerStore

__all__ = ["Coef", "SegmentPasses", "deal"]


class Coef(NamedTuple):
    """All that passes ask of a model.

    Attributes
    ----------
    coef : ndarray of shape (M, R)
        Component vectors, written by each pass.
    """

    coef: np.ndarray


class SegmentPasses:
    """Passes over all training videos: label their rows, then average them by step.

    Parameters
    ----------
    store : FrameStore or WorkerStore
        Conditioned rows, all of each video.
    candidates : sequence of Candidates
        One per video.
    compositions : sequence of Composition
        Steps of each video's task.
    model : ComponentModel or Coef
        What is learnt; labels of the first pass may come from it.
    rule : SegmentRule
        Constants.
    seen : StepSums, optional
        Rows of other videos, which count as they are.
    n_jobs : int, optional
        Threads or workers that label shards of videos.
    members : sequence of int, optional
        The videos to learn from, by default all.

    Attributes
    ----------
    settled : bool
        Whether the last labels were those of the pass before: more passes would change
        nothing.
    moved : float
        Share of the steps whose segments in the last two passes have no unit in common.
    totals : StepSums
        Rows of all videos, those seen before too, by the last labels.
    segments : list of int64 ndarray of shape (K, 2)
        For each video the first unit of each step's segment in the last labels, and
        the one after its last; -1 for a step without a segment.
    """

    def __init__(
        self,
        store: FrameStore | WorkerStore,
        candidates: Sequence[Candidates],
        compositions: Sequence[Composition],
        model: ComponentModel | Coef,
        rule: SegmentRule,
        seen: StepSums | None = None,
        n_jobs: int | None = None,
        members: Sequence[int] | np.ndarray | None = None,
    ):
        self.store = store
        self.candidates = candidates
        self.compositions = compositions
        self.rule = rule
        self.model = model
        self.members = range(len(candidates)) if members is None else members
        self.steps = StepTable(compositions, len(model.coef))
        self.n_jobs = n_jobs
        self._seen = None if seen is None else seen.widened(len(model.coef))
        self.totals: StepSums | None = seen
        self.settled, self.moved = False, 1.0
        self._source: SegmentSource | None = None
        self._n_folds = max(1, min(rule.n_folds, len(self.members)))
        self._fold = deal(compositions, self.members, self._n_folds)
        self._steps_of_folds = [
            np.unique(
                np.concatenate([self.steps.ids[i] for i in self._members_of(fold)])
            )
            for fold in range(self._n_folds)
        ]
        self._means = self.means()[None]
        self._paired: dict[int, ShardPairs] = {}  # by the first video of a shard
        self.segments: list[np.ndarray] = [np.empty((0, 2))] * len(candidates)

    def epoch(self, source: SegmentSource) -> dict:
        """Make one pass.

        Parameters
        ----------
        source : SegmentSource
            Gives the labels.

        Returns
        -------
        dict
            Phase, mean objective, share of the steps that moved, and seconds.
        """
        start = time.perf_counter()
        counts = np.zeros((self._n_folds, self.steps.matrix.shape[0]))
        sums = np.zeros((*counts.shape, self.model.coef.shape[1]))
        gain = 0.0
        before, again = self.segments, source is self._source
        self.segments, self._source = [*before], source
        # Added in the order of the shards: the same bits, whoever worked on them.
        for shard, chosen, found in self._label(self.members, source):
            folds, steps, _ = self._pairs(shard)
            add_sums(folds, steps, found.counts, found.sums, counts, sums)
            gain += found.gain
            for i, segments in zip(shard.numbers[chosen], found.segments, strict=True):
                self.segments[i] = segments
        self._learn(counts, sums)
        old, new = np.concatenate(before), np.concatenate(self.segments)
        self.settled = again and np.array_equal(old, new)
        self.moved = _moved(old, new) if again else 1.0
        return {
            "phase": source.phase,
            "objective": 0.0 - gain / len(self.members),
            "moved": self.moved,
            "seconds": time.perf_counter() - start,
        }

    def label_all(self, source: SegmentSource) -> list[np.ndarray]:
        """Segments of all videos by the model as it is now, which is not changed."""
        self.forget_folds()
        found = self._label(range(len(self.candidates)), source)
        self.segments = [extent for *_, shard in found for extent in shard.segments]
        return self.segments

    def chosen(
        self, videos: Sequence[int] | np.ndarray
    ) -> list[tuple[Shard, np.ndarray]]:
        """Shards that have some of these videos, and their places in each."""
        wanted = np.zeros(len(self.candidates), bool)
        wanted[np.asarray(videos, int)] = True
        places = [(s, np.flatnonzero(wanted[s.numbers])) for s in self.shards]
        return [(shard, there) for shard, there in places if len(there)]

    def known_to(self, shard: Shard) -> ShardModel:
        """What a Y-step may know: what the other folds taught of the shard's steps."""
        folds, steps, places = self._pairs(shard)
        means = self._means[folds % len(self._means), steps]
        return ShardModel(self.rule, places, means)

    def _pairs(self, shard: Shard) -> ShardPairs:
        first = int(shard.numbers[0])
        if first not in self._paired:
            self._paired[first] = ShardPairs.of(shard, self._fold[shard.numbers])
        return self._paired[first]

    def _label(
        self, videos: Sequence[int] | np.ndarray, source: SegmentSource
    ) -> Iterator[tuple[Shard, np.ndarray, ShardSums]]:
        work = self.chosen(videos)
        # Models of shards are only made as they are needed.
        tasks = ((shard, self.known_to(shard), c, source) for shard, c in work)
        found = run_tasks(label_shard, tasks, self.n_jobs)
        return ((*who, sums) for who, sums in zip(work, found, strict=True))

    @cached_property
    def shards(self) -> list[Shard]:
        """All videos, shard by shard."""
        return [self._shard(numbers) for numbers in self.store.shards]

    def _shard(self, numbers: np.ndarray) -> Shard:
        return Shard(
            numbers,
            [self.candidates[i] for i in numbers],
            [self.steps.ids[i] for i in numbers],
            self.store.shard(numbers),
        )

    def forget_folds(self) -> None:
        """Let Y-steps know what all videos taught, until the next pass."""
        self._means = self.means()[None]

    def state(self) -> dict[str, np.ndarray]:
        """What the next pass depends on, beside the model; nothing before the first."""
        if self._source is None or self.totals is None:
            return {}
        return {
            "means": np.repeat(self._means, self._n_folds // len(self._means), 0),
            "counts": self.totals.counts,
            "sums": self.totals.sums,
            "segments": np.concatenate(self.segments),
            "moved": np.array(self.moved),
            "settled": np.array(self.settled),
        }

    def restore(self, arrays: dict[str, np.ndarray], source: SegmentSource) -> None:
        """Go on where others were that made the same passes.

        Parameters
        ----------
        arrays : dict of str to ndarray
            Their `state`.
        source : SegmentSource
            What gave the last labels.

        Raises
        ------
        ValueError
            If an array is of another shape.
        """
        ends = np.cumsum([len(ids) for ids in self.steps.ids])
        size = self.steps.matrix.shape[0], self.model.coef.shape[1]
        for name, shape in (
            ("means", (self._n_folds, *size)),
            ("counts", size[:1]),
            ("sums", size),
            ("segments", (ends[-1], 2)),
        ):
            if arrays[name].shape != shape:
                raise ValueError(f"{name} must have shape {shape}")
        self._means = arrays["means"]
        self.totals = StepSums(self.steps.matrix, arrays["counts"], arrays["sums"])
        self.segments = np.split(arrays["segments"], ends[:-1])
        self.moved, self.settled = float(arrays["moved"]), bool(arrays["settled"])
        self._source = source

    def among(self, members: Sequence[int] | np.ndarray) -> SegmentPasses:
        """Passes that know nothing yet, and learn from some of the videos alone.

        Parameters
        ----------
        members : sequence of int
            The videos.

        Returns
        -------
        SegmentPasses
            With a model of its own.
        """
        part = SegmentPasses(
            self.store,
            self.candidates,
            self.compositions,
            Coef(np.zeros_like(self.model.coef)),
            self.rule,
            n_jobs=self.n_jobs,
            members=members,
        )
        part.shards = self.shards
        return part

    @property
    def labels(self) -> list[np.ndarray]:
        """Middles (K,) of each video's last segments, as time units; -1 for none."""
        return [
            np.where(extent[:, 0] < 0, -1, (extent[:, 0] + extent[:, 1] - 1) // 2)
            for extent in self.segments
        ]

    def means(self) -> np.ndarray:
        """Means (S, R) of all steps by the model."""
        return self._means_of(np.arange(self.steps.matrix.shape[0]), self.model.coef)

    def _means_of(self, steps: np.ndarray, coef: np.ndarray) -> np.ndarray:
        return step_means(self.steps.matrix, steps, coef)

    def _members_of(self, fold: int) -> list[int]:
        return [i for i in self.members if self._fold[i] == fold]

    def _learn(self, counts: np.ndarray, sums: np.ndarray) -> None:
        here = StepSums(self.steps.matrix, counts.sum(axis=0), sums.sum(axis=0))
        self.totals = total = self._with_seen(here)

        means = np.zeros((self._n_folds, *here.sums.shape), np.float32)

        def solve(fold: int) -> None:
            """Means of a fold's steps by all others; last of all, the model."""
            if fold == self._n_folds:
                self.model.coef[...] = solve_components(total, self.rule.ridge)
                return
            others = here._replace(
                counts=here.counts - counts[fold], sums=here.sums - sums[fold]
            )
            coef = solve_components(self._with_seen(others), self.rule.ridge)
            own = self._steps_of_folds[fold]
            means[fold, own] = self._means_of(own, coef)

        apart = self._n_folds > 1
        tasks = ((fold,) for fold in range(0 if apart else 1, self._n_folds + 1))
        deque(run_tasks(solve, tasks, self.n_jobs, here=True), maxlen=0)
        self._means = means if apart else self.means()[None]

    def _with_seen(self, rows: StepSums) -> StepSums:
        return rows if self._seen is None else self._seen + rows


def deal(
    compositions: Sequence[Composition], members: Sequence[int] | np.ndarray, n: int
) -> np.ndarray:
    """Deal videos to n parts, task by task, so that each part has videos of all.

    Parameters
    ----------
    compositions : sequence of Composition
        One per video; videos of one task share theirs.
    members : sequence of int
        The videos to deal.
    n : int
        Number of parts.

    Returns
    -------
    ndarray of shape (n_videos,) of int
        The part of each member; 0 for other videos.
    """
    first: dict[int, int] = {}
    for i in members:
        first.setdefault(id(compositions[i]), len(first))
    order = sorted(members, key=lambda i: first[id(compositions[i])])
    parts = np.zeros(len(compositions), int)
    parts[order] = np.arange(len(order)) % n
    return parts


def _moved(old: np.ndarray, new: np.ndarray) -> float:
    """Share of segments (n, 2) that have nothing in common."""
    first, stop = np.maximum(old[:, 0], new[:, 0]), np.minimum(old[:, 1], new[:, 1])
    return float((stop <= first).mean())
