"""Manifests as text: YAML, JSON or CSV."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skcrosstask._files import csv_text
from skcrosstask.datasets._folder_manifest import FoundTask, FoundVideo

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["format_manifest"]

_PLAIN = re.compile(r"[A-Za-z_][\w./-]*(?: [\w./-]+)*")
# Text that other readers of YAML take for something else.
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_HEAD = """\
# Videos and their tasks, as "Describe your videos" in the manual of skcrosstask
# explains. Paths are relative to this file.
"""
_RATE = "# Rows of features a second; a video may have its own.\n"
_FILL_IN = (
    "      # List the steps in order, one a line, such as:\n      # - pour milk\n"
)
_KINDS = ("source", "features", "subtitles")


def format_manifest(
    path: PathLike,
    tasks: Sequence[FoundTask],
    videos: Sequence[FoundVideo],
    rate: float | None = None,
) -> str:
    """Text of a manifest, in the format that its suffix names.

    Parameters
    ----------
    path : path
        The file that it is for: paths in it are relative to its folder.
    tasks : sequence of FoundTask
        A task without steps leaves room for them.
    videos : sequence of FoundVideo
        Their files.
    rate : float, optional
        Rows a second.

    Returns
    -------
    str
    """
    home = Path(path).absolute().parent
    rows = [
        {
            "name": video.name,
            "task": video.task,
            **{k: _relative(video.files[k], home) for k in _KINDS if k in video.files},
        }
        for video in videos
    ]
    suffix = Path(path).suffix.lower()
    if suffix == ".csv":
        return _as_csv(tasks, rows, rate)
    if suffix == ".json":
        return _as_json(tasks, rows, rate)
    return _as_yaml(tasks, rows, rate)


def _relative(file: Path, home: Path) -> str:
    return Path(os.path.relpath(file.absolute(), home)).as_posix()


def _as_yaml(
    tasks: Sequence[FoundTask], rows: Sequence[dict[str, str]], rate: float | None
) -> str:
    lines = [_HEAD, _RATE, f"rate: {1 if rate is None else rate:g}\n", "tasks:\n"]
    for task in tasks:
        lines.append(f"  {_scalar(task.name)}:\n    steps:\n")
        lines += [f"      - {_scalar(step)}\n" for step in task.steps]
        if not task.steps:
            lines.append(_FILL_IN)
    lines.append("videos:\n")
    for row in rows:
        fields = [f"{key}: {_scalar(value)}\n" for key, value in row.items()]
        lines.append("  - " + "    ".join(fields))
    return "".join(lines)


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def _as_json(
    tasks: Sequence[FoundTask], rows: Sequence[dict[str, str]], rate: float | None
) -> str:
    document: dict[str, Any] = {} if rate is None else {"rate": rate}
    document["tasks"] = {task.name: {"steps": task.steps} for task in tasks}
    document["videos"] = rows
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _as_csv(
    tasks: Sequence[FoundTask], rows: Sequence[dict[str, str]], rate: float | None
) -> str:
    names = ["name", "task", *(k for k in _KINDS if any(k in row for row in rows))]
    if rate is not None:
        rows, names = [{**row, "rate": f"{rate:g}"} for row in rows], [*names, "rate"]
    # A row without a name tells of its task alone.
    steps = [{"task": task.name, "steps": " | ".join(task.steps)} for task in tasks]
    names.append("steps")
    return csv_text([names, *([r.get(n, "") for n in names] for r in (*steps, *rows))])
