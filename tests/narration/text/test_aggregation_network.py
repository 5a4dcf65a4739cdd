"""The network of the learned aggregation beside its definition."""

import numpy as np
import pytest

from skcrosstask.narration.text._aggregation_network import (
    Batch,
    forward,
    initial_weights,
    loss_gradient,
)


@pytest.fixture
def small():
    """Weights and a batch of two articles, in float64."""
    rng = np.random.RandomState(0)
    weights = initial_weights(5, 6, 4, rng)
    weights = {
        name: w + 0.1 * rng.standard_normal(w.shape) for name, w in weights.items()
    }
    ends = np.cumsum([2, 1, 3, 2, 4, 2, 2])
    return weights, Batch(
        rng.standard_normal((8, 5)),
        rng.randint(8, size=ends[-1]),
        ends,
        np.array([0, 0, 1, 1, 0, 0, 2]),
        np.array([4, 7]),
    )


def slow_loss(weights, batch, margin, mask):
    """The definition, sentence by sentence."""
    rows, start = [], 0
    for end in batch.ends:
        words = batch.vectors[batch.words[start:end]]
        hidden = words @ weights["filters"] + weights["filter_bias"]
        row = (hidden.max(axis=0) * mask) @ weights["mixing"] + weights["mixing_bias"]
        rows.append(row / np.linalg.norm(row))
        start = end
    terms, start = [], 0
    for end in batch.article_ends:
        for i in range(start, end):
            same = [
                j
                for j in range(start, end)
                if batch.paragraphs[j] == batch.paragraphs[i]
            ]
            for j in same:
                for k in set(range(start, end)) - set(same):
                    if i != j:
                        terms.append(
                            max(0, margin - rows[i] @ rows[j] + rows[i] @ rows[k])
                        )
        start = end
    return sum(terms), len(terms)


@pytest.mark.parametrize("mask", [np.ones(6), np.array([2.0, 0, 2, 2, 0, 2])])
def test_loss_and_gradient(small, mask):
    weights, batch = small
    loss, n_terms, gradient = loss_gradient(weights, batch, 0.3, mask=mask)
    expected, n_expected = slow_loss(weights, batch, 0.3, mask)
    assert n_terms == n_expected
    assert loss == pytest.approx(expected)
    rng = np.random.RandomState(1)
    for name, w in weights.items():
        direction = rng.standard_normal(w.shape)
        ends = [
            slow_loss({**weights, name: w + step * direction}, batch, 0.3, mask)[0]
            for step in (1e-6, -1e-6)
        ]
        slope = (ends[0] - ends[1]) / 2e-6 / n_terms
        assert slope == pytest.approx((gradient[name] * direction).sum(), rel=1e-5)


def test_each_gradient_by_finite_differences(small):
    weights, batch = small
    gradient = loss_gradient(weights, batch, 0.3)[2]
    for name, w in weights.items():
        slopes = np.empty(w.shape)
        for place in np.ndindex(w.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = w.copy()
                moved[place] += step
                changed = {**weights, name: moved}
                loss, n, _ = loss_gradient(changed, batch, 0.3, gradient=False)
                ends.append(loss / n)
            slopes[place] = (ends[0] - ends[1]) / 2e-6
        np.testing.assert_allclose(gradient[name], slopes, atol=1e-8, err_msg=name)


def test_without_terms_there_is_no_gradient(small):
    weights, batch = small
    alone = batch._replace(paragraphs=np.arange(7))
    assert loss_gradient(weights, alone, 0.3) == (0.0, 0, {})


def test_rows_have_length_1_and_forget_the_order_of_words(small):
    weights, batch = small
    rows, _ = forward(weights, batch.vectors, batch.words, batch.ends)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1)
    parts = np.split(batch.words, batch.ends[:-1])
    turned = np.concatenate([part[::-1] for part in parts])
    again, _ = forward(weights, batch.vectors, turned, batch.ends)
    np.testing.assert_array_equal(rows, again)


def test_initial_weights_keep_the_scale():
    weights = initial_weights(400, 300, 200, np.random.RandomState(0))
    for name, n_in in (("filters", 400), ("mixing", 300)):
        assert weights[name].dtype == np.float32
        assert weights[name].std() == pytest.approx(n_in**-0.5, rel=0.02)
    assert not weights["filter_bias"].any()


def test_training_starts_from_the_extremes_of_each_dimension():
    rng = np.random.RandomState(0)
    vectors = rng.normal(size=(7, 3)).astype(np.float32)
    words, ends = np.array([0, 1, 2, 3, 4, 5, 6]), np.array([4, 7])
    rows, _ = forward(initial_weights(3, 6, 3, rng), vectors, words, ends)
    for row, part in zip(rows, (vectors[:4], vectors[4:]), strict=True):
        sums = part.max(axis=0) + part.min(axis=0)
        np.testing.assert_allclose(row, sums / np.linalg.norm(sums), rtol=1e-5)


@pytest.mark.parametrize(
    ("n_filters", "n_components"), [(2, 2), (5, 4), (9, 3), (9, 5)]
)
def test_any_number_of_filters_and_components(n_filters, n_components):
    weights = initial_weights(3, n_filters, n_components, np.random.RandomState(0))
    assert weights["filters"].shape == (3, n_filters)
    assert weights["mixing"].shape == (n_filters, n_components)
    assert weights["filters"].any(axis=0).all()
    assert weights["mixing"].any(axis=0).all()
