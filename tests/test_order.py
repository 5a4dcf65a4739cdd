"""Partial orders: what is accepted, and what follows from pairs."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask._data._order import (
    check_order,
    follows,
    is_listed_order,
    restrict_order,
)

# Pairs that agree with some permutation of five steps.
orders = st.tuples(
    st.permutations(range(5)),
    st.sets(st.sampled_from(list(itertools.combinations(range(5), 2)))),
).map(lambda drawn: [(drawn[0][i], drawn[0][j]) for i, j in drawn[1]])


def extensions(before, n_steps):
    """All sequences of the steps that keep to the pairs."""
    for sequence in itertools.permutations(range(n_steps)):
        rank = np.argsort(sequence)
        if all(rank[i] < rank[j] for i, j in before):
            yield sequence


def test_pairs_are_sorted_and_unique():
    assert check_order(iter([[2, 1], (np.int64(0), 1), (2, 1)]), 3) == ((0, 1), (2, 1))
    assert check_order((), 1) == ()
    assert all(type(i) is int for i in check_order([(np.int8(0), 1)], 2)[0])


@pytest.mark.parametrize(
    ("before", "error", "message"),
    [
        (3, TypeError, "before must be pairs (i, j) of step numbers, got 3."),
        ("01", TypeError, "before must be pairs (i, j) of step numbers, got '0'."),
        ([(0, 1, 2)], TypeError, "before must be pairs (i, j) of step numbers, got"),
        ([(0, 1.0)], TypeError, "before must be pairs (i, j) of step numbers, got"),
        ([(0, 3)], ValueError, "before has the pair (0, 3), but steps run from 0 to 2"),
        ([(-1, 0)], ValueError, "before has the pair (-1, 0), but steps run from"),
        ([(1, 1)], ValueError, "before goes round in a circle: step 1 before 1."),
        ([(0, 1), (1, 0)], ValueError, "before goes round in a circle: step "),
    ],
)
def test_errors(before, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}"):
        check_order(before, 3)


def test_a_cycle_is_spelt_out():
    with pytest.raises(ValueError, match="circle") as caught:
        check_order([(0, 2), (2, 1), (1, 0)], 4)
    circle = list(map(int, re.findall(r"\d", str(caught.value))))
    assert set(itertools.pairwise(circle)) == {(0, 2), (2, 1), (1, 0)}


@given(orders)
def test_what_follows_holds_in_every_sequence(before):
    ranks = np.array([np.argsort(s) for s in extensions(before, 5)])
    expected = (ranks[:, :, None] < ranks[:, None, :]).all(axis=0)
    np.testing.assert_array_equal(follows(check_order(before, 5), 5), expected)
    listed = len(ranks) == 1 and list(ranks[0]) == list(range(5))
    assert is_listed_order(tuple(before), 5) == listed


@given(orders, st.sets(st.integers(0, 4)))
def test_restriction_keeps_the_sequences_of_what_remains(before, kept):
    kept = np.array(sorted(kept), dtype=int)
    left = restrict_order(tuple(before), kept, 5)
    expected = {tuple(s for s in full if s in kept) for full in extensions(before, 5)}
    found = {tuple(kept[list(s)]) for s in extensions(left, len(kept))}
    assert found == expected
    assert restrict_order(None, kept, 5) is None
