"""F1 of discovered steps, matched to the true ones."""

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
    check_prediction,
    check_rates,
    task_names,
)

if TYPE_CHECKING:
    from skcrosstask._input import Annotations, PerVideo

__all__ = ["hungarian_f1"]


@overload
def hungarian_f1(
    annotations: Annotations,
    predictions: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    rates: ArrayLike = ...,
    average: str = ...,
) -> float: ...
@overload
def hungarian_f1(
    annotations: Annotations,
    predictions: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    rates: ArrayLike = ...,
    average: None,
) -> dict[str, float]: ...
def hungarian_f1(
    annotations: Annotations,
    predictions: PerVideo,
    tasks: Sequence[Task | str] | None = None,
    *,
    rates: ArrayLike = 1.0,
    average: str | None = "task",
) -> float | dict[str, float]:
    """F1 of steps that were discovered, under the best matching to the true steps.

    The lists of discovered and of true steps may differ in length and meaning. For
    each task, a one-to-one matching of them is sought which makes the number of hits
    over all its videos as great as possible. A hit is a time unit predicted for a
    discovered step that a segment of its true step touches.

    Parameters
    ----------
    annotations : sequence of array-like of shape (n_i, 3)
        Each video's true segments, rows ``step, start, end``; true steps from 0,
        times in seconds.
    predictions : sequence of array-like of int of shape (K_i,)
        Each video's predicted time unit of each discovered step; -1 for none. The
        same number in all videos of a task.
    tasks : sequence of Task or str, optional
        Each video's task. Without it, all videos belong to one task, "all".
    rates : float or sequence of float, default=1.0
        Time units a second, of all videos or of each: unit t covers the seconds
        ``[t / rate, (t + 1) / rate)``.
    average : {"task", None}, default="task"
        Mean over tasks, or a dict by task name.

    Returns
    -------
    float or dict of str to float
        2 hits / (placed + present) of each task: the harmonic mean of precision,
        hits over predicted times, and recall, hits over pairs of a video and a true
        step that it shows. Tasks with nothing to find are left out.

    Raises
    ------
    ValueError
        If lengths differ, an array is malformed, or no step is present at all.
    TypeError
        If a task is neither a Task nor a str.

    References
    ----------
    Alayrac et al., "Unsupervised learning from narrated instruction videos", CVPR
    2016, section 5. Kuhn, "The Hungarian method for the assignment problem", 1955.

    Examples
    --------
    The first discovered step is the second true one; the other is not a step.

    >>> from skcrosstask.metrics import hungarian_f1
    >>> truth = [[[0, 0, 2], [1, 5, 9]], [[1, 3, 6]]]
    >>> found = [[6, 8], [4, 7]]
    >>> round(hungarian_f1(truth, found), 3)
    0.571
    """
    check_average(average, ("task", None))
    names = task_names(tasks, annotations=annotations, predictions=predictions)
    of_videos = check_rates(rates, len(names))
    scores = {}
    for name, members in videos_by_task(names).items():
        truth = [check_annotation(annotations[i], f"annotations[{i}]") for i in members]
        times = [check_prediction(predictions[i], i) for i in members]
        if len({len(row) for row in times}) > 1:
            raise ValueError(
                f"Videos of task {name!r} differ in their number of predicted steps."
            )
        if any(len(segments) for segments in truth):
            scores[name] = _best_f1(truth, times, [of_videos[i] for i in members])
    if not scores:
        raise ValueError("F1 is undefined: no step is present in any video.")
    return scores if average is None else float(np.mean(list(scores.values())))


def _best_f1(
    truth: Sequence[np.ndarray], times: Sequence[np.ndarray], rates: Sequence[float]
) -> float:
    # Imported here, since no other metric needs it.
    from scipy.optimize import linear_sum_assignment

    n_true = int(max(rows[:, 0].max() for rows in truth if len(rows))) + 1
    hits = np.zeros((len(times[0]), n_true))
    for segments, found, rate in zip(truth, times, rates, strict=True):
        # A step with several segments in a video is hit once.
        hit = np.zeros(hits.shape, dtype=bool)
        for step, first, stop in segment_units(segments, rate=rate):
            hit[:, step] |= (found >= first) & (found < stop)
        hits += hit
    best = hits[linear_sum_assignment(hits, maximize=True)].sum()
    placed = sum(int((found >= 0).sum()) for found in times)
    present = sum(len(np.unique(rows[:, 0])) for rows in truth)
    return float(2 * best / (placed + present))
