"""step_posteriors and sample_alignment against enumeration of all placements."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from skcrosstask.alignment import align_steps, sample_alignment, step_posteriors
from skcrosstask.alignment._posteriors import draw_placement, sum_placements

INF = np.inf


def placements(score, allowed):
    """Possible placements with the fewest units outside, and their scores."""
    n_units, n_steps = score.shape
    steps = np.arange(n_steps)
    found = []
    for times in itertools.combinations(range(n_units), n_steps):
        cells = np.array(times), steps
        if score[cells].sum() > -INF:
            found.append((int((~allowed[cells]).sum()), times, score[cells].sum()))
    fewest = min((n for n, _, _ in found), default=0)
    return [(times, total) for n, times, total in found if n == fewest]


def enumerate_posterior(score, allowed):
    found = placements(score, allowed)
    top = max(total for _, total in found)
    posterior = np.zeros(score.shape)
    for times, total in found:
        posterior[times, np.arange(score.shape[1])] += math.exp(total - top)
    return posterior / posterior.sum(axis=0)


def random_case(rng):
    n_steps = int(rng.integers(1, 5))
    n_units = int(rng.integers(n_steps, 9))
    score = rng.normal(scale=rng.choice([0.0, 1.0, 30.0]), size=(n_units, n_steps))
    if rng.random() < 0.4:
        score[rng.random(score.shape) < 0.3] = -INF
    share = rng.choice([0.1, 0.4, 0.8, 1.0])
    return score, rng.random(score.shape) < share


def test_enumeration():
    rng = np.random.default_rng(0)
    for _ in range(1000):
        score, allowed = random_case(rng)
        if not placements(score, allowed):
            with pytest.raises(ValueError, match=r"finite score|possible at no time"):
                step_posteriors(score, allowed)
            continue
        expected = enumerate_posterior(score, allowed)
        np.testing.assert_allclose(
            step_posteriors(score, allowed), expected, rtol=1e-9, atol=1e-12
        )


def test_temperature():
    score = np.random.default_rng(0).normal(size=(8, 3))
    warm = enumerate_posterior(score / 3.0, np.ones(score.shape, dtype=bool))
    np.testing.assert_allclose(step_posteriors(score, temperature=3.0), warm)
    cold = step_posteriors(score, temperature=1e-4)
    best = align_steps(-score)
    np.testing.assert_allclose(cold[best, np.arange(3)], 1.0)


def test_equal_scores_count_placements():
    # Step k of K at time t: C(t, k) C(T-1-t, K-1-k) of the C(T, K) placements.
    n_units, n_steps = 40, 6
    expected = [
        [
            math.comb(t, k) * math.comb(n_units - 1 - t, n_steps - 1 - k)
            for k in range(n_steps)
        ]
        for t in range(n_units)
    ]
    found = step_posteriors(np.full((n_units, n_steps), -7.0))
    np.testing.assert_allclose(
        found, np.array(expected) / math.comb(n_units, n_steps), rtol=1e-11
    )


def test_long_video_large_scores():
    rng = np.random.default_rng(0)
    score = rng.uniform(-1e4, 1e4, (100_000, 3)) + 1e6
    score[:50, 1] = -INF
    posterior = step_posteriors(score)
    np.testing.assert_allclose(posterior.sum(axis=0), 1.0, rtol=1e-12)
    assert posterior.min() >= 0.0
    # Far apart scores: the posterior is all but the best placement.
    sharp = step_posteriors(score, temperature=1e-3)
    np.testing.assert_array_equal(sharp.argmax(axis=0), align_steps(-score))


def test_long_video_equal_scores():
    n_units, n_steps = 100_000, 3
    posterior = step_posteriors(np.zeros((n_units, n_steps), dtype=np.float32))
    t = np.arange(n_units, dtype=float)
    first = (n_units - 1 - t) * (n_units - 2 - t) / 2.0 / math.comb(n_units, 3)
    np.testing.assert_allclose(posterior[:, 0], first, rtol=1e-7)
    np.testing.assert_allclose(posterior[::-1, 2], first, rtol=1e-7)


def test_as_many_units_as_steps():
    score = np.random.default_rng(0).normal(size=(30, 30))
    np.testing.assert_allclose(step_posteriors(score), np.eye(30), atol=1e-14)
    reverse = np.eye(30, dtype=bool)[::-1]
    np.testing.assert_allclose(step_posteriors(score, reverse), np.eye(30), atol=1e-14)


@settings(max_examples=100)
@given(st.integers(0, 2**31), st.integers(1, 5), st.integers(0, 20))
def test_columns_are_ordered_distributions(seed, n_steps, spare):
    rng = np.random.default_rng(seed)
    score = rng.normal(scale=5.0, size=(n_steps + spare, n_steps))
    posterior = step_posteriors(score, rng.random(score.shape) < 0.5)
    np.testing.assert_allclose(posterior.sum(axis=0), 1.0, rtol=1e-12)
    # An earlier step is over before a later one: stochastic order of the columns.
    reached = np.cumsum(posterior, axis=0)
    assert (reached[:, :-1] + 1e-9 >= reached[:, 1:]).all()
    shifted = step_posteriors(score + rng.normal(scale=50.0, size=n_steps))
    np.testing.assert_allclose(shifted, step_posteriors(score), atol=1e-9)


def chi_square(counts, expected):
    """Statistic, and a bound that one correct run in a million exceeds."""
    statistic = ((counts - expected) ** 2 / expected).sum()
    return statistic, chi2.ppf(1 - 1e-6, len(counts) - 1)


def test_sample_is_uniform_over_seeds():
    every = list(itertools.combinations(range(6), 3))
    counts = dict.fromkeys(every, 0)
    for seed in range(3000):
        counts[tuple(sample_alignment((6, 3), random_state=seed).tolist())] += 1
    statistic, bound = chi_square(np.array(list(counts.values())), 3000 / len(every))
    assert statistic < bound


@pytest.mark.parametrize("feasible", [True, False])
def test_sample_is_uniform_within_windows(feasible):
    rng = np.random.default_rng(5)
    windows = [[0, 1, 5], [2, 3, 6]] if feasible else [[0, 4, 7], [1, 0, 2], [2, 2, 6]]
    allowed = np.ones((8, 3), dtype=bool)
    for step, start, end in windows:
        allowed[:, step] = False
        allowed[start:end, step] = True
    every = [times for times, _ in placements(np.zeros((8, 3)), allowed)]
    counts = dict.fromkeys(every, 0)
    for _ in range(2000):
        drawn = sample_alignment((8, 3), windows, random_state=rng)
        counts[tuple(drawn.tolist())] += 1
    statistic, bound = chi_square(np.array(list(counts.values())), 2000 / len(every))
    assert statistic < bound


def test_draws_follow_the_scores():
    rng = np.random.default_rng(6)
    score = rng.normal(size=(6, 2))
    allowed = np.ones(score.shape, dtype=bool)
    table = sum_placements(score, ~allowed)
    every = placements(score, allowed)
    weights = np.exp([total for _, total in every])
    counts = {times: 0 for times, _ in every}
    for _ in range(4000):
        counts[tuple(draw_placement(*table, rng.random(2)).tolist())] += 1
    expected = 4000 * weights / weights.sum()
    statistic, bound = chi_square(np.array(list(counts.values())), expected)
    assert statistic < bound


@settings(max_examples=200)
@given(st.integers(0, 2**31), st.integers(1, 6), st.integers(0, 30))
def test_sample_is_a_best_fit_to_the_windows(seed, n_steps, spare):
    rng = np.random.default_rng(seed)
    shape = n_steps + spare, n_steps
    allowed = rng.random(shape) < 0.3
    times = sample_alignment(shape, allowed, random_state=seed)
    assert times.dtype == np.int64
    assert times.shape == (n_steps,)
    assert (np.diff(times) > 0).all()
    assert 0 <= times[0] <= times[-1] < shape[0]
    fewest = (~allowed)[align_steps(np.zeros(shape), allowed), range(n_steps)].sum()
    assert (~allowed)[times, range(n_steps)].sum() == fewest


@pytest.mark.parametrize("uniform", [0.0, np.nextafter(1.0, 0.0)])
def test_extreme_uniforms(uniform):
    zeros = np.zeros((9, 3))
    table = sum_placements(zeros, zeros > 0)
    times = draw_placement(*table, np.full(3, uniform))
    assert times.tolist() == ([6, 7, 8] if uniform == 0.0 else [0, 1, 2])


def test_long_sample():
    times = sample_alignment((2000, 700), random_state=0)
    assert (np.diff(times) > 0).all()
    np.testing.assert_array_equal(sample_alignment((50, 50)), np.arange(50))


def test_random_state():
    def draw(state):
        return sample_alignment((500, 8), random_state=state).tolist()

    assert draw(3) == draw(3)
    assert draw(3) != draw(4)
    assert draw(np.random.default_rng(3)) == draw(3)
    old = np.random.RandomState(3)
    assert draw(old) != draw(old)
    assert draw(np.random.RandomState(3)) == draw(np.random.RandomState(3))
    assert draw(None) != draw(None)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 3), "3 steps need at least 3 time units, got 2"),
        ((0, 0), r"shape must be positive, got \(T, K\) = \(0, 0\)"),
        ((5, -1), "shape must be positive"),
        ((5,), r"shape must be two integers \(T, K\), got \(5,\)"),
        ((5.5, 2), "shape must be two integers"),
        (5, "shape must be two integers"),
    ],
)
def test_bad_shape(shape, message):
    with pytest.raises(ValueError, match=message):
        sample_alignment(shape)


@pytest.mark.parametrize(
    ("score", "message"),
    [
        (np.zeros(3), r"score must have shape \(T, K\), got shape \(3,\)"),
        (np.zeros((0, 2)), "score is empty"),
        (np.array([[0, np.nan], [0, 0]]), "score is nan at time 0, step 1"),
        (np.array([[0, 0], [INF, 0]]), "score is inf at time 1, step 0; expected fin"),
        (np.zeros((2, 3)), "3 steps need at least 3 time units, got 2"),
        (np.array([[0, -INF], [0, -INF]]), "step 1 is possible at no time"),
        (np.array([[-INF, 0], [0, -INF]]), "no ordered placement has a finite score"),
    ],
)
def test_bad_score(score, message):
    with pytest.raises(ValueError, match=message):
        step_posteriors(score)


@pytest.mark.parametrize("temperature", [0.0, -1.0, np.nan, INF, "warm", None, [1.0]])
def test_bad_temperature(temperature):
    with pytest.raises(ValueError, match="temperature must be positive and finite"):
        step_posteriors(np.zeros((3, 2)), temperature=temperature)


@pytest.mark.parametrize(
    ("uniforms", "times"),
    [
        ([0, 0], [2, 3]),
        ([0, 0.999], [0, 1]),
        ([0.999, 0], [0, 3]),
        ([0.6, 0.6], [0, 2]),
    ],
)
def test_draws_by_hand(uniforms, times):
    # Two steps in four units: six placements. The second step is by unit 1 in one of
    # them, by unit 2 in three, by unit 3 in all; each number decides on its own step.
    table = sum_placements(np.zeros((4, 2)), np.zeros((4, 2), np.bool_))
    found = draw_placement(*table, np.array(uniforms, dtype=float))
    assert found.tolist() == times
