"""align_many against align_steps, video by video."""

import re
import threading

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrosstask.alignment import _many, align_many, align_steps

INF = np.inf


def random_costs(rng, n_videos):
    """Mixed T, K and types; inf only where a diagonal placement is left."""
    costs = []
    for _ in range(n_videos):
        n_steps = int(rng.integers(1, 7))
        shape = (int(rng.integers(n_steps, 30)), n_steps)
        # Few integers, so that many placements tie.
        cost = rng.integers(0, 5, shape).astype(rng.choice(["f4", "f8", "i8"]))
        if cost.dtype.kind == "f" and rng.random() < 0.4:
            cost[(rng.random(shape) < 0.3) & ~np.eye(*shape, dtype=bool)] = INF
        cost.flags.writeable = bool(rng.random() < 0.7)
        costs.append(np.asfortranarray(cost) if rng.random() < 0.2 else cost)
    return costs


def random_windows(rng, costs):
    windows = []
    for cost in costs:
        n_units, n_steps = cost.shape
        start = int(rng.integers(0, n_units))
        rows = [[int(rng.integers(n_steps)), start, start + 1.5]]
        allowed = rng.random(cost.shape) < 0.6
        windows.append((None, rows, np.array(rows), allowed)[rng.integers(4)])
    return windows


def assert_same(found, expected):
    assert isinstance(found, list)
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == np.int64
        np.testing.assert_array_equal(one, other)


OPTIONS = [
    {},
    {"background_cost": 1.5},
    {"skip_cost": 1.0},
    {"occurrences": "at_least_one", "background_cost": 1.5},
    {"occurrences": "at_least_one", "skip_cost": 2.5, "background_cost": 0.5},
]


@pytest.mark.parametrize("n_jobs", [None, 1, 2, 3, -1])
@pytest.mark.parametrize("options", OPTIONS)
def test_same_as_one_by_one(options, n_jobs):
    rng = np.random.default_rng(len(options))
    costs = random_costs(rng, 90)
    expected = [align_steps(cost, **options) for cost in costs]
    assert_same(align_many(costs, n_jobs=n_jobs, **options), expected)
    windows = random_windows(rng, costs)
    expected = [
        align_steps(cost, own, **options)
        for cost, own in zip(costs, windows, strict=True)
    ]
    assert_same(align_many(costs, windows, n_jobs=n_jobs, **options), expected)


@settings(max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 40),
    st.booleans(),
    st.sampled_from(OPTIONS),
    st.sampled_from([None, 2, 5]),
)
def test_same_as_one_by_one_property(seed, n_videos, with_windows, options, n_jobs):
    rng = np.random.default_rng(seed)
    costs = random_costs(rng, n_videos)
    windows = random_windows(rng, costs) if with_windows else None
    pairs = zip(costs, windows or [None] * n_videos, strict=True)
    expected = [align_steps(cost, own, **options) for cost, own in pairs]
    assert_same(align_many(costs, windows, n_jobs=n_jobs, **options), expected)


