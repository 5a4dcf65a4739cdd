import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skcrosstask.learning._unseen_words import _STRENGTHS, predict_unseen


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def ridge(x, y, weights, penalty, new):
    """Weighted ridge with a free intercept, by the normal equations."""
    x1 = np.column_stack([x, np.ones(len(x))])
    gram = x1.T @ (weights[:, None] * x1)
    gram += penalty * np.diag([1.0] * x.shape[1] + [0.0])
    slope = np.linalg.solve(gram, x1.T @ (weights[:, None] * y))
    return np.column_stack([new, np.ones(len(new))]) @ slope


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("noise", [0.1, 1.0])
def test_the_ridge_is_the_best_when_each_row_is_left_out(seed, noise):
    rng = np.random.default_rng(seed)
    known, new = rng.standard_normal((15, 5)), rng.standard_normal((3, 5))
    targets = known @ rng.standard_normal((5, 4))
    targets += noise * rng.standard_normal((15, 4))
    weights = rng.uniform(0.2, 1, 15)
    shares = weights / weights.sum()
    centre = known.mean(axis=0)
    x, x_new = unit(known - centre), unit(new - centre)
    spread = np.square(x - shares @ x).T @ shares
    errors = []
    for strength in _STRENGTHS:
        penalty, error = strength * spread.mean(), 0.0
        for i in range(15):
            rest = np.arange(15) != i
            guess = ridge(x[rest], targets[rest], shares[rest], penalty, x[[i]])
            error += shares[i] * np.square(targets[i] - guess).sum()
        errors.append(error)
    penalty = _STRENGTHS[np.argmin(errors)] * spread.mean()
    expected = ridge(x, targets, shares, penalty, x_new)
    assert_allclose(predict_unseen(known, targets, weights, new), expected)


def test_wide_vectors():
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.standard_normal((300, 3)))[0].T
    inner = unit(rng.standard_normal((40, 3)))
    targets = inner @ rng.standard_normal((3, 7))
    found = predict_unseen(
        inner[:30] @ basis, targets[:30], np.ones(30), inner[30:] @ basis
    )
    left = np.square(found - targets[30:]).sum() / np.square(targets[30:]).sum()
    assert left < 0.05


def test_vectors_that_tell_nothing_are_not_used():
    rng = np.random.default_rng(0)
    known, new = np.tile([1.0, 2.0], (9, 1)), np.array([[1.0, 0.0]])
    assert predict_unseen(known, rng.normal(size=(9, 3)), np.ones(9), new) is None
    # Where all are at right angles, the others say the mean.
    known = np.eye(9)
    assert predict_unseen(known, rng.normal(size=(9, 3)), np.ones(9), known) is None


def test_known_items_without_a_vector_or_weight_are_left_out():
    rng = np.random.default_rng(0)
    known, new = rng.standard_normal((12, 3)), rng.standard_normal((2, 3))
    targets, weights = known @ rng.standard_normal((3, 2)), np.ones(12)
    known[3], weights[5] = 0, 0
    rest = [i for i in range(12) if i not in (3, 5)]
    expected = predict_unseen(known[rest], targets[rest], np.ones(10), new)
    assert_array_equal(predict_unseen(known, targets, weights, new), expected)
    assert predict_unseen(known[:2], targets[:2], np.ones(2), new) is None
