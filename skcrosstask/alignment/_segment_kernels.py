"""Sums over all ways to lay ordered segments among background: arrays in, arrays out.

A state is "the first k steps are over, background runs" or "step k runs". A step may
be left out at a price, or not at all where that is infinite.
"""

import math

import numpy as np

from skcrosstask._jit import inner, kernel


@inner
def log_add(a, b):
    """log(exp(a) + exp(b)); either may be -inf."""
    high = a if a > b else b
    low = b if a > b else a
    # Below this the sum rounds to `high`.
    if low == -np.inf or low - high <= -40.0:
        return high
    return high + math.log1p(math.exp(low - high))


@kernel
def weigh_segments(score, absent, running, entered, posterior, first):
    """Posteriors of each step's segment.

    A labelling weighs exp(sum of the scores of the units that steps take + sum of
    `absent` over the steps that take none).

    Parameters
    ----------
    score : float64 ndarray of shape (T, K)
        Log odds of step k over background at time t; -inf forbids it.
    absent : float64 ndarray of shape (K,)
        Log odds of leaving a step out; -inf forbids it.
    running : float64 ndarray of shape (T + 1, K + 1)
        Scratch: log sums over the first t units in which step k - 1 takes the last.
    entered : float64 ndarray of shape (T + 1, K + 1)
        Scratch: log sums in which, after t units, step k may be the next to start.
    posterior : float64 ndarray of shape (T, K)
        Receives P(step k takes unit t).
    first : float64 ndarray of shape (T, K)
        Receives P(step k takes unit t and none before). Its sum over time is the
        probability that the step is present.

    Returns
    -------
    log_sum : float
        Log of the summed weights; -inf if there is no labelling, and then nothing
        was filled in.
    """
    n_units, n_steps = score.shape
    _sum_forward(score, absent, running, entered)
    total = entered[n_units, n_steps]
    if total == -np.inf:
        return total
    # Log sums of what follows: where step k - 1 ran last, where it ran and is over,
    # and where steps before k are over and one from k on starts now, or none at all.
    run, rest, start = np.empty((3, n_steps + 1))
    run[:] = rest[:] = -np.inf
    for t in range(n_units, -1, -1):
        for k in range(n_steps, -1, -1):
            start[k] = 0.0 if t == n_units and k == n_steps else -np.inf
            if t < n_units and k < n_steps:
                start[k] = score[t, k] + run[k + 1]
            if k < n_steps:
                start[k] = log_add(start[k], absent[k] + start[k + 1])
        for k in range(n_steps if t < n_units else 0):
            ran = running[t + 1, k + 1] + run[k + 1]
            posterior[t, k] = math.exp(min(ran - total, 0.0))
            began = entered[t, k] + score[t, k] + run[k + 1]
            first[t, k] = math.exp(min(began - total, 0.0))
        for k in range(n_steps + 1):
            rest[k] = log_add(rest[k], start[k])
            stay = score[t, k - 1] + run[k] if t < n_units and k > 0 else -np.inf
            run[k] = log_add(rest[k], stay)
    return total


@inner
def _sum_forward(score, absent, running, entered):
    n_units, n_steps = score.shape
    # Log sums in which step k - 1 was the last to run, and is over.
    idle = np.full(n_steps + 1, -np.inf)
    idle[0] = 0.0
    running[0] = -np.inf
    for t in range(n_units + 1):
        for k in range(n_steps + 1):
            # Who waits longer for the next step has only background to add: 0.
            idle[k] = log_add(idle[k], running[t, k])
            entered[t, k] = idle[k]
            if k > 0:
                entered[t, k] = log_add(idle[k], entered[t, k - 1] + absent[k - 1])
        if t < n_units:
            running[t + 1, 0] = -np.inf
            for k in range(n_steps):
                before = log_add(running[t, k + 1], entered[t, k])
                running[t + 1, k + 1] = before + score[t, k]
