"""Rows of a shard, had wherever it is: from memory, from a file, or read again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

from skcrosstask._data import Video
from skcrosstask.learning._packing import Packing
from skcrosstask.learning._store_files import KeptRows

__all__ = ["ShardRows", "pack_shard"]


class _HasRows(Protocol):
    """What holds the rows of many videos in this process."""

    def rows(self, i: int) -> np.ndarray:
        """Those of one video."""

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
    """

    def __init__(
        self,
        videos: Sequence[Video],
        lengths: Sequence[int],
        packing: Packing,
        store: _HasRows | None = None,
        first: int = 0,
        units: Sequence[np.ndarray] | None = None,
    ):
        self.videos, self.packing, self._units = videos, packing, units
        self.offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self._store, self._first = store, first

    def __getstate__(self) -> dict[str, Any]:
        # Elsewhere, rows are read from the worker's folder, or from the videos.
        return {**vars(self), "_store": None}

    @contextmanager
    def opened(self) -> Iterator[Callable[[int], np.ndarray]]:
        """Function from a video's place in the shard to its rows, (n, R) of float32."""
        store = self._store
        if store is not None:
            yield lambda j: _full(store.rows(self._first + j))
            store.release()
        elif not self._keeps:
            yield lambda j: _full(self._read(j))
        else:
            rows, at = self._kept()[0].view(self.packing.dtype), self.offsets
            yield lambda j: _full(rows[at[j] : at[j + 1]])

    def pack(self) -> list[float]:
        """Sum of absolute values of each video; rows are kept if there is a folder."""
        if self._keeps:
            return self._kept()[1]
        return [self._pack_into(j) for j in range(len(self.videos))]

    @property
    def _keeps(self) -> bool:
        # A file of no rows cannot be mapped.
        return self.packing.folder is not None and bool(self.offsets[-1])

    def _kept(self) -> tuple[np.ndarray, list[float]]:
        """Rows in the folder, written if they are not there, and their norms."""
        packing = self.packing
        assert packing.folder is not None
        kept = KeptRows(
            packing.folder,
            self.videos,
            self._units or [np.arange(n) for n in np.diff(self.offsets)],
            packing.dtype,
            packing.conditioning,
        )
        shape = int(self.offsets[-1]), packing.n_features
        found = kept.load(shape, packing.stored)
        if found is not None:
            return found
        with kept.writing(shape, packing.stored) as data:
            rows, at = data.view(packing.dtype), self.offsets
            norms = [
                self._pack_into(j, rows[at[j] : at[j + 1]])
                for j in range(len(self.videos))
            ]
            kept.finish(data, norms)
        return data, norms

    def _pack_into(self, j: int, out: np.ndarray | None = None) -> float:
        units = slice(None) if self._units is None else self._units[j]
        room = self._room(j) if out is None else out
        return self.packing.pack(self.videos[j], units, room)

    def _read(self, j: int) -> np.ndarray:
        out = self._room(j)
        self._pack_into(j, out)
        return out

    def _room(self, j: int) -> np.ndarray:
        n = int(self.offsets[j + 1] - self.offsets[j])
        return np.empty((n, self.packing.n_features), self.packing.dtype)


def pack_shard(rows: ShardRows) -> list[float]:
    """Sum of absolute values of each video; rows are kept if there is a folder."""
    return rows.pack()


def _full(rows: np.ndarray) -> np.ndarray:
    return rows.astype(np.float32, copy=False)
