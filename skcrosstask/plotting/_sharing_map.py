"""Tasks on a plane, near to those with which they share components."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data import Task
from skcrosstask.plotting._axes import add_note, one_axes, root_figure
from skcrosstask.plotting._style import INK, MUTED, PALETTE, check_matplotlib, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SharingMapDisplay"]


class SharingMapDisplay:
    """Map of tasks; those of interest are named.

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
        found = sharing_map(tasks)
        names = [task.title or task.name for task in found.tasks]
        named = None if primary is None else {t.title or t.name for t in primary}
        return cls(found.positions, names, named).plot(ax, **kwargs)

    def plot(
        self, ax: Axes | None = None, *, title: str | None = None, note: str = ""
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; by default in a new figure.
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
        ValueError
            If places and names do not fit.
        """
        check_matplotlib(type(self).__name__)
        places = np.asarray(self.positions, dtype=np.float64)
        if not len(self.names) or places.shape != (len(self.names), 2):
            raise ValueError(
                f"positions must have shape ({len(self.names)}, 2), got {places.shape}."
            )
        ax = one_axes(ax, 8.4, 5.4)
        self.ax_, self.figure_ = ax, root_figure(ax)
        shown = np.array([self.named is None or n in self.named for n in self.names])
        x, y = places.T
        ax.scatter(x[~shown], y[~shown], s=22, color="#c4c4c4", label="related tasks")
        ax.scatter(x[shown], y[shown], s=38, color=PALETTE[0], zorder=3)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        self._name(
            ax, places[shown], [n for n, s in zip(self.names, shown, strict=True) if s]
        )
        if (~shown).any():
            ax.legend(frameon=False, fontsize=8, loc="lower left", labelcolor=MUTED)
        if title:
            ax.set_title(title, loc="left", fontsize=11, fontweight="bold", color=INK)
        add_note(self.figure_, note)
        return self

    def _name(self, ax: Axes, places: np.ndarray, names: list[str]) -> None:
        """Names in two columns, to the left and right, with lines to their places."""
        centre = np.median(places[:, 0]) if len(places) else 0.0
        low, high = ax.get_ylim()
        left, right = ax.get_xlim()
        for side, edge, align in ((0, left, "right"), (1, right, "left")):
            chosen = np.flatnonzero((places[:, 0] > centre) == bool(side))
            chosen = chosen[np.argsort(places[chosen, 1], kind="stable")]
            gap = (high - low) / 24
            heights = spread(places[chosen, 1], gap, low, high)
            for i, height in zip(chosen, heights, strict=True):
                ax.annotate(
                    names[i], places[i], xytext=(edge, height), ha=align, va="center",
                    fontsize=8, color=INK,
                    arrowprops={"arrowstyle": "-", "color": "#b0b0b0", "lw": 0.6},
                )  # fmt: skip
