"""Step recall, the measure of CrossTask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data import Task
from skcrosstask._progress import counted
from skcrosstask._segments import segment_units
from skcrosstask.metrics._averages import average_ratio, videos_by_task
from skcrosstask.metrics._checks import (
    check_annotation,
    check_average,
    check_prediction,
    check_rates,
    check_steps,
    task_names,
)

if TYPE_CHECKING:
    from skcrosstask._input import Annotations, PerVideo

_AVERAGES = ("task", "video", "micro", "step", None)


@overload
def step_recall(
    annotations: Annotations,
    predictions: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    rates: ArrayLike = ...,
    average: Literal["task", "video", "micro"] = ...,
) -> float: ...
@overload
def step_recall(
    annotations: Annotations,
    predictions: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    rates: ArrayLike = ...,
    average: Literal["step"],
) -> dict[str, np.ndarray]: ...
@overload
def step_recall(
    annotations: Annotations,
    predictions: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    rates: ArrayLike = ...,
    average: None,
) -> dict[str, float]: ...
@overload
def step_recall(
    annotations: Annotations,
    predictions: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    rates: ArrayLike = ...,
    average: str | None,
) -> float | dict[str, float] | dict[str, np.ndarray]: ...
def step_recall(
    annotations: Annotations,
    predictions: PerVideo,
    tasks: Sequence[Task | str] | None = None,
    *,
    rates: ArrayLike = 1.0,
    average: str | None = "task",
) -> float | dict[str, float] | dict[str, np.ndarray]:
    """Share of the present steps whose predicted time lies in a true segment.

    A step that is present in a video is hit if the one time unit predicted for it
    is touched by one of its segments: floor(rate start) <= t <= ceil(rate end) - 1.
    Absent steps count neither for nor against.

    Parameters
    ----------
    annotations : sequence of array-like of shape (n_i, 3)
        Each video's true segments, rows ``step, start, end``; steps from 0, times
        in seconds. None, or no row: no step is present.
    predictions : sequence of array-like of int of shape (K_i,)
        Each video's predicted time unit of each step, as ``predict`` returns it.
        -1 leaves the step out, a miss if it is present.
    tasks : sequence of Task or str, optional
        Each video's task. Without it, all videos belong to one task, "all".
    rates : float or sequence of float, default=1.0
        Time units a second, of all videos or of each: unit t covers the seconds
        ``[t / rate, (t + 1) / rate)``.
    average : {"task", "video", "micro", "step", None}, default="task"
        - "task": per task, hits over present steps of all its videos; then the
          mean over tasks. The paper's figure.
        - "video": per video, then the mean over videos.
        - "micro": hits over present steps of everything.
        - "step": a dict, the recall of each of a task's steps by its name; nan for
          steps that no video shows.
        - None: a dict, each task's recall by its name.

    Returns
    -------
    float, dict of str to float, or dict of str to ndarray of shape (K,)
        Recall from 0 to 1. Tasks (or videos) without a present step are left out.

    Raises
    ------
    ValueError
        If the lengths differ, an array has the wrong shape or holds NaN, an
        annotated step has no prediction, or no step is present in any video.
    TypeError
        If a task is neither a Task nor a str.

    References
    ----------
    Zhukov et al., "Cross-task weakly supervised learning from instructional
    videos", CVPR 2019, section 6.

    Examples
    --------
    The first video shows steps 0 and 1 and the prediction finds step 0 alone; the
    second shows step 1 twice and the prediction finds one of its segments.

    >>> from skcrosstask.metrics import step_recall
    >>> annotations = [[[0, 2.5, 4.0], [1, 6.0, 9.0]], [[1, 0, 2], [1, 5, 8]]]
    >>> predictions = [[2, 9, 11], [3, 7, 8]]
    >>> step_recall(annotations, predictions, ["tea", "coffee"])
    0.75
    >>> step_recall(annotations, predictions, ["tea", "coffee"], average=None)
    {'coffee': 1.0, 'tea': 0.5}
    >>> round(step_recall(annotations, predictions, average="micro"), 3)
    0.667

    With features twice a second, the same units are at half the time.

    >>> step_recall([[[0, 2.5, 4.0]]], [[6]], rates=2.0)
    1.0
    """
    check_average(average, _AVERAGES)
    names = task_names(tasks, annotations=annotations, predictions=predictions)
    of_videos = check_rates(rates, len(names))
    hits, present = _find_hits(annotations, predictions, tasks, of_videos)
    if not any(shown.any() for shown in present):
        raise ValueError("Recall is undefined: no step is present in any video.")
    if average == "step":
        return _by_step(hits, present, names)
    n_hits, n_present = ([int(x.sum()) for x in of] for of in (hits, present))
    return average_ratio(n_hits, n_present, names, average)


def _by_step(
    hits: Sequence[np.ndarray], present: Sequence[np.ndarray], names: Sequence[str]
) -> dict[str, np.ndarray]:
    """Recall of each step of each task; nan where no video shows it."""
    recalls = {}
    for task, of_task in videos_by_task(names).items():
        if len({len(hits[i]) for i in of_task}) > 1:
            raise ValueError(
                f"Videos of task {task!r} differ in their number of steps."
            )
        hit, shown = (
            np.sum([rows[i] for i in of_task], axis=0) for rows in (hits, present)
        )
        if shown.any():
            recalls[task] = np.where(shown > 0, hit / np.maximum(shown, 1), np.nan)
    return recalls


def _find_hits(
    annotations: Annotations,
    predictions: PerVideo,
    tasks: Sequence[Task | str] | None,
    rates: Sequence[float],
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Which steps are hit, and which are present, in each video.

    All videos' steps are laid in one row of slots, so that the comparison is a
    single array operation.
    """
    times, keys, units, n_slots = [], [], [], 0
    for i, (annotation, prediction) in enumerate(
        zip(annotations, predictions, strict=True)
    ):
        annotation = check_annotation(annotation, f"annotations[{i}]")
        prediction = check_prediction(prediction, i)
        n_steps = len(prediction)
        task = None if tasks is None else tasks[i]
        steps = getattr(task, "steps", None)
        if steps is not None and len(steps) != n_steps:
            raise ValueError(
                f"predictions[{i}] has {n_steps} entries, but its task "
                f"{getattr(task, 'name', task)!r} has "
                f"{counted(len(steps), 'step')}."
            )
        check_steps(annotation, n_steps, i)
        times.append(prediction)
        units.append(segment_units(annotation, rate=rates[i]))
        keys.append(units[-1][:, 0] + n_slots)
        n_slots += n_steps
    present, hit = np.zeros((2, n_slots), dtype=bool)
    if n_slots:
        rows, key, time = np.concatenate(units), np.concatenate(keys), np.hstack(times)
        inside = (time[key] >= rows[:, 1]) & (time[key] < rows[:, 2])
        present[key] = True
        hit[key[inside]] = True
    ends = np.cumsum([len(t) for t in times])[:-1]
    return np.split(hit, ends), np.split(present, ends)
