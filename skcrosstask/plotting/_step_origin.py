"""A task that was not in training, and what its steps were learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator

from skcrosstask._data import Task, Video
from skcrosstask._input import TasksLike, read_videos
from skcrosstask.components import component_sources
from skcrosstask.plotting._axes import add_note, add_text, refuse_title
from skcrosstask.plotting._style import (
    INK,
    Style,
    check_matplotlib,
    ink_on,
    step_colours,
)
from skcrosstask.plotting._timeline import StepTimelineDisplay

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["StepOriginDisplay"]

_LINE = 11.0  # height of a line, in points
_APART = 4.0  # between steps
_INDENT = 16.0
_WIDTH = 118  # letters of a line


class StepOriginDisplay:
    """Timeline of a video, and below it the steps that its classifiers come from.

    It is recommended to use
    :meth:`~skcrosstask.plotting.StepOriginDisplay.from_estimator`.

    Parameters
    ----------
    video : Video
        The video; its annotation is drawn where there is one.
    task : Task
        Its task.
    predictions : array-like of int of shape (K,)
        Predicted time unit of each step.
    origins : sequence of mapping of str to sequence of str
        For each step, by component, the training steps that hold it.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, once plotted.
    axes_ : ndarray of shape (2,) of matplotlib Axes
        Timeline and text, once plotted.
    text_ : list of list of matplotlib Text
        For each step, what is written about its components, once plotted.

    See Also
    --------
    skcrosstask.components.component_sources : Finds the training steps.

    References
    ----------
    Zhukov et al., CVPR 2019, figure 6.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from skcrosstask import Task, Video
    >>> from skcrosstask.plotting import StepOriginDisplay
    >>> latte = Task("latte", ["pour milk"])
    >>> origins = [{"milk": [], "pour": ["pour water (tea)"]}]
    >>> video = Video(np.zeros((60, 1)), latte)
    >>> display = StepOriginDisplay(video, latte, [30], origins).plot()
    >>> [text.get_text() for text in display.text_[0]]
    ['milk: nowhere in training', 'pour: pour water (tea)']
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        video: Video,
        task: Task,
        predictions: ArrayLike,
        origins: Sequence[Mapping[str, Sequence[str]]],
    ):
        self.video = video
        self.task = task
        self.predictions = predictions
        self.origins = origins

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        video: Video,
        training_tasks: Sequence[Task],
        y: TasksLike | None = None,
        **kwargs: Any,
    ) -> Self:
        """Predict with a fitted estimator, look up the training steps, and draw.

        Parameters
        ----------
        estimator : fitted estimator
            With `predict` and the parameters ``sharing`` and ``stemmer``.
        video : Video
            The video.
        training_tasks : sequence of Task
            Tasks of the training videos.
        y : Task, or mapping of task name to steps, optional
            The video's task, by default its own.
        **kwargs : dict
            Passed on to `plot`.

        Returns
        -------
        StepOriginDisplay

        Raises
        ------
        TypeError
            If the estimator's steps are not made of components.

        Examples
        --------
        >>> import matplotlib.pyplot as plt
        >>> from skcrosstask import WeaklySupervisedStepEstimator
        >>> from skcrosstask.datasets import make_instructional_videos
        >>> videos, _ = make_instructional_videos(n_videos=2, random_state=0)
        >>> est = WeaklySupervisedStepEstimator(random_state=0).fit(videos)
        >>> from skcrosstask.plotting import StepOriginDisplay
        >>> tasks = list({video.task: None for video in videos[1:]})
        >>> display = StepOriginDisplay.from_estimator(est, videos[0], tasks)
        >>> len(display.text_)
        5
        >>> plt.close(display.figure_)
        """
        check_matplotlib(cls.__name__)
        if not (hasattr(estimator, "sharing") and hasattr(estimator, "stemmer")):
            raise TypeError(
                f"{type(estimator).__name__} has no parameters sharing and stemmer: "
                "its steps are not made of components, whose origin could be shown."
            )
        (video,), (task,) = read_videos([video], y)
        (times,) = estimator.predict([video], [task])
        sources = component_sources(
            task, training_tasks, sharing=estimator.sharing, stemmer=estimator.stemmer
        )
        origins = [
            {
                component: [f"{t.steps[k]} ({t.title or t.name})" for t, k in found]
                for component, found in parts.items()
            }
            for parts in sources
        ]
        return cls(video, task, times, origins).plot(**kwargs)

    def plot(
        self,
        ax: Sequence[Axes] | np.ndarray | None = None,
        *,
        n_shown: int = 3,
        title: str | None = None,
        note: str = "",
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : sequence of two matplotlib Axes, optional
            Of the timeline and of the text; by default in a new figure. Make your own
            with ``layout="constrained"``, so that no text is cut off.
        n_shown : int, default=3
            How many training steps are named for each component, at most. What
            stands at an earlier step is not repeated.
        title : str, optional
            Heading of a new figure; refused where axes are given.
        note : str, default=""
            Small text at the foot of the figure.

        Returns
        -------
        StepOriginDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the number of origins is not that of the steps, the predictions or
            the number of axes do not fit, ``n_shown`` is below 1, or given axes
            get a title.
        """
        check_matplotlib(type(self).__name__)
        refuse_title(ax, title)
        if len(self.origins) != len(self.task.steps):
            raise ValueError(
                f"{len(self.task.steps)} steps, but {len(self.origins)} origins."
            )
        if n_shown < 1:
            raise ValueError(f"n_shown must be at least 1, got {n_shown}.")
        timeline = StepTimelineDisplay([self.video], [self.task], [self.predictions])
        timeline._bands()  # refuses what does not fit, before a figure is opened
        lines = self._lines(n_shown)
        self.axes_ = _new_axes(lines) if ax is None else _given_axes(ax)
        top, bottom = self.axes_
        self.figure_ = top.figure
        timeline.plot(top, legend=False)
        if title:
            self.figure_.suptitle(
                title, x=0.01, ha="left", fontsize=11, fontweight="bold", color=INK
            )
        self._write(bottom, lines)
        add_note(self.figure_, note)
        return self

    def _lines(self, n_shown: int) -> list[list[str]]:
        """What is written of the components of each step."""
        known: dict[str, tuple[int, Sequence[str]]] = {}
        lines = []
        for k, parts in enumerate(self.origins):
            texts = []
            for component, found in parts.items():
                first, seen = known.setdefault(component, (k, found))
                if first < k and list(seen) == list(found) and len(found):
                    named = f"as for {first + 1}"
                else:
                    named = "; ".join(found[:n_shown]) or "nowhere in training"
                    if len(found) > n_shown:
                        named += f"; and {len(found) - n_shown} more"
                texts.append(
                    fill(f"{component}: {named}", _WIDTH, subsequent_indent="    ")
                )
            lines.append(texts)
        return lines

    def _write(self, ax: Axes, lines: Sequence[Sequence[str]]) -> None:
        ax.set_axis_off()
        colours = step_colours([self.task])
        # In points, so that lines are apart whatever the height of the axes.
        top, place = (0, 1), {"xycoords": "axes fraction", "va": "top"}
        bold: Style = {"fontweight": "bold", **place}
        self.text_, depth = [], 0.0
        for k, (step, texts) in enumerate(zip(self.task.steps, lines, strict=True)):
            paper: Style = {"facecolor": colours[step], "lw": 0, "pad": 1.5}
            style: Style = {
                "color": ink_on(colours[step]),
                "ha": "center",
                "bbox": paper,
            }
            add_text(ax, str(k + 1), top, (4, -depth), **style, **bold)
            add_text(ax, step, top, (_INDENT, -depth), color=INK, **bold)
            depth, written = depth + 1.15 * _LINE, []
            for text in texts:
                offset = (_INDENT, -depth)
                written.append(
                    add_text(ax, text, top, offset, linespacing=1.3, **place)
                )
                depth += _LINE * (text.count("\n") + 1)
            self.text_.append(written)
            depth += _APART


def _new_axes(lines: Sequence[Sequence[str]]) -> np.ndarray:
    import matplotlib.pyplot as plt

    n_lines = sum(text.count("\n") + 1 for texts in lines for text in texts)
    height = ((n_lines + 1.15 * len(lines)) * _LINE + len(lines) * _APART) / 72
    size, ratios = (8.4, 2.3 + height), [1.1, height]
    _, axes = plt.subplots(2, figsize=size, height_ratios=ratios, layout="constrained")
    return axes


def _given_axes(ax: Sequence[Axes] | np.ndarray) -> np.ndarray:
    axes = np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
    if len(axes) != 2:
        raise ValueError(f"ax must be two Axes, got {len(axes)}.")
    return axes
