"""Component vectors in closed form: by hand, against least squares, and sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, vstack

from skcrosstask.components import Composition
from skcrosstask.learning.segments._closed_form import (
    StepSums,
    StepTable,
    solve_components,
    step_means,
    step_scores,
)


def random_rows(seed, n_steps=5, n_components=4, n_rows=30, n_directions=3):
    """Rows z with the step of each, and A."""
    rng = np.random.default_rng(seed)
    matrix = rng.random((n_steps, n_components))
    matrix /= matrix.sum(axis=1, keepdims=True)
    steps = rng.integers(0, n_steps, n_rows)
    return matrix, steps, rng.normal(size=(n_rows, n_directions))


def sums_of(matrix, steps, rows):
    counts = np.bincount(steps, minlength=len(matrix)).astype(float)
    sums = np.zeros((len(matrix), rows.shape[1]))
    np.add.at(sums, steps, rows)
    return StepSums(csr_array(matrix), counts, sums)


def test_by_hand():
    # "pour milk" has two rows at (2, 0) and "pour" two at (0, 2). With one row at 0
    # added to each component, for A = [[1/2, 1/2], [1, 0]]:
    # [[7/2, 1/2], [1/2, 3/2]] W = [[2, 4], [2, 0]].
    matrix = np.array([[0.5, 0.5], [1.0, 0.0]])
    rows = StepSums(
        csr_array(matrix), np.array([2.0, 2.0]), np.array([[4.0, 0.0], [0.0, 4.0]])
    )
    expected = np.array([[2.0, 6.0], [6.0, -2.0]]) / 5
    np.testing.assert_allclose(solve_components(rows, ridge=1.0), expected)


@given(seed=st.integers(0, 10**6), ridge=st.floats(0.1, 50))
@settings(max_examples=40, deadline=None)
def test_ridge_regression_of_single_rows(seed, ridge):
    matrix, steps, rows = random_rows(seed)
    found = solve_components(sums_of(matrix, steps, rows), ridge)
    # Rows at 0 added to each component, as least squares sees them.
    design = np.vstack([matrix[steps], np.sqrt(ridge) * np.eye(matrix.shape[1])])
    target = np.vstack([rows, np.zeros((matrix.shape[1], rows.shape[1]))])
    expected = np.linalg.lstsq(design, target, rcond=None)[0]
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_sums_add():
    matrix, steps, rows = random_rows(0)
    whole = solve_components(sums_of(matrix, steps, rows), 2.0)
    parts = [sums_of(matrix, steps[i::3], rows[i::3]) for i in range(3)]
    np.testing.assert_allclose(
        solve_components(parts[0] + parts[1] + parts[2], 2.0), whole
    )


def test_sums_of_equal_steps_do_not_grow():
    matrix, steps, rows = random_rows(0)
    once = sums_of(matrix, steps, rows)
    other = sums_of(np.array([[1.0, 0, 0, 0], matrix[2]]), steps % 2, rows)
    total = once + once + other
    assert total.matrix.toarray().tolist() == [*matrix.tolist(), [1.0, 0, 0, 0]]
    expected = 2 * np.append(once.counts, 0)
    expected[[5, 2]] += other.counts
    np.testing.assert_allclose(total.counts, expected)
    assert total.sums.shape == (6, 3)
    counts, sums = (
        np.concatenate([getattr(part, name) for part in (once, once, other)])
        for name in ("counts", "sums")
    )
    stacked = vstack([once.matrix, once.matrix, other.matrix], format="csr")
    np.testing.assert_allclose(
        solve_components(total, 2.0),
        solve_components(StepSums(stacked, counts, sums), 2.0),
    )


def test_more_components_change_nothing():
    sums = sums_of(*random_rows(1))
    wide = solve_components(sums.widened(7), 2.0)
    np.testing.assert_allclose(wide[:4], solve_components(sums, 2.0))
    assert not wide[4:].any()


def test_widened_by_hand():
    sums = StepSums(csr_array(np.eye(2)), np.ones(2), np.ones((2, 3))).widened(4)
    assert sums.matrix.toarray().tolist() == [[1, 0, 0, 0], [0, 1, 0, 0]]
    assert sums.widened(4).matrix.shape == (2, 4)


def test_shares_by_hand():
    # Four rows of half and half, two of the first alone: 4 and 2 rows of components.
    matrix = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
    sums = StepSums(csr_array(matrix), np.array([4.0, 2.0]), np.zeros((2, 1)))
    np.testing.assert_allclose(sums.shares(2.0), [4 / 6, 2 / 4, 0.0])


def test_scores_are_log_odds():
    # Of Gaussians of unit variance, one about q and one about 0.
    rng = np.random.default_rng(0)
    rows, means = rng.normal(size=(6, 3)), rng.normal(size=(2, 3))
    expected = [
        [np.sum(z**2) / 2 - np.sum((z - q) ** 2) / 2 for q in means] for z in rows
    ]
    np.testing.assert_allclose(step_scores(rows, means), expected)


def test_equal_steps_are_one():
    first = Composition.from_rows([[0, 1], [2]])
    second = Composition.from_rows([[2], [0], [0, 1]])
    table = StepTable([first, second, first], n_components=4)
    assert table.matrix.shape == (3, 4)
    assert [ids.tolist() for ids in table.ids] == [[0, 1], [1, 2, 0], [0, 1]]
    np.testing.assert_allclose(table.matrix.toarray()[0], [0.5, 0.5, 0, 0])


@pytest.mark.parametrize("n_rows", [1, 30])
def test_without_rows_of_a_step(n_rows):
    matrix, steps, rows = random_rows(2, n_rows=n_rows)
    assert np.isfinite(solve_components(sums_of(matrix, steps, rows), 1.0)).all()


def test_a_component_without_rows_needs_no_ridge():
    rows = StepSums(csr_array(np.eye(2)), np.array([2.0, 0.0]), np.array([[6.0], [0]]))
    assert solve_components(rows, 0.0).tolist() == [[3.0], [0.0]]


def test_means_of_some_steps():
    matrix, _, _ = random_rows(3)
    coef = np.random.default_rng(3).normal(size=(4, 3))
    found = step_means(csr_array(matrix), np.array([4, 1]), coef)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, (matrix @ coef)[[4, 1]], rtol=1e-5, atol=1e-6)
