"""Subtitles of many videos, from a folder or a table."""

from __future__ import annotations

import re
from collections.abc import Container, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrosstask._data import Narration, Video
from skcrosstask._progress import counted
from skcrosstask.datasets._constraint_files import check_names
from skcrosstask.datasets._task_files import TaskList
from skcrosstask.narration._packed import unpacked_name
from skcrosstask.narration.subtitles._decoding import read_beginning
from skcrosstask.narration.subtitles._formats import FORMATS, format_name
from skcrosstask.narration.subtitles._reading import read_narration, read_narrations

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["Subtitles", "read_subtitles", "spoken_videos", "video_name"]

# "x.en.vtt", "x.zh-Hans.vtt", "x.en-orig.vtt", and "Title [x].en.vtt", as yt-dlp does.
_LANGUAGE = re.compile(r"\.[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$")
_BRACKETED = re.compile(r"\[([^\[\]]+)\]$")
_ORIGINAL = "-orig"
# What yt-dlp writes about a video.
_ABOUT = ".info.json"
_YOUTUBE_ID = re.compile(r"[\w-]{11}")
# Longer than any video: windows of a video of unknown length are not cut.
_ENDLESS = 1 << 40


class Subtitles(NamedTuple):
    """What was read about many videos."""

    narrations: dict[str, Narration]
    """By video name."""
    unlisted: list[str]
    """Files, or videos of a table, that belong to no wanted video."""
    broken: list[str]
    """What is wrong with the files that were left out."""


def read_subtitles(
    path: PathLike,
    wanted: Container[str] | None = None,
    *,
    format: str | None = None,
    encoding: str = "utf-8",
    strict: bool = False,
    skip_broken: bool = False,
) -> Subtitles:
    """Read a folder of subtitle files, a table of several videos, or one file.

    Parameters
    ----------
    path : path
        Folder with one file per video, named after it, with or without a language or
        as yt-dlp names files, or with files of many videos, such as HowTo100M's
        ``raw_caption.json``; or a file as in `read_narrations`. All may be compressed.
    wanted : container of str, optional
        Names of videos; others are not read. By default, all are.
    format : str, optional
        Format of the files to read from a folder, or of the one file. By default,
        file names tell the format, and all formats are read.
    encoding : str, default="utf-8"
        Of the files.
    strict : bool, default=False
        Whether to refuse what can be mended; see `read_narration`.
    skip_broken : bool, default=False
        Whether to leave out broken files of a folder.

    Returns
    -------
    Subtitles

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder, or no subtitles in it.
    ValueError
        If a file is broken (the message gives file and line), or a video has two.

    Notes
    -----
    yt-dlp writes automatic captions a second time, as ``x.en-orig.vtt``. This file is
    not read if there is ``x.en.vtt``, nor is ``x.info.json``.
    """
    path = Path(path)
    options: dict[str, Any] = {"encoding": encoding, "strict": strict}
    if not path.is_dir():
        return _read_one(path, wanted, format, options)
    files, tables, unlisted = _find(path, wanted, format)
    narrations, broken = {}, []
    for name, file in files.items():
        try:
            narrations[name] = read_narration(file, format=format, **options)
        except ValueError as error:
            if not skip_broken:
                raise
            broken.append(str(error))
    for table in tables:
        try:
            read = _read_one(table, wanted, format, options).narrations
        except ValueError as error:
            if not skip_broken:
                raise
            broken.append(str(error))
            continue
        unlisted += [] if read else [table.name]
        _refuse_twice(table, narrations.keys() & read.keys())
        narrations.update(read)
    return Subtitles(narrations, unlisted, broken)


def spoken_videos(
    known: TaskList, subtitles: Subtitles
) -> tuple[list[Video], list[str]]:
    """Videos with narration and task, and names of those without subtitles.

    Parameters
    ----------
    known : TaskList
        Tasks and their videos.
    subtitles : Subtitles
        What is said.

    Returns
    -------
    videos : list of Video
        Their features are zeros that take no memory; where the length is unknown,
        there are more of them than any video has.
    silent : list of str
        Names without repetition.

    Raises
    ------
    ValueError
        If no video is left, or a name cannot be part of a file name.
    """
    spoken, pairs = subtitles.narrations, known.pairs
    if not spoken and pairs is None:
        raise ValueError("no subtitles can be read.")
    if pairs is None:
        pairs = [(task, name) for task in known.tasks for name in spoken]
    check_names(pairs)
    videos = [
        _stand_in(known, task, name, spoken[name])
        for task, name in pairs
        if name in spoken
    ]
    if not videos:
        raise ValueError(
            f"no listed video has subtitles that can be read (0 of {len(pairs)})."
        )
    return videos, list(dict.fromkeys(name for _, name in pairs if name not in spoken))


