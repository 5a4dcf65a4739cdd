"""What a manifest may say, checked line by line."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skcrosstask._data import Task
from skcrosstask._data._feature_files import split_member
from skcrosstask._progress import guess, short
from skcrosstask.datasets._document import Node, fail_at, read_document
from skcrosstask.datasets._document_checks import NodeChecks
from skcrosstask.datasets._subtitle_folder import video_name

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["Entry", "Manifest", "read_manifest"]

_TOP = ("rate", "layout", "tasks", "videos")
_TASK = ("title", "steps", "before", "related")
_VIDEO = (
    *("name", "task", "source", "features", "layout", "subtitles", "windows"),
    *("annotation", "rate", "validation"),
)
_NAMING = ("source", "features", "subtitles")
_LAYOUTS = ("rows_first", "features_first")
# What joins the items of a list in a cell of CSV.
_JOINT = "|"


@dataclass
class Entry:
    """What a manifest says of one video; None where it says nothing.

    Paths are as they are written; segments are rows ``step, start, end``, steps from
    0, or the path of their file.
    """

    name: str
    line: int
    task: Task | None = None
    source: str | None = None
    features: str | None = None
    layout: str | None = None
    subtitles: str | None = None
    windows: str | np.ndarray | None = None
    annotation: str | np.ndarray | None = None
    rate: float | None = None
    validation: bool = False


@dataclass
class Manifest:
    """A manifest that was read: its defaults, its tasks and its videos."""

    path: Path
    rate: float | None = None
    layout: str | None = None
    tasks: dict[str, Task] = field(default_factory=dict)
    related: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)

    def place(self, entry: Entry) -> str:
        """Where a video stands, for messages."""
        return f"{self.path}, line {entry.line}: video {short(entry.name)}"


def read_manifest(path: PathLike) -> Manifest:
    """Read a manifest and check all that can be checked without other files.

    Parameters
    ----------
    path : path
        A .yaml, .json or .csv file.

    Returns
    -------
    Manifest

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ImportError
        If it is YAML, and PyYAML is not installed.
    ValueError
        If it is malformed; the message names file and line.
    """
    manifest = Manifest(Path(path))
    root = read_document(path)
    if manifest.path.suffix.lower() == ".csv":
        root = _from_rows(root, manifest.path)
    return _Checks(manifest).check(root)


def _from_rows(rows: Node, path: Path) -> Node:
    """Tree of a table, whose rows tell of a video, or of a task, or of both."""
    tasks: dict[str, Node] = {}
    videos = []
    assert isinstance(rows.value, list)
    for row in rows.value:
        cells = row.value
        assert isinstance(cells, dict)
        about = {name: cells.pop(name) for name in _TASK if name in cells}
        for name in ("steps", "before"):
            if name in about:
                items = str(about[name].value).split(_JOINT)
                items = [item for item in items if item.strip()]
                about[name].value = [Node(item.strip(), row.line) for item in items]
        if about:
            if "task" not in cells:
                fail_at(path, row.line, f"{min(about)} of which task? It names none.")
            known = tasks.setdefault(str(cells["task"].value), Node({}, row.line))
            assert isinstance(known.value, dict)
            for name, node in about.items():
                first = known.value.setdefault(name, node)
                if _plain(first) != _plain(node):
                    fail_at(
                        path,
                        row.line,
                        f"other {name} of task {short(cells['task'].value)} than "
                        f"in line {first.line}.",
                    )
        if cells.keys() - {"task"}:
            videos.append(row)
        elif "task" in cells:
            tasks.setdefault(str(cells["task"].value), Node({}, row.line))
    return Node({"tasks": Node(tasks, 1), "videos": Node(videos, 1)}, 1)


def _plain(node: Node) -> object:
    return [i.value for i in node.value] if isinstance(node.value, list) else node.value


class _Checks(NodeChecks):
    """Turns nodes into a manifest, or says what is wrong and where."""

    def __init__(self, manifest: Manifest):
        super().__init__(manifest.path)
        self.manifest = manifest

    def check(self, root: Node) -> Manifest:
        """The manifest with all that the root says."""
        top = self.fields(root, "the collection", _TOP)
        manifest = self.manifest
        manifest.rate = self.rate(top.get("rate"), "")
        manifest.layout = self.layout(top.get("layout"), "")
        for name, node in self.mapping(top.get("tasks"), "tasks").items():
            manifest.tasks[name] = self.task(name, node)
        lines: dict[tuple[str | None, str], int] = {}
        for node in self.items(top.get("videos"), "videos"):
            entry = self.video(node)
            key = (entry.task.name if entry.task else None, entry.name)
            if key in lines:
                first = f"was already listed in line {lines[key]}."
                self.fail(node, f"video {short(entry.name)} {first}")
            lines[key] = entry.line
            manifest.entries.append(entry)
        if not manifest.entries and not manifest.tasks:
            self.fail(root, "names neither tasks nor videos.")
        return manifest

    def task(self, name: str, node: Node) -> Task:
        """A task, from the mapping that describes it."""
        about = f"task {short(name)}"
        given = self.fields(node, about, _TASK)
        steps = [
            self.text(step, f"{about}: a step")
            for step in self.items(given.get("steps"), f"{about}: steps")
        ]
        if not steps:
            how = "list them in order"
            if self.path.suffix.lower() == ".csv":
                how = f"give them in a row's cell steps, joined by {_JOINT}"
            self.fail(node, f"{about} has no steps; {how}.")
        before = None
        if "before" in given:
            pairs = self.items(given["before"], f"{about}: before")
            before = [self.pair(pair, about) for pair in pairs]
        if self.flag(given.get("related"), f"{about}: related"):
            self.manifest.related.add(name)
        try:
            title = self.text(given.get("title"), f"{about}: title", "")
            return Task(name, steps, title or "", before)
        except ValueError as error:
            self.fail(node, str(error))

    def pair(self, node: Node, about: str) -> tuple[int, int]:
        """Steps from 0, of a text such as ``1<2``."""
        text = self.text(node, f"{about}: before")
        found = re.fullmatch(r"\s*(\d+)\s*<\s*(\d+)\s*", text)
        if not found or "0" in found.groups():
            self.fail(
                node,
                f"{about}: before: expected steps counted from 1, such as 1<2, got "
                f"{short(text)}.",
            )
        return int(found[1]) - 1, int(found[2]) - 1

    def video(self, node: Node) -> Entry:
        """A video, from the mapping that describes it."""
        given = self.fields(node, "a video", _VIDEO)
        about = f"video {short(self._name(given, node))}"
        entry = Entry(self._name(given, node), node.line)
        entry.task = self._task_of(given.get("task"), about)
        for name in ("source", "features", "subtitles"):
            setattr(
                entry, name, self.text(given.get(name), f"{about}: {name}", "") or None
            )
        entry.layout = self.layout(given.get("layout"), f"{about}: ")
        entry.rate = self.rate(given.get("rate"), f"{about}: ")
        entry.validation = self.flag(given.get("validation"), f"{about}: validation")
        for name in ("windows", "annotation"):
            if name in given:
                segments = self.segments(given[name], f"{about}: {name}", entry.task)
                setattr(entry, name, segments)
        return entry

    def _name(self, given: Mapping[str, Node], node: Node) -> str:
        if "name" in given:
            return self.text(given["name"], "a video: name")
        for name in _NAMING:
            if name in given:
                file = split_member(self.text(given[name], f"a video: {name}"))[0]
                if name == "subtitles":
                    return video_name(Path(file)) or Path(file).stem
                return Path(file).stem
        self.fail(
            node, "a video needs a name, a source, features or subtitles; it has none."
        )

    def _task_of(self, node: Node | None, about: str) -> Task | None:
        tasks = self.manifest.tasks
        if node is None or node.value is None:
            return next(iter(tasks.values())) if len(tasks) == 1 else None
        name = self.text(node, f"{about}: task")
        if name not in tasks:
            meant = guess(name, tasks) or "; the collection names no tasks."
            self.fail(node, f"{about}: task {short(name)} is unknown{meant}")
        return tasks[name]

    def segments(
        self, node: Node, about: str, task: Task | None
    ) -> str | np.ndarray | None:
        """The path of a file of segments, or rows that stand in the manifest."""
        if node.value is None:
            return None
        if isinstance(node.value, str):
            return node.value
        if task is None:
            self.fail(node, f"{about}: the video has no task, so that it has no steps.")
        rows = [self.segment(row, about, task) for row in self.items(node, about)]
        return np.array(rows, dtype=np.float64).reshape(-1, 3)

    def segment(self, node: Node, about: str, task: Task) -> tuple[int, float, float]:
        """One row ``[step, start, end]``; the file counts steps from 1."""
        cells = [str(cell.value) for cell in self.items(node, about)]
        try:
            step, start, end = int(cells[0]), *map(float, cells[1:])
        except (ValueError, IndexError):
            self.fail(
                node, f"{about}: expected [step, start, end], got {short(cells)}."
            )
        if not 0 < step <= len(task.steps):
            self.fail(
                node,
                f"{about}: step {short(step)} is unknown; task "
                f"{short(task.name)} has steps 1 to {len(task.steps)}.",
            )
        if not (math.isfinite(start) and math.isfinite(end) and start < end):
            self.fail(
                node,
                f"{about}: start must be before end, both in seconds: {short(cells)}.",
            )
        if end <= 0:
            self.fail(node, f"{about}: the segment is over before 0: {short(cells)}.")
        return step - 1, start, end

    def rate(self, node: Node | None, about: str) -> float | None:
        """Rows a second, or None."""
        if node is None or node.value is None:
            return None
        text = self.text(node, f"{about}rate")
        try:
            rate = float(text)
        except ValueError:
            rate = -1.0
        if not (math.isfinite(rate) and rate > 0):
            self.fail(
                node,
                f"{about}rate must be a number of rows a second, got {short(text)}.",
            )
        return rate

    def layout(self, node: Node | None, about: str) -> str | None:
        """How features are stored, or None."""
        if node is None or node.value is None:
            return None
        text = self.text(node, f"{about}layout")
        if text not in _LAYOUTS:
            choices = " or ".join(_LAYOUTS)
            self.fail(node, f"{about}layout must be {choices}, got {short(text)}.")
        return text
