"""How far the annotations keep to their task's order of steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data import Task
from skcrosstask._progress import counted
from skcrosstask._segments import segment_units
from skcrosstask.metrics._averages import average_ratio
from skcrosstask.metrics._checks import (
    check_annotation,
    check_average,
    check_length,
    check_rates,
    check_same_length,
    check_steps,
    step_counts,
    task_names,
)

if TYPE_CHECKING:
    from skcrosstask._input import Annotations


@overload
def order_consistency(
    annotations: Annotations,
    tasks: Sequence[Task],
    lengths: Sequence[int] | np.ndarray | None = ...,
    *,
    rates: ArrayLike = ...,
    average: str = ...,
) -> float: ...
@overload
def order_consistency(
    annotations: Annotations,
    tasks: Sequence[Task],
    lengths: Sequence[int] | np.ndarray | None = ...,
    *,
    rates: ArrayLike = ...,
    average: None,
) -> dict[str, float]: ...
def order_consistency(
    annotations: Annotations,
    tasks: Sequence[Task],
    lengths: Sequence[int] | np.ndarray | None = None,
    *,
    rates: ArrayLike = 1.0,
    average: str | None = "task",
) -> float | dict[str, float]:
    """Recall of the best parse that keeps to the order of the steps.

    The parse is the one that hits the most present steps among those that give
    each step of the task one time unit, at increasing times. So it bounds the
    recall of every method that predicts this way.

    Parameters
    ----------
    annotations : sequence of array-like of shape (n_i, 3)
        Each video's true segments, rows ``step, start, end``; steps from 0, times
        in seconds. A video with None is left out.
    tasks : sequence of Task
        Each video's task.
    lengths : array-like of int of shape (n_videos,), optional
        Number of time units of each video; segments are clipped to it. Without it
        a video has room for all its steps after its last segment.
    rates : float or sequence of float, default=1.0
        Time units a second, of all videos or of each: unit t covers the seconds
        ``[t / rate, (t + 1) / rate)``.
    average : {"task", "video", "micro", None}, default="task"
        As in :func:`~skcrosstask.metrics.step_recall`.

    Returns
    -------
    float or dict of str to float
        From 0 to 1. On CrossTask 0.864 as a mean over tasks.

    Raises
    ------
    ValueError
        If the lengths differ, an annotation is malformed, a video has fewer time
        units than steps, or no step is present in any video.
    TypeError
        If an entry of ``tasks`` is not a Task.

    References
    ----------
    Zhukov et al., CVPR 2019, supplement: order consistency of the primary tasks.

    Examples
    --------
    Step 2 comes before step 1, so that an ordered parse hits two of the three.

    >>> from skcrosstask import Task
    >>> from skcrosstask.metrics import order_consistency
    >>> tea = Task("tea", ["boil water", "add tea", "pour water"])
    >>> annotation = [[0, 1, 3], [2, 4, 6], [1, 7, 9]]
    >>> round(order_consistency([annotation], [tea]), 3)
    0.667
    """
    check_average(average, ("task", "video", "micro", None))
    names, counts = task_names(tasks, annotations=annotations), step_counts(tasks)
    if lengths is not None:
        check_same_length(annotations=annotations, lengths=lengths)
    of_videos = check_rates(rates, len(names))
    hits, present = np.zeros((2, len(tasks)))
    for i, annotation in enumerate(annotations):
        annotation = check_annotation(annotation, f"annotations[{i}]")
        check_steps(annotation, counts[i], i)
        if len(annotation):
            length = (
                None if lengths is None else check_length(lengths[i], f"lengths[{i}]")
            )
            units = segment_units(annotation, length, rate=of_videos[i])
            hits[i] = _best_ordered_hits(units, counts[i], length, i)
            present[i] = len(np.unique(annotation[:, 0]))
    if not present.any():
        raise ValueError("Consistency is undefined: no step is present in any video.")
    return average_ratio(hits, present, names, average)


def _best_ordered_hits(
    units: np.ndarray, n_steps: int, length: int | None, video: int
) -> float:
    """Most hits of one unit per step at increasing times, in K passes over T."""
    # Without a length, steps that are missing have room after the last segment.
    n_units = int(units[:, 2].max()) + n_steps if length is None else length
    if n_units < n_steps:
        raise ValueError(
            f"Video {video} has {counted(n_units, 'time unit')}, too few for "
            f"{counted(n_steps, 'step')}."
        )
    hit = np.zeros((n_steps, n_units))
    for step, first, stop in units:
        hit[step, first:stop] = 1
    # best[t]: most hits of the steps placed so far within the first t units.
    best = np.zeros(n_units + 1)
    for row in hit:
        best[1:] = np.maximum.accumulate(best[:-1] + row)
        # No step fits in no time.
        best[0] = -np.inf
    return best[-1]
