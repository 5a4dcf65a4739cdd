"""Compiled inner loops of the F-step: arrays in, arrays out.

One video is one Adam step. `load_steps` mixes the components of its task, as they
would be by now, into step classifiers, `score_rows` applies these, and `train_step`
takes the gradient over the labelled rows and moves the components.
"""

from __future__ import annotations

import numpy as np

from skcrosstask._jit import inner, kernel, summing_inner
from skcrosstask.learning.adam._adam import fill_factors, missed_path, move_row
from skcrosstask.learning.adam._dropout import choose_rows, drop_row, visit_key

# Features at a time, so that the gradients of all steps stay in the nearest cache.
BLOCK = 256


@summing_inner
def _add(out, row, factor):
    for d in range(out.shape[0]):
        out[d] += factor * row[d]


@inner
def _mix_steps(steps, coef, intercept, mixed):
    for k in range(steps.indptr.shape[0] - 1):
        out, mixed.bias[k] = mixed.coef[k], 0.0
        for d in range(out.shape[0]):
            out[d] = 0.0
        for p in range(steps.indptr[k], steps.indptr[k + 1]):
            share, c = steps.shares[p], steps.columns[steps.local[p]]
            _add(out, coef[c], share)
            mixed.bias[k] += share * intercept[c]


@inner
def load_steps(steps, model, mixed):
    """Step classifiers of the components as dense Adam would have moved them by now."""
    _mix_steps(steps, model.coef, model.intercept, mixed)
    for k in range(steps.indptr.shape[0] - 1):
        for p in range(steps.indptr[k], steps.indptr[k + 1]):
            c = steps.columns[steps.local[p]]
            path = missed_path(c, model)
            if path != 0.0:
                move = -steps.shares[p] * path
                _add(mixed.coef[k], model.coef_direction[c], move)
                mixed.bias[k] += move * model.intercept_direction[c]


@summing_inner
def _score_tile(x, y, a, b, c, e):
    """Two rows times four steps, so that a number is loaded for several products."""
    xa = xb = xc = xe = np.float32(0.0)
    ya = yb = yc = ye = np.float32(0.0)
    for d in range(x.shape[0]):
        p, q = x[d], y[d]
        xa += p * a[d]
        xb += p * b[d]
        xc += p * c[d]
        xe += p * e[d]
        ya += q * a[d]
        yb += q * b[d]
        yc += q * c[d]
        ye += q * e[d]
    return xa, xb, xc, xe, ya, yb, yc, ye


@inner
def score_pair(x, y, mixed, out_x, out_y):
    """Scores (K,) of two rows."""
    # Beyond the last step it is scored again, so that a score does not depend on
    # how many steps there are; as an odd row's does not on its being alone.
    coef, bias = mixed.coef, mixed.bias
    last = bias.shape[0] - 1
    for k in range(0, last + 1, 4):
        k_1, k_2, k_3 = min(k + 1, last), min(k + 2, last), min(k + 3, last)
        xa, xb, xc, xe, ya, yb, yc, ye = _score_tile(
            x, y, coef[k], coef[k_1], coef[k_2], coef[k_3]
        )
        out_x[k], out_y[k] = xa + bias[k], ya + bias[k]
        out_x[k_1], out_y[k_1] = xb + bias[k_1], yb + bias[k_1]
        out_x[k_2], out_y[k_2] = xc + bias[k_2], yc + bias[k_2]
        out_x[k_3], out_y[k_3] = xe + bias[k_3], ye + bias[k_3]


@inner
def score_dropped(rows, chosen, units, dropout, key, mixed, x, out):
    """Scores of chosen rows under dropout, which `x` then holds, over and over.

    x has room for an even number of rows.
    """
    threshold, masks = dropout.threshold, dropout.masks
    n_rows, room = chosen.shape[0], x.shape[0]
    for i in range(0, n_rows, 2):
        j = min(i + 1, n_rows - 1)
        one, two = x[i % room], x[(i + 1) % room]
        drop_row(rows[chosen[i]], masks, key, units[chosen[i]], threshold, one)
        drop_row(rows[chosen[j]], masks, key, units[chosen[j]], threshold, two)
        score_pair(one, two, mixed, out[i], out[j])


