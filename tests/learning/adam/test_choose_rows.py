"""Rows of an F-step: the labelled ones first, then negatives from the pool."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from skcrosstask.learning.adam._dropout import choose_rows


def choose(labels, pool, n_negatives, key):
    """Chosen rows, how many of them are labelled, and each step's place in them."""
    labels, pool = np.array(labels), np.array(pool, dtype=np.int64)
    chosen = np.full(len(labels) + n_negatives, -9)
    position = np.full(len(labels), -9)
    given_pool = pool.copy()
    n_labelled, n_rows = choose_rows(
        labels, pool, n_negatives, key, np.empty_like(pool), chosen, position
    )
    np.testing.assert_array_equal(pool, given_pool)
    assert (chosen[n_rows:] == -9).all()
    return chosen[:n_rows].tolist(), n_labelled, position.tolist()


@given(
    labels=st.lists(st.integers(-1, 20), min_size=1, max_size=8),
    pool=st.lists(st.integers(0, 20), unique=True, max_size=21),
    n_negatives=st.integers(0, 25),
    key=st.integers(0, 2**62 - 1),
)
@settings(max_examples=200, deadline=None)
def test_choice(twin, labels, pool, n_negatives, key):
    rows, n_labelled, position = choose(labels, pool, n_negatives, key)
    assert len(set(rows)) == len(rows)
    labelled = list(dict.fromkeys(row for row in labels if row >= 0))
    assert rows[:n_labelled] == labelled
    for row, place in zip(labels, position, strict=True):
        assert place == (labelled.index(row) if row >= 0 else -1)
    # A negative that is labelled already is not taken twice, nor replaced.
    drawn = twin.draw_negatives(key, pool, n_negatives)
    assert rows[n_labelled:] == [row for row in drawn if row not in labelled]
    assert len(drawn) == min(n_negatives, len(pool))


def test_no_negatives():
    assert choose([4, -1, 2, 4], range(9), 0, 1) == ([4, 2], 2, [0, -1, 1, 0])
    assert choose([4, 2], [], 5, 1) == ([4, 2], 2, [0, 1])
    assert choose([-1, -1], [], 5, 1) == ([], 0, [-1, -1])


def test_the_whole_pool():
    rows, n_labelled, _ = choose([3], range(10), 99, 5)
    assert rows[:n_labelled] == [3]
    assert sorted(rows) == list(range(10))


@pytest.mark.parametrize(("n_pool", "n_negatives"), [(2, 1), (7, 1), (7, 3), (40, 6)])
def test_uniform(twin, n_pool, n_negatives):
    n_visits = 1500
    count = np.zeros((n_negatives, n_pool))
    for visit in range(n_visits):
        key = twin.visit_key(17, visit, 0)
        rows, _, _ = choose([-1], range(100, 100 + n_pool), n_negatives, key)
        count[np.arange(n_negatives), np.array(rows) - 100] += 1
    # Each draw in turn is uniform over the pool, and so is what is drawn in all;
    # beyond these bounds once in a million, were the numbers random.
    bound = chi2.isf(1e-6, n_pool - 1)
    expected = n_visits / n_pool
    statistic = ((count - expected) ** 2 / expected).sum(axis=1)
    assert (statistic < bound).all()
    total = count.sum(axis=0)
    spread = n_visits * n_negatives / n_pool * (1 - n_negatives / n_pool)
    assert (np.abs(total - total.mean()) < 5.5 * np.sqrt(spread)).all()


def test_pairs_are_uniform(twin):
    n_visits, count = 2000, np.zeros((5, 5))
    for visit in range(n_visits):
        rows, _, _ = choose([-1], range(5), 2, twin.visit_key(23, visit, 0))
        count[tuple(rows)] += 1
    assert not count.diagonal().any()
    off = count[~np.eye(5, dtype=bool)]
    assert ((off - n_visits / 20) ** 2 / (n_visits / 20)).sum() < chi2.isf(1e-6, 19)


def test_negatives_change_with_the_visit(twin):
    draws = {
        tuple(choose([0], range(1, 200), 8, twin.visit_key(0, visit, 0))[0])
        for visit in range(100)
    }
    assert len(draws) == 100
