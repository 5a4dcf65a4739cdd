"""Edit score: the order of segments, whatever their times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

import numpy as np

from skcrosstask._data import Task
from skcrosstask.metrics._averages import average_ratio
from skcrosstask.metrics._checks import (
    check_average,
    check_label_pairs,
    ignored_labels,
    task_names,
)
from skcrosstask.metrics._segments import label_segments

if TYPE_CHECKING:
    from skcrosstask._input import PerVideo

__all__ = ["edit_score"]


@overload
def edit_score(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    average: str = ...,
    ignore: int | Sequence[int] | None = ...,
) -> float: ...
@overload
def edit_score(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    average: None,
    ignore: int | Sequence[int] | None = ...,
) -> dict[str, float]: ...
def edit_score(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = None,
    *,
    average: str | None = "video",
    ignore: int | Sequence[int] | None = None,
) -> float | dict[str, float]:
    """Likeness of the sequence of predicted segments to that of the true ones.

    A video's labels are cut into segments, runs of one label, and their lengths are
    forgotten. With d the least number of segments to insert, drop or exchange so
    that one sequence becomes the other, the video's score is 1 - d / n, where n is
    the length of the longer sequence. Cutting a segment in pieces costs much here
    and little in frame accuracy.

    Parameters
    ----------
    true_labels, predicted_labels : sequence of array-like of int of shape (T_i,)
        Label of each time unit of each video.
    tasks : sequence of Task or str, optional
        Each video's task. Without it, all videos belong to one task, "all".
    average : {"video", "task", None}, default="video"
        Mean over videos; mean over tasks of the mean over their videos; or a dict
        by task name.
    ignore : int or sequence of int, optional
        Labels whose segments are left out of both sequences: ``ignore=-1`` leaves
        out background. Two segments of a step with only background between them
        remain two.

    Returns
    -------
    float or dict of str to float
        From 0 to 1; papers give it in percent. Videos with no segment in either
        sequence are left out.

    Raises
    ------
    ValueError
        If the lengths differ, a label is not a whole number, or no segment is left
        to count.
    TypeError
        If a task is neither a Task nor a str.

    References
    ----------
    Lea, Vidal and Hager, "Learning convolutional action primitives for fine-grained
    action recognition", ICRA 2016. Lea et al., "Temporal convolutional networks for
    action segmentation and detection", CVPR 2017.

    Examples
    --------
    The steps 0, 1, 2 are found as 0, 2: one is to be inserted.

    >>> from skcrosstask.metrics import edit_score
    >>> truth, found = [[0, 0, -1, 1, 1, 2]], [[0, -1, -1, -1, 2, 2]]
    >>> round(edit_score(truth, found, ignore=-1), 3)
    0.667
    >>> edit_score(truth, found)  # 0, -1, 1, 2 and 0, -1, 2
    0.75
    """
    check_average(average, ("video", "task", None))
    names = task_names(
        tasks, true_labels=true_labels, predicted_labels=predicted_labels
    )
    ignored = ignored_labels(ignore)
    score, counted = np.zeros((2, len(names)))
    for i, pair in enumerate(check_label_pairs(true_labels, predicted_labels)):
        true, found = (label_segments(labels, ignored)[:, 0] for labels in pair)
        longer = max(len(true), len(found))
        if longer:
            score[i], counted[i] = 1 - _edit_distance(true, found) / longer, 1
    if not counted.any():
        raise ValueError("Edit score is undefined: no segment is left to count.")
    return average_ratio(score, counted, names, average)


def _edit_distance(a: np.ndarray, b: np.ndarray) -> int:
    """Levenshtein distance of two sequences of labels, a row of the table at a time."""
    inserted = np.arange(len(b) + 1)
    row = inserted
    for i, label in enumerate(a, start=1):
        best = np.minimum(row[1:] + 1, row[:-1] + (b != label))
        # Insertions run along the row: the least of all starts, each plus its way.
        row = np.minimum.accumulate(np.append(i, best) - inserted) + inserted
    return int(row[-1])
