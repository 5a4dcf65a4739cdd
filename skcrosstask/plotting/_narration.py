"""What is said beside the steps: similarity, chosen words, windows and truth."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data import Video, shown_name
from skcrosstask._input import TasksLike, read_videos
from skcrosstask.metrics._checks import check_annotation
from skcrosstask.plotting._axes import (
    BAND_WIDTH,
    add_note,
    add_text,
    one_axes,
    root_figure,
)
from skcrosstask.plotting._style import FAINT, INK, MUTED, Style, check_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from matplotlib.legend import Legend

    from skcrosstask.narration import NarrationAligner, NarrationMatch

__all__ = ["NarrationDisplay"]

_ROW, _HEAD, _FOOT = 0.34, 0.75, 0.5  # heights in inches
_LETTER, _LONGEST = 0.068, 44  # of a step's name: width of a letter, letters
_MAP, _WINDOW, _TRUTH = "Blues", "#D55E00", "#117733"
# The matrix fills the upper part of a row, the truth stands below it.
_TOP, _LINE, _BOTTOM = -0.42, 0.2, 0.38
_DARKEST = 3.0  # standard deviations
_SILENCE = 5.0  # seconds without a word that are left blank


class NarrationDisplay:
    """How what is said in a video matches the steps of its task.

    One row per step, time from left to right. The shade says how similar the words
    around a time are to the step, in standard deviations above the step's mean, which
    is what places the steps; where nothing is said, it is blank. A frame is the step's
    window, a line leads from each step's words to the next one's, and a bar below is
    where the step truly happens. On the right stands each window's confidence.

    It is recommended to use
    :meth:`~skcrosstask.plotting.NarrationDisplay.from_estimator`.

    Parameters
    ----------
    match : NarrationMatch
        As `NarrationAligner.match` returns it.
    annotation : array-like of shape (n, 3), optional
        True segments, rows ``step, start, end`` in seconds.
    duration : float, optional
        Seconds of the video; by default until all has been said.
    name : str, default=""
        The video's name.

    Attributes
    ----------
    figure_ : matplotlib Figure
        The figure, once plotted.
    ax_ : matplotlib Axes
        The axes, once plotted.
    image_ : matplotlib QuadMesh or None
        The similarities, once plotted; None where nothing is said.
    legend_ : matplotlib Legend or None
        What is what, once plotted.

    See Also
    --------
    skcrosstask.narration.NarrationAligner : Makes the windows.
    skcrosstask.metrics.window_scores : How well windows agree with the truth.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> from skcrosstask import Narration, Task, Video
    >>> from skcrosstask.narration import NarrationAligner
    >>> from skcrosstask.plotting import NarrationDisplay
    >>> words = "hello all now grind the coffee wait a bit and pour the milk".split()
    >>> speech = Narration(words, np.arange(13.0)[:, None] + [0, 1])
    >>> latte = Task("latte", ["grind coffee", "pour milk"])
    >>> video = Video(np.zeros((15, 4)), latte, narration=speech)
    >>> aligner = NarrationAligner(window_words=3).fit([video])
    >>> display = NarrationDisplay.from_estimator(aligner, video)
    >>> display.match.windows.shape
    (2, 3)
    >>> plt.close(display.figure_)
    >>> (match,) = aligner.match([video])
    >>> plt.close(NarrationDisplay.from_predictions(match).figure_)
    >>> plt.close(display.plot().figure_)
    """

    def __init__(
        self,
        match: NarrationMatch,
        *,
        annotation: ArrayLike | None = None,
        duration: float | None = None,
        name: str = "",
    ):
        self.match = match
        self.annotation = annotation
        self.duration = duration
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: NarrationAligner,
        video: Video,
        y: TasksLike | None = None,
        *,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Match a video's narration with a fitted aligner, and draw.

        Parameters
        ----------
        estimator : NarrationAligner
            Fitted.
        video : Video
            With a narration; its annotation is drawn if it has one.
        y : Task, sequence of one Task, or mapping of task name to steps, optional
            By default the video's own task.
        ax : matplotlib Axes, optional
            As for `plot`.
        **kwargs : dict
            Passed on to `plot`.

        Returns
        -------
        NarrationDisplay

        Raises
        ------
        TypeError
            If the estimator is not a NarrationAligner.
        ValueError
            If the video has no narration or no task.
        """
        check_matplotlib(cls.__name__)
        if not hasattr(estimator, "match"):
            raise TypeError(
                "NarrationDisplay needs a NarrationAligner, got "
                f"{type(estimator).__name__}; pass the aligner of a pipeline alone, "
                "as pipeline[0]."
            )
        (match,) = estimator.match(*read_videos([video], y))
        if match is None:
            raise ValueError(f"{video}: narration is missing.")
        return cls.from_predictions(match, video, ax=ax, **kwargs)

    @classmethod
    def from_predictions(
        cls,
        match: NarrationMatch,
        video: Video | None = None,
        *,
        ax: Axes | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw a match that is at hand.

        Parameters
        ----------
        match : NarrationMatch
            As `NarrationAligner.match` returns it.
        video : Video, optional
            The video, for its name, length and annotation.
        ax : matplotlib Axes, optional
            As for `plot`.
        **kwargs : dict
            Passed on to `plot`.

        Returns
        -------
        NarrationDisplay
        """
        check_matplotlib(cls.__name__)
        if video is None:
            return cls(match).plot(ax, **kwargs)
        duration = video.shape[0] / video.rate
        known: Style = {"annotation": video.annotation, "duration": duration}
        return cls(match, name=shown_name(video, 0), **known).plot(ax, **kwargs)

    def plot(
        self,
        ax: Axes | None = None,
        *,
        legend: bool = True,
        title: str | None = None,
        note: str = "",
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; by default in a new figure, whose height grows with the
            number of steps. Make your own with ``layout="constrained"``, so that no
            text is cut off.
        legend : bool, default=True
            Whether to say what is what, above the rows.
        title : str, optional
            Heading; by default the video's name.
        note : str, default=""
            Small text at the foot of the figure.

        Returns
        -------
        NarrationDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the annotation is malformed or of other steps.
        """
        check_matplotlib(type(self).__name__)
        truth = self._truth()
        n_steps = len(self.match.steps)
        letters = min(max(map(len, self.match.steps)), _LONGEST) + 4
        height = _HEAD + _FOOT + _ROW * max(n_steps, 2)
        ax = one_axes(ax, BAND_WIDTH + 0.5 + _LETTER * letters, height)
        self.ax_, self.figure_ = ax, root_figure(ax)
        self.image_ = self._shade(ax)
        self._draw_words(ax)
        self._draw_segments(ax, truth)
        self._label(ax)
        self.legend_ = self._add_legend(ax, len(truth) > 0) if legend else None
        title = self.name if title is None else title
        style: Style = {"fontsize": 11, "fontweight": "bold", "color": INK}
        ax.set_title(title, loc="left", pad=22 if legend else 6, **style)
        add_note(self.figure_, note)
        return self

    def _truth(self) -> np.ndarray:
        rows = check_annotation(self.annotation, "annotation")
        if len(rows) and rows[:, 0].max() >= len(self.match.steps):
            raise ValueError(
                f"annotation: step {rows[:, 0].max():g} is unknown; the match has "
                f"{len(self.match.steps)} steps."
            )
        return rows

    def _shade(self, ax: Axes) -> QuadMesh | None:
        """Similarities, dark where they stand out."""
        match = self.match
        n_steps = len(match.steps)
        for step in range(n_steps):
            ax.axhspan(step + _TOP, step + _LINE, color=FAINT, linewidth=0, zorder=0)
        if len(match.places) == 0:
            return None
        edges, spoken = _edges(match.narration.times, match.places)
        shades = np.full((n_steps, len(edges) - 1), np.nan)
        shades[:, spoken] = _stand_out(match.similarity).T
        # One strip per step, and nothing between the strips.
        rows = np.full((2 * n_steps - 1, shades.shape[1]), np.nan)
        rows[::2] = shades
        levels = (np.arange(n_steps)[:, None] + [_TOP, _LINE]).ravel()
        shades = np.ma.masked_invalid(rows)
        style: Style = {"cmap": _MAP, "vmin": 0, "vmax": _DARKEST, "zorder": 1}
        return ax.pcolormesh(edges, levels, shades, rasterized=True, **style)

    def _draw_words(self, ax: Axes) -> None:
        """The words of each step, and the way from one step's to the next one's."""
        times, spans = self.match.narration.times, self.match.spans
        steps = np.flatnonzero(spans[:, 0] >= 0)
        starts = times[spans[steps, 0], 0]
        ends = np.maximum.accumulate(times[:, 1])[spans[steps, 1] - 1]
        for step, start, end in zip(steps, starts, ends, strict=True):
            _bar(ax, "words", step, (start, end), (_TOP, _TOP + 0.09), color=_WINDOW)
        for i, j in pairwise(range(len(steps))):
            levels = steps[i] + _LINE, steps[j] + _TOP
            ax.plot((ends[i], starts[j]), levels, color=MUTED, linewidth=0.8, zorder=1)

    def _draw_segments(self, ax: Axes, truth: np.ndarray) -> None:
        """Frames of windows, the fainter the less sure they are, and true bars."""
        for step, *span in self.match.windows:
            alpha = 0.3 + 0.7 * self.match.confidence[int(step)]
            style: Style = {"facecolor": "none", "edgecolor": _WINDOW, "zorder": 3}
            _bar(ax, "window", step, span, (_TOP, _LINE), alpha=alpha, **style)
        for step, *span in truth:
            _bar(ax, "truth", step, span, (_LINE + 0.04, _BOTTOM), color=_TRUTH)

    def _label(self, ax: Axes) -> None:
        """Time below, the steps on the left, confidences on the right."""
        match, n_steps = self.match, len(self.match.steps)
        last = [*match.narration.times[-1:, 1], *match.windows[:, 2], 1.0]
        end = max(last) if self.duration is None else self.duration
        ax.set(xlim=(0, end), ylim=(n_steps - 0.5, -0.5))
        ax.set_xlabel("time (s)", fontsize=9, color=INK)
        middle = np.arange(n_steps) + (_TOP + _LINE) / 2
        ax.set_yticks(middle, [_two_lines(step) for step in match.steps])
        right = ax.secondary_yaxis("right")
        sure = [f"{confidence:.2f}" for confidence in match.confidence]
        heard = match.spans[:, 0] >= 0
        right.set_yticks(middle, np.where(heard, sure, "–").tolist())
        ax.tick_params(axis="y", length=0, labelsize=8, labelcolor=INK, pad=18)
        right.tick_params(length=0, labelsize=8, labelcolor=INK)
        ax.tick_params(axis="x", labelsize=8, color=MUTED, labelcolor=INK)
        for axes in (ax, right):
            axes.spines[:].set_visible(False)
        ax.spines["bottom"].set(visible=True, color="#bbbbbb")
        for k, level in enumerate(middle):
            _beside(ax, str(k + 1), (0, level), "right")
        _beside(ax, "confidence", (1, -0.5), "left")

    def _add_legend(self, ax: Axes, annotated: bool) -> Legend:
        from matplotlib.patches import Patch

        handles = {
            "similar": Patch(color="#4a90c4"),
            "step's words": Patch(color=_WINDOW),
            "window": Patch(facecolor="none", edgecolor=_WINDOW),
            "truth": Patch(color=_TRUTH),
        }
        if not annotated:
            del handles["truth"]
        place: Style = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 4}
        space: Style = {"borderaxespad": 0, "borderpad": 0.3, "columnspacing": 1.4}
        style: Style = {"fontsize": 8, "labelcolor": INK, "frameon": False}
        names = handles.keys()
        return ax.legend(
            handles.values(), names, handlelength=1.3, **place, **space, **style
        )


