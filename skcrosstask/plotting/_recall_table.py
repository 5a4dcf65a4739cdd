"""Recall of several systems on several tasks, as a coloured table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from skcrosstask._input import PerVideo, TasksLike, VideosLike, read_videos
from skcrosstask.metrics import step_recall
from skcrosstask.metrics._checks import check_listed, check_mapping
from skcrosstask.plotting._axes import add_heading, add_note, one_axes, root_figure
from skcrosstask.plotting._style import INK, Style, check_matplotlib, ink_on

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

__all__ = ["RecallTableDisplay"]

_CELL_WIDTH, _CELL_HEIGHT = 0.46, 0.34  # in inches
_LETTER, _BAR_WIDTH = 0.075, 0.6


class RecallTableDisplay:
    """Table of recalls, a row per system and a column per task, coloured by size.

    The best figure of each column is in bold, as are those that round to it. A last
    column has the mean over the tasks that are known of a system.

    It is recommended to use
    :meth:`~skcrosstask.plotting.RecallTableDisplay.from_estimators` or
    :meth:`~skcrosstask.plotting.RecallTableDisplay.from_predictions`, unless recalls
    are at hand.

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
    bounds : collection of str, default=()
        Systems which are no competitors, for they were given the truth. They are set
        apart, are never in bold, and do not stretch the colours.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, once plotted.
    ax_ : matplotlib Axes
        The axes, once plotted.
    text_ : ndarray of shape (n_systems, n_columns) of matplotlib Text
        The figures, once plotted.

    See Also
    --------
    skcrosstask.metrics.step_recall : The recall, by task where ``average=None``.

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
        bounds: Collection[str] = (),
    ):
        self.recalls = recalls
        self.spreads = spreads
        self.titles = titles
        self.average = average
        self.bounds = bounds

    @classmethod
    def from_estimators(
        cls,
        estimators: Mapping[str, BaseEstimator],
        videos: VideosLike,
        y: TasksLike | None = None,
        *,
        average: bool = True,
        bounds: Collection[str] = (),
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Predict with fitted estimators, and draw their recalls.

        Parameters
        ----------
        estimators : mapping of str to fitted estimator
            By system.
        videos : sequence of Video
            Test videos; those without annotation are left out.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task per video, by default each video's own.
        average : bool, default=True
            Whether to add the mean over tasks.
        bounds : collection of str, default=()
            Systems which were given the truth.
        ax : matplotlib Axes, optional
            As for `plot`.
        **kwargs : dict
            Passed on to `plot`.

        Returns
        -------
        RecallTableDisplay

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from skcrosstask.baselines import RandomOrderBaseline, UniformBaseline
        >>> from skcrosstask.datasets import make_instructional_videos
        >>> from skcrosstask.plotting import RecallTableDisplay
        >>> videos, _ = make_instructional_videos(n_videos=4, random_state=0)
        >>> systems = {"even": UniformBaseline(), "random": RandomOrderBaseline()}
        >>> display = RecallTableDisplay.from_estimators(systems, videos)
        >>> list(display.recalls)
        ['even', 'random']
        >>> plt.close(display.figure_)
        """
        check_matplotlib(cls.__name__)
        check_mapping(estimators, "estimators", "systems to fitted estimators")
        videos, tasks = read_videos(videos, y)
        predictions = {
            system: estimator.predict(videos, tasks)
            for system, estimator in estimators.items()
        }
        return cls.from_predictions(
            videos, predictions, tasks, average=average, bounds=bounds, ax=ax, **kwargs
        )

    @classmethod
    def from_predictions(
        cls,
        videos: VideosLike,
        predictions: Mapping[str, PerVideo],
        y: TasksLike | None = None,
        *,
        average: bool = True,
        bounds: Collection[str] = (),
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the recalls of predictions that are at hand.

        Parameters
        ----------
        videos : sequence of Video
            Test videos; those without annotation are left out.
        predictions : mapping of str to sequence of array-like of int of shape (K_i,)
            By system, as `predict` returns them.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task per video, by default each video's own.
        average : bool, default=True
            Whether to add the mean over tasks.
        bounds : collection of str, default=()
            Systems which were given the truth.
        ax : matplotlib Axes, optional
            As for `plot`.
        **kwargs : dict
            Passed on to `plot`.

        Returns
        -------
        RecallTableDisplay

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from skcrosstask.baselines import UniformBaseline
        >>> from skcrosstask.datasets import make_instructional_videos
        >>> from skcrosstask.plotting import RecallTableDisplay
        >>> videos, _ = make_instructional_videos(n_videos=4, random_state=0)
        >>> times = {"even": UniformBaseline().predict(videos)}
        >>> display = RecallTableDisplay.from_predictions(videos, times)
        >>> list(display.recalls)
        ['even']
        >>> plt.close(display.figure_)
        """
        check_matplotlib(cls.__name__)
        check_mapping(predictions, "predictions", "systems to predicted times")
        videos, tasks = read_videos(videos, y)
        truth, rates = [v.annotation for v in videos], [v.rate for v in videos]
        recalls = {
            system: step_recall(truth, times, tasks, rates=rates, average=None)
            for system, times in predictions.items()
        }
        titles = {task.name: task.title or task.name for task in tasks}
        # Tasks as the videos have them, not as recalls sort them.
        recalls = {
            system: {task: row[task] for task in titles if task in row}
            for system, row in recalls.items()
        }
        display = cls(recalls, titles=titles, average=average, bounds=bounds)
        return display.plot(ax, **kwargs)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        title: str | None = None,
        note: str = "",
        scale: str = "table",
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
        scale : {"table", "rows"}, default="table"
            Whether all figures have one scale of colours, with a colour bar, or each
            row has its own, from its least to its greatest figure. Take the second
            where rows are unlike quantities; it has no colour bar.

        Returns
        -------
        RecallTableDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If ``recalls`` is not a mapping, or ``bounds`` is a str.
        ValueError
            If there is nothing to draw, a recall is not from 0 to 1, a system of
            ``spreads`` or ``bounds`` is not in ``recalls``, or ``scale`` is unknown.
        """
        check_matplotlib(type(self).__name__)
        if scale not in ("table", "rows"):
            raise ValueError(f"scale must be 'table' or 'rows', got {scale!r}.")
        systems, columns, values = self._values()
        width, height = self._size(systems, columns, title)
        ax = one_axes(ax, width - _BAR_WIDTH * (scale == "rows"), height)
        self.ax_, self.figure_ = ax, root_figure(ax)
        competing = np.array([system not in self.bounds for system in systems])
        image = (_colour_all if scale == "table" else _colour_rows)(ax, values)
        slant: Style = {"rotation": 40, "rotation_mode": "anchor"}
        ax.set_xticks(range(len(columns)), columns, ha="left", va="bottom", **slant)
        ax.xaxis.tick_top()
        ax.set_yticks(range(len(systems)), systems)
        ax.tick_params(length=0, labelsize=8, labelcolor=INK)
        ax.spines[:].set_visible(False)
        if self.average:
            ax.axvline(len(columns) - 1.5, color="white", linewidth=3)
        for i, (above, below) in enumerate(pairwise(competing)):
            if above != below:
                ax.axhline(i + 0.5, color="white", linewidth=3)
        self.text_ = self._write(image, systems, values, competing)
        add_heading(ax, title)
        add_note(self.figure_, note)
        return self

    def _size(
        self, systems: list[str], columns: list[str], title: str | None
    ) -> tuple[float, float]:
        """Width and height of a new figure."""
        margin = _LETTER * max(len(name) for name in systems) + 0.9
        width = margin + _CELL_WIDTH * len(columns) + _BAR_WIDTH
        # The letters of a title are larger.
        width = max(width, 2.4, margin + 1.1 * _LETTER * len(title or ""))
        names = 0.75 * _LETTER * max(len(name) for name in columns)
        height = _CELL_HEIGHT * len(systems) + names + 0.6 + 0.3 * bool(title)
        return width, height

    def _values(self) -> tuple[list[str], list[str], np.ndarray]:
        check_mapping(self.recalls, "recalls", "systems to recalls by task")
        check_listed(self.bounds, "bounds", "systems")
        systems = list(self.recalls)
        for field in ("spreads", "bounds"):
            for system in getattr(self, field) or ():
                if system not in self.recalls:
                    raise ValueError(f"{field}: {system!r} is not in recalls.")
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
        image: AxesImage,
        systems: list[str],
        values: np.ndarray,
        competing: np.ndarray,
    ) -> np.ndarray:
        from matplotlib.colors import to_hex

        spreads = self.spreads or {}
        # As written, so that equal figures share the bold.
        figures = np.array([[f"{100 * x:.1f}" for x in row] for row in values])
        known = np.isfinite(values) & competing[:, None]
        ranked = np.where(known, figures.astype(np.float64), -1)
        # Nothing is best where there is nothing to compare it with.
        is_best = (ranked == ranked.max(axis=0)) & ((ranked >= 0).sum(axis=0) > 1)
        colours = image.to_rgba(np.ma.asarray(image.get_array()))
        text = np.empty(values.shape, dtype=object)
        for (i, j), value in np.ndenumerate(values):
            shown = "" if np.isnan(value) else str(figures[i, j])
            last = self.average and j == values.shape[1] - 1
            if last and systems[i] in spreads:
                shown += f"\n± {100 * spreads[systems[i]]:.1f}"
            style: Style = {
                "fontsize": 6.5 if "\n" in shown else 8,
                "linespacing": 0.95,
            }
            style["color"] = ink_on(to_hex(colours[i, j].tolist()))
            style["fontweight"] = "bold" if is_best[i, j] else None
            text[i, j] = image.axes.text(j, i, shown, ha="center", va="center", **style)
        return text


def _colour_all(ax: Axes, values: np.ndarray) -> AxesImage:
    """Colours on one scale, with a bar that says what they mean."""
    from matplotlib.colors import PowerNorm

    top = np.max(values, initial=0.01, where=np.isfinite(values))
    # Low recalls are told apart although bounds, well above, are not cut off.
    norm = PowerNorm(0.7, vmin=0, vmax=top)
    image = ax.imshow(values, cmap="Blues", norm=norm, aspect="auto")
    bar = root_figure(ax).colorbar(image, ax=ax, aspect=30, pad=0.02, shrink=0.9)
    bar.ax.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f}")
    bar.ax.tick_params(length=0, labelsize=7, labelcolor=INK)
    bar.outline.set_visible(False)
    return image


def _colour_rows(ax: Axes, values: np.ndarray) -> AxesImage:
    """Colours that say where in the range of its row a figure lies."""
    known = np.isfinite(values)
    low = np.min(values, axis=1, keepdims=True, initial=1, where=known)
    high = np.max(values, axis=1, keepdims=True, initial=0, where=known)
    span = np.where(high > low, high - low, 1)
    shades = np.where(high > low, (values - low) / span, values - low + 0.5)
    # The least is still a cell, and the greatest leaves its figure readable.
    return ax.imshow(shades, cmap="Blues", vmin=-0.1, vmax=1.4, aspect="auto")
