"""All segments in partial order at once: where each step runs."""

from __future__ import annotations

import math

import numpy as np

from skcrosstask._data._order import Pairs
from skcrosstask.alignment._down_sets import down_sets, ways_with_absent
from skcrosstask.alignment._partial_order_sums import sum_ways, weigh_ways

__all__ = ["sum_in_partial_order"]


def sum_in_partial_order(
    score: np.ndarray, before: Pairs, absent: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """`segment_posteriors` under a partial order, without checks.

    Forward sums are kept at every sqrt(T)-th unit and made anew in between, so that
    memory is O(sqrt(T) E) for the E ways from one set of finished steps to the next.

    Parameters
    ----------
    score : float64 ndarray of shape (T, K)
        Log odds of step k over background at time t.
    before : tuple of (int, int)
        Pairs without a cycle.
    absent : float64 ndarray of shape (K,)
        Log odds of leaving a step out.

    Returns
    -------
    running, first : float64 ndarrays of shape (T, K)
        As in `SegmentPosterior`; undefined if there is no labelling.
    log_sum : float
        -inf if there is no labelling.

    Raises
    ------
    ValueError
        If the order leaves too many sets of steps that can be over at a time.
    """
    n_units = len(score)
    ways, weights, start = _ways(before, absent)
    size = math.isqrt(n_units - 1) + 1
    blocks = [slice(i, min(i + size, n_units)) for i in range(0, n_units, size)]
    over, runs = np.empty((size + 1, len(start))), np.empty((size + 1, len(weights)))
    over[0], runs[0] = start, -np.inf
    kept = []
    for block in blocks:
        kept.append((over[0].copy(), runs[0].copy()))
        sum_ways(score[block], ways, weights, over, runs)
        n = block.stop - block.start
        over[0], runs[0] = over[n], runs[n]
    log_sum = float(over[0, -1])
    running, first = np.empty(score.shape), np.empty(score.shape)
    if log_sum == -np.inf:
        return running, first, log_sum
    rest, run = np.full(len(start), -np.inf), np.full(len(weights), -np.inf)
    rest[-1] = 0.0
    # The last unit may be of a step that leads to the full set.
    run[ways[0][-2] :] = 0.0
    for block in reversed(blocks):
        over[0], runs[0] = kept.pop()
        sum_ways(score[block], ways, weights, over, runs)
        now = score[block], ways, weights, over, runs, rest, run, log_sum
        weigh_ways(*now, running[block], first[block])
    return running, first, log_sum


def _ways(before: Pairs, absent: np.ndarray) -> tuple[tuple, np.ndarray, np.ndarray]:
    """Ways between sets, their log weights, and those of the sets at the start."""
    if (absent == -np.inf).all():
        sets = down_sets(before, len(absent))
        start = np.full(len(sets.starts) - 1, -np.inf)
        start[0] = 0.0
        return tuple(sets), np.zeros(len(sets.steps)), start
    ways = ways_with_absent(before, len(absent))
    # Not products: -inf times 0 is nan.
    weights = np.where(ways.absent, absent, 0.0).sum(axis=1)
    start = np.where(ways.held, absent, 0.0).sum(axis=1)
    return (ways.starts, ways.sources, ways.steps), weights, start
