"""Segments around known units, against the general alignment."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.alignment import align_steps
from skcrosstask.alignment._segments_around import segments_around

INF = np.inf


def total(gain, first, stop):
    placed = zip(first, stop, gain.T, strict=True)
    return sum(column[i:j].sum() for i, j, column in placed if i >= 0)


@given(
    n_units=st.integers(1, 12),
    n_steps=st.integers(1, 4),
    seed=st.integers(0, 10**6),
    left_out=st.sets(st.integers(0, 3)),
)
def test_no_alignment_with_these_units_gains_more(n_units, n_steps, seed, left_out):
    rng = np.random.default_rng(seed)
    gain = rng.normal(scale=2.0, size=(n_units, n_steps))
    there = [k for k in range(n_steps) if k not in left_out][:n_units]
    times = np.full(n_steps, -1)
    times[there] = np.sort(rng.choice(n_units, len(there), replace=False))
    first, stop = segments_around(gain, times)
    out = np.setdiff1d(np.arange(n_steps), there)
    assert (first[out] == -1).all()
    assert (stop[out] == -1).all()
    assert (first[there] <= times[there]).all()
    assert (times[there] < stop[there]).all()
    assert (stop[there][:-1] <= first[there][1:]).all()
    if not there:
        return
    # The units are its steps' own, where others are forbidden and it is rewarded.
    cost = -gain[:, there]
    for i, k in enumerate(there):
        cost[times[k], np.arange(len(there)) != i] = 1e6
        cost[times[k], i] -= 1e3
    labels = align_steps(cost, occurrences="at_least_one")
    shown = labels >= 0
    best = gain[shown, np.array(there)[labels[shown]]].sum()
    np.testing.assert_allclose(total(gain, first, stop), best, atol=1e-9)


def test_steps_in_any_order():
    gain = np.array([[-1.0, 2], [-1, 1], [3, -1], [1, -9]])
    first, stop = segments_around(gain, np.array([2, 0]))
    assert (first.tolist(), stop.tolist()) == ([2, 0], [4, 2])


def test_forbidden_units_and_ties_give_the_shortest():
    gain = np.array([[-INF, 0.0], [0, 0], [0, -INF], [0, 0]])
    first, stop = segments_around(gain, np.array([1, 3]))
    assert (first.tolist(), stop.tolist()) == ([1, 3], [2, 4])
