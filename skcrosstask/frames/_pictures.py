"""Decoded frames as square arrays: turned, scaled, cropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from av import VideoFrame

__all__ = ["Still", "scaled_size"]

# Beyond this ratio of the sides, pictures are squeezed, to bound memory.
_LONGEST = 16


class Still(NamedTuple):
    """A decoded frame, unscaled and not yet turned.

    Parameters
    ----------
    frame : VideoFrame
        As decoded.
    aspect : float
        Width of a pixel divided by its height.
    """

    frame: VideoFrame
    aspect: float = 1.0

    def square(self, size: int) -> np.ndarray:
        """Middle of the picture, as people see it.

        Parameters
        ----------
        size : int
            The shorter side is scaled to this, keeping the proportions of the screen,
            and the longer side is cropped to it around the middle.

        Returns
        -------
        ndarray of shape (size, size, 3) of uint8
            Red, green, blue.
        """
        frame = self.frame
        width, height = scaled_size(frame.width, frame.height, size, self.aspect)
        scaled = frame.reformat(width, height, format="rgb24", interpolation="AREA")
        top, left = (height - size) // 2, (width - size) // 2
        picture = scaled.to_ndarray()[top : top + size, left : left + size]
        # Telephones store how they were held, counterclockwise.
        turns = round((frame.rotation or 0) / 90)
        return np.ascontiguousarray(np.rot90(picture, turns))


def scaled_size(
    width: int, height: int, size: int, aspect: float = 1.0
) -> tuple[int, int]:
    """Width and height whose shorter is ``size``.

    Parameters
    ----------
    width, height : int
        Of the frame, in pixels.
    size : int
        The shorter side.
    aspect : float, default=1.0
        Width of a pixel divided by its height.

    Returns
    -------
    width, height : int

    Examples
    --------
    >>> scaled_size(1920, 1080, 224)
    (398, 224)
    >>> scaled_size(720, 576, 224, aspect=64 / 45)
    (398, 224)
    """
    shown = width * aspect
    shortest = min(shown, height)
    longest = _LONGEST * size
    return (
        min(max(round(shown * size / shortest), size), longest),
        min(max(round(height * size / shortest), size), longest),
    )
