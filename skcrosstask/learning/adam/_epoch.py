"""One epoch over the training videos, compiled: in turn, Y-step and F-step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from skcrosstask._jit import inner, kernel
from skcrosstask.alignment._kernels import place_units
from skcrosstask.components import Steps
from skcrosstask.learning.adam._arrays import Dropout, Loss, Scratch, StepClassifiers
from skcrosstask.learning.adam._dropout import visit_key
from skcrosstask.learning.adam._kernels import load_steps, score_dropped, train_step

__all__ = ["EpochScratch", "PackedTasks", "PackedVideos", "VideoRows", "Visit", "visit"]


class PackedVideos(NamedTuple):
    """All that an epoch reads of N videos, one after the other.

    Attributes
    ----------
    rows : ndarray of shape (n_rows, D) of float32
        Feature rows; those of video i start at ``row_starts[i]``, as do their time
        units.
    units : ndarray of shape (n_rows,) of int64
        Their time units.
    row_starts, label_starts, pool_starts : ndarrays of shape (N + 1,) of int64
        Where rows, labels and pools start.
    n_alignable : ndarray of shape (N,) of int64
        How many of a video's rows may hold a step; these are its first ones.
    n_units : ndarray of shape (N,) of int64
        Length T of each video.
    pool : ndarray of int64
        Rows that may serve as negatives, counted from the video's first row.
    outside : ndarray of bool
        Whether each (row, step) of a video is outside the windows, row by row.
    outside_starts : ndarray of shape (N,) of int64
        Where these start; -1 for a video without windows.
    task : ndarray of shape (N,) of int64
        Index of each video's task.
    """

    rows: np.ndarray
    units: np.ndarray
    row_starts: np.ndarray
    label_starts: np.ndarray
    pool_starts: np.ndarray
    n_alignable: np.ndarray
    n_units: np.ndarray
    pool: np.ndarray
    outside: np.ndarray
    outside_starts: np.ndarray
    task: np.ndarray


class PackedTasks(NamedTuple):
    """The arrays of all tasks' `Steps`, one after the other, and where each starts.

    `offsets` are added to the biases of the steps.
    """

    columns: np.ndarray
    indptr: np.ndarray
    local: np.ndarray
    shares: np.ndarray
    offsets: np.ndarray
    column_starts: np.ndarray
    indptr_starts: np.ndarray
    entry_starts: np.ndarray


class VideoRows(NamedTuple):
    """What training reads of one video: a slice of `PackedVideos`."""

    rows: np.ndarray
    units: np.ndarray
    pool: np.ndarray
    n_units: int


class Visit(NamedTuple):
    """What happens when a video's turn comes.

    Attributes
    ----------
    align : bool
        Whether the Y-step places the labels first; else they are taken as they are.
    over_steps : bool
        Whether its cost is a softmax over steps; else the score itself counts.
    align_dropout, dropout : Dropout
        Of the Y-step and of the F-step.
    loss : Loss
        What the F-step lowers.
    seed : int
        Of dropout and negatives.
    """

    align: bool
    over_steps: bool
    align_dropout: Dropout
    dropout: Dropout
    loss: Loss
    seed: int


class EpochScratch(NamedTuple):
    """Memory of `visit`, for the longest video; its content means nothing."""

    everything: np.ndarray
    pair: np.ndarray
    scores: np.ndarray
    cost: np.ndarray
    placed: np.ndarray
    best: np.ndarray
    mixed: StepClassifiers
    training: Scratch


@inner
def _steps_of(tasks, i):
    entries = slice(tasks.entry_starts[i], tasks.entry_starts[i + 1])
    return Steps(
        tasks.columns[tasks.column_starts[i] : tasks.column_starts[i + 1]],
        tasks.indptr[tasks.indptr_starts[i] : tasks.indptr_starts[i + 1]],
        tasks.local[entries],
        tasks.shares[entries],
    )


@inner
def _rows_of(videos, i):
    here = slice(videos.row_starts[i], videos.row_starts[i + 1])
    pool = videos.pool[videos.pool_starts[i] : videos.pool_starts[i + 1]]
    return VideoRows(videos.rows[here], videos.units[here], pool, videos.n_units[i])


@inner
def _outside_of(videos, i, n_steps):
    start = max(videos.outside_starts[i], 0)
    n_bound = videos.n_alignable[i] if videos.outside_starts[i] >= 0 else 0
    outside = videos.outside[start : start + n_bound * n_steps]
    return outside.reshape((n_bound, n_steps))


@inner
def _to_cost(scores, over_steps, outside, cost):
    """Fill in what a placement is to minimise; returns whether it is finite.

    -log softmax over steps, or -score: what a softmax over times adds to all times of
    a step does not move it. A unit outside the windows costs more than all scores
    can make up for, so that windows yield to order alone.
    """
    n, n_steps = scores.shape
    largest, check = 0.0, 0.0
    for t in range(n):
        top = np.float32(0.0)
        if over_steps:
            high, total = scores[t, 0], np.float32(0.0)
            for k in range(n_steps):
                high = max(high, scores[t, k])
            for k in range(n_steps):
                total += np.exp(scores[t, k] - high)
            top = high + np.log(total)
        for k in range(n_steps):
            cost[t, k] = top - scores[t, k]
            largest = max(largest, abs(cost[t, k]))
            check += cost[t, k]
    for t in range(outside.shape[0]):
        for k in range(n_steps):
            if outside[t, k]:
                cost[t, k] += 2.0 * n_steps * largest + 1.0
    return np.isfinite(check)


@inner
def _align(video, n, outside, rule, key, mixed, scratch, labels):
    """Y-step on the first n rows of a video; returns whether scores are finite."""
    n_steps = labels.shape[0]
    size = n * n_steps
    scores = scratch.scores[:size].reshape((n, n_steps))
    cost = scratch.cost[:size].reshape((n, n_steps))
    placed = scratch.placed[:size].reshape((n, n_steps))
    best = scratch.best[: 2 * n_steps + 2].reshape((2, n_steps + 1))
    everything = scratch.everything[:n]
    score_dropped(
        video.rows,
        everything,
        video.units,
        rule.align_dropout,
        key,
        mixed,
        scratch.pair,
        scores,
    )
    if not _to_cost(scores, rule.over_steps, outside, cost):
        return False
    place_units(cost, best, placed, labels)
    return True


@kernel
def visit(indices, videos, tasks, labels, model, rule, scratch):
    """One Adam step on each of these videos, in this order.

    labels (row indices, -1 for none) are read, or, with ``rule.align``, placed first.
    Returns the sum of the losses, nan as soon as scores are not finite.
    """
    total = 0.0
    for i in indices:
        steps, video = _steps_of(tasks, videos.task[i]), _rows_of(videos, i)
        n_steps = steps.indptr.shape[0] - 1
        wanted = labels[videos.label_starts[i] : videos.label_starts[i + 1]]
        mixed = StepClassifiers(
            scratch.mixed.coef[:n_steps], scratch.mixed.bias[:n_steps]
        )
        load_steps(steps, model, mixed)
        first = tasks.indptr_starts[videos.task[i]] - videos.task[i]
        for k in range(n_steps):
            mixed.bias[k] += tasks.offsets[first + k]
        if rule.align:
            outside = _outside_of(videos, i, n_steps)
            key = visit_key(rule.seed, model.n_updates[0], 1)
            n = videos.n_alignable[i]
            if not _align(video, n, outside, rule, key, mixed, scratch, wanted):
                return np.nan
        total += train_step(
            video,
            wanted,
            steps,
            mixed,
            model,
            rule.loss,
            rule.dropout,
            rule.seed,
            scratch.training,
        )
    return total
