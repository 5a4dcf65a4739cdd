"""The alternation: where the steps are (Y), then what they look like (F)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from skcrosstask._examples import Example
from skcrosstask._visits import PackedTasks, PackedVideos, visit
from skcrosstask.alignment._posteriors import draw_placement, sum_placements
from skcrosstask.components import Composition
from skcrosstask.learning import ComponentModel, FrameStore

__all__ = ["Alternation", "step_cost"]

# Videos between two looks at whether the user wants to stop.
_AT_A_TIME = 64


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
        self.history: list[dict] = []
        self._videos, self._tasks = _pack(store, examples, compositions)
        self._tables: dict[Example, tuple[np.ndarray, np.ndarray]] = {}
        self._labels = np.full(self._videos.label_starts[-1], -1)
        self._room = _make_room(model, self._videos, self._tasks, decode)

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
        draw = {
            "init": self._draw_labels,
            "align": None,
            "supervised": self._draw_annotated,
        }[phase]
        for epoch in range(n_epochs):
            start, total = time.perf_counter(), 0.0
            order = self.rng.permutation(len(self.examples))
            if draw is not None:
                self._labels[:] = np.concatenate([draw(e) for e in self.examples])
            for first in range(0, len(order), _AT_A_TIME):
                some = order[first : first + _AT_A_TIME]
                total += self._visit(some, align=draw is None)
            if not np.isfinite(total):
                raise ValueError(
                    "Training diverged: scores are no longer finite. The features may "
                    "need scaling, or learning_rate is too large."
                )
            entry = {
                "phase": phase,
                "epoch": epoch + 1,
                "objective": total / len(self.examples),
                "seconds": time.perf_counter() - start,
            }
            self.history.append(entry)
            report(entry)
        self._tables.clear()

    @property
    def labels(self) -> list[np.ndarray]:
        """The last labels Y of each video, as time units; -1 for none."""
        parts = np.split(self._labels, self._videos.label_starts[1:-1])
        return [
            np.append(example.units, -1)[rows]  # the row -1 is no unit
            for rows, example in zip(parts, self.examples, strict=True)
        ]

    def _visit(self, numbers: np.ndarray, *, align: bool) -> float:
        model = self.model
        return visit(
            numbers,
            self._videos,
            self._tasks,
            (align, self.decode == "steps"),
            self._labels,
            model.arrays,
            model.loss,
            model.dropout_rule(),
            model.dropout_rule(self.align_dropout),
            model.kernel_seed,
            self._room,
        )

    def _draw_labels(self, example: Example) -> np.ndarray:
        if example not in self._tables:
            outside = example.outside
            if outside is None:
                outside = np.zeros((example.n_alignable, example.n_steps), np.bool_)
            self._tables[example] = sum_placements(np.zeros(outside.shape), outside)
        return draw_placement(*self._tables[example], self.rng.random(example.n_steps))

    def _draw_annotated(self, example: Example) -> np.ndarray:
        draws = self.rng.random(example.n_steps)
        return np.array(
            [
                rows[int(draw * len(rows))] if len(rows) else -1
                for rows, draw in zip(example.choices, draws, strict=True)
            ],
            dtype=np.int64,
        )


def _pack(
    store: FrameStore,
    examples: Sequence[Example],
    compositions: Sequence[Composition],
) -> tuple[PackedVideos, PackedTasks]:
    tasks = list({id(steps): steps for steps in compositions}.values())
    number = {id(steps): i for i, steps in enumerate(tasks)}
    free, nothing = [e.outside is None for e in examples], np.empty(0, dtype=np.bool_)
    bound = [nothing if e.outside is None else e.outside for e in examples]
    videos = PackedVideos(
        rows=store.data,
        units=_join([e.units for e in examples]),
        row_starts=store.offsets,
        label_starts=_starts([np.empty(e.n_steps) for e in examples]),
        pool_starts=_starts([e.pool for e in examples]),
        n_alignable=np.array([e.n_alignable for e in examples]),
        n_units=np.array([e.n_units for e in examples]),
        pool=_join([e.pool for e in examples]),
        outside=np.concatenate([cells.ravel() for cells in bound]),
        outside_starts=np.where(free, -1, _starts(bound)[:-1]),
        task=np.array([number[id(steps)] for steps in compositions]),
    )
    columns, indptr, local, shares = (
        list(arrays) for arrays in zip(*(t.arrays for t in tasks), strict=True)
    )
    return videos, PackedTasks(
        _join(columns), _join(indptr), _join(local), np.concatenate(shares),
        _starts(columns), _starts(indptr), _starts(local),
    )  # fmt: skip


def _join(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(arrays).astype(np.int64, copy=False)


def _starts(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.cumsum([0, *(a.size for a in arrays)], dtype=np.int64)


def _make_room(
    model: ComponentModel, videos: PackedVideos, tasks: PackedTasks, decode: str
) -> tuple[Any, ...]:
    """Scratch memory of `visit`, for the largest task and the longest video."""
    n_steps = int(np.diff(tasks.indptr_starts).max()) - 1
    n_components = int(np.diff(tasks.column_starts).max())
    n_rows = int(videos.n_alignable.max())
    n_pool = int(np.diff(videos.pool_starts).max())
    f, d = np.float32, model.n_features
    return (
        np.arange(n_rows),
        np.empty((2, d), f),
        (
            np.empty(n_rows * n_steps, f),
            np.empty(n_rows * n_steps),
            np.empty(n_rows * n_steps, np.bool_),
            np.empty(2 * n_steps + 2),
        ),
        (np.empty((n_steps, d), f), np.empty(n_steps, f)),
        model.room(n_steps, n_components, n_pool),
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
