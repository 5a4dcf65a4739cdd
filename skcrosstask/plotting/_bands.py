"""The band of one video: lanes of truth, prediction, posterior and windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skcrosstask._data import Task, Video
from skcrosstask._segments import segment_units
from skcrosstask.plotting._axes import add_text
from skcrosstask.plotting._style import FAINT, INK, MUTED, Style, ink_on, spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

__all__ = ["LANES", "Band", "draw_band", "draw_heads", "fit_name", "stack_levels"]

# Lanes from top to bottom, and their heights in inches.
LANES = {"posterior": 0.42, "truth": 0.26, "segments": 0.26, "times": 0.34}
_LEVEL = 0.09
_GAP = 0.06
_HEAD = 10.5  # diameter of a marker in points
_SHORTEST = 8  # letters of a name that are always shown
_FILLED: Style = {"edgecolor": "white", "linewidth": 0.6, "zorder": 2}


@dataclass
class Band:
    """What is drawn for one video; everything but the video may be missing.

    Attributes
    ----------
    video : Video
        Its annotation and windows are drawn.
    task : Task
        Its task.
    n_units : int
        Length T.
    times : ndarray of shape (K,), or None
        Predicted time of each step, -1 for none.
    segments : ndarray of shape (T,), or None
        Predicted step of each unit, -1 for background.
    proba : ndarray of shape (T, K), or None
        Posterior of each step's time.
    """

    video: Video
    task: Task
    n_units: int
    times: np.ndarray | None = None
    segments: np.ndarray | None = None
    proba: np.ndarray | None = None

    @property
    def unit(self) -> float:
        """Seconds that a time unit lasts."""
        return 1.0 / self.video.rate

    @property
    def duration(self) -> float:
        """Seconds of the video."""
        return self.n_units / self.video.rate

    @property
    def name(self) -> str:
        """The video's name."""
        return str(self.video).removeprefix("video ").strip("'")

    @property
    def outcomes(self) -> list[str]:
        """Of each step: "hit", "miss", "absent", "unknown", or "skipped"."""
        if self.times is None:
            return []
        truth = self.video.annotation
        if truth is None:
            return ["unknown" if time >= 0 else "skipped" for time in self.times]
        units = segment_units(truth, self.n_units, rate=self.video.rate)
        outcomes = []
        for step, time in enumerate(self.times):
            first, stop = units[units[:, 0] == step, 1:].T
            if time < 0:
                outcomes.append("skipped")
            elif not len(first):
                outcomes.append("absent")
            else:
                hit = ((first <= time) & (time < stop)).any()
                outcomes.append("hit" if hit else "miss")
        return outcomes

    @property
    def summary(self) -> str:
        """How many of the steps that are there were found, and what was left out."""
        parts, outcomes = [], self.outcomes
        if self.video.annotation is not None and outcomes:
            n_present = len(set(self.video.annotation[:, 0]))
            if n_present:
                n_found = outcomes.count("hit")
                parts.append(f"{n_found} of {n_present} present steps found")
        skipped = [str(k + 1) for k, what in enumerate(outcomes) if what == "skipped"]
        if skipped:
            parts.append("left out: " + ", ".join(skipped))
        return "; ".join(parts)

    @property
    def lanes(self) -> dict[str, float]:
        """Names and heights of the lanes that this band needs."""
        shown = {
            "posterior": self.proba is not None,
            # Without truth, a track for the pins to stand on.
            "truth": self.video.annotation is not None or self.times is not None,
            "segments": self.segments is not None,
            "times": self.times is not None,
        }
        lanes = {name: LANES[name] for name, here in shown.items() if here}
        if self.video.windows is not None and len(self.video.windows):
            n_levels = stack_levels(self.video.windows).max() + 1
            lanes["windows"] = float(_LEVEL * n_levels + 0.04)
        return lanes


def stack_levels(segments: np.ndarray) -> np.ndarray:
    """Level of each segment, such that those of one level do not overlap.

    Parameters
    ----------
    segments : ndarray of shape (n, 3)
        Rows ``step, start, end``.

    Returns
    -------
    ndarray of shape (n,) of int

    Examples
    --------
    >>> stack_levels(np.array([[0, 0, 5], [1, 3, 8], [2, 6, 9.0]]))
    array([0, 1, 0])
    """
    levels = np.zeros(len(segments), dtype=np.int64)
    ends: list[float] = []
    for row in np.argsort(segments[:, 1], kind="stable"):
        _, start, end = segments[row]
        level = next((i for i, last in enumerate(ends) if last <= start), len(ends))
        ends[level : level + 1] = [end]
        levels[row] = level
    return levels