@kernel
def mix_steps(steps, coef, intercept, mixed):
    """Step classifiers as weighted sums of their components: A W and A b."""
    _mix_steps(steps, coef, intercept, mixed)


@kernel
def score_rows(rows, mixed, out):
    """Scores (n, K) of rows (n, D)."""
    n_rows = rows.shape[0]
    for i in range(0, n_rows, 2):
        j = min(i + 1, n_rows - 1)
        score_pair(rows[i], rows[j], mixed, out[i], out[j])


@inner
def loss_gradient(scores, n_rows, position, loss, n_units, gradient):
    """Both cross-entropies of the labelled steps and their gradient in the scores.

    Over steps: at its time, a step against the other steps. Over time: a step's own
    score at its time, against its scores at the other rows.
    """
    n_steps = position.shape[0]
    for t in range(n_rows):
        for k in range(n_steps):
            gradient[t, k] = 0.0
    value = 0.0
    for k in range(n_steps):
        r = position[k]
        if r < 0:
            continue
        if loss.over_steps:
            top = -np.inf
            for j in range(n_steps):
                top = max(top, scores[r, j])
            total = 0.0
            for j in range(n_steps):
                total += np.exp(scores[r, j] - top)
            for j in range(n_steps):
                p = np.exp(scores[r, j] - top) / total
                gradient[r, j] += (p - (j == k)) / n_units
            value += top + np.log(total) - scores[r, k]
        if loss.over_time:
            top = -np.inf
            for t in range(n_rows):
                top = max(top, scores[t, k])
            total = 0.0
            for t in range(n_rows):
                total += np.exp(scores[t, k] - top)
            for t in range(n_rows):
                p = np.exp(scores[t, k] - top) / total
                gradient[t, k] += (p - (t == r)) / n_units
            value += top + np.log(total) - scores[r, k]
    return value / n_units


@summing_inner
def _add_four(a, b, c, e, x_0, x_1, x_2, x_3, t, k, g):
    """Rows t to t + 3 into the gradients of steps k to k + 3."""
    a_0, a_1, a_2, a_3 = g[t, k], g[t + 1, k], g[t + 2, k], g[t + 3, k]
    k += 1
    b_0, b_1, b_2, b_3 = g[t, k], g[t + 1, k], g[t + 2, k], g[t + 3, k]
    k += 1
    c_0, c_1, c_2, c_3 = g[t, k], g[t + 1, k], g[t + 2, k], g[t + 3, k]
    k += 1
    e_0, e_1, e_2, e_3 = g[t, k], g[t + 1, k], g[t + 2, k], g[t + 3, k]
    for d in range(a.shape[0]):
        p, q, r, s = x_0[d], x_1[d], x_2[d], x_3[d]
        a[d] += a_0 * p + a_1 * q + a_2 * r + a_3 * s
        b[d] += b_0 * p + b_1 * q + b_2 * r + b_3 * s
        c[d] += c_0 * p + c_1 * q + c_2 * r + c_3 * s
        e[d] += e_0 * p + e_1 * q + e_2 * r + e_3 * s


