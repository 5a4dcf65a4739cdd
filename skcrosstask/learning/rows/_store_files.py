"""Where packed rows are kept when memory is short, or for the next fit."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import mmap
import os
import secrets
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import joblib
import numpy as np

from skcrosstask._data import Video, feature_file
from skcrosstask._files import replacing
from skcrosstask.learning.rows._conditioning import Conditioning

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = [
    "KeptRows",
    "feature_identity",
    "free_memory",
    "release",
    "rows_key",
    "scratch_rows",
]

# Bytes that are summed at a time.
_CHUNK = 1 << 24
_MOMENT = 2_000_000_000
# To be raised when the same key would no longer stand for the same bytes.
_FORMAT = 2


def free_memory() -> float:
    """Bytes of memory that are free, as far as the system tells; else infinity."""
    try:
        return float(os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return float("inf")


def scratch_rows(shape: tuple[int, int], dtype: np.dtype) -> np.ndarray:
    """An array in a temporary file without a name, which goes when the array does."""
    # A mapping of no rows is not possible; there is nothing to keep on disk.
    if not shape[0]:
        return np.empty(shape, dtype)
    folder = tempfile.gettempdir()
    with _finding_room(shape, dtype, folder), tempfile.TemporaryFile() as file:
        _reserve(file.fileno(), math.prod(shape) * dtype.itemsize)
        return np.memmap(file, dtype=dtype, mode="w+", shape=shape).view(np.ndarray)


def release(rows: np.ndarray) -> None:
    """Let go of the memory of an array in a file; it is read again when it is used."""
    base: Any = rows
    while base is not None and not isinstance(base, mmap.mmap):
        base = getattr(base, "obj" if isinstance(base, memoryview) else "base", None)
    if base is not None and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)


def rows_key(
    videos: Sequence[Video],
    units: Sequence[np.ndarray],
    dtype: str,
    conditioning: Conditioning | None = None,
) -> str:
    """Name of packed rows that says what they are.

    Parameters
    ----------
    videos : sequence of Video
        Files count as their path, size and time of change, arrays as their content.
    units : sequence of ndarray
        Units of each video.
    dtype : str
        Type in which rows are stored.
    conditioning : Conditioning, optional
        What was applied to them.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    digest = hashlib.sha256(f"{_FORMAT} {dtype}".encode())
    if conditioning is not None:
        digest.update(conditioning.projection.tobytes())
    for video, kept in zip(videos, units, strict=True):
        digest.update(feature_identity(video).encode())
        digest.update(np.ascontiguousarray(kept, dtype=np.int64).tobytes())
    return digest.hexdigest()[:32]


class KeptRows:
    """Packed rows in a folder.

    Parameters
    ----------
    folder : path
        Where files are; it is made when the first is written.
    key : str
        See `rows_key`.
    """

    # What this process has read whole: path to size and time of change.
    _sound: ClassVar[dict[Path, tuple[int, int]]] = {}

    def __init__(self, folder: PathLike, key: str):
        self.path = Path(folder) / f"rows-{key}.npy"
        # Two that write the same at once do not disturb each other.
        self._unfinished = self.path.with_suffix(f".{secrets.token_hex(4)}.part")

    def load(
        self, shape: tuple[int, int], dtype: np.dtype
    ) -> tuple[np.ndarray, list[float]] | None:
        """Rows and their norms, or None if they are not there, or not these.

        A checksum is made of what this process has not seen before.
        """
        try:
            notes = json.loads(self._notes.read_text())
            norms, expected = [float(x) for x in notes["norms"]], notes["crc32"]
            # Copy on write: nobody writes, and kernels are not compiled once more for
            # arrays that cannot be written.
            rows = np.load(self.path, mmap_mode="c", allow_pickle=False)
            status = self.path.stat()
        except (FileNotFoundError, ValueError, KeyError, TypeError, EOFError):
            return None
        if rows.shape != shape or rows.dtype != dtype:
            return None
        written = status.st_size, status.st_mtime_ns
        if self._sound.get(self.path) != written and _checksum(rows) != expected:
            return None
        # What was written a moment ago might be written again by the same clock.
        if time.time_ns() - status.st_mtime_ns > _MOMENT:
            self._sound[self.path] = written
        return rows.view(np.ndarray), norms

    @contextmanager
    def writing(self, shape: tuple[int, int], dtype: np.dtype) -> Iterator[np.ndarray]:
        """An array in a file that does not count until `finish`; gone if that fails."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with _finding_room(shape, dtype, str(self.path.parent)):
                rows = np.lib.format.open_memmap(self._unfinished, "w+", dtype, shape)
                with open(self._unfinished, "r+b") as file:
                    _reserve(file.fileno(), os.fstat(file.fileno()).st_size)
            yield rows.view(np.ndarray)
        except BaseException:
            self._unfinished.unlink(missing_ok=True)
            raise

    def finish(self, rows: np.ndarray, norms: list[float]) -> None:
        """Let the file be found, with a checksum, and the norm of each video."""
        notes = {"norms": norms, "crc32": _checksum(rows)}
        with replacing(self._notes) as file:
            file.write(json.dumps(notes).encode())
        os.replace(self._unfinished, self.path)

    @property
    def _notes(self) -> Path:
        return self.path.with_suffix(".json")


@contextmanager
def _finding_room(
    shape: tuple[int, int], dtype: np.dtype, folder: str
) -> Iterator[None]:
    """Say what did not fit where, if a disk is full or bounds the size of files."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise
        size = math.prod(shape) * dtype.itemsize / 1e9
        text = f"no room for {size:.3g} GB of packed rows ({error.strerror})"
        raise OSError(error.errno, text, folder) from None


def _reserve(descriptor: int, size: int) -> None:
    """Take the room on disk now: a map that finds none later ends the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)


def _checksum(rows: np.ndarray) -> int:
    flat, total = rows.reshape(-1).view(np.uint8), 0
    for start in range(0, len(flat), _CHUNK):
        total = zlib.crc32(flat[start : start + _CHUNK].data, total)
    return total


def feature_identity(video: Video) -> str:
    """Path, size and time of change of a video's features, or a digest of them."""
    found = feature_file(video.features)
    if found is not None:
        path, part = found[0].resolve(), found[1]
        status = path.stat()
        return f"{path} {status.st_size} {status.st_mtime_ns} {part}".rstrip()
    return str(joblib.hash(np.asarray(video.open())))
