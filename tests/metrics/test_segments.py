"""Runs of labels and their intersections."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.metrics import frame_labels
from skcrosstask.metrics._segments import intersections, label_segments

NONE = np.empty(0, dtype=int)


class TestLabelSegments:
    @pytest.mark.parametrize(
        ("labels", "rows"),
        [
            ([], []),
            ([3], [[3, 0, 1]]),
            ([-1, -1, 0, 0, 0, -1], [[-1, 0, 2], [0, 2, 5], [-1, 5, 6]]),
            ([0, 1, 0], [[0, 0, 1], [1, 1, 2], [0, 2, 3]]),
        ],
    )
    def test_by_hand(self, labels, rows):
        found = label_segments(np.array(labels, dtype=int), NONE)
        assert found.shape == (len(rows), 3)
        assert found.tolist() == rows

    def test_ignored(self):
        labels = np.array([-1, 0, -1, 2])
        assert label_segments(labels, np.array([-1, 2])).tolist() == [[0, 1, 2]]


@given(st.lists(st.integers(-1, 3), max_size=20))
def test_frame_labels_is_the_inverse(labels):
    rows = label_segments(np.array(labels, dtype=int), np.array([-1]))
    assert frame_labels(rows, len(labels)).tolist() == labels
    assert (rows[1:, 1] >= rows[:-1, 2]).all()


def test_intersections():
    true = np.array([[0, 0, 4], [1, 4, 6]])
    found = np.array([[0, 2, 5], [1, 5, 9], [0, 6, 8], [1, 0, 3]])
    assert intersections(true, found).tolist() == [[2, 0, 0, 0], [0, 1, 0, 0]]
    assert intersections(true[:0], found).shape == (0, 4)
    assert intersections(true, found[:0]).shape == (2, 0)
