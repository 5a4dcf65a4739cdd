"""Feature rows that training can touch, packed once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from joblib import Parallel, delayed

from skcrosstask._data import Video

__all__ = ["FrameStore", "read_rows"]


def read_rows(
    features: np.ndarray,
    units: np.ndarray | slice,
    owner: str,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Copy rows to float32 and refuse those that are not finite.

    Parameters
    ----------
    features : ndarray of shape (T, D)
        In memory or mapped.
    units : ndarray of shape (n,) of int64 or slice
        Rows to read.
    owner : str
        Names the video in messages.
    out : ndarray of shape (n, D) of float32, optional
        Where to write.

    Returns
    -------
    ndarray of shape (n, D) of float32
        The rows.

    Raises
    ------
    ValueError
        If a row holds NaN, infinity, or a value beyond float32.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask.learning import read_rows
    >>> read_rows(np.arange(6.0).reshape(3, 2), np.array([2]), "video 'v1'")
    array([[4., 5.]], dtype=float32)
    """
    with np.errstate(over="ignore"):
        if out is None:
            out = np.ascontiguousarray(features[units], dtype=np.float32)
        else:
            out[...] = features[units]
    # A sum is finite unless a term is not: no mask as large as the rows is made.
    if not np.isfinite(np.einsum("td->", out, dtype=np.float64)):
        bad = np.argmin(np.isfinite(out).all(axis=1))
        if not np.isfinite(out[bad]).all():
            unit = np.arange(len(features))[units][bad]
            value = out[bad][~np.isfinite(out[bad])][0]
            raise ValueError(
                f"{owner}: features must be finite in float32, found {value} at "
                f"time {unit}."
            )
    return out


class FrameStore:
    """Rows of many videos in one contiguous float32 array.

    Parameters
    ----------
    videos : sequence of Video
        Files are opened one at a time and closed again.
    units : sequence of ndarray of int64
        For each video the time units to keep.
    n_features : int
        Number of features D.
    n_jobs : int, optional
        Threads that read.
    progress : callable, optional
        Called with the number of videos read and that of all.

    Attributes
    ----------
    data : ndarray of shape (n_rows, D) of float32
        All rows.
    mean_norm : float
        Mean over rows of the sum of absolute values.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask import Video
    >>> from skcrosstask.learning import FrameStore
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
        n_jobs: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ):
        self.offsets = np.concatenate([[0], np.cumsum([len(u) for u in units])])
        self.data = np.empty((self.offsets[-1], n_features), dtype=np.float32)

        def pack(i: int) -> np.float64:
            rows = self.rows(i)
            read_rows(videos[i].open(), units[i], str(videos[i]), out=rows)
            return np.abs(rows, dtype=np.float32).sum(dtype=np.float64)

        norms = []
        parallel = Parallel(n_jobs=n_jobs, require="sharedmem", return_as="generator")
        for norm in parallel(delayed(pack)(i) for i in range(len(videos))):
            norms.append(norm)
            if progress is not None:
                progress(len(norms), len(videos))
        self.mean_norm = float(np.sum(norms) / max(len(self.data), 1))

    def rows(self, i: int) -> np.ndarray:
        """Rows of one video, in the order of its time units.

        Parameters
        ----------
        i : int
            Number of the video.

        Returns
        -------
        ndarray of shape (n, D) of float32
            A view.
        """
        return self.data[self.offsets[i] : self.offsets[i + 1]]
