"""Feature rows as computations want them: float32, and finite."""

from __future__ import annotations

import mmap

import numpy as np

from skcrosstask._data import Rows

__all__ = ["all_rows", "read_rows"]

# Larger files stay mapped: the system may take their memory back.
_MOST_BYTES = 1 << 26


def all_rows(features: np.ndarray | Rows) -> np.ndarray:
    """All rows as float32; those of a mapped file are read.

    To touch mapped pages would ask the disk for little at a time, and wait each time.

    Parameters
    ----------
    features : ndarray or Rows of shape (T, D)
        In memory or mapped; maybe not finite.

    Returns
    -------
    C-contiguous ndarray of shape (T, D) of float32

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask.learning.rows._reading import all_rows
    >>> all_rows(np.arange(4).reshape(2, 2))
    array([[0., 1.],
           [2., 3.]], dtype=float32)
    """
    if isinstance(features, np.memmap) and _is_small_file(features):
        place, n = str(features.filename), features.size
        read = np.fromfile(place, features.dtype, n, offset=features.offset)
        features = read.reshape(features.shape)
    return np.ascontiguousarray(features, dtype=np.float32)


def _is_small_file(rows: np.memmap) -> bool:
    # Parts of a map have another base, and the offset of the whole.
    whole = isinstance(rows.base, mmap.mmap) and rows.flags.c_contiguous
    return whole and rows.nbytes <= _MOST_BYTES


def read_rows(
    features: np.ndarray | Rows,
    units: np.ndarray | slice,
    owner: str,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Copy rows to float32 and refuse those that are not finite.

    Parameters
    ----------
    features : ndarray or Rows of shape (T, D)
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
    >>> from skcrosstask.learning.rows._reading import read_rows
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
