"""IoU and IoD: cases worked by hand, loops, scikit-learn's, properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import jaccard_score, precision_score

from skcrosstask.metrics import iod_score, iou_score

# Step 0: 4 true units, 3 found, 2 of them right; step 1 two segments, one found.
TRUTH = [0, 0, 0, 0, 1, -1, 1]
FOUND = [-1, -1, 0, 0, 0, -1, 1]


class TestByHand:
    @pytest.mark.parametrize(
        ("unit", "ignore", "iou", "iod"),
        [
            ("step", -1, (2 / 5 + 1 / 2) / 2, (2 / 3 + 1) / 2),
            ("step", None, (2 / 5 + 1 / 2 + 1 / 3) / 3, (2 / 3 + 1 + 1 / 3) / 3),
            ("segment", -1, (2 / 5 + 0 + 1) / 3, (2 / 3 + 0 + 1) / 3),
            ("segment", [-1, 1], 2 / 5, 2 / 3),
        ],
    )
    def test_one_video(self, unit, ignore, iou, iod):
        options = {"unit": unit, "ignore": ignore}
        assert iou_score([TRUTH], [FOUND], **options) == pytest.approx(iou)
        assert iod_score([TRUTH], [FOUND], **options) == pytest.approx(iod)

    @pytest.mark.parametrize(
        ("average", "expected"),
        [
            ("video", (0.45 + 1 + 0) / 3),
            ("micro", (0.9 + 1 + 0) / 4),
            ("task", (1.9 / 3 + 0) / 2),
            (None, {"a": 1.9 / 3, "b": 0}),
        ],
    )
    def test_averages(self, average, expected):
        truth, found = [TRUTH, [2, 2], [0, -1]], [FOUND, [2, 2], [-1, -1]]
        score = iou_score(truth, found, ["a", "a", "b"], average=average, ignore=-1)
        assert score == pytest.approx(expected)

    def test_segment_takes_the_piece_that_overlaps_most(self):
        truth, found = [[0, 0, 0, 0, 0]], [[0, 1, 0, 0, 0]]
        assert iou_score(truth, found, unit="segment") == pytest.approx(3 / 5)
        assert iod_score(truth, found, unit="segment") == 1

    def test_two_segments_may_have_the_same_prediction(self):
        found = iou_score([[0, 0, -1, 0]], [[0, 0, 0, 0]], unit="segment", ignore=-1)
        assert found == pytest.approx((2 / 4 + 1 / 4) / 2)

    def test_step_that_is_not_true_takes_units_away_only(self):
        assert iou_score([[0, 0, 0, 0]], [[0, 0, 5, 5]]) == 0.5
        assert iod_score([[0, 0, 0, 0]], [[0, 0, 5, 5]]) == 1

    def test_videos_without_a_step_are_left_out(self):
        assert iou_score([[0], [-1]], [[0], [0]], ignore=-1) == 1

    @pytest.mark.parametrize("score", [iou_score, iod_score])
    def test_nothing_found(self, score):
        for unit in ("step", "segment"):
            assert score([[0, 1]], [[-1, -1]], unit=unit) == 0


lengths = st.lists(st.integers(1, 12), min_size=1, max_size=4)


@st.composite
def pairs(draw):
    """True and predicted labels of some videos."""
    videos = []
    for length in draw(lengths):
        labels = st.lists(st.integers(-1, 3), min_size=length, max_size=length)
        videos.append((draw(labels), draw(labels)))
    return [list(side) for side in zip(*videos, strict=True)]


@given(pairs())
def test_equals_scikit_learn_on_each_video(labels):
    # There, a label that no unit has counts 0, and here it is left out.
    iou, iod = [], []
    for true, found in zip(*labels, strict=True):
        shown = {"labels": np.unique(true), "average": "macro", "zero_division": 0}
        iou.append(jaccard_score(true, found, **shown))
        iod.append(precision_score(true, found, **shown))
    assert iou_score(*labels) == pytest.approx(np.mean(iou))
    assert iod_score(*labels) == pytest.approx(np.mean(iod))


def runs(labels):
    """Segments as pairs of a label and the set of its units."""
    found = []
    for t, label in enumerate(labels):
        if t and labels[t - 1] == label:
            found[-1][1].add(t)
        else:
            found.append((label, {t}))
    return found


@given(pairs())
def test_segments_equal_a_loop_over_sets(labels):
    iou, iod = [], []
    for true, found in zip(*labels, strict=True):
        best = [
            [
                max(
                    [len(g & d) / len(of(g, d)) for x, d in runs(found) if x == k]
                    or [0]
                )
                for k, g in runs(true)
                if k != -1
            ]
            for of in (set.union, lambda g, d: d)
        ]
        iou.append(best[0])
        iod.append(best[1])
    for score, ratios in ((iou_score, iou), (iod_score, iod)):
        kept = [np.mean(of_video) for of_video in ratios if of_video]
        if kept:
            result = score(*labels, unit="segment", ignore=-1)
            assert result == pytest.approx(np.mean(kept))
        else:
            with pytest.raises(ValueError, match="no true segment is left"):
                score(*labels, unit="segment", ignore=-1)


@given(pairs(), st.sampled_from(["step", "segment"]))
def test_iou_is_below_iod(labels, unit):
    assert iou_score(*labels, unit=unit) <= iod_score(*labels, unit=unit)


@pytest.mark.parametrize("unit", ["frame", None, ["step"]])
def test_unknown_unit(unit):
    with pytest.raises(ValueError, match="unit must be 'step' or 'segment'"):
        iou_score([[0]], [[0]], unit=unit)


@pytest.mark.parametrize("score", [iou_score, iod_score])
def test_nothing_left_to_count(score):
    for labels, ignore in (([[-1]], -1), ([[]], None), ([], None)):
        with pytest.raises(ValueError, match="no true step is left to count"):
            score(labels, labels, ignore=ignore)
