"""Recall of several systems on several tasks, as a coloured table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

import numpy as np

from skcrosstask.plotting._axes import add_note, one_axes, root_figure
from skcrosstask.plotting._style import INK, check_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["RecallTableDisplay"]

_CELL_WIDTH, _CELL_HEIGHT = 0.46, 0.34  # in inches
_LETTER = 0.075


class RecallTableDisplay:
    """Table of recalls, a row a system and a column a task, coloured by size.

    The best figure of each column is in bold. A last column has the mean over tasks.

    Parameters
    ----------
    recalls : mapping of str to mapping of str to float
        By system and by task, from 0 to 1; a task that a system lacks is left blank.
    spreads : mapping of str to float, optional
        By system, the standard deviation of the mean over tasks, written beside it.
    titles : mapping of str to str, optional
        Headings of the tasks, by default their names.
    average : bool, default=True
        Whether to add the mean over tasks.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, once plotted.
    ax_ : matplotlib Axes
        The axes, once plotted.
    text_ : ndarray of shape (n_systems, n_columns) of matplotlib Text
        The figures, once plotted.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skcrosstask.plotting import RecallTableDisplay
    >>> uniform, weak = {"tea": 0.1, "tire": 0.2}, {"tea": 0.4, "tire": 1.0}
    >>> display = RecallTableDisplay({"uniform": uniform, "weak": weak}).plot()
    >>> display.text_[1, 2].get_text()
    '70.0'
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        recalls: Mapping[str, Mapping[str, float]],
        spreads: Mapping[str, float] | None = None,
        titles: Mapping[str, str] | None = None,
        average: bool = True,
    ):
        self.recalls = recalls
        self.spreads = spreads
        self.titles = titles
        self.average = average

    def plot(
        self, ax: Axes | None = None, *, title: str | None = None, note: str = ""
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; by default in a new figure.
        title : str, optional
            Heading of a new figure.
        note : str, default=""
            Small text at the foot of the figure.

        Returns
        -------
        RecallTableDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there is nothing to draw.
        """
        check_matplotlib(type(self).__name__)
        systems, columns, values = self._values()
        spreads = self.spreads or {}
        margin = _LETTER * max(len(name) for name in systems) + 0.4
        height = _CELL_HEIGHT * len(systems) + 0.6
        height += _LETTER * 0.8 * max(len(name) for name in columns)
        wide = (1.6 if spreads else 1.0) * self.average
        width = margin + _CELL_WIDTH * (len(columns) + wide) + 0.5
        new = ax is None
        ax = one_axes(ax, max(width, 3.4), height + 0.35 * bool(title))
        self.ax_, self.figure_ = ax, root_figure(ax)
        ax.imshow(
            values, cmap="Blues", vmin=0, vmax=1.2 * max(np.nanmax(values), 0.01),
            aspect="auto",
        )  # fmt: skip
        ax.set_xticks(
            range(len(columns)), columns, rotation=40, ha="left", va="bottom",
            rotation_mode="anchor",
        )  # fmt: skip
        ax.xaxis.tick_top()
        ax.set_yticks(range(len(systems)), systems)
        ax.tick_params(length=0, labelsize=8, labelcolor=INK)
        ax.spines[:].set_visible(False)
        if self.average:
            ax.axvline(len(columns) - 1.5, color="white", linewidth=3)
        self.text_ = self._write(ax, systems, values, spreads)
        if new and title:
            self.figure_.suptitle(
                title, x=0.01, ha="left", fontsize=11, fontweight="bold", color=INK
            )
        add_note(self.figure_, note)
        return self

    def _values(self) -> tuple[list[str], list[str], np.ndarray]:
        systems = list(self.recalls)
        tasks = list(dict.fromkeys(t for row in self.recalls.values() for t in row))
        if not tasks:
            raise ValueError("recalls holds no figure: nothing to draw.")
        values = np.array(
            [[self.recalls[s].get(t, np.nan) for t in tasks] for s in systems],
            dtype=np.float64,
        )
        if np.isinf(values).any() or (values < 0).any() or (values > 1).any():
            raise ValueError("recalls must be from 0 to 1.")
        names = [(self.titles or {}).get(task, task) for task in tasks]
        if self.average:
            known = np.isfinite(values)
            mean = np.where(known, values, 0).sum(axis=1) / np.maximum(known.sum(1), 1)
            mean = np.where(known.any(axis=1), mean, np.nan)
            values = np.column_stack([values, mean])
            names.append("average")
        if not np.isfinite(values).any():
            raise ValueError("recalls holds no figure: nothing to draw.")
        return systems, names, values

    def _write(
        self,
        ax: Axes,
        systems: list[str],
        values: np.ndarray,
        spreads: Mapping[str, float],
    ) -> np.ndarray:
        best = np.nanmax(np.where(np.isfinite(values), values, -1), axis=0)
        middle = 0.75 * np.nanmax(values)
        text = np.empty(values.shape, dtype=object)
        for (i, j), value in np.ndenumerate(values):
            shown = "" if np.isnan(value) else f"{100 * value:.1f}"
            last = self.average and j == values.shape[1] - 1
            if last and systems[i] in spreads:
                shown += f"\n± {100 * spreads[systems[i]]:.1f}"
            text[i, j] = ax.text(
                j, i, shown, ha="center", va="center",
                fontsize=6.5 if "\n" in shown else 8, linespacing=0.95,
                color="white" if value > middle else INK,
                fontweight="bold" if value == best[j] and len(systems) > 1 else None,
            )  # fmt: skip
        return text
