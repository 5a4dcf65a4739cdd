from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.frames._timeline import Timeline


def place(stamps, **options):
    timeline = Timeline(**{"zero": 0.0, "interval": 0.5, **options})
    return [timeline.place(stamp) for stamp in stamps], timeline.n_repaired


def test_good_stamps_stay():
    stamps = [3.0, 3.04, 3.5, 63.5]
    assert place(stamps, zero=3.0) == (pytest.approx([0, 0.04, 0.5, 60.5]), 0)


def test_missing_stamps_follow_at_the_interval():
    assert place([None, None, None]) == ([0.0, 0.5, 1.0], 3)


def test_a_new_start_goes_on():
    assert place([0.0, 5.0, 0.0, 1.0]) == ([0.0, 5.0, 5.5, 6.5], 1)


def test_jitter_waits():
    assert place([1.0, 0.9, 1.2]) == ([1.0, 1.0, 1.2], 0)


@pytest.mark.parametrize(("length", "wrong"), [(None, 5000.0), (10.0, 40.0)])
def test_a_jump_too_far_goes_on(length, wrong):
    assert place([0.0, wrong, wrong + 1], length=length) == ([0.0, 0.5, 1.5], 1)


def test_before_the_start_is_the_start():
    assert place([-0.1, 0.2]) == ([0.0, 0.2], 0)


@given(st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1))
def test_time_never_runs_backwards(stamps):
    starts, _ = place(stamps)
    assert starts[0] >= 0
    assert all(0 <= b - a <= 600.5 for a, b in pairwise(starts))
