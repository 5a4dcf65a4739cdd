"""From a video's features to its rows as they are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrosstask._data import Video
from skcrosstask.learning.rows._reading import read_rows

if TYPE_CHECKING:
    from skcrosstask._input import PathLike
    from skcrosstask.learning.rows._conditioning import Conditioning

__all__ = ["Packing"]


class Packing(NamedTuple):
    """How rows are packed.

    Attributes
    ----------
    dtype : {"float32", "float16"}
        How they are stored.
    n_features : int
        Number of features D, or of directions.
    conditioning : Conditioning, optional
        Applied to whole videos.
    folder : path, optional
        Where they are kept.
    """

    dtype: str
    n_features: int
    conditioning: Conditioning | None = None
    folder: PathLike | None = None

    @property
    def stored(self) -> np.dtype:
        """Type in which rows are stored: float16 as bits, which kernels can read."""
        return np.dtype(np.uint16 if self.dtype == "float16" else self.dtype)

    def pack(self, video: Video, units: np.ndarray | slice, out: np.ndarray) -> float:
        """Write some rows of a video.

        Parameters
        ----------
        video : Video
            Its file is opened, and closed again.
        units : ndarray of int64 or slice
            Which rows.
        out : ndarray of shape (n, R) of `dtype`
            Where to write.

        Returns
        -------
        float
            Sum of their absolute values.
        """
        direct = self.conditioning is None and self.dtype == "float32"
        owner = str(video)
        if self.conditioning is None:
            rows = read_rows(video.open(), units, owner, out=out if direct else None)
        else:
            rows = self.conditioning.apply(video.open(), owner)[units]
        if self.dtype == "float16":
            _to_half(rows, units, owner, out=out)
        elif not direct:
            out[...] = rows
        return float(np.abs(rows, dtype=np.float32).sum(dtype=np.float64))


def _to_half(
    rows: np.ndarray, units: np.ndarray | slice, owner: str, out: np.ndarray
) -> None:
    with np.errstate(over="ignore"):
        out[...] = rows
    if not np.isfinite(out).all():
        bad = int(np.isfinite(out).all(axis=1).argmin())
        unit = bad if isinstance(units, slice) else units[bad]
        raise ValueError(
            f"{owner}: features must be within 65504 to be stored in float16, found "
            f"{rows[bad][~np.isfinite(out[bad])][0]} at time {unit}; use "
            'store_dtype="float32".'
        )
