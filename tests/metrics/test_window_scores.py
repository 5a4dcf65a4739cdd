import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.metrics import window_scores

SEGMENT = st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(1, 9))
SEGMENTS = st.lists(SEGMENT.map(lambda s: (s[0], s[1], s[1] + s[2])), max_size=6)


def test_by_hand():
    # Step 0: 2-8 true (twice told), 4-9 window. Step 1: apart. Step 2: no window.
    truth = [[[0, 2, 6], [0, 4, 8], [1, 20, 22], [2, 30, 31.5]]]
    windows = [[[0, 4, 9], [1, 10, 15], [3, 1, 2]]]
    scores = window_scores(truth, windows)
    assert scores["precision"] == pytest.approx(4 / 11)
    assert scores["recall"] == pytest.approx(4 / 9.5)
    assert scores["iou"] == pytest.approx((4 / 7) / 3)
    assert scores["outside"] == 1 / 2
    assert scores["without"] == 1 / 3
    assert scores["mean_length"] == pytest.approx(11 / 3)


def test_the_truth_as_windows_is_perfect():
    truth = [[[0, 2, 6], [1, 8, 9.5]], None, [[0, 1, 2], [0, 5, 6]]]
    scores = window_scores(truth, truth)
    assert [scores[name] for name in ("precision", "recall", "iou")] == [1, 1, 1]
    assert scores["outside"] == scores["without"] == 0


def test_nothing_to_divide_by_is_nan():
    scores = window_scores([None, []], [None, []])
    assert all(np.isnan(score) for score in scores.values())
    alone = window_scores([None], [[[0, 1, 2]]])
    assert alone["precision"] == 0
    assert np.isnan(alone["recall"])


def _cells(segments):
    """Time units of each step; whole times make them exact."""
    return {(k, t) for k, a, b in segments for t in range(a, b)}


@given(st.lists(st.tuples(SEGMENTS, SEGMENTS), min_size=1, max_size=3))
def test_against_sets_of_units(pairs):
    truth, windows = (
        [list(side) for side in part] for part in zip(*pairs, strict=True)
    )
    scores = window_scores(truth, windows)
    both = true = found = 0
    ious, outside, without = [], [], []
    for t, w in pairs:
        units, cells = _cells(t), _cells(w)
        both, true = both + len(units & cells), true + len(units)
        found += len(cells)
        for step in {k for k, _, _ in t}:
            of_truth, of_window = (
                {u for u in part if u[0] == step} for part in (units, cells)
            )
            ious.append(len(of_truth & of_window) / len(of_truth | of_window))
            without.append(not of_window)
            if of_window:
                outside.append(not of_truth & of_window)
    expected = {
        "precision": both / found if found else np.nan,
        "recall": both / true if true else np.nan,
        "iou": np.mean(ious) if ious else np.nan,
        "outside": np.mean(outside) if outside else np.nan,
        "without": np.mean(without) if without else np.nan,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(scores[name], value, atol=1e-12)


@pytest.mark.parametrize(
    ("truth", "windows", "message"),
    [
        ([None], [], "1 annotations, 0 windows"),
        ([None], [[[0, 3, 2]]], r"windows\[0\] row 0 is reversed"),
        ([[[0, 1, np.nan]]], [None], r"annotations\[0\] holds NaN"),
        ([[[0, 1]]], [None], r"annotations\[0\] must have shape"),
    ],
)
def test_bad_input(truth, windows, message):
    with pytest.raises(ValueError, match=message):
        window_scores(truth, windows)
