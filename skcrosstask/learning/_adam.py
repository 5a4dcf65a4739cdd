"""Adam that is dense Adam, but touches only the components in play.

A component without a gradient still moves under dense Adam: its moments decay and
push it on. All moves that it missed are one factor times m / sqrt(v), so they are
made up for when it is next read (`catch_up`).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from skcrosstask._jit import inner


@cache
def path_tails(beta_1: float, beta_2: float, n_steps: int = 50_000) -> np.ndarray:
    """Endless sums of the bias-corrected path, from each Adam step on.

    tails[s] = sum over i >= 1 of ratio**i * c[s + i], ratio = beta_1 / sqrt(beta_2)
    and c[t] = sqrt(1 - beta_2**t) / (1 - beta_1**t); from `n_steps` on, c is 1 to
    the last bit of float64 for the usual betas.
    """
    t = np.arange(1, n_steps + 1)
    correction = np.sqrt(1.0 - beta_2**t) / (1.0 - beta_1**t)
    ratio = beta_1 / np.sqrt(beta_2)
    tails = np.empty(n_steps + 1)
    tails[-1] = ratio / (1.0 - ratio)
    for s in range(n_steps - 1, -1, -1):
        tails[s] = ratio * (correction[s] + tails[s + 1])
    return tails


@inner
def _missed_factor(last, missed, tails, ratio):
    """Length of the path that Adam's decaying moments travel in missed steps.

    Sum over i = 1..missed of ratio**i * c[last + i], with c the bias corrections;
    tails[s] is the same sum from s on without an end.
    """
    end = tails.shape[0] - 1
    first = tails[min(last, end)]
    return first - ratio**missed * tails[min(last + missed, end)]


@inner
def _move_row(row, row_m, row_v, move, decay_m, decay_v, tiny):
    for d in range(row.shape[0]):
        row[d] -= move * row_m[d] / (np.sqrt(row_v[d]) + tiny)
        row_m[d] *= decay_m
        row_v[d] *= decay_v


@inner
def catch_up(columns, weights, moments, clock, tails, adam):
    """Make the moves that dense Adam would have made on untouched components.

    weights = (coef, intercept), moments = (m, v, m of the intercept, v of it) and
    clock = (number of Adam steps made, step of each component's last move).
    """
    coef, intercept = weights
    m, v, m_0, v_0 = moments
    n_updates, last = clock
    rate, beta_1, beta_2, eps = adam
    ratio = beta_1 / np.sqrt(beta_2)
    now = n_updates[0]
    for i in range(columns.shape[0]):
        column = columns[i]
        missed = now - last[column]
        if missed > 0 and last[column] > 0:
            path = _missed_factor(last[column], missed, tails, ratio)
            decay = beta_1**missed
            # Below this the products are denormal: slow, and as good as zero.
            decay_m = np.float32(decay if decay > 1e-30 else 0.0)
            decay_v = np.float32(beta_2**missed)
            move = np.float32(rate * path)
            # Most of the path lies just after the last move: take eps as it was then.
            tiny = np.float32(eps * np.sqrt(1.0 - beta_2 ** (last[column] + 1)))
            _move_row(coef[column], m[column], v[column], move, decay_m, decay_v, tiny)
            one = slice(column, column + 1)
            _move_row(intercept[one], m_0[one], v_0[one], move, decay_m, decay_v, tiny)
        last[column] = now


@inner
def _adam_row(row, row_m, row_v, g, rate, beta_1, beta_2, tiny):
    rest_1, rest_2 = np.float32(1) - beta_1, np.float32(1) - beta_2
    for d in range(row.shape[0]):
        row_m[d] = beta_1 * row_m[d] + rest_1 * g[d]
        row_v[d] = beta_2 * row_v[d] + rest_2 * g[d] * g[d]
        row[d] -= rate * row_m[d] / (np.sqrt(row_v[d]) + tiny)


@inner
def _mix_gradient(c, indptr, local, shares, step_gradient, bias_gradient, out):
    """Gradient of one component, the weighted sum over the steps it is part of."""
    out[:] = 0.0
    bias = np.float32(0.0)
    for k in range(indptr.shape[0] - 1):
        for p in range(indptr[k], indptr[k + 1]):
            if local[p] == c:
                share, source = shares[p], step_gradient[k]
                for d in range(out.shape[0]):
                    out[d] += share * source[d]
                bias += share * bias_gradient[k]
    return bias


@inner
def adam_step(
    composition, step_gradient, bias_gradient, weights, moments, clock, adam, scratch
):
    """One Adam step on the components of one task, which must be caught up.

    composition = (columns, indptr, local, shares), the task's rows of A.
    """
    columns, indptr, local, shares = composition
    coef, intercept = weights
    m, v, m_0, v_0 = moments
    n_updates, last = clock
    rate, beta_1, beta_2, eps = adam
    now = n_updates[0] + 1
    correction = np.sqrt(1.0 - beta_2**now)
    rate_now = np.float32(rate * correction / (1.0 - beta_1**now))
    tiny = np.float32(eps * correction)
    b_1, b_2 = np.float32(beta_1), np.float32(beta_2)
    bias = np.empty(1, dtype=np.float32)
    for c in range(columns.shape[0]):
        column = columns[c]
        bias[0] = _mix_gradient(
            c, indptr, local, shares, step_gradient, bias_gradient, scratch
        )
        _adam_row(coef[column], m[column], v[column], scratch, rate_now, b_1, b_2, tiny)
        one = slice(column, column + 1)
        _adam_row(intercept[one], m_0[one], v_0[one], bias, rate_now, b_1, b_2, tiny)
        last[column] = now
    n_updates[0] = now
