"""F1 of segments that overlap enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from skcrosstask._data import Task
from skcrosstask.metrics._averages import average_ratio
from skcrosstask.metrics._checks import (
    check_average,
    check_label_pairs,
    check_listed,
    ignored_labels,
    task_names,
)
from skcrosstask.metrics._segments import intersections, label_segments

if TYPE_CHECKING:
    from skcrosstask._input import PerVideo

__all__ = ["segmental_f1"]


@overload
def segmental_f1(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    overlaps: Sequence[float] = ...,
    average: str = ...,
    ignore: int | Sequence[int] | None = ...,
) -> dict[float, float]: ...
@overload
def segmental_f1(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    overlaps: Sequence[float] = ...,
    average: None,
    ignore: int | Sequence[int] | None = ...,
) -> dict[float, dict[str, float]]: ...
def segmental_f1(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = None,
    *,
    overlaps: Sequence[float] = (0.1, 0.25, 0.5),
    average: str | None = "micro",
    ignore: int | Sequence[int] | None = None,
) -> dict[float, Any]:
    """Segmental F1@k: segments found, where enough of them overlaps.

    A video's labels are cut into segments, runs of one label. Each predicted segment
    goes to the true one of its label with which its intersection over union is
    highest, and is right if that reaches the overlap k; of several that do on one
    true segment, one is right and the others are wrong. Small shifts of a boundary
    cost nothing, pieces too many do.

    Parameters
    ----------
    true_labels, predicted_labels : sequence of array-like of int of shape (T_i,)
        Label of each time unit of each video.
    tasks : sequence of Task or str, optional
        Each video's task. Without it, all videos belong to one task, "all".
    overlaps : sequence of float in (0, 1], default=(0.1, 0.25, 0.5)
        The overlaps k.
    average : {"micro", "video", "task", None}, default="micro"
        Over the segments of all videos; mean of the videos' F1; mean over tasks,
        each over its segments; or a dict by task name. Papers differ: see Notes.
    ignore : int or sequence of int, optional
        Labels whose segments do not count: ``ignore=-1`` leaves out background.

    Returns
    -------
    dict of float to float, or dict of float to dict of str to float
        By overlap, F1 = 2 right / (predicted + true), from 0 to 1; papers give it in
        percent. Tasks (or videos) without a segment are left out.

    Raises
    ------
    ValueError
        If the lengths differ, a label is not a whole number, an overlap is not
        in (0, 1], or no segment is left to count.
    TypeError
        If a task is neither a Task nor a str, or overlaps are not a sequence.

    Notes
    -----
    The program of Lea et al. takes the mean of the videos' F1, "video"; that of Abu
    Farha and Gall counts over all videos, "micro", as most do since.

    References
    ----------
    Lea et al., "Temporal convolutional networks for action segmentation and
    detection", CVPR 2017. Abu Farha and Gall, "MS-TCN: multi-stage temporal
    convolutional network for action segmentation", CVPR 2019.

    Examples
    --------
    Step 0 overlaps by 2 of 5 units; step 1 is found in two pieces, of which the
    first is half of it.

    >>> from skcrosstask.metrics import segmental_f1
    >>> truth = [[0, 0, 0, 0, -1, 1, 1, 1, 1]]
    >>> found = [[-1, -1, 0, 0, 0, 1, 1, -1, 1]]
    >>> segmental_f1(truth, found, ignore=-1)
    {0.1: 0.8, 0.25: 0.8, 0.5: 0.4}
    """
    check_average(average, ("micro", "video", "task", None))
    check_listed(overlaps, "overlaps", "float in (0, 1]")
    if not len(overlaps) or not all(0 < k <= 1 for k in overlaps):
        raise ValueError(f"overlaps must be in (0, 1], got {overlaps!r}.")
    names = task_names(
        tasks, true_labels=true_labels, predicted_labels=predicted_labels
    )
    ignored = ignored_labels(ignore)
    right, counted = np.zeros((len(overlaps), len(names))), np.zeros(len(names))
    for i, pair in enumerate(check_label_pairs(true_labels, predicted_labels)):
        true, found = (label_segments(labels, ignored) for labels in pair)
        right[:, i] = _count_right(true, found, overlaps)
        counted[i] = len(true) + len(found)
    if not counted.any():
        raise ValueError("F1 is undefined: no segment is left to count.")
    return {
        k: average_ratio(2 * row, counted, names, average)
        for k, row in zip(overlaps, right, strict=True)
    }


def _count_right(
    true: np.ndarray, found: np.ndarray, overlaps: Sequence[float]
) -> list[int]:
    """Number of right segments at each overlap."""
    if not len(true) or not len(found):
        return [0] * len(overlaps)
    both = intersections(found, true)
    lengths, true_lengths = found[:, 2] - found[:, 1], true[:, 2] - true[:, 1]
    iou = both / (lengths[:, None] + true_lengths - both)
    best, reached = iou.argmax(axis=1), iou.max(axis=1)
    # Of several segments on one true segment, only one is right.
    return [len(np.unique(best[reached >= k])) for k in overlaps]
