"""Figures that describe a collection of annotated videos."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from skcrosstask._data import Task, Video, naming
from skcrosstask._segments import refuse_beyond
from skcrosstask.metrics._checks import check_entries
from skcrosstask.metrics._order_consistency import order_consistency
from skcrosstask.metrics._shares import background_share, missing_share

__all__ = ["describe"]

_SHARES = ("missing", "background", "order consistency")


def describe(videos: Sequence[Video], lengths: Sequence[int] | None = None) -> Bunch:
    """Size of a collection, and how hard it is, by task and overall.

    Parameters
    ----------
    videos : sequence of Video
        Each with its task; with or without annotation.
    lengths : sequence of int, optional
        Whole seconds of each, for videos without features; by default, by their rows
        and rates.

    Returns
    -------
    Bunch
        - table : dict of columns, one entry per task in order of appearance, as
          pandas takes it: ``task``, ``title``, ``videos``, ``hours``, ``steps``,
          ``segments``, ``segment length`` (mean, in seconds), ``missing``,
          ``background`` and ``order consistency`` (shares from 0 to 1). nan where a
          task has no annotation.
        - totals : dict: ``videos``, ``distinct videos`` (by name), ``hours``,
          ``tasks``, ``annotated videos``, ``segments``, ``segment length``, ``steps
          a task``, and the mean over annotated tasks of the shares. A video that is
          listed under several tasks counts under each, but once in ``distinct
          videos``.

        Figures are rounded to four digits.

    Raises
    ------
    TypeError
        If an entry is not a Video.
    FileNotFoundError
        If features are missing, and lengths are not given.
    ValueError
        If there is no video, a video has no task, an annotated video has fewer
        seconds (or rows) than its task has steps or ends long before its annotation
        does, there is not one length per video, or a length is not positive.

    See Also
    --------
    skcrosstask.metrics.missing_share : Steps that are not shown.
    skcrosstask.metrics.background_share : Time in which no step happens.
    skcrosstask.metrics.order_consistency : How far the order of the steps holds.

    References
    ----------
    Zhukov et al., CVPR 2019, Table 1 and the supplement's table of tasks.

    Examples
    --------
    >>> from skcrosstask.datasets import describe, make_instructional_videos
    >>> videos, _ = make_instructional_videos(n_videos=4, random_state=0)
    >>> described = describe(videos)
    >>> described.totals["videos"], described.totals["tasks"]
    (16, 4)
    >>> described.table["task"]
    ['pancakes', 'latte', 'omelette', 'lemonade']
    """
    videos = check_entries(videos, "videos", Video)
    members = _by_task(videos)
    units, rates = _check_lengths(videos, lengths)
    seconds = units / rates
    rows = [
        _row(task, [videos[i] for i in indices], units[indices], rates[indices])
        for task, indices in members.items()
    ]
    table = {name: [row[name] for row in rows] for name in rows[0]}
    totals = _totals(table, videos, seconds)
    return Bunch(
        table={name: [_rounded(x) for x in column] for name, column in table.items()},
        totals={name: _rounded(x) for name, x in totals.items()},
    )


def _by_task(videos: Sequence[Video]) -> dict[Task, list[int]]:
    """Indices of each task's videos."""
    if not videos:
        raise ValueError("describe needs at least one video.")
    members: dict[Task, list[int]] = {}
    for i, video in enumerate(videos):
        if not isinstance(video.task, Task):
            raise ValueError(f"{video}: task must be a Task, got {video.task!r}.")
        members.setdefault(video.task, []).append(i)
    return members


def _check_lengths(
    videos: Sequence[Video], lengths: Sequence[int] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Time units of each video, and how many of them are a second."""
    rates, kind = [1.0] * len(videos), "seconds"
    if lengths is None:
        lengths, kind = [_n_rows(video) for video in videos], "rows"
        rates = [video.rate for video in videos]
    if len(lengths) != len(videos):
        raise ValueError(f"{len(videos)} videos, but {len(lengths)} lengths.")
    for video, length, rate in zip(videos, lengths, rates, strict=True):
        if not (1 <= length < np.inf and length == int(length)):
            raise ValueError(
                f"{video}: its length must be a whole number from 1, got {length}."
            )
        assert isinstance(video.task, Task)
        if video.annotation is not None and length < len(video.task.steps):
            raise ValueError(
                f"{video}: {length} {kind} are too few for the "
                f"{len(video.task.steps)} steps of {video.task.name!r}."
            )
        with naming(video):
            refuse_beyond(video.annotation, int(length), rate, "annotation")
    return np.array([int(length) for length in lengths]), np.array(rates)


def _n_rows(video: Video) -> int:
    try:
        return video.shape[0]
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"{error} Without features, give the videos' seconds: lengths=data.lengths "
            "of the collection that was read."
        ) from None


def _row(
    task: Task, videos: Sequence[Video], units: np.ndarray, rates: np.ndarray
) -> dict:
    known = [i for i, video in enumerate(videos) if video.annotation is not None]
    truth = [rows for i in known if (rows := videos[i].annotation) is not None]
    segments = np.concatenate([np.empty((0, 3)), *truth])
    tasks, lengths, of_known = [task] * len(known), units[known], rates[known]
    shares = dict.fromkeys(_SHARES, np.nan)
    if known:
        shares["missing"] = missing_share(truth, tasks)
        shares["background"] = background_share(truth, lengths, tasks, rates=of_known)
    if len(segments):
        shares["order consistency"] = order_consistency(
            truth, tasks, lengths, rates=of_known
        )
    return {
        "task": task.name,
        "title": task.title or task.name,
        "videos": len(videos),
        "hours": (units / rates).sum() / 3600,
        "steps": len(task.steps),
        "segments": len(segments),
        "segment length": _mean(segments[:, 2] - segments[:, 1]),
        **shares,
    }


def _totals(
    table: dict[str, list], videos: Sequence[Video], seconds: np.ndarray
) -> dict:
    truth = [video.annotation for video in videos if video.annotation is not None]
    segments = np.concatenate([np.empty((0, 3)), *truth])
    # A video under two tasks counts once; without a name, each is its own.
    names = {video.name if video.name is not None else id(video) for video in videos}
    return {
        "videos": len(videos),
        "distinct videos": len(names),
        "hours": seconds.sum() / 3600,
        "tasks": len(table["task"]),
        "annotated videos": len(truth),
        "segments": len(segments),
        "segment length": _mean(segments[:, 2] - segments[:, 1]),
        "steps a task": _mean(np.array(table["steps"])),
        **{name: _mean(np.array(table[name])) for name in _SHARES},
    }


def _mean(values: np.ndarray) -> float:
    """Mean of the finite values; nan if there are none."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _rounded(value: Any) -> Any:
    return round(float(value), 4) if isinstance(value, float) else value
