"""Images of a video below its band."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from skcrosstask._data import Video
from skcrosstask.plotting._bands import Band
from skcrosstask.plotting._style import INK, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Frames", "draw_frames"]

Frames = Callable[[Video, int], np.ndarray | None]

_HEIGHT = 0.5  # of an image, in inches
_LABELS = 18  # points that labels of the time axis take


def draw_frames(ax: Axes, band: Band, frames: Frames, unit: float) -> None:
    """Draw the images at the predicted times, side by side below the band.

    Parameters
    ----------
    ax : matplotlib Axes
        Axes of the band.
    band : Band
        Whose times are drawn; nothing without them.
    frames : callable
        Gives an image, or None, for a video and a time unit.
    unit : float
        Seconds that a time unit lasts.
    """
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage

    times = [] if band.times is None else [int(t) for t in band.times if t >= 0]
    found = [(t, frames(band.video, t)) for t in times]
    images = [(t, np.asarray(image)) for t, image in found if image is not None]
    if not images:
        return
    figure = ax.figure.canvas.figure
    width = ax.get_window_extent().width / figure.dpi
    widest = max(_HEIGHT * image.shape[1] / image.shape[0] for _, image in images)
    low, high = ax.get_xlim()
    gap = 1.05 * widest / width * (high - low)
    places = spread([t * unit for t, _ in images], gap, low + gap / 2, high - gap / 2)
    # Many images share the width of the band.
    scale = min(1.0, width / (1.05 * widest * len(images)))
    for (_, image), place in zip(images, places, strict=True):
        zoom = scale * _HEIGHT * 72 / image.shape[0]
        box = AnnotationBbox(
            OffsetImage(image, zoom=zoom, cmap="gray"),
            (place, 0.0), xycoords=ax.get_xaxis_transform(), xybox=(0, -_LABELS),
            boxcoords="offset points", box_alignment=(0.5, 1.0), pad=0.1,
            bboxprops={"edgecolor": INK, "linewidth": 0.5},
        )  # fmt: skip
        ax.add_artist(box)
