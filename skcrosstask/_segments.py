"""Segments as rows of step, start and end: their checks, and the units they touch.

Times are seconds; unit t of a video with ``rate`` units a second is the time
``[t / rate, (t + 1) / rate)``.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "check_segments",
    "is_far_beyond",
    "refuse_beyond",
    "refuse_overlap",
    "segment_units",
    "suggest_rate",
]

# In units: an edge so near to that of a unit is one, for 0.1 s at 30 a second is 3.
_ROUNDING = 1e-6
# Times are of another rate if they go on for more than this share of the video, and
# more than so many seconds, after its end; real annotations end a little late.
_BEYOND, _BEYOND_SECONDS = 0.1, 5.0
# Units a second that people choose.
_RATES = (
    0.1,
    0.125,
    0.2,
    0.25,
    1 / 3,
    0.5,
    1.0,
    1.5,
    2.0,
    3.0,
    4.0,
    5.0,
    6.0,
    8.0,
    10.0,
)
_FRAME_RATES = (12.0, 12.5, 15.0, 16.0, 20.0, 24.0, 25.0, 30.0, 50.0, 60.0)


def segment_units(
    segments: ArrayLike, n_units: int | None = None, *, rate: float = 1.0
) -> np.ndarray:
    """Time units that each segment touches, the last excluded.

    The units of ``[start, end)`` are floor(rate start), ..., ceil(rate end) - 1.

    Parameters
    ----------
    segments : ndarray of shape (n, 3)
        Rows ``step, start, end`` in seconds.
    n_units : int, optional
        Length T of the video in units; segments are clipped to it.
    rate : float, default=1.0
        Units a second.

    Returns
    -------
    ndarray of shape (n, 3) of int64
        Rows ``step, first, stop`` for ``range(first, stop)``.

    Examples
    --------
    >>> segment_units(np.array([[0, 2.1, 5.7], [1, 6.0, 7.0]]), n_units=7)
    array([[0, 2, 6],
           [1, 6, 7]])
    >>> segment_units(np.array([[0, 2.1, 5.7]]), rate=2.0)
    array([[ 0,  4, 12]])
    """
    segments = np.asarray(segments, dtype=np.float64).reshape(-1, 3)
    units = np.empty(segments.shape, dtype=np.int64)
    units[:, 0] = segments[:, 0]
    edges = segments[:, 1:]
    if rate != 1:
        edges = edges * rate
        nearest = np.rint(edges)
        edges = np.where(abs(edges - nearest) <= _ROUNDING, nearest, edges)
    units[:, 1] = np.floor(edges[:, 0])
    units[:, 2] = np.ceil(edges[:, 1])
    if rate != 1:
        # However short, a segment touches the unit in which it starts.
        units[:, 2] = np.maximum(units[:, 2], units[:, 1] + 1)
    if n_units is not None:
        np.clip(units[:, 1:], 0, n_units, out=units[:, 1:])
    return units


def check_segments(
    segments: ArrayLike,
    field: str,
    n_steps: int | None = None,
    *,
    from_zero: bool = True,
) -> np.ndarray:
    """Segments as a float64 array that cannot be written to.

    Parameters
    ----------
    segments : array-like of shape (n, 3)
        Rows ``step, start, end``.
    field : str
        What messages call them.
    n_steps : int, optional
        Number of steps of the task; by default any step will do.
    from_zero : bool, default=True
        Whether a start before 0 is refused.

    Returns
    -------
    float64 ndarray of shape (n, 3)

    Raises
    ------
    ValueError
        If they have another shape, are not finite, are reversed or name an unknown
        step.
    """
    try:
        segments = np.array(segments, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            f"{field} must be rows of step, start, end: numbers, steps from 0."
        ) from None
    if segments.size == 0:
        segments = np.empty((0, 3))
    if segments.ndim != 2 or segments.shape[1] != 3:
        raise ValueError(
            f"{field} must have shape (n, 3), rows step, start, end; "
            f"got shape {segments.shape}."
        )
    for row, (step, start, end) in enumerate(segments.tolist()):
        fault = _fault_of(step, start, end, n_steps, from_zero)
        if fault:
            raise ValueError(f"{field} row {row}{fault}")
    segments.flags.writeable = False
    return segments


def _fault_of(
    step: float, start: float, end: float, n_steps: int | None, from_zero: bool
) -> str | None:
    """What is wrong with one segment, if anything."""
    if not np.isfinite([step, start, end]).all():
        return f" is not finite: {step, start, end}."
    if step < 0 or step != int(step) or (n_steps is not None and step >= n_steps):
        steps = "" if n_steps is None else f" below {n_steps}, the number of steps"
        return f": step {step:g} is unknown; steps are whole numbers from 0{steps}."
    if from_zero and start < 0:
        return f" starts before 0: {start:g}."
    if start >= end:
        return f" is reversed or empty: start {start:g} is not before end {end:g}."
    return None


def refuse_overlap(segments: np.ndarray, field: str) -> None:
    """Refuse segments of one step that overlap.

    Parameters
    ----------
    segments : ndarray of shape (n, 3)
        Rows ``step, start, end``.
    field : str
        What messages call them.

    Raises
    ------
    ValueError
        Naming two rows.
    """
    order = np.lexsort((segments[:, 1], segments[:, 0]))
    for i, j in pairwise(order):
        if segments[i, 0] == segments[j, 0] and segments[i, 2] > segments[j, 1]:
            raise ValueError(
                f"{field} rows {i} and {j} of step {segments[i, 0]:g} overlap."
            )


def is_far_beyond(time: float, n_units: float, rate: float = 1.0) -> bool:
    """Whether a time is so late that the video must have another rate.

    Parameters
    ----------
    time : float
        In seconds.
    n_units : int
        Length T of the video.
    rate : float, default=1.0
        Its units a second.

    Returns
    -------
    bool
        Whether it is more than 10 % of the video, and more than 5 s, after its end.

    Examples
    --------
    >>> is_far_beyond(64, 60), is_far_beyond(64, 60, rate=2.0)
    (False, True)
    """
    end = n_units / rate
    return time > end + max(_BEYOND * end, _BEYOND_SECONDS)


def suggest_rate(n_units: float, seconds: float, *, whole: bool = False) -> str:
    """Rate at which a video's units last as long as is known of it, as text.

    Parameters
    ----------
    n_units : float
        Length T of the video.
    seconds : float
        Its length or, unless `whole`, how long it is at the least.
    whole : bool, default=False
        Whether the video has exactly so many seconds.

    Returns
    -------
    str
        A common rate where one fits.

    Examples
    --------
    >>> suggest_rate(60, 112), suggest_rate(118, 60, whole=True)
    ('0.5', '2')
    """
    exact = n_units / seconds
    common = _RATES + _FRAME_RATES
    if whole:
        rate = min(common, key=lambda known: abs(np.log(known / exact)))
        fits = abs(rate / exact - 1) <= _BEYOND / 2
    else:
        # A little slack, since real annotations end a little late.
        rate = max((r for r in common if r <= exact * 1.03), default=0.0)
        fits = rate > exact / 3
    return f"{rate if fits else exact:.3g}"


def refuse_beyond(
    segments: np.ndarray | None,
    n_units: int,
    rate: float,
    field: str,
    *,
    starts: bool = False,
) -> None:
    """Refuse segments that go on long after the video's end.

    Parameters
    ----------
    segments : ndarray of shape (n, 3), or None
        Rows ``step, start, end`` in seconds.
    n_units : int
        Length T of the video.
    rate : float
        Its units a second.
    field : str
        What messages call the segments.
    starts : bool, default=False
        Whether they may have any end, and only their starts count.

    Raises
    ------
    ValueError
        If one ends more than 10 % of the video, and more than 5 s, after its end: the
        message says which rate would fit.
    """
    times = np.empty(0) if segments is None else segments[:, 1 if starts else 2]
    last = float(times.max(initial=0.0))
    if is_far_beyond(last, n_units, rate):
        rows = f"{n_units} rows at rate {rate:g} last {n_units / rate:g} s"
        fitting = suggest_rate(n_units, last)
        raise ValueError(
            f"{field}: {last:g} s is long after the end, since {rows}; rate={fitting} "
            "would fit."
        )
