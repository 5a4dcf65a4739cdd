"""The alternation: where the steps are (Y), then what they look like (F)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from skcrosstask._data import Task, Video, segment_units
from skcrosstask.alignment import step_posteriors
from skcrosstask.alignment._align import place_steps
from skcrosstask.alignment._checks import outside_windows
from skcrosstask.alignment._posteriors import draw_placement, sum_placements
from skcrosstask.components import Composition
from skcrosstask.learning import ComponentModel, FrameStore

__all__ = ["Alternation", "Example", "annotated_example", "windowed_example"]

# Long videos offer a fixed random pool of times, this many times n_negatives.
_POOL = 4


@dataclass(eq=False)
class Example:
    """What training may touch of one video.

    Attributes
    ----------
    units : ndarray of shape (n,) of int64
        Time units of the packed rows; the first `n_alignable` may hold a step.
    n_alignable : int
        How many rows the Y-step scores.
    outside : bool ndarray of shape (n_alignable, K), or None
        Cells outside the windows; None if nothing is constrained.
    pool : ndarray of int64
        Rows that may serve as negatives.
    n_units : int
        Length T of the video.
    choices : list of ndarray
        For supervised training, the rows that show each step.
    """

    units: np.ndarray
    n_alignable: int
    outside: np.ndarray | None
    pool: np.ndarray
    n_units: int
    choices: list[np.ndarray] = field(default_factory=list)


def windowed_example(
    video: Video,
    task: Task,
    use_windows: bool,
    n_negatives: int,
    rng: np.random.Generator,
) -> Example:
    """Rows that a weakly supervised fit may touch: where windows let steps be.

    Parameters
    ----------
    video : Video
        The video.
    task : Task
        Its task.
    use_windows : bool
        Whether to read its windows.
    n_negatives : int
        Negatives a visit; 0 packs none.
    rng : numpy.random.Generator
        Draws the pool of a long video.

    Returns
    -------
    Example
        With the cells of all placements that violate windows the least.
    """
    n_units, n_steps = len(video.open()), len(task.steps)
    if n_units < n_steps:
        raise ValueError(
            f"{video}: {n_steps} steps of task {task.name!r} need at least {n_steps} "
            f"time units, the video has {n_units}."
        )
    outside = None
    if use_windows and video.windows is not None:
        try:
            outside = outside_windows(video.windows, (n_units, n_steps))
        except ValueError as error:
            raise ValueError(f"{video}: {error}") from None
    if outside is None:
        alignable = np.arange(n_units)
    else:
        # Where some least-violating placement passes, and nowhere else.
        possible = step_posteriors(np.zeros(outside.shape), ~outside) > 0
        alignable = np.flatnonzero(possible.any(axis=1))
        outside = np.ascontiguousarray(outside[alignable])
    units, pool = _with_pool(alignable, n_units, n_negatives, rng)
    return Example(units, len(alignable), outside, pool, n_units)


def annotated_example(
    video: Video, task: Task, n_negatives: int, rng: np.random.Generator
) -> Example:
    """Rows that a supervised fit may touch: the annotated ones, and negatives.

    Parameters
    ----------
    video : Video
        A video with an annotation.
    task : Task
        Its task.
    n_negatives : int
        Negatives a visit; 0 packs none.
    rng : numpy.random.Generator
        Draws the pool of a long video.

    Returns
    -------
    Example
        With the rows of each step; none for a step that does not occur.
    """
    assert video.annotation is not None  # the estimator refuses others
    n_units = len(video.open())
    shown: list[set[int]] = [set() for _ in task.steps]
    for step, first, stop in segment_units(video.annotation, n_units):
        shown[step].update(range(first, stop))
    labelled = np.array(sorted(set().union(*shown)), dtype=np.int64)
    units, pool = _with_pool(labelled, n_units, n_negatives, rng)
    choices = [np.searchsorted(labelled, sorted(times)) for times in shown]
    return Example(units, len(labelled), None, pool, n_units, choices)


def _with_pool(
    first: np.ndarray, n_units: int, n_negatives: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of `first`, then of a pool of negatives that are not among them."""
    if n_negatives == 0:
        return first, np.empty(0, dtype=np.int64)
    size = _POOL * n_negatives
    pool = np.arange(n_units)
    if n_units > size:
        pool = np.sort(rng.choice(n_units, size, replace=False))
    units = np.concatenate([first, np.setdiff1d(pool, first)])
    order = np.argsort(units)
    return units, order[np.searchsorted(units[order], pool)]


