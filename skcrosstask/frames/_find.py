"""Which files are videos."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["SUFFIXES", "find_videos"]

_NAMES = "3gp avi flv m2ts m4v mkv mov mp4 mpeg mpg mts ogv ts webm wmv"
SUFFIXES = frozenset(f".{name}" for name in _NAMES.split(" "))


def find_videos(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Video files, and those in folders.

    Parameters
    ----------
    paths : iterable of paths
        Files, whatever their suffix, and folders, whose files are taken if their suffix
        is that of a video; folders within them are searched as well.

    Returns
    -------
    list of Path
        In the given order, within a folder by name. Each file once.

    Raises
    ------
    FileNotFoundError
        If a path leads nowhere.
    ValueError
        If a folder has no video.
    """
    found: dict[Path, None] = {}
    for path in map(Path, paths):
        if not path.exists():
            raise FileNotFoundError(f"'{path}': there is no such file or folder.")
        files = _within(path) if path.is_dir() else [path]
        if not files:
            raise ValueError(
                f"'{path}': no video is in this folder; known suffixes are "
                f"{', '.join(sorted(SUFFIXES))}."
            )
        found |= dict.fromkeys(files)
    return list(found)


def _within(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not path.name.startswith(".")
    )