@pytest.mark.parametrize("n_videos", [1, 2, 31, 32, 33, 65])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_of_videos(n_videos, dtype):
    rng = np.random.default_rng(n_videos)
    costs = [rng.random((9 + i, 4)).astype(dtype) for i in range(n_videos)]
    expected = [align_steps(cost) for cost in costs]
    for n_jobs in (1, 2, 50):
        assert_same(align_many(costs, n_jobs=n_jobs), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_read_only_mapped_and_other_arrays(tmp_path, dtype):
    cost = np.random.default_rng(0).random((40, 5)).astype(dtype)
    np.save(tmp_path / "cost.npy", cost)
    frozen = cost.copy()
    frozen.flags.writeable = False
    unaligned = np.zeros(cost.nbytes + 1, np.uint8)[1:].view(dtype).reshape(cost.shape)
    unaligned[:] = cost
    costs = [
        cost,
        frozen,
        np.load(tmp_path / "cost.npy", mmap_mode="r"),
        np.asfortranarray(cost),
        np.repeat(cost, 2, axis=0)[::2],
        unaligned,
        cost.astype(cost.dtype.newbyteorder()),
        np.ma.masked_array(cost),
        cost.tolist(),
    ]
    for n_jobs in (1, 2):
        found = align_many(costs, n_jobs=n_jobs)
        assert_same(found, [align_steps(cost)] * len(costs))
    np.testing.assert_array_equal(cost, frozen)


def test_costs_as_one_array():
    costs = np.random.default_rng(0).random((7, 12, 3))
    expected = [align_steps(cost) for cost in costs]
    assert_same(align_many(costs), expected)
    assert_same(align_many(costs, np.ones(costs.shape, dtype=bool)), expected)
    assert_same(align_many(tuple(costs), [None] * 7), expected)


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_no_videos(n_jobs):
    for options in OPTIONS:
        assert align_many([], n_jobs=n_jobs, **options) == []
        assert align_many([], [], n_jobs=n_jobs, **options) == []


def test_results_are_apart():
    costs = [np.random.default_rng(i).random((9, 3)) for i in range(40)]
    expected = [align_steps(cost) for cost in costs]
    found = align_many(costs)
    found[3][:] = -5
    assert_same(found[:3] + found[4:], expected[:3] + expected[4:])


def test_jobs_are_threads_and_as_joblib_counts_them(monkeypatch):
    costs = [np.zeros((4, 2))] * 20
    threads = set()
    real = _many._align_part

    def spy(*args):
        threads.add(threading.current_thread().name)
        return real(*args)

    monkeypatch.setattr(_many, "_align_part", spy)
    align_many(costs)
    assert threads == {threading.current_thread().name}
    with joblib.parallel_config(n_jobs=2):
        align_many(costs)
    assert len(threads) > 1
    with pytest.raises(ValueError, match="n_jobs"):
        align_many(costs, n_jobs=0)


GOOD = np.zeros((5, 3))


def spoilt(value, dtype=float):
    cost = GOOD.astype(dtype)
    cost[3, 1] = value
    return cost


BAD_COSTS = [
    (np.zeros(5), "cost must have shape (T, K), got shape (5,)"),
    (np.zeros((0, 3)), "cost is empty, shape (0, 3)"),
    (np.zeros((5, 0)), "cost is empty, shape (5, 0)"),
    (GOOD.astype(complex), "cost must be real numbers, got dtype complex128"),
    (None, "cost must be real numbers, got dtype object"),
    ([[1.0, 2.0], [3.0]], "setting an array element"),
    (spoilt(np.nan), "cost is nan at time 3, step 1; expected finite"),
    (spoilt(np.nan, np.float32), "cost is nan at time 3, step 1; expected finite"),
    (spoilt(-INF), "cost is -inf at time 3, step 1; expected finite"),
    (np.zeros((2, 3)), "3 steps need at least 3 time units, got 2; a skip_cost"),
    (GOOD + np.array([0, 0, INF]), "step 2 is possible at no time: its column"),
    (np.where(np.eye(3)[::-1] > 0, 0, INF), "no ordered placement has a finite cost"),
]


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize(("cost", "message"), BAD_COSTS)
def test_bad_costs_are_named(cost, message, n_jobs):
    costs = [GOOD] * 45
    costs[41] = np.zeros((1, 2))  # too short, but later
    costs[37] = cost
    for options in ({}, {"occurrences": "at_least_one"}):
        with pytest.raises(ValueError, match=re.escape(f"costs[37]: {message}")):
            align_many(costs, n_jobs=n_jobs, **options)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_bad_windows_are_named(n_jobs):
    windows = [None] * 9
    windows[4] = [[0, 1, 2], [3, 0, 2]]
    message = r"costs\[4\]: windows row 1: step 3 is unknown"
    with pytest.raises(ValueError, match=message):
        align_many([GOOD] * 9, windows, n_jobs=n_jobs)
    windows[4] = np.ones((3, 5), dtype=bool)
    message = r"costs\[4\]: boolean windows must have shape"
    with pytest.raises(ValueError, match=message):
        align_many([GOOD] * 9, windows, n_jobs=n_jobs)


def test_bad_arguments():
    with pytest.raises(ValueError, match="one entry for each of the 2 costs, got 1"):
        align_many([GOOD, GOOD], [None])
    with pytest.raises(ValueError, match=r"costs must be a sequence .* got 3"):
        align_many(3)
    with pytest.raises(ValueError, match=r"windows must be a sequence .* got 3"):
        align_many([GOOD], 3)
    with pytest.raises(ValueError, match=r"costs\[0\]: cost must have shape"):
        align_many(GOOD)
    # Not of any one video.
    for costs in ([], [GOOD]):
        with pytest.raises(ValueError, match=r"^skip_cost must be a finite number"):
            align_many(costs, skip_cost=-1.0)
        with pytest.raises(ValueError, match=r"^occurrences must be one of"):
            align_many(costs, occurrences="two")
        with pytest.raises(ValueError, match=r"^background_cost must be"):
            align_many(costs, background_cost=np.nan)