class Alternation:
    """Epochs over the training videos, one Adam step a video.

    Parameters
    ----------
    model : ComponentModel
        What is learnt.
    store : FrameStore
        Rows of the examples.
    examples : sequence of Example
        One a video.
    compositions : sequence of Composition
        Steps of each video's task.
    rng : numpy.random.Generator
        Order of the videos and random labels.
    decode : {"steps", "time"}
        Over what the softmax of the Y-step runs; see `step_cost`.
    align_dropout : bool, default=False
        Whether features are dropped in the Y-step too.

    Attributes
    ----------
    labels : list of ndarray
        The last labels Y of each video, as time units; -1 for none.
    history : list of dict
        Phase, mean objective and seconds of each epoch.
    """

    def __init__(
        self,
        model: ComponentModel,
        store: FrameStore,
        examples: Sequence[Example],
        compositions: Sequence[Composition],
        rng: np.random.Generator,
        *,
        decode: str,
        align_dropout: bool = False,
    ):
        self.model = model
        self.store = store
        self.examples = examples
        self.compositions = compositions
        self.rng = rng
        self.decode = decode
        self.align_dropout = align_dropout
        self.labels = [np.full(c.n_steps, -1) for c in compositions]
        self.history: list[dict] = []
        self._tables: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def run(
        self,
        phase: str,
        n_epochs: int,
        report: Callable[[dict], None],
    ) -> None:
        """Make epochs of one phase.

        Parameters
        ----------
        phase : {"init", "align", "supervised"}
            Random labels within the windows, labels from the Y-step, or random
            units of the annotation.
        n_epochs : int
            How many.
        report : callable
            Called with the history's entry of each epoch.
        """
        label = {
            "init": self._draw_labels,
            "align": self._align_labels,
            "supervised": self._draw_annotated,
        }[phase]
        for epoch in range(n_epochs):
            start, total = time.perf_counter(), 0.0
            for i in self.rng.permutation(len(self.examples)):
                total += self._visit(i, label)
            entry = {
                "phase": phase,
                "epoch": epoch + 1,
                "objective": total / len(self.examples),
                "seconds": time.perf_counter() - start,
            }
            self.history.append(entry)
            report(entry)
        self._tables.clear()

    def _visit(
        self, i: int, label: Callable[[int, Example, np.ndarray], np.ndarray]
    ) -> float:
        example, steps = self.examples[i], self.compositions[i]
        rows = self.store.rows(i)
        self.model.load(steps)
        labels = label(i, example, rows)
        self.labels[i] = np.where(labels < 0, -1, example.units[labels])
        return self.model.train(
            rows,
            example.units,
            labels,
            steps,
            pool=example.pool,
            n_units=example.n_units,
        )

    def _draw_labels(self, i: int, example: Example, rows: np.ndarray) -> np.ndarray:
        n_steps = self.compositions[i].n_steps
        if i not in self._tables:
            shape = (example.n_alignable, n_steps)
            outside = example.outside
            if outside is None:
                outside = np.zeros(shape, dtype=np.bool_)
            self._tables[i] = sum_placements(np.zeros(shape), outside)
        return draw_placement(*self._tables[i], self.rng.random(n_steps))

    def _align_labels(self, i: int, example: Example, rows: np.ndarray) -> np.ndarray:
        n = example.n_alignable
        scores = self.model.scores(
            rows[:n], example.units[:n], dropout=self.align_dropout
        )
        return place_steps(step_cost(scores, self.decode), example.outside)[0]

    def _draw_annotated(self, i: int, example: Example, rows: np.ndarray) -> np.ndarray:
        draws = self.rng.random(len(example.choices))
        return np.array(
            [
                rows[int(draw * len(rows))] if len(rows) else -1
                for rows, draw in zip(example.choices, draws, strict=True)
            ],
            dtype=np.int64,
        )


def step_cost(scores: np.ndarray, decode: str) -> np.ndarray:
    """Cost that the Y-step and the prediction minimise, in nats.

    Parameters
    ----------
    scores : ndarray of shape (n, K) of float32
        Step scores f.
    decode : {"steps", "time"}
        The softmax runs over the steps at one time, or over the times of one step;
        the latter shifts a step's scores alike, so that f itself is compared.

    Returns
    -------
    ndarray of shape (n, K) of float32
        -log P, C-contiguous.
    """
    axis = 1 if decode == "steps" else 0
    top = scores.max(axis=axis, keepdims=True)
    return np.log(np.exp(scores - top).sum(axis=axis, keepdims=True)) + top - scores
