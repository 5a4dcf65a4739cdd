"""Dynamic programs over ordered placements: arrays in, arrays out, no checks.

Throughout, T time units and K steps. A placement gives each step one time unit,
strictly increasing, so "the first k steps lie within the first t units" is all the
state there is; Zhukov et al. (CVPR 2019), supplement B.2, keep two states a step,
which collapse into this one when a step lasts one unit.
"""

import math

import numpy as np

from skcrosstask._jit import inner, kernel

# What a cell of `came` in `place_segments` remembers.
STAYED = 1  # the step was already running one unit before
ENDED = 2  # the step ends here, rather than earlier
SKIPPED = 4  # the step is left out
# From so many steps on, the compiler's vectors beat two units at a time.
WIDE = 24


@kernel
def place_units(cost, best, placed, times):
    """Cheapest ordered placement, one time unit a step.

    best[t, k] = min(best[t-1, k], best[t-1, k-1] + cost[t, k]); on equality the
    earlier placement is kept.

    Parameters
    ----------
    cost : ndarray of shape (T, K)
        Costs; inf forbids a cell.
    best : float64 ndarray of shape (n, m), m > K
        Scratch: its first row is best[t].
    placed : bool ndarray of shape (T, K)
        Scratch: the back-pointers.
    times : int64 ndarray of shape (K,)
        Receives the time unit of each step. Untouched if there is no placement.

    Returns
    -------
    feasible : bool
        Whether there is no nan, no -inf, and a placement of finite cost.
    """
    n_units, n_steps = cost.shape
    if not _all_are_costs(cost.reshape(cost.size)):
        return False
    row = best[0]
    row[:] = np.inf
    row[0] = 0.0
    n_pairs = n_units // 2 if n_steps < WIDE else 0
    for i in range(n_pairs):
        _place_pair(row, cost, placed, 2 * i)
    for t in range(2 * n_pairs, n_units):
        _place_unit(row, cost[t], placed[t])
    if row[n_steps] == np.inf:
        return False
    k = n_steps - 1
    t = n_units - 1
    while k >= 0:
        if placed[t, k]:
            times[k] = t
            k -= 1
        t -= 1
    return True


@inner
def _all_are_costs(cells):
    valid = True
    for i in range(cells.size):
        valid &= cells[i] > -np.inf  # not of nan
    return valid


@inner
def _place_unit(row, cost, placed):
    # What the row held is carried along: so updated in place, the loop vectorises.
    before = row[0]
    for k in range(cost.size):
        keep = row[k + 1]
        place = before + cost[k]
        better = place < keep
        placed[k] = better
        row[k + 1] = place if better else keep
        before = keep


@inner
def _place_pair(row, cost, placed, t):
    # Two units for each access to the row, whose values wait for the unit before.
    before = before_late = row[0]
    for k in range(cost.shape[1]):
        keep = row[k + 1]
        place = before + cost[t, k]
        better = place < keep
        placed[t, k] = better
        keep_late = place if better else keep
        place = before_late + cost[t + 1, k]
        better = place < keep_late
        placed[t + 1, k] = better
        row[k + 1] = place if better else keep_late
        before, before_late = keep, keep_late


@kernel
def place_units_each(costs, best, placed, times, feasible):
    """`place_units` for each of some videos.

    Parameters
    ----------
    costs : tuple of n ndarrays of one type, of shape (T_i, K_i)
        Costs; inf forbids a cell.
    best : float64 ndarray of shape (1, m), m > all K_i
        Scratch.
    placed : bool ndarray with as many entries as the largest video has cells
        Scratch.
    times : int64 ndarray of shape (n, m), m >= all K_i
        Receives the time units of the steps of video i in row i.
    feasible : bool ndarray of shape (n,)
        Receives what `place_units` returns.
    """
    for i in range(len(costs)):
        n_units, n_steps = costs[i].shape
        back = placed[: n_units * n_steps].reshape((n_units, n_steps))
        feasible[i] = place_units(costs[i], best, back, times[i, :n_steps])


