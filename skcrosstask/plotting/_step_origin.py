"""A task that was not in training, and what its steps were learnt from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Self

from numpy.typing import ArrayLike

from skcrosstask._data import Task, Video
from skcrosstask.plotting._axes import add_note
from skcrosstask.plotting._style import INK, MUTED, check_matplotlib, step_colours
from skcrosstask.plotting._timeline import StepTimelineDisplay

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["StepOriginDisplay"]

_LINE = 0.165  # in inches
_WIDTH = 108  # letters of a line


class StepOriginDisplay:
    """Timeline of a video, and below it the steps that its classifiers come from.

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
    >>> [text.get_text() for text in display.axes_[1].texts][1:]
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

    def plot(
        self, *, n_shown: int = 3, title: str | None = None, note: str = ""
    ) -> Self:
        """Draw in a new figure.

        Parameters
        ----------
        n_shown : int, default=3
            How many training steps are named for each component, at most.
        title : str, optional
            Heading; by default the recall, if the video is annotated.
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
            If the number of origins is not that of the steps, or the predictions do
            not fit.
        """
        check_matplotlib(type(self).__name__)
        if len(self.origins) != len(self.task.steps):
            raise ValueError(
                f"{len(self.task.steps)} steps, but {len(self.origins)} origins."
            )
        import matplotlib.pyplot as plt
        import numpy as np

        lines = self._lines(n_shown)
        height = _LINE * sum(text.count("\n") + 1 for _, text, _ in lines) + 0.3
        self.figure_, (top, bottom) = plt.subplots(
            2, 1, figsize=(8.4, 1.9 + height), height_ratios=[1.5, height],
            layout="constrained",
        )  # fmt: skip
        self.axes_ = np.array([top, bottom])
        timeline = StepTimelineDisplay([self.video], [self.task], [self.predictions])
        timeline.plot(top, legend=False)
        if title:
            self.figure_.suptitle(
                title, x=0.01, ha="left", fontsize=11, fontweight="bold", color=INK
            )
        self._write(bottom, lines, height)
        add_note(self.figure_, note)
        return self

    def _lines(self, n_shown: int) -> list[tuple[float, str, str]]:
        """Indent, text and colour of each entry."""
        colours = step_colours([self.task])
        lines = []
        for k, (step, parts) in enumerate(
            zip(self.task.steps, self.origins, strict=True), 1
        ):
            lines.append((0.0, f"{k}  {step}", colours[step]))
            for component, found in parts.items():
                named = "; ".join(found[:n_shown]) or "nowhere in training"
                if len(found) > n_shown:
                    named += f"; and {len(found) - n_shown} more"
                text = fill(f"{component}: {named}", _WIDTH, subsequent_indent="    ")
                lines.append((0.03, text, MUTED))
        return lines

    def _write(
        self, ax: Axes, lines: Sequence[tuple[float, str, str]], height: float
    ) -> None:
        ax.set_axis_off()
        place = 1.0
        for indent, text, colour in lines:
            ax.text(
                indent, place, text, transform=ax.transAxes, va="top", fontsize=8,
                color=colour, fontweight="bold" if not indent else None,
                linespacing=1.15,
            )  # fmt: skip
            place -= _LINE * (text.count("\n") + 1) / height
