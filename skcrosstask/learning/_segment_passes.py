"""Alternation over whole segments: ordered segments (Y), then means of steps (F)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from joblib import Parallel, delayed

from skcrosstask.alignment._align import best_ordered_segments
from skcrosstask.alignment._posteriors import weigh_placements
from skcrosstask.learning._closed_form import (
    StepSums,
    StepTable,
    solve_components,
    step_scores,
)
from skcrosstask.learning._segment_rule import SegmentRule

if TYPE_CHECKING:
    from skcrosstask.components import Composition
    from skcrosstask.learning._candidates import Candidates
    from skcrosstask.learning._model import ComponentModel
    from skcrosstask.learning._store import FrameStore

__all__ = [
    "Coef",
    "SegmentPasses",
    "SegmentSource",
    "annotated_segments",
    "best_segments",
    "deal",
    "label_best",
    "starting_segments",
]


class Labels(NamedTuple):
    """Labels of one video.

    Attributes
    ----------
    weights : ndarray of shape (T, K)
        How much of each unit each step has.
    value : float
        What the Y-step raised: log odds of the labels, 0 where nothing was placed.
    """

    weights: np.ndarray
    value: float


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
    store : FrameStore
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
        Threads that label videos.
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
        store: FrameStore,
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
        self._means = [self.means()] * self._n_folds
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
        n_steps, n_directions = len(self.steps.matrix), self.model.coef.shape[1]
        counts = np.zeros((self._n_folds, n_steps))
        sums = np.zeros((self._n_folds, n_steps, n_directions))
        gain = 0.0

        def one(i: int) -> tuple[np.ndarray, np.ndarray, float]:
            labels = source.label(self, i)
            weights = labels.weights.astype(np.float32, copy=False)
            self.segments[i] = _extent(weights)
            if self.candidates[i].rate != self.rule.rate:
                weights = weights * np.float32(self.rule.rate / self.candidates[i].rate)
            return weights.sum(axis=0), weights.T @ self.rows(i), labels.value

        parallel = Parallel(self.n_jobs, require="sharedmem", return_as="generator")
        before, again = self.segments, source is self._source
        self.segments, self._source = [*before], source
        found = parallel(delayed(one)(i) for i in self.members)
        # Added in the order of the videos: the same bits, whatever `n_jobs`.
        for i, (n, total, value) in zip(self.members, found, strict=True):
            fold, ids = self._fold[i], self.steps.ids[i]
            for k, step in enumerate(ids):  # a task may have a step twice
                counts[fold, step] += n[k]
                sums[fold, step] += total[k]
            gain += value
        self._learn(counts, sums)
        self.settled = again and all(map(np.array_equal, before, self.segments))
        self.moved = _moved(before, self.segments) if again else 1.0
        return {
            "phase": source.phase,
            "objective": 0.0 - gain / len(self.members),
            "moved": self.moved,
            "seconds": time.perf_counter() - start,
        }

    def label_all(self, source: SegmentSource) -> list[np.ndarray]:
        """Segments of all videos by the model as it is now, which is not changed."""
        self._means = [self.means()] * self._n_folds
        parallel = Parallel(self.n_jobs, require="sharedmem")
        found = parallel(
            delayed(source.label)(self, i) for i in range(len(self.candidates))
        )
        self.segments = [_extent(labels.weights) for labels in found]
        return self.segments

    def state(self) -> dict[str, np.ndarray]:
        """What the next pass depends on, beside the model; nothing before the first."""
        if self._source is None or self.totals is None:
            return {}
        return {
            "means": np.stack(self._means),
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
        size = len(self.steps.matrix), self.model.coef.shape[1]
        for name, shape in (
            ("means", (self._n_folds, *size)),
            ("counts", size[:1]),
            ("sums", size),
            ("segments", (ends[-1], 2)),
        ):
            if arrays[name].shape != shape:
                raise ValueError(f"{name} must have shape {shape}")
        self._means = [*arrays["means"]]
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
        return SegmentPasses(
            self.store,
            self.candidates,
            self.compositions,
            Coef(np.zeros_like(self.model.coef)),
            self.rule,
            n_jobs=self.n_jobs,
            members=members,
        )

    @property
    def labels(self) -> list[np.ndarray]:
        """Middles (K,) of each video's last segments, as time units; -1 for none."""
        return [
            np.where(extent[:, 0] < 0, -1, (extent[:, 0] + extent[:, 1] - 1) // 2)
            for extent in self.segments
        ]

    def means(self, steps: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Means (n, R) of all or some steps by the model."""
        return _mix(self.steps.matrix[steps], self.model.coef)

    def _members_of(self, fold: int) -> list[int]:
        return [i for i in self.members if self._fold[i] == fold]

    def unbiased_means(self, i: int) -> np.ndarray:
        """Means (K, R) of a member's steps by what the other folds taught."""
        return self._means[self._fold[i]][self.steps.ids[i]]

    def rows(self, i: int) -> np.ndarray:
        """Conditioned rows (T, R) of a video, in order."""
        return self.store.rows(i).astype(np.float32, copy=False)

    def log_odds(self, i: int) -> np.ndarray:
        """Log odds (T, K) of each step over background, with prior and windows."""
        video = self.candidates[i]
        scores = step_scores(self.rows(i), self.unbiased_means(i))
        return self.rule.weigh(scores, video.rate, video.outside)

    def _learn(self, counts: np.ndarray, sums: np.ndarray) -> None:
        matrix, ridge = self.steps.matrix, self.rule.ridge
        here = StepSums(matrix, counts.sum(axis=0), sums.sum(axis=0))
        self.totals = self._with_seen(here)
        self.model.coef[...] = solve_components(self.totals, ridge)
        if self._n_folds == 1:
            self._means = [self.means()]
            return
        self._means = []
        for n, total, own in zip(counts, sums, self._steps_of_folds, strict=True):
            others = StepSums(matrix, here.counts - n, here.sums - total)
            coef = solve_components(self._with_seen(others), ridge)
            means = np.zeros((len(matrix), coef.shape[1]), np.float32)
            means[own] = _mix(matrix[own], coef)
            self._means.append(means)

    def _with_seen(self, rows: StepSums) -> StepSums:
        return rows if self._seen is None else self._seen + rows


class SegmentSource(NamedTuple):
    """Where the labels of a pass come from, and its name in the history."""

    phase: str
    label: Callable[[SegmentPasses, int], Labels]


def starting_segments(passes: SegmentPasses, i: int) -> Labels:
    """Posterior of one unit per step inside the windows; without any, equal parts."""
    video = passes.candidates[i]
    shape = video.n_units, video.n_steps
    if video.outside is not None:
        weights = weigh_placements(np.zeros(shape), video.outside)
        return Labels(weights * video.rate, 0.0)  # a second of each step
    part = (np.arange(video.n_units) * video.n_steps) // video.n_units
    return Labels((part[:, None] == np.arange(video.n_steps)).astype(np.float32), 0.0)


def best_segments(passes: SegmentPasses, i: int) -> Labels:
    """The Y-step: the best ordered segments, at least one unit per step."""
    return label_best(passes.log_odds(i))


def label_best(odds: np.ndarray) -> Labels:
    """The best ordered segments by log odds (T, K) of steps over background."""
    segments = best_ordered_segments(odds)
    weights = np.zeros(odds.shape, np.float32)
    value = 0.0
    for k, (first, stop) in enumerate(segments):
        weights[first:stop, k] = 1.0
        value += float(odds[first:stop, k].sum())
    return Labels(weights, value)


def annotated_segments(passes: SegmentPasses, i: int) -> Labels:
    """Segments as they are annotated."""
    video = passes.candidates[i]
    weights = np.zeros((video.n_units, video.n_steps), np.float32)
    for k, rows in enumerate(video.choices):
        weights[rows, k] = 1.0
    return Labels(weights, 0.0)


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


def _mix(matrix: np.ndarray, coef: np.ndarray) -> np.ndarray:
    """Means of the steps in the precision of the rows, which would else be copied."""
    return (matrix @ coef).astype(np.float32)


def _extent(weights: np.ndarray) -> np.ndarray:
    """First unit of each step, and the one after its last."""
    taken = weights > 0
    n_units = len(taken)
    extent = np.stack(
        [taken.argmax(axis=0), n_units - taken[::-1].argmax(axis=0)], axis=1
    )
    extent[~taken.any(axis=0)] = -1
    return extent


def _moved(before: Sequence[np.ndarray], now: Sequence[np.ndarray]) -> float:
    """Share of steps whose segments have nothing in common."""
    old, new = np.concatenate(before), np.concatenate(now)
    return float(
        (np.minimum(old[:, 1], new[:, 1]) <= np.maximum(old[:, 0], new[:, 0])).mean()
    )
