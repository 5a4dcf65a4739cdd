"""What sharing brings, component by component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

import numpy as np

from skcrosstask.plotting._axes import (
    add_heading,
    add_note,
    add_text,
    inches,
    one_axes,
    root_figure,
)
from skcrosstask.plotting._style import INK, MUTED, PALETTE, Style, check_matplotlib

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
    text_ : list of matplotlib Text
        What is written beside them, once plotted.

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
            Where to draw; by default in a new figure. Make your own with
            ``layout="constrained"``, so that no text is cut off.
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
            If no gain is known, one is not from -1 to 1, or ``n_shown`` is below 1.
        """
        check_matplotlib(type(self).__name__)
        if n_shown < 1:
            raise ValueError(f"n_shown must be at least 1, got {n_shown}.")
        known = self._known()
        ranked = sorted(known, key=lambda name: -known[name])
        n_between = max(len(ranked) - 2 * n_shown, 0)
        if n_between:
            ranked = [*ranked[:n_shown], *ranked[-n_shown:]]
        points = np.array([100 * known[name] for name in ranked])
        ax = one_axes(ax, 5.2, 0.2 * len(ranked) + 1.0)
        self.ax_, self.figure_ = ax, root_figure(ax)
        colours = [PALETTE[0] if point >= 0 else PALETTE[8] for point in points]
        self.bars_ = ax.barh(range(len(ranked)), points, color=colours, height=0.7)
        labels = [self._label(*pair) for pair in zip(ranked, points, strict=True)]
        style: Style = {"fontsize": 7, "color": MUTED}
        self.text_ = ax.bar_label(self.bars_, labels, padding=3, **style)
        ax.set_yticks(range(len(ranked)), ranked, fontsize=8, color=INK)
        ax.invert_yaxis()
        ax.margins(y=0.01)
        ax.axvline(0, color=INK, linewidth=0.8)
        if n_between:
            self._divide(ax, n_shown - 0.5, n_between)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel("gain in recall from sharing, points", fontsize=9, color=INK)
        ax.spines[["top", "right", "left"]].set_visible(False)
        add_heading(ax, title)
        add_note(self.figure_, note)
        self._make_room(ax, points)
        return self

    def _known(self) -> dict[str, float]:
        known = {}
        for name, gain in self.gains.items():
            if not (np.isnan(gain) or -1 <= gain <= 1):
                raise ValueError(f"gains[{name!r}] must be from -1 to 1, got {gain}.")
            if np.isfinite(gain):
                known[name] = gain
        if not known:
            raise ValueError("gains holds no figure: nothing to draw.")
        return known

    def _divide(self, ax: Axes, place: float, n_between: int) -> None:
        """A line where components between the best and the worst are left out."""
        ax.axhline(place, color=MUTED, linestyle=":", linewidth=1)
        style: Style = {
            "va": "center",
            "fontsize": 7,
            "xycoords": ax.get_yaxis_transform(),
        }
        add_text(ax, f"{n_between} more", (1.0, place), (2, 0), **style)

    def _make_room(self, ax: Axes, points: np.ndarray) -> None:
        """Widen the axis until what is beside the bars is within the axes."""
        ends = np.array([points.min(initial=0), points.max(initial=0)])
        # Where all is zero there is still an axis.
        ends[1] += 1e-3 * (ends[0] == ends[1])
        width = inches(ax)[0] * root_figure(ax).dpi
        taken = np.zeros(2)
        for text, value in zip(self.text_, points, strict=True):
            side = int(value >= 0)
            room = min(text.get_window_extent().width + 8, 0.4 * width)
            # The part of the axis beyond this bar's end.
            taken[side] = max(taken[side], room / width)
        span = (ends[1] - ends[0]) / (1 - taken.sum())
        ax.set_xlim(ends[0] - taken[0] * span, ends[1] + taken[1] * span)

    def _label(self, name: str, points: float) -> str:
        # A minus as long as a plus, as on the axis.
        label = f"{points:+.1f}".replace("-", "\N{MINUS SIGN}")
        if self.counts is not None and name in self.counts:
            number = self.counts[name]
            label += f"  ({number} step{'' if number == 1 else 's'})"
        return label
