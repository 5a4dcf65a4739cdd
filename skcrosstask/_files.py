"""Files that appear whole or not at all, and rows of CSV with their lines."""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import IO

__all__ = ["csv_rows", "csv_text", "refuse_target", "replacing"]


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file that takes its name only when it is complete.

    Parameters
    ----------
    path : path
        The name. A file that bears it stays as it is if writing fails.

    Yields
    ------
    file
        Open for writing bytes.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"Folder '{path.parent}' does not exist.")
    # In the same folder, since a file cannot be renamed from one disk to another.
    draft = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with open(draft, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def refuse_target(path: str | os.PathLike[str]) -> None:
    """Refuse before the work what `replacing` could not write after it.

    Parameters
    ----------
    path : path
        A file to write.
    """
    if Path(path).is_dir():
        raise IsADirectoryError(f"'{path}' is a folder, not a file to write.")
    if not Path(path).absolute().parent.is_dir():
        raise FileNotFoundError(f"folder '{Path(path).parent}' does not exist.")


def csv_rows(
    text: str, path: str | os.PathLike[str], *, delimiter: str = ","
) -> Iterator[tuple[int, list[str]]]:
    """Rows of CSV text that are not blank, each with its first line.

    Parameters
    ----------
    text : str
        Content of a file, read without translating its line ends.
    path : path
        Names the file in messages.
    delimiter : str, default=","
        Separates cells.

    Yields
    ------
    line : int
        Number of the row's first line, from 1.
    cells : list of str
        As they are in the file.

    Raises
    ------
    ValueError
        If the text is not CSV; the message names file and line.

    Examples
    --------
    >>> list(csv_rows("task,video\\n\\n7,v1\\n", "videos.csv"))
    [(1, ['task', 'video']), (3, ['7', 'v1'])]
    """
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            place = f"{os.fspath(path)}, line {reader.line_num}"
            raise ValueError(f"{place}: not CSV: {error}.") from None
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """CSV with line feeds, whatever the system.

    Parameters
    ----------
    rows : iterable of sequences
        The cells.

    Returns
    -------
    str
    """
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
