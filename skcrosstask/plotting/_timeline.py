"""Predictions beside the truth, a band a video."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from skcrosstask._base import read_videos
from skcrosstask.metrics import frame_accuracy, frame_labels, step_recall
from skcrosstask.plotting._bands import LANES, Band, draw_band, draw_heads
from skcrosstask.plotting._legend import LINE, add_legend, legend_entries
from skcrosstask.plotting._style import INK, check_matplotlib, step_colours

__all__ = ["StepTimelineDisplay"]

_INCHES = 7.2  # of the time axis


class StepTimelineDisplay:
    """Timelines of videos: truth, predictions, posteriors and windows.

    A band a video. Each step has a colour, the same in all bands, and its number in
    its task. True segments are filled bars; a pin goes from each predicted time to a
    numbered marker, filled where the time lies in a true segment and hollow where
    it does not; posteriors are hills above; windows are outlined strips below.

    It is recommended to use
    :meth:`~skcrosstask.plotting.StepTimelineDisplay.from_estimator` or
    :meth:`~skcrosstask.plotting.StepTimelineDisplay.from_predictions`.

    Parameters
    ----------
    videos : sequence of Video
        The videos; annotation and windows are drawn where there are any.
    tasks : sequence of Task
        One a video.
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
    """

    def __init__(self, videos, tasks, predictions=None, *, proba=None, segments=None):
        self.videos = videos
        self.tasks = tasks
        self.predictions = predictions
        self.proba = proba
        self.segments = segments

    @classmethod
    def from_estimator(
        cls, estimator, videos, y=None, *, posterior=True, ax=None, **kwargs
    ):
        """Predict with a fitted estimator, and draw.

        Parameters
        ----------
        estimator : fitted estimator
            With `predict`.
        videos : sequence of Video or of (T, D) arrays
            Videos, best up to six.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task a video, by default each video's own.
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
        videos,
        predictions=None,
        y=None,
        *,
        proba=None,
        segments=None,
        ax=None,
        **kwargs,
    ):
        """Draw predictions that are at hand.

        Parameters
        ----------
        videos : sequence of Video or of (T, D) arrays
            Videos, best up to six.
        predictions : sequence of array-like of int of shape (K_i,), optional
            As `predict` returns them.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task a video, by default each video's own.
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
        """
        check_matplotlib(cls.__name__)
        videos, tasks = read_videos(videos, y)
        display = cls(videos, tasks, predictions, proba=proba, segments=segments)
        return display.plot(ax, **kwargs)

    def plot(self, ax=None, *, unit=1.0, legend=True, windows=True, title=None):
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, or sequence of them, optional
            One Axes, which is divided into a band a video, or one Axes a video. By
            default a new figure.
        unit : float, default=1.0
            Seconds that a time unit lasts.
        legend : bool, default=True
            Whether to name the steps, to the right of the bands.
        windows : bool, default=True
            Whether to draw windows.
        title : str, optional
            Of a new figure; by default the score. An empty string leaves it out.

        Returns
        -------
        StepTimelineDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a number of predictions or of axes, or a shape, does not fit, or the
            unit is not positive.
        """
        check_matplotlib(type(self).__name__)
        if not unit > 0:
            raise ValueError(f"unit must be positive, got {unit!r}.")
        bands = self._bands()
        lanes = _join_lanes(bands, windows)
        colours = step_colours(self.tasks)
        entries = legend_entries(bands, colours) if legend else []
        n_columns = self._open(ax, lanes, len(entries))
        seconds = max(band.n_units for band in bands) * unit
        for axes, band in zip(self.axes_, bands, strict=True):
            draw_band(axes, band, lanes, colours, unit)
            axes.set_xlim(0, seconds)
            if axes is not self.axes_[-1]:
                axes.tick_params(axis="x", length=0, labelbottom=False)
        self.axes_[-1].set_xlabel("time (s)", fontsize=9, color=INK)
        if ax is None and title != "":
            self.figure_.suptitle(
                self._title() if title is None else title, x=0.01, ha="left",
                fontsize=11, fontweight="bold", color=INK,
            )  # fmt: skip
        self.legend_ = None
        if legend:
            owner = self.figure_ if ax is None else self.axes_[0]
            self.legend_ = add_legend(owner, entries, n_columns)
            # Within given axes, a long legend must not push the next band down.
            self.legend_.set_in_layout(ax is None or len(self.axes_) == 1)
        # The layout settles the width that the heads have to share.
        self.figure_.draw_without_rendering()
        for axes, band in zip(self.axes_, bands, strict=True):
            draw_heads(axes, band, lanes, colours, unit)
        return self

    def _bands(self) -> list[Band]:
        if not len(self.videos):
            raise ValueError("There is no video to draw.")
        bands = [
            Band(video, task, video.shape[0])
            for video, task in zip(self.videos, self.tasks, strict=True)
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
                setattr(band, field, _check_shape(band, field, value, f"{name}[{i}]"))
        return bands

    def _title(self) -> str:
        known = [i for i, v in enumerate(self.videos) if v.annotation is not None]
        truth = [self.videos[i].annotation for i in known]
        parts = []
        if sum(map(len, truth)) and self.predictions is not None:
            recall = step_recall(
                truth,
                [self.predictions[i] for i in known],
                [self.tasks[i] for i in known],
            )
            parts.append(f"Step recall {recall:.2f}")
        if known and self.segments is not None:
            labels = [frame_labels(v.annotation, v.shape[0]) for v in self.videos]
            accuracy = frame_accuracy(
                [labels[i] for i in known], [self.segments[i] for i in known]
            )
            parts.append(f"Frame accuracy {accuracy:.2f}")
        return ", ".join(parts) or "Predicted steps"

    def _open(self, ax, lanes, n_entries):
        """Set figure and axes; return the number of columns of the legend."""
        n_videos = len(self.videos)
        height = sum(lanes.values()) + 0.06 * len(lanes)
        if ax is None:
            import matplotlib.pyplot as plt

            inches = max(n_videos * (height + 0.35) + 0.9, 2.2)
            n_columns = max(-(-n_entries * LINE // (inches - 0.3)), 1)
            width = _INCHES + (2.2 * n_columns if n_entries else 0.3)
            self.figure_, axes = plt.subplots(
                n_videos, 1, sharex=True, squeeze=False, figsize=(width, inches),
                layout="constrained",
            )  # fmt: skip
            self.axes_ = axes[:, 0]
            return int(n_columns)
        given = np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
        if len(given) == 1 and n_videos > 1:
            given[0].set_axis_off()
            self.figure_ = given[0].figure
            ratios = [_INCHES, 2.2 if n_entries else 0.01]
            grid = (
                given[0]
                .get_subplotspec()
                .subgridspec(n_videos, 2, hspace=0.5, width_ratios=ratios)
            )
            first = self.figure_.add_subplot(grid[0, 0])
            others = [
                self.figure_.add_subplot(grid[i, 0], sharex=first)
                for i in range(1, n_videos)
            ]
            self.axes_ = np.array([first, *others], dtype=object)
        elif len(given) == n_videos:
            self.figure_, self.axes_ = given[0].figure, given
        else:
            raise ValueError(
                f"{n_videos} videos need one axes or {n_videos}, got {len(given)}."
            )
        return 1


def _check_shape(band: Band, field: str, value: Any, name: str) -> np.ndarray:
    n_steps = len(band.task.steps)
    shape = {
        "times": (n_steps,),
        "proba": (band.n_units, n_steps),
        "segments": (band.n_units,),
    }[field]
    value = np.asarray(value)
    if value.shape != shape:
        raise ValueError(
            f"{band.video}: {name} must have shape {shape}, got {value.shape}."
        )
    return value


def _join_lanes(bands: Sequence[Band], windows: bool) -> dict[str, float]:
    """Lanes that some band needs, in order, at their greatest height."""
    lanes: dict[str, float] = {}
    for name in (*LANES, "windows"):
        heights = [band.lanes[name] for band in bands if name in band.lanes]
        if heights and (name != "windows" or windows):
            lanes[name] = max(heights)
    return lanes or {"truth": LANES["truth"]}
