"""Which format a file has, by its name or as asked for, and writing it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from skcrosstask._files import refuse_target
from skcrosstask._progress import short

if TYPE_CHECKING:
    from skcrosstask._data import Video
    from skcrosstask._input import PathLike
    from skcrosstask.results._table import StepTable

__all__ = [
    "FORMATS",
    "choose_format",
    "refuse_chapters",
    "refuse_steps_target",
    "write_steps",
]

# Suffixes of each format; a file without a suffix is CSV.
FORMATS = {
    "csv": (".csv",),
    "json": (".json",),
    "vtt": (".vtt",),
    "ffmetadata": (".ffmeta", ".ffmetadata"),
    "elan": (".eaf",),
    "html": (".html", ".htm"),
}
# These hold one video a file.
_EACH = ("vtt", "ffmetadata", "elan")


def choose_format(path: PathLike, wanted: str | None = None) -> str:
    """Format of a file to write.

    Parameters
    ----------
    path : path
        Its name.
    wanted : str, optional
        The format, whatever the name.

    Returns
    -------
    str
        A key of `FORMATS`.

    Raises
    ------
    ValueError
        If the name has a suffix of none of them.

    Examples
    --------
    >>> choose_format("v1.eaf"), choose_format("times"), choose_format("v.txt", "vtt")
    ('elan', 'csv', 'vtt')
    """
    if wanted is not None:
        return wanted
    suffix = Path(path).suffix.lower()
    if not suffix or Path(path).is_dir():
        return "csv"
    if (name := _format_of(suffix)) is None:
        known = ", ".join(end for ends in FORMATS.values() for end in ends)
        raise ValueError(
            f"'{path}': the suffix {short(suffix, 20)} says no format; known are "
            f"{known}. For another name, give the format by --format."
        )
    return name


def refuse_chapters(path: PathLike) -> None:
    """Refuse files that are written from a table and from which none can be made.

    Parameters
    ----------
    path : path
        A file to read steps from.

    Raises
    ------
    ValueError
        If its name says that it is one of these.
    """
    suffix = Path(path).suffix.lower()
    if _format_of(suffix) in ("vtt", "ffmetadata", "elan", "html"):
        raise ValueError(
            f"{path}: {suffix} files are written but cannot be read back, as they do "
            "not hold all that a table does; give the .csv or .json of these steps, as "
            "predict --out times.csv or StepTable.to_csv writes it."
        )


def _format_of(suffix: str) -> str | None:
    return next((name for name, ends in FORMATS.items() if suffix in ends), None)


def refuse_steps_target(path: PathLike, name: str) -> None:
    """Refuse before the work what `write_steps` could not write after it.

    Parameters
    ----------
    path : path
        File or folder.
    name : str
        The format.

    Raises
    ------
    FileNotFoundError
        If the folder of the file is missing.
    IsADirectoryError
        If it is a folder, and the format needs a file.
    """
    if not Path(path).is_dir():
        refuse_target(path)
    elif name not in _EACH:
        raise IsADirectoryError(
            f"'{path}' is a folder, not a file to write; of {', '.join(_EACH)}, a "
            "folder takes one file a video."
        )


def write_steps(
    table: StepTable,
    path: PathLike | None,
    name: str,
    videos: Sequence[Video] | None = None,
) -> str | None:
    """Write a table in a format.

    Parameters
    ----------
    table : StepTable
        The steps.
    path : path, optional
        File or folder.
    name : str
        The format.
    videos : sequence of Video, optional
        Those of the table, for formats that name their files.

    Returns
    -------
    str or None
        The text, if there is no path.
    """
    write = getattr(table, f"to_{name}")
    return write(path, videos=videos) if name in ("elan", "html") else write(path)
