"""Predictions as CSV: ``task,video,step,time``.

Steps count from 1, as in the release. Times are the features' time units, seconds
in CrossTask; -1 is a step that the estimator left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from skcrosstask._data import Video
from skcrosstask._input import read_videos
from skcrosstask._typing import PathLike

__all__ = ["format_predictions", "match_predictions", "read_predictions"]

_HEADER = ["task", "video", "step", "time"]

# Time and line of each step, by task and video.
Rows = dict[tuple[str, str], dict[int, tuple[int, int]]]


def format_predictions(videos: Iterable[Video], predictions: Iterable) -> str:
    """Text of a CSV file.

    Parameters
    ----------
    videos : iterable of Video
        Each with a Task and a name.
    predictions : iterable of ndarray of shape (K,)
        What `predict` returned for them.

    Returns
    -------
    str
        With a header and one line a step.

    Examples
    --------
    >>> from skcrosstask import Task
    >>> video = Video(np.zeros((9, 1)), Task("7", ["add coffee", "add milk"]), name="v")
    >>> print(format_predictions([video], [np.array([2, 5])]))
    task,video,step,time
    7,v,1,2
    7,v,2,5
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    for video, times in zip(videos, predictions, strict=True):
        name = getattr(video.task, "name", video.task)
        for step, time in enumerate(times, start=1):
            writer.writerow([name, video.name, step, int(time)])
    return text.getvalue()


def read_predictions(path: PathLike) -> Rows:
    """Read a CSV file of predictions.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    dict
        By task and video: a dict by step, counted from 0, of time and line.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a line is malformed, a step stands twice, or there is no line.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"Predictions file '{path}' is missing.")
    found: Rows = {}
    with open(path, newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        try:
            for fields in reader:
                where = f"{path}, line {reader.line_num}"
                if reader.line_num == 1:
                    if fields != _HEADER:
                        header = ",".join(_HEADER)
                        raise ValueError(f"{where}: the header must be {header}.")
                elif fields:
                    _add(found, fields, reader.line_num, where)
        except (csv.Error, UnicodeDecodeError) as error:
            line = reader.line_num + 1
            raise ValueError(f"{path}, line {line}: not CSV: {error}.") from None
    if not found:
        raise ValueError(f"{path} holds no prediction.")
    return found


def match_predictions(
    rows: Rows, videos: Iterable[Video], path: PathLike
) -> dict[int, np.ndarray]:
    """Predicted times of the videos that a file speaks of.

    Parameters
    ----------
    rows : dict
        What `read_predictions` returned.
    videos : iterable of Video
        All videos of the data, each with a Task and a name.
    path : path
        Names the file in messages.

    Returns
    -------
    dict of int to ndarray of shape (K,)
        By index into the videos: time of each step, -1 where the file has none.

    Raises
    ------
    ValueError
        If the file speaks of a video or a step that does not exist.
    """
    videos, tasks = read_videos(list(videos))
    index = {
        (t.name, v.name): i for i, (v, t) in enumerate(zip(videos, tasks, strict=True))
    }
    matched = {}
    for key, steps in rows.items():
        first = min(line for _, line in steps.values())
        if key not in index:
            raise ValueError(
                f"{path}, line {first}: the data have no video {key[1]!r} of task "
                f"{key[0]!r}."
            )
        task = tasks[index[key]]
        times = np.full(len(task.steps), -1)
        for step, (time, line) in steps.items():
            if step >= len(times):
                raise ValueError(
                    f"{path}, line {line}: step {step + 1} is unknown; task "
                    f"{task.name} has steps 1 to {len(times)}."
                )
            times[step] = time
        matched[index[key]] = times
    return matched


def _add(found: Rows, fields: list[str], line: int, where: str) -> None:
    try:
        task, video, step, time = fields
        number, unit = int(step), int(time)
    except ValueError:
        raise ValueError(
            f"{where}: expected task,video,step,time with whole numbers for step and "
            f"time; got {','.join(fields)!r}."
        ) from None
    if number < 1 or unit < -1:
        raise ValueError(
            f"{where}: steps count from 1 and times from 0 (-1 leaves a step out); "
            f"got {','.join(fields)!r}."
        )
    steps = found.setdefault((task, video), {})
    if number - 1 in steps:
        raise ValueError(
            f"{where}: step {number} of video {video!r} was given in line "
            f"{steps[number - 1][1]} already."
        )
    steps[number - 1] = (unit, line)
