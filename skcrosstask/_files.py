"""Files that appear whole or not at all, archives of arrays, rows of CSV."""

from __future__ import annotations

import csv
import difflib
import json
import math
import os
import re
import secrets
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from skcrosstask._progress import short

# NumPy is imported where arrays are: the command line must not wait for it.
if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "ArrayHeader",
    "array_header",
    "csv_rows",
    "csv_text",
    "difference",
    "no_formula",
    "read_archive",
    "refuse_bomb",
    "refuse_target",
    "replacing",
    "require_file",
    "write_archive",
]

# A spreadsheet would run such a cell; a name such as -x1_Y can do no harm.
_FORMULA = re.compile(r"'*(?:[=@\t\r]|[+-](?![\w-]*$))")
# An archive may unpack to this many bytes, or to this many times its size.
_MUCH, _MOST_TIMES = 64 << 20, 100


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
            more = difference(found, expected[0])
            raise ValueError(f"it has the members of something else: {more}.")
        refuse_bomb(archive)
        for entry in archive.infolist():
            name = entry.filename.removesuffix(".npy")
            try:
                with archive.open(entry) as stream:
                    array_header(stream, entry.file_size)
            except ValueError as error:
                raise ValueError(f"{name:.40} is not an array: {error}") from None
    file.seek(0)
    with np.load(file, allow_pickle=False) as archive:
        return {key: archive[key] for key in archive.files}


def difference(found: Iterable[str], expected: Iterable[str]) -> str:
    """Which names are missing, and which are there and should not be.

    Parameters
    ----------
    found, expected : iterable of str
        The names.

    Returns
    -------
    str
        A phrase.

    Examples
    --------
    >>> difference(["rate", "colour"], ["rate", "tasks"])
    "missing 'tasks', unknown 'colour'"
    """
    given, wanted = set(found), set(expected)
    parts = []
    for names, word in ((wanted - given, "missing"), (given - wanted, "unknown")):
        listed = ", ".join(short(name, 30) for name in sorted(names)[:3])
        if names:
            parts.append(f"{word} {listed}{', ...' * (len(names) > 3)}")
    return ", ".join(parts) or "one stands there twice"


class ArrayHeader(NamedTuple):
    """What stands before the data of a ``.npy`` file, and where these begin."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype
    offset: int


def array_header(stream: IO[bytes], n_bytes: int) -> ArrayHeader:
    """Read the header of a ``.npy`` file, and mistrust it.

    Parameters
    ----------
    stream : file
        At the beginning of the file; left at the data.
    n_bytes : int
        Size of the file: no more is to be allocated for what it says it holds.

    Returns
    -------
    ArrayHeader

    Raises
    ------
    ValueError
        If it is no such file, holds Python objects, or less than its header says.
    """
    from numpy.lib import format as npy

    begin = stream.read(8)
    if begin[:6] != b"\x93NUMPY":
        raise ValueError("it does not begin as a .npy file does.")
    readers = {b"\1\0": npy.read_array_header_1_0, b"\2\0": npy.read_array_header_2_0}
    # The third version only differs in the names of fields, of which there are none.
    readers[b"\3\0"] = npy.read_array_header_2_0
    if begin[6:] not in readers:
        raise ValueError("its version of the .npy format is unknown.")
    shape, fortran, dtype = readers[begin[6:]](stream)
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which are never read.")
    if min(shape, default=0) < 0:
        raise ValueError(f"its header says the shape {short(shape, 40)}.")
    expected = stream.tell() + dtype.itemsize * math.prod(shape)
    if n_bytes < expected:
        raise ValueError(
            f"it is cut short: {n_bytes} bytes, and its header says "
            f"{short(expected, 40)}."
        )
    return ArrayHeader(shape, fortran, dtype, stream.tell())


def refuse_bomb(archive: zipfile.ZipFile) -> None:
    """Refuse an archive that would unpack to something out of all proportion.

    Parameters
    ----------
    archive : ZipFile
        Open for reading. No member gives more bytes than it says that it has.

    Raises
    ------
    ValueError
        If it would unpack to more than 64 MB, and more than 100 times its size.
    """
    file: Any = archive.fp
    total, size = sum(entry.file_size for entry in archive.infolist()), file.seek(0, 2)
    if total > max(_MUCH, _MOST_TIMES * size):
        raise ValueError(f"it would unpack to {total >> 20} MB, from {size >> 10} kB.")


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


def require_file(
    path: str | os.PathLike[str], what: str, *, folder: bool = False
) -> None:
    """Refuse what is no file to read, or no folder, and say what it is.

    Parameters
    ----------
    path : path
        The file.
    what : str
        What messages call it.
    folder : bool, default=False
        Whether it must be a folder.

    Raises
    ------
    FileNotFoundError
        If there is nothing; what has nearly this name beside it is named.
    IsADirectoryError, NotADirectoryError
        If it is a folder, or is none.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{what} '{path}' is missing{_nearly(path)}")
    if path.is_dir() and not folder:
        raise IsADirectoryError(f"{what} '{path}' is a folder; a file was expected.")
    if folder and not path.is_dir():
        raise NotADirectoryError(f"{what} '{path}' is a file; a folder was expected.")


def _nearly(path: Path) -> str:
    """End of a sentence: what is there under nearly the same name."""
    try:
        beside = os.listdir(path.parent)
    except OSError:
        return "."
    close = difflib.get_close_matches(path.name, beside, n=1, cutoff=0.8)
    return f"; did you mean '{path.with_name(close[0])}'?" if close else "."


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
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ValueError(
            f"{os.fspath(path)}, line {line}: not CSV: it has a zero byte."
        )
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


def no_formula(text: str) -> str:
    """Text of a cell, after an apostrophe if a spreadsheet would run it.

    Parameters
    ----------
    text : str
        Perhaps a stranger's.

    Returns
    -------
    str

    Examples
    --------
    >>> no_formula("=1+1"), no_formula("v1"), no_formula("-x1_Y")
    ("'=1+1", 'v1', '-x1_Y')
    """
    return f"'{text}" if _FORMULA.match(text) else text


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