def video_name(file: Path, wanted: Container[str] | None = None) -> str | None:
    """Name of the video that a subtitle file belongs to; None if it is not wanted."""
    stem = unpacked_name(file).stem
    names = [stem]
    known = FORMATS.get(format_name(file))
    if known is not None and known.named_by_language:
        names.append(_LANGUAGE.sub("", stem))
    bracketed = _BRACKETED.search(names[-1])
    # Brackets may hold anything, unless the videos are known.
    if bracketed and (wanted is not None or _YOUTUBE_ID.fullmatch(bracketed[1])):
        names.append(bracketed[1])
    if wanted is None:
        return names[-1]
    return next((name for name in names if name in wanted), None)


def _find(
    folder: Path, wanted: Container[str] | None, format: str | None
) -> tuple[dict[str, Path], list[Path], list[str]]:
    """Files of a folder by video, those of many videos, and names of unwanted ones."""
    kinds = list(FORMATS) if format is None else [format]
    found = sorted(
        file
        for file in folder.iterdir()
        if format_name(file) in kinds
        and not unpacked_name(file).name.lower().endswith(_ABOUT)
    )
    if not found:
        listed = ", ".join(f".{kind}" for kind in kinds)
        raise FileNotFoundError(f"'{folder}' holds no subtitles ({listed}).")
    groups: dict[str, list[Path]] = {}
    tables, unlisted = [], []
    for file in found:
        name = video_name(file, wanted)
        if FORMATS[format_name(file)].holds_many(_beginning(file)):
            tables.append(file)
        elif name is None:
            unlisted.append(file.name)
        else:
            groups.setdefault(name, []).append(file)
    groups = {name: _without_originals(files) for name, files in groups.items()}
    _refuse_several(folder, groups)
    return {name: files[0] for name, files in groups.items()}, tables, unlisted


def _beginning(file: Path) -> str:
    try:
        return read_beginning(file)
    except (ValueError, OSError):
        return ""  # said again, with more words, if it is to be read


def _refuse_twice(table: Path, names: Set[str]) -> None:
    if names:
        raise ValueError(
            f"'{table}': video {min(names)!r} is in another file of the folder too; "
            "keep one of them, or choose with --format."
        )


def _without_originals(files: list[Path]) -> list[Path]:
    """Files without yt-dlp's second copies of others."""
    names = {file.name for file in files}
    return [
        file
        for file in files
        if not file.stem.endswith(_ORIGINAL)
        or file.stem.removesuffix(_ORIGINAL) + file.suffix not in names
    ]


def _refuse_several(folder: Path, groups: dict[str, list[Path]]) -> None:
    several = {name: files for name, files in groups.items() if len(files) > 1}
    for name, files in several.items():
        listed = ", ".join(repr(file.name) for file in files)
        raise ValueError(
            f"'{folder}': {counted(len(several), 'video', ('has', 'have'))} several "
            f"files, such as {listed} of {name!r}; keep one of them, or choose "
            "with --format."
        )


def _read_one(
    path: Path,
    wanted: Container[str] | None,
    format: str | None,
    options: dict[str, Any],
) -> Subtitles:
    kind = FORMATS.get(format or format_name(path))
    if kind is not None and kind.stream and kind.holds_many(_beginning(path)):
        # More names than anyone wants to be told are passed over there.
        found = read_narrations(path, videos=wanted, format=format, **options)
        return Subtitles(found, [], [])
    narrations = read_narrations(path, format=format, **options)
    stem = unpacked_name(path).stem
    if list(narrations) == [stem]:
        name = video_name(path, wanted) or stem
        narrations = {name: narrations[stem]}
    unlisted = [n for n in narrations if wanted is not None and n not in wanted]
    for name in unlisted:
        del narrations[name]
    return Subtitles(narrations, unlisted, [])


def _stand_in(known: TaskList, task: str, name: str, spoken: Narration) -> Video:
    seconds = known.lengths.get(name, _ENDLESS)
    n_rows, rate = known.rows.get(name, (seconds, 1.0))
    blank = np.broadcast_to(np.float32(0.0), (n_rows, 1))
    return Video(blank, known.tasks[task], name=name, narration=spoken, rate=rate)
