"""Segments as rows of step, start and end: their checks, and the units they touch."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["check_segments", "refuse_overlap", "segment_units"]


def segment_units(segments: ArrayLike, n_units: int | None = None) -> np.ndarray:
    """Time units that each segment touches, the last excluded.

    The units of ``[start, end)`` are floor(start), ..., ceil(end) - 1.

    Parameters
    ----------
    segments : ndarray of shape (n, 3)
        Rows ``step, start, end``.
    n_units : int, optional
        Length T of the video; segments are clipped to it.

    Returns
    -------
    ndarray of shape (n, 3) of int64
        Rows ``step, first, stop`` for ``range(first, stop)``.

    Examples
    --------
    >>> segment_units(np.array([[0, 2.1, 5.7], [1, 6.0, 7.0]]), n_units=7)
    array([[0, 2, 6],
           [1, 6, 7]])
    """
    segments = np.asarray(segments, dtype=np.float64).reshape(-1, 3)
    units = np.empty(segments.shape, dtype=np.int64)
    units[:, 0] = segments[:, 0]
    units[:, 1] = np.floor(segments[:, 1])
    units[:, 2] = np.ceil(segments[:, 2])
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
