"""Accuracy of labels given to every time unit."""

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
    check_label_pairs,
    check_length,
    check_rates,
    ignored_labels,
    task_names,
)

if TYPE_CHECKING:
    from skcrosstask._input import PerVideo

__all__ = ["frame_accuracy", "frame_labels"]


def frame_labels(
    annotation: ArrayLike | None,
    n_units: int,
    *,
    background: int = -1,
    rate: float = 1.0,
) -> np.ndarray:
    """Label of each time unit of one video.

    Parameters
    ----------
    annotation : array-like of shape (n, 3)
        Rows ``step, start, end``; steps from 0, times in seconds. None or no row: all
        background.
    n_units : int
        Length T of the video in time units; segments are clipped to it.
    background : int, default=-1
        Label of the units that no segment touches.
    rate : float, default=1.0
        Time units a second.

    Returns
    -------
    ndarray of shape (n_units,) of int64
        Where segments overlap, the one that starts later has the unit.

    Raises
    ------
    ValueError
        If the annotation is malformed, the length is not a whole number from 0, or
        the rate is not positive.

    Examples
    --------
    >>> from skcrosstask.metrics import frame_labels
    >>> frame_labels([[1, 3.5, 5.0], [0, 1.0, 4.0]], 7)
    array([-1,  0,  0,  1,  1, -1, -1])
    """
    segments = check_annotation(annotation, "annotation")
    segments = segments[np.argsort(segments[:, 1], kind="stable")]
    n_units = check_length(n_units, "n_units", least=0)
    (rate,) = check_rates(rate, 1)
    labels = np.full(n_units, background, dtype=np.int64)
    for step, first, stop in segment_units(segments, n_units, rate=rate):
        labels[first:stop] = step
    return labels


@overload
def frame_accuracy(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    average: str = ...,
    ignore: int | Sequence[int] | None = ...,
) -> float: ...
@overload
def frame_accuracy(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    average: None,
    ignore: int | Sequence[int] | None = ...,
) -> dict[str, float]: ...
def frame_accuracy(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = None,
    *,
    average: str | None = "micro",
    ignore: int | Sequence[int] | None = None,
) -> float | dict[str, float]:
    """Share of the time units that have the right label.

    Parameters
    ----------
    true_labels, predicted_labels : sequence of array-like of int of shape (T_i,)
        Label of each time unit of each video.
    tasks : sequence of Task or str, optional
        Each video's task. Without it, all videos belong to one task, "all".
    average : {"micro", "task", "video", None}, default="micro"
        Over the units of all videos; mean over tasks, each over its units; mean
        over videos; or a dict by task name.
    ignore : int or sequence of int, optional
        Units whose true label is one of these do not count: ``ignore=-1`` leaves
        out background. None counts all units.

    Returns
    -------
    float or dict of str to float
        From 0 to 1. Tasks (or videos) without a unit that counts are left out.

    Raises
    ------
    ValueError
        If the lengths differ, a label is missing or not a whole number, or no
        unit is left to count.
    TypeError
        If a task is neither a Task nor a str.

    Examples
    --------
    >>> from skcrosstask.metrics import frame_accuracy
    >>> truth, found = [[-1, 0, 0, 1], [-1, -1]], [[-1, 0, 1, 1], [-1, -1]]
    >>> round(frame_accuracy(truth, found), 3)
    0.833
    >>> round(frame_accuracy(truth, found, ignore=-1), 3)
    0.667
    >>> frame_accuracy(truth, found, ignore=(-1, 1))
    0.5
    >>> frame_accuracy(truth, found, average="video")
    0.875
    """
    check_average(average, ("micro", "task", "video", None))
    names = task_names(
        tasks, true_labels=true_labels, predicted_labels=predicted_labels
    )
    ignored = ignored_labels(ignore)
    right, counted = np.zeros((2, len(names)))
    for i, (true, found) in enumerate(check_label_pairs(true_labels, predicted_labels)):
        counts = ~np.isin(true, ignored)
        right[i], counted[i] = np.sum(counts & (true == found)), counts.sum()
    if not counted.any():
        raise ValueError("Accuracy is undefined: no time unit is left to count.")
    return average_ratio(right, counted, names, average)
