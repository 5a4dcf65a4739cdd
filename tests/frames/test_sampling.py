import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.frames._sampling import sample


def by_definition(starts, end, rate, n_frames):
    """Index of the picture on the screen at each sampled time, one by one."""
    rows = [t for t in range(10_000) if (t + 0.5) / rate < end] or [0]
    times = [(t + (j + 0.5) / n_frames) / rate for t in rows for j in range(n_frames)]
    return [max(np.searchsorted(starts, time, side="right") - 1, 0) for time in times]


@given(
    st.lists(st.integers(1, 3000), min_size=1, max_size=40),
    st.integers(0, 2000),
    st.sampled_from([0.5, 1, 2, 3.7, 10]),
    st.integers(1, 4),
)
def test_it_is_the_picture_on_the_screen(lengths, first, rate, n_frames):
    ends = (first + np.cumsum(lengths)) / 1000
    starts = np.concatenate([[first / 1000], ends[:-1]])
    pictures = zip(starts, ends, range(len(starts)), strict=True)
    found = list(sample(pictures, rate, n_frames))
    expected = by_definition(starts, ends[-1], rate, n_frames)
    # An incomplete row may follow: its middle is not there.
    assert found[: len(expected)] == expected
    assert len(found) - len(expected) <= n_frames // 2


def test_a_picture_is_shown_until_the_next_starts():
    pictures = [(0.0, 0.04, "a"), (7.6, 7.64, "b"), (8.6, 8.64, "c")]
    assert list(sample(pictures, 1)) == ["a"] * 8 + ["b"]


def test_a_moment_has_a_row():
    assert list(sample([(0.0, 0.04, "a")], 1)) == ["a"]


def test_nothing_gives_nothing():
    assert list(sample([], 1)) == []


def test_pictures_are_asked_for_one_by_one():
    def pictures():
        yield 0.0, 1.0, "a"
        yield 1.0, 2.0, "b"
        pytest.fail("the third picture is not needed yet")

    assert next(sample(pictures(), 1)) == "a"
