"""Labels and accuracy of time units."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.metrics import background_share, frame_accuracy, frame_labels


class TestFrameLabels:
    def test_units_that_are_touched(self):
        assert frame_labels([[2, 1.5, 3.2]], 5).tolist() == [-1, 2, 2, 2, -1]

    def test_later_segment_has_the_unit(self):
        rows = [[0, 0, 3], [1, 2, 5]]
        for order in (rows, rows[::-1]):
            assert frame_labels(order, 5).tolist() == [0, 0, 1, 1, 1]

    @pytest.mark.parametrize("annotation", [None, [], [[0, 9, 12]]])
    def test_background(self, annotation):
        labels = frame_labels(annotation, 3, background=7)
        assert labels.tolist() == [7, 7, 7]
        assert labels.dtype == np.int64

    def test_error_names_the_annotation(self):
        with pytest.raises(ValueError, match="annotation row 0 is reversed"):
            frame_labels([[0, 3, 2]], 5)

    def test_agrees_with_background_share(self):
        rows = [[0, 0.5, 3], [1, 2, 5.5], [0, 8, 9]]
        share = np.mean(frame_labels(rows, 12) == -1)
        assert share == pytest.approx(background_share([rows], [12]))


class TestFrameAccuracy:
    truth = ([0, 0, -1, 1], [-1, 2])
    found = ([0, 1, -1, 1], [0, 2])

    def test_with_background(self):
        assert frame_accuracy(self.truth, self.found) == pytest.approx(4 / 6)

    def test_without_background(self):
        assert frame_accuracy(self.truth, self.found, ignore=-1) == pytest.approx(3 / 4)

    def test_without_several_labels(self):
        found = frame_accuracy(self.truth, self.found, ignore=[-1, 0])
        assert found == pytest.approx(2 / 2)

    def test_step_found_in_background_is_not_counted(self):
        assert frame_accuracy([[-1, 0]], [[0, 0]], ignore=-1) == 1

    @pytest.mark.parametrize(
        ("truth", "found", "message"),
        [
            ([[0]], [[0], [1]], "1 true_labels, 2 predicted_labels"),
            ([[0, 1]], [[0]], "Video 0 has 2 true labels, but 1"),
            ([[np.nan]], [[0]], r"true_labels\[0\] must be whole"),
            ([[0]], [[0.5]], r"predicted_labels\[0\] must be whole"),
            ([[[0]]], [[0]], r"shape \(T,\)"),
            ([], [], "no time unit"),
            ([[]], [[]], "no time unit"),
        ],
    )
    def test_errors(self, truth, found, message):
        with pytest.raises(ValueError, match=message):
            frame_accuracy(truth, found)

    def test_everything_ignored(self):
        with pytest.raises(ValueError, match="no time unit is left"):
            frame_accuracy([[-1, -1]], [[0, -1]], ignore=-1)


@given(st.lists(st.lists(st.integers(-1, 3), min_size=1, max_size=9), min_size=1))
def test_truth_is_right_and_its_complement_wrong(labels):
    assert frame_accuracy(labels, labels) == 1
    assert frame_accuracy(labels, [[x + 1 for x in video] for video in labels]) == 0
