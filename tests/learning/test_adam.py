"""Moves that untouched components make up for, against dense Adam."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrosstask.learning._adam import _missed_factor, aim, catch_up, path_tails

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


def as_arrays(dense, last):
    """What `catch_up` takes: float32 copies of weights and moments, and the clock."""
    single = [a.astype(np.float32) for a in (dense.theta, dense.m, dense.v)]
    coef, m, v = (np.ascontiguousarray(a[:, :-1]) for a in single)
    bias, m_0, v_0 = (np.ascontiguousarray(a[:, -1]) for a in single)
    clock = np.array([dense.n_updates]), np.full(len(coef), last)
    return (coef, bias), (m, v, m_0, v_0), clock


def make_up(columns, weights, moments, clock, tails, rule):
    """`catch_up`, with the directions that the moments decide."""
    directions = tuple(np.zeros_like(a) for a in weights)
    aim(np.arange(len(clock[1])), directions, moments, clock[1], rule)
    catch_up(columns, weights, directions, moments, clock, tails, rule)
    expected = tuple(np.zeros_like(a) for a in weights)
    aim(np.arange(len(clock[1])), expected, moments, clock[1], rule)
    for found, true in zip(directions, expected, strict=True):
        np.testing.assert_array_equal(found[columns], true[columns])


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
    weights, moments, clock = as_arrays(dense, n_before)
    before = dense.theta.copy()
    for _ in range(missed):
        dense.step(np.zeros_like(dense.theta))
    clock[0][0] = dense.n_updates
    make_up(np.arange(4), weights, moments, clock, path_tails(*RULE[1:3]), RULE)
    moved = dense.theta - before
    assert np.median(np.abs(moved)) > 2e-4  # There was something to make up for.
    for found, true, start, move in (
        (weights[0], dense.coef, before[:, :-1], moved[:, :-1]),
        (weights[1], dense.intercept, before[:, -1], moved[:, -1]),
    ):
        np.testing.assert_allclose(found - start, move, rtol=1e-4, atol=1e-8)
        np.testing.assert_allclose(found, true, rtol=2e-5, atol=1e-8)
    for found, true in zip(moments[:2], (dense.m, dense.v), strict=True):
        np.testing.assert_allclose(found, true[:, :-1], rtol=1e-5, atol=1e-25)
    for found, true in zip(moments[2:], (dense.m, dense.v), strict=True):
        np.testing.assert_allclose(found, true[:, -1], rtol=1e-5, atol=1e-25)
    np.testing.assert_array_equal(clock[1], dense.n_updates)


def test_tiny_gradients(twin):
    # eps is taken as it was at the start of the path, which its first moves decide.
    dense = state(twin, 1, scale=1e-5)
    weights, moments, clock = as_arrays(dense, 1)
    before = dense.coef.copy()
    for _ in range(2000):
        dense.step(np.zeros_like(dense.theta))
    clock[0][0] = dense.n_updates
    make_up(np.arange(4), weights, moments, clock, path_tails(*RULE[1:3]), RULE)
    moved = dense.coef - before
    np.testing.assert_allclose(weights[0] - before, moved, rtol=2e-2)
    assert np.linalg.norm(weights[0] - dense.coef) < 5e-3 * np.linalg.norm(moved)


def test_catch_up_in_parts(twin):
    # One column in one go, its twin in three: the same but for rounding.
    dense = state(twin, 5)
    weights, moments, clock = as_arrays(dense, 5)
    tails = path_tails(*RULE[1:3])
    for now in (7, 8, 40):
        clock[0][0] = now
        make_up(np.array([1, 3]), weights, moments, clock, tails, RULE)
    clock[0][0] = 40
    make_up(np.array([0, 2]), weights, moments, clock, tails, RULE)
    for _ in range(35):
        dense.step(np.zeros_like(dense.theta))
    np.testing.assert_allclose(weights[0], dense.coef, rtol=2e-5)
    np.testing.assert_allclose(weights[1], dense.intercept, rtol=2e-5)


def test_only_the_columns_asked_for(twin):
    weights, moments, clock = as_arrays(state(twin, 5), 5)
    clock[0][0] = 9
    kept = [a[[0, 3]].copy() for a in (*weights, *moments)]
    make_up(np.array([2, 1]), weights, moments, clock, path_tails(0.9, 0.999), RULE)
    for before, after in zip(kept, (*weights, *moments), strict=True):
        np.testing.assert_array_equal(before, after[[0, 3]])
    assert clock[1].tolist() == [5, 9, 9, 5]


def test_nothing_missed(twin):
    weights, moments, clock = as_arrays(state(twin, 5), 5)
    kept = [a.copy() for a in (*weights, *moments)]
    make_up(np.arange(4), weights, moments, clock, path_tails(0.9, 0.999), RULE)
    for before, after in zip(kept, (*weights, *moments), strict=True):
        np.testing.assert_array_equal(before, after)


def test_never_touched_stays():
    # Zero moments: without eps the move would be 0 / 0, also for one feature.
    coef, bias = np.ones((2, 3), np.float32), np.ones(2, np.float32)
    moments = tuple(np.zeros(s, np.float32) for s in ((2, 3), (2, 3), (2,), (2,)))
    clock = np.array([50]), np.array([0, 20])
    moments[0][1, 0] = moments[1][1, 0] = 0.5
    make_up(np.arange(2), (coef, bias), moments, clock, path_tails(0.9, 0.999), RULE)
    assert coef[1, 0] < 1.0
    assert (np.delete(coef.ravel(), 3) == 1.0).all()
    assert bias.tolist() == [1.0, 1.0]
    assert clock[1].tolist() == [50, 50]


def test_long_rest_leaves_no_denormals(twin):
    # 0.9**5000 is 0 in float32; what lies between would be slow to compute with.
    for missed in (700, 900, 5000):
        weights, moments, clock = as_arrays(state(twin, 5), 5)
        clock[0][0] = 5 + missed
        make_up(np.arange(4), weights, moments, clock, path_tails(0.9, 0.999), RULE)
        assert not moments[0].any()
        assert not moments[2].any()
