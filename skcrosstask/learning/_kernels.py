"""Compiled inner loops of the F-step: arrays in, arrays out.

One video is one Adam step. `load_steps` mixes the components of its task, as they
would be by now, into step classifiers, `score_rows` applies these, and `train_step`
takes the gradient over the labelled rows and moves the components.

Throughout, a model is (weights, directions, moments, clock, tails, adam), see
`_adam.py`; steps are (columns, indptr, local, shares), the task's rows of A; and a
loss is (over_steps, over_time, n_negatives).
"""

from __future__ import annotations

import numpy as np

from skcrosstask._jit import inner, kernel, summing_inner
from skcrosstask.learning._adam import fill_factors, missed_path, move_row
from skcrosstask.learning._dropout import choose_rows, drop_row, visit_key

# Features at a time, so that the gradients of all steps stay in the nearest cache.
BLOCK = 256


@summing_inner
def _add(out, row, factor):
    for d in range(out.shape[0]):
        out[d] += factor * row[d]


@inner
def _mix_steps(steps, coef, intercept, step_coef, step_bias):
    columns, indptr, local, shares = steps
    for k in range(indptr.shape[0] - 1):
        out, step_bias[k] = step_coef[k], 0.0
        for d in range(out.shape[0]):
            out[d] = 0.0
        for p in range(indptr[k], indptr[k + 1]):
            share, c = shares[p], columns[local[p]]
            _add(out, coef[c], share)
            step_bias[k] += share * intercept[c]


@inner
def load_steps(steps, model, step_coef, step_bias):
    """Step classifiers of the components as dense Adam would have moved them by now."""
    columns, indptr, local, shares = steps
    weights, (q, q_0), _, clock, tails, adam = model
    _mix_steps(steps, weights[0], weights[1], step_coef, step_bias)
    for k in range(indptr.shape[0] - 1):
        for p in range(indptr[k], indptr[k + 1]):
            c = columns[local[p]]
            path = missed_path(c, clock, tails, adam)
            if path != 0.0:
                move = -shares[p] * path
                _add(step_coef[k], q[c], move)
                step_bias[k] += move * q_0[c]


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
def _score_pair(x, y, step_coef, step_bias, out_x, out_y):
    # Beyond the last step it is scored again, so that a score does not depend on
    # how many steps there are; as an odd row's does not on its being alone.
    last = step_bias.shape[0] - 1
    for k in range(0, last + 1, 4):
        k_1, k_2, k_3 = min(k + 1, last), min(k + 2, last), min(k + 3, last)
        xa, xb, xc, xe, ya, yb, yc, ye = _score_tile(
            x, y, step_coef[k], step_coef[k_1], step_coef[k_2], step_coef[k_3]
        )
        out_x[k], out_y[k] = xa + step_bias[k], ya + step_bias[k]
        out_x[k_1], out_y[k_1] = xb + step_bias[k_1], yb + step_bias[k_1]
        out_x[k_2], out_y[k_2] = xc + step_bias[k_2], yc + step_bias[k_2]
        out_x[k_3], out_y[k_3] = xe + step_bias[k_3], ye + step_bias[k_3]


@inner
def score_dropped(rows, chosen, units, dropout, key, step_coef, step_bias, x, out):
    """Scores of chosen rows under dropout, which `x` then holds, over and over.

    dropout = (threshold, masks); x has room for an even number of rows.
    """
    threshold, masks = dropout
    n_rows, room = chosen.shape[0], x.shape[0]
    for i in range(0, n_rows, 2):
        j = min(i + 1, n_rows - 1)
        one, two = x[i % room], x[(i + 1) % room]
        drop_row(rows[chosen[i]], masks, key, units[chosen[i]], threshold, one)
        drop_row(rows[chosen[j]], masks, key, units[chosen[j]], threshold, two)
        _score_pair(one, two, step_coef, step_bias, out[i], out[j])


@kernel
def mix_steps(steps, coef, intercept, step_coef, step_bias):
    """Step classifiers as weighted sums of their components: A W and A b."""
    _mix_steps(steps, coef, intercept, step_coef, step_bias)


@kernel
def score_rows(rows, step_coef, step_bias, out):
    """Scores (n, K) of rows (n, D)."""
    n_rows = rows.shape[0]
    for i in range(0, n_rows, 2):
        j = min(i + 1, n_rows - 1)
        _score_pair(rows[i], rows[j], step_coef, step_bias, out[i], out[j])


