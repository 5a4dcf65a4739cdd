"""Files that may be compressed by gzip, bzip2 or xz."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skcrosstask._input import PathLike


__all__ = ["is_packed", "open_packed", "unpacked_name"]

_OPENERS: dict[str, Callable[..., Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}
# A file may unpack to this many bytes, or to this many times its size.
_MUCH, _MOST_TIMES = 64 << 20, 200
_BROKEN = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError)


def is_packed(path: PathLike) -> bool:
    """Whether a file's name says that it is compressed."""
    return Path(path).suffix.lower() in _OPENERS


def unpacked_name(path: PathLike) -> Path:
    """Name of the file without the suffix of compression."""
    return Path(path).with_suffix("") if is_packed(path) else Path(path)


@contextmanager
def open_packed(path: PathLike) -> Iterator[IO[bytes]]:
    """Open a file for reading its bytes, unpacked if its name says so.

    Parameters
    ----------
    path : path
        The file.

    Yields
    ------
    file
        Open for reading.

    Raises
    ------
    ValueError
        If the file is not compressed as its name says, or is cut short.
    """
    if not is_packed(path):
        with open(path, "rb") as file:
            yield file
        return
    suffix = Path(path).suffix.lower()
    with open(path, "rb") as packed:
        try:
            with _OPENERS[suffix](packed, "rb") as file:
                yield BufferedReader(_Bounded(file, path))
        except _BROKEN as error:
            raise _broken(path, suffix, error) from None
        except OSError as error:
            # bz2 and xz have no error of their own for what is not theirs.
            if error.errno is not None:
                raise
            raise _broken(path, suffix, error) from None


class _Bounded(RawIOBase):
    """What is unpacked, as long as it is in proportion to the file.

    Parameters
    ----------
    file : file
        Gives unpacked bytes.
    path : path
        The packed file.
    """

    def __init__(self, file: Any, path: PathLike) -> None:
        self._file, self._path = file, path
        self._most = max(_MUCH, _MOST_TIMES * os.path.getsize(path))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any, /) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        if self._file.tell() > self._most:
            raise ValueError(
                f"{os.fspath(self._path)}: would unpack to more than "
                f"{self._most >> 20} MB, out of all proportion to its size."
            )
        return len(data)


def _broken(path: PathLike, suffix: str, error: Exception) -> ValueError:
    return ValueError(
        f"{os.fspath(path)}: cannot be unpacked as {suffix[1:]}: {error!s:.80}"
    )
