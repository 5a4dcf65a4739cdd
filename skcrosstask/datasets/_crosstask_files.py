"""The kinds of files in the CrossTask release, one parser each.

Error messages name the file and the line, counted from 1.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

import numpy as np

from skcrosstask._data import Task
from skcrosstask._files import csv_rows, require_file
from skcrosstask._progress import short


def file_names(folder: Path) -> set[str]:
    """File names in a folder; none if it does not exist."""
    # One listing is quicker than thousands of checks whether a file exists.
    return set(os.listdir(folder)) if folder.is_dir() else set()


def read_text(path: Path, kind: str = "CrossTask file") -> str:
    """Text of a file, in UTF-8 with or without a byte order mark."""
    require_file(path, kind)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 text: {error}.") from None


def parse_tasks(path: Path) -> tuple[Task, ...]:
    """Tasks of ``tasks_*.txt``.

    A task is a block of six lines: id, title, URL, number of steps, steps joined by
    commas, and a blank line.
    """
    tasks: dict[str, Task] = {}
    for start, block in _blocks(path):
        if len(block) != 5:
            raise ValueError(
                f"{path}, line {start}: a task has five lines (id, title, URL, number "
                f"of steps, steps) and then a blank one; got {len(block)}."
            )
        name, title, _, count, joined = block
        steps = [step.strip() for step in joined.split(",")]
        if count != str(len(steps)):
            raise ValueError(
                f"{path}, line {start + 3}: the number of steps of task {name:.60} is "
                f"{short(count)}, but {len(steps)} are listed."
            )
        if not all(steps):
            raise ValueError(
                f"{path}, line {start + 4}: a step is empty: {short(joined)}."
            )
        if name in tasks:
            raise ValueError(f"{path}, line {start}: task {name:.60} is listed twice.")
        tasks[name] = Task(name, tuple(steps), title)
    return tuple(tasks.values())


def parse_videos(path: Path, catalog: Container[str]) -> list[tuple[str, str]]:
    """Pairs of task id and video name in ``videos.csv``, rows ``task,video,url``.

    Ids must be in ``catalog``, and no pair may be listed twice.
    """
    lines: dict[tuple[str, str], int] = {}
    for line, cells in csv_rows(read_text(path), path):
        place = f"{path}, line {line}"
        if len(cells) < 3 or not cells[1].strip():
            raise ValueError(
                f"{place}: expected task,video,url; got {short(','.join(cells))}."
            )
        task, video = cells[0].strip(), cells[1].strip()
        if task not in catalog:
            raise ValueError(f"{place}: task {short(task)} is unknown.")
        if (task, video) in lines:
            raise ValueError(
                f"{place}: video {short(video)} of task {task} was already listed in "
                f"line {lines[task, video]}."
            )
        lines[task, video] = line
    return list(lines)


def parse_lengths(path: Path) -> dict[str, int]:
    """Seconds of each video, from rows ``video,seconds``; empty without the file.

    There may be a header with these words.
    """
    lengths: dict[str, int] = {}
    text = read_text(path) if path.is_file() else ""
    for line, cells in csv_rows(text, path):
        # A name that is not quoted may have commas of its own.
        name, seconds = ",".join(cells[:-1]).strip(), cells[-1].strip()
        if not lengths and (name.lower(), seconds.lower()) == ("video", "seconds"):
            continue
        if not name or not re.fullmatch(r"0*[1-9]\d{0,8}", seconds):
            raise ValueError(
                f"{path}, line {line}: expected video,seconds with whole seconds "
                f"from 1; got {short(','.join(cells))}."
            )
        lengths[name] = int(seconds)
    return lengths


def parse_segments(path: Path, n_steps: int, *, windows: bool = False) -> np.ndarray:
    """Segments of one file of annotations or constraints, rows ``step,start,end``.

    The file counts steps from 1, the result of shape (n, 3) from 0. An empty
    segment is an error in an annotation. Among windows, which programs make, it
    means nothing, and :func:`clip_segments` drops it.
    """
    rows: list[tuple[int, float, float]] = []
    for line, cells in csv_rows(read_text(path), path):
        place, got = f"{path}, line {line}", short(",".join(cells))
        try:
            step, start, end = int(cells[0]), *map(float, cells[1:])
        except ValueError:
            header = not rows and not any(map(str.isdigit, "".join(cells)))
            hint = "; remove the header" if header else ""
            raise ValueError(
                f"{place}: expected step,start,end in numbers; got {got}{hint}."
            ) from None
        if not 0 < step <= n_steps:
            raise ValueError(
                f"{place}: step {short(step)} is unknown; the task has "
                f"steps 1 to {n_steps}."
            )
        if not (math.isfinite(start) and math.isfinite(end)):
            raise ValueError(f"{place}: a time is not finite: {got}.")
        if start > end or (start == end and not windows):
            raise ValueError(f"{place}: the segment is reversed or empty: {got}.")
        if end <= 0 and not windows:
            raise ValueError(f"{place}: the segment is over before 0: {got}.")
        rows.append((step - 1, start, end))
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def clip_segments(segments: np.ndarray, length: float | None) -> np.ndarray:
    """Segments cut to [0, length]; those with nothing left are dropped."""
    segments = segments.copy()
    segments[:, 1:] = np.clip(segments[:, 1:], 0, length)
    return segments[segments[:, 1] < segments[:, 2]]


def merge_windows(windows: np.ndarray) -> np.ndarray:
    """Windows sorted by step; those of a step that overlap become one."""
    merged: list[np.ndarray] = []
    for row in windows[np.lexsort((windows[:, 1], windows[:, 0]))]:
        if merged and merged[-1][0] == row[0] and row[1] < merged[-1][2]:
            merged[-1][2] = max(merged[-1][2], row[2])
        else:
            merged.append(row)
    return np.array(merged, dtype=np.float64).reshape(-1, 3)


def read_segments(
    folder: Path,
    rows: Iterable[tuple[Task, str]],
    *,
    windows: bool = False,
) -> list[np.ndarray | None]:
    """Segments of each (Task, video name) of ``rows``, as the files have them.

    None where there is no file ``<task>_<video>.csv``, or no folder.
    """
    present = file_names(folder)
    read: list[np.ndarray | None] = []
    for task, name in rows:
        file = f"{task.name}_{name}.csv"
        if file not in present:
            read.append(None)
            continue
        read.append(parse_segments(folder / file, len(task.steps), windows=windows))
    return read


def cut_segments(
    read: Iterable[np.ndarray | None],
    rows: Iterable[tuple[Task, str]],
    lengths: Mapping[str, float],
    *,
    windows: bool = False,
) -> list[np.ndarray | None]:
    """Segments clipped to the seconds of their videos, and windows merged."""
    cut: list[np.ndarray | None] = []
    for segments, (_, name) in zip(read, rows, strict=True):
        if segments is not None:
            segments = clip_segments(segments, lengths.get(name))
            segments = merge_windows(segments) if windows else segments
        cut.append(segments)
    return cut


def _blocks(path: Path) -> list[tuple[int, list[str]]]:
    """Runs of lines between blank ones, each with the number of its first line."""
    blocks: list[tuple[int, list[str]]] = []
    previous = -1
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        if number > previous + 1:
            blocks.append((number, []))
        blocks[-1][1].append(line.strip())
        previous = number
    return blocks