@inner
def loss_gradient(scores, n_rows, position, over_steps, over_time, n_units, gradient):
    """Both cross-entropies of the labelled steps and their gradient in the scores.

    Over steps: at its time, a step against the other steps. Over time: a step's own
    score at its time, against its scores at the other rows.
    """
    n_steps = position.shape[0]
    for t in range(n_rows):
        for k in range(n_steps):
            gradient[t, k] = 0.0
    loss = 0.0
    for k in range(n_steps):
        r = position[k]
        if r < 0:
            continue
        if over_steps:
            top = -np.inf
            for j in range(n_steps):
                top = max(top, scores[r, j])
            total = 0.0
            for j in range(n_steps):
                total += np.exp(scores[r, j] - top)
            for j in range(n_steps):
                p = np.exp(scores[r, j] - top) / total
                gradient[r, j] += (p - (j == k)) / n_units
            loss += top + np.log(total) - scores[r, k]
        if over_time:
            top = -np.inf
            for t in range(n_rows):
                top = max(top, scores[t, k])
            total = 0.0
            for t in range(n_rows):
                total += np.exp(scores[t, k] - top)
            for t in range(n_rows):
                p = np.exp(scores[t, k] - top) / total
                gradient[t, k] += (p - (t == r)) / n_units
            loss += top + np.log(total) - scores[r, k]
    return loss / n_units


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
    _, indptr, local, shares = steps
    for d in range(out.shape[0]):
        out[d] = 0.0
    for k in range(indptr.shape[0] - 1):
        for p in range(indptr[k], indptr[k + 1]):
            if local[p] == i:
                _add(out, step_gradient[k, : out.shape[0]], shares[p])


@inner
def _move_components(x, n_rows, gradient, steps, model, with_bias, factors, blocks):
    """One Adam step on the components of one task, block by block of features."""
    columns, n_steps = steps[0], steps[1].shape[0] - 1
    (coef, intercept), (q, q_0), (m, v, m_0, v_0), _, _, _ = model
    step_gradient, sums = blocks
    for start in range(0, coef.shape[1], BLOCK):
        stop = min(start + BLOCK, coef.shape[1])
        _step_gradient(x, n_rows, start, stop, gradient, n_steps, step_gradient)
        for i in range(columns.shape[0]):
            c, out = columns[i], sums[: stop - start]
            _sum_steps(i, steps, step_gradient, out)
            move_row(
                coef[c, start:stop], q[c, start:stop],
                m[c, start:stop], v[c, start:stop], out, factors[i],
            )  # fmt: skip
    # Over time a bias cancels; Adam would blow up what rounding leaves of it.
    for k in range(n_steps):
        step_gradient[k, 0] = 0.0
        for t in range(n_rows if with_bias else 0):
            step_gradient[k, 0] += gradient[t, k]
    for i in range(columns.shape[0]):
        one = slice(columns[i], columns[i] + 1)
        _sum_steps(i, steps, step_gradient, sums[:1])
        move_row(intercept[one], q_0[one], m_0[one], v_0[one], sums[:1], factors[i])


@inner
def train_step(
    rows, units, labels, pool, n_units, steps, step_coef, step_bias, model, loss,
    dropout, seed, room
):  # fmt: skip
    """Gradient of one video's loss and one Adam step; returns the loss.

    `load_steps` must have filled step_coef and step_bias. labels hold row numbers
    (-1: no label), pool the rows that may serve as negatives.
    """
    over_steps, over_time, n_negatives = loss
    shuffled, chosen, position, x, scores, gradient, factors, blocks = room
    columns, clock = steps[0], model[3]
    n_updates, last = clock
    n_steps = labels.shape[0]
    key = visit_key(seed, n_updates[0], 0)
    _, n_rows = choose_rows(labels, pool, n_negatives, key, shuffled, chosen, position)
    score_dropped(
        rows, chosen[:n_rows], units, dropout, key, step_coef, step_bias, x, scores
    )
    value = loss_gradient(
        scores, n_rows, position[:n_steps], over_steps, over_time, n_units, gradient
    )
    for i in range(columns.shape[0]):
        fill_factors(columns[i], clock, model[4], model[5], factors[i])
    _move_components(x, n_rows, gradient, steps, model, over_steps, factors, blocks)
    n_updates[0] += 1
    for i in range(columns.shape[0]):
        last[columns[i]] = n_updates[0]
    return value


@kernel
def score_video(rows, everything, units, dropout, key, steps, model, room, out):
    """`load_steps`, then `score_dropped`."""
    step_coef, step_bias, x = room
    load_steps(steps, model, step_coef, step_bias)
    score_dropped(rows, everything, units, dropout, key, step_coef, step_bias, x, out)


@kernel
def train_video(
    rows, units, labels, pool, n_units, steps, classifiers, model, loss, dropout, seed,
    room,
):  # fmt: skip
    """`load_steps`, then `train_step`."""
    step_coef, step_bias = classifiers
    load_steps(steps, model, step_coef, step_bias)
    return train_step(
        rows, units, labels, pool, n_units, steps, step_coef, step_bias, model, loss,
        dropout, seed, room,
    )  # fmt: skip
