"""One HTML page that shows videos beside their steps, and lets people correct them."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from skcrosstask._data import Task, shown_name

if TYPE_CHECKING:
    import numpy as np

    from skcrosstask._data import Video
    from skcrosstask._input import PathLike
    from skcrosstask.results._table import StepTable

__all__ = ["is_viewer_page", "viewer_page"]

_MARK = b'<meta name="generator" content="skcrosstask view">'
_PLACE = re.compile(r"\{\{(\w+)\}\}")
_ORIGIN = re.compile(r"https?://[\w.-]+(:\d+)?", re.ASCII)


def viewer_page(
    table: StepTable,
    videos: Iterable[Video] | None = None,
    *,
    title: str = "Steps in videos",
    folder: PathLike | None = None,
) -> str:
    """A page that plays videos beside their steps and takes corrections.

    Everything is inside the page, and its content security policy keeps it off the
    network; a video whose source is a web address is the exception.

    Parameters
    ----------
    table : StepTable
        The steps, in seconds.
    videos : iterable of Video, optional
        Known videos. Those of the table are found by their name and their task's;
        their sources, lengths, windows and annotations are shown.
    title : str, default="Steps in videos"
        What the page is called.
    folder : path, optional
        Where the page will be: video files are addressed from there. By default
        their addresses are absolute.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    ValueError
        If two of the videos have the same name and task.

    Examples
    --------
    >>> from skcrosstask.results import StepTable
    >>> from skcrosstask.results._viewer import viewer_page
    >>> table = StepTable([("v1", "latte", 0, "add coffee", 3.0, 7.5, 5.5, 0.97, 0.9)])
    >>> viewer_page(table).startswith("<!doctype html>")
    True
    """
    known = _by_name(videos or ())
    shown = [
        _describe(key, part, known.get(key), folder)
        for key, part in table.by_video().items()
    ]
    assets = {name: _asset(f"page.{name}") for name in ("html", "css", "js")}
    parts = {
        "title": html.escape(title),
        "policy": html.escape(_policy(assets, shown), quote=True),
        "style": assets["css"],
        "script": assets["js"],
        "data": _embed({"version": 1, "videos": shown}),
    }
    # One pass, so that nothing inside a part is taken for a place.
    return _PLACE.sub(lambda place: parts[place[1]], assets["html"])


def is_viewer_page(path: PathLike) -> bool:
    """Whether a file is a page that `viewer_page` made.

    Parameters
    ----------
    path : path
        An existing file.

    Returns
    -------
    bool
    """
    with open(path, "rb") as file:
        return _MARK in file.read(400)


def _by_name(videos: Iterable[Video]) -> dict[tuple[str, str], Video]:
    known: dict[tuple[str, str], Video] = {}
    for i, video in enumerate(videos):
        key = (shown_name(video, i), _task_name(video))
        if key in known:
            raise ValueError(f"{video}: two videos of task {key[1]!r} have this name.")
        known[key] = video
    return known


def _task_name(video: Video) -> str:
    return video.task.name if isinstance(video.task, Task) else video.task or ""


def _describe(
    key: tuple[str, str], rows: StepTable, video: Video | None, folder: PathLike | None
) -> dict[str, Any]:
    """What the page knows of one video."""
    task = None if video is None else video.task
    source = None if video is None else video.source
    return {
        "name": key[0],
        "task": key[1],
        "title": task.title if isinstance(task, Task) else "",
        "steps": _texts(rows, task),
        "rows": [
            [r.step, *map(_rounded, (r.start, r.end, r.time, r.present, r.confidence))]
            for r in rows
        ],
        "truth": _segments(None if video is None else video.annotation),
        "windows": _segments(None if video is None else video.windows),
        "duration": None if video is None else _duration(video),
        "source": None if source is None else _address(os.fspath(source), folder),
        "file": None if source is None else os.path.basename(os.fspath(source)),
    }


def _texts(rows: StepTable, task: Task | str | None) -> list[str]:
    """What the steps are called, by the task or else by the table."""
    given = task.steps if isinstance(task, Task) else ()
    texts = [""] * max(len(given), 1 + max(row.step for row in rows))
    for row in rows:
        texts[row.step] = texts[row.step] or row.text
    texts[: len(given)] = given
    return texts


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 3)


def _segments(segments: np.ndarray | None) -> list[list[float]]:
    if segments is None:
        return []
    return [[int(k), round(a, 3), round(b, 3)] for k, a, b in segments.tolist()]


def _duration(video: Video) -> float | None:
    """Seconds of the features; the video file itself is asked by the browser."""
    if video.features is None:
        return None
    try:
        return round(video.shape[0] / video.rate, 3)
    except (OSError, ValueError):
        return None  # a page may be wanted where the features are no longer


def _address(source: str, folder: PathLike | None) -> str | None:
    """Address of a video file, relative to the page's folder where it can be."""
    if _ORIGIN.match(source):
        return source
    if "://" in source:
        return None  # a browser cannot open it; the user may choose a copy
    path = Path(source).absolute()
    try:
        if folder is None:
            return path.as_uri()
        relative = os.path.relpath(path, Path(folder).absolute())
    except ValueError:  # on another drive
        return path.as_uri()
    # The dot keeps a colon in the first part from being read as a scheme.
    return "./" + quote(relative.replace(os.sep, "/"))


def _policy(assets: Mapping[str, str], shown: Sequence[Mapping[str, Any]]) -> str:
    """Content security policy: this script, this style, and the videos."""
    origins = {
        match[0] for video in shown if (match := _ORIGIN.match(video["source"] or ""))
    }
    media = " ".join(["'self'", "file:", "blob:", *sorted(origins)])
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {_hash(assets['js'])}",
            f"style-src {_hash(assets['css'])}",
            f"media-src {media}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    return (
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
    )


def _embed(document: object) -> str:
    """JSON that cannot end the element that holds it."""
    text = json.dumps(document, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _asset(name: str) -> str:
    return files(__package__).joinpath("_viewer", name).read_text("utf-8")
