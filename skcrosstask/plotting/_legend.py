"""Names of the steps, and what the markers mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from skcrosstask.plotting._bands import Band
from skcrosstask.plotting._style import INK

__all__ = ["LINE", "add_legend", "legend_entries"]

LINE = 0.185  # height of an entry in inches
_OUTCOMES = {
    "hit": "found",
    "miss": "missed",
    "absent": "step not in the video",
    "unknown": "predicted",
}


def legend_entries(bands: Sequence[Band], colours: dict[str, str]) -> list[tuple]:
    """What the legend says: each task's steps, then what markers mean.

    Parameters
    ----------
    bands : sequence of Band
        All bands of the picture.
    colours : dict of str to str
        Colour of each step description.

    Returns
    -------
    list of (handle, name)
        Headings do not begin with a space, entries do.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    blank = Patch(alpha=0)
    entries: list[tuple] = []
    for task in dict.fromkeys(band.task for band in bands):
        entries.append((blank, task.title or task.name))
        for k, step in enumerate(task.steps):
            entries.append((Patch(color=colours[step]), f" {k + 1}  {step}"))
    outcomes = {outcome for band in bands for outcome in band.outcomes}
    shown = [outcome for outcome in _OUTCOMES if outcome in outcomes]
    if shown:
        entries.append((blank, "predicted time"))
    for outcome in shown:
        filled = outcome in ("hit", "unknown")
        marker = Line2D(
            [], [], marker="o", linestyle="none", markersize=8, markeredgewidth=1.3,
            markeredgecolor="#bbbbbb" if outcome == "absent" else INK,
            markerfacecolor=INK if filled else "white",
        )  # fmt: skip
        entries.append((marker, f" {_OUTCOMES[outcome]}"))
    return entries


def add_legend(owner: Any, entries: Sequence[tuple], n_columns: int) -> Any:
    """Put the legend to the right of a figure's axes, or of one axes.

    Parameters
    ----------
    owner : matplotlib Figure (constrained layout) or Axes
        Where.
    entries : sequence of (handle, name)
        As `legend_entries` returns them.
    n_columns : int
        Number of columns.

    Returns
    -------
    matplotlib Legend
        With headings in bold.
    """
    from matplotlib.figure import FigureBase

    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)}
    if isinstance(owner, FigureBase):
        place = {"loc": "outside right upper"}
    handles, names = zip(*entries, strict=True)
    legend = owner.legend(
        handles, names, fontsize=8, frameon=False, ncols=n_columns, handlelength=1.3,
        labelcolor=INK, borderaxespad=0.4, **place,
    )  # fmt: skip
    for text in legend.get_texts():
        if not text.get_text().startswith(" "):
            text.set_fontweight("bold")
    return legend
