"""How much of the steps is missing, and how much of the videos is background."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data import Task
from skcrosstask._segments import segment_units
from skcrosstask.metrics._averages import average_ratio
from skcrosstask.metrics._checks import (
    check_annotation,
    check_average,
    check_length,
    check_rates,
    check_steps,
    step_counts,
    task_names,
)

if TYPE_CHECKING:
    from skcrosstask._input import Annotations


@overload
def missing_share(
    annotations: Annotations, tasks: Sequence[Task], *, average: str = ...
) -> float: ...
@overload
def missing_share(
    annotations: Annotations, tasks: Sequence[Task], *, average: None
) -> dict[str, float]: ...
def missing_share(
    annotations: Annotations,
    tasks: Sequence[Task],
    *,
    average: str | None = "task",
) -> float | dict[str, float]:
    """Share of the tasks' steps that their videos do not show.

    Parameters
    ----------
    annotations : sequence of array-like of shape (n_i, 3)
        Each video's true segments, rows ``step, start, end``; steps from 0. A
        video with None is not annotated and left out.
    tasks : sequence of Task
        Each video's task.
    average : {"task", "video", "micro", None}, default="task"
        Mean over tasks, each pooled over its videos; mean over videos; pooled
        over all pairs of a video and a step; or a dict by task name.

    Returns
    -------
    float or dict of str to float
        From 0 to 1. On CrossTask 0.304 as a mean over tasks; the paper's 31 % is
        the pooled share, 0.309.

    Raises
    ------
    ValueError
        If the lengths differ, an annotation is malformed, or no video is annotated.
    TypeError
        If an entry of ``tasks`` is not a Task.

    Examples
    --------
    >>> from skcrosstask import Task
    >>> from skcrosstask.metrics import missing_share
    >>> tea = Task("tea", ["boil water", "add tea", "pour water", "add milk"])
    >>> missing_share([[[0, 3, 9], [2, 9, 12]], [[2, 1, 2]]], [tea, tea])
    0.625
    """
    check_average(average, ("task", "video", "micro", None))
    names, counts = task_names(tasks, annotations=annotations), step_counts(tasks)
    missing, whole, kept = [], [], []
    for i, annotation in enumerate(annotations):
        if annotation is None:
            continue
        annotation = check_annotation(annotation, f"annotations[{i}]")
        check_steps(annotation, counts[i], i)
        missing.append(counts[i] - len(np.unique(annotation[:, 0])))
        whole.append(counts[i])
        kept.append(names[i])
    if not kept:
        raise ValueError("No video is annotated.")
    return average_ratio(missing, whole, kept, average)


@overload
def background_share(
    annotations: Annotations,
    lengths: Sequence[int] | np.ndarray,
    tasks: Sequence[Task | str] | None = ...,
    *,
    rates: ArrayLike = ...,
    average: str = ...,
) -> float: ...
@overload
def background_share(
    annotations: Annotations,
    lengths: Sequence[int] | np.ndarray,
    tasks: Sequence[Task | str] | None = ...,
    *,
    rates: ArrayLike = ...,
    average: None,
) -> dict[str, float]: ...
def background_share(
    annotations: Annotations,
    lengths: Sequence[int] | np.ndarray,
    tasks: Sequence[Task | str] | None = None,
    *,
    rates: ArrayLike = 1.0,
    average: str | None = "task",
) -> float | dict[str, float]:
    """Share of the time units that no segment touches.

    Parameters
    ----------
    annotations : sequence of array-like of shape (n_i, 3)
        Each video's true segments, rows ``step, start, end``, times in seconds. A
        video with None is not annotated and left out. Segments may overlap.
    lengths : array-like of int of shape (n_videos,)
        Number of time units of each video; segments are clipped to it.
    tasks : sequence of Task or str, optional
        Each video's task. Without it, all videos belong to one task, "all".
    rates : float or sequence of float, default=1.0
        Time units a second, of all videos or of each: unit t covers the seconds
        ``[t / rate, (t + 1) / rate)``.
    average : {"task", "video", None}, default="task"
        A task's share is the mean over its videos. Mean over tasks; mean over
        all videos; or a dict by task name.

    Returns
    -------
    float or dict of str to float
        From 0 to 1. On CrossTask 0.715 as a mean over tasks.

    Raises
    ------
    ValueError
        If the lengths differ, an annotation is malformed, an annotated video has
        no positive length, or no video is annotated.

    Examples
    --------
    Units 1 to 5 of ten are touched: the segments share unit 3.

    >>> from skcrosstask.metrics import background_share
    >>> background_share([[[0, 1.0, 4.0], [1, 3.5, 5.2]]], [10])
    0.5
    """
    check_average(average, ("task", "video", None))
    names = task_names(tasks, annotations=annotations, lengths=lengths)
    of_videos = check_rates(rates, len(names))
    shares, kept = [], []
    for i, annotation in enumerate(annotations):
        if annotation is None:
            continue
        annotation = check_annotation(annotation, f"annotations[{i}]")
        length = check_length(lengths[i], f"lengths[{i}]")
        shares.append(
            _background(segment_units(annotation, length, rate=of_videos[i]), length)
        )
        kept.append(names[i])
    if not kept:
        raise ValueError("No video is annotated.")
    return average_ratio(shares, np.ones(len(kept)), kept, average)


def _background(units: np.ndarray, length: int) -> float:
    # Marked and not summed, since segments may overlap.
    touched = np.zeros(length, dtype=bool)
    for _, first, stop in units:
        touched[first:stop] = True
    return 1.0 - touched.mean()
