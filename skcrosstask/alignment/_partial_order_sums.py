"""Sums over all ways to lay segments in partial order: arrays in, arrays out.

Sets of steps and ways between them are those of `_partial_order`. A state is "the
steps of set s are over, background runs" or "the step of way w runs".
"""

import math

from skcrosstask._jit import inner, kernel
from skcrosstask.alignment._segment_kernels import log_add


@kernel
def sum_ways(score, ways, weights, over, running):
    """Log sums over what may have happened up to each unit.

    Parameters
    ----------
    score : float64 ndarray of shape (n, K)
        Log odds of step k over background in n units; -inf forbids it.
    ways : (starts, sources, steps), int64 ndarrays of shape (S + 1,), (E,) and (E,)
        The down-sets.
    weights : float64 ndarray of shape (E,)
        Log odds of the steps that a way leaves out.
    over : float64 ndarray of shape (n + 1, S)
        Log sums in which after t units set s is over; its first row is given.
    running : float64 ndarray of shape (n + 1, E)
        Log sums in which way w takes the last of t units; its first row is given.
    """
    starts, sources, steps = ways
    for t in range(score.shape[0]):
        for s in range(starts.size - 1):
            total = over[t, s]
            for w in range(starts[s], starts[s + 1]):
                starting = over[t, sources[w]] + weights[w]
                runs = log_add(running[t, w], starting) + score[t, steps[w]]
                running[t + 1, w] = runs
                total = log_add(total, runs)
            over[t + 1, s] = total


@kernel
def weigh_ways(
    score, ways, weights, over, running, rest, run, log_sum, posterior, first
):
    """Posteriors of each step's segment in some units, from the last to the first.

    Parameters
    ----------
    score, ways, weights, over, running
        As `sum_ways` left them.
    rest : float64 ndarray of shape (S,)
        Log sums over what follows where set s is over; updated.
    run : float64 ndarray of shape (E,)
        Log sums over what follows where way w took the last unit; updated.
    log_sum : float
        Log of the summed weights of all labellings.
    posterior, first : float64 ndarray of shape (n, K)
        Receive P(step k takes unit t), and P(that and no unit before).
    """
    starts, sources, steps = ways
    posterior[:] = first[:] = 0.0
    for t in range(score.shape[0] - 1, -1, -1):
        # `rest` of a set is that of this unit once all ways out of it were seen,
        # which lead to larger sets.
        for s in range(starts.size - 2, -1, -1):
            for w in range(starts[s], starts[s + 1]):
                k = steps[w]
                posterior[t, k] += _share(running[t + 1, w] + run[w] - log_sum)
                takes = score[t, k] + run[w]
                starts_now = weights[w] + takes
                first[t, k] += _share(over[t, sources[w]] + starts_now - log_sum)
                rest[sources[w]] = log_add(rest[sources[w]], starts_now)
                run[w] = log_add(takes, rest[s])


@inner
def _share(log):
    # Rounding may take a certainty above 1.
    return math.exp(min(log, 0.0))
