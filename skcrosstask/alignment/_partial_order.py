"""Dynamic program over placements in partial order: arrays in, arrays out.

The state is the set of steps that are over: a down-set, which holds with a step all
that come before it. Sets are numbered so that a larger one has a higher number; the
first is empty, the last holds all steps. Ways into set s are numbered from
starts[s] on: by step steps[w], from set sources[w].
"""

import numpy as np

from skcrosstask._jit import inner, kernel

# Added to a back-pointer: the step is left out.
SKIPPED = 128


@kernel
def place_in_partial_order(
    major, minor, skip_major, skip_minor, ways, state, came, times
):
    """Best placement, one time unit a step, by two costs: the major one first.

    best[t, s] = min(best[t-1, s], best[t-1, s - {k}] + cost[t, k] for k in s,
                     best[t, s - {k}] + skip for k in s)

    On equality, steps left out come first, then the earlier placement, then the way
    listed first.

    Parameters
    ----------
    major, minor : float64 ndarray of shape (T, K)
        Costs of a unit. An infinite major cost forbids the cell.
    skip_major, skip_minor : float
        Costs of a step left out; skip_major=inf forbids that.
    ways : (starts, sources, steps), int64 ndarrays of shape (S + 1,), (E,) and (E,)
        The S down-sets, at most 127 ways into each.
    state : float64 ndarray of shape (2, S)
        Scratch: best[t]; major and minor.
    came : uint8 ndarray of shape (T, S)
        Scratch: the back-pointers, 0 or 1 more than the number of the way.
    times : int64 ndarray of shape (K,)
        Receives the time unit of each step, -1 for one left out.

    Returns
    -------
    feasible : bool
        Whether a placement of finite major cost exists.
    """
    starts, sources, steps = ways
    best, best_minor = state
    n_sets = best.size
    state[:] = np.inf
    best[0] = best_minor[0] = 0.0
    if skip_major < np.inf:
        _skip(best, best_minor, skip_major, skip_minor, starts, sources, came[0])
    for t in range(major.shape[0]):
        # Larger sets first, so that what they grow from is still of the unit before.
        for s in range(n_sets - 1, -1, -1):
            low, low_minor, way = best[s], best_minor[s], 0
            for w in range(starts[s], starts[s + 1]):
                place = best[sources[w]] + major[t, steps[w]]
                place_minor = best_minor[sources[w]] + minor[t, steps[w]]
                if place < low or (place == low and place_minor < low_minor):
                    low, low_minor, way = place, place_minor, w - starts[s] + 1
            best[s], best_minor[s], came[t, s] = low, low_minor, way
        if skip_major < np.inf:
            _skip(best, best_minor, skip_major, skip_minor, starts, sources, came[t])
    times[:] = -1
    if best[n_sets - 1] == np.inf:
        return False
    _trace(ways, came, times)
    return True


@inner
def _skip(best, best_minor, skip_major, skip_minor, starts, sources, came):
    for s in range(best.size):
        for w in range(starts[s], starts[s + 1]):
            skip = best[sources[w]] + skip_major
            minor = best_minor[sources[w]] + skip_minor
            ties = skip == best[s]
            ties_too = ties and minor == best_minor[s] and came[s] < SKIPPED
            if skip < best[s] or (ties and minor < best_minor[s]) or ties_too:
                best[s], best_minor[s] = skip, minor
                came[s] = SKIPPED + w - starts[s]


@inner
def _trace(ways, came, times):
    starts, sources, steps = ways
    s = came.shape[1] - 1
    t = came.shape[0] - 1
    # What is left of the set before the first unit was left out.
    while s > 0 and t >= 0:
        way = came[t, s]
        if way >= SKIPPED:
            s = sources[starts[s] + way - SKIPPED]
        else:
            if way > 0:
                w = starts[s] + way - 1
                times[steps[w]] = t
                s = sources[w]
            t -= 1
