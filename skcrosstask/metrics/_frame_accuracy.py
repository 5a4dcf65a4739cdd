"""Accuracy of labels given to every time unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data import segment_units
from skcrosstask._typing import PerVideo
from skcrosstask.metrics._checks import check_annotation, check_same_length


def frame_labels(
    annotation: ArrayLike | None, n_units: int, *, background: int = -1
) -> np.ndarray:
    """Label of each time unit of one video.

    Parameters
    ----------
    annotation : array-like of shape (n, 3)
        Rows ``step, start, end``; steps from 0. None or no row: all background.
    n_units : int
        Length T of the video; segments are clipped to it.
    background : int, default=-1
        Label of the units that no segment touches.

    Returns
    -------
    ndarray of shape (n_units,) of int64
        Where segments overlap, the one that starts later has the unit.

    Raises
    ------
    ValueError
        If the annotation is malformed.

    Examples
    --------
    >>> from skcrosstask.metrics import frame_labels
    >>> frame_labels([[1, 3.5, 5.0], [0, 1.0, 4.0]], 7)
    array([-1,  0,  0,  1,  1, -1, -1])
    """
    segments = check_annotation(annotation, "annotation")
    segments = segments[np.argsort(segments[:, 1], kind="stable")]
    labels = np.full(n_units, background, dtype=np.int64)
    for step, first, stop in segment_units(segments, n_units):
        labels[first:stop] = step
    return labels


def frame_accuracy(
    true_labels: PerVideo,
    predicted_labels: PerVideo,
    *,
    ignore: int | Sequence[int] | None = None,
) -> float:
    """Share of the time units of all videos that have the right label.

    Parameters
    ----------
    true_labels, predicted_labels : sequence of array-like of int of shape (T_i,)
        Label of each time unit of each video.
    ignore : int or sequence of int, optional
        Units whose true label is one of these do not count: ``ignore=-1`` leaves
        out background. None counts all units.

    Returns
    -------
    float
        From 0 to 1, pooled over the units of all videos.

    Raises
    ------
    ValueError
        If the lengths differ, a label is missing or not a whole number, or no
        unit is left to count.

    Examples
    --------
    >>> from skcrosstask.metrics import frame_accuracy
    >>> truth, found = [[-1, 0, 0, 1], [-1, -1]], [[-1, 0, 1, 1], [-1, -1]]
    >>> round(frame_accuracy(truth, found), 3)
    0.833
    >>> round(frame_accuracy(truth, found, ignore=-1), 3)
    0.667
    >>> frame_accuracy(truth, found, ignore=(-1, 1))
    0.5
    """
    check_same_length(true_labels=true_labels, predicted_labels=predicted_labels)
    truth = [_check_labels(x, f"true_labels[{i}]") for i, x in enumerate(true_labels)]
    found = [
        _check_labels(x, f"predicted_labels[{i}]")
        for i, x in enumerate(predicted_labels)
    ]
    for i, (true, predicted) in enumerate(zip(truth, found, strict=True)):
        if len(true) != len(predicted):
            raise ValueError(
                f"Video {i} has {len(true)} true labels, but {len(predicted)} "
                "predicted labels."
            )
    pooled = np.concatenate(truth) if truth else np.empty(0)
    right = pooled == (np.concatenate(found) if found else pooled)
    counted = ~np.isin(pooled, () if ignore is None else np.atleast_1d(ignore))
    if not counted.any():
        raise ValueError("Accuracy is undefined: no time unit is left to count.")
    return float(right[counted].mean())


def _check_labels(labels: ArrayLike, name: str) -> np.ndarray:
    labels = np.asarray(labels, dtype=np.float64)
    if labels.ndim != 1:
        raise ValueError(f"{name} must have shape (T,), got shape {labels.shape}.")
    if not (np.isfinite(labels) & (labels == np.floor(labels))).all():
        raise ValueError(f"{name} must be whole numbers.")
    return labels
