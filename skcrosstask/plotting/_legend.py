"""Names of the steps, and what the markers mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from skcrosstask.plotting._bands import Band
from skcrosstask.plotting._style import INK, PALETTE, Style

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend

__all__ = ["LINE", "add_legend", "in_columns", "legend_entries", "legend_width"]

LINE = 0.185  # height of an entry in inches
_LETTER, _KEY = 0.067, 0.55  # widths of a letter, and of all beside the name
_LONGEST = 44  # letters of a name
_OUTCOMES = {
    "hit": "found",
    "miss": "missed",
    "absent": "step not in the video",
    "unknown": "predicted",
}


def legend_entries(
    bands: Sequence[Band], colours: dict[str, str]
) -> list[tuple[Artist, str]]:
    """What the legend says: steps, task by task, then what markers mean.

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
    entries: list[tuple[Artist, str]] = []
    tasks = list(dict.fromkeys(band.task for band in bands))
    steps = dict.fromkeys(step for task in tasks for step in task.steps)
    numbered = any(band.times is not None for band in bands)
    if len(tasks) > 1 and not numbered and len(steps) <= len(PALETTE):
        # Nothing but its colour tells a step: each is named once, for all tasks.
        tasks = []
        entries = [(Patch(color=colours[step]), f" {_shorten(step)}") for step in steps]
    for task in tasks:
        entries.append((blank, _shorten(task.title or task.name)))
        for k, step in enumerate(task.steps):
            # A figure space is as wide as a digit, so the names are aligned.
            number = str(k + 1).rjust(len(str(len(task.steps))), "\u2007")
            text = f" {number}  {_shorten(step)}"
            entries.append((Patch(color=colours[step]), text))
    outcomes = {outcome for band in bands for outcome in band.outcomes}
    shown = [outcome for outcome in _OUTCOMES if outcome in outcomes]
    if shown:
        entries.append((blank, "predicted time"))
    for outcome in shown:
        filled = outcome in ("hit", "unknown")
        marker = Line2D([], [], marker="o", linestyle="none", markersize=8)
        marker.set_markeredgewidth(1.3)
        marker.set_markeredgecolor("#bbbbbb" if outcome == "absent" else INK)
        marker.set_markerfacecolor(INK if filled else "white")
        entries.append((marker, f" {_OUTCOMES[outcome]}"))
    return entries


def legend_width(entries: Sequence[tuple[Artist, str]]) -> float:
    """About how wide a column of the legend is.

    Parameters
    ----------
    entries : sequence of (handle, name)
        As `legend_entries` returns them.

    Returns
    -------
    float
        In inches.
    """
    return _KEY + _LETTER * max(len(name) for _, name in entries)


def in_columns(
    entries: Sequence[tuple[Artist, str]], n_columns: int
) -> list[tuple[Artist, str]]:
    """Entries filled up with blanks, so that columns do not end inside a task.

    Only a task that is much longer than a column goes on in the next.

    Parameters
    ----------
    entries : sequence of (handle, name)
        As `legend_entries` returns them.
    n_columns : int
        Number of columns.

    Returns
    -------
    list of (handle, name)
        Columns one after the other, all of one length.
    """
    from matplotlib.patches import Patch

    even = -(-len(entries) // n_columns)
    groups: list[list[tuple[Artist, str]]] = []
    for i, entry in enumerate(entries):
        starts = i == 0 or not entry[1].startswith(" ")
        if starts:
            following = [name.startswith(" ") for _, name in entries[i + 1 :]]
            size = 1 + (
                following.index(False) if False in following else len(following)
            )
        if starts or (size > 1.5 * even and len(groups[-1]) == even):
            groups.append([])
        groups[-1].append(entry)
    length = max(len(group) for group in groups)
    while len(columns := _fill(groups, length)) > n_columns:
        length += 1
    columns += [[] for _ in range(n_columns - len(columns))]
    blank = (Patch(alpha=0), " ")
    return [
        entry
        for column in columns
        for entry in (*column, *[blank] * (length - len(column)))
    ]


def _fill(
    groups: list[list[tuple[Artist, str]]], length: int
) -> list[list[tuple[Artist, str]]]:
    """Columns of at most so many entries, each of whole groups."""
    columns: list[list[tuple[Artist, str]]] = [[]]
    for group in groups:
        if len(columns[-1]) + len(group) > length:
            columns.append([])
        columns[-1].extend(group)
    return columns


def _shorten(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"


def add_legend(
    owner: Figure | Axes, entries: Sequence[tuple[Artist, str]], n_columns: int
) -> Legend:
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

    place: Style = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0)}
    if isinstance(owner, FigureBase):
        place = {"loc": "outside right upper"}
    if n_columns > 1:
        entries = in_columns(entries, n_columns)
    handles, names = zip(*entries, strict=True)
    style: Style = {
        "fontsize": 8,
        "frameon": False,
        "handlelength": 1.3,
        "labelcolor": INK,
    }
    place |= {"ncols": n_columns, "borderaxespad": 0.4}
    legend = owner.legend(handles, names, **style, **place)
    for text in legend.get_texts():
        if not text.get_text().startswith(" "):
            text.set_fontweight("bold")
    return legend
