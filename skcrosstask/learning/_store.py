"""Feature rows that training can touch, packed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from joblib import Parallel, delayed

from skcrosstask._data import Video
from skcrosstask.learning._rows import read_rows
from skcrosstask.learning._store_files import KeptRows, free_memory, scratch_rows

if TYPE_CHECKING:
    from skcrosstask._input import PathLike
    from skcrosstask.learning._conditioning import Conditioning

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
    >>> from skcrosstask.learning._store import FrameStore
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
        self._conditioning = conditioning
        self.offsets = np.concatenate([[0], np.cumsum([len(u) for u in units])])
        self.dtype = np.dtype(dtype)
        stored = np.dtype(np.uint16) if self.dtype == np.float16 else self.dtype
        shape = int(self.offsets[-1]), n_features
        # A file of no rows cannot be mapped, and is not worth it.
        if folder is not None and shape[0]:
            kept = KeptRows(folder, videos, units, dtype, conditioning)
            self.place, found = str(kept.path), kept.load(shape, stored)
            if found is not None:
                self.data, self.mean_norm = found
                return
            with kept.writing(shape, stored) as self.data:
                self.mean_norm = self._fill(videos, units, n_jobs, progress)
                kept.finish(self.data, self.mean_norm)
            return
        limit = 0.75 * free_memory() if max_memory is None else max_memory
        if shape[0] * n_features * stored.itemsize > limit:
            self.data, self.place = scratch_rows(shape, stored), "temporary file"
        else:
            self.data, self.place = np.empty(shape, dtype=stored), "memory"
        self.mean_norm = self._fill(videos, units, n_jobs, progress)

    def _fill(
        self,
        videos: Sequence[Video],
        units: Sequence[np.ndarray],
        n_jobs: int | None,
        progress: Callable[[], None] | None,
    ) -> float:
        def pack(i: int) -> np.float64:
            out, owner = self.rows(i), str(videos[i])
            direct = self._conditioning is None and self.dtype == np.float32
            rows = self._read(videos[i], units[i], out if direct else None)
            if self.dtype == np.float16:
                _to_half(rows, units[i], owner, out=out)
            elif not direct:
                out[...] = rows
            return np.abs(rows, dtype=np.float32).sum(dtype=np.float64)

        norms = []
        parallel = Parallel(n_jobs=n_jobs, require="sharedmem", return_as="generator")
        for norm in parallel(delayed(pack)(i) for i in range(len(videos))):
            norms.append(norm)
            if progress is not None:
                progress()
        return float(np.sum(norms) / max(len(self.data), 1))

    def _read(
        self, video: Video, units: np.ndarray, out: np.ndarray | None
    ) -> np.ndarray:
        if self._conditioning is None:
            return read_rows(video.open(), units, str(video), out=out)
        return self._conditioning.apply(video.open(), str(video))[units]

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


def _to_half(rows: np.ndarray, units: np.ndarray, owner: str, out: np.ndarray) -> None:
    with np.errstate(over="ignore"):
        out[...] = rows
    if not np.isfinite(out).all():
        bad = int(np.isfinite(out).all(axis=1).argmin())
        raise ValueError(
            f"{owner}: features must be within 65504 to be stored in float16, found "
            f"{rows[bad][~np.isfinite(out[bad])][0]} at time {units[bad]}; use "
            'store_dtype="float32".'
        )
