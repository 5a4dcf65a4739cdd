"""What users pass: types of it, and videos with their tasks from X and y."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data import Task, Video

__all__ = [
    "Annotations",
    "PathLike",
    "PerVideo",
    "TasksLike",
    "VideosLike",
    "object_array",
    "read_videos",
]

PathLike = str | os.PathLike[str]
# X of fit, predict and score: videos or their (T, D) features.
VideosLike = Sequence[Video | np.ndarray] | np.ndarray
# y: one task a video, one for all, or steps by task name.
TasksLike = Task | Sequence[Task] | np.ndarray | Mapping[str, Task | Iterable[str]]
# One array a video, as predict returns them; of annotations, None where unknown.
PerVideo = Sequence[ArrayLike] | np.ndarray
Annotations = Sequence[ArrayLike | None] | np.ndarray


def object_array(items: Sequence) -> np.ndarray:
    """One-dimensional array of objects, whatever their shapes.

    Parameters
    ----------
    items : sequence
        The entries.

    Returns
    -------
    ndarray of shape (n,) of object
        Never joined to a matrix, even where all shapes agree.
    """
    out = np.empty(len(items), dtype=object)
    for i, item in enumerate(items):
        out[i] = item
    return out


def read_videos(
    X: VideosLike, y: TasksLike | None = None
) -> tuple[list[Video], list[Task]]:
    """Videos and their tasks from what users pass to fit, predict and score.

    Parameters
    ----------
    X : sequence of Video or of (T, D) arrays
        The videos.
    y : sequence of Task, Task, or mapping of task name to steps, optional
        One task per video, one for all, or where the videos' task names are looked
        up (a mapping of one task serves videos without a task). By default each
        video's own task.

    Returns
    -------
    videos : list of Video
        Each with its task.
    tasks : list of Task
        One per video.

    Raises
    ------
    TypeError
        If X or y is of another kind.
    ValueError
        If X is empty, lengths differ, or a video has no task.
    """
    videos = [_as_video(x, i) for i, x in enumerate(_as_sequence(X))]
    given: Sequence[object]
    if y is None:
        given = [video.task for video in videos]
    elif isinstance(y, Task):
        given = [y] * len(videos)
    elif isinstance(y, Mapping):
        given = _look_up(videos, y)
    else:
        if hasattr(y, "to_numpy"):
            y = y.to_numpy()  # a Series
        if isinstance(y, str) or not hasattr(y, "__len__"):
            raise TypeError(f"y must hold one Task per video, got {_brief(y)}.")
        given = list(y)  # type: ignore[arg-type]
        if len(given) != len(videos):
            raise ValueError(
                f"X and y must have the same length: {len(videos)} videos, "
                f"{len(given)} tasks."
            )
    tasks = []
    for i, (video, task) in enumerate(zip(videos, given, strict=True)):
        if task is None:
            raise ValueError(f"{video}: has no task; set Video.task or pass y.")
        if isinstance(task, str):
            raise TypeError(
                f"{video}: y must be a Task, the name {task!r} is not enough; pass its "
                f"steps: y={{{task!r}: [...]}}."
            )
        if not isinstance(task, Task):
            raise TypeError(f"{video}: y must be a Task, got {_brief(task)}.")
        if video.task is not task:
            # Built anew, so that windows are checked against the steps.
            videos[i] = replace(video, task=task)
        tasks.append(task)
    return videos, tasks


def _as_sequence(X: VideosLike) -> Sequence | np.ndarray:
    if isinstance(X, Video):
        raise TypeError("X must be a sequence of videos; wrap a single video: [video].")
    if hasattr(X, "to_numpy") and getattr(X, "ndim", 1) == 1:
        X = X.to_numpy()  # a Series of pandas or polars
    if not isinstance(X, Sequence | np.ndarray) or isinstance(X, str):
        raise TypeError(f"X must be a sequence of videos, got {type(X).__name__}.")
    if isinstance(X, np.ndarray) and X.ndim == 2:
        raise ValueError(
            "X must be a sequence of (T, D) arrays, got one array of shape "
            f"{X.shape}; wrap a single video: [X]."
        )
    if len(X) == 0:
        raise ValueError("X is empty: at least one video is needed.")
    return X


def _as_video(x: object, i: int) -> Video:
    if isinstance(x, Video):
        return x if x.name is not None else replace(x, name=_default_name(x, i))
    if isinstance(x, np.ndarray):
        return Video(x, name=f"#{i}")
    raise TypeError(f"X[{i}] must be a Video or a (T, D) array, got {_brief(x)}.")


def _brief(value: object, most: int = 80) -> str:
    """What a message shows of a value: a long one is named by its type alone."""
    text = f"a {type(value).__name__}" if isinstance(value, list) else repr(value)
    return text if len(text) <= most else f"a {type(value).__name__}"


def _default_name(video: Video, i: int) -> str | None:
    unnamed = str(video) == "video (unnamed)"
    return f"#{i}" if unnamed else None


def _look_up(
    videos: list[Video], catalogue: Mapping[str, Task | Iterable[str]]
) -> list[Task]:
    known = {
        name: task if isinstance(task, Task) else Task(name, task)
        for name, task in catalogue.items()
    }
    tasks = []
    for video in videos:
        name = video.task.name if isinstance(video.task, Task) else video.task
        if name is None and len(known) == 1:
            name = next(iter(known))
        if name not in known:
            raise ValueError(
                f"{video}: task {name!r} is not in the mapping of tasks, which has "
                f"{sorted(known)[:10]}."
            )
        tasks.append(known[name])
    return tasks
