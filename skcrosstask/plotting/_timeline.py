"""Predictions beside the truth, a band a video."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator

from skcrosstask._data import Task, Video
from skcrosstask._input import PerVideo, TasksLike, VideosLike, read_videos
from skcrosstask.metrics import frame_accuracy, frame_labels, step_recall
from skcrosstask.plotting._axes import (
    add_note,
    is_constrained,
    new_axes,
    refuse_title,
    root_figure,
    take_axes,
)
from skcrosstask.plotting._bands import LANES, Band, draw_band, draw_heads, fit_name
from skcrosstask.plotting._frames import (
    FRAME_HEIGHT,
    Frames,
    draw_frames,
    place_frames,
    read_frames,
)
from skcrosstask.plotting._legend import (
    LINE,
    add_legend,
    in_columns,
    legend_entries,
    legend_width,
)
from skcrosstask.plotting._style import INK, check_matplotlib, step_colours

if TYPE_CHECKING:
    from matplotlib.legend import Legend

    from skcrosstask.plotting._axes import AxesLike

__all__ = ["StepTimelineDisplay"]


class StepTimelineDisplay:
    """Timelines of videos: truth, predictions, posteriors and windows.

    A band a video. Each step has a colour, the same in all bands, and its number in
    its task. True segments are filled bars; a pin goes from each predicted time to a
    numbered marker, filled where the time lies in a true segment and hollow where
    it does not; posteriors are hills above; windows are outlined strips below.

    Each hill is as high as its lane, so that one sees where the mass is. How much of
    it is at the peak is told by opacity: the peak's probability, relative to that of
    the video's most peaked step. Faint hills are doubtful or long steps.

    It is recommended to use
    :meth:`~skcrosstask.plotting.StepTimelineDisplay.from_estimator` or
    :meth:`~skcrosstask.plotting.StepTimelineDisplay.from_predictions`.

    Parameters
    ----------
    videos : sequence of Video
        The videos; annotation and windows are drawn where there are any.
    tasks : sequence of Task
        One per video.
    predictions : sequence of array-like of int of shape (K_i,), optional
        Predicted time unit of each step; -1 for none.
    proba : sequence of array-like of shape (T_i, K_i), optional
        Posterior of each step's time.
    segments : sequence of array-like of int of shape (T_i,), optional
        Predicted step of each time unit; -1 for background.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, once plotted.
    axes_ : ndarray of shape (n_videos,) of matplotlib Axes
        One axes a video, once plotted.
    legend_ : matplotlib Legend or None
        Names of the steps, once plotted.

    See Also
    --------
    skcrosstask.metrics.step_recall : The recall in the title.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skcrosstask import WeaklySupervisedStepEstimator
    >>> from skcrosstask.datasets import make_instructional_videos
    >>> from skcrosstask.plotting import StepTimelineDisplay
    >>> videos, tasks = make_instructional_videos(n_videos=4, random_state=0)
    >>> est = WeaklySupervisedStepEstimator(random_state=0).fit(videos, tasks)
    >>> display = StepTimelineDisplay.from_estimator(est, videos[:3])
    >>> len(display.axes_)
    3
    >>> plt.close(display.figure_)
    >>> plt.close(display.plot(windows=False).figure_)
    """

    def __init__(
        self,
        videos: Sequence[Video],
        tasks: Sequence[Task],
        predictions: PerVideo | None = None,
        *,
        proba: PerVideo | None = None,
        segments: PerVideo | None = None,
    ):
        self.videos = videos
        self.tasks = tasks
        self.predictions = predictions
        self.proba = proba
        self.segments = segments

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        videos: VideosLike,
        y: TasksLike | None = None,
        *,
        posterior: bool = True,
        ax: AxesLike | None = None,
        **kwargs: Any,
    ) -> Self:
        """Predict with a fitted estimator, and draw.

        Parameters
        ----------
        estimator : fitted estimator
            With `predict`.
        videos : sequence of Video or of (T, D) arrays
            Videos, best up to six.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task per video, by default each video's own.
        posterior : bool, default=True
            Whether to draw posteriors, where the estimator has `predict_proba`.
        ax : matplotlib Axes, or sequence of them, optional
            As for `plot`.
        **kwargs : dict
            Passed on to `plot`.

        Returns
        -------
        StepTimelineDisplay
        """
        check_matplotlib(cls.__name__)
        videos, tasks = read_videos(videos, y)
        predictions = estimator.predict(videos, tasks)
        proba = None
        if posterior and hasattr(estimator, "predict_proba"):
            proba = estimator.predict_proba(videos, tasks)
        return cls(videos, tasks, predictions, proba=proba).plot(ax, **kwargs)

    @classmethod
    def from_predictions(
        cls,
        videos: VideosLike,
        predictions: PerVideo | None = None,
        y: TasksLike | None = None,
        *,
        proba: PerVideo | None = None,
        segments: PerVideo | None = None,
        ax: AxesLike | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw predictions that are at hand.

        Parameters
        ----------
        videos : sequence of Video or of (T, D) arrays
            Videos, best up to six.
        predictions : sequence of array-like of int of shape (K_i,), optional
            As `predict` returns them.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task per video, by default each video's own.
        proba : sequence of array-like of shape (T_i, K_i), optional
            As `predict_proba` returns it.
        segments : sequence of array-like of int of shape (T_i,), optional
            As `predict_segments` returns them.
        ax : matplotlib Axes, or sequence of them, optional
            As for `plot`.
        **kwargs : dict
            Passed on to `plot`.

        Returns
        -------
        StepTimelineDisplay

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from skcrosstask.baselines import UniformBaseline
        >>> from skcrosstask.datasets import make_instructional_videos
        >>> from skcrosstask.plotting import StepTimelineDisplay
        >>> videos, _ = make_instructional_videos(n_videos=2, random_state=0)
        >>> times = UniformBaseline().predict(videos)
        >>> display = StepTimelineDisplay.from_predictions(videos[:2], times[:2])
        >>> len(display.axes_)
        2
        >>> plt.close(display.figure_)
        """
        check_matplotlib(cls.__name__)
        videos, tasks = read_videos(videos, y)
        display = cls(videos, tasks, predictions, proba=proba, segments=segments)
        return display.plot(ax, **kwargs)

    def plot(
        self,
        ax: AxesLike | None = None,
        *,
        legend: bool = True,
        windows: bool = True,
        title: str | None = None,
        frames: Frames | None = None,
        note: str = "",
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, or sequence of them, optional
            One Axes, which is divided into a band a video, or one Axes a video. By
            default a new figure. Make your own with ``layout="constrained"``, so that
            there is room for the legend, which stands to the right.
        legend : bool, default=True
            Whether to name the steps, to the right of the bands.
        windows : bool, default=True
            Whether to draw windows.
        title : str, optional
            Of a new figure; by default the score. An empty string leaves it out.
            A figure of given axes has its own ``suptitle``, so it is refused.
        frames : callable, optional
            ``frames(video, t)`` returns the image at time unit ``t`` as an array, or
            None. Images are drawn below each band, as near to the predicted times
            as they can stand side by side, with the numbers of their steps.
        note : str, default=""
            Small text at the foot of the figure.

        Returns
        -------
        StepTimelineDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a number of predictions or of axes, or a shape, does not fit, or an
            image is not one, or given axes get a title.
        """
        check_matplotlib(type(self).__name__)
        refuse_title(ax, title)
        bands = self._bands()
        images = [read_frames(band, frames) for band in bands]
        lanes = _join_lanes(bands, windows)
        colours = step_colours([band.task for band in bands])
        entries = legend_entries(bands, colours) if legend else []
        below = FRAME_HEIGHT + 0.1 if any(images) else 0.0
        n_columns = self._open(ax, lanes, entries, below)
        texts = []
        for axes, band in zip(self.axes_, bands, strict=True):
            texts.append(draw_band(axes, band, lanes, colours))
            axes.set_xlim(0, max(band.duration for band in bands))
            if axes is not self.axes_[-1]:
                axes.tick_params(axis="x", length=0, labelbottom=False)
        self.axes_[-1].set_xlabel("time (s)", fontsize=9, color=INK)
        if ax is None:
            self._head(_score_title(bands) if title is None else title)
        self.legend_ = None
        if legend:
            self.legend_ = self._name_steps(ax, entries, n_columns)
        hues = [[colours[step] for step in band.task.steps] for band in bands]
        drawn = [
            draw_frames(*parts) for parts in zip(self.axes_, images, hues, strict=True)
        ]
        add_note(self.figure_, note)
        # The layout settles the width that heads and titles have to share.
        root_figure(self.axes_[0]).draw_without_rendering()
        for axes, band, text in zip(self.axes_, bands, texts, strict=True):
            draw_heads(axes, band, lanes, colours)
            fit_name(axes, band, *text)
        units = [band.unit for band in bands]
        for parts in zip(self.axes_, images, drawn, hues, units, strict=True):
            place_frames(*parts)
        return self

    def _name_steps(self, ax: AxesLike | None, entries: list, n_columns: int) -> Legend:
        """The legend, of the figure where its layout makes room for one."""
        if ax is None:
            return add_legend(self.figure_, entries, n_columns)
        if np.size(np.asarray(ax, dtype=object)) > 1 and is_constrained(self.axes_[0]):
            width, height = self.figure_.bbox.size / root_figure(self.axes_[0]).dpi
            fitting = max(int(0.6 * width / legend_width(entries)), 1)
            needed = ceil(len(entries) * LINE / (height - 0.3))
            return add_legend(self.figure_, entries, min(needed, fitting))
        legend = add_legend(self.axes_[0], entries, n_columns)
        # A long one must not push the next band down.
        legend.set_in_layout(len(self.axes_) == 1)
        return legend

    def _head(self, title: str) -> None:
        if title:
            self.figure_.suptitle(
                title, x=0.01, ha="left", fontsize=11, fontweight="bold", color=INK
            )

    def _open(
        self, ax: AxesLike | None, lanes: dict[str, float], entries: list, below: float
    ) -> int:
        """Set figure and axes; return the number of columns of the legend."""
        n_videos, margin = len(self.videos), legend_width(entries) if entries else 0.2
        if ax is None:
            band = sum(lanes.values()) + 0.06 * len(lanes) + 0.35 + below
            height = max(n_videos * band + 0.9, 2.2)
            n_columns = _n_columns(entries, height - 0.3)
            self.axes_ = new_axes(n_videos, height, n_columns * margin)
        else:
            n_columns = 1
            self.axes_ = take_axes(ax, n_videos, margin)
        self.figure_ = self.axes_[0].figure
        return n_columns

    def _bands(self) -> list[Band]:
        videos, tasks = read_videos(self.videos, self.tasks)
        bands = [
            Band(video, task, video.shape[0])
            for video, task in zip(videos, tasks, strict=True)
        ]
        fields = {
            "times": ("predictions", self.predictions),
            "proba": ("proba", self.proba),
            "segments": ("segments", self.segments),
        }
        for field, (name, values) in fields.items():
            if values is None:
                continue
            if len(values) != len(bands):
                raise ValueError(f"{len(bands)} videos, but {len(values)} {name}.")
            for i, (band, value) in enumerate(zip(bands, values, strict=True)):
                setattr(band, field, _check(band, field, value, f"{name}[{i}]"))
        return bands


def _score_title(bands: Sequence[Band]) -> str:
    """Scores of what was predicted of annotated videos."""
    known = [band for band in bands if band.video.annotation is not None]
    truth = [band.video.annotation for band in known]
    n_present = sum(len(rows) for rows in truth if rows is not None)
    times = [band.times for band in known if band.times is not None]
    labels = [band.segments for band in known if band.segments is not None]
    parts = []
    if times and n_present:
        tasks, rates = [b.task for b in known], [b.video.rate for b in known]
        recall = step_recall(truth, times, tasks, rates=rates)
        parts.append(f"Step recall {recall:.2f}")
    if labels:
        true_labels = [
            frame_labels(b.video.annotation, b.n_units, rate=b.video.rate)
            for b in known
        ]
        parts.append(f"Frame accuracy {frame_accuracy(true_labels, labels):.2f}")
    return ", ".join(parts)


def _check(band: Band, field: str, value: ArrayLike, name: str) -> np.ndarray:
    n_units, n_steps = band.n_units, len(band.task.steps)
    shape, last = {
        "times": ((n_steps,), n_units - 1),
        "proba": ((n_units, n_steps), np.inf),
        "segments": ((n_units,), n_steps - 1),
    }[field]
    value = np.asarray(value)
    if value.shape != shape:
        raise ValueError(
            f"{band.video}: {name} must have shape {shape}, got {value.shape}."
        )
    if field == "proba":
        if not (np.isfinite(value) & (value >= 0)).all():
            raise ValueError(f"{band.video}: {name} must be finite and at least 0.")
    elif not np.isin(value, np.arange(-1, last + 1)).all():
        raise ValueError(
            f"{band.video}: {name} must be whole numbers from -1 to {last}."
        )
    return value if field == "proba" else value.astype(np.int64)


def _n_columns(entries: list, height: float) -> int:
    """How many columns of a legend fit into so many inches."""
    n_columns = max(ceil(len(entries) * LINE / height), 1)
    # Whole tasks stand in a column, which may take one more.
    tallest = len(in_columns(entries, n_columns)) / n_columns if entries else 0
    return n_columns + (n_columns > 1 and tallest * LINE > height)


def _join_lanes(bands: Sequence[Band], windows: bool) -> dict[str, float]:
    """Lanes that some band needs, in order, at their greatest height."""
    lanes: dict[str, float] = {}
    for name in (*LANES, "windows"):
        heights = [band.lanes[name] for band in bands if name in band.lanes]
        if heights and (name != "windows" or windows):
            lanes[name] = max(heights)
    return lanes or {"truth": LANES["truth"]}
