"""Files that appear whole or not at all, archives of arrays, rows of CSV."""

from __future__ import annotations

import csv
import json
import os
import secrets
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import IO, TYPE_CHECKING, Any

# NumPy is imported where arrays are: the command line must not wait for it.
if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "csv_rows",
    "csv_text",
    "read_archive",
    "refuse_target",
    "replacing",
    "write_archive",
]


@contextmanager
def replacing(
    path: str | os.PathLike[str], *, alone: bool = False
) -> Iterator[IO[bytes]]:
    """Open a file that takes its name only when it is complete.

    Parameters
    ----------
    path : path
        The name. A file that bears it stays as it is if writing fails.
    alone : bool, default=False
        Whether nobody else writes this file: what a killed process left of it is then
        written over, instead of lying beside it.

    Yields
    ------
    file
        Open for writing bytes.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"Folder '{path.parent}' does not exist.")
    # In the same folder, since a file cannot be renamed from one disk to another.
    draft = path.with_name(f".{path.name if alone else secrets.token_hex(8)}.tmp")
    try:
        with open(draft, "wb" if alone else "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def write_archive(
    path: str | os.PathLike[str],
    text: str,
    arrays: dict[str, np.ndarray],
    name: str,
    *,
    alone: bool = False,
) -> None:
    """Write arrays and a JSON text as a NumPy ``.npz`` archive, whole or not at all.

    Parameters
    ----------
    path : path
        The file.
    text : str
        The JSON.
    arrays : dict of str to ndarray
        The other members.
    name : str
        Member that holds the text, as bytes in UTF-8.
    alone : bool, default=False
        As for `replacing`.
    """
    import numpy as np

    members: dict[str, Any] = {name: np.frombuffer(text.encode(), np.uint8), **arrays}
    with replacing(path, alone=alone) as file:
        np.savez(file, **members)


def read_archive(
    path: str | os.PathLike[str],
    name: str,
    kind: str,
    members: Sequence[Iterable[str]] = (),
) -> tuple[Any, dict[str, np.ndarray]]:
    """Read what `write_archive` wrote; no code in the file is run.

    Parameters
    ----------
    path : path
        The file.
    name : str
        Member that holds the JSON.
    kind : str
        What messages call such a file.
    members : sequence of iterables of str, optional
        Names of the other members, in each version of the format; by default any.

    Returns
    -------
    document : object
        What the JSON says.
    arrays : dict of str to ndarray
        The other members.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged, or something else.
    """
    with open(path, "rb") as file:
        try:
            arrays = _read_members(file, [sorted([name, *m]) for m in members])
            text = arrays.pop(name)
            if text.dtype != "u1" or text.ndim != 1:
                raise ValueError(f"{name} must be bytes.")
            return _parse(text.tobytes(), name), arrays
        except Exception as error:
            # A hostile or damaged archive fails in any of zipfile's, zlib's and
            # NumPy's many ways.
            raise ValueError(f"not a {kind}, or damaged: {error}") from None


def _parse(text: bytes, name: str) -> Any:
    try:
        return json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} is not JSON: {error}") from None


def _read_members(file: IO[bytes], expected: list[list[str]]) -> dict[str, np.ndarray]:
    import numpy as np

    # A lone .npy file is no archive, though NumPy would read it.
    with zipfile.ZipFile(file) as archive:
        found = sorted(entry.removesuffix(".npy") for entry in archive.namelist())
    if expected and found not in expected:
        raise ValueError(f"it has the members {found}, expected {expected[0]}.")
    file.seek(0)
    with np.load(file, allow_pickle=False) as archive:
        arrays = {key: archive[key] for key in archive.files}
    for key, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise ValueError(f"{key} is not an array.")
    return arrays


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
    if not os.access(Path(path).absolute().parent, os.W_OK):
        raise PermissionError(f"folder '{Path(path).parent}' cannot be written to.")


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
    lines: list[str] = []
    # Before Python 3.13, a carriage return is only quoted if it ends lines too.
    file = SimpleNamespace(write=lines.append)
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return "".join(line.removesuffix("\r\n") + "\n" for line in lines)
