"""Rows of a shard, had wherever it is: from memory, from a file, or read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

from skcrosstask._data import Video
from skcrosstask.learning.rows._packing import Packing
from skcrosstask.learning.rows._store_files import KeptRows, rows_key

__all__ = ["ShardRows", "pack_shard"]


class _HasRows(Protocol):
    """What holds the rows of many videos in this process."""

    data: np.ndarray
    offsets: np.ndarray

    def release(self) -> None:
        """Let go of memory that can be had again."""


class ShardRows:
    """Rows of some videos.

    Parameters
    ----------
    videos : sequence of Video
        The videos; files stay closed.
    lengths : sequence of int
        How many rows each has.
    packing : Packing
        How their rows are packed.
    store : object, optional
        Holds their rows, in this process only.
    first : int, default=0
        Number of the first of the videos in `store`.
    units : sequence of ndarray of int64, optional
        The time units that are wanted of each video, as many as `lengths` says; by
        default, all.
    key : str, optional
        Of the rows as they are kept in the folder, from who has packed them.
    """

    def __init__(
        self,
        videos: Sequence[Video],
        lengths: Sequence[int],
        packing: Packing,
        store: _HasRows | None = None,
        first: int = 0,
        units: Sequence[np.ndarray] | None = None,
        key: str | None = None,
    ):
        self.videos, self.packing, self._units = videos, packing, units
        self.offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self._store, self._first, self._key = store, first, key

    def __getstate__(self) -> dict[str, Any]:
        # Elsewhere, rows are read from the worker's folder, or from the videos.
        return {**vars(self), "_store": None}

    @contextmanager
    def opened(self, chosen: Sequence[int] | np.ndarray) -> Iterator[np.ndarray]:
        """Rows (N, R) of all videos as they are stored, float16 as its bits.

        Parameters
        ----------
        chosen : sequence of int
            Places of the videos in the shard that are asked for; where rows are read
            again, those of others are undefined.
        """
        if self._store is not None:
            start = int(self._store.offsets[self._first])
            yield self._store.data[start : start + int(self.offsets[-1])]
            self._store.release()
        elif not self._keeps:
            rows = np.empty(self._shape, self.packing.stored)
            for j in chosen:
                self._pack_into(j, self._part(rows, j))
            yield rows
        else:
            yield self._kept()[0]

    def of_video(self, rows: np.ndarray, j: int) -> np.ndarray:
        """Rows (n, R) of one video, of those of all, as float32."""
        return self._part(rows, j).astype(np.float32, copy=False)

    def _part(self, rows: np.ndarray, j: int) -> np.ndarray:
        return rows[self.offsets[j] : self.offsets[j + 1]].view(self.packing.dtype)

    @property
    def _shape(self) -> tuple[int, int]:
        return int(self.offsets[-1]), self.packing.n_features

    def pack(self) -> tuple[list[float], str | None]:
        """Sum of absolute values of each video; rows are kept if there is a folder.

        Also the key of the rows in the folder, by which others find them there.
        """
        if self._keeps:
            return self._kept()[1], self._key
        return [self._pack_into(j) for j in range(len(self.videos))], None

    @property
    def _keeps(self) -> bool:
        # A file of no rows cannot be mapped.
        return self.packing.folder is not None and bool(self.offsets[-1])

    def _kept(self) -> tuple[np.ndarray, list[float]]:
        """Rows in the folder, written if they are not there, and their norms."""
        packing = self.packing
        assert packing.folder is not None
        if self._key is None:
            units = self._units or [np.arange(n) for n in np.diff(self.offsets)]
            self._key = rows_key(
                self.videos, units, packing.dtype, packing.conditioning
            )
        kept = KeptRows(packing.folder, self._key)
        found = kept.load(self._shape, packing.stored)
        if found is not None:
            return found
        with kept.writing(self._shape, packing.stored) as data:
            norms = [
                self._pack_into(j, self._part(data, j)) for j in range(len(self.videos))
            ]
            kept.finish(data, norms)
        return data, norms

    def _pack_into(self, j: int, out: np.ndarray | None = None) -> float:
        if out is None:
            n = int(self.offsets[j + 1] - self.offsets[j])
            out = np.empty((n, self.packing.n_features), self.packing.dtype)
        units = slice(None) if self._units is None else self._units[j]
        return self.packing.pack(self.videos[j], units, out)


def pack_shard(rows: ShardRows) -> tuple[list[float], str | None]:
    """See `ShardRows.pack`; a function can be called anywhere."""
    return rows.pack()
