"""Posteriors of ordered segments, against all labellings listed one by one."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrosstask.alignment import align_steps, segment_posteriors

INF = np.inf


def list_labellings(n_units, n_steps):
    """Every labelling in which each step is one segment or none, in order."""
    for labels in itertools.product(range(-1, n_steps), repeat=n_units):
        runs = [k for k, _ in itertools.groupby(labels) if k >= 0]
        if runs == sorted(set(runs)):
            yield np.array(labels)


def brute_force(score, absent):
    """Running, first and present by summing over all labellings."""
    n_units, n_steps = score.shape
    running, first = np.zeros(score.shape), np.zeros(score.shape)
    present, total = np.zeros(n_steps), 0.0
    for labels in list_labellings(n_units, n_steps):
        shown = labels >= 0
        left_out = np.setdiff1d(np.arange(n_steps), labels[shown])
        log_weight = score[shown, labels[shown]].sum() + absent[left_out].sum()
        weight = np.exp(log_weight)
        total += weight
        running[shown, labels[shown]] += weight
        for k in set(labels[shown].tolist()):
            present[k] += weight
            first[np.argmax(labels == k), k] += weight
    if total == 0:
        return running, first, present, -INF
    return running / total, first / total, present / total, np.log(total)


@given(
    shape=st.tuples(st.integers(1, 5), st.integers(1, 3)),
    seed=st.integers(0, 10**6),
    may_skip=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_brute_force(shape, seed, may_skip):
    rng = np.random.default_rng(seed)
    score = rng.normal(scale=2.0, size=shape)
    score[rng.random(shape) < 0.1] = -INF
    absent = rng.normal(size=shape[1]) if may_skip else np.full(shape[1], -INF)
    running, first, present, log_sum = brute_force(score, absent)
    if log_sum == -INF:
        with pytest.raises(ValueError, match=r"step|ordered"):
            segment_posteriors(score, absent)
        return
    found = segment_posteriors(score, absent)
    np.testing.assert_allclose(found.running, running, atol=1e-12)
    np.testing.assert_allclose(found.first, first, atol=1e-12)
    np.testing.assert_allclose(found.present, present, atol=1e-12)
    assert found.log_sum == pytest.approx(log_sum)


def test_sums():
    rng = np.random.default_rng(0)
    found = segment_posteriors(rng.normal(scale=3, size=(400, 9)), absent=-2.0)
    assert (found.running.sum(axis=1) <= 1 + 1e-9).all()
    assert (found.present <= 1 + 1e-9).all()
    # A step that is there has at least one unit.
    assert (found.running.sum(axis=0) >= found.present - 1e-9).all()
    certain = segment_posteriors(rng.normal(size=(400, 9)))
    np.testing.assert_allclose(certain.present, 1, atol=1e-9)


def test_large_scores_gather_on_the_best_segments():
    rng = np.random.default_rng(1)
    score = rng.normal(size=(60, 5))
    best = align_steps(
        score.max() - score, occurrences="at_least_one", background_cost=score.max()
    )
    found = segment_posteriors(1e3 * score).running
    for k in range(5):
        np.testing.assert_array_equal(found[:, k] > 0.5, best == k)


@pytest.mark.parametrize("offset", [-1e4, 1e4])
def test_extreme_scores_stay_finite(offset):
    found = segment_posteriors(np.full((50, 3), offset), absent=-1.0)
    assert np.isfinite(found.running).all()
    assert (found.running <= 1).all()


@pytest.mark.parametrize(
    ("score", "absent", "message"),
    [
        (np.zeros(3), None, "shape"),
        (np.zeros((2, 3)), None, "3 steps need at least 3 time units"),
        (np.full((4, 2), np.nan), None, "nan"),
        (np.zeros((4, 2)), [0.0], "one per step"),
        (np.zeros((4, 2)), "often", "one per step"),
        (np.zeros((4, 2)), np.nan, "finite"),
        (np.zeros((4, 2)), INF, "finite"),
        (np.where(np.arange(2) == 1, -INF, np.zeros((4, 2))), None, "step 1"),
    ],
)
def test_bad_input(score, absent, message):
    with pytest.raises(ValueError, match=message):
        segment_posteriors(score, absent)