@inner
def _step_gradient(x, n_rows, start, stop, gradient, n_steps, out):
    """Some features of the gradient of the step classifiers, gradient.T @ x."""
    # Rows are sliced one by one: of a slice of all, nobody knows that a row's
    # features lie side by side, and the loops would not run in lanes.
    n = stop - start
    for k in range(n_steps):
        for d in range(n):
            out[k, d] = 0.0
    whole_rows, whole_steps = n_rows - n_rows % 4, n_steps - n_steps % 4
    for t in range(0, whole_rows, 4):
        x_0, x_1 = x[t, start:stop], x[t + 1, start:stop]
        x_2, x_3 = x[t + 2, start:stop], x[t + 3, start:stop]
        for k in range(0, whole_steps, 4):
            a, b, c, e = out[k, :n], out[k + 1, :n], out[k + 2, :n], out[k + 3, :n]
            _add_four(a, b, c, e, x_0, x_1, x_2, x_3, t, k, gradient)
        for k in range(whole_steps, n_steps):
            for i in range(t, t + 4):
                _add(out[k, :n], x[i, start:stop], gradient[i, k])
    for t in range(whole_rows, n_rows):
        for k in range(n_steps):
            _add(out[k, :n], x[t, start:stop], gradient[t, k])


@inner
def _sum_steps(i, steps, step_gradient, out):
    """Gradient of component i of a task, from those of the steps it is part of."""
    for d in range(out.shape[0]):
        out[d] = 0.0
    for k in range(steps.indptr.shape[0] - 1):
        for p in range(steps.indptr[k], steps.indptr[k + 1]):
            if steps.local[p] == i:
                _add(out, step_gradient[k, : out.shape[0]], steps.shares[p])


@inner
def _move_components(n_rows, steps, model, with_bias, scratch):
    """One Adam step on the components of one task, block by block of features."""
    columns, n_steps = steps.columns, steps.indptr.shape[0] - 1
    x, gradient, factors = scratch.rows, scratch.gradient, scratch.factors
    step_gradient, sums = scratch.step_gradient, scratch.sums
    for start in range(0, model.coef.shape[1], BLOCK):
        stop = min(start + BLOCK, model.coef.shape[1])
        _step_gradient(x, n_rows, start, stop, gradient, n_steps, step_gradient)
        for i in range(columns.shape[0]):
            c, out = columns[i], sums[: stop - start]
            _sum_steps(i, steps, step_gradient, out)
            row, row_q = model.coef[c, start:stop], model.coef_direction[c, start:stop]
            row_m, row_v = (
                model.coef_mean[c, start:stop],
                model.coef_square[c, start:stop],
            )
            move_row(row, row_q, row_m, row_v, out, factors[i])
    # Over time a bias cancels; Adam would blow up what rounding leaves of it.
    for k in range(n_steps):
        step_gradient[k, 0] = 0.0
        for t in range(n_rows if with_bias else 0):
            step_gradient[k, 0] += gradient[t, k]
    for i in range(columns.shape[0]):
        one = slice(columns[i], columns[i] + 1)
        _sum_steps(i, steps, step_gradient, sums[:1])
        row, row_q = model.intercept[one], model.intercept_direction[one]
        row_m, row_v = model.intercept_mean[one], model.intercept_square[one]
        move_row(row, row_q, row_m, row_v, sums[:1], factors[i])


@inner
def train_step(video, labels, steps, mixed, model, loss, dropout, seed, scratch):
    """Gradient of one video's loss and one Adam step; returns the loss.

    `load_steps` must have filled `mixed`. labels hold row indices (-1: no label).
    """
    columns, position = steps.columns, scratch.position[: labels.shape[0]]
    key = visit_key(seed, model.n_updates[0], 0)
    n_rows = choose_rows(
        labels,
        video.pool,
        loss.n_negatives,
        key,
        scratch.shuffled,
        scratch.chosen,
        position,
    )[1]
    chosen = scratch.chosen[:n_rows]
    score_dropped(
        video.rows,
        chosen,
        video.units,
        dropout,
        key,
        mixed,
        scratch.rows,
        scratch.scores,
    )
    value = loss_gradient(
        scratch.scores, n_rows, position, loss, video.n_units, scratch.gradient
    )
    for i in range(columns.shape[0]):
        fill_factors(columns[i], model, scratch.factors[i])
    _move_components(n_rows, steps, model, loss.over_steps, scratch)
    model.n_updates[0] += 1
    for i in range(columns.shape[0]):
        model.last[columns[i]] = model.n_updates[0]
    return value
