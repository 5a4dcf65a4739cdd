"""Subtitles of many videos, from a folder or a table."""

from __future__ import annotations

import re
from collections.abc import Container
from pathlib import Path
from typing import NamedTuple

from skcrosstask._data import Narration
from skcrosstask._progress import counted
from skcrosstask._typing import PathLike
from skcrosstask.narration.subtitles._reading import read_narration, read_narrations

__all__ = ["Subtitles", "read_subtitles"]

_CAPTIONS = (".vtt", ".srt", ".json3")
_TABLES = (".json", ".csv", ".tsv")
# "x.en.vtt", "x.zh-Hans.vtt", "x.en-orig.vtt", and "Title [x].en.vtt", as yt-dlp does.
_LANGUAGE = re.compile(r"\.[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$")
_BRACKETED = re.compile(r"\[([^\[\]]+)\]$")
_ORIGINAL = "-orig"
# What yt-dlp writes about a video.
_ABOUT = ".info.json"
_YOUTUBE_ID = re.compile(r"[\w-]{11}")


class Subtitles(NamedTuple):
    """What was read of many videos."""

    narrations: dict[str, Narration]
    """By name of the video."""
    unlisted: list[str]
    """Files, or videos of a table, that are of no wanted video."""
    broken: list[str]
    """What is wrong with the files that were left out."""


def read_subtitles(
    path: PathLike,
    wanted: Container[str] | None = None,
    *,
    format: str | None = None,
    encoding: str = "utf-8",
    skip_broken: bool = False,
) -> Subtitles:
    """Read a folder of subtitle files, a table of several videos, or one file.

    Parameters
    ----------
    path : path
        Folder with a file a video, named by it, maybe with a language or as yt-dlp
        names files; or a file as of `read_narrations`.
    wanted : container of str, optional
        Names of videos; others are not read. By default all are.
    format : {"vtt", "srt", "csv", "tsv", "json", "json3"}, optional
        Of the files of a folder that are read, or of the one file. By default files
        of all formats are, as their names say.
    encoding : str, default="utf-8"
        Of the files.
    skip_broken : bool, default=False
        Whether to leave out broken files of a folder.

    Returns
    -------
    Subtitles

    Raises
    ------
    FileNotFoundError
        If nothing is there.
    ValueError
        If a file is broken, with its name and line, or two are of one video.

    Notes
    -----
    yt-dlp writes automatic captions twice, in ``x.en-orig.vtt`` too; this is not read
    where ``x.en.vtt`` is there, nor is its ``x.info.json``.
    """
    path = Path(path)
    if not path.is_dir():
        return _read_one(path, wanted, format, encoding)
    files, unlisted = _find(path, wanted, format)
    narrations, broken = {}, []
    for name, file in files.items():
        try:
            narrations[name] = read_narration(file, encoding=encoding)
        except ValueError as error:
            if not skip_broken:
                raise
            broken.append(str(error))
    return Subtitles(narrations, unlisted, broken)


def video_name(file: Path, wanted: Container[str] | None = None) -> str | None:
    """Name of the video that a subtitle file is of; None if it is of no wanted one."""
    names = [file.stem]
    if file.suffix.lower() in _CAPTIONS:
        names.append(_LANGUAGE.sub("", file.stem))
    bracketed = _BRACKETED.search(names[-1])
    # What is in brackets may be anything, unless the videos are known.
    if bracketed and (wanted is not None or _YOUTUBE_ID.fullmatch(bracketed[1])):
        names.append(bracketed[1])
    if wanted is None:
        return names[-1]
    return next((name for name in names if name in wanted), None)


def _find(
    folder: Path, wanted: Container[str] | None, format: str | None
) -> tuple[dict[str, Path], list[str]]:
    """Files of a folder by video, and those of other videos."""
    kinds = _CAPTIONS + _TABLES if format is None else (f".{format}",)
    found = sorted(
        file
        for file in folder.iterdir()
        if file.suffix.lower() in kinds and not file.name.lower().endswith(_ABOUT)
    )
    if not found:
        raise FileNotFoundError(f"'{folder}' holds no subtitles ({', '.join(kinds)}).")
    groups: dict[str, list[Path]] = {}
    unlisted = []
    for file in found:
        name = video_name(file, wanted)
        if name is None:
            unlisted.append(file.name)
        else:
            groups.setdefault(name, []).append(file)
    groups = {name: _without_originals(files) for name, files in groups.items()}
    _refuse_several(folder, groups)
    return {name: files[0] for name, files in groups.items()}, unlisted


def _without_originals(files: list[Path]) -> list[Path]:
    """Files without those of yt-dlp's names that say again what another says."""
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
            f"files, such as {listed} of {name!r}; keep one of them, or choose by "
            "--format."
        )


def _read_one(
    path: Path, wanted: Container[str] | None, format: str | None, encoding: str
) -> Subtitles:
    narrations = read_narrations(path, format=format, encoding=encoding)
    if list(narrations) == [path.stem]:
        name = video_name(path, wanted) or path.stem
        narrations = {name: narrations[path.stem]}
    unlisted = [n for n in narrations if wanted is not None and n not in wanted]
    for name in unlisted:
        del narrations[name]
    return Subtitles(narrations, unlisted, [])
