"""What a band holds, before it is drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask import Task, Video
from skcrosstask.metrics import step_recall
from skcrosstask.plotting._bands import Band, lane_spans, stack_levels

TEA = Task("tea", ["boil water", "add tea", "pour water", "wait", "drink"])
ANNOTATION = [[0, 2.5, 4.2], [1, 8, 9], [1, 14, 16], [3, 18, 20]]


def make_band(annotation=ANNOTATION, times=None, windows=None, **fields):
    video = Video(np.zeros((20, 2)), TEA, windows=windows, annotation=annotation)
    return Band(video, TEA, 20, times=times, **fields)


class TestOutcomes:
    @pytest.mark.parametrize(
        ("time", "outcome"),
        [(1, "miss"), (2, "hit"), (4, "hit"), (5, "miss"), (-1, "skipped")],
    )
    def test_units_that_the_segment_touches(self, time, outcome):
        assert make_band(times=np.array([time, 0, 0, 0, 0])).outcomes[0] == outcome

    def test_any_segment_of_the_step(self):
        for time in (8, 14, 15):
            assert make_band(times=np.array([0, time, 0, 0, 0])).outcomes[1] == "hit"
        assert make_band(times=np.array([0, 11, 0, 0, 0])).outcomes[1] == "miss"

    def test_absent_steps(self):
        outcomes = make_band(times=np.array([3, 8, 15, 19, -1])).outcomes
        assert outcomes == ["hit", "hit", "absent", "hit", "skipped"]

    def test_no_truth(self):
        band = make_band(None, times=np.array([3, -1, 15, 19, 19]))
        assert band.outcomes == ["unknown", "skipped", *["unknown"] * 3]

    def test_an_empty_annotation_says_that_all_are_absent(self):
        band = make_band([], times=np.arange(5))
        assert band.outcomes == ["absent"] * 5
        assert band.summary == ""

    def test_no_prediction(self):
        assert make_band().outcomes == []

    @given(st.lists(st.integers(-1, 19), min_size=5, max_size=5))
    def test_agree_with_step_recall(self, times):
        band = make_band(times=np.array(times))
        recall = step_recall([ANNOTATION], [times])
        assert band.outcomes.count("hit") / 3 == pytest.approx(recall)


class TestSummary:
    def test_counts_present_steps_and_names_those_left_out(self):
        band = make_band(times=np.array([3, -1, 15, 17, -1]))
        assert band.summary == "1 of 3 present steps found; left out: 2, 5"

    def test_no_truth(self):
        assert make_band(None, times=np.arange(5)).summary == ""
        band = make_band(None, times=np.array([0, 1, 2, -1, 4]))
        assert band.summary == "left out: 4"

    def test_no_prediction(self):
        assert make_band().summary == ""


class TestLanes:
    def test_all(self):
        band = make_band(
            times=np.arange(5), windows=[[0, 1, 5]], segments=np.zeros(20, int),
            proba=np.zeros((20, 5)),
        )  # fmt: skip
        assert list(band.lanes) == [
            "posterior",
            "truth",
            "segments",
            "times",
            "windows",
        ]

    def test_pins_need_a_track(self):
        assert list(make_band(None, times=np.arange(5)).lanes) == ["truth", "times"]

    def test_nothing(self):
        assert make_band(None, windows=[]).lanes == {}

    def test_overlapping_windows_need_height(self):
        flat = make_band(windows=[[0, 1, 5], [1, 5, 9]]).lanes["windows"]
        high = make_band(windows=[[0, 1, 5], [1, 4, 9]]).lanes["windows"]
        assert high > 1.5 * flat

    def test_from_top_to_bottom_without_overlap(self):
        spans = lane_spans({"a": 0.5, "b": 0.25, "c": 1.0})
        assert spans["c"] == (0, 1.0)
        assert spans["c"][0] + 1.0 < spans["b"][0]
        assert spans["b"][0] + 0.25 < spans["a"][0]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), min_size=1, max_size=9)
)
def test_levels_are_as_few_as_can_be(spans):
    segments = np.array([[k, s, s + n] for k, (s, n) in enumerate(spans)], dtype=float)
    levels = stack_levels(segments)
    for level in set(levels):
        rows = segments[levels == level]
        rows = rows[np.argsort(rows[:, 1])]
        assert np.all(rows[1:, 1] >= rows[:-1, 2])
    # No fewer will do than there are segments at one time.
    busiest = max(
        np.sum((segments[:, 1] <= t) & (t < segments[:, 2])) for t in segments[:, 1]
    )
    assert set(levels) == set(range(busiest))
