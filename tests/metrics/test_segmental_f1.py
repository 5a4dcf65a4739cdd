"""Segmental F1: cases worked by hand, a loop, properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.metrics import segmental_f1

# Segments overlap by 2 of 5 units and, in two pieces, by 2 and 1 of 4.
TRUTH = [0, 0, 0, 0, -1, 1, 1, 1, 1]
FOUND = [-1, -1, 0, 0, 0, 1, 1, -1, 1]


class TestByHand:
    def test_default_overlaps(self):
        found = segmental_f1([TRUTH], [FOUND], ignore=-1)
        assert found == pytest.approx({0.1: 4 / 5, 0.25: 4 / 5, 0.5: 2 / 5})

    def test_with_background(self):
        # One true segment, at 4; found are 0-1 and 7: none overlaps.
        found = segmental_f1([TRUTH], [FOUND], overlaps=[0.1])
        assert found == pytest.approx({0.1: 2 * 2 / (3 + 5)})

    @pytest.mark.parametrize(("k", "right"), [(0.1, 1), (0.11, 0)])
    def test_reaching_the_overlap_is_enough(self, k, right):
        truth, found = [[0] * 10], [[0, *[-1] * 9]]
        assert segmental_f1(truth, found, overlaps=[k], ignore=-1) == {k: right}

    def test_label_must_be_right(self):
        found = segmental_f1([[0, 0]], [[1, 1]])
        assert found == {0.1: 0, 0.25: 0, 0.5: 0}

    def test_one_right_prediction_a_true_segment(self):
        # Both pieces reach a tenth of the true segment: one is right, one wrong.
        found = segmental_f1([[0] * 5], [[0, 0, -1, 0, 0]], overlaps=[0.1], ignore=-1)
        assert found == pytest.approx({0.1: 2 / 3})

    def test_one_true_segment_a_prediction(self):
        found = segmental_f1([[0, 0, -1, 0, 0]], [[0] * 5], overlaps=[0.1], ignore=-1)
        assert found == pytest.approx({0.1: 2 / 3})

    def test_one_side_empty(self):
        for sides in (([[0]], [[-1]]), ([[-1]], [[0]])):
            assert segmental_f1(*sides, overlaps=[0.5], ignore=-1) == {0.5: 0}

    @pytest.mark.parametrize(
        ("average", "expected"),
        [
            ("micro", 2 * 4 / (5 + 6)),
            ("video", (1 + 2 * 1 / 3 + 2 * 1 / 4) / 3),
            ("task", (2 * 3 / 7 + 2 * 1 / 4) / 2),
            (None, {"a": 2 * 3 / 7, "b": 2 * 1 / 4}),
        ],
    )
    def test_averages(self, average, expected):
        truth, found = [[0, 1], [0, 0, 0], [0, 1]], [[0, 1], [0, 0, 2], [0, 2]]
        score = segmental_f1(
            truth, found, ["a", "a", "b"], overlaps=[0.5], average=average
        )
        assert list(score) == [0.5]
        assert score[0.5] == pytest.approx(expected)

    def test_videos_without_a_segment_are_left_out(self):
        truth, found = [[-1], [0]], [[-1], [0]]
        score = segmental_f1(truth, found, average="video", ignore=-1)
        assert score == {0.1: 1, 0.25: 1, 0.5: 1}


@st.composite
def pairs(draw):
    """True and predicted labels of some videos, of few segments."""
    videos = []
    for length in draw(st.lists(st.integers(1, 5), min_size=1, max_size=4)):
        labels = st.lists(st.integers(-1, 2), min_size=length, max_size=length)
        each = st.lists(st.integers(1, 6), min_size=length, max_size=length)
        true, found = (np.repeat(draw(labels), draw(each)).tolist() for _ in range(2))
        whole = max(len(true), len(found))
        videos.append([side + [-1] * (whole - len(side)) for side in (true, found)])
    return [list(side) for side in zip(*videos, strict=True)]


def runs(labels):
    """Segments as pairs of a label and the set of its units."""
    found = []
    for t, label in enumerate(labels):
        if t and labels[t - 1] == label:
            found[-1][1].add(t)
        else:
            found.append((label, {t}))
    return [(label, units) for label, units in found if label != -1]


def count(true, found, k):
    """Right, wrong and missed segments, taken one after the other."""
    truth, used, wrong = runs(true), set(), 0
    for label, units in runs(found):
        iou = [len(units & g) / len(units | g) if x == label else 0.0 for x, g in truth]
        best = int(np.argmax(iou)) if iou else None
        if best is not None and iou[best] >= k and best not in used:
            used.add(best)
        else:
            wrong += 1
    return np.array([len(used), wrong, len(truth) - len(used)])


@given(pairs(), st.sampled_from([0.1, 0.25, 0.3, 0.5, 1.0]))
def test_equals_a_loop(labels, k):
    counts = [count(true, found, k) for true, found in zip(*labels, strict=True)]
    right, wrong, missed = np.sum(counts, axis=0)
    if not right + wrong + missed:
        with pytest.raises(ValueError, match="no segment is left to count"):
            segmental_f1(*labels, ignore=-1)
        return
    micro = segmental_f1(*labels, overlaps=[k], ignore=-1)[k]
    assert micro == pytest.approx(2 * right / (2 * right + wrong + missed))
    each = [2 * r / (2 * r + w + m) for r, w, m in counts if r + w + m]
    video = segmental_f1(*labels, overlaps=[k], average="video", ignore=-1)[k]
    assert video == pytest.approx(np.mean(each))


@given(pairs())
def test_falls_with_the_overlap(labels):
    values = list(segmental_f1(*labels, overlaps=[0.01, 0.2, 0.6, 1.0]).values())
    assert values == sorted(values, reverse=True)


class TestErrors:
    @pytest.mark.parametrize("overlaps", [[], [0.0], [0.1, 1.1], [float("nan")]])
    def test_overlaps(self, overlaps):
        with pytest.raises(ValueError, match=r"overlaps must be in \(0, 1\]"):
            segmental_f1([[0]], [[0]], overlaps=overlaps)

    def test_average(self):
        with pytest.raises(ValueError, match="average must be one of"):
            segmental_f1([[0]], [[0]], average="macro")
