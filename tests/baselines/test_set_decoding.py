"""Lengths of actions, random sequences of them, and the best segmentation."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from scipy.stats import poisson

from skcrosstask.baselines._set_decoding import (
    draw_sequences,
    log_poisson,
    mean_lengths,
    segment_video,
)

# Lengths


@pytest.mark.parametrize(
    ("sets", "lengths", "expected"),
    [
        # 10 = a, 30 = a + b.
        ([[0], [0, 1]], [10, 30], [10, 20]),
        # Which of two is long cannot be told: each has half.
        ([[0, 1]], [30], [15, 15]),
        # a + b = 30, b + c = 40, a + c = 50.
        ([[0, 1], [1, 2], [2, 0]], [30, 40, 50], [20, 10, 30]),
        # b = -5 is refused: b = 3, and a is the mean of 12 and 12 - 8.
        ([[0], [0, 1]], [12, 7], [8, 3]),
        # Two equal videos weigh as two: a = (2 * 10 + 16) / 3.
        ([[0], [0], [0]], [10, 10, 16], [12]),
        # A class of no video.
        ([[1]], [20], [3, 20]),
    ],
)
def test_mean_lengths_by_hand(sets, lengths, expected):
    found = mean_lengths(sets, lengths, len(expected), 3.0)
    assert_allclose(found, expected, rtol=1e-5)


def test_mean_lengths_minimise_the_squared_error():
    rng = np.random.default_rng(0)
    for _ in range(5):
        sets = [rng.choice(6, rng.integers(1, 5), replace=False) for _ in range(30)]
        held = np.array([np.isin(np.arange(6), members) for members in sets])
        lengths = held @ rng.uniform(0, 40, 6) + rng.normal(0, 10, 30)

        def error(means, held=held, lengths=lengths):
            left = held @ means - lengths
            return (left**2).mean(), 2 * left @ held / len(left)

        found = mean_lengths(sets, lengths, 6, 5.0)
        best = minimize(error, np.full(6, 20.0), jac=True, bounds=[(5, None)] * 6)
        assert_allclose(error(found)[0], best.fun, rtol=1e-6)
        assert found.min() >= 5


def test_log_poisson():
    means = np.array([1.0, 4.5, 90.0])
    found = log_poisson(means, 200)
    assert_allclose(found, poisson.logpmf(np.arange(201), means[:, None]), atol=1e-9)


# Sequences


def test_sequences_fill_the_video_and_no_more():
    sets = [np.array([0, 2]), np.array([1, 4, 5]), np.array([3])]
    means, n_units = np.array([4.0, 7.0, 1.0, 12.5, 9.0, 40.0]), 40
    sequences, counts = draw_sequences(
        sets, np.array([1.0, 2.0, 1.0]), means, n_units, 3000, np.random.default_rng(1)
    )
    assert len(sequences) == len(counts) == 3000
    assert (counts >= 1).all()
    assert (counts <= n_units).all()
    for row, count in zip(sequences, counts, strict=True):
        total = means[row[:count]].cumsum()
        assert total[-1] >= n_units
        assert (total[:-1] < n_units).all()
        # A sequence stays within one set.
        assert any(np.isin(row[:count], members).all() for members in sets)
    # Of 3000 draws, shares have a standard deviation of 0.009 at most.
    first = np.bincount(sequences[:, 0]) / 3000
    assert_allclose(first, [1 / 8, 1 / 6, 1 / 8, 1 / 4, 1 / 6, 1 / 6], atol=0.03)


def test_exact_sums_take_no_further_action():
    # Ten times 1.1 is a little below 11 in floating point.
    assert np.full(10, 1.1).cumsum()[-1] < 11
    sets, weights, means = [np.array([0]), np.array([1])], np.eye(2)[0], [1.1, 1.0]
    _, counts = draw_sequences(
        sets, weights, np.array(means), 11, 2, np.random.default_rng(0)
    )
    assert_array_equal(counts, [10, 10])


# Segmentation


def every_segmentation(scores, means, sequences, counts):
    """Value, number of the sequence and bounds of all segmentations."""
    n_units = len(scores)
    for s, count in enumerate(counts):
        for inner in combinations(range(1, n_units), count - 1):
            bounds = np.array([0, *inner, n_units])
            value = sum(
                scores[a:b, c].sum() + poisson.logpmf(b - a, means[c])
                for c, a, b in zip(
                    sequences[s, :count], bounds[:-1], bounds[1:], strict=True
                )
            )
            yield value, s, bounds


def value_of(scores, means, actions, bounds):
    segments = zip(actions, bounds[:-1], bounds[1:], strict=True)
    return sum(
        scores[a:b, c].sum() + poisson.logpmf(b - a, means[c]) for c, a, b in segments
    )


def test_by_hand():
    # Scores favour three units of class 0; lengths of two and two outweigh them.
    scores = np.zeros((4, 2))
    scores[:3, 0] = scores[3:, 1] = 0.2
    args = np.array([[0, 1]]), np.array([2])
    actions, bounds = segment_video(scores, np.array([2.0, 2.0]), *args)
    assert_array_equal(actions, [0, 1])
    assert_array_equal(bounds, [0, 2, 4])
    _, bounds = segment_video(3 * scores, np.array([2.0, 2.0]), *args)
    assert_array_equal(bounds, [0, 3, 4])


@given(st.integers(1, 8), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_best_of_all_segmentations(n_units, n_classes, seed):
    rng = np.random.default_rng(seed)
    scores = rng.normal(0, 2, (n_units, n_classes))
    means = rng.uniform(1, 6, n_classes)
    counts = rng.integers(1, n_units + 1, 4)
    sequences = rng.integers(0, n_classes, (4, n_units))
    actions, bounds = segment_video(scores, means, sequences, counts)
    every = list(every_segmentation(scores, means, sequences, counts))
    best, s, expected = max(every, key=lambda one: one[0])
    assert value_of(scores, means, actions, bounds) == pytest.approx(best)
    ties = [e for e in every if e[0] > best - 1e-9]
    if len(ties) == 1:
        assert_array_equal(actions, sequences[s, : counts[s]])
        assert_array_equal(bounds, expected)


def slow_segmentation(scores, means, sequence):
    """The same by dynamic programming over all pairs of bounds."""
    n_units = len(scores)
    sums = np.vstack([np.zeros(scores.shape[1]), scores.cumsum(axis=0)])
    best = np.full(n_units + 1, -np.inf)
    best[0] = 0.0
    for c in sequence:
        after = np.full(n_units + 1, -np.inf)
        for stop in range(1, n_units + 1):
            starts = np.arange(stop)
            after[stop] = np.max(
                best[:stop]
                + sums[stop, c]
                - sums[:stop, c]
                + poisson.logpmf(stop - starts, means[c])
            )
        best = after
    return best[n_units]


def test_long_videos_against_all_pairs_of_bounds():
    rng = np.random.default_rng(2)
    for n_units, n_actions in [(150, 1), (127, 9), (128, 9), (90, 40), (60, 60)]:
        scores = rng.normal(0, 1, (n_units, 4))
        means = rng.uniform(1, 40, 4)
        sequences = rng.integers(0, 4, (3, n_actions))
        counts = np.full(3, n_actions)
        actions, bounds = segment_video(scores, means, sequences, counts)
        assert (np.diff(bounds) > 0).all()
        assert (bounds[0], bounds[-1]) == (0, n_units)
        values = [slow_segmentation(scores, means, row) for row in sequences]
        assert value_of(scores, means, actions, bounds) == pytest.approx(max(values))
        assert_array_equal(actions, sequences[np.argmax(values)])


def test_of_equals_the_first_sequence_and_the_latest_bound():
    scores, means = np.zeros((5, 2)), np.array([2.5, 2.5])
    actions, bounds = segment_video(
        scores, means, np.array([[1, 0], [0, 1]]), np.array([2, 2])
    )
    # Lengths of 2 and 3, or 3 and 2, are alike.
    assert_array_equal(actions, [1, 0])
    assert_array_equal(bounds, [0, 3, 5])
