"""Tasks on a plane, near to those with which they share components."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data import Task
from skcrosstask.metrics._checks import check_entries, check_listed
from skcrosstask.plotting._axes import (
    add_heading,
    add_note,
    inches,
    one_axes,
    root_figure,
)
from skcrosstask.plotting._style import (
    INK,
    MUTED,
    PALETTE,
    Style,
    check_matplotlib,
    spread,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

__all__ = ["SharingMapDisplay"]

_SIZE, _SMALLEST = 8, 4.5  # of letters, in points
_LINE = 1.3  # of text, in sizes of its letters
_WIDTH, _HEIGHT, _PAD = 5.0, 5.4, 0.1  # of the map at most, and around it, in inches


class SharingMapDisplay:
    """Map of tasks; those of interest are named.

    Both directions have one scale, so that distances can be compared by eye. Names
    stand in columns on both sides, with lines to their places.

    It is recommended to use
    :meth:`~skcrosstask.plotting.SharingMapDisplay.from_tasks`.

    Parameters
    ----------
    positions : array-like of shape (n_tasks, 2)
        Places.
    names : sequence of str
        Names of the tasks.
    named : collection of str, optional
        Names to write; by default all.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, once plotted.
    ax_ : matplotlib Axes
        The axes, once plotted.
    text_ : list of matplotlib Text
        The names that are written, from left to right, once plotted.

    See Also
    --------
    skcrosstask.datasets.sharing_map : Finds the places.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skcrosstask import Task
    >>> from skcrosstask.plotting import SharingMapDisplay
    >>> tasks = [Task("latte", ["pour milk"]), Task("tire", ["jack up car"])]
    >>> display = SharingMapDisplay.from_tasks(tasks)
    >>> sorted(text.get_text() for text in display.ax_.texts)
    ['latte', 'tire']
    >>> plt.close(display.figure_)
    >>> plt.close(display.plot(title="Tasks").figure_)
    """

    def __init__(
        self,
        positions: ArrayLike,
        names: Sequence[str],
        named: Collection[str] | None = None,
    ):
        self.positions = positions
        self.names = names
        self.named = named

    @classmethod
    def from_tasks(
        cls,
        tasks: Iterable[Task],
        *,
        primary: Collection[Task] | None = None,
        sharing: str = "words",
        stemmer: str | Callable[[str], str] | None = "porter",
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Find the places of tasks by the components that they share, and draw.

        Parameters
        ----------
        tasks : iterable of Task
            At least two.
        primary : collection of Task, optional
            Tasks to highlight and to name; by default all.
        sharing : {"words", "task_words", "steps", "none"}, default="words"
            What a component is.
        stemmer : {"porter", "snowball"}, callable or None, default="porter"
            Maps words to stems before they are compared.
        ax : matplotlib Axes, optional
            As for `plot`.
        **kwargs : dict
            Passed on to `plot`.

        Returns
        -------
        SharingMapDisplay
        """
        from skcrosstask.datasets import sharing_map

        check_matplotlib(cls.__name__)
        if primary is not None:
            primary = check_entries(primary, "primary", Task)
        found = sharing_map(tasks, sharing=sharing, stemmer=stemmer)
        names = [task.title or task.name for task in found.tasks]
        named = None if primary is None else [t.title or t.name for t in primary]
        return cls(found.positions, names, named).plot(ax, **kwargs)

    def plot(
        self, ax: Axes | None = None, *, title: str | None = None, note: str = ""
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; by default in a new figure. Make your own with
            ``layout="constrained"``, so that no text is cut off. Names are smaller
            where there is little room.
        title : str, optional
            Heading of the axes.
        note : str, default=""
            Small text at the foot of the figure.

        Returns
        -------
        SharingMapDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If ``named`` is a str.
        ValueError
            If places and names do not fit, a place is not finite, or a name to
            write is not that of a task.
        """
        check_matplotlib(type(self).__name__)
        places, shown = self._check()
        columns = _sides(places, np.flatnonzero(shown))
        is_new, ax = ax is None, one_axes(ax, _WIDTH, _WIDTH)
        self.ax_, self.figure_ = ax, root_figure(ax)
        x, y = places.T
        ax.scatter(x[~shown], y[~shown], s=22, color="#c4c4c4", label="other tasks")
        label = "named tasks" if shown.any() else None
        ax.scatter(x[shown], y[shown], s=38, color=PALETTE[0], zorder=3, label=label)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        if not shown.all():
            place: Style = {
                "loc": "upper left",
                "bbox_to_anchor": (0, 0),
                "borderaxespad": 0,
            }
            ax.legend(frameon=False, fontsize=8, labelcolor=MUTED, ncols=2, **place)
        add_heading(ax, title)
        add_note(self.figure_, note)
        self.text_ = self._write(ax, places, columns, is_new)
        return self

    def _check(self) -> tuple[np.ndarray, np.ndarray]:
        """Places, and which of them are named."""
        places = np.asarray(self.positions, dtype=np.float64)
        if not len(self.names) or places.shape != (len(self.names), 2):
            raise ValueError(
                f"positions must have shape ({len(self.names)}, 2), got {places.shape}."
            )
        for name, place in zip(self.names, places, strict=True):
            if not np.isfinite(place).all():
                raise ValueError(f"positions: that of {name!r} is not finite.")
        if self.named is not None:
            check_listed(self.named, "named", "names of tasks")
        for name in self.named or ():
            if name not in self.names:
                raise ValueError(f"named: {name!r} is not among the names of tasks.")
        shown = [self.named is None or name in self.named for name in self.names]
        return places, np.array(shown)

    def _write(
        self,
        ax: Axes,
        places: np.ndarray,
        columns: Sequence[np.ndarray],
        is_new: bool,
    ) -> list[Text]:
        """Names in a column on each side, with lines to their places."""
        n_rows = max(len(column) for column in columns)
        width, height = inches(ax)
        room = 72 * height / (_LINE * max(n_rows, 1))
        size = _SIZE if is_new else float(np.clip(room, _SMALLEST, _SIZE))
        # Until they are in place, names must not push the axes aside.
        style: Style = {"va": "center", "fontsize": size, "in_layout": False}
        text: list[list[Text]] = [
            [ax.text(0, 0, self.names[i], ha=align, color=INK, **style) for i in column]
            for column, align in zip(columns, ("right", "left"), strict=True)
        ]
        dpi = root_figure(ax).dpi
        widths = [
            max([t.get_window_extent().width / dpi for t in side], default=0.0) + 0.1
            for side in text
        ]
        if is_new:
            wanted = _room(places, sum(widths), n_rows, _least_width(ax))
            # What lies around the axes keeps its size.
            figure = root_figure(ax)
            whole = figure.get_size_inches()
            figure.set_size_inches(*(whole + wanted - (width, height)))
            width, height = inches(ax)
        _fit(ax, places, widths, width, height)
        (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
        inch = (right - left) / width
        gap = _LINE * size / 72 * inch
        edges = left + widths[0] * inch, right - widths[1] * inch
        away = np.array([-0.07, 0.07]) * inch
        for side, column in enumerate(columns):
            heights = spread(places[column, 1], gap, low + gap / 2, high - gap / 2)
            for i, t, level in zip(column, text[side], heights, strict=True):
                t.set(position=(edges[side] + away[side], level), in_layout=True)
                line = [edges[side], places[i, 0]], [level, places[i, 1]]
                ax.plot(*line, color="#b0b0b0", linewidth=0.6, zorder=1)
        return [*text[0], *text[1]]


def _sides(places: np.ndarray, numbers: np.ndarray) -> list[np.ndarray]:
    """Which of the named tasks stand left and right, each from bottom to top."""
    x, y = places.T
    numbers = numbers[np.argsort(x[numbers], kind="stable")]
    # The near side, as long as neither column has over two thirds of the names.
    n_left = np.searchsorted(x[numbers], (x.min() + x.max()) / 2, side="right")
    third = len(numbers) // 3
    n_left = int(np.clip(n_left, third, len(numbers) - third))
    halves = numbers[:n_left], numbers[n_left:]
    return [half[np.argsort(y[half], kind="stable")] for half in halves]


def _least_width(ax: Axes) -> float:
    """Inches that the title, the note, or the legend of axes takes."""
    from matplotlib.text import Text

    drawn = [text for text in root_figure(ax).findobj(Text) if text.get_text()]
    boxes = [text.get_window_extent() for text in drawn]
    if (legend := ax.get_legend()) is not None:
        boxes.append(legend.get_window_extent())
    return max([box.width for box in boxes], default=0.0) / root_figure(ax).dpi + 0.15


def _room(
    places: np.ndarray, names: float, n_rows: int, least: float
) -> tuple[float, float]:
    """Width and height of axes which a map and its names fill, in inches."""
    span = np.ptp(places, axis=0)
    # A few dots would be lost in a map for 83.
    size = np.clip(np.sqrt(len(places) / 40), 0.6, 1)
    widest = size * _WIDTH - 2 * _PAD, size * _HEIGHT - 2 * _PAD
    unit = max(span[0] / widest[0], span[1] / widest[1]) or 1.0
    # Narrower, lines to the names would be too steep to follow.
    width = max(span[0] / unit + 2 * _PAD, 1.5)
    height = max(span[1] / unit + 2 * _PAD, n_rows * _SIZE * _LINE / 72, 0.5)
    return max(names + width, least), height


def _fit(
    ax: Axes, places: np.ndarray, widths: Sequence[float], width: float, height: float
) -> None:
    """Limits that keep columns of names free, with one scale for both directions."""
    ends = np.array([places.min(axis=0), places.max(axis=0)])
    middle = width - sum(widths)
    # Where names take nearly all, they may run into the map.
    middle = max(middle, 0.3 * width)
    span = ends[1] - ends[0]
    unit = max(span[0] / (middle - 2 * _PAD), span[1] / (height - 2 * _PAD))  # an inch
    unit = unit or 1.0
    centre = ends.mean(axis=0)
    shift = (widths[1] - widths[0]) / 2
    ax.set_xlim(*(centre[0] + unit * (np.array([-0.5, 0.5]) * width + shift)))
    ax.set_ylim(*(centre[1] + unit * (np.array([-0.5, 0.5]) * height)))
