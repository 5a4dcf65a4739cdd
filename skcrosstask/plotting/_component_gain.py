"""What sharing brings, component by component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

import numpy as np

from skcrosstask.plotting._axes import add_note, one_axes, root_figure
from skcrosstask.plotting._style import INK, MUTED, PALETTE, check_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ComponentGainDisplay"]


class ComponentGainDisplay:
    """Bars of the gain in recall from sharing: the best components and the worst.

    Parameters
    ----------
    gains : mapping of str to float
        Gain in recall by component, from -1 to 1; nan is left out.
    counts : mapping of str to int, optional
        Number of steps that hold each component, written beside its bar.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, once plotted.
    ax_ : matplotlib Axes
        The axes, once plotted.
    bars_ : matplotlib BarContainer
        The bars, best first, once plotted.

    References
    ----------
    Zhukov et al., CVPR 2019, figure 5.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skcrosstask.plotting import ComponentGainDisplay
    >>> display = ComponentGainDisplay({"pour": 0.12, "jack": -0.03}).plot()
    >>> [round(bar.get_width()) for bar in display.bars_]
    [12, -3]
    >>> plt.close(display.figure_)
    """

    def __init__(
        self, gains: Mapping[str, float], counts: Mapping[str, int] | None = None
    ):
        self.gains = gains
        self.counts = counts

    def plot(
        self,
        ax: Axes | None = None,
        *,
        n_shown: int = 12,
        title: str | None = None,
        note: str = "",
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; by default in a new figure.
        n_shown : int, default=12
            How many of the best components, and how many of the worst.
        title : str, optional
            Heading of the axes.
        note : str, default=""
            Small text at the foot of the figure.

        Returns
        -------
        ComponentGainDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If no gain is known, or ``n_shown`` is below 1.
        """
        check_matplotlib(type(self).__name__)
        if n_shown < 1:
            raise ValueError(f"n_shown must be at least 1, got {n_shown}.")
        known = {name: gain for name, gain in self.gains.items() if np.isfinite(gain)}
        if not known:
            raise ValueError("gains holds no figure: nothing to draw.")
        ranked = sorted(known, key=lambda name: -known[name])
        if len(ranked) > 2 * n_shown:
            ranked = [*ranked[:n_shown], *ranked[-n_shown:]]
        points = np.array([100 * known[name] for name in ranked])
        ax = one_axes(ax, 5.2, 0.2 * len(ranked) + 1.0)
        self.ax_, self.figure_ = ax, root_figure(ax)
        colours = [PALETTE[0] if point >= 0 else PALETTE[8] for point in points]
        self.bars_ = ax.barh(range(len(ranked)), points, color=colours, height=0.7)
        labels = [self._label(*pair) for pair in zip(ranked, points, strict=True)]
        ax.bar_label(self.bars_, labels, padding=3, fontsize=7, color=MUTED)
        ax.set_yticks(range(len(ranked)), ranked, fontsize=8, color=INK)
        ax.invert_yaxis()
        ax.margins(x=0.18, y=0.01)
        ax.axvline(0, color=INK, linewidth=0.8)
        if len(known) > len(ranked):
            ax.axhline(n_shown - 0.5, color=MUTED, linestyle=":", linewidth=1)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel("gain in recall from sharing, points", fontsize=9, color=INK)
        ax.spines[["top", "right", "left"]].set_visible(False)
        if title:
            ax.set_title(title, loc="left", fontsize=11, fontweight="bold", color=INK)
        add_note(self.figure_, note)
        return self

    def _label(self, name: str, points: float) -> str:
        label = f"{points:+.1f}"
        if self.counts is not None and name in self.counts:
            number = self.counts[name]
            label += f"  ({number} step{'' if number == 1 else 's'})"
        return label
