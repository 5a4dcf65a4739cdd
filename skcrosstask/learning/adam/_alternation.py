"""The alternation: where the steps are (Y), then what they look like (F)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from skcrosstask.learning.adam._epoch import (
    EpochScratch,
    PackedTasks,
    PackedVideos,
    Visit,
    visit,
)
from skcrosstask.learning.adam._labels import LastLabels
from skcrosstask.learning.adam._model import ComponentModel, empty_classifiers

if TYPE_CHECKING:
    from skcrosstask.components import Composition
    from skcrosstask.learning._candidates import Candidates
    from skcrosstask.learning.adam._labels import LabelSource

__all__ = ["DIVERGED", "Alternation", "step_cost"]

DIVERGED = (
    "Training diverged: scores are no longer finite. The features may need scaling, or "
    "learning_rate is too large."
)

# Videos between two looks at whether the user wants to stop.
_AT_A_TIME = 64


class _HasRows(Protocol):
    """Rows of all candidates, and where each video's start."""

    @property
    def data(self) -> np.ndarray:
        """Of shape (n_rows, D)."""

    @property
    def offsets(self) -> np.ndarray:
        """Of shape (N + 1,)."""


class _HasKind(Protocol):
    """As of `LabelSource`."""

    @property
    def aligns(self) -> bool:
        """Whether labels are placed in the epoch."""

    @property
    def of_segments(self) -> bool:
        """Whether scores are log odds over background."""


class Alternation(LastLabels):
    """Epochs over the training videos, one Adam step per video.

    Parameters
    ----------
    model : ComponentModel
        What is learnt.
    store : object
        Rows of the candidates, as `FrameStore` holds them.
    candidates : sequence of Candidates
        One per video.
    compositions : sequence of Composition
        Steps of each video's task.
    rng : numpy.random.Generator
        Order of the videos and random labels.
    decode : {"steps", "time"}
        Over what the softmax of the Y-step runs; see `step_cost`.
    align_dropout : bool, default=False
        Whether features are dropped in the Y-step too.

    """

    def __init__(
        self,
        model: ComponentModel,
        store: _HasRows,
        candidates: Sequence[Candidates],
        compositions: Sequence[Composition],
        rng: np.random.Generator,
        *,
        decode: str,
        align_dropout: bool = False,
    ):
        super().__init__(candidates)
        self.model = model
        self.store = store
        self.compositions = compositions
        self.rng = rng
        self.decode = decode
        self.align_dropout = align_dropout
        self._videos, self._tasks = _pack(store, candidates, compositions)
        self._scratch = _make_scratch(model, self._videos, self._tasks)

    def epoch(self, source: LabelSource) -> dict:
        """Visit every video once, in random order.

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
        start = time.perf_counter()
        order = self.rng.permutation(len(self.candidates))
        total = self.follow(order, source.draw(self.rng), source)
        return {
            "phase": source.phase,
            "objective": total / len(order),
            "seconds": time.perf_counter() - start,
        }

    def follow(
        self, order: np.ndarray, drawn: np.ndarray | None, source: _HasKind
    ) -> float:
        """Visit videos in this order.

        Parameters
        ----------
        order : ndarray of int
            The videos.
        drawn : ndarray of int64, optional
            Labels of all videos, one after the other, as indices of rows; by default,
            the last ones.
        source : object
            Says what the labels are.

        Returns
        -------
        float
            Sum of the losses.

        Raises
        ------
        ValueError
            If scores are no longer finite.
        """
        total = 0.0
        if source.of_segments:
            self._set_offsets()
        if drawn is not None:
            self._labels[:] = drawn
        for first in range(0, len(order), _AT_A_TIME):
            total += self._visit(order[first : first + _AT_A_TIME], source.aligns)
        if not np.isfinite(total):
            raise ValueError(DIVERGED)
        return total

    def _set_offsets(self) -> None:
        """Make scores log odds over background, as in `_closed_form`."""
        done = dict(zip(self._videos.task, self.compositions, strict=True))
        means = [
            done[i].matrix @ self.model.coef[done[i].columns] for i in sorted(done)
        ]
        with np.errstate(over="ignore", invalid="ignore"):
            self._tasks.offsets[:] = -np.square(np.concatenate(means)).sum(axis=1) / 2
        if not np.isfinite(self._tasks.offsets).all():
            raise ValueError(DIVERGED)

    def _visit(self, indices: np.ndarray, align: bool) -> float:
        model = self.model
        rule = Visit(
            align=align,
            over_steps=self.decode == "steps",
            align_dropout=model.dropout(self.align_dropout),
            dropout=model.dropout(),
            loss=model.loss,
            seed=model.kernel_seed,
        )
        packed = self._videos, self._tasks, self._labels
        return visit(indices, *packed, model.arrays, rule, self._scratch)


def _pack(
    store: _HasRows,
    candidates: Sequence[Candidates],
    compositions: Sequence[Composition],
) -> tuple[PackedVideos, PackedTasks]:
    tasks = list({id(steps): steps for steps in compositions}.values())
    index = {id(steps): i for i, steps in enumerate(tasks)}
    nothing = np.empty(0, dtype=np.bool_)
    free = [c.outside is None for c in candidates]
    bound = [nothing if c.outside is None else c.outside for c in candidates]
    videos = PackedVideos(
        rows=store.data,
        units=_join([c.units for c in candidates]),
        row_starts=store.offsets,
        label_starts=_starts([c.n_steps for c in candidates]),
        pool_starts=_starts([c.pool.size for c in candidates]),
        n_alignable=np.array([c.n_alignable for c in candidates]),
        n_units=np.array([c.n_units for c in candidates]),
        pool=_join([c.pool for c in candidates]),
        outside=np.concatenate([b.ravel() for b in bound]),
        outside_starts=np.where(free, -1, _starts([b.size for b in bound])[:-1]),
        task=np.array([index[id(steps)] for steps in compositions]),
    )
    arrays = [task.arrays for task in tasks]
    return videos, PackedTasks(
        columns=_join([a.columns for a in arrays]),
        indptr=_join([a.indptr for a in arrays]),
        local=_join([a.local for a in arrays]),
        shares=np.concatenate([a.shares for a in arrays]),
        offsets=np.zeros(sum(task.n_steps for task in tasks), np.float32),
        column_starts=_starts([a.columns.size for a in arrays]),
        indptr_starts=_starts([a.indptr.size for a in arrays]),
        entry_starts=_starts([a.local.size for a in arrays]),
    )


def _join(arrays: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(arrays).astype(np.int64, copy=False)


def _starts(sizes: Sequence[int]) -> np.ndarray:
    return np.cumsum([0, *sizes], dtype=np.int64)


def _make_scratch(
    model: ComponentModel, videos: PackedVideos, tasks: PackedTasks
) -> EpochScratch:
    """Memory for the largest task and the longest video."""
    n_steps = int(np.diff(tasks.indptr_starts).max()) - 1
    n_components = int(np.diff(tasks.column_starts).max())
    n_rows = int(videos.n_alignable.max())
    n_pool = int(np.diff(videos.pool_starts).max())
    return EpochScratch(
        everything=np.arange(n_rows),
        pair=np.empty((2, model.n_features), np.float32),
        scores=np.empty(n_rows * n_steps, np.float32),
        cost=np.empty(n_rows * n_steps),
        placed=np.empty(n_rows * n_steps, np.bool_),
        best=np.empty(2 * n_steps + 2),
        mixed=empty_classifiers(n_steps, model.n_features),
        training=model.scratch(n_steps, n_components, n_pool),
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
