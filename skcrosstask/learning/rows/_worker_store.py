"""Rows that stay with workers which do not share this process's memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from skcrosstask._data import Video
from skcrosstask.learning._shards import deal_shards, one_blas_thread, run_tasks
from skcrosstask.learning.rows._packing import Packing
from skcrosstask.learning.rows._shard_rows import ShardRows, pack_shard

__all__ = ["WorkerStore"]


class WorkerStore:
    """What `FrameStore` is to threads: rows that are packed by who works on them.

    With a folder, each worker keeps the rows of its shards there, on a disk of its own
    or a shared one; else it reads the videos again in each pass.

    Parameters
    ----------
    videos : sequence of Video
        They travel to workers: files as their paths, arrays as a whole.
    lengths : sequence of int
        How many rows each has.
    packing : Packing
        How rows are packed.
    n_jobs : int, optional
        As for ``joblib.Parallel``.
    progress : callable, optional
        Called after each video.
    units : sequence of ndarray of int64, optional
        For each video the time units to keep; by default, all.

    Attributes
    ----------
    mean_norm : float
        Mean over rows of the sum of absolute values.
    shards : list of ndarray of int
        Consecutive videos that are worked on together.
    place : str
        Where rows are.
    """

    def __init__(
        self,
        videos: Sequence[Video],
        lengths: Sequence[int],
        packing: Packing,
        *,
        n_jobs: int | None = None,
        progress: Callable[[], None] | None = None,
        units: Sequence[np.ndarray] | None = None,
    ):
        self._videos, self._lengths, self._packing = videos, lengths, packing
        self._units = units
        self.shards = deal_shards(lengths)
        self.place = "workers"
        if packing.folder is not None:
            self.place = f"{packing.folder} of each worker"
        norms: list[float] = []
        self._keys: dict[tuple[int, int], str | None] = {}  # by first and last video
        tasks = ((self.shard(numbers),) for numbers in self.shards)
        # Also tells early whether each row can be read.
        packed = run_tasks(pack_shard, tasks, n_jobs)
        for numbers, (found, key) in zip(self.shards, packed, strict=True):
            norms += found
            self._keys[int(numbers[0]), int(numbers[-1])] = key
            if progress is not None:
                for _ in found:
                    progress()
        self.mean_norm = float(np.sum(norms) / max(self.n_rows, 1))

    @property
    def n_rows(self) -> int:
        """Number of rows of all videos."""
        return int(sum(self._lengths))

    @property
    def nbytes(self) -> int:
        """Bytes that they take, all together."""
        return self.n_rows * self._packing.n_features * self._packing.stored.itemsize

    def rows(self, i: int) -> np.ndarray:
        """Rows of one video, read here and now.

        Parameters
        ----------
        i : int
            Number of the video.

        Returns
        -------
        ndarray of shape (n, R) of float32
        """
        here = self._packing._replace(folder=None)
        rows = self._part(slice(i, i + 1), here)
        with one_blas_thread(), rows.opened([0]) as found:
            return rows.of_video(found, 0)

    def shard(self, numbers: np.ndarray) -> ShardRows:
        """Rows of consecutive videos, for who works on them.

        Parameters
        ----------
        numbers : ndarray of int
            Which videos.

        Returns
        -------
        ShardRows
            They are had where they are used.
        """
        first, last = int(numbers[0]), int(numbers[-1])
        key = self._keys.get((first, last))
        return self._part(slice(first, last + 1), self._packing, key)

    def _part(self, part: slice, packing: Packing, key: str | None = None) -> ShardRows:
        units = None if self._units is None else self._units[part]
        videos, lengths = self._videos[part], self._lengths[part]
        return ShardRows(videos, lengths, packing, units=units, key=key)
