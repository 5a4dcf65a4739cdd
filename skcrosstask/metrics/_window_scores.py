"""How well windows from narration tell where the steps are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask.metrics._checks import check_annotation, check_same_length

if TYPE_CHECKING:
    from skcrosstask._input import Annotations

__all__ = ["window_scores"]


def window_scores(
    annotations: Annotations, windows: Sequence[ArrayLike | None] | np.ndarray
) -> dict[str, float]:
    """Precision, recall and overlap of windows, and how many steps they miss.

    Parameters
    ----------
    annotations : sequence of array-like of shape (n_i, 3)
        Each video's true segments, rows ``step, start, end``; times in seconds.
        None, or no row: no step is present.
    windows : sequence of array-like of shape (m_i, 3)
        Each video's windows, rows ``step, start, end``, in seconds. None, or no
        row: none.

    Returns
    -------
    dict of str to float
        - ``precision``: of the time within windows, the share within true segments
          of the windows' steps.
        - ``recall``: of the time within true segments, the share within windows of
          their steps.
        - ``iou``: intersection over union of a step's true time with that within its
          windows, in the mean over pairs of a video and a step that it shows; 0
          without a window.
        - ``outside``: of the pairs with a window, the share whose true segments lie
          wholly outside it.
        - ``without``: of the pairs, the share without a window.
        - ``mean_length``: of a window, in seconds.

        Times and pairs of all videos are pooled; nan where there is nothing to
        divide by. Where segments of one step overlap, their time counts once.

    Raises
    ------
    ValueError
        If lengths or shapes differ, or segments are malformed.

    See Also
    --------
    skcrosstask.narration.NarrationAligner : Makes windows.

    Notes
    -----
    Longer windows have more recall and less precision. Compare at like lengths.

    References
    ----------
    Zhukov et al., CVPR 2019, supplement, Table 1, gives precision and recall of the
    windows of three text features. The text there does not define them; shares of
    time agree with the lengths and numbers of windows and segments.

    Examples
    --------
    Of 10 s of windows, 4 s are true; 8 s of the steps are true. Step 1 lies outside.

    >>> from skcrosstask.metrics import window_scores
    >>> truth, windows = [[[0, 2, 8], [1, 20, 22]]], [[[0, 4, 9], [1, 10, 15]]]
    >>> scores = window_scores(truth, windows)
    >>> {name: round(score, 2) for name, score in scores.items()}
    {'precision': 0.4, 'recall': 0.5, 'iou': 0.29, 'outside': 0.5,
     'without': 0.0, 'mean_length': 5.0}
    """
    check_same_length(annotations=annotations, windows=windows)
    both, true, found, given = [], [], [], []
    n_windows, window_time = 0, 0.0
    for i, (annotation, window) in enumerate(zip(annotations, windows, strict=True)):
        segments = check_annotation(annotation, f"annotations[{i}]")
        rows = check_annotation(window, f"windows[{i}]")
        n_windows += len(rows)
        window_time += float((rows[:, 2] - rows[:, 1]).sum())
        # Windows of absent steps count too: they are time at the wrong place.
        for step in np.union1d(segments[:, 0], rows[:, 0]):
            of_truth, of_window = (_union(x[x[:, 0] == step]) for x in (segments, rows))
            both.append(_common_time(of_truth, of_window))
            true.append(_time(of_truth))
            found.append(_time(of_window))
            given.append(len(of_window) > 0)
    return {
        **_scores(np.array(both), np.array(true), np.array(found), np.array(given)),
        "mean_length": _ratio(window_time, n_windows),
    }


def _scores(
    both: np.ndarray, true: np.ndarray, found: np.ndarray, given: np.ndarray
) -> dict[str, float]:
    """Scores from common, true and window time of each pair of video and step."""
    shown = true > 0
    windowed = shown & given.astype(bool)
    union = (true + found - both)[shown]
    return {
        "precision": _ratio(both.sum(), found.sum()),
        "recall": _ratio(both.sum(), true.sum()),
        "iou": _ratio((both[shown] / union).sum(), shown.sum()),
        "outside": _ratio((both[windowed] == 0).sum(), windowed.sum()),
        "without": _ratio((shown & ~windowed).sum(), shown.sum()),
    }


def _union(segments: np.ndarray) -> np.ndarray:
    """Disjoint intervals, ascending, that cover the same times; (n, 2)."""
    intervals = segments[np.argsort(segments[:, 1]), 1:]
    if len(intervals) < 2:
        return intervals
    ends = np.maximum.accumulate(intervals[:, 1])
    apart = np.append(True, intervals[1:, 0] > ends[:-1])
    last = np.append(np.flatnonzero(apart)[1:] - 1, len(ends) - 1)
    return np.column_stack([intervals[apart, 0], ends[last]])


def _common_time(first: np.ndarray, second: np.ndarray) -> float:
    start = np.maximum(first[:, None, 0], second[None, :, 0])
    end = np.minimum(first[:, None, 1], second[None, :, 1])
    return float(np.maximum(end - start, 0.0).sum())


def _time(intervals: np.ndarray) -> float:
    return float((intervals[:, 1] - intervals[:, 0]).sum())


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
