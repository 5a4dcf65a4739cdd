"""Feature rows that training can touch, packed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from skcrosstask._data import Video
from skcrosstask.learning._shards import deal_shards, run_tasks
from skcrosstask.learning.rows._packing import Packing
from skcrosstask.learning.rows._shard_rows import ShardRows
from skcrosstask.learning.rows._store_files import (
    KeptRows,
    free_memory,
    release,
    rows_key,
    scratch_rows,
)

if TYPE_CHECKING:
    from skcrosstask._input import PathLike
    from skcrosstask.learning.rows._conditioning import Conditioning

__all__ = ["FrameStore"]


class FrameStore:
    """Rows of many videos in one contiguous array, in memory or on disk.

    Parameters
    ----------
    videos : sequence of Video
        Files are opened one at a time and closed again.
    units : sequence of ndarray of int64
        For each video the time units to keep.
    n_features : int
        Number of features D.
    dtype : {"float32", "float16"}, default="float32"
        How rows are stored; float16 takes half the room and keeps 11 bits.
    max_memory : float, optional
        Rows that take more bytes are stored in a temporary file; by default, three
        quarters of the memory that is free.
    folder : path, optional
        Rows are kept in this folder, and found there by who needs the same units of
        the same videos in the same dtype.
    n_jobs : int, optional
        Threads that read.
    progress : callable, optional
        Called after each video.
    conditioning : Conditioning, optional
        Applied to whole videos; `n_features` is then its number of directions.

    Attributes
    ----------
    data : ndarray of shape (n_rows, D) of float32, or uint16 for float16
        All rows; float16 as its bits, which kernels can read.
    mean_norm : float
        Mean over rows of the sum of absolute values.
    shards : list of ndarray of int
        Consecutive videos that are worked on together.
    place : str
        Where the rows are: "memory", "temporary file", or the path of a kept file.

    Raises
    ------
    ValueError
        If a row is not finite, or too large for the dtype.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask import Video
    >>> from skcrosstask.learning.rows._store import FrameStore
    >>> video = Video(np.arange(8.0).reshape(4, 2))
    >>> store = FrameStore([video], [np.array([1, 3])], n_features=2)
    >>> store.rows(0)
    array([[2., 3.],
           [6., 7.]], dtype=float32)
    """

    def __init__(
        self,
        videos: Sequence[Video],
        units: Sequence[np.ndarray],
        n_features: int,
        *,
        dtype: str = "float32",
        max_memory: float | None = None,
        folder: PathLike | None = None,
        n_jobs: int | None = None,
        progress: Callable[[], None] | None = None,
        conditioning: Conditioning | None = None,
    ):
        self._packing = Packing(dtype, n_features, conditioning)
        self._videos, self._lengths = videos, [len(u) for u in units]
        self.offsets = np.concatenate([[0], np.cumsum(self._lengths)]).astype(np.int64)
        self.shards = deal_shards(self._lengths)
        self.dtype, stored = np.dtype(dtype), self._packing.stored
        shape = int(self.offsets[-1]), n_features
        # A file of no rows cannot be mapped, and is not worth it.
        if folder is not None and shape[0]:
            kept = KeptRows(folder, rows_key(videos, units, dtype, conditioning))
            self.place, found = str(kept.path), kept.load(shape, stored)
            if found is not None:
                self.data, norms = found
            else:
                with kept.writing(shape, stored) as self.data:
                    norms = self._fill(units, n_jobs, progress)
                    kept.finish(self.data, norms)
        else:
            limit = 0.75 * free_memory() if max_memory is None else max_memory
            if shape[0] * n_features * stored.itemsize > limit:
                self.data, self.place = scratch_rows(shape, stored), "temporary file"
            else:
                self.data, self.place = np.empty(shape, dtype=stored), "memory"
            norms = self._fill(units, n_jobs, progress)
        self.mean_norm = float(np.sum(norms) / max(shape[0], 1))

    def _fill(
        self,
        units: Sequence[np.ndarray],
        n_jobs: int | None,
        progress: Callable[[], None] | None,
    ) -> list[float]:
        def pack(shard: np.ndarray) -> list[float]:
            found = [
                self._packing.pack(self._videos[i], units[i], self.rows(i))
                for i in shard
            ]
            self.release()
            return found

        norms = []
        tasks = ((shard,) for shard in self.shards)
        for found in run_tasks(pack, tasks, n_jobs, here=True):
            norms += found
            if progress is not None:
                for _ in found:
                    progress()
        return norms

    def rows(self, i: int) -> np.ndarray:
        """Rows of one video, in the order of its time units.

        Parameters
        ----------
        i : int
            Number of the video.

        Returns
        -------
        ndarray of shape (n, D) of float32 or float16
            A view.
        """
        return self.data[self.offsets[i] : self.offsets[i + 1]].view(self.dtype)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.data)

    @property
    def nbytes(self) -> int:
        """Bytes that they take."""
        return self.data.nbytes

    def release(self) -> None:
        """Let go of memory that can be had again from a file."""
        release(self.data)

    def shard(self, numbers: np.ndarray) -> ShardRows:
        """Rows of consecutive videos, all of each, for who sees them here or elsewhere.

        Parameters
        ----------
        numbers : ndarray of int
            Which videos.

        Returns
        -------
        ShardRows
            In this process, views of these rows.
        """
        first = int(numbers[0])
        part = slice(first, first + len(numbers))
        return ShardRows(
            self._videos[part], self._lengths[part], self._packing, self, first
        )
