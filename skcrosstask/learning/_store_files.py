"""Where packed rows are kept when memory is short, or for the next fit."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from skcrosstask._data import Video, feature_file
from skcrosstask._input import PathLike
from skcrosstask.learning._conditioning import Conditioning

__all__ = ["KeptRows", "free_memory", "identity_of", "release", "scratch_rows"]

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
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, dtype=dtype, mode="w+", shape=shape).view(np.ndarray)


def release(rows: np.ndarray) -> None:
    """Let go of the memory of an array in a file; it is read again when it is used."""
    base: Any = rows
    while base is not None and not isinstance(base, mmap.mmap):
        base = getattr(base, "obj" if isinstance(base, memoryview) else "base", None)
    if base is not None and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)


class KeptRows:
    """Packed rows in a folder, under a name that says what they are.

    Parameters
    ----------
    folder : path
        Where files are; it is made when the first is written.
    videos : sequence of Video
        Files count as their path, size and time of change, arrays as their content.
    units : sequence of ndarray
        Units of each video.
    dtype : str
        Type in which rows are stored.
    conditioning : Conditioning, optional
        What was applied to them.
    """

    def __init__(
        self,
        folder: PathLike,
        videos: Sequence[Video],
        units: Sequence[np.ndarray],
        dtype: str,
        conditioning: Conditioning | None = None,
    ):
        digest = hashlib.sha256(f"{_FORMAT} {dtype}".encode())
        if conditioning is not None:
            digest.update(conditioning.projection.tobytes())
        for video, kept in zip(videos, units, strict=True):
            digest.update(identity_of(video).encode())
            digest.update(np.ascontiguousarray(kept, dtype=np.int64).tobytes())
        self.path = Path(folder) / f"rows-{digest.hexdigest()[:32]}.npy"
        # Two that write the same at once do not disturb each other.
        self._unfinished = self.path.with_suffix(f".{secrets.token_hex(4)}.part")

    def load(
        self, shape: tuple[int, int], dtype: np.dtype
    ) -> tuple[np.ndarray, list[float]] | None:
        """Rows and their norms, or None if they are not there, or not these."""
        try:
            norms = [float(x) for x in json.loads(self._notes.read_text())["norms"]]
            # Copy on write: nobody writes, and kernels are not compiled once more for
            # arrays that cannot be written.
            rows = np.load(self.path, mmap_mode="c", allow_pickle=False)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        if rows.shape != shape or rows.dtype != dtype:
            return None
        return rows.view(np.ndarray), norms

    @contextmanager
    def writing(self, shape: tuple[int, int], dtype: np.dtype) -> Iterator[np.ndarray]:
        """An array in a file that does not count until `finish`; gone if that fails."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        rows = np.lib.format.open_memmap(self._unfinished, "w+", dtype, shape)
        try:
            yield rows.view(np.ndarray)
        except BaseException:
            self._unfinished.unlink(missing_ok=True)
            raise

    def finish(self, norms: list[float]) -> None:
        """Let the file be found, with the sum of absolute values of each video."""
        notes = Path(f"{self._unfinished}.json")
        notes.write_text(json.dumps({"norms": norms}))
        os.replace(notes, self._notes)
        os.replace(self._unfinished, self.path)

    @property
    def _notes(self) -> Path:
        return self.path.with_suffix(".json")


def identity_of(video: Video) -> str:
    """Path, size and time of change of a video's features, or a hash of the array."""
    found = feature_file(video.features)
    if found is not None:
        path, part = found[0].resolve(), found[1]
        status = path.stat()
        return f"{path} {status.st_size} {status.st_mtime_ns} {part}".rstrip()
    return str(joblib.hash(np.asarray(video.open())))
