"""Tasks and which videos show them, from a release or from a user's own files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from skcrosstask._data import Task
from skcrosstask._files import csv_rows, require_file
from skcrosstask._progress import short
from skcrosstask.datasets._crosstask_files import parse_lengths, parse_tasks, read_text

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["TaskList", "read_step_list", "read_task_list"]


class TaskList(NamedTuple):
    """Tasks, and what is known about their videos."""

    tasks: dict[str, Task]
    pairs: list[tuple[str, str]] | None
    """Task and video; None if no file lists them."""
    lengths: dict[str, int]
    """Whole seconds of some of the videos."""
    rows: dict[str, tuple[int, float]] = {}  # noqa: RUF012
    """Rows, and rows a second, of some of the videos."""


def read_task_list(path: PathLike, videos: PathLike | None = None) -> TaskList:
    """Read tasks, and the list and the lengths of their videos where there are any.

    Parameters
    ----------
    path : path
        Folder with ``tasks_*.txt`` as in the CrossTask release, one such file, or a
        JSON object of task names and lists of steps.
    videos : path, optional
        Rows that start with ``task,video``; by default, ``videos.csv`` beside the
        tasks.

    Returns
    -------
    TaskList

    Raises
    ------
    FileNotFoundError
        If a file is missing.
    ValueError
        If a file is malformed (the message gives the line), or there are several
        tasks and no list.
    """
    path = Path(path)
    folder = path if path.is_dir() else path.parent
    tasks = _read_tasks(path)
    pairs, beside = None, folder / "videos.csv"
    if videos is not None:
        pairs = _read_pairs(Path(videos), tasks)
    elif beside.is_file():
        # One of several task files need not hold the tasks of all videos.
        pairs = _read_pairs(beside, tasks, partly=path.is_file())
        if not pairs:
            raise ValueError(
                f"'{beside}' lists no video of the tasks in '{path}': give --videos, "
                "with rows task,video."
            )
    if pairs is None and len(tasks) > 1:
        raise ValueError(
            f"'{path}' holds {len(tasks)} tasks, and no file lists their videos: give "
            "--videos, with rows task,video."
        )
    lengths = parse_lengths(folder / "frame_counts.csv")
    lengths |= parse_lengths(folder / "features" / "frame_counts.csv")
    return TaskList(tasks, pairs, lengths)


def read_step_list(path: PathLike) -> list[str]:
    """Read the steps of one task from a text file, one a line.

    Parameters
    ----------
    path : path
        The file; empty lines, and those that begin with ``#``, say nothing.

    Returns
    -------
    list of str
        In order.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not UTF-8 text.
    """
    text = read_text(Path(path), "List of steps")
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def _read_tasks(path: Path) -> dict[str, Task]:
    if path.suffix == ".json":
        return _parse_json(path)
    files = sorted(path.glob("tasks_*.txt")) if path.is_dir() else [path]
    tasks: dict[str, Task] = {}
    for file in files:
        for task in parse_tasks(file):
            if task.name in tasks:
                raise ValueError(
                    f"{file}: task {task.name:.60} is also in another file."
                )
            tasks[task.name] = task
    if not tasks:
        raise ValueError(f"'{path}' holds no tasks (tasks_*.txt).")
    return tasks


def _parse_json(path: Path) -> dict[str, Task]:
    require_file(path, "Tasks")
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path}, line {error.lineno}: not JSON: {error.msg}."
        ) from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not JSON: {error}.") from None
    if not isinstance(content, dict) or not content:
        raise ValueError(
            f'{path}: an object {{"task": ["step", ...], ...}} was expected.'
        )
    try:
        return {name: Task(name, steps) for name, steps in content.items()}
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from None


def _read_pairs(
    path: Path, tasks: dict[str, Task], *, partly: bool = False
) -> list[tuple[str, str]]:
    """Task and video of each row; with ``partly``, other tasks' rows are skipped."""
    lines: dict[tuple[str, str], int] = {}
    for line, row in csv_rows(read_text(path, "List of videos"), path):
        task, video = [*(cell.strip() for cell in row), ""][:2]
        if (task, video) == ("task", "video") and not lines:
            continue
        place = f"{path}, line {line}"
        if not video:
            raise ValueError(
                f"{place}: expected task,video; got {short(','.join(row))}."
            )
        if task not in tasks:
            if partly:
                continue
            raise ValueError(f"{place}: task {short(task)} is unknown.")
        if (task, video) in lines:
            raise ValueError(
                f"{place}: video {short(video)} of task {task} was already listed in "
                f"line {lines[task, video]}."
            )
        lines[task, video] = line
    return list(lines)
