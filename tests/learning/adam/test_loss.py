"""Loss and gradient of one video, against finite differences and whole matrices."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import DrivenModel

from skcrosstask.components import Composition
from skcrosstask.learning.adam._arrays import Loss
from skcrosstask.learning.adam._kernels import _step_gradient, loss_gradient

CONTRASTS = ("steps", "time", "both")


def loss_of(scores, position, contrast, n_units=10, n_rows=None):
    """Loss and gradient, in the precision of the scores."""
    gradient = np.full(scores.shape, np.nan, dtype=scores.dtype)
    n_rows = len(scores) if n_rows is None else n_rows
    loss = loss_gradient(
        scores,
        n_rows,
        np.asarray(position),
        Loss(contrast in ("steps", "both"), contrast in ("time", "both"), 0),
        n_units,
        gradient,
    )
    return loss, gradient


@pytest.mark.parametrize("contrast", CONTRASTS)
@pytest.mark.parametrize(
    "position",
    [[0, 1, 2], [0, -1, 1], [0, 0, 1], [-1, 0, 0], [2, 2, 2], [-1, -1, -1], [3, 1, 0]],
)
def test_finite_differences(contrast, position):
    scores = np.random.default_rng(0).normal(scale=2.0, size=(5, 3))
    _, gradient = loss_of(scores, position, contrast)
    h = 1e-5
    for cell in np.ndindex(scores.shape):
        step = np.zeros(scores.shape)
        step[cell] = h
        above, _ = loss_of(scores + step, position, contrast)
        below, _ = loss_of(scores - step, position, contrast)
        slope = (above - below) / (2 * h)
        assert gradient[cell] == pytest.approx(slope, rel=1e-6, abs=1e-9)


def test_by_hand():
    # Two steps at two rows; softmaxes of (0, log 3) are 1/4 and 3/4.
    scores = np.array([[0.0, math.log(3)], [0.0, 0.0]])
    loss, gradient = loss_of(scores, [0, 1], "steps", n_units=2)
    assert loss == pytest.approx((math.log(4) + math.log(2)) / 2)
    np.testing.assert_allclose(gradient, np.array([[-3, 3], [2, -2]]) / 8)
    loss, gradient = loss_of(scores, [0, 1], "time", n_units=2)
    assert loss == pytest.approx((math.log(2) + math.log(4)) / 2)
    np.testing.assert_allclose(gradient, np.array([[-2, 3], [2, -3]]) / 8)


@given(data=st.data(), contrast=st.sampled_from(CONTRASTS))
@settings(max_examples=100, deadline=None)
def test_whole_matrices(twin, data, contrast):
    n_rows, n_steps = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 6))
    seed = data.draw(st.integers(0, 10**6))
    scores = np.random.default_rng(seed).normal(scale=3.0, size=(n_rows, n_steps))
    position = data.draw(
        st.lists(st.integers(-1, n_rows - 1), min_size=n_steps, max_size=n_steps)
    )
    loss, gradient = loss_of(scores, position, contrast, n_units=n_rows)
    everyone = np.ones(n_rows, dtype=bool)
    expected, slope = twin.dense_loss(scores, position, everyone, contrast)
    assert loss == pytest.approx(expected, rel=1e-12, abs=1e-14)
    np.testing.assert_allclose(gradient, slope, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_both_is_the_sum(contrast):
    scores = np.random.default_rng(1).normal(size=(6, 4))
    parts = [loss_of(scores, [0, 2, -1, 3], c) for c in ("steps", "time")]
    loss, gradient = loss_of(scores, [0, 2, -1, 3], "both")
    assert loss == pytest.approx(parts[0][0] + parts[1][0])
    np.testing.assert_allclose(gradient, parts[0][1] + parts[1][1], atol=1e-16)


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_rows_beyond_are_not_read(contrast):
    scores = np.random.default_rng(2).normal(size=(6, 3))
    loss, gradient = loss_of(scores[:4].copy(), [0, 1, 2], contrast)
    scores[4:] = np.nan
    again = loss_of(scores, [0, 1, 2], contrast, n_rows=4)
    assert again[0] == loss
    np.testing.assert_array_equal(again[1][:4], gradient)


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_large_scores(contrast):
    # The largest score is taken out before exp, so that nothing overflows.
    scores = np.array([[0, 3e4, -3e4], [3e4, 0, 0]], dtype=np.float32)
    with np.errstate(under="ignore"):
        loss, gradient = loss_of(scores, [0, 1, -1], contrast)
    assert np.isfinite(loss)
    assert np.isfinite(gradient).all()
    assert loss >= 3e3


@pytest.mark.parametrize("n_rows", [1, 3, 4, 5, 8, 11])
@pytest.mark.parametrize("n_steps", [1, 4, 6, 9])
def test_gradient_of_steps(n_rows, n_steps):
    # Four rows and four steps at a time, and what is left over.
    rng = np.random.default_rng(n_rows)
    rows = rng.normal(size=(12, 20)).astype(np.float32)
    gradient = rng.normal(size=(12, n_steps)).astype(np.float32)
    out = np.full((n_steps, 16), np.nan, np.float32)
    _step_gradient(rows, n_rows, 3, 17, gradient, n_steps, out)
    expected = gradient[:n_rows].T @ rows[:n_rows, 3:17]
    np.testing.assert_allclose(out[:, :14], expected, rtol=1e-4, atol=1e-5)
    assert np.isnan(out[:, 14:]).all()


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_parameter_gradient(twin, contrast):
    # The first move of plain Adam with beta = 0 and a large eps is rate / eps * g.
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(8, 2_050)).astype(np.float32)  # Three blocks of 1024.
    start = rng.normal(scale=0.02, size=(4, 2_051)).astype(np.float32)
    components = [[0, 1], [1, 2], [0, 2, 3]]
    labels = np.array([5, 1, 5])
    options = {"contrast": contrast, "n_negatives": 3, "seed": 4, "dropout": 0.25}
    adam = {"learning_rate": 1e3, "betas": (0.0, 0.5), "eps": 1e3}
    model = DrivenModel(2_050, **options, **adam).grow(4)
    model.coef[...], model.intercept[...] = start[:, :-1], start[:, -1]
    steps = Composition.from_rows(components)
    loss = model.update(rows, np.arange(8), labels, steps)
    dense = twin.DenseModel(4, 2_050, **options, **adam)
    dense.theta[...] = start
    expected = dense.update(rows, labels, twin.sharing_matrix(components, 4))
    assert loss == pytest.approx(expected, rel=1e-5)
    moved = dense.theta - start
    found = np.column_stack([model.coef, model.intercept]) - start
    np.testing.assert_allclose(found, moved, rtol=1e-3, atol=2e-6)
    assert np.abs(moved).max() > 1e-3
