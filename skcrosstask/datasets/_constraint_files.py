"""Windows from narration, as the constraint files of the CrossTask release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from skcrosstask._data import Video
from skcrosstask._files import csv_text, no_formula, replacing
from skcrosstask._progress import short

if TYPE_CHECKING:
    from skcrosstask._input import PathLike
    from skcrosstask.narration import NarrationMatch

__all__ = [
    "Placed",
    "check_names",
    "format_confidence",
    "other_files",
    "write_constraints",
]


class Placed(NamedTuple):
    """How the narration of a video matches its task's steps, with their names."""

    task: str
    video: str
    match: NarrationMatch

    @classmethod
    def of(cls, video: Video, match: NarrationMatch) -> Self:
        """Match of a video that knows its task and its name."""
        return cls(getattr(video.task, "name", ""), str(video.name), match)


def write_constraints(placed: Sequence[Placed], folder: PathLike) -> None:
    """Write one file ``<task>_<video>.csv`` per video, each whole or not at all.

    Parameters
    ----------
    placed : sequence of Placed
        Videos and their windows. A video without windows gives an empty file:
        nothing is known of it.
    folder : path
        Made if it does not exist.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for task, video, match in placed:
        text = csv_text(row for row in _times(match) if row[1] != row[2])
        with replacing(folder / _file_name(task, video)) as file:
            file.write(text.encode())


def other_files(placed: Sequence[Placed], folder: PathLike) -> list[str]:
    """Names of a folder's constraint files that `write_constraints` would not replace.

    Parameters
    ----------
    placed : sequence of Placed
        Videos and their windows.
    folder : path
        Need not exist.

    Returns
    -------
    list of str
    """
    written = {_file_name(task, video) for task, video, _ in placed}
    found = sorted(file.name for file in Path(folder).glob("*_*.csv"))
    return [name for name in found if name not in written]


def format_confidence(placed: Sequence[Placed]) -> str:
    """CSV of each step's window and confidence, without times if it has no window.

    Parameters
    ----------
    placed : sequence of Placed
        Videos and their windows.

    Returns
    -------
    str
        With the header ``task,video,step,start,end,confidence``.
    """
    rows: list[Sequence[object]] = [
        ("task", "video", "step", "start", "end", "confidence")
    ]
    for *names, match in placed:
        task, video = map(no_formula, names)
        times = {step: (start, end) for step, start, end in _times(match)}
        for step, confidence in enumerate(match.confidence, start=1):
            start, end = times.get(step, ("", ""))
            rows.append((task, video, step, start, end, f"{confidence:.3f}"))
    return csv_text(rows)


def check_names(pairs: Iterable[tuple[str, str]]) -> None:
    """Refuse names that leave the folder, and one name for two videos."""
    written: dict[str, tuple[str, str]] = {}
    for task, video in pairs:
        file = _file_name(task, video)
        if "/" in file or "\\" in file or "\0" in file:
            raise ValueError(
                f"video {short(video)} of task {short(task)}: no file can be named "
                f"{short(file)}."
            )
        # "a" with "b_c" and "a_b" with "c" are one name.
        other = written.setdefault(file, (task, video))
        if other != (task, video):
            raise ValueError(
                f"video {video!r} of task {task!r} and video {other[1]!r} of task "
                f"{other[0]!r} would share the file name {file!r}."
            )


def _times(match: NarrationMatch) -> list[tuple[int, str, str]]:
    """Step from 1, start and end of each window, as written in files."""
    return [(int(k) + 1, f"{a:.2f}", f"{b:.2f}") for k, a, b in match.windows]


def _file_name(task: str, video: str) -> str:
    return f"{task}_{video}.csv"