def _stand_out(similarity: np.ndarray) -> np.ndarray:
    """Standard deviations above each step's mean."""
    spread = similarity.std(axis=0)
    return (similarity - similarity.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


def _edges(times: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges of intervals in seconds, and which of them are those of the places."""
    starts = times[places, 0]
    stops = np.append(places[1:], len(times))
    ends = np.maximum.accumulate(times[:, 1])[stops - 1]
    following = np.append(starts[1:], ends[-1])
    # Words stand apart in time; only a true silence is to be seen.
    ends = np.where(following - ends < _SILENCE, following, ends)
    edges = np.column_stack([starts, ends]).ravel()
    return edges, np.arange(0, len(edges), 2)


def _bar(
    ax: Axes,
    kind: str,
    step: Any,
    span: Sequence[float],
    levels: tuple[float, float],
    **style: Any,
) -> None:
    """A bar of the row of a step."""
    start, end = span
    low, high = levels
    style = {"zorder": 2, "linewidth": 0 if "color" in style else 1.4, **style}
    style["gid"] = f"{kind}-{int(step)}"
    ax.broken_barh([(start, end - start)], (step + low, high - low), **style)


def _beside(ax: Axes, text: str, place: tuple[float, float], align: str) -> None:
    """Small text beside the axes, at a height in steps."""
    offset, va = ((-5, 0), "center") if align == "right" else ((5, 0), "bottom")
    style: Style = {"fontsize": 7.5, "xycoords": ax.get_yaxis_transform()}
    add_text(ax, text, place, offset, ha=align, va=va, **style)


def _two_lines(name: str) -> str:
    """A name on one line, or on two of about the same length."""
    width = len(name) if len(name) <= _LONGEST else min(len(name) // 2, _LONGEST)
    while width < _LONGEST and len(textwrap.wrap(name, width)) > 2:
        width += 1
    return "\n".join(textwrap.wrap(name, width, max_lines=2, placeholder=" …"))
