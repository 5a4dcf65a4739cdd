"""Rows of features that are read as they are asked for."""

from __future__ import annotations

from typing import Any, SupportsIndex

import numpy as np

__all__ = ["FLOATS", "Rows"]

FLOATS = (np.float16, np.float32, np.float64)
# Rows that are asked for at once, and how far apart those of one reading may lie.
_BLOCK, _GAP = 1024, 16


class Rows:
    """Rows of an object that has a shape and gives slices, as arrays.

    Parameters
    ----------
    source : object
        With ``shape`` and slices: a data set of h5py or zarr, a tensor of torch in
        memory, or the like. It is never asked for more than 1024 rows at once.
    features_first : bool, default=False
        Whether its shape is (D, T).
    owner : str, default="features"
        Names it in messages.

    Attributes
    ----------
    shape : tuple of int
        (T, D).
    dtype : dtype
        Of the arrays it gives: the source's, if that is a float of NumPy's that this
        machine computes with, else float32.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask._data import Rows
    >>> rows = Rows(np.arange(6.0).reshape(2, 3), features_first=True)
    >>> rows.shape
    (3, 2)
    >>> rows[np.array([2, 0])]
    array([[2., 5.],
           [0., 3.]])
    """

    def __init__(
        self, source: Any, *, features_first: bool = False, owner: str = "features"
    ):
        self.source, self.features_first, self.owner = source, features_first, owner
        first, second = (int(size) for size in source.shape)
        self.shape = (second, first) if features_first else (first, second)
        dtype = getattr(source, "dtype", None)
        known = isinstance(dtype, np.dtype) and dtype in FLOATS
        self.dtype = np.dtype(dtype if known else np.float32)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: SupportsIndex | slice | np.ndarray) -> np.ndarray:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                return self[np.arange(start, stop, step)]
            return self._read(start, stop)
        if isinstance(index, np.ndarray):
            return self._pick(index)
        unit = range(len(self))[index]
        return self._read(unit, unit + 1)[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self._read(0, len(self), dtype).astype(dtype or self.dtype, copy=False)

    def _read(self, start: int, stop: int, dtype: Any = None) -> np.ndarray:
        """Rows from start to stop, put together from blocks."""
        stop = max(start, stop)
        if stop - start <= _BLOCK:
            return self._block(start, stop)
        out = np.empty((stop - start, self.shape[1]), dtype or self.dtype)
        for at in range(start, stop, _BLOCK):
            end = min(at + _BLOCK, stop)
            out[at - start : end - start] = self._block(at, end)
        return out

    def _pick(self, index: np.ndarray) -> np.ndarray:
        """Rows in any order, from readings of neighbours."""
        units, inverse = np.unique(
            np.arange(len(self))[index].ravel(), return_inverse=True
        )
        if not len(units):
            return self._block(0, 0)
        # Neighbours are read together; who is far off waits for the next reading.
        cuts = np.flatnonzero(np.diff(units) > _GAP) + 1
        parts = []
        for run in np.split(units, cuts):
            for at in np.split(run, _breaks(run)):
                parts.append(self._block(at[0], at[-1] + 1)[at - at[0]])
        return np.concatenate(parts)[inverse.ravel()]

    def _block(self, start: int, stop: int) -> np.ndarray:
        start, stop = int(start), int(stop)
        try:
            if self.features_first:
                rows = _as_array(self.source[:, start:stop]).T
            else:
                rows = _as_array(self.source[start:stop])
        except Exception as error:  # whatever the source is made of
            raise ValueError(
                f"{self.owner}: features cannot be read: {error}"
            ) from error
        expected = (stop - start, self.shape[1])
        if rows.dtype.kind not in "fiub" or rows.shape != expected:
            raise ValueError(
                f"{self.owner}: features of type {type(self.source).__name__} gave "
                f"{rows.dtype} of shape {rows.shape} for rows {start} to {stop}, "
                f"expected real numbers of shape {expected}."
            )
        return rows.astype(self.dtype, copy=False)


def _breaks(run: np.ndarray) -> np.ndarray:
    """Where a run of ascending rows must be cut so that no part spans a block."""
    return np.flatnonzero(np.diff((run - run[0]) // _BLOCK)) + 1


def _as_array(part: Any) -> np.ndarray:
    if hasattr(part, "detach"):  # a tensor that may belong to a graph
        part = part.detach()
    try:
        return np.asarray(part)
    except TypeError:
        # NumPy has no bfloat16; torch turns it into what NumPy has.
        if not hasattr(part, "float"):
            raise
        return np.asarray(part.float())
