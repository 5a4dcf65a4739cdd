"""Corrected steps back from the viewer: files of steps as annotations of videos."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from skcrosstask._data import Task, shown_name
from skcrosstask.results._reading import read_table

if TYPE_CHECKING:
    from skcrosstask._data import Video
    from skcrosstask._input import PathLike
    from skcrosstask.results._table import StepTable

__all__ = ["annotate", "read_annotations", "read_segments"]


def read_segments(path: PathLike) -> StepTable:
    """Read a table in which a step may have several rows, one a segment.

    Parameters
    ----------
    path : path
        JSON if its name ends in ``.json``, else CSV.

    Returns
    -------
    StepTable

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is malformed; the message names the line.
    """
    return read_table(path, repeats=True)[0]


def read_annotations(path: PathLike) -> dict[tuple[str, str], np.ndarray]:
    """Read the annotations that the viewer's page downloads.

    Parameters
    ----------
    path : path
        CSV with the columns of a `StepTable`; a step may have several rows, one a
        segment. A row without start and end is a step that is not in the video.

    Returns
    -------
    dict of (str, str) to ndarray of shape (n, 3)
        By video and task: rows ``step, start, end`` in order of time, as
        ``Video.annotation`` takes them: steps from 0, times in seconds.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a line is malformed, or gives a step a moment without start and end.

    See Also
    --------
    annotate : Give videos the annotations of a file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from skcrosstask.results import read_annotations
    >>> path = Path(mkdtemp()) / "corrected.csv"
    >>> _ = path.write_text(
    ...     "video,task,step,text,start,end\\n"
    ...     "v1,latte,1,add coffee,3,7.5\\n"
    ...     "v1,latte,2,pour milk,,\\n"
    ... )
    >>> read_annotations(path)
    {('v1', 'latte'): array([[0. , 3. , 7.5]])}
    """
    parts = read_segments(path).by_video()
    return {key: _segments(rows, path) for key, rows in parts.items()}


def annotate(
    videos: Iterable[Video],
    annotations: Mapping[tuple[str, str], np.ndarray] | PathLike,
) -> list[Video]:
    """Give videos the annotations of a file that the viewer wrote.

    Parameters
    ----------
    videos : iterable of Video
        Each with a task, and named as in the table of `locate`.
    annotations : path or dict
        The file, or what `read_annotations` returned for it.

    Returns
    -------
    list of Video
        Those that the file names have its annotation, the others are as they were.

    Raises
    ------
    ValueError
        If the file names none of the videos, or a step that the task does not have.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask import Task, Video
    >>> from skcrosstask.results import annotate
    >>> latte = Task("latte", ["add coffee", "pour milk"])
    >>> video = Video(np.zeros((9, 1)), latte, name="v1")
    >>> annotate([video], {("v1", "latte"): np.array([[0, 3, 7.5]])})
    [Video('v1', (9, 1), task 'latte', 1 segment)]
    """
    if isinstance(annotations, str | os.PathLike):
        annotations = read_annotations(annotations)
    keys = [(video, _key(video, i)) for i, video in enumerate(videos)]
    if annotations and not any(key in annotations for _, key in keys):
        name, task = next(iter(annotations))
        raise ValueError(
            "the annotations name none of the videos; the first is video "
            f"{name!r:.60} of task {task!r:.60}."
        )
    return [
        replace(video, annotation=annotations[key]) if key in annotations else video
        for video, key in keys
    ]


def _key(video: Video, i: int) -> tuple[str, str]:
    task = video.task.name if isinstance(video.task, Task) else video.task
    return shown_name(video, i), task or ""


def _segments(rows: StepTable, path: PathLike) -> np.ndarray:
    for row in rows:
        if math.isnan(row.start) and not math.isnan(row.time):
            raise ValueError(
                f"{path}: step {row.step + 1} of video {row.video!r:.60} has a moment "
                "but no start and end; add a segment in the viewer, or remove the step."
            )
    found = [[r.step, r.start, r.end] for r in rows if not math.isnan(r.start)]
    return np.array(sorted(found, key=lambda s: s[1:]), dtype=float).reshape(-1, 3)
