"""From the bytes of a file to its text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING

from skcrosstask.narration._packed import open_packed
from skcrosstask.narration.subtitles._cues import Cue

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["open_text", "read_beginning", "read_text"]

# Longer marks first: UTF-32's begins with UTF-16's.
_MARKS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_UTF8 = ("utf-8", "utf8", "utf_8")
_N_LOOKED_AT = 4096
# Of the bytes in every other place; text of Europe in UTF-16 has nearly 1.
_ZEROS_OF_UTF16 = 0.5


def read_text(path: PathLike, name: str, encoding: str) -> tuple[str, list[Cue]]:
    """Text of a file, its lines ended by line feeds, and what is wrong with it.

    Parameters
    ----------
    path : path
        The file, compressed or not.
    name : str
        Names it in messages.
    encoding : str
        The encoding, unless there is a byte order mark. What is not UTF-8 though it
        should be is taken for Western European, with a flaw.

    Returns
    -------
    text : str
    flaws : list of Cue
    """
    with open_packed(path) as file:
        data = file.read()
    text, flaws = _decode(data, name, encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n"), flaws


def read_beginning(path: PathLike, encoding: str = "utf-8") -> str:
    """How a file begins, as far as it can be read."""
    with open_packed(path) as file:
        data = file.read(_N_LOOKED_AT)
    try:
        return data.decode(_marked(data) or encoding, "ignore").lstrip("\ufeff")
    except LookupError:
        return ""


@contextmanager
def open_text(path: PathLike, name: str, encoding: str) -> Iterator[IO[str]]:
    """Open a file as text, with errors that name it."""
    with open_packed(path) as file:
        head = file.read(_N_LOOKED_AT)
        file.seek(0)
        encoding = _marked(head) or encoding
        try:
            yield TextIOWrapper(file, encoding)
        except UnicodeError:
            raise ValueError(f"{name}: not {encoding}; give its encoding.") from None


def _decode(data: bytes, name: str, encoding: str) -> tuple[str, list[Cue]]:
    encoding = _marked(data) or encoding
    try:
        return data.decode(encoding), []
    except LookupError:
        raise ValueError(f"{name}: encoding {encoding!r:.60} is unknown.") from None
    except UnicodeError as error:
        line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
        # Text in one byte a letter has no zeros; what has is no text.
        if encoding.lower() not in _UTF8 or b"\0" in data:
            raise ValueError(
                f"{name}, line {line}: not {encoding}; give the file's encoding."
            ) from None
    flaw = "not utf-8, read as Western European; give the file's encoding"
    flaws = [Cue(0.0, None, "", f"line {line}", flaw=flaw)]
    try:
        return data.decode("cp1252"), flaws
    except UnicodeError:
        return data.decode("latin-1"), flaws


def _marked(data: bytes) -> str | None:
    """Encoding that a mark, or every other byte, gives away."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return encoding
    head = data[:_N_LOOKED_AT]
    half = max(len(head) // 2, 1)
    shares = [head[first::2].count(0) / half for first in (0, 1)]
    if min(shares) == 0 and max(shares) > _ZEROS_OF_UTF16:
        return "utf-16-le" if shares[0] == 0 else "utf-16-be"
    return None
