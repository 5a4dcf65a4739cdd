"""What align_steps and its relatives accept and refuse; long videos."""

import numpy as np
import pytest

from skcrosstask.alignment import align_steps, sample_alignment, step_posteriors
from skcrosstask.alignment._align import place_steps
from skcrosstask.alignment._kernels import WIDE

INF = np.inf


def placed_twin(cost):
    """Least cost with one unit a step, a step at a time over all times."""
    total = np.zeros(len(cost))
    before = 0.0
    for column in cost.T:
        total = np.minimum.accumulate(np.concatenate([[before], total[:-1]]) + column)
        before = INF
    return total[-1]


def segments_twin(cost, background_cost, skip_cost):
    """Least cost of segments from prefix sums, a step at a time."""
    n_units = len(cost)
    ended = np.zeros(n_units + 1)
    for column in (cost - background_cost).T:
        prefix = np.concatenate([[0.0], np.cumsum(column)])
        start = np.minimum.accumulate(ended[:-1] - prefix[:-1])
        running = np.concatenate([[INF], prefix[1:] + start])
        ended = np.minimum.accumulate(np.minimum(running, ended + skip_cost))
    return ended[-1] + background_cost * n_units


def test_long_video_units():
    rng = np.random.default_rng(0)
    cost = rng.integers(-1000, 1000, (20_000, 15)).astype(np.float32)
    times = align_steps(cost)
    assert (np.diff(times) > 0).all()
    assert cost[times, np.arange(15)].sum() == placed_twin(cost.astype(float))


@pytest.mark.parametrize("skip_cost", [None, 40.0])
def test_long_video_segments(skip_cost):
    rng = np.random.default_rng(1)
    cost = rng.integers(0, 100, (5_000, 12)).astype(float)
    labels = align_steps(
        cost, occurrences="at_least_one", background_cost=30.0, skip_cost=skip_cost
    )
    on = labels >= 0
    n_skipped = 12 - np.unique(labels[on]).size
    total = cost[on, labels[on]].sum() + 30.0 * (~on).sum()
    total += n_skipped * (skip_cost or 0.0)
    expected = segments_twin(cost, 30.0, INF if skip_cost is None else skip_cost)
    assert total == expected


def test_many_steps():
    # More steps than any word of bits has.
    rng = np.random.default_rng(2)
    cost = rng.integers(0, 50, (400, 150)).astype(float)
    times = align_steps(cost)
    assert cost[times, np.arange(150)].sum() == placed_twin(cost)
    sharp = step_posteriors(-cost, temperature=1e-3)
    assert (sharp * cost).sum() == pytest.approx(placed_twin(cost), abs=1e-3)


def placed_times(cost):
    """Earliest cheapest placement, a unit at a time, from the recursion as it stands.

    best[t, k] = min(best[t-1, k], best[t-1, k-1] + cost[t, k])
    """
    n_units, n_steps = cost.shape
    best = np.full((n_units + 1, n_steps + 1), INF)
    best[:, 0] = 0.0
    for t in range(n_units):
        best[t + 1, 1:] = np.minimum(best[t, 1:], best[t, :-1] + cost[t])
    times, t = [], n_units
    for k in range(n_steps, 0, -1):
        t = int(np.flatnonzero(best[: t + 1, k] == best[t, k])[0]) - 1
        times.append(t)
    return times[::-1]


@pytest.mark.parametrize("n_more", [0, 1, 2, 33])
@pytest.mark.parametrize(
    "n_steps", [1, 2, 3, 8, WIDE - 1, WIDE, WIDE + 1, 2 * WIDE + 5]
)
def test_narrow_and_wide(n_steps, n_more):
    rng = np.random.default_rng(n_steps)
    shape = (n_steps + n_more, n_steps)
    for cost in (rng.random(shape), rng.integers(0, 3, shape).astype(np.float32)):
        assert align_steps(cost).tolist() == placed_times(cost)
        cost[rng.random(shape) < 0.1] = INF
        np.fill_diagonal(cost, 1.0)
        assert align_steps(cost).tolist() == placed_times(cost)
        for t, k in rng.integers(0, shape, (5, 2)):
            for value in (np.nan, -INF):
                bad = cost.copy()
                bad[t, k] = value
                with pytest.raises(ValueError, match=f"at time {t}, step {k};"):
                    align_steps(bad)


