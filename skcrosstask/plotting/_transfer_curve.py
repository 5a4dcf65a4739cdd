"""Recall on unseen tasks against the number of training tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask.plotting._axes import (
    add_heading,
    add_note,
    add_text,
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

__all__ = ["TransferCurveDisplay"]


class TransferCurveDisplay:
    """Curve of recall against the number of training tasks, with its spread.

    Parameters
    ----------
    n_tasks : sequence of int
        Numbers of training tasks, whole and ascending.
    recalls : array-like of shape (n_numbers,) or (n_numbers, n_splits)
        Recall from 0 to 1. The line is the mean over splits, the band one standard
        deviation to both sides.
    references : mapping of str to float, optional
        Recalls to draw as level lines, by name.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, once plotted.
    ax_ : matplotlib Axes
        The axes, once plotted.
    line_ : matplotlib Line2D
        The curve, once plotted.

    References
    ----------
    Zhukov et al., CVPR 2019, figure 7.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skcrosstask.plotting import TransferCurveDisplay
    >>> recalls = [[0.1, 0.12], [0.15, 0.13], [0.17, 0.18]]
    >>> display = TransferCurveDisplay([1, 10, 65], recalls, {"uniform": 0.1}).plot()
    >>> display.line_.get_ydata().round(3).tolist()
    [0.11, 0.14, 0.175]
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        n_tasks: Sequence[int],
        recalls: ArrayLike,
        references: Mapping[str, float] | None = None,
    ):
        self.n_tasks = n_tasks
        self.recalls = recalls
        self.references = references

    def plot(
        self, ax: Axes | None = None, *, title: str | None = None, note: str = ""
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; by default in a new figure. Make your own with
            ``layout="constrained"``, so that no text is cut off.
        title : str, optional
            Heading of the axes.
        note : str, default=""
            Small text at the foot of the figure.

        Returns
        -------
        TransferCurveDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there is no number, numbers do not ascend, a recall is not from 0 to
            1, or shapes do not fit.
        """
        check_matplotlib(type(self).__name__)
        from matplotlib.ticker import MaxNLocator

        numbers, recalls = self._check()
        ax = one_axes(ax, 6.4, 3.8)
        self.ax_, self.figure_ = ax, root_figure(ax)
        mean, std = recalls.mean(axis=1), recalls.std(axis=1)
        ax.fill_between(
            numbers, mean - std, mean + std, color=PALETTE[0], alpha=0.18, linewidth=0
        )
        (self.line_,) = ax.plot(
            numbers, mean, color=PALETTE[0], marker="o", markersize=4, linewidth=1.8
        )
        highest = max([*(mean + std), *(self.references or {}).values(), 0.01])
        ax.set_ylim(0, 1.12 * highest)
        ax.set_xlim(0, 1.03 * numbers[-1])
        ax.xaxis.set_major_locator(
            MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1)
        )
        self._refer(ax)
        ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}")
        ax.set_xlabel("training tasks", color=INK)
        ax.set_ylabel("recall, %", color=INK)
        ax.spines[["top", "right"]].set_visible(False)
        add_heading(ax, title)
        add_note(self.figure_, note)
        return self

    def _refer(self, ax: Axes) -> None:
        """Level lines, with their names to the right."""
        references = sorted((self.references or {}).items(), key=lambda pair: pair[1])
        high = ax.get_ylim()[1]
        # Names are a line of text apart.
        gap = min(0.17 / inches(ax)[1], 0.2) * high
        places = spread([value for _, value in references], gap, 0.0, high)
        for (name, value), place in zip(references, places, strict=True):
            ax.axhline(value, color=MUTED, linestyle=(0, (4, 3)), linewidth=1)
            style: Style = {"va": "center", "xycoords": ax.get_yaxis_transform()}
            add_text(ax, f"{name} {100 * value:.1f}", (1.01, place), **style)

    def _check(self) -> tuple[np.ndarray, np.ndarray]:
        numbers = np.asarray(self.n_tasks)
        recalls = np.asarray(self.recalls, dtype=np.float64)
        if numbers.ndim != 1 or not len(numbers):
            raise ValueError(f"n_tasks must be numbers, got {self.n_tasks!r}.")
        steps = np.diff(numbers, prepend=0)
        if not ((steps > 0) & (numbers == np.round(numbers))).all():
            raise ValueError(
                f"n_tasks must be whole numbers from 1 that ascend, got "
                f"{self.n_tasks!r}."
            )
        if recalls.ndim == 1:
            recalls = recalls[:, None]
        if recalls.ndim != 2 or len(recalls) != len(numbers) or not recalls.size:
            raise ValueError(
                f"recalls must have shape ({len(numbers)}, n_splits), got "
                f"{np.shape(self.recalls)}."
            )
        levels = np.array(list((self.references or {}).values()), dtype=np.float64)
        for name, values in (("recalls", recalls), ("references", levels)):
            if not ((values >= 0) & (values <= 1)).all():
                raise ValueError(f"{name} must be from 0 to 1.")
        return numbers, recalls
