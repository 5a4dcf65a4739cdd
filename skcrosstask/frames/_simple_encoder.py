"""An encoder of pictures that needs no network and no download."""

from __future__ import annotations

import numpy as np

__all__ = ["SimpleEncoder"]

# Cells a side of the layout, levels of a colour, bins of direction.
_CELLS, _LEVELS, _BINS = 4, 4, 8


class SimpleEncoder:
    """Colours, edges and motion of pictures, in 256 numbers.

    They are the mean colour in each of 4 x 4 cells (48), a colour histogram of
    4 x 4 x 4 levels (64), a histogram of 8 edge directions a cell (128) and how much
    each cell changes within the row (16).

    It needs no download, so that everything runs out of the box and can be tried. It
    knows nothing of objects: take a network's features for real work.

    Attributes
    ----------
    n_frames : int
        2: pictures a row, whose difference is the motion.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask.frames import SimpleEncoder
    >>> rows = np.zeros((5, 2, 64, 64, 3), dtype=np.uint8)
    >>> SimpleEncoder()(rows).shape
    (5, 256)
    """

    n_frames = 2

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Encode pictures.

        Parameters
        ----------
        pictures : ndarray of shape (n, H, W, 3) or (n, n_frames, H, W, 3) of uint8
            Red, green, blue; sides of at least 16 pixels. Single pictures have no
            motion.

        Returns
        -------
        ndarray of shape (n, 256) of float32
            Between 0 and 1.

        Raises
        ------
        ValueError
            If the pictures have another shape or type.
        """
        pictures = np.asarray(pictures)
        if pictures.ndim == 4:
            pictures = pictures[:, None]
        if pictures.ndim != 5 or pictures.shape[-1] != 3 or pictures.dtype != np.uint8:
            raise ValueError(
                "SimpleEncoder: pictures must be uint8 of shape (n, H, W, 3) or "
                f"(n, n_frames, H, W, 3), got {pictures.dtype} {pictures.shape}."
            )
        if min(pictures.shape[2:4]) < 4 * _CELLS:
            raise ValueError(
                f"SimpleEncoder: pictures must have sides of at least {4 * _CELLS} "
                f"pixels, got {pictures.shape[2:4]}."
            )
        # Halved: what it measures is coarse, and this is four times as fast.
        halves = pictures[:, :, ::2, ::2]
        first = halves[:, 0]
        grey = halves.mean(axis=-1, dtype=np.float32) / 255
        parts = [
            _cells(first.astype(np.float32) / 255).reshape(len(first), -1),
            _colours(first),
            _directions(grey[:, 0]),
            np.sqrt(_cells(_change(grey)[..., None])).reshape(len(first), -1),
        ]
        return np.concatenate(parts, axis=1, dtype=np.float32)


def _cells(maps: np.ndarray) -> np.ndarray:
    """Means (n, cells, cells, C) of maps (n, H, W, C)."""
    for axis in (1, 2):
        length = maps.shape[axis]
        starts = np.arange(_CELLS) * length // _CELLS
        sizes = np.diff(starts, append=length).astype(np.float32)
        sums = np.add.reduceat(maps, starts, axis=axis)
        maps = sums / np.expand_dims(sizes, [a for a in range(4) if a != axis])
    return maps


def _colours(pictures: np.ndarray) -> np.ndarray:
    """Roots of the shares of colours: (n, levels**3)."""
    levels = (pictures // (256 // _LEVELS)).astype(np.int64)
    codes = (levels[..., 0] * _LEVELS + levels[..., 1]) * _LEVELS + levels[..., 2]
    n, n_codes = len(codes), _LEVELS**3
    codes = codes.reshape(n, -1) + np.arange(n)[:, None] * n_codes
    counts = np.bincount(codes.ravel(), minlength=n * n_codes).reshape(n, n_codes)
    return np.sqrt(counts / codes.shape[1])


def _directions(grey: np.ndarray) -> np.ndarray:
    """Roots of the shares of edge directions, weighted by strength, per cell."""
    down, right = np.gradient(grey, axis=(1, 2))
    strength = np.hypot(down, right)
    # An edge has no sign: half a turn is the same direction.
    bins = np.floor(np.arctan2(down, right) / np.pi * _BINS).astype(np.int64) % _BINS
    split = np.where(bins[..., None] == np.arange(_BINS), strength[..., None], 0)
    sums = _cells(split).reshape(len(grey), -1)
    total = sums.sum(axis=1, keepdims=True)
    return np.sqrt(sums / np.maximum(total, np.finfo(np.float32).tiny))


def _change(grey: np.ndarray) -> np.ndarray:
    """Mean absolute change between consecutive pictures of a row: (n, H, W)."""
    if grey.shape[1] == 1:
        return np.zeros_like(grey[:, 0])
    return np.abs(np.diff(grey, axis=1)).mean(axis=1)
