"""Average precision of frames ranked by a step's score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data import Task
from skcrosstask._segments import segment_units
from skcrosstask.metrics._averages import videos_by_task
from skcrosstask.metrics._checks import (
    check_annotation,
    check_average,
    check_rates,
    check_scores,
    check_steps,
    task_names,
)

if TYPE_CHECKING:
    from skcrosstask._input import Annotations, PerVideo

__all__ = ["mean_average_precision"]


@overload
def mean_average_precision(
    annotations: Annotations,
    scores: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    rates: ArrayLike = ...,
    average: str = ...,
) -> float: ...
@overload
def mean_average_precision(
    annotations: Annotations,
    scores: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    rates: ArrayLike = ...,
    average: None,
) -> dict[str, float]: ...
def mean_average_precision(
    annotations: Annotations,
    scores: PerVideo,
    tasks: Sequence[Task | str] | None = None,
    *,
    rates: ArrayLike = 1.0,
    average: str | None = "task",
) -> float | dict[str, float]:
    """Mean over steps of the average precision of ranked time units.

    For each step, the time units of all videos of its task are ranked by their score
    of the step; those that a segment of the step touches are to come first. Order
    of the steps plays no role.

    Parameters
    ----------
    annotations : sequence of array-like of shape (n_i, 3)
        Each video's true segments, rows ``step, start, end``; steps from 0, times
        in seconds. None, or no row: no step is present.
    scores : sequence of array-like of shape (T_i, K_i)
        Score of each step at each time unit, as ``decision_function`` returns them.
    tasks : sequence of Task or str, optional
        Each video's task. Without it, all videos belong to one task, "all".
    rates : float or sequence of float, default=1.0
        Time units a second, of all videos or of each: unit t covers the seconds
        ``[t / rate, (t + 1) / rate)``.
    average : {"task", None}, default="task"
        Mean over the tasks of the mean over their steps, or that of each task, by
        name. Steps that no video shows are left out.

    Returns
    -------
    float or dict of str to float
        From 0 to 1.

    Raises
    ------
    ValueError
        If lengths or shapes differ, scores hold NaN, or no step is present.
    TypeError
        If a task is neither a Task nor a str.

    Notes
    -----
    With precision P and recall R at each distinct score, in falling order, average
    precision is the sum of (R_n - R_{n-1}) P_n: equal scores share a rank.

    References
    ----------
    Zhukov et al., CVPR 2019, section 6.1, compares frame-wise classifiers this way.

    Examples
    --------
    One step, true in the units 1 and 2, which are ranked first and third.

    >>> from skcrosstask.metrics import mean_average_precision
    >>> scores = [[[0.2], [0.9], [0.4], [0.5]]]
    >>> round(mean_average_precision([[[0, 1, 3]]], scores), 3)
    0.833
    """
    check_average(average, ("task", None))
    names = task_names(tasks, annotations=annotations, scores=scores)
    of_videos = check_rates(rates, len(names))
    precision = {}
    for name, members in videos_by_task(names).items():
        pairs = [_read(annotations[i], scores[i], i, of_videos[i]) for i in members]
        widths = {pair[0].shape[1] for pair in pairs}
        if len(widths) > 1:
            raise ValueError(
                f"Scores of task {name!r} differ in their number of steps: "
                f"{sorted(widths)}."
            )
        truth, score = (np.concatenate(part) for part in zip(*pairs, strict=True))
        present = np.flatnonzero(truth.any(axis=0))
        if len(present):
            values = [_average_precision(truth[:, k], score[:, k]) for k in present]
            precision[name] = float(np.mean(values))
    if not precision:
        raise ValueError("Precision is undefined: no step is present in any video.")
    return precision if average is None else float(np.mean(list(precision.values())))


def _read(
    annotation: ArrayLike | None, scores: ArrayLike, video: int, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Truth and score of each time unit and step."""
    score = check_scores(scores, f"scores[{video}]")
    segments = check_annotation(annotation, f"annotations[{video}]")
    check_steps(segments, score.shape[1], video)
    truth = np.zeros(score.shape, dtype=bool)
    for step, first, stop in segment_units(segments, len(score), rate=rate):
        truth[first:stop, step] = True
    return truth, score


def _average_precision(truth: np.ndarray, score: np.ndarray) -> float:
    order = np.argsort(-score, kind="stable")
    hits, ranked = np.cumsum(truth[order]), score[order]
    # Where the score falls: equal scores are taken together.
    last = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)
    gained = np.diff(hits[last], prepend=0)
    return float(np.sum(gained * hits[last] / (last + 1)) / hits[-1])
