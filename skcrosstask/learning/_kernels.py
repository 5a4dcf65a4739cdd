"""Compiled inner loops of the F-step: arrays in, arrays out.

One video is one Adam step. `load_steps` brings the components of its task up to
date and mixes them into step classifiers, `score_rows` applies these, and
`train_step` takes the gradient over the labelled rows and moves the components.
"""

from __future__ import annotations

import numpy as np

from skcrosstask._jit import inner, kernel, summing_inner
from skcrosstask.learning._adam import adam_step, catch_up
from skcrosstask.learning._dropout import choose_rows, drop_row


@inner
def mix_steps(composition, coef, intercept, step_coef, step_bias):
    """Step classifiers as weighted sums of their components: A W and A b."""
    columns, indptr, local, shares = composition
    for k in range(indptr.shape[0] - 1):
        out = step_coef[k]
        out[:] = 0.0
        step_bias[k] = 0.0
        for p in range(indptr[k], indptr[k + 1]):
            share, column = shares[p], columns[local[p]]
            row = coef[column]
            for d in range(out.shape[0]):
                out[d] += share * row[d]
            step_bias[k] += share * intercept[column]


@kernel
def load_steps(composition, weights, moments, clock, tails, adam, step_coef, step_bias):
    """Bring a task's components up to date and mix them into step classifiers."""
    catch_up(composition[0], weights, moments, clock, tails, adam)
    mix_steps(composition, weights[0], weights[1], step_coef, step_bias)


@summing_inner
def _score(row, step_coef, step_bias, out):
    """Scores of one row; four steps at a time, so a row is loaded once for four."""
    n_steps, n_features = step_coef.shape
    k = 0
    while k + 4 <= n_steps:
        a, b, c, e = step_coef[k], step_coef[k + 1], step_coef[k + 2], step_coef[k + 3]
        s_a, s_b = np.float32(0), np.float32(0)
        s_c, s_e = np.float32(0), np.float32(0)
        for d in range(n_features):
            x = row[d]
            s_a += x * a[d]
            s_b += x * b[d]
            s_c += x * c[d]
            s_e += x * e[d]
        out[k] = s_a + step_bias[k]
        out[k + 1] = s_b + step_bias[k + 1]
        out[k + 2] = s_c + step_bias[k + 2]
        out[k + 3] = s_e + step_bias[k + 3]
        k += 4
    while k < n_steps:
        a = step_coef[k]
        s_a = np.float32(0)
        for d in range(n_features):
            s_a += row[d] * a[d]
        out[k] = s_a + step_bias[k]
        k += 1


@kernel
def score_rows(rows, units, key, threshold, step_coef, step_bias, scratch, out):
    """Scores (n, K) of rows (n, D) under dropout (threshold 0 for none)."""
    for t in range(rows.shape[0]):
        if threshold == 0:
            _score(rows[t], step_coef, step_bias, out[t])
        else:
            drop_row(rows[t], key, units[t], threshold, scratch)
            _score(scratch, step_coef, step_bias, out[t])


@inner
def loss_gradient(scores, n_rows, position, over_steps, over_time, n_units, gradient):
    """Both cross-entropies of the labelled steps and their gradient in the scores.

    Over steps: at its time, a step against the other steps. Over time: a step's own
    score at its time, against its scores at the other rows.
    """
    n_steps = position.shape[0]
    gradient[:n_rows] = 0.0
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


@inner
def _step_gradient(x, gradient, n_rows, step_gradient):
    """Gradient of the step classifiers, gradient.T @ x; four rows at a time."""
    n_steps, n_features = step_gradient.shape
    block = 1024
    for start in range(0, n_features, block):
        stop = min(start + block, n_features)
        for k in range(n_steps):
            out = step_gradient[k, start:stop]
            out[:] = 0.0
            t = 0
            while t + 4 <= n_rows:
                g_0, g_1 = gradient[t, k], gradient[t + 1, k]
                g_2, g_3 = gradient[t + 2, k], gradient[t + 3, k]
                x_0, x_1 = x[t, start:stop], x[t + 1, start:stop]
                x_2, x_3 = x[t + 2, start:stop], x[t + 3, start:stop]
                for d in range(out.shape[0]):
                    out[d] += g_0 * x_0[d] + g_1 * x_1[d] + g_2 * x_2[d] + g_3 * x_3[d]
                t += 4
            while t < n_rows:
                g_0 = gradient[t, k]
                x_0 = x[t, start:stop]
                for d in range(out.shape[0]):
                    out[d] += g_0 * x_0[d]
                t += 1


@kernel
def train_step(
    rows, units, labels, pool, n_negatives, n_units, key, threshold, over_steps,
    over_time, composition, step_coef, step_bias, weights, moments, clock, adam, buffers
):  # fmt: skip
    """Gradient of one video's loss and one Adam step; returns the loss.

    `load_steps` must have filled step_coef and step_bias. labels hold row numbers
    (-1: no label), pool the rows that may serve as negatives.
    """
    chosen, position, x, scores, gradient, step_gradient, bias_gradient, row = buffers
    n_steps = labels.shape[0]
    _, n_rows = choose_rows(labels, pool, n_negatives, key, chosen, position)
    for i in range(n_rows):
        t = chosen[i]
        drop_row(rows[t], key, units[t], threshold, x[i])
        _score(x[i], step_coef, step_bias, scores[i])
    loss = loss_gradient(
        scores, n_rows, position[:n_steps], over_steps, over_time, n_units, gradient
    )
    _step_gradient(x, gradient, n_rows, step_gradient[:n_steps])
    for k in range(n_steps):
        bias_gradient[k] = 0.0
        # Over time a bias cancels; Adam would blow up what rounding leaves of it.
        if over_steps:
            for i in range(n_rows):
                bias_gradient[k] += gradient[i, k]
    adam_step(
        composition, step_gradient, bias_gradient, weights, moments, clock, adam, row
    )
    return loss