def test_no_cell_escapes_the_check():
    windows = [[1, 3, 4]]
    for value in (np.nan, -INF):
        for options in ({}, {"skip_cost": 1.0}, {"occurrences": "at_least_one"}):
            with pytest.raises(ValueError, match=r"at time 3, step 1;"):
                align_steps(spoilt(value), windows, **options)
            with pytest.raises(ValueError, match=r"at time 3, step 1;"):
                align_steps(spoilt(value), [[1, 0, 2]], **options)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", "i4", "u1", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_dtypes_and_orders(dtype, order):
    rng = np.random.default_rng(0)
    cost = np.asarray(rng.integers(0, 9, (30, 5)), dtype=dtype, order=order)
    reference = cost.astype(float)
    for options in ({}, {"occurrences": "at_least_one", "background_cost": 3.5}):
        found = align_steps(cost, [[0, 3, 9]], **options)
        expected = align_steps(reference, [[0, 3, 9]], **options)
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(step_posteriors(cost), step_posteriors(reference))


def test_lists_and_strides():
    cost = np.random.default_rng(0).random((20, 6))
    half = cost[::2, 1::2]
    np.testing.assert_array_equal(align_steps(half), align_steps(half.tolist()))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_read_only_and_mapped(tmp_path, dtype):
    cost = np.random.default_rng(0).random((50, 4)).astype(dtype)
    allowed = np.random.default_rng(1).random((50, 4)) < 0.5
    expected = align_steps(cost), align_steps(cost, allowed), step_posteriors(cost)
    np.save(tmp_path / "cost.npy", cost)
    np.save(tmp_path / "allowed.npy", allowed)
    mapped = np.load(tmp_path / "cost.npy", mmap_mode="r")
    mapped_allowed = np.load(tmp_path / "allowed.npy", mmap_mode="r")
    cost.flags.writeable = False
    for values in (cost, mapped):
        np.testing.assert_array_equal(align_steps(values), expected[0])
        np.testing.assert_array_equal(align_steps(values, mapped_allowed), expected[1])
        np.testing.assert_array_equal(step_posteriors(values), expected[2])
        np.testing.assert_array_equal(
            align_steps(values, occurrences="at_least_one"),
            align_steps(values.copy(), occurrences="at_least_one"),
        )


def test_input_is_left_alone():
    cost = np.random.default_rng(0).random((9, 3))
    windows = np.array([[0, 8, 9], [2, 0, 1.0]])
    copies = cost.copy(), windows.copy()
    align_steps(cost, windows, background_cost=1.0, skip_cost=1.0)
    align_steps(cost, windows, occurrences="at_least_one")
    step_posteriors(cost, windows)
    np.testing.assert_array_equal(cost, copies[0])
    np.testing.assert_array_equal(windows, copies[1])


def test_float32_sums_are_float64():
    # In float32, 2**24 + 1 is 2**24, and step 1 would seem free everywhere.
    cost = np.full((4, 2), 2.0**24, dtype=np.float32)
    cost[:, 1] = [1, 1, 1, 0]
    assert align_steps(cost).tolist() == [0, 3]
    found = align_steps(cost, skip_cost=2.0**25, background_cost=0.25)
    assert found.tolist() == [0, 3]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_place_steps(dtype):
    rng = np.random.default_rng(4)
    for share in (0.1, 0.5, 1.0):
        cost = rng.normal(size=(12, 4)).astype(dtype)
        allowed = rng.random(cost.shape) < share
        times, feasible = place_steps(cost, ~allowed)
        assert feasible is True
        np.testing.assert_array_equal(times, align_steps(cost, allowed))
    cost[:, 2] = INF
    assert place_steps(cost)[1] is False
    assert place_steps(cost, ~allowed)[1] is False