@kernel
def place_segments(major, minor, skip_major, skip_minor, extend, state, came, segments):
    """Best ordered segments by two costs: the major one first, then the minor.

    running[t, k] is the cost when step k takes unit t; ended[t, k] when the steps up
    to k are over by the end of unit t:

      running[t, k] = min(running[t-1, k] if extend, ended[t-1, k-1]) + cost[t, k]
      ended[t, k] = min(ended[t-1, k], running[t, k], ended[t, k-1] + skip)

    Ties are settled from the last step to the first: left out, else ending as early
    as possible, else starting as early as possible.

    Parameters
    ----------
    major, minor : float64 ndarray of shape (T, K)
        Costs of a unit. An infinite major cost forbids the cell.
    skip_major, skip_minor : float
        Costs of a step left out; skip_major=inf forbids that.
    extend : bool
        Whether a step may take more than one unit.
    state : float64 ndarray of shape (6, K + 1)
        Scratch: ended before this unit, ended after it, running; major and minor.
    came : uint8 ndarray of shape (T, K)
        Scratch: the back-pointers.
    segments : int64 ndarray of shape (K, 2)
        Receives first and last-but-one unit of each step, -1 for one left out.
        Untouched if there is no solution.

    Returns
    -------
    feasible : bool
        Whether a solution of finite major cost exists.
    """
    n_units, n_steps = major.shape
    before, before_minor, after, after_minor, running, running_minor = state
    running[:] = np.inf
    running_minor[:] = np.inf
    before[0] = before_minor[0] = after[0] = after_minor[0] = 0.0
    for k in range(n_steps):
        before[k + 1] = before[k] + skip_major
        before_minor[k + 1] = before_minor[k] + skip_minor
    for t in range(n_units):
        for k in range(n_steps):
            # Bits rather than branches: which way a cell goes is hard to predict.
            run, run_minor = running[k], running_minor[k]
            start, start_minor = before[k], before_minor[k]
            stay = extend & (
                (run < start) | ((run == start) & (run_minor <= start_minor))
            )
            run = (run if stay else start) + major[t, k]
            run_minor = (run_minor if stay else start_minor) + minor[t, k]
            running[k] = run
            running_minor[k] = run_minor
            keep, keep_minor = before[k + 1], before_minor[k + 1]
            end = (run < keep) | ((run == keep) & (run_minor < keep_minor))
            after[k + 1] = run if end else keep
            after_minor[k + 1] = run_minor if end else keep_minor
            came[t, k] = stay * STAYED | end * ENDED
        if skip_major < np.inf:
            _skip_steps(after, after_minor, skip_major, skip_minor, came[t])
        before, after = after, before
        before_minor, after_minor = after_minor, before_minor
    if before[n_steps] == np.inf:
        return False
    _trace_segments(came, segments)
    return True


@kernel
def place_best_segments(score, state, came, segments):
    """`place_segments` by scores alone, all steps placed: the largest sum.

    Parameters
    ----------
    score : float64 ndarray of shape (T, K)
        Log odds of step k over background at time t, finite; T >= K.
    state : float64 ndarray of shape (3, K + 1)
        Scratch.
    came : uint8 ndarray of shape (T, K)
        Scratch: the back-pointers.
    segments : int64 ndarray of shape (K, 2)
        Receives first and last-but-one unit of each step.

    Returns
    -------
    float
        The sum.
    """
    n_units, n_steps = score.shape
    before, after, running = state
    state[:] = -np.inf
    before[0] = after[0] = 0.0
    for t in range(n_units):
        for k in range(n_steps):
            run, start, keep = running[k], before[k], before[k + 1]
            stay = run >= start
            run = (run if stay else start) + score[t, k]
            end = run > keep
            running[k] = run
            after[k + 1] = run if end else keep
            came[t, k] = stay * STAYED | end * ENDED
        before, after = after, before
    _trace_segments(came, segments)
    return before[n_steps]


@inner
def _skip_steps(ended, ended_minor, skip_major, skip_minor, came):
    # A loop of its own: each cell waits for the one before, which would hold up the
    # other moves too.
    for k in range(came.size):
        skip = ended[k] + skip_major
        minor = ended_minor[k] + skip_minor
        if skip < ended[k + 1] or (
            skip == ended[k + 1] and minor <= ended_minor[k + 1]
        ):
            ended[k + 1] = skip
            ended_minor[k + 1] = minor
            came[k] |= SKIPPED


@inner
def _trace_segments(came, segments):
    n_units, n_steps = came.shape
    k = n_steps - 1
    t = n_units - 1
    while k >= 0:
        while t >= 0 and not came[t, k] & (SKIPPED | ENDED):
            t -= 1
        if t < 0 or came[t, k] & SKIPPED:
            segments[k] = -1
        else:
            segments[k, 1] = t + 1
            while came[t, k] & STAYED:
                t -= 1
            segments[k, 0] = t
            t -= 1
        k -= 1


