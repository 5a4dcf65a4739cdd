"""Overlap of predicted with true steps: IoU and IoD."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from skcrosstask.metrics._segments import intersections, label_segments

if TYPE_CHECKING:
    from skcrosstask._input import PerVideo

__all__ = ["iod_score", "iou_score"]

_AVERAGES = ("video", "task", "micro", None)
# Overlap from the sizes of an intersection, of the truth and of what was found.
_Ratio = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@overload
def iou_score(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    unit: str = ...,
    average: str = ...,
    ignore: int | Sequence[int] | None = ...,
) -> float: ...
@overload
def iou_score(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    unit: str = ...,
    average: None,
    ignore: int | Sequence[int] | None = ...,
) -> dict[str, float]: ...
def iou_score(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = None,
    *,
    unit: str = "step",
    average: str | None = "video",
    ignore: int | Sequence[int] | None = None,
) -> float | dict[str, float]:
    """Intersection over union, the Jaccard index, of predicted with true time.

    With G the true time units and D the predicted ones, ``|G ∩ D| / |G ∪ D|``. What
    G and D are, ``unit`` says; what is averaged, ``average``.

    Parameters
    ----------
    true_labels, predicted_labels : sequence of array-like of int of shape (T_i,)
        Label of each time unit of each video.
    tasks : sequence of Task or str, optional
        Each video's task. Without it, all videos belong to one task, "all".
    unit : {"step", "segment"}, default="step"
        - "step": for each label that is true somewhere in the video, G and D are all
          units of that label in it.
        - "segment": for each true segment, a run of one label, D is the predicted
          segment of that label which gives the highest ratio. Several true segments
          may have the same D.
    average : {"video", "task", "micro", None}, default="video"
        Mean of a video's ratios, then over videos; mean of a task's ratios, then
        over tasks; mean of all ratios; or a dict of the tasks' means by name.
    ignore : int or sequence of int, optional
        Labels that do not count: ``ignore=-1`` leaves out background.

    Returns
    -------
    float or dict of str to float
        From 0 to 1. A step that is predicted nowhere has 0; one that is predicted
        but not true has no ratio of its own.

    Raises
    ------
    ValueError
        If the lengths differ, a label is not a whole number, or nothing is left to
        count.
    TypeError
        If a task is neither a Task nor a str.

    See Also
    --------
    iod_score : Divides by the predicted time alone.

    Notes
    -----
    For the frames of many videos as one, as :func:`sklearn.metrics.jaccard_score`
    counts them, pass their labels concatenated as one video.

    References
    ----------
    By segment: Lea, Vidal and Hager, "Learning convolutional action primitives for
    fine-grained action recognition", ICRA 2016; Ding and Xu, "Weakly-supervised
    action segmentation with iterative soft boundary assignment", CVPR 2018. By step:
    the program of Lu and Elhamifar, "Weakly-supervised action segmentation and
    alignment via transcript-aware union-of-subspaces learning", ICCV 2021.

    Examples
    --------
    Step 0 is found in 2 of its 4 units and in one too many; step 1 in its second
    segment alone.

    >>> from skcrosstask.metrics import iou_score
    >>> truth = [[0, 0, 0, 0, 1, -1, 1]]
    >>> found = [[-1, -1, 0, 0, 0, -1, 1]]
    >>> round(iou_score(truth, found, ignore=-1), 3)  # (2/5 + 1/2) / 2
    0.45

    By segment, (2/5 + 0 + 1) / 3:

    >>> round(iou_score(truth, found, unit="segment", ignore=-1), 3)
    0.467
    """

    def ratio(both: np.ndarray, true: np.ndarray, found: np.ndarray) -> np.ndarray:
        return both / (true + found - both)

    return _mean_overlap(
        true_labels, predicted_labels, tasks, ratio, unit, average, ignore
    )


@overload
def iod_score(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    unit: str = ...,
    average: str = ...,
    ignore: int | Sequence[int] | None = ...,
) -> float: ...
@overload
def iod_score(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    unit: str = ...,
    average: None,
    ignore: int | Sequence[int] | None = ...,
) -> dict[str, float]: ...
def iod_score(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None = None,
    *,
    unit: str = "step",
    average: str | None = "video",
    ignore: int | Sequence[int] | None = None,
) -> float | dict[str, float]:
    """Intersection over detection: the share of predicted time that is true.

    With G the true time units and D the predicted ones, ``|G ∩ D| / |D|``. A short
    prediction within the true time has 1, so that a shorter one is never worse.

    Parameters
    ----------
    true_labels, predicted_labels : sequence of array-like of int of shape (T_i,)
        Label of each time unit of each video.
    tasks : sequence of Task or str, optional
        Each video's task. Without it, all videos belong to one task, "all".
    unit : {"step", "segment"}, default="step"
        What G and D are, as for :func:`~skcrosstask.metrics.iou_score`.
    average : {"video", "task", "micro", None}, default="video"
        What is averaged, as for :func:`~skcrosstask.metrics.iou_score`.
    ignore : int or sequence of int, optional
        Labels that do not count: ``ignore=-1`` leaves out background.

    Returns
    -------
    float or dict of str to float
        From 0 to 1. A step that is predicted nowhere has 0; one that is predicted
        but not true has no ratio of its own.

    Raises
    ------
    ValueError
        If the lengths differ, a label is not a whole number, or nothing is left to
        count.
    TypeError
        If a task is neither a Task nor a str.

    See Also
    --------
    iou_score : Divides by the true or predicted time.

    References
    ----------
    Ding and Xu, CVPR 2018, by segment; the program of Lu and Elhamifar, ICCV 2021,
    by step. Full titles are in :func:`~skcrosstask.metrics.iou_score`.

    Examples
    --------
    Of the 3 units predicted for step 0, 2 are true; that of step 1 is.

    >>> from skcrosstask.metrics import iod_score
    >>> truth = [[0, 0, 0, 0, 1, -1, 1]]
    >>> found = [[-1, -1, 0, 0, 0, -1, 1]]
    >>> round(iod_score(truth, found, ignore=-1), 3)  # (2/3 + 1) / 2
    0.833

    By segment, (2/3 + 0 + 1) / 3:

    >>> round(iod_score(truth, found, unit="segment", ignore=-1), 3)
    0.556
    """

    def ratio(both: np.ndarray, true: np.ndarray, found: np.ndarray) -> np.ndarray:
        # Where nothing is found, neither is anything in common.
        return both / np.maximum(found, 1)

    return _mean_overlap(
        true_labels, predicted_labels, tasks, ratio, unit, average, ignore
    )


def _mean_overlap(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    tasks: Sequence[Task | str] | None,
    ratio: _Ratio,
    unit: str,
    average: str | None,
    ignore: int | Sequence[int] | None,
) -> float | dict[str, float]:
    check_average(average, _AVERAGES)
    if unit not in ("step", "segment"):
        raise ValueError(f"unit must be 'step' or 'segment', got {unit!r}.")
    names = task_names(
        tasks, true_labels=true_labels, predicted_labels=predicted_labels
    )
    ignored = ignored_labels(ignore)
    overlaps_of = _of_steps if unit == "step" else _of_segments
    ratios = [
        overlaps_of(true, found, ignored, ratio)
        for true, found in check_label_pairs(true_labels, predicted_labels)
    ]
    counts = [len(of_video) for of_video in ratios]
    if not any(counts):
        raise ValueError(f"Overlap is undefined: no true {unit} is left to count.")
    return average_ratio([x.sum() for x in ratios], counts, names, average)


def _of_steps(
    true: np.ndarray, found: np.ndarray, ignored: np.ndarray, ratio: _Ratio
) -> np.ndarray:
    labels = np.setdiff1d(true, ignored)
    is_true, is_found = true[:, None] == labels, found[:, None] == labels
    return ratio(*((x.sum(axis=0)) for x in (is_true & is_found, is_true, is_found)))


def _of_segments(
    true: np.ndarray, found: np.ndarray, ignored: np.ndarray, ratio: _Ratio
) -> np.ndarray:
    truth, runs = label_segments(true, ignored), label_segments(found, ignored)
    length, run_length = truth[:, 2] - truth[:, 1], runs[:, 2] - runs[:, 1]
    ratios = ratio(intersections(truth, runs), length[:, None], run_length)
    return ratios.max(axis=1, initial=0)
