"""Edit score: cases worked by hand, the recursion, properties."""

from functools import cache
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.metrics import edit_score


class TestByHand:
    @pytest.mark.parametrize(
        ("truth", "found", "expected"),
        [
            ([0, 1, 2], [0, 1, 2], 1),
            ([0, 1, 2], [0, 2, 2], 1 - 1 / 3),  # inserted
            ([0, 0, 0], [0, 3, 3], 1 - 1 / 2),  # dropped
            ([0, 1, 2], [0, 3, 2], 1 - 1 / 3),  # exchanged
            ([0, 1, 1, 1], [1, 1, 1, 0], 0),  # two exchanged
            ([0, 0, 0, 0, 0], [0, 1, 0, 1, 0], 1 - 4 / 5),  # in pieces
            ([0, 1, 2, 3], [3, 0, 1, 2], 1 - 2 / 4),  # moved: dropped and inserted
        ],
    )
    def test_one_video(self, truth, found, expected):
        assert edit_score([truth], [found]) == pytest.approx(expected)

    def test_times_play_no_role(self):
        assert edit_score([[0, 1, 1, 1, 1]], [[0, 0, 0, 0, 1]]) == 1

    def test_background(self):
        truth, found = [[0, -1, 1, 2]], [[0, 1, 2, 2]]
        assert edit_score(truth, found) == pytest.approx(1 - 1 / 4)
        assert edit_score(truth, found, ignore=-1) == 1

    def test_pieces_with_background_between_remain_two(self):
        found = edit_score([[0, 0, 0]], [[0, -1, 0]], ignore=-1)
        assert found == pytest.approx(1 / 2)

    def test_one_side_empty(self):
        assert edit_score([[0, 1]], [[-1, -1]], ignore=-1) == 0
        assert edit_score([[-1, -1]], [[0, 1]], ignore=-1) == 0

    @pytest.mark.parametrize(
        ("average", "expected"),
        [
            ("video", (1 + 0 + 1 / 2) / 3),
            ("task", (1 / 2 + 1 / 2) / 2),
            (None, {"a": 1 / 2, "b": 1 / 2}),
        ],
    )
    def test_averages(self, average, expected):
        truth, found = [[0, 1], [0, 0], [0, 1]], [[0, 1], [2, 2], [0, 2]]
        score = edit_score(truth, found, ["a", "a", "b"], average=average)
        assert score == pytest.approx(expected)

    def test_videos_of_background_alone_are_left_out(self):
        assert edit_score([[-1], [0]], [[-1], [0]], ignore=-1) == 1


def distance(a, b):
    """Levenshtein distance by its recursion."""

    @cache
    def of(i, j):
        if not i or not j:
            return i + j
        same = of(i - 1, j - 1) + (a[i - 1] != b[j - 1])
        return min(same, of(i - 1, j) + 1, of(i, j - 1) + 1)

    return of(len(a), len(b))


@st.composite
def pairs(draw):
    """True and predicted labels of some videos."""
    videos = []
    for length in draw(st.lists(st.integers(1, 12), min_size=1, max_size=4)):
        labels = st.lists(st.integers(-1, 3), min_size=length, max_size=length)
        videos.append((draw(labels), draw(labels)))
    return [list(side) for side in zip(*videos, strict=True)]


@given(pairs())
def test_equals_the_recursion(labels):
    scores = []
    for true, found in zip(*labels, strict=True):
        a, b = ([k for k, _ in groupby(side)] for side in (true, found))
        scores.append(1 - distance(a, b) / max(len(a), len(b)))
    assert edit_score(*labels) == pytest.approx(np.mean(scores))


@given(pairs())
def test_symmetric(labels):
    truth, found = labels
    assert edit_score(truth, found) == pytest.approx(edit_score(found, truth))


def test_nothing_left_to_count():
    with pytest.raises(ValueError, match="no segment is left to count"):
        edit_score([[-1]], [[-1]], ignore=-1)


def test_average():
    with pytest.raises(ValueError, match="average must be one of"):
        edit_score([[0]], [[0]], average="micro")
