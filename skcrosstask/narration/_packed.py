"""Files that may be compressed by gzip, bzip2 or xz."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from skcrosstask._input import PathLike

__all__ = ["is_packed", "open_packed", "unpacked_name"]

_OPENERS: dict[str, Callable[..., Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}
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
                yield file
        except _BROKEN as error:
            raise _broken(path, suffix, error) from None
        except OSError as error:
            # bz2 and xz have no error of their own for what is not theirs.
            if error.errno is not None:
                raise
            raise _broken(path, suffix, error) from None


def _broken(path: PathLike, suffix: str, error: Exception) -> ValueError:
    return ValueError(
        f"{os.fspath(path)}: cannot be unpacked as {suffix[1:]}: {error!s:.80}"
    )
