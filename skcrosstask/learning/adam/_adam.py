"""Adam that is dense Adam, but touches only the components in play.

A component without a gradient still moves under dense Adam: its moments decay and
push it on. All moves that it missed are one factor, the path, times the direction
m / (sqrt(v) + eps) of its last move, which is kept beside the moments. Whoever reads
a component adds them; whoever moves it makes them first.
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


def missed_factor(last, missed, tails, ratio):
    """Length of the path that Adam's decaying moments travel in missed steps.

    Sum over i = 1..missed of ratio**i * c[last + i], with c the bias corrections;
    tails[s] is the same sum from s on without an end.
    """
    end = tails.shape[0] - 1
    first = tails[min(last, end)]
    return first - ratio**missed * tails[min(last + missed, end)]


def decay_of(missed, beta_1, beta_2):
    """Decay of both moments over the missed steps."""
    decay = beta_1**missed
    # Below this the products are denormal: slow, and as good as zero.
    return np.float32(decay if decay > 1e-30 else 0.0), np.float32(beta_2**missed)


def tiny_of(now, beta_2, eps):
    """Eps in units of sqrt(v) without its bias correction."""
    return np.float32(eps * np.sqrt(1.0 - beta_2**now))


def catch_up(columns, model):
    """Make the moves that dense Adam would have made on untouched components."""
    now, last = int(model.n_updates[0]), model.last
    ratio = model.beta_1 / model.beta_2**0.5
    for c in columns[last[columns] > 0]:
        before = int(last[c])
        factor = missed_factor(before, now - before, model.tails, ratio)
        path = np.float32(model.rate * factor)
        model.coef[c] -= path * model.coef_direction[c]
        model.intercept[c] -= path * model.intercept_direction[c]
        decay_m, decay_v = decay_of(now - before, model.beta_1, model.beta_2)
        model.coef_mean[c] *= decay_m
        model.intercept_mean[c] *= decay_m
        model.coef_square[c] *= decay_v
        model.intercept_square[c] *= decay_v
    last[columns] = now
    aim(columns, model)


def aim(columns, model):
    """Fill in the directions, which the moments decide."""
    for c in columns[model.last[columns] > 0]:
        tiny = tiny_of(int(model.last[c]), model.beta_2, model.eps)
        for q, m, v in (
            (model.coef_direction, model.coef_mean, model.coef_square),
            (model.intercept_direction, model.intercept_mean, model.intercept_square),
        ):
            # Without any gradient yet, and without eps, there is no direction.
            q[c] = m[c] / np.maximum(np.sqrt(v[c]) + tiny, np.float32(1e-38))


_missed_factor = inner(missed_factor)
_decay_of = inner(decay_of)
_tiny_of = inner(tiny_of)


@inner
def missed_path(column, model):
    """What a component's direction is to be multiplied by, rate included."""
    last = model.last[column]
    missed = model.n_updates[0] - last
    if missed == 0 or last == 0:
        return np.float32(0.0)
    ratio = model.beta_1 / np.sqrt(model.beta_2)
    return np.float32(model.rate * _missed_factor(last, missed, model.tails, ratio))


@inner
def fill_factors(column, model, factors):
    """Scalars of one component's Adam step, for `move_row`."""
    beta_1, beta_2 = model.beta_1, model.beta_2
    now = model.n_updates[0] + 1
    correction = np.sqrt(1.0 - beta_2**now) / (1.0 - beta_1**now)
    missed = model.n_updates[0] - model.last[column]
    decay_m, decay_v = _decay_of(missed, beta_1, beta_2)
    one, b_1, b_2 = np.float32(1.0), np.float32(beta_1), np.float32(beta_2)
    factors[0] = missed_path(column, model)
    factors[1], factors[2] = decay_m * b_1, one - b_1
    factors[3], factors[4] = decay_v * b_2, one - b_2
    factors[5], factors[6] = model.rate * correction, _tiny_of(now, beta_2, model.eps)


@inner
def move_row(row, row_q, row_m, row_v, g, factors):
    """The missed moves and one Adam step, on (part of) one component."""
    path, rate, tiny = factors[0], factors[5], factors[6]
    keep_m, add_m, keep_v, add_v = factors[1], factors[2], factors[3], factors[4]
    for d in range(row.shape[0]):
        m = keep_m * row_m[d] + add_m * g[d]
        v = keep_v * row_v[d] + add_v * g[d] * g[d]
        q = m / (np.sqrt(v) + tiny)
        row[d] = row[d] - path * row_q[d] - rate * q
        row_q[d], row_m[d], row_v[d] = q, m, v
