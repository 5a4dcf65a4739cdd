"""What all estimators of steps in videos share: reading input, and scoring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import Tags

from skcrosstask._data import Task, Video
from skcrosstask._typing import TasksLike, VideosLike
from skcrosstask.metrics import step_recall

__all__ = ["BaseStepEstimator", "object_array", "read_videos"]


class BaseStepEstimator(BaseEstimator):
    """Base of estimators that place the steps of tasks in videos.

    Subclasses implement ``fit(X, y=None)`` and ``predict(X, y=None)``.
    """

    def score(self, X: VideosLike, y: TasksLike | None = None) -> float:
        """Step recall, averaged over tasks.

        Parameters
        ----------
        X : sequence of Video
            Videos with an annotation; those without are left out.
        y : sequence of Task, optional
            One task a video, by default each video's own.

        Returns
        -------
        float
            Share of the annotated steps whose predicted time lies in a segment of
            the step: pooled within a task, then averaged over tasks.

        Raises
        ------
        ValueError
            If no video has an annotation.
        """
        videos, tasks = read_videos(X, y)
        known = [i for i, video in enumerate(videos) if video.annotation is not None]
        if not known:
            raise ValueError("score needs videos with an annotation; none has one.")
        videos, tasks = [videos[i] for i in known], [tasks[i] for i in known]
        annotations = [video.annotation for video in videos]
        return step_recall(annotations, self.predict(videos, tasks), tasks)

    def _check_n_features(self, videos: Sequence[Video], *, reset: bool) -> None:
        for video in videos:
            n_features = video.shape[1]
            if reset:
                self.n_features_in_, reset = n_features, False
            elif n_features != self.n_features_in_:
                raise ValueError(
                    f"{video}: features have {n_features} columns, but "
                    f"{type(self).__name__} is expecting {self.n_features_in_} "
                    f"features as input."
                )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.target_tags.required = False
        return tags


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
        One task a video, one for all, or where the videos' task names are looked
        up (a mapping of one task serves videos without a task). By default each
        video's own task.

    Returns
    -------
    videos : list of Video
        Each with its task.
    tasks : list of Task
        One a video.

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
        if isinstance(y, str) or not hasattr(y, "__len__"):
            raise TypeError(f"y must hold one Task a video, got {y!r}.")
        given = list(y)
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
            raise TypeError(f"{video}: y must be a Task, got {task!r}.")
        if video.task is not task:
            # Built anew, so that windows are checked against the steps.
            videos[i] = replace(video, task=task)
        tasks.append(task)
    return videos, tasks


def _as_sequence(X: VideosLike) -> VideosLike:
    if isinstance(X, Video):
        raise TypeError("X must be a sequence of videos; wrap a single video: [video].")
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


def _as_video(x: Video | np.ndarray, i: int) -> Video:
    if isinstance(x, Video):
        return x if x.name is not None else replace(x, name=_default_name(x, i))
    if isinstance(x, np.ndarray):
        return Video(x, name=f"#{i}")
    raise TypeError(f"X[{i}] must be a Video or a (T, D) array, got {x!r}.")


def _default_name(video: Video, i: int) -> str | None:
    return f"#{i}" if isinstance(video.features, np.ndarray) else None


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
