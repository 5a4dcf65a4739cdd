"""The alternation's inner loop: videos in turn, Y-step and F-step, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from skcrosstask._jit import inner, kernel
from skcrosstask.alignment._kernels import place_units
from skcrosstask.learning._dropout import visit_key
from skcrosstask.learning._kernels import load_steps, score_dropped, train_step

__all__ = ["PackedTasks", "PackedVideos", "visit"]


class PackedVideos(NamedTuple):
    """All that the loop reads of N videos, one after the other.

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
        Cells (n_alignable, K) outside the windows, row by row.
    outside_starts : ndarray of shape (N,) of int64
        Where they start; -1 for a video without windows.
    task : ndarray of shape (N,) of int64
        Number of each video's task.
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
    """The arrays of all tasks' `Composition`, one after the other.

    Attributes
    ----------
    columns, indptr, local, shares : ndarrays
        As in `Composition`.
    column_starts, indptr_starts, entry_starts : ndarrays of int64
        Where those of each task start.
    """

    columns: np.ndarray
    indptr: np.ndarray
    local: np.ndarray
    shares: np.ndarray
    column_starts: np.ndarray
    indptr_starts: np.ndarray
    entry_starts: np.ndarray


@inner
def _steps_of(tasks, i):
    entries = slice(tasks.entry_starts[i], tasks.entry_starts[i + 1])
    return (
        tasks.columns[tasks.column_starts[i] : tasks.column_starts[i + 1]],
        tasks.indptr[tasks.indptr_starts[i] : tasks.indptr_starts[i + 1]],
        tasks.local[entries],
        tasks.shares[entries],
    )


@inner
def _to_cost(scores, over_steps, outside, cost):
    """Fill in what a placement is to make least; returns whether it is finite.

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


@kernel
def visit(
    numbers, videos, tasks, align, labels, model, loss, dropout, align_dropout, seed,
    room,
):  # fmt: skip
    """One Adam step on each of these videos, in this order.

    With align, (True, over_steps), the labels (row numbers, -1 for none) are first
    placed by the Y-step; without, (False, ...), they are taken as they are. Returns
    the sum of the losses, nan as soon as scores are not finite.
    """
    whether_to_align, over_steps = align
    everything, pair, flat, classifiers, training = room
    flat_scores, flat_cost, flat_placed, flat_best = flat
    total = 0.0
    for i in numbers:
        steps = _steps_of(tasks, videos.task[i])
        n_steps = steps[1].shape[0] - 1
        here = slice(videos.row_starts[i], videos.row_starts[i + 1])
        rows, units = videos.rows[here], videos.units[here]
        wanted = labels[videos.label_starts[i] : videos.label_starts[i + 1]]
        step_coef, step_bias = classifiers[0][:n_steps], classifiers[1][:n_steps]
        load_steps(steps, model, step_coef, step_bias)
        if whether_to_align:
            n = videos.n_alignable[i]
            size = n * n_steps
            scores = flat_scores[:size].reshape((n, n_steps))
            key = visit_key(seed, model[3][0][0], 1)
            score_dropped(
                rows, everything[:n], units, align_dropout, key,
                step_coef, step_bias, pair, scores,
            )  # fmt: skip
            cells = max(videos.outside_starts[i], 0)
            n_bound = n if videos.outside_starts[i] >= 0 else 0
            outside = videos.outside[cells : cells + n_bound * n_steps]
            outside = outside.reshape((n_bound, n_steps))
            cost = flat_cost[:size].reshape((n, n_steps))
            placed = flat_placed[:size].reshape((n, n_steps))
            if not _to_cost(scores, over_steps, outside, cost):
                return np.nan
            best = flat_best[: 2 * n_steps + 2].reshape((2, n_steps + 1))
            place_units(cost, best, placed, wanted)
        pool = videos.pool[videos.pool_starts[i] : videos.pool_starts[i + 1]]
        total += train_step(
            rows, units, wanted, pool, videos.n_units[i], steps, step_coef, step_bias,
            model, loss, dropout, seed, training,
        )  # fmt: skip
    return total
