"""What a folder of videos, subtitles and features shows of a collection."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from skcrosstask._files import require_file
from skcrosstask.datasets._subtitle_folder import video_name
from skcrosstask.datasets._task_files import read_step_list

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["FoundTask", "FoundVideo", "scan_folder"]

_VIDEOS = [
    "mp4",
    "m4v",
    "mkv",
    "webm",
    "mov",
    "avi",
    "mpg",
    "mpeg",
    "ts",
    "flv",
    "wmv",
    "ogv",
    "3gp",
]
_SUBTITLES = [
    "vtt",
    "srt",
    "json3",
    "ass",
    "ssa",
    "sbv",
    "srv3",
    "tsv",
    "json",
    "textgrid",
]
_FEATURES = ("npy", "npz")
_SUFFIXES = {
    **dict.fromkeys(_VIDEOS, "source"),
    **dict.fromkeys(_SUBTITLES, "subtitles"),
    **dict.fromkeys(_FEATURES, "features"),
}
# Folders that say what is in them, not which task it shows.
_KINDS = {"videos", "clips", "features", "subtitles", "captions"}
_RESULTS = {"constraints", "annotations", "windows", "results"}
_STEPS = "steps.txt"
_DEPTH = 3


@dataclass
class FoundVideo:
    """A video, by its files."""

    name: str
    task: str
    files: dict[str, Path] = field(default_factory=dict)
    """By kind: source, features, subtitles."""


@dataclass
class FoundTask:
    """A task, and its steps if a file ``steps.txt`` lists them."""

    name: str
    steps: list[str] = field(default_factory=list)


def scan_folder(
    folder: PathLike, task: str = "task"
) -> tuple[list[FoundTask], list[FoundVideo]]:
    """Find videos and their tasks in a folder.

    Files of one stem belong to one video. Folders in it are tasks, save those named
    videos, clips, features, subtitles and captions. Videos of one name in several tasks
    are named after their tasks, too.

    Parameters
    ----------
    folder : path
        The folder.
    task : str, default="task"
        Task of the videos that are in no task's folder.

    Returns
    -------
    tasks : list of FoundTask
        In the order of their names.
    videos : list of FoundVideo
        Likewise.

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        If there is no such folder, or nothing in it, or it is a file.
    ValueError
        If a video has two files of one kind.
    """
    folder = Path(folder)
    require_file(folder, "Folder of videos", folder=True)
    found = sorted(_walk(folder, ()))
    videos: dict[tuple[str, str], FoundVideo] = {}
    # Subtitles last, as their names may hold a language or a title too.
    for kind in ("source", "features", "subtitles"):
        for parts, file in found:
            if _SUFFIXES[_suffix(file)] == kind:
                _add(videos, kind, next(iter(parts), None), task, file)
    if not videos:
        raise FileNotFoundError(
            f"Folder '{folder}' holds no videos, subtitles or features, by their "
            "suffixes, such as .mp4, .vtt and .npy."
        )
    listed = [videos[key] for key in sorted(videos)]
    _tell_apart(listed)
    names = list(dict.fromkeys(video.task for video in listed))
    return [FoundTask(name, _steps(folder, name, task)) for name in names], listed


def _walk(folder: Path, tasks: tuple[str, ...]) -> Iterator[tuple[tuple, Path]]:
    """Files of videos, each with the folders that may name its task."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(entry.path)
        hidden = entry.name.startswith(".")
        if entry.is_dir() and not hidden and entry.name not in _RESULTS:
            inner = tasks if entry.name in _KINDS else (*tasks, entry.name)
            if len(inner) <= _DEPTH:
                yield from _walk(path, inner)
        elif entry.is_file() and not hidden and _suffix(path) in _SUFFIXES:
            # What yt-dlp writes about a video, and manifests, are no subtitles.
            about = entry.name.endswith(".info.json")
            if not about and path.stem != "collection":
                yield tasks, path


def _suffix(file: Path) -> str:
    return file.suffix.lower().removeprefix(".")


def _add(
    videos: dict[tuple[str, str], FoundVideo],
    kind: str,
    own: str | None,
    default: str,
    file: Path,
) -> None:
    """Give a file to the video that it belongs to."""
    names = {name for task, name in videos if own is None or task == own}
    # A name such as "Title [id].mp4" is that of the id.
    name = video_name(file) or file.stem
    if kind == "subtitles":
        name = video_name(file, names) or name
    known = [key for key in videos if own in (None, key[0])]
    # A file outside of the tasks' folders is that of the one video of its name.
    meant = [key for key in known if key[1] == name]
    # Features that are made of videos told apart are named like these.
    meant = meant or [key for key in known if _with_task(*key) == name]
    task, name = meant[0] if len(meant) == 1 else (own or default, name)
    video = videos.setdefault((task, name), FoundVideo(name, task))
    before = video.files.setdefault(kind, file)
    if before != file:
        if kind == "subtitles" and _are_copies(file, before):
            video.files[kind] = min(file, before, key=lambda path: len(path.name))
            return
        raise ValueError(
            f"video {name!r} of task {task!r} has two files of {kind}: '{before}' and "
            f"'{file}'; keep one of them in the folder."
        )


def _tell_apart(videos: list[FoundVideo]) -> None:
    """Give videos of different tasks different names, as files in one folder need."""
    seen = Counter(video.name.casefold() for video in videos)
    for video in videos:
        if seen[video.name.casefold()] > 1:
            video.name = _with_task(video.task, video.name)


def _with_task(task: str, name: str) -> str:
    return f"{task}_{name}"


def _are_copies(file: Path, other: Path) -> bool:
    """Whether two files of yt-dlp hold the same captions."""
    stems = {file.stem.removesuffix("-orig"), other.stem.removesuffix("-orig")}
    return len(stems) == 1 and file.suffix == other.suffix


def _steps(folder: Path, name: str, default: str) -> list[str]:
    places = [folder / name / _STEPS, *([folder / _STEPS] if name == default else [])]
    for file in places:
        if file.is_file():
            return read_step_list(file)
    return []
