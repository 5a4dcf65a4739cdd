"""Checks of the public functions' input, and windows as cells of a video."""

from __future__ import annotations

import math
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._segments import check_segments, segment_units

__all__: list[str] = []


def check_matrix(values: ArrayLike, name: str, forbidden: float) -> np.ndarray:
    """Matrix as a contiguous float32 or float64 array, its values checked.

    Parameters
    ----------
    values : array-like of shape (T, K)
        Costs or scores.
    name : str
        What messages call it.
    forbidden : float
        The infinity that forbids a cell; the opposite one is refused, as is nan.

    Returns
    -------
    ndarray of shape (T, K)
        ``values`` itself where possible.

    Raises
    ------
    ValueError
        If it is not a matrix of real numbers, is empty, or holds nan or the wrong
        infinity.
    """
    values = as_matrix(values, name)
    refuse_values(values, name, forbidden)
    return values


def as_matrix(values: ArrayLike, name: str) -> np.ndarray:
    """Matrix as a contiguous float32 or float64 array of shape (T, K).

    Parameters
    ----------
    values : array-like of shape (T, K)
        Costs or scores.
    name : str
        What messages call it.

    Returns
    -------
    ndarray of shape (T, K)
        ``values`` itself where possible.

    Raises
    ------
    ValueError
        If it is not a matrix of real numbers, or is empty.
    """
    values = np.asarray(values)
    if values.dtype.kind not in "fiub":
        raise ValueError(f"{name} must be real numbers, got dtype {values.dtype}.")
    if values.ndim != 2:
        raise ValueError(f"{name} must have shape (T, K), got shape {values.shape}.")
    if 0 in values.shape:
        raise ValueError(f"{name} is empty, shape {values.shape}.")
    if values.dtype not in (np.float32, np.float64):
        values = values.astype(np.float64)
    return np.ascontiguousarray(values)


def refuse_values(values: np.ndarray, name: str, forbidden: float) -> None:
    """Refuse nan, and the infinity that does not forbid a cell.

    Parameters
    ----------
    values : float ndarray of shape (T, K)
        Costs or scores.
    name : str
        What messages call it.
    forbidden : float
        The infinity that forbids a cell.

    Raises
    ------
    ValueError
        If there is one; it says where.
    """
    # One reduction, which passes nan on, instead of a mask of all the cells.
    extreme = values.min() if forbidden > 0 else values.max()
    if math.isnan(extreme) or extreme == -forbidden:
        t, k = np.argwhere(np.isnan(values) | (values == -forbidden))[0]
        raise ValueError(
            f"{name} is {values[t, k]:g} at time {t}, step {k}; expected finite "
            f"numbers, or {forbidden:g} to forbid a cell."
        )


def refuse_infeasible(values: np.ndarray, name: str, forbidden: float) -> NoReturn:
    """Say why no ordered placement is left.

    Parameters
    ----------
    values : ndarray of shape (T, K)
        Costs or scores, known to leave no ordered placement.
    name : str
        What messages call it.
    forbidden : float
        The infinity that forbids a cell.

    Raises
    ------
    ValueError
        Always.
    """
    steps = np.flatnonzero((values == forbidden).all(axis=0))
    if steps.size:
        raise ValueError(
            f"step {steps[0]} is possible at no time: its column of {name} is all "
            f"{forbidden:g}."
        )
    raise ValueError(
        f"no ordered placement has a finite {name}: the cells of {forbidden:g} leave "
        "none."
    )


def refuse_short(n_units: int, n_steps: int, hint: str = "") -> None:
    """Refuse a video that is shorter than its steps.

    Parameters
    ----------
    n_units, n_steps : int
        T and K.
    hint : str, default=""
        What to do about it.

    Raises
    ------
    ValueError
        If T < K.
    """
    if n_units < n_steps:
        raise ValueError(
            f"{n_steps} steps need at least {n_steps} time units, got {n_units}{hint}."
        )


def outside_windows(
    windows: ArrayLike | None, shape: tuple[int, int]
) -> np.ndarray | None:
    """Cells of a video that lie outside the windows.

    Parameters
    ----------
    windows : None, array-like of shape (n, 3) or bool array-like of shape (T, K)
        Rows ``step, start, end``, which hold the units floor(start), ...,
        ceil(end) - 1; or the cells that are allowed.
    shape : (int, int)
        T and K.

    Returns
    -------
    bool ndarray of shape (T, K), or None
        None if nothing is constrained.

    Raises
    ------
    ValueError
        If the shape is wrong, or a row is not finite, is reversed, names an unknown
        step or holds no unit of the video.
    """
    if windows is None:
        return None
    try:
        windows = np.asarray(windows)
    except ValueError:
        raise ValueError(
            "windows must be rows of step, start, end: numbers, steps from 0."
        ) from None
    if windows.dtype == np.bool_:
        if windows.shape != shape:
            raise ValueError(
                f"boolean windows must have shape (T, K) = {shape}, "
                f"got shape {windows.shape}."
            )
        return np.ascontiguousarray(~windows)
    if windows.size == 0:
        return None
    return cells_outside_of(_window_units(windows, shape), shape)


def cells_outside_of(units: np.ndarray, shape: tuple[int, int]) -> np.ndarray | None:
    """Cells of a video that lie outside windows of whole units.

    Parameters
    ----------
    units : ndarray of shape (n, 3) of int
        Rows ``step, first, stop``, as `segment_units` returns them.
    shape : (int, int)
        T and K.

    Returns
    -------
    bool ndarray of shape (T, K), or None
        None if there is no window.
    """
    if not len(units):
        return None
    outside = np.zeros(shape, dtype=np.bool_)
    outside[:, units[:, 0]] = True
    for step, first, stop in units:
        outside[first:stop, step] = False
    return outside


def _window_units(windows: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    n_units, n_steps = shape
    segments = check_segments(windows, "windows", n_steps, from_zero=False)
    for row, (_, start, end) in enumerate(segments.tolist()):
        if start >= n_units or end <= 0:
            raise ValueError(
                f"windows row {row}, from {start:g} to {end:g}, holds no unit of the "
                f"video, which has {n_units}."
            )
    return segment_units(segments, n_units)
