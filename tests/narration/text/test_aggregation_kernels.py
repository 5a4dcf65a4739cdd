"""Max-pooling and the margin loss beside plain NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.narration.text._aggregation_kernels import (
    margin_loss,
    max_pool,
    spread_back,
)


@pytest.fixture(params=[np.float32, np.float64])
def pooling(request):
    """Filters of seven words, four sentences of them, and what max_pool gives."""
    rng = np.random.RandomState(0)
    hidden = rng.standard_normal((7, 5)).astype(request.param)
    ends = np.array([1, 5, 7, 13])
    words = rng.randint(7, size=13)
    pooled, chosen = np.empty((4, 5), hidden.dtype), np.empty((4, 5), np.int64)
    max_pool(hidden, words, ends, pooled, chosen)
    return hidden, np.split(words, ends[:-1]), pooled, chosen


def test_max_pool(pooling):
    hidden, sentences, pooled, chosen = pooling
    expected = [hidden[words].max(axis=0) for words in sentences]
    np.testing.assert_array_equal(pooled, expected)
    np.testing.assert_array_equal(np.take_along_axis(hidden, chosen, axis=0), pooled)
    for row, words in zip(chosen, sentences, strict=True):
        assert set(row) <= set(words)


def test_the_first_of_equal_words_is_chosen():
    pooled, chosen = np.empty((1, 1)), np.empty((1, 1), np.int64)
    words = np.array([2, 0, 1])
    max_pool(np.array([[1.0], [1.0], [1.0]]), words, np.array([3]), pooled, chosen)
    assert chosen[0, 0] == 2


def test_spread_back(pooling):
    hidden, _, pooled, chosen = pooling
    gradient = np.random.RandomState(1).standard_normal(pooled.shape)
    out = np.ones(hidden.shape)
    spread_back(gradient, chosen, out)
    expected = np.ones(hidden.shape)
    np.add.at(expected, (chosen, np.arange(5)), gradient)
    np.testing.assert_allclose(out, expected)


def slow_margin_loss(similarity, paragraphs, margin):
    n = len(paragraphs)
    loss, n_terms, gradient = 0.0, 0, np.zeros((n, n))
    for i in range(n):
        mates = [j for j in range(n) if j != i and paragraphs[j] == paragraphs[i]]
        others = [k for k in range(n) if paragraphs[k] != paragraphs[i]]
        for j in mates:
            excess = margin - similarity[i, j] + similarity[i, others]
            loss += np.maximum(excess, 0).sum()
            n_terms += len(others)
            gradient[i, j] -= (excess > 0).sum()
            gradient[i, others] += excess > 0
    return loss, n_terms, gradient


def test_margin_loss_by_hand():
    similarity = np.array([[1, 0.5, 0.45], [0.5, 1, 0.2], [0.45, 0.2, 1]])
    gradient = np.full((3, 3), 9.0)
    loss, n_terms = margin_loss(similarity, np.array([0, 0, 1]), 0.1, gradient)
    # Sentence 0 is nearer to 1 than to 2 by 0.05; 1 is nearer to 0 by 0.3.
    assert loss == pytest.approx(0.05)
    assert n_terms == 2
    assert gradient.tolist() == [[0, -1, 1], [0, 0, 0], [0, 0, 0]]


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=9),
    st.floats(0, 1),
    st.integers(0, 99),
)
def test_margin_loss(paragraphs, margin, seed):
    n = len(paragraphs)
    similarity = np.random.RandomState(seed).uniform(-1, 1, (n, n))
    gradient = np.empty((n, n))
    loss, n_terms = margin_loss(similarity, np.array(paragraphs), margin, gradient)
    expected = slow_margin_loss(similarity, paragraphs, margin)
    assert loss == pytest.approx(expected[0])
    assert n_terms == expected[1]
    np.testing.assert_array_equal(gradient, expected[2])
    # What is asked of a sentence's mates is given to its others.
    np.testing.assert_array_equal(gradient.sum(axis=1), 0)
