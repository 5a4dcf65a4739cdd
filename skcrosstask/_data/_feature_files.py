"""Files of features: NumPy's two formats, on this machine or at an address."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from pathlib import Path
from typing import Any, Literal

import numpy as np

from skcrosstask._extras import import_extra
from skcrosstask._files import ArrayHeader, array_header, refuse_bomb, replacing

__all__ = ["is_url", "local_file", "open_file", "split_member"]

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_MEMBER = re.compile(r"(.*\.npz)(?::(.+))?", re.IGNORECASE | re.DOTALL)
_CHUNK = 1 << 20
# Of what messages show.
_LONGEST = 120


def is_url(path: str | os.PathLike[str]) -> bool:
    """Whether a text is an address, such as ``s3://bucket/v1.npy``."""
    return isinstance(path, str) and _URL.match(path) is not None


def split_member(path: str | os.PathLike[str]) -> tuple[str, str | None]:
    """File, and the array of it that is meant: ``v1.npz:name``.

    Parameters
    ----------
    path : path
        Of any file.

    Returns
    -------
    path : str
        The file.
    member : str or None
        None if none is named.

    Examples
    --------
    >>> split_member("features/v1.npz:flow"), split_member("v1.npy")
    (('features/v1.npz', 'flow'), ('v1.npy', None))
    """
    found = _MEMBER.fullmatch(os.fspath(path))
    return (found[1], found[2]) if found else (os.fspath(path), None)


def open_file(path: str | os.PathLike[str], owner: str) -> Any:
    """Array of a file, mapped rather than read where that can be.

    Parameters
    ----------
    path : path or URL
        A ``.npy`` file, or a ``.npz`` file, maybe with the name of an array.
    owner : str
        Names the video in messages.

    Returns
    -------
    ndarray or object with shape, dtype and row slices

    Raises
    ------
    FileNotFoundError
        If the file is missing.
    ValueError
        If it is no array, or is not to be had. Nothing is ever unpickled.
    """
    name, member = split_member(path)
    shown = name if len(name) <= _LONGEST else f"...{name[-_LONGEST:]}"
    place = f"{owner}: features file {shown!r}"
    kind = "npz" if _MEMBER.fullmatch(name) else "npy"
    try:
        file = local_file(name) if is_url(name) else Path(name)
        if kind == "npz":
            return _open_archive(file, member)
        return _open_array(file)
    except FileNotFoundError:
        raise FileNotFoundError(f"{place} is missing.") from None
    except IsADirectoryError:
        raise ValueError(f"{place} is not a .{kind} array, but a folder.") from None
    except ImportError as error:
        raise ImportError(f"{place}: {error}") from None
    except _Refused as error:
        raise ValueError(f"{place} {error}") from None
    # A damaged archive fails in many ways of zipfile, zlib and NumPy.
    except Exception as error:
        raise ValueError(f"{place} is not a .{kind} array: {error!s:.80}") from error


def local_file(url: str) -> Path:
    """File of this machine that holds what an address does; fetched once.

    Parameters
    ----------
    url : str
        Of any kind that fsspec knows.

    Returns
    -------
    Path
        In the folder that ``SKCROSSTASK_CACHE`` names, or in the user's cache.
    """
    folder = _cache_folder() / "features"
    digest = hashlib.sha256(url.encode()).hexdigest()[:24]
    file = folder / f"{digest}-{re.sub(r'[^A-Za-z0-9._-]', '_', url)[-80:]}"
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(url, file)
    return file


def _cache_folder() -> Path:
    if given := os.environ.get("SKCROSSTASK_CACHE"):
        return Path(given)
    base = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "skcrosstask"


def _fetch(url: str, file: Path) -> None:
    fsspec = import_extra("fsspec", "an address", "fsspec", "'skcrosstask[remote]'")
    try:
        with fsspec.open(url, "rb") as remote, replacing(file) as local:
            while chunk := remote.read(_CHUNK):
                local.write(chunk)
    except (FileNotFoundError, ImportError):
        raise
    except Exception as error:  # each kind of address fails in its own way
        raise _Refused(f"cannot be fetched: {error or type(error).__name__}") from error


class _Refused(Exception):
    """What is wrong, as the end of a sentence that begins with the file."""


def _open_array(file: Path) -> np.ndarray:
    with open(file, "rb") as stream:
        if stream.read(4) == b"PK\3\4":
            raise _Refused("is not a .npy array: it is an archive; name it .npz.")
        stream.seek(0)
        header = array_header(stream, os.fstat(stream.fileno()).st_size)
    return _map(file, header, header.offset)


def _open_archive(file: Path, member: str | None) -> Any:
    with zipfile.ZipFile(file) as archive:
        entries = {
            entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()
        }
        name = _choose(list(entries), member)
        refuse_bomb(archive)
        entry = entries[name]
        with archive.open(entry) as stream:
            header = array_header(stream, entry.file_size)
    if entry.compress_type != zipfile.ZIP_STORED:
        return _Compressed(file, entry.filename, header.shape, header.dtype)
    return _map(file, header, _data_offset(file, entry) + header.offset)


def _map(file: Path, header: ArrayHeader, offset: int) -> np.ndarray:
    """The array that begins at a place of a file; what is empty cannot be mapped."""
    if 0 in header.shape:
        return np.empty(header.shape, header.dtype)
    order: Literal["F", "C"] = "F" if header.fortran else "C"
    return np.memmap(
        file, header.dtype, mode="r", offset=offset, shape=header.shape, order=order
    )


def _choose(names: list[str], member: str | None) -> str:
    listed = ", ".join(f"{name!r:.30}" for name in names[:3]) + (
        ", ..." if len(names) > 3 else ""
    )
    if member is None and len(names) == 1:
        return names[0]
    if member is None:
        example = f"; name one, as in file.npz:{names[0]:.30}" if names else ""
        raise _Refused(f"holds {len(names)} arrays: {listed}{example}.")
    if member not in names:
        raise _Refused(f"has no array {member!r:.40}; it holds {listed}.")
    return member


def _data_offset(file: Path, entry: zipfile.ZipInfo) -> int:
    """Where the bytes of a member begin, after its own header."""
    with open(file, "rb") as raw:
        raw.seek(entry.header_offset + 26)
        sizes = raw.read(4)
    name, extra = (int.from_bytes(sizes[i : i + 2], "little") for i in (0, 2))
    return entry.header_offset + 30 + name + extra


class _Compressed:
    """A member of an archive that must be read whole; this waits for the first row."""

    def __init__(self, file: Path, name: str, shape: tuple[int, ...], dtype: np.dtype):
        self._file, self._name, self.shape, self.dtype = file, name, shape, dtype
        self._array: np.ndarray | None = None

    def __getitem__(self, index: Any) -> np.ndarray:
        if self._array is None:
            with (
                zipfile.ZipFile(self._file) as archive,
                archive.open(self._name) as stream,
            ):
                self._array = np.lib.format.read_array(stream, allow_pickle=False)
        return self._array[index]
