"""Feature rows as computations want them: float32, and finite."""

from __future__ import annotations

import numpy as np

from skcrosstask._data import Rows

__all__ = ["read_rows"]


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
