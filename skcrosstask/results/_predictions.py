"""Predictions as CSV: ``task,video,step,time``.

Steps are counted from 1, as in the release. Times are the features' time units,
seconds in CrossTask; -1 is a step that the estimator left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from skcrosstask._data import Task, Video
from skcrosstask._files import csv_rows, csv_text
from skcrosstask._input import PathLike

__all__ = ["format_predictions", "match_predictions", "read_predictions"]

_HEADER = ["task", "video", "step", "time"]

# Time and line of each step, by task and video.
Rows = dict[tuple[str, str], dict[int, tuple[int, int]]]


def format_predictions(videos: Iterable[Video], predictions: Iterable) -> str:
    """Text of a CSV file.

    Parameters
    ----------
    videos : iterable of Video
        Each with a task and a name.
    predictions : iterable of ndarray of shape (K,)
        What `predict` returned for them.

    Returns
    -------
    str
        A header, and one line per step.

    Examples
    --------
    >>> from skcrosstask import Task
    >>> video = Video(np.zeros((9, 1)), Task("7", ["add coffee", "add milk"]), name="v")
    >>> print(format_predictions([video], [np.array([2, 5])]))
    task,video,step,time
    7,v,1,2
    7,v,2,5
    """
    rows: list[Sequence[object]] = [_HEADER]
    for video, times in zip(videos, predictions, strict=True):
        task = getattr(video.task, "name", video.task)
        rows += [(task, video.name, k, int(t)) for k, t in enumerate(times, start=1)]
    return csv_text(rows)


def read_predictions(path: PathLike) -> Rows:
    """Read a CSV file of predictions.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    dict
        By task and video: a dict of time and line by step, counted from 0.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a line is malformed, a step is given twice, or there is no prediction.
    """
    found: Rows = {}
    rows = csv_rows(_read_text(path), path)
    for line, cells in rows:
        if cells != _HEADER:
            header = ",".join(_HEADER)
            raise ValueError(f"{path}, line {line}: the header must be {header}.")
        break
    for line, cells in rows:
        _add(found, cells, line, f"{path}, line {line}")
    if not found:
        raise ValueError(f"{path} holds no prediction.")
    return found


def match_predictions(
    rows: Rows, videos: Sequence[Video], tasks: Sequence[Task], path: PathLike
) -> dict[int, np.ndarray]:
    """Predicted times of the videos that a file names.

    Parameters
    ----------
    rows : dict
        What `read_predictions` returned.
    videos : sequence of Video
        All videos of the data, with names.
    tasks : sequence of Task
        One per video.
    path : path
        Names the file in messages.

    Returns
    -------
    dict of int to ndarray of shape (K,)
        By index into the videos: time of each step, -1 where the file has none.

    Raises
    ------
    ValueError
        If the file names a video or a step that does not exist.
    """
    index = {
        (t.name, v.name): i for i, (v, t) in enumerate(zip(videos, tasks, strict=True))
    }
    matched = {}
    for key, steps in rows.items():
        # Rows of a video may stand apart; the first is the one to look at.
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


def _read_text(path: PathLike) -> str:
    if not Path(path).is_file():
        raise FileNotFoundError(f"Predictions file '{path}' is missing.")
    data = Path(path).read_bytes()
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{path}, line {line}: not UTF-8 text.") from None


def _add(found: Rows, cells: list[str], line: int, where: str) -> None:
    try:
        task, video, *numbers = cells
        step, time = map(int, numbers)
    except ValueError:
        raise ValueError(
            f"{where}: expected task,video,step,time with whole numbers for step and "
            f"time; got {','.join(cells)!r}."
        ) from None
    if step < 1 or time < -1:
        raise ValueError(
            f"{where}: steps count from 1 and times from 0 (-1 leaves a step out); "
            f"got {','.join(cells)!r}."
        )
    steps = found.setdefault((task, video), {})
    if step - 1 in steps:
        raise ValueError(
            f"{where}: step {step} of video {video!r} was already given in line "
            f"{steps[step - 1][1]}."
        )
    steps[step - 1] = (time, line)
