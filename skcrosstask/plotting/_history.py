"""The objective over the epochs of a fit."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from skcrosstask.plotting._axes import add_note, add_text, root_figure
from skcrosstask.plotting._style import FAINT, INK, PALETTE, Style, check_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["HistoryDisplay"]

_NAMES = {
    "init": "random placements",
    "align": "alternation",
    "supervised": "annotated units",
    "refine": "Adam",
}


class HistoryDisplay:
    """Objective of each epoch, phase by phase.

    It is recommended to use
    :meth:`~skcrosstask.plotting.HistoryDisplay.from_estimator`.

    Parameters
    ----------
    history : sequence of dict
        An estimator's ``history_``: phase and objective of each epoch.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, once plotted.
    ax_ : matplotlib Axes
        The axes, once plotted.
    line_ : matplotlib Line2D
        The objective, once plotted.

    See Also
    --------
    StepTimelineDisplay : What the fit has found.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skcrosstask import WeaklySupervisedStepEstimator
    >>> from skcrosstask.datasets import make_instructional_videos
    >>> from skcrosstask.plotting import HistoryDisplay
    >>> videos, tasks = make_instructional_videos(n_videos=4, random_state=0)
    >>> est = WeaklySupervisedStepEstimator(random_state=0).fit(videos, tasks)
    >>> display = HistoryDisplay.from_estimator(est)
    >>> len(display.line_.get_xdata()) == est.n_iter_
    True
    >>> plt.close(display.figure_)
    >>> plt.close(HistoryDisplay(est.history_).plot().figure_)
    """

    def __init__(self, history: Sequence[dict]):
        self.history = history

    @classmethod
    def from_estimator(
        cls, estimator: BaseEstimator, *, ax: Axes | None = None
    ) -> Self:
        """Draw the history of a fitted estimator.

        Parameters
        ----------
        estimator : fitted estimator
            With ``history_``.
        ax : matplotlib Axes, optional
            As for `plot`.

        Returns
        -------
        HistoryDisplay

        Raises
        ------
        NotFittedError
            If the estimator is not fitted.
        TypeError
            If it has no ``history_``.
        """
        check_matplotlib(cls.__name__)
        check_is_fitted(estimator)
        if not hasattr(estimator, "history_"):
            raise TypeError(
                f"{type(estimator).__name__} has no history_: "
                "it is not fitted in epochs."
            )
        return cls(estimator.history_).plot(ax)

    def plot(self, ax: Axes | None = None, *, note: str = "") -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; by default in a new figure. Make your own with
            ``layout="constrained"``, so that no text is cut off.
        note : str, default=""
            Small text at the foot of the figure.

        Returns
        -------
        HistoryDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the history has no epoch.
        """
        check_matplotlib(type(self).__name__)
        from matplotlib.ticker import MaxNLocator

        if not len(self.history):
            raise ValueError("The history has no epoch: nothing to draw.")
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
        self.figure_, self.ax_ = root_figure(ax), ax
        objective = [entry["objective"] for entry in self.history]
        epochs = np.arange(1, len(objective) + 1)
        dots: Style = {"marker": "o", "markersize": 3 if len(epochs) <= 100 else 0}
        style: Style = {"color": PALETTE[0], "linewidth": 1.6}
        (self.line_,) = ax.plot(epochs, objective, **style, **dots)
        self._shade(ax)
        ax.set_xlim(0.5, len(epochs) + 0.5)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.set_xlabel("epoch", color=INK)
        ax.set_ylabel("objective", color=INK)
        ax.spines[["top", "right"]].set_visible(False)
        add_note(self.figure_, note)
        return self

    def _shade(self, ax: Axes) -> None:
        """A band and a name for each phase, every other one shaded."""
        start = 0.5
        phases = groupby(entry["phase"] for entry in self.history)
        for i, (phase, entries) in enumerate(phases):
            stop = start + len(list(entries))
            if i % 2 == 0:
                ax.axvspan(start, stop, color=FAINT, linewidth=0, zorder=0)
            place, name = ((start + stop) / 2, 1.0), _NAMES.get(phase, phase)
            style: Style = {"ha": "center", "va": "bottom"}
            style["xycoords"] = ax.get_xaxis_transform()
            add_text(ax, name, place, (0, 4), **style)
            start = stop
