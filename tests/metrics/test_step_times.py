"""Times of steps from scores and from segments."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.metrics import (
    argmax_times,
    frame_labels,
    segment_centres,
    step_recall,
)


class TestArgmax:
    def test_by_hand(self):
        times = argmax_times([[0.1, 0.2, 7], [0.3, 0.9, 7], [0.8, 0.4, 7]])
        assert times.tolist() == [2, 1, 0]
        assert times.dtype == np.int64

    def test_hits_steps_that_are_out_of_order(self):
        annotation = [[1, 0, 1], [0, 2, 3]]
        scores = np.array([[0, 1], [0, 0], [1, 0]])
        assert step_recall([annotation], [argmax_times(scores)]) == 1

    @pytest.mark.parametrize(
        ("scores", "message"),
        [
            ([0.1, 0.2], r"scores must have shape \(T, K\), got shape \(2,\)"),
            (np.empty((0, 2)), r"got shape \(0, 2\)"),
            ([[0.1, np.nan]], "scores holds NaN"),
            ([["high"]], "scores must be numbers"),
        ],
    )
    def test_errors(self, scores, message):
        with pytest.raises(ValueError, match=message):
            argmax_times(scores)


class TestCentres:
    @pytest.mark.parametrize(
        ("labels", "centres"),
        [
            ([0, 0, 0, -1, 1], [1, 4, -1]),
            ([0, 0, 1, 1, 1, 1], [1, 4, -1]),  # the later of two in the middle
            ([0, 1, 0, 0, 0, 1], [3, 1, -1]),  # the longest; of equals the first
            ([2, -1, -5, -5, -5], [-1, -1, 0]),
            ([], [-1, -1, -1]),
        ],
    )
    def test_by_hand(self, labels, centres):
        found = segment_centres(labels, 3)
        assert found.tolist() == centres
        assert found.dtype == np.int64

    @pytest.mark.parametrize(
        ("labels", "message"),
        [
            ([0, 2], "labels holds step 2, but there are 2 steps"),
            ([0.5], "labels must be whole numbers"),
            ([np.nan], "labels must be whole numbers"),
            ([[0]], r"shape \(T,\)"),
            (["early"], "labels must be whole numbers"),
        ],
    )
    def test_errors(self, labels, message):
        with pytest.raises(ValueError, match=message):
            segment_centres(labels, 2)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 6)), max_size=4))
def test_centre_is_within_its_segment(gaps):
    """Each step has one segment, after a gap."""
    rows, time = [], 0
    for step, (gap, length) in enumerate(gaps):
        rows.append([step, time + gap, time + gap + length])
        time += gap + length
    centres = segment_centres(frame_labels(rows, time), len(rows) + 1)
    assert centres[-1] == -1
    for (_, start, end), centre in zip(rows, centres[:-1], strict=True):
        assert start <= centre < end
        assert abs(centre + 0.5 - (start + end) / 2) <= 0.5
    if rows:
        assert step_recall([rows], [centres]) == 1
