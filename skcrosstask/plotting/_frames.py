"""Images of a video below its band."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrosstask._data import Video
from skcrosstask.plotting._axes import add_text
from skcrosstask.plotting._bands import Band
from skcrosstask.plotting._style import Style, ink_on, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage

__all__ = ["FRAME_HEIGHT", "Frame", "Frames", "draw_frames", "place_frames"]
__all__ += ["read_frames"]

Frames = Callable[[Video, int], np.ndarray | None]

FRAME_HEIGHT = 0.5  # of an image, in inches
_GAP = 5  # points between images, and above them
_LABELS = 34  # points that the labels of the time axis take
_DEPTHS = ((), (3,), (4,))
_UNITS: Style = {"xycoords": "axes fraction", "boxcoords": "offset points"}


class Frame(NamedTuple):
    """The image of a video at the time that is predicted for a step."""

    step: int
    time: int
    image: np.ndarray

    @property
    def ratio(self) -> float:
        """Width over height."""
        return self.image.shape[1] / self.image.shape[0]


def read_frames(band: Band, frames: Frames | None) -> list[Frame]:
    """Images of a video at the predicted times.

    Parameters
    ----------
    band : Band
        Whose times are wanted; there is no image without them.
    frames : callable or None
        Gives an image, or None, for a video and a time unit.

    Returns
    -------
    list of Frame
        From the earliest to the latest.

    Raises
    ------
    ValueError
        If an image is neither (height, width) nor (height, width, 3 or 4).
    """
    found: list[Frame] = []
    if band.times is None or frames is None:
        return found
    for step in np.argsort(band.times, kind="stable").tolist():
        time = int(band.times[step])
        image = None if time < 0 else frames(band.video, time)
        if image is None:
            continue
        image = np.asarray(image)
        if image.ndim not in (2, 3) or not image.size or image.shape[2:] not in _DEPTHS:
            raise ValueError(
                f"{band.video}: frames returned an array of shape {image.shape} for "
                f"time {time}; expected (height, width) or (height, width, 3 or 4)."
            )
        found.append(Frame(step, time, image))
    return found


def draw_frames(
    ax: Axes, shown: Sequence[Frame], colours: Sequence[str]
) -> list[tuple[AnnotationBbox, OffsetImage]]:
    """Draw images below the band, not yet side by side.

    They stand one upon the other in the middle, so that the layout makes room below
    the band, but not beside it.

    Parameters
    ----------
    ax : matplotlib Axes
        Axes of the band.
    shown : sequence of Frame
        The images.
    colours : sequence of str
        Colour of each step.

    Returns
    -------
    list of (matplotlib AnnotationBbox, matplotlib OffsetImage)
        One each, for `place_frames`.
    """
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage

    depth, drawn = _LABELS if ax.get_xlabel() else _GAP, []
    for step, _, image in shown:
        picture = OffsetImage(image, zoom=72 * FRAME_HEIGHT / len(image), cmap="gray")
        edge: Style = {"edgecolor": colours[step], "linewidth": 2}
        place: Style = {
            "xy": (0.5, 0.0),
            "xybox": (0, -depth),
            "box_alignment": (0.5, 1.0),
        }
        box = AnnotationBbox(picture, **place, **_UNITS, pad=0.0, bboxprops=edge)
        box.set_gid(f"frame-{step}")
        ax.add_artist(box)
        drawn.append((box, picture))
    return drawn


def place_frames(
    ax: Axes,
    shown: Sequence[Frame],
    drawn: Sequence[tuple[AnnotationBbox, OffsetImage]],
    colours: Sequence[str],
    unit: float,
) -> None:
    """Move images below their times, as near as they can stand side by side.

    Parameters
    ----------
    ax : matplotlib Axes
        Axes of the band, whose size is settled.
    shown : sequence of Frame
        The images.
    drawn : sequence of (matplotlib AnnotationBbox, matplotlib OffsetImage)
        As `draw_frames` returns them.
    colours : sequence of str
        Colour of each step.
    unit : float
        Seconds that a time unit lasts.
    """
    if not shown:
        return
    low, high = ax.get_xlim()
    points = ax.get_window_extent().width / ax.figure.dpi * 72
    widest = 72 * FRAME_HEIGHT * max(frame.ratio for frame in shown)
    # Many images share the width of the band.
    pitch = min(widest + _GAP, points / len(shown))
    height = 72 * FRAME_HEIGHT * max(pitch - _GAP, 1) / widest
    margin = pitch / 2 / points * (high - low)
    times = [(frame.time + 0.5) * unit for frame in shown]
    places = spread(times, 2 * margin, low + margin, high - margin)
    for frame, (box, picture), place in zip(shown, drawn, places, strict=True):
        box.xycoords, box.xy = ax.get_xaxis_transform(), (place, 0.0)
        picture.set_zoom(height / len(frame.image))
        left, depth = -height * frame.ratio / 2, box.xybox[1]
        paper: Style = {"facecolor": colours[frame.step], "linewidth": 0, "pad": 1.2}
        style: Style = {"fontweight": "bold", "color": ink_on(colours[frame.step])}
        style |= {"va": "top", "fontsize": 6, "zorder": 6, "bbox": paper}
        style["xycoords"] = ax.get_xaxis_transform()
        add_text(ax, str(frame.step + 1), box.xy, (left + 2, depth - 2), **style)
