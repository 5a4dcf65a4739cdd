"""Labels and accuracy of time units."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score

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

    @pytest.mark.parametrize(
        ("average", "expected"),
        [
            ("micro", 6 / 9),
            ("video", (3 / 4 + 1 / 2 + 2 / 3) / 3),
            ("task", (4 / 6 + 2 / 3) / 2),
            (None, {"tea": 4 / 6, "tire": 2 / 3}),
        ],
    )
    def test_averages(self, average, expected):
        truth, found = (*self.truth, [0, 1, 2]), (*self.found, [0, 1, 1])
        tasks = ["tea", "tea", "tire"]
        accuracy = frame_accuracy(truth, found, tasks, average=average)
        assert accuracy == pytest.approx(expected)

    def test_videos_without_a_unit_that_counts_are_left_out(self):
        truth, found = [[-1], [0, 1]], [[0], [0, 2]]
        found = frame_accuracy(truth, found, average="video", ignore=-1)
        assert found == 0.5

    def test_step_found_in_background_is_not_counted(self):
        assert frame_accuracy([[-1, 0]], [[0, 0]], ignore=-1) == 1

    def test_everything_ignored(self):
        with pytest.raises(ValueError, match="no time unit is left"):
            frame_accuracy([[-1, -1]], [[0, -1]], ignore=-1)


@given(st.lists(st.lists(st.integers(-1, 3), min_size=1, max_size=9), min_size=1))
def test_truth_is_right_and_its_complement_wrong(labels):
    assert frame_accuracy(labels, labels) == 1
    assert frame_accuracy(labels, [[x + 1 for x in video] for video in labels]) == 0


@given(
    st.lists(
        st.lists(st.tuples(st.integers(-1, 2), st.integers(-1, 2)), min_size=1),
        min_size=1,
    )
)
def test_equals_scikit_learn(videos):
    truth, found = ([[pair[i] for pair in video] for video in videos] for i in (0, 1))
    true, predicted = np.concatenate(truth), np.concatenate(found)
    accuracy = frame_accuracy(truth, found)
    assert accuracy == pytest.approx(accuracy_score(true, predicted))
    steps = true != -1
    if steps.any():
        accuracy = frame_accuracy(truth, found, ignore=-1)
        assert accuracy == pytest.approx(accuracy_score(true[steps], predicted[steps]))
