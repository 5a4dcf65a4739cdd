"""Figures and axes, new or given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrosstask.plotting._style import INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, FigureBase
    from matplotlib.text import Text

    AxesLike = Axes | Sequence[Axes] | np.ndarray

__all__ = ["BAND_WIDTH", "add_heading", "add_note", "add_text", "inches"]
__all__ += ["is_constrained"]
__all__ += ["new_axes", "one_axes", "refuse_title", "root_figure", "take_axes"]

BAND_WIDTH = 7.2  # of the time axis, in inches


def new_axes(n_bands: int, height: float, margin: float) -> np.ndarray:
    """Axes of bands in a new figure of pyplot.

    Parameters
    ----------
    n_bands : int
        Number of bands, one above the other.
    height : float
        Of the figure, in inches.
    margin : float
        Inches to the right of the bands.

    Returns
    -------
    ndarray of shape (n_bands,) of matplotlib Axes
    """
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(BAND_WIDTH + margin, height), layout="constrained")
    return figure.subplots(n_bands, sharex=True, squeeze=False)[:, 0]


def take_axes(ax: AxesLike, n_bands: int, margin: float) -> np.ndarray:
    """Axes of bands from what the user gives.

    Parameters
    ----------
    ax : matplotlib Axes, or sequence of them
        One, which is divided, or as many as bands.
    n_bands : int
        Number of bands.
    margin : float
        Inches to the right of the bands of divided axes, at most half of them.

    Returns
    -------
    ndarray of shape (n_bands,) of matplotlib Axes

    Raises
    ------
    ValueError
        If the number of axes does not fit.
    """
    given = np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
    if len(given) == n_bands:
        return given
    if len(given) != 1:
        raise ValueError(
            f"ax: {n_bands} videos need one Axes or {n_bands}, got {len(given)}."
        )
    whole = given[0]
    whole.set_axis_off()
    # Constrained layout finds the room that titles need by itself.
    arranged = root_figure(whole).get_layout_engine() is not None
    width = whole.get_window_extent().width / root_figure(whole).dpi
    shape: dict[str, Any] = {
        "hspace": 0.05 if arranged else 0.5,
        "wspace": 0.02,
        "width_ratios": [max(width - margin, width / 2), margin],
    }
    place = whole.get_subplotspec()
    if place is None:
        left, bottom, right, top = whole.get_position().extents
        edges = {"left": left, "bottom": bottom, "right": right, "top": top}
        grid = whole.figure.add_gridspec(n_bands, 2, **edges, **shape)
    else:
        grid = place.subgridspec(n_bands, 2, **shape)
    axes = np.empty(n_bands, dtype=object)
    for i in range(n_bands):
        axes[i] = whole.figure.add_subplot(grid[i, 0], sharex=axes[0] if i else None)
    return axes


def root_figure(ax: Axes) -> Figure:
    """Figure of axes, also of those in a subfigure.

    Parameters
    ----------
    ax : matplotlib Axes
        In a figure or a subfigure.

    Returns
    -------
    matplotlib Figure
    """
    return ax.figure.canvas.figure


def is_constrained(ax: Axes) -> bool:
    """Whether constrained layout makes room for what lies around axes.

    Parameters
    ----------
    ax : matplotlib Axes
        In a figure or a subfigure.

    Returns
    -------
    bool
    """
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    return isinstance(root_figure(ax).get_layout_engine(), ConstrainedLayoutEngine)


def refuse_title(ax: AxesLike | None, title: str | None) -> None:
    """Refuse a title of a whole figure where only axes are given.

    Parameters
    ----------
    ax : matplotlib Axes, sequence of them, or None
        Given axes.
    title : str or None
        The title.

    Raises
    ------
    ValueError
        If both are given.
    """
    if ax is not None and title:
        raise ValueError(
            f"title: {title!r} would head a new figure; that of given axes gets one "
            "by its own suptitle."
        )


def one_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """The given axes, or those of a new figure of pyplot.

    Parameters
    ----------
    ax : matplotlib Axes or None
        Given axes.
    width, height : float
        Of a new figure, in inches.

    Returns
    -------
    matplotlib Axes
    """
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def inches(ax: Axes) -> tuple[float, float]:
    """Width and height of axes, once the layout of their figure is settled.

    Parameters
    ----------
    ax : matplotlib Axes
        In a figure or a subfigure.

    Returns
    -------
    width, height : float
    """
    figure = root_figure(ax)
    figure.draw_without_rendering()
    box = ax.get_window_extent()
    return box.width / figure.dpi, box.height / figure.dpi


def add_heading(ax: Axes, title: str | None) -> None:
    """Bold text above the left corner of axes.

    Parameters
    ----------
    ax : matplotlib Axes
        Where.
    title : str or None
        The text; nothing is drawn where it is None or empty.
    """
    if title:
        ax.set_title(title, loc="left", fontsize=11, fontweight="bold", color=INK)


def add_text(
    ax: Axes,
    text: str,
    place: tuple[float, float],
    offset: tuple[float, float] = (0, 0),
    **style: Any,
) -> Text:
    """Text at an offset in points from a place, whether within the axes or not.

    Parameters
    ----------
    ax : matplotlib Axes
        Where.
    text : str
        The text.
    place : (float, float)
        In data coordinates, unless ``xycoords`` says otherwise.
    offset : (float, float), default=(0, 0)
        In points.
    **style : dict
        Properties of the text; by default it is small and grey.

    Returns
    -------
    matplotlib Annotation
    """
    style = {"fontsize": 8, "color": MUTED, "annotation_clip": False, **style}
    return ax.annotate(text, place, offset, textcoords="offset points", **style)


def add_note(figure: FigureBase, note: str) -> None:
    """Small text at the foot of a figure, which says what must not be missed.

    Parameters
    ----------
    figure : matplotlib Figure
        Whole figure or subfigure.
    note : str
        The text; nothing is drawn where it is empty.
    """
    if note:
        # As a label of the figure, so that constrained layout makes room for it.
        figure.supxlabel(
            note, x=0.99, ha="right", fontsize=8, fontstyle="italic", color=MUTED
        )
