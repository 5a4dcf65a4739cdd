"""Where tables are written: one file, or one a video in a folder."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from skcrosstask._files import refuse_target, replacing
from skcrosstask._progress import counted

if TYPE_CHECKING:
    from skcrosstask._input import PathLike
    from skcrosstask.results._table import StepTable

__all__ = ["deliver", "deliver_each", "file_names"]

# Names that Windows keeps for devices, whatever their suffix.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST = 100


def deliver(text: str, path: PathLike | None) -> str | None:
    """Return a text, or write it whole and return None."""
    if path is None:
        return text
    refuse_target(path)
    with replacing(path) as file:
        file.write(text.encode())
    return None


def deliver_each(
    table: StepTable,
    path: PathLike | None,
    suffix: str,
    make: Callable[[StepTable], str],
) -> str | None:
    """Make a text of each video, and return it or write it.

    Parameters
    ----------
    table : StepTable
        The steps.
    path : path, optional
        A file for the one video of the table, or a folder, which is made if need
        be. A path whose name has a dot is a file, unless it is a folder that exists.
    suffix : str
        Of the files in a folder, with the dot.
    make : callable
        From the table of one video to its text.

    Returns
    -------
    str or None
        The text, if there is no path.

    Raises
    ------
    ValueError
        If several videos should go to one file, or there is none.
    """
    parts = table.by_video()
    folder = None if path is None else Path(path)
    if folder is not None and (folder.is_dir() or not folder.suffix):
        texts = {key: make(part) for key, part in parts.items()}
        folder.mkdir(exist_ok=True)
        for name, text in zip(file_names([*parts]), texts.values(), strict=True):
            deliver(text, folder / f"{name}{suffix}")
        return None
    if len(parts) != 1:
        raise ValueError(
            f"the table holds {counted(len(parts), 'video')}, and this format takes "
            "one a file: give a folder, or a table of by_video()."
        )
    return deliver(make(next(iter(parts.values()))), path)


def file_names(keys: list[tuple[str, str]]) -> list[str]:
    """Names of files that every system takes, all different whatever their case.

    Parameters
    ----------
    keys : list of (str, str)
        Video and task of each.

    Returns
    -------
    list of str
        Without suffix: the video's name, with that of its task where it has two, and
        a number where these would still be one.

    Examples
    --------
    >>> file_names([("a/b", "tea"), ("v1", "tea"), ("V1", "tea"), ("v1", "latte")])
    ['a_b', 'v1-tea', 'V1', 'v1-latte']
    """
    videos = [video for video, _ in keys]
    taken: set[str] = set()
    names = []
    for video, task in keys:
        stem = _clean(f"{video}-{task}" if videos.count(video) > 1 else video)
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _clean(name: str) -> str:
    """Letters, digits and what may stand between them, in any script."""
    text = unicodedata.normalize("NFC", name)
    text = re.sub(r"[^\w.() -]+", "_", text)[:_LONGEST]
    while len(text.encode()) > 2 * _LONGEST:
        text = text[:-1]
    text = text.lstrip(". ").rstrip(". ")
    return f"_{text}" if not text or _DEVICES.match(text) else text