@inner
def _log_add(a, b):
    """log(exp(a) + exp(b)) of two numbers, not both -inf."""
    high = a if a > b else b
    low = b if a > b else a
    # Below this the sum rounds to `high`; most cells are spared two transcendentals.
    return high + math.log1p(math.exp(low - high)) if low - high > -40.0 else high


@kernel
def sum_forward(score, outside, log_sum, fewest):
    """Sum exp(score) over the ordered placements of each prefix.

    Only placements with the fewest units outside the windows count.

    Parameters
    ----------
    score : float64 ndarray of shape (T, K)
        Log weight of a cell; -inf forbids it.
    outside : bool ndarray of shape (T, K)
        Cells outside the windows.
    log_sum : float64 ndarray of shape (T + 1, K + 1)
        Receives, at [t, k], the log of the sum for the first k steps within the
        first t units; -inf where there is no placement.
    fewest : int32 ndarray of shape (T + 1, K + 1)
        Receives the number of units outside, K + 1 where there is no placement.
    """
    n_units, n_steps = score.shape
    log_sum[0] = -np.inf
    fewest[0] = n_steps + 1
    log_sum[0, 0] = 0.0
    fewest[0, 0] = 0
    for t in range(n_units):
        log_sum[t + 1, 0] = 0.0
        fewest[t + 1, 0] = 0
        for k in range(n_steps):
            total = log_sum[t, k + 1]
            n_outside = fewest[t, k + 1]
            place = log_sum[t, k] + score[t, k]
            n_placed = fewest[t, k] + outside[t, k]
            if place > -np.inf and n_placed <= n_outside:
                total = place if n_placed < n_outside else _log_add(total, place)
                n_outside = n_placed
            log_sum[t + 1, k + 1] = total
            fewest[t + 1, k + 1] = n_outside


@kernel
def weigh_backward(score, outside, log_sum, fewest, rest, rest_fewest, posterior):
    """Posterior of each cell, from the result of `sum_forward`.

    Parameters
    ----------
    score, outside, log_sum, fewest : ndarrays
        As in `sum_forward`, which must have found a placement of all steps.
    rest : float64 ndarray of shape (K + 1,)
        Scratch: log sum over the placements of steps k, ... after time t.
    rest_fewest : int32 ndarray of shape (K + 1,)
        Scratch: their number of units outside.
    posterior : float64 ndarray of shape (T, K)
        Receives P(step k at time t).
    """
    n_units, n_steps = score.shape
    rest[:] = -np.inf
    rest_fewest[:] = n_steps + 1
    rest[n_steps] = 0.0
    rest_fewest[n_steps] = 0
    total = log_sum[n_units, n_steps]
    n_total = fewest[n_units, n_steps]
    for t in range(n_units - 1, -1, -1):
        for k in range(n_steps):
            place = score[t, k] + rest[k + 1]
            n_placed = rest_fewest[k + 1] + outside[t, k]
            posterior[t, k] = 0.0
            if place == -np.inf:
                continue
            if fewest[t, k] + n_placed == n_total:
                posterior[t, k] = math.exp(log_sum[t, k] + place - total)
            if n_placed <= rest_fewest[k]:
                tie = n_placed == rest_fewest[k]
                rest[k] = _log_add(rest[k], place) if tie else place
                rest_fewest[k] = n_placed


@kernel
def draw_backward(log_sum, fewest, uniforms, times):
    """Draw one placement, from the result of `sum_forward`.

    Parameters
    ----------
    log_sum, fewest : ndarrays of shape (T + 1, K + 1)
        From `sum_forward`, which must have found a placement of all steps.
    uniforms : float64 ndarray of shape (K,)
        Random numbers in [0, 1).
    times : int64 ndarray of shape (K,)
        Receives the time unit of each step.
    """
    t = log_sum.shape[0] - 1
    for k in range(log_sum.shape[1] - 1, 0, -1):
        # P(step k - 1 lies within the first s units) = exp(log_sum[s] - log_sum[t]):
        # the smallest s that reaches a uniform number in (0, 1].
        level = log_sum[t, k] + math.log(1.0 - uniforms[k - 1])
        n_outside = fewest[t, k]
        while fewest[t - 1, k] == n_outside and log_sum[t - 1, k] >= level:
            t -= 1
        t -= 1
        times[k - 1] = t
