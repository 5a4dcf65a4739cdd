"""align_steps against enumeration of all solutions, and its invariances."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skcrosstask.alignment import align_steps
from skcrosstask.alignment._align import best_ordered_segments

INF = np.inf


def segmentations(n_units, n_steps, longest, skipping, first=0, k=0):
    """All ordered lists of (start, stop) from step k on, None for a step left out."""
    if k == n_steps:
        yield ()
        return
    if skipping:
        for rest in segmentations(n_units, n_steps, longest, skipping, first, k + 1):
            yield (None, *rest)
    for start in range(first, n_units):
        for stop in range(start + 1, min(start + longest, n_units) + 1):
            for rest in segmentations(n_units, n_steps, longest, skipping, stop, k + 1):
                yield ((start, stop), *rest)


def enumerate_best(cost, allowed, occurrences, background_cost, skip_cost):
    """Best solution by the documented order of preference, or None."""
    n_units, n_steps = cost.shape
    longest = 1 if occurrences == "one" else n_units
    best_key, best = None, None
    for solution in segmentations(n_units, n_steps, longest, skip_cost is not None):
        cells = [
            (t, k) for k, step in enumerate(solution) if step for t in range(*step)
        ]
        total = sum(float(cost[cell]) for cell in cells)
        total += background_cost * (n_units - len(cells))
        n_outside = sum(not allowed[cell] for cell in cells)
        if total == INF or (n_outside and skip_cost is not None):
            continue
        n_skipped = solution.count(None)
        total += n_skipped * (skip_cost or 0.0)
        ends = [(-1, -1) if step is None else step[::-1] for step in solution[::-1]]
        key = (n_outside, total, n_skipped, ends)
        if best_key is None or key < best_key:
            best_key, best = key, solution
    if best is None:
        return None
    if occurrences == "one":
        return np.array([-1 if step is None else step[0] for step in best])
    labels = np.full(n_units, -1)
    for k, step in enumerate(best):
        if step:
            labels[slice(*step)] = k
    return labels


def random_case(rng):
    n_steps = int(rng.integers(1, 5))
    n_units = int(rng.integers(n_steps, 9 if n_steps < 4 else 8))
    # Few integers, so that many solutions tie, and sums are exact.
    cost = rng.integers(0, 4, (n_units, n_steps)).astype(float)
    if rng.random() < 0.5:
        cost[rng.random(cost.shape) < rng.choice([0.1, 0.4])] = INF
    allowed = np.ones(cost.shape, dtype=bool)
    if rng.random() < 0.6:
        allowed = rng.random(cost.shape) < rng.choice([0.2, 0.5, 0.8])
    return cost, allowed


@pytest.mark.parametrize("skip_cost", [None, 0.0, 1.0, 2.5])
@pytest.mark.parametrize("background_cost", [0.0, 1.0, 1.5])
@pytest.mark.parametrize("occurrences", ["one", "at_least_one"])
def test_enumeration(occurrences, background_cost, skip_cost):
    rng = np.random.default_rng(int(10 * background_cost) + len(occurrences))
    options = {
        "occurrences": occurrences,
        "background_cost": background_cost,
        "skip_cost": skip_cost,
    }
    for _ in range(150):
        cost, allowed = random_case(rng)
        windows = None if allowed.all() else allowed
        expected = enumerate_best(cost, allowed, **options)
        if expected is None:
            with pytest.raises(ValueError, match=r"finite cost|possible at no time"):
                align_steps(cost, windows, **options)
        else:
            found = align_steps(cost, windows, **options)
            np.testing.assert_array_equal(found, expected, err_msg=f"{cost} {allowed}")


def test_enumeration_most_cases():
    # The common call again: without ties, with integer ties, and with windows.
    rng = np.random.default_rng(0)
    for case in range(1500):
        cost, allowed = random_case(rng)
        if case % 3 == 0:
            cost = np.where(cost == INF, INF, rng.normal(size=cost.shape))
        expected = enumerate_best(cost, allowed, "one", 0.0, None)
        if expected is not None:
            np.testing.assert_array_equal(align_steps(cost, allowed), expected)


@pytest.mark.parametrize("skip_cost", [0.0, 0.75, 2.0])
@pytest.mark.parametrize("occurrences", ["one", "at_least_one"])
def test_shorter_than_steps(occurrences, skip_cost):
    rng = np.random.default_rng(3)
    for _ in range(100):
        cost = rng.integers(0, 5, (int(rng.integers(1, 3)), 4)) * 0.5
        expected = enumerate_best(cost, cost >= 0, occurrences, 0.25, skip_cost)
        found = align_steps(
            cost, occurrences=occurrences, background_cost=0.25, skip_cost=skip_cost
        )
        np.testing.assert_array_equal(found, expected)


def test_skipping_is_for_a_lower_cost_only():
    cost = np.array([[5.0], [3.0]])
    assert align_steps(cost, skip_cost=3.0).tolist() == [1]
    assert align_steps(cost, skip_cost=2.9).tolist() == [-1]
    # Taking unit 1 also saves its background.
    assert align_steps(cost, skip_cost=2.9, background_cost=0.2).tolist() == [1]


def test_skipping_keeps_windows_hard():
    cost = np.zeros((4, 2))
    windows = [[0, 2, 3], [1, 0, 2]]
    assert align_steps(cost, windows).tolist() == [0, 1]
    # Either could stay: from the last step on, the first choice is to leave out.
    assert align_steps(cost, windows, skip_cost=9.0).tolist() == [2, -1]
    cost[2, 0] = 1.0
    assert align_steps(cost, windows, skip_cost=9.0).tolist() == [-1, 0]


def test_forbidden_cells_stay_forbidden_where_windows_yield():
    cost = np.array([[0.0, INF], [INF, 0.0], [0.0, 0.0], [0.0, 0.0]])
    windows = [[0, 1, 2]]  # its only cell is forbidden
    assert align_steps(cost, windows).tolist() == [0, 1]
    assert align_steps(cost, windows, skip_cost=1.0).tolist() == [-1, 1]
    labels = align_steps(cost, windows, skip_cost=1.0, occurrences="at_least_one")
    assert labels.tolist() == [-1, 1, -1, -1]


def test_ties_earliest():
    assert align_steps(np.zeros((5, 3))).tolist() == [0, 1, 2]
    assert align_steps(np.zeros((5, 3)), [[1, 2, 4]]).tolist() == [0, 2, 3]
    labels = align_steps(np.zeros((5, 2)), occurrences="at_least_one")
    assert labels.tolist() == [0, 1, -1, -1, -1]
    # Background dearer than a step: the units in between all belong to a step, and
    # the earliest ends leave them to the later one.
    labels = align_steps(
        np.zeros((5, 2)), occurrences="at_least_one", background_cost=1.0
    )
    assert labels.tolist() == [0, 1, 1, 1, 1]


def test_as_many_units_as_steps():
    rng = np.random.default_rng(0)
    for n_steps in range(1, 6):
        cost = rng.normal(size=(n_steps, n_steps))
        for occurrences in ("one", "at_least_one"):
            found = align_steps(cost, occurrences=occurrences)
            np.testing.assert_array_equal(found, np.arange(n_steps))
        reverse = np.eye(n_steps, dtype=bool)[::-1]
        np.testing.assert_array_equal(align_steps(cost, reverse), np.arange(n_steps))


def test_window_rows_hold_the_units_they_touch():
    cost = np.zeros((6, 2))
    for start, end in itertools.product([-1.0, 0.0, 1.2, 2.0], [2.3, 3.0, 4.9, 99.0]):
        allowed = np.ones((6, 2), dtype=bool)
        allowed[:, 1] = [t + 1 > start and t < end for t in range(6)]
        cost[:, 1] = -np.arange(6)  # the latest allowed unit wins
        expected = np.flatnonzero(allowed[:, 1])[-1]
        assert align_steps(cost, [[1, start, end]])[1] == expected
        assert align_steps(cost, allowed)[1] == expected


def test_several_windows_of_a_step():
    cost = np.arange(8.0)[::-1, None] * np.ones(2)
    windows = [[0, 1, 2], [0, 4, 6], [1, 0, 3]]
    assert align_steps(cost, windows).tolist() == [1, 2]
    assert align_steps(cost, windows[:2]).tolist() == [5, 7]
    assert align_steps(cost, []).tolist() == [6, 7]
    assert align_steps(cost, np.empty((0, 3))).tolist() == [6, 7]


matrices = st.tuples(st.integers(1, 4), st.integers(0, 8)).flatmap(
    lambda size: arrays(
        np.float64,
        (size[0] + size[1], size[0]),
        elements=st.integers(-20, 20).map(float),
    )
)


def placed_cost(cost, times):
    return cost[times, np.arange(cost.shape[1])].sum()


@settings(max_examples=100)
@given(matrices, st.integers(-50, 50), st.integers(0, 3))
def test_shift_of_a_step_changes_nothing(cost, shift, step):
    moved = cost.copy()
    moved[:, step % cost.shape[1]] += shift
    np.testing.assert_array_equal(align_steps(moved), align_steps(cost))


@settings(max_examples=100)
@given(matrices, st.integers(0, 2**31))
def test_windows_never_lower_the_cost(cost, seed):
    allowed = np.random.default_rng(seed).random(cost.shape) < 0.5
    free, bound = align_steps(cost), align_steps(cost, allowed)
    for times in (free, bound):
        assert times.dtype == np.int64
        assert (np.diff(times) > 0).all()
        assert 0 <= times[0] <= times[-1] < len(cost)
    assert placed_cost(cost, bound) >= placed_cost(cost, free)
    n_outside = [(~allowed[t, range(cost.shape[1])]).sum() for t in (free, bound)]
    assert n_outside[1] <= n_outside[0]


@settings(max_examples=100)
@given(matrices, st.floats(0, 30))
def test_segments_are_ordered_and_whole(cost, background_cost):
    labels = align_steps(
        cost, occurrences="at_least_one", background_cost=background_cost
    )
    runs = [step for step, _ in itertools.groupby(labels) if step >= 0]
    assert runs == list(range(cost.shape[1]))


@settings(max_examples=100)
@given(matrices)
def test_dear_skipping_is_no_skipping(cost):
    for occurrences in ("one", "at_least_one"):
        np.testing.assert_array_equal(
            align_steps(cost, skip_cost=1e4, occurrences=occurrences),
            align_steps(cost, occurrences=occurrences),
        )


@given(
    n_steps=st.integers(1, 4),
    more=st.integers(0, 4),
    seed=st.integers(0, 10**6),
    digits=st.sampled_from([0, 5]),
)
@settings(max_examples=80, deadline=None)
def test_best_ordered_segments_by_enumeration(n_steps, more, seed, digits):
    score = np.random.default_rng(seed).normal(size=(n_steps + more, n_steps))
    score = score.round(digits)
    expected = enumerate_best(
        -score, np.ones(score.shape, bool), "at_least_one", 0.0, None
    )
    found = best_ordered_segments(score)
    labels = np.full(len(score), -1)
    for k, (first, stop) in enumerate(found):
        labels[first:stop] = k
    np.testing.assert_array_equal(labels, expected)
    assert (found[:, 0] < found[:, 1]).all()


def test_best_ordered_segments_by_hand():
    # The second step also takes the unit after its best; ties go to the shorter.
    score = np.array([[-1, -1], [2, -1], [0, 3], [-1, 1], [-1, 0.0]])
    assert best_ordered_segments(score).tolist() == [[1, 2], [2, 4]]
