"""What is decided in each of many videos, wherever that is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from skcrosstask._data import Task, Video, naming
from skcrosstask.estimators._classifiers import StepScorer
from skcrosstask.learning._shards import deal_shards, run_tasks
from skcrosstask.learning.rows._store_files import feature_identity

__all__ = ["decide_each", "key_of"]

Scorer = Callable[[Video, Task], np.ndarray]
Method = Callable[[np.ndarray, Task, float], Any]
# What a broken video may raise.
_BROKEN = (ValueError, OSError)


def decide_each(
    score: Scorer,
    method: Method,
    videos: Sequence[Video],
    tasks: Sequence[Task],
    *,
    n_jobs: int | None,
    skip: bool = False,
) -> Iterator[tuple[np.ndarray, list]]:
    """Results of a method of the scores, task and rate of each video.

    Parameters
    ----------
    score : callable
        From a video and its task to scores (T, K).
    method : callable
        From scores, task and rate to a result.
    videos : sequence of Video
        The videos.
    tasks : sequence of Task
        One per video.
    n_jobs : int, optional
        Threads or workers.
    skip : bool, default=False
        Whether the error of a broken video is its result; else it is raised.

    Yields
    ------
    numbers : ndarray of int
        Of consecutive videos.
    results : list
        Theirs.
    """
    shards = deal_shards([_length(video, skip) for video in videos])
    work = (
        _task_of(score, method, [videos[i] for i in s], [tasks[i] for i in s], skip)
        for s in shards
    )
    yield from zip(shards, run_tasks(_decide, work, n_jobs), strict=True)


def key_of(video: Video, task: Task) -> str:
    """Says which rows, which task and which rate: all that a result depends on."""
    return f"{feature_identity(video)} {task!r} {video.rate!r}"


def _length(video: Video, skip: bool) -> int:
    try:
        return video.shape[0]
    except _BROKEN:
        if not skip:
            raise
        return 1  # who works on it will say


def _task_of(
    score: Scorer, method: Method, videos: list[Video], tasks: list[Task], skip: bool
) -> tuple:
    """Arguments of `_decide`: what travels is the shard's part of the model."""
    if isinstance(score, StepScorer):
        score = score.narrow(tasks)
    return score, method, videos, tasks, skip


def _decide(
    score: Scorer,
    method: Method,
    videos: Sequence[Video],
    tasks: Sequence[Task],
    skip: bool,
) -> list:
    found = []
    for video, task in zip(videos, tasks, strict=True):
        try:
            scores = score(video, task)
            with naming(video):
                found.append(method(scores, task, video.rate))
        except _BROKEN as error:
            if not skip:
                raise
            found.append(error)
    return found