def lane_spans(lanes: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Bottom and height of each lane, in inches from the bottom of the band."""
    spans, top = {}, sum(lanes.values()) + _GAP * (len(lanes) - 1)
    for name, height in lanes.items():
        spans[name] = (top - height, height)
        top -= height + _GAP
    return spans


def draw_band(
    ax: Axes, band: Band, lanes: dict[str, float], colours: dict[str, str]
) -> tuple[Text, Text]:
    """Draw all but the markers of one video.

    Parameters
    ----------
    ax : matplotlib Axes
        Where; its vertical unit becomes the inch.
    band : Band
        What.
    lanes : dict of str to float
        Heights of the lanes, the same for all videos of a picture.
    colours : dict of str to str
        Colour of each step description.

    Returns
    -------
    name, summary : matplotlib Text
        What stands above the band on the left and on the right.
    """
    colour = [colours[step] for step in band.task.steps]
    spans = lane_spans(lanes)
    for name, (bottom, height) in spans.items():
        if name in ("truth", "segments"):
            # The track shows how long the video is, and where background is.
            track = [(0, band.duration)]
            ax.broken_barh(track, (bottom, height), facecolor=FAINT, zorder=0)
        draw = _DRAW.get(name)
        if draw is not None:
            draw(ax, band, bottom, height, colour)
    top = max(bottom + height for bottom, height in spans.values())
    ax.set_ylim(-0.04, top + 0.03)
    known = band.video.annotation is not None
    labels = {"times": "predicted", "truth": "truth" if known else "video"}
    names = [labels.get(name, name) for name in spans]
    ax.set_yticks([b + h / 2 for b, h in spans.values()], names)
    ax.tick_params(axis="y", length=0, labelsize=7.5, labelcolor=MUTED)
    ax.tick_params(axis="x", labelsize=8, color=MUTED, labelcolor=INK)
    for side in ("left", "right", "top"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color("#bbbbbb")
    # A long name would take room from the axes when the layout is settled.
    name = band.name[:_SHORTEST]
    return (
        ax.set_title(name, loc="left", fontsize=9, weight="bold", color=INK, pad=3),
        ax.set_title(band.summary, loc="right", fontsize=8, color=MUTED, pad=3),
    )


def fit_name(ax: Axes, band: Band, name: Text, summary: Text) -> None:
    """Write a video's name, shortened where it would run into the summary.

    Parameters
    ----------
    ax : matplotlib Axes
        Whose size is settled.
    band : Band
        Whose name is written.
    name, summary : matplotlib Text
        As `draw_band` returns them.
    """
    room = ax.get_window_extent().width
    if band.summary:
        # Two letters' height between them tells the two apart.
        box = summary.get_window_extent()
        room -= box.width + 2 * box.height
    n_letters = len(band.name)
    name.set_text(band.name)
    while n_letters > _SHORTEST and name.get_window_extent().width > room:
        n_letters -= 1
        name.set_text(band.name[:n_letters].rstrip() + "…")


def draw_heads(
    ax: Axes, band: Band, lanes: dict[str, float], colours: dict[str, str]
) -> None:
    """Draw the predicted times: a pin into the truth, and a numbered head.

    Called when the size of the axes is settled, for heads that would overlap are
    moved apart.

    Parameters
    ----------
    ax, band, lanes, colours
        As for `draw_band`.
    """
    if band.times is None:
        return
    spans = lane_spans(lanes)
    bottom, height = spans["times"]
    foot = bottom + height + _GAP
    reach = spans["truth"]
    steps = np.flatnonzero(np.asarray(band.times) >= 0)
    steps = steps[np.argsort(np.asarray(band.times)[steps], kind="stable")]
    at = (np.asarray(band.times)[steps] + 0.5) * band.unit
    low, high = ax.get_xlim()
    width = ax.get_window_extent().width / ax.figure.dpi * 72
    gap = (high - low) * (_HEAD + 1.0) / max(width, 1.0)
    heads = spread(at, gap, low + gap / 2, high - gap / 2)
    middle = bottom + height * 0.42
    outcomes = band.outcomes
    for step, time, head in zip(steps, at, heads, strict=True):
        colour = colours[band.task.steps[step]]
        line = [time, time, head], [sum(reach), foot, middle]
        ax.plot(*line, color="white", linewidth=2.4, zorder=3)
        ax.plot(*line, color=INK, linewidth=0.9, zorder=4)
        _head(ax, head, middle, int(step), colour, outcomes[step])


def _head(ax: Axes, x: float, y: float, step: int, colour: str, outcome: str) -> None:
    filled = outcome in ("hit", "unknown")
    absent = outcome == "absent"
    style: Style = {"linewidths": 0.8, "edgecolor": "#bbbbbb"}
    if not absent:
        style = {"linewidths": 1.5, "edgecolor": colour}
    face = colour if filled else "white"
    head = ax.scatter([x], [y], s=_HEAD**2, facecolor=face, zorder=5, **style)
    head.set(clip_on=False, gid=f"{outcome}-{step}")
    ink = ink_on(colour) if filled else MUTED if absent else INK
    style = {"fontsize": 6.5, "fontweight": "bold", "color": ink, "zorder": 6}
    add_text(ax, str(step + 1), (x, y), ha="center", va="center_baseline", **style)


def _draw_posterior(
    ax: Axes, band: Band, bottom: float, height: float, colour: list[str]
) -> None:
    if band.proba is None:
        return
    times = (np.arange(band.n_units) + 0.5) * band.unit
    peaks = np.maximum(band.proba.max(axis=0), 1e-12)
    # On one scale, the hill of a long or doubtful step would be too flat to see.
    hills = band.proba / peaks * height * 0.95
    sure = np.sqrt(peaks / peaks.max())
    ax.plot([0, band.duration], [bottom, bottom], color="#dddddd", linewidth=0.6)
    for step, hill in enumerate(hills.T):
        style: Style = {"color": colour[step], "alpha": 0.1 + 0.4 * sure[step]}
        ax.fill_between(times, bottom, bottom + hill, linewidth=0, **style)
        style["alpha"] = 0.3 + 0.7 * sure[step]
        ax.plot(times, bottom + hill, linewidth=0.9, zorder=2, **style)


def _spans(
    segments: np.ndarray | None, duration: float
) -> list[tuple[int, tuple[float, float]]]:
    """Step, and start and length in seconds, of segments within the video."""
    spans = []
    for step, *edges in [] if segments is None else segments:
        start, end = np.clip(edges, 0, duration)
        spans.append((int(step), (start, end - start)))
    return spans


def _draw_truth(
    ax: Axes, band: Band, bottom: float, height: float, colour: list[str]
) -> None:
    for step, span in _spans(band.video.annotation, band.duration):
        style: Style = {"facecolor": colour[step], "gid": f"truth-{step}", **_FILLED}
        ax.broken_barh([span], (bottom, height), **style)


def _draw_segments(
    ax: Axes, band: Band, bottom: float, height: float, colour: list[str]
) -> None:
    if band.segments is None:
        return
    labels = np.asarray(band.segments)
    cuts = np.flatnonzero(np.diff(labels)) + 1
    starts, stops = np.append(0, cuts), np.append(cuts, len(labels))
    for start, stop in zip(starts, stops, strict=True):
        step = int(labels[start])
        if step >= 0:
            span = (start * band.unit, (stop - start) * band.unit)
            style: Style = {
                "facecolor": colour[step],
                "gid": f"segment-{step}",
                **_FILLED,
            }
            ax.broken_barh([span], (bottom, height), **style)


def _draw_windows(
    ax: Axes, band: Band, bottom: float, height: float, colour: list[str]
) -> None:
    if band.video.windows is None or not len(band.video.windows):
        return
    levels = stack_levels(band.video.windows)
    # In the middle of the lane, which another video may need higher.
    top = bottom + (height + (levels.max() + 1) * _LEVEL) / 2
    spans = _spans(band.video.windows, band.duration)
    for (step, span), level in zip(spans, levels, strict=True):
        low = top - (level + 0.85) * _LEVEL
        style: Style = {
            "facecolor": "white",
            "edgecolor": colour[step],
            "linewidth": 1.1,
        }
        style |= {"zorder": 2, "gid": f"window-{step}"}
        ax.broken_barh([span], (low, _LEVEL * 0.7), **style)


_DRAW = {
    "posterior": _draw_posterior,
    "truth": _draw_truth,
    "segments": _draw_segments,
    "windows": _draw_windows,
}
