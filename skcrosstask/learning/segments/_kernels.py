"""Compiled passes: the videos of a shard in, their segments and sums out.

One call labels a whole shard, so that threads need not wait for Python between videos.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import overload

from skcrosstask._jit import inner, kernel
from skcrosstask.alignment._kernels import place_best_segments
from skcrosstask.learning.adam._arrays import StepClassifiers
from skcrosstask.learning.adam._dropout import widen_row
from skcrosstask.learning.adam._kernels import score_pair
from skcrosstask.learning.segments._rule import middle_of, weigh_cell

__all__ = ["ShardArrays", "VideoWeights", "add_sums", "label_videos"]


class ShardArrays(NamedTuple):
    """The videos of a shard, one after the other.

    Attributes
    ----------
    units : ndarray of shape (n + 1,) of int64
        Where the rows of each video start and end.
    steps : ndarray of shape (n + 1,) of int64
        Where the steps of each video start and end.
    cells : ndarray of shape (n,) of int64
        Where the cells of each video start in `outside`; -1 without windows.
    outside : ndarray of bool
        Cells (T, K) of the videos with windows that lie outside these.
    """

    units: np.ndarray
    steps: np.ndarray
    cells: np.ndarray
    outside: np.ndarray


class VideoWeights(NamedTuple):
    """What a row of each video is worth; arrays of shape (n,) of float64.

    Attributes
    ----------
    temperature : ndarray
        By which scores are divided.
    prior : ndarray
        Factor of the squared distance from the middle of a step's equal part.
    penalty : ndarray
        Cost of a row outside the windows.
    share : ndarray
        How many rows of the rule's rate it is in sums.
    """

    temperature: np.ndarray
    prior: np.ndarray
    penalty: np.ndarray
    share: np.ndarray


@kernel
def label_videos(
    chosen, rows, shard, weights, places, means, bias, counts, sums, segments
):
    """Best ordered segments of some videos of a shard, and sums of their rows.

    Parameters
    ----------
    chosen : int64 ndarray
        Which videos.
    rows : ndarray of shape (N, R) of float32, or uint16 for float16
        Conditioned rows of all videos of the shard.
    shard : ShardArrays
        Where each video's are.
    weights : VideoWeights
        What they are worth.
    places : int64 ndarray with as many entries as the videos have steps
        Row of each video's step in the next four.
    means : float32 ndarray of shape (P, R)
        Means q of steps.
    bias : float32 ndarray of shape (P,)
        -|q|^2 / 2.
    counts : float64 ndarray of shape (P,)
        To it is added how many rows were labelled.
    sums : float64 ndarray of shape (P, R)
        To it is added their sum.
    segments : int64 ndarray of shape (n_steps, 2)
        Receives first and last-but-one unit of each step of the chosen videos.

    Returns
    -------
    float
        Sum of the odds of all labels.
    """
    most, widest = 1, 1
    for j in chosen:
        most = max(most, shard.units[j + 1] - shard.units[j])
        widest = max(widest, shard.steps[j + 1] - shard.steps[j])
    n_directions = means.shape[1]
    all_odds = np.empty(most * widest)
    came = np.empty(most * widest, np.uint8)
    scores = np.empty((2, widest), np.float32)
    state = np.empty((3, widest + 1))
    total, middles = np.empty(n_directions), np.empty(widest)
    room = np.empty((2, n_directions), np.float32)
    steps = StepClassifiers(
        np.empty((widest, n_directions), np.float32), np.empty(widest, np.float32)
    )
    gain = 0.0
    for j in chosen:
        first, last = shard.steps[j], shard.steps[j + 1]
        n_steps = last - first
        own, place = rows[shard.units[j] : shard.units[j + 1]], places[first:last]
        n_cells = len(own) * n_steps
        odds = all_odds[:n_cells].reshape((len(own), n_steps))
        mixed = StepClassifiers(steps.coef[:n_steps], steps.bias[:n_steps])
        _look_up(place, means, bias, mixed)
        _weigh_rows(
            own,
            mixed,
            weights.temperature[j],
            weights.prior[j],
            room,
            scores,
            middles,
            odds,
        )
        if shard.cells[j] >= 0:
            outside = shard.outside[shard.cells[j] : shard.cells[j] + n_cells]
            _charge(outside, weights.penalty[j], all_odds)
        back = came[:n_cells].reshape((len(own), n_steps))
        found = segments[first:last]
        gain += place_best_segments(odds, state[:, : n_steps + 1], back, found)
        for k in range(n_steps):
            _sum_rows(own, found[k, 0], found[k, 1], room[0], total)
            n_rows = found[k, 1] - found[k, 0]
            _add(place[k], weights.share[j], n_rows, total, counts, sums)
    return gain


@inner
def _look_up(place, means, bias, steps):
    for k in range(len(place)):
        steps.coef[k] = means[place[k]]
        steps.bias[k] = bias[place[k]]


@inner
def _charge(outside, penalty, odds):
    for c in range(len(outside)):
        odds[c] -= penalty if outside[c] else 0.0


@inner
def _add(place, share, n_rows, total, counts, sums):
    counts[place] += share * n_rows
    for r in range(total.shape[0]):
        sums[place, r] += share * total[r]


@kernel
def add_sums(folds, steps, counts, sums, all_counts, all_sums):
    """Add what was found in a shard, by fold and step."""
    for p in range(len(folds)):
        fold, step = folds[p], steps[p]
        _add(step, 1.0, counts[p], sums[p], all_counts[fold], all_sums[fold])


@inner
def _weigh_rows(rows, steps, temperature, prior, room, scores, middles, odds):
    """Log odds of steps, windows aside."""
    n_units, n_steps = odds.shape
    cool = 1 / temperature
    for k in range(n_steps):
        middles[k] = middle_of(k, n_steps)
    for t in range(0, n_units, 2):
        # The last row of an odd number is scored twice.
        u = min(t + 1, n_units - 1)
        one, two = _single(rows[t], room[0]), _single(rows[u], room[1])
        score_pair(one, two, steps, scores[0], scores[1])
        at_t, at_u = middle_of(t, n_units), middle_of(u, n_units)
        for k in range(n_steps):
            odds[t, k] = weigh_cell(scores[0, k], at_t - middles[k], cool, prior)
        for k in range(n_steps):
            odds[u, k] = weigh_cell(scores[1, k], at_u - middles[k], cool, prior)


@inner
def _sum_rows(rows, start, stop, room, total):
    total[:] = 0.0
    for t in range(start, stop):
        row = _single(rows[t], room)
        for r in range(total.shape[0]):
            total[r] += row[r]


def _single(row: np.ndarray, room: np.ndarray) -> Any:
    """A row of float32; one of float16 is written to `room`."""
    return row.view(np.float16).astype(np.float32) if row.dtype == np.uint16 else row


@overload(_single, inline="always")
def _compile_single(row, room):
    def widened(row, room):
        widen_row(row, room)
        return room

    return widened if row.dtype == types.uint16 else lambda row, room: row
