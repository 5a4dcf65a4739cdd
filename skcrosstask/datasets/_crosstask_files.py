"""The kinds of files in the CrossTask release, one parser each.

Their complaints name the file and, counting from 1, the line.
"""

from __future__ import annotations

import math
import os
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

import numpy as np

from skcrosstask._data import Task


def require_folder(path: Path) -> Path:
    """Return the path of a folder that exists."""
    if not path.is_dir():
        raise FileNotFoundError(f"CrossTask folder '{path}' is missing.")
    return path


def file_names(folder: Path) -> set[str]:
    """Names in a folder; none if it does not exist."""
    # One listing is quicker than asking thousands of times whether a file exists.
    return set(os.listdir(folder)) if folder.is_dir() else set()


def parse_tasks(path: Path) -> tuple[Task, ...]:
    """Tasks of ``tasks_*.txt``.

    Each is a block of six lines: id, title, URL, number of steps, steps joined by
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
                f"{path}, line {start + 3}: the number of steps of task {name} is "
                f"{count!r}, but {len(steps)} are listed."
            )
        if not all(steps):
            raise ValueError(f"{path}, line {start + 4}: a step is empty: {joined!r}.")
        if name in tasks:
            raise ValueError(f"{path}, line {start}: task {name} is listed twice.")
        tasks[name] = Task(name, tuple(steps), title)
    return tuple(tasks.values())


def parse_videos(path: Path, catalog: Container[str]) -> list[tuple[str, str]]:
    """Pairs of task id and video name of ``videos.csv``, rows ``task,video,url``.

    Ids must be in ``catalog``, and no pair may stand twice.
    """
    lines: dict[tuple[str, str], int] = {}
    for number, line in _lines(path):
        fields = [field.strip() for field in line.split(",", 2)]
        if len(fields) != 3 or not fields[1]:
            raise ValueError(
                f"{path}, line {number}: expected task,video,url; got {line!r}."
            )
        pair = (fields[0], fields[1])
        if pair[0] not in catalog:
            raise ValueError(f"{path}, line {number}: task {pair[0]!r} is unknown.")
        if pair in lines:
            raise ValueError(
                f"{path}, line {number}: video {pair[1]!r} of task {pair[0]} was "
                f"listed in line {lines[pair]} already."
            )
        lines[pair] = number
    return list(lines)


def parse_lengths(path: Path) -> dict[str, int]:
    """Seconds of each video, from rows ``video,seconds``; empty without the file.

    The rows may have these words above them.
    """
    lengths: dict[str, int] = {}
    for number, line in _lines(path) if path.is_file() else ():
        if not lengths and line.lower() == "video,seconds":
            continue
        name, _, seconds = line.rpartition(",")
        if not name or not seconds.isdecimal() or int(seconds) == 0:
            raise ValueError(
                f"{path}, line {number}: expected video,seconds with whole seconds "
                f"from 1; got {line!r}."
            )
        lengths[name] = int(seconds)
    return lengths


def parse_segments(path: Path, n_steps: int, *, windows: bool = False) -> np.ndarray:
    """Segments of one file of annotations or constraints, rows ``step,start,end``.

    The file counts steps from 1, the result of shape (n, 3) from 0. An empty
    segment is an error in an annotation; among windows, which programs make, it
    says nothing and :func:`clip_segments` drops it.
    """
    rows = []
    for number, line in _lines(path):
        try:
            step, start, end = line.split(",")
            row = (int(step) - 1, float(start), float(end))
        except ValueError:
            raise ValueError(
                f"{path}, line {number}: expected step,start,end; got {line!r}."
            ) from None
        if not 0 <= row[0] < n_steps:
            raise ValueError(
                f"{path}, line {number}: step {step} is unknown; the task has steps "
                f"1 to {n_steps}."
            )
        if not (math.isfinite(row[1]) and math.isfinite(row[2])):
            raise ValueError(f"{path}, line {number}: a time is not finite: {line!r}.")
        if row[1] > row[2] or (row[1] == row[2] and not windows):
            raise ValueError(
                f"{path}, line {number}: the segment is reversed or empty: {line!r}."
            )
        rows.append(row)
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def clip_segments(segments: np.ndarray, length: int | None) -> np.ndarray:
    """Segments cut to [0, length]; those with nothing left are dropped."""
    segments = segments.copy()
    segments[:, 1:] = np.clip(segments[:, 1:], 0, length)
    return segments[segments[:, 1] < segments[:, 2]]


def merge_windows(windows: np.ndarray) -> np.ndarray:
    """Windows sorted by step, overlapping ones of a step made one."""
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
    lengths: Mapping[str, int],
    *,
    windows: bool = False,
) -> list[np.ndarray | None]:
    """Segments of each (Task, video name) of ``rows``, clipped to its length.

    None where there is no file ``<task>_<video>.csv``, or no folder.
    """
    present = file_names(folder)
    read: list[np.ndarray | None] = []
    for task, name in rows:
        file = f"{task.name}_{name}.csv"
        if file not in present:
            read.append(None)
            continue
        segments = parse_segments(folder / file, len(task.steps), windows=windows)
        segments = clip_segments(segments, lengths.get(name))
        read.append(merge_windows(segments) if windows else segments)
    return read


def _lines(path: Path) -> list[tuple[int, str]]:
    """Number and stripped text of each line that is not blank."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise FileNotFoundError(f"CrossTask file '{path}' is missing.") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 text: {error}.") from None
    lines = ((n, line.strip()) for n, line in enumerate(text.split("\n"), start=1))
    return [(n, line) for n, line in lines if line]


def _blocks(path: Path) -> list[tuple[int, list[str]]]:
    """Runs of lines between blank ones, each with the number of its first line."""
    blocks: list[tuple[int, list[str]]] = []
    previous = -1
    for number, line in _lines(path):
        if number > previous + 1:
            blocks.append((number, []))
        blocks[-1][1].append(line)
        previous = number
    return blocks
