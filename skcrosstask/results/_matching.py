"""Rows of a file of predictions beside the videos that they are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from skcrosstask._data import Task, Video
from skcrosstask._progress import short
from skcrosstask.results._row import StepRow
from skcrosstask.results._table import StepTable

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["match_steps"]


def match_steps(
    table: StepTable,
    places: Sequence[str],
    videos: Sequence[Video],
    tasks: Sequence[Task],
    path: PathLike,
) -> dict[int, StepTable]:
    """Rows of each video that a file names.

    Parameters
    ----------
    table : StepTable
        The file's rows.
    places : sequence of str
        Where in the file each row is.
    videos : sequence of Video
        All videos of the data, with names.
    tasks : sequence of Task
        One per video.
    path : path
        Names the file in messages.

    Returns
    -------
    dict of int to StepTable
        By index into the videos: K rows, in the order of the task; a step that the
        file does not name is left out.

    Raises
    ------
    ValueError
        If the file names a video or a step that does not exist.
    """
    index = {
        (v.name, t.name): i for i, (v, t) in enumerate(zip(videos, tasks, strict=True))
    }
    matched: dict[int, list[StepRow]] = {}
    for row, place in zip(table, places, strict=True):
        where = f"{path}, {place}"
        i = index.get((row.video, row.task))
        if i is None:
            raise ValueError(
                f"{where}: the data have no video {short(row.video)} of task "
                f"{short(row.task)}."
            )
        task = tasks[i]
        if row.step >= len(task.steps):
            raise ValueError(
                f"{where}: step {row.step + 1} is unknown; task {task.name} has steps "
                f"1 to {len(task.steps)}."
            )
        if i not in matched:
            matched[i] = [
                StepRow(row.video, row.task, k, text)
                for k, text in enumerate(task.steps)
            ]
        matched[i][row.step] = row
    return {i: StepTable(rows) for i, rows in matched.items()}
