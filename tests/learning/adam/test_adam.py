"""Moves that untouched components make up for, against dense Adam."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrosstask.learning.adam._adam import _missed_factor, aim, catch_up, path_tails
from skcrosstask.learning.adam._arrays import ModelArrays

RULE = (1e-3, 0.9, 0.999, 1e-8)


def correction(t, beta_1, beta_2):
    return np.sqrt(1 - beta_2**t) / (1 - beta_1**t)


def path(last, missed, beta_1, beta_2):
    """The sum that stands in the design, term by term."""
    i = np.arange(1, missed + 1)
    ratio = beta_1 / np.sqrt(beta_2)
    return (ratio**i * correction(last + i, beta_1, beta_2)).sum()


def state(twin, n_steps, seed=0, scale=1e-2, shape=(4, 6), rule=RULE):
    """Parameters and moments after gradients that differ in size by component."""
    rng = np.random.default_rng(seed)
    rate, beta_1, beta_2, eps = rule
    options = {"learning_rate": rate, "betas": (beta_1, beta_2), "eps": eps}
    dense = twin.DenseModel(*shape, **options)
    sizes = scale * np.array([1.0, 10.0, 0.3, 100.0])[: shape[0], None]
    for _ in range(n_steps):
        # Away from 0, where eps would count.
        gradient = rng.uniform(0.3, 2.0, size=dense.theta.shape)
        dense.step(sizes * gradient * rng.choice([-1, 1, 1], dense.theta.shape))
    return dense


def as_model(dense, last, rule=RULE):
    """What `catch_up` takes: float32 copies of weights and moments, and the clock."""
    single = [a.astype(np.float32) for a in (dense.theta, dense.m, dense.v)]
    coef, m, v = (np.ascontiguousarray(a[:, :-1]) for a in single)
    bias, m_0, v_0 = (np.ascontiguousarray(a[:, -1]) for a in single)
    clock = np.array([dense.n_updates]), np.full(len(coef), last)
    return assemble((coef, bias), (m, v, m_0, v_0), clock, rule)


def assemble(weights, moments, clock, rule=RULE):
    directions = tuple(np.zeros_like(a) for a in weights)
    tails = path_tails(*rule[1:3])
    return ModelArrays(*weights, *directions, *moments, *clock, tails, *rule)


def make_up(columns, model):
    """`catch_up`, with the directions that the moments decide."""
    aim(np.arange(len(model.last)), model)
    catch_up(columns, model)
    expected = model._replace(
        coef_direction=np.zeros_like(model.coef),
        intercept_direction=np.zeros_like(model.intercept),
    )
    aim(np.arange(len(model.last)), expected)
    for name in ("coef_direction", "intercept_direction"):
        found, true = getattr(model, name), getattr(expected, name)
        np.testing.assert_array_equal(found[columns], true[columns])


def arrays_of(model):
    """Weights and moments."""
    return [
        getattr(model, owner + part)
        for owner in ("coef", "intercept")
        for part in ("", "_mean", "_square")
    ]


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.9)])
def test_path_tails(betas):
    tails = path_tails(*betas)
    # The terms shrink by ratio**i: 2000 of them are the endless sum.
    for last in (0, 1, 2, 10, 500, 5000, len(tails) - 1):
        assert tails[last] == pytest.approx(path(last, 2000, *betas), rel=1e-12)


def test_path_tails_short():
    # From its end on, the table takes the bias correction for 1.
    tails = path_tails(0.9, 0.999, 3)
    ratio = 0.9 / np.sqrt(0.999)
    assert tails[3] == pytest.approx(ratio / (1 - ratio), rel=1e-15)
    terms = [ratio**i * correction(i, 0.9, 0.999) for i in (1, 2, 3)]
    assert tails[0] == pytest.approx(sum(terms) + ratio**3 * tails[3], rel=1e-14)


@given(
    last=st.integers(1, 60_000),
    missed=st.integers(1, 3_000),
    beta_1=st.sampled_from([0.0, 0.5, 0.9, 0.95]),
    beta_2=st.sampled_from([0.95, 0.99, 0.999]),
)
@settings(max_examples=60, deadline=None)
def test_missed_factor(last, missed, beta_1, beta_2):
    # Also where the table has ended.
    found = _missed_factor(
        last, missed, path_tails(beta_1, beta_2), beta_1 / np.sqrt(beta_2)
    )
    expected = path(last, missed, beta_1, beta_2)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("n_before", [1, 3, 40])
@pytest.mark.parametrize("missed", [1, 2, 10, 500, 5000])
def test_catch_up(twin, n_before, missed):
    dense = state(twin, n_before)
    model = as_model(dense, n_before)
    before = dense.theta.copy()
    for _ in range(missed):
        dense.step(np.zeros_like(dense.theta))
    model.n_updates[0] = dense.n_updates
    make_up(np.arange(4), model)
    moved = dense.theta - before
    assert np.median(np.abs(moved)) > 2e-4  # There was something to make up for.
    for found, true, start, move in (
        (model.coef, dense.coef, before[:, :-1], moved[:, :-1]),
        (model.intercept, dense.intercept, before[:, -1], moved[:, -1]),
    ):
        np.testing.assert_allclose(found - start, move, rtol=1e-4, atol=1e-8)
        np.testing.assert_allclose(found, true, rtol=2e-5, atol=1e-8)
    for name, true in (("mean", dense.m), ("square", dense.v)):
        found = getattr(model, f"coef_{name}"), getattr(model, f"intercept_{name}")
        np.testing.assert_allclose(found[0], true[:, :-1], rtol=1e-5, atol=1e-25)
        np.testing.assert_allclose(found[1], true[:, -1], rtol=1e-5, atol=1e-25)
    np.testing.assert_array_equal(model.last, dense.n_updates)


def test_tiny_gradients(twin):
    # eps is taken as it was at the start of the path, which its first moves decide.
    dense = state(twin, 1, scale=1e-5)
    model = as_model(dense, 1)
    before = dense.coef.copy()
    for _ in range(2000):
        dense.step(np.zeros_like(dense.theta))
    model.n_updates[0] = dense.n_updates
    make_up(np.arange(4), model)
    moved = dense.coef - before
    np.testing.assert_allclose(model.coef - before, moved, rtol=2e-2)
    assert np.linalg.norm(model.coef - dense.coef) < 5e-3 * np.linalg.norm(moved)


def test_catch_up_in_parts(twin):
    # One column in one go, its twin in three: the same but for rounding.
    dense = state(twin, 5)
    model = as_model(dense, 5)
    for now in (7, 8, 40):
        model.n_updates[0] = now
        make_up(np.array([1, 3]), model)
    model.n_updates[0] = 40
    make_up(np.array([0, 2]), model)
    for _ in range(35):
        dense.step(np.zeros_like(dense.theta))
    np.testing.assert_allclose(model.coef, dense.coef, rtol=2e-5)
    np.testing.assert_allclose(model.intercept, dense.intercept, rtol=2e-5)


def test_only_the_columns_asked_for(twin):
    model = as_model(state(twin, 5), 5)
    model.n_updates[0] = 9
    kept = [a[[0, 3]].copy() for a in arrays_of(model)]
    make_up(np.array([2, 1]), model)
    for before, after in zip(kept, arrays_of(model), strict=True):
        np.testing.assert_array_equal(before, after[[0, 3]])
    assert model.last.tolist() == [5, 9, 9, 5]


def test_nothing_missed(twin):
    model = as_model(state(twin, 5), 5)
    kept = [a.copy() for a in arrays_of(model)]
    make_up(np.arange(4), model)
    for before, after in zip(kept, arrays_of(model), strict=True):
        np.testing.assert_array_equal(before, after)


def test_never_touched_stays():
    # Zero moments: without eps the move would be 0 / 0, also for one feature.
    coef, bias = np.ones((2, 3), np.float32), np.ones(2, np.float32)
    moments = tuple(np.zeros(s, np.float32) for s in ((2, 3), (2, 3), (2,), (2,)))
    moments[0][1, 0] = moments[1][1, 0] = 0.5
    clock = np.array([50]), np.array([0, 20])
    model = assemble((coef, bias), moments, clock)
    make_up(np.arange(2), model)
    assert coef[1, 0] < 1.0
    assert (np.delete(coef.ravel(), 3) == 1.0).all()
    assert bias.tolist() == [1.0, 1.0]
    assert model.last.tolist() == [50, 50]


def test_long_rest_leaves_no_denormals(twin):
    # 0.9**5000 is 0 in float32; what lies between would be slow to compute with.
    for missed in (700, 900, 5000):
        model = as_model(state(twin, 5), 5)
        model.n_updates[0] = 5 + missed
        make_up(np.arange(4), model)
        assert not model.coef_mean.any()
        assert not model.intercept_mean.any()