GOOD = np.zeros((5, 3))


def spoilt(value):
    cost = GOOD.copy()
    cost[3, 1] = value
    return cost


@pytest.mark.parametrize(
    ("cost", "message"),
    [
        (np.zeros(5), r"cost must have shape \(T, K\), got shape \(5,\)"),
        (np.zeros((5, 3, 1)), r"got shape \(5, 3, 1\)"),
        (np.zeros((0, 3)), r"cost is empty, shape \(0, 3\)"),
        (np.zeros((5, 0)), r"cost is empty, shape \(5, 0\)"),
        (GOOD.astype(complex), "cost must be real numbers, got dtype complex128"),
        ([["a", "b"]], "cost must be real numbers, got dtype"),
        (spoilt(np.nan), "cost is nan at time 3, step 1; expected finite"),
        (spoilt(-INF), "cost is -inf at time 3, step 1; expected finite"),
        (np.zeros((2, 3)), "3 steps need at least 3 time units, got 2; a skip_cost"),
        (
            GOOD + np.array([0, 0, INF]),
            "step 2 is possible at no time: its column of cost",
        ),
        (np.where(np.eye(3)[::-1] > 0, 0, INF), "no ordered placement has a finite"),
    ],
)
@pytest.mark.parametrize("occurrences", ["one", "at_least_one"])
def test_bad_cost(cost, message, occurrences):
    with pytest.raises(ValueError, match=message):
        align_steps(cost, occurrences=occurrences)


BAD_WINDOWS = [
    ([[3, 0, 2]], "windows row 0: step 3 is unknown; steps are whole numbers from 0"),
    ([[0, 0, 2], [-1, 0, 2]], "windows row 1: step -1 is unknown"),
    ([[0.5, 0, 2]], "windows row 0: step 0.5 is unknown"),
    ([[0, 5, 7]], "windows row 0, from 5 to 7, holds no unit of the video, which has"),
    ([[0, -2, 0]], "windows row 0, from -2 to 0, holds no unit"),
    ([[0, 2, 2]], "windows row 0 is reversed or empty: start 2 is not before end 2"),
    ([[0, np.nan, 2]], "windows row 0 is not finite"),
    ([[0, 1, INF]], "windows row 0 is not finite"),
    ([[0, 1]], r"windows must have shape \(n, 3\), .*got shape \(1, 2\)"),
    ([0, 1, 2], r"windows must have shape \(n, 3\), .*got shape \(3,\)"),
    ([["a", "b", "c"]], "windows must be rows of step, start, end"),
    ([[0, 1, 2], [0]], "windows must be rows of step, start, end"),
    (np.ones((3, 5), dtype=bool), r"shape \(T, K\) = \(5, 3\), got shape \(3, 5\)"),
]


@pytest.mark.parametrize(("windows", "message"), BAD_WINDOWS)
def test_bad_windows(windows, message):
    for call in (
        lambda: align_steps(GOOD, windows),
        lambda: align_steps(GOOD, windows, skip_cost=1.0),
        lambda: step_posteriors(GOOD, windows),
        lambda: sample_alignment((5, 3), windows),
    ):
        with pytest.raises(ValueError, match=message):
            call()


@pytest.mark.parametrize("value", [-1.0, np.nan, INF, "a", [1.0], True])
@pytest.mark.parametrize("name", ["background_cost", "skip_cost"])
def test_bad_costs_of_background_and_skipping(name, value):
    with pytest.raises(ValueError, match=f"{name} must be a finite number .*got"):
        align_steps(GOOD, **{name: value})


def test_unknown_occurrences():
    with pytest.raises(ValueError, match=r"one of \('one', 'at_least_one'\), got 'so'"):
        align_steps(GOOD, occurrences="so")
    with pytest.raises(ValueError, match="background_cost must be"):
        align_steps(GOOD, background_cost=None)
