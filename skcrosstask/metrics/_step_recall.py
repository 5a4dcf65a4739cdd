"""Step recall, the measure of CrossTask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data import Task, segment_units
from skcrosstask._typing import Annotations, PerVideo
from skcrosstask.metrics._averages import average_ratio
from skcrosstask.metrics._checks import (
    check_annotation,
    check_average,
    check_same_length,
    check_steps,
    task_names,
)

_AVERAGES = ("task", "video", "micro", None)


@overload
def step_recall(
    annotations: Annotations,
    predictions: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    average: str = ...,
) -> float: ...
@overload
def step_recall(
    annotations: Annotations,
    predictions: PerVideo,
    tasks: Sequence[Task | str] | None = ...,
    *,
    average: None,
) -> dict[str, float]: ...
def step_recall(
    annotations: Annotations,
    predictions: PerVideo,
    tasks: Sequence[Task | str] | None = None,
    *,
    average: str | None = "task",
) -> float | dict[str, float]:
    """Share of the present steps whose predicted time lies in a true segment.

    A step that is present in a video is hit if the one time unit predicted for it
    is touched by one of its segments: floor(start) <= t <= ceil(end) - 1. Absent
    steps count neither for nor against.

    Parameters
    ----------
    annotations : sequence of array-like of shape (n_i, 3)
        Each video's true segments, rows ``step, start, end``; steps from 0, times
        in time units. None, or no row: no step is present.
    predictions : sequence of array-like of int of shape (K_i,)
        Each video's predicted time unit of each step, as ``predict`` returns it.
        -1 leaves the step out, a miss if it is present.
    tasks : sequence of Task or str, optional
        Each video's task. Without it all videos are of one task, "all".
    average : {"task", "video", "micro", None}, default="task"
        - "task": per task, hits over present steps of all its videos; then the
          mean over tasks. The paper's figure.
        - "video": per video, then the mean over videos.
        - "micro": hits over present steps of everything.
        - None: a dict, each task's recall by its name.

    Returns
    -------
    float or dict of str to float
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
    """
    check_average(average, _AVERAGES)
    check_same_length(annotations=annotations, predictions=predictions)
    if tasks is not None:
        check_same_length(annotations=annotations, tasks=tasks)
    names = task_names(tasks, len(annotations))
    hits, present = _count_hits(annotations, predictions, tasks)
    if not present.any():
        raise ValueError("Recall is undefined: no step is present in any video.")
    return average_ratio(hits, present, names, average)


def _count_hits(
    annotations: Annotations, predictions: PerVideo, tasks: Sequence[Task | str] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of hits and of present steps of each video.

    All videos' steps are laid in one row of slots, so that the comparison is a
    single array operation.
    """
    times, keys, units, n_slots = [], [], [], 0
    for i, (annotation, prediction) in enumerate(
        zip(annotations, predictions, strict=True)
    ):
        annotation = check_annotation(annotation, f"annotations[{i}]")
        prediction = _check_prediction(prediction, i)
        n_steps = len(prediction)
        task = None if tasks is None else tasks[i]
        steps = getattr(task, "steps", None)
        if steps is not None and len(steps) != n_steps:
            raise ValueError(
                f"predictions[{i}] has {n_steps} entries, but its task "
                f"{getattr(task, 'name', task)!r} has {len(steps)} steps."
            )
        check_steps(annotation, n_steps, i)
        times.append(prediction)
        units.append(segment_units(annotation))
        keys.append(units[-1][:, 0] + n_slots)
        n_slots += n_steps
    present, hit = np.zeros((2, n_slots), dtype=bool)
    if n_slots:
        rows, key, time = np.concatenate(units), np.concatenate(keys), np.hstack(times)
        inside = (time[key] >= rows[:, 1]) & (time[key] < rows[:, 2])
        present[key] = True
        hit[key[inside]] = True
    video = np.repeat(np.arange(len(times)), [len(t) for t in times])
    n_videos = len(times)
    hits = np.bincount(video, hit, minlength=n_videos)
    return hits, np.bincount(video, present, minlength=n_videos)


def _check_prediction(prediction: ArrayLike, video: int) -> np.ndarray:
    try:
        times = np.asarray(prediction, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            f"predictions[{video}] must be whole numbers, got {prediction!r}."
        ) from None
    if times.ndim != 1:
        raise ValueError(
            f"predictions[{video}] must have shape (K,), one time unit a step; got "
            f"shape {times.shape}."
        )
    if np.isnan(times).any():
        raise ValueError(f"predictions[{video}] holds NaN; -1 leaves a step out.")
    if not (np.isfinite(times) & (times == np.floor(times)) & (times >= -1)).all():
        raise ValueError(
            f"predictions[{video}] must be whole numbers from 0, or -1 for a step "
            f"left out; got {prediction!r}."
        )
    return times
