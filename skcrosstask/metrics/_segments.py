"""Segments of label sequences and their overlaps, which several metrics read."""

from __future__ import annotations

import numpy as np


def label_segments(labels: np.ndarray, ignored: np.ndarray) -> np.ndarray:
    """Runs of equal labels.

    Parameters
    ----------
    labels : ndarray of shape (T,) of int
        Label of each time unit.
    ignored : ndarray of int
        Labels whose runs are left out.

    Returns
    -------
    ndarray of shape (n, 3) of int64
        Rows ``label, first, stop`` for ``range(first, stop)``, in order of time.
    """
    # Before the first label stands another one, so that a run starts there.
    first = np.flatnonzero(np.diff(labels, prepend=labels[:1] - 1))
    stop = np.append(first[1:], len(labels))[: len(first)]
    rows = np.column_stack([labels[first], first, stop])
    return rows[~np.isin(rows[:, 0], ignored)]


def intersections(true: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Time units that two lists of segments share, where their labels are equal.

    Parameters
    ----------
    true, found : ndarray of shape (n, 3) and (m, 3)
        Rows ``label, first, stop``.

    Returns
    -------
    ndarray of shape (n, m) of int64
        0 where labels differ.
    """
    label, first, stop = (column[:, None] for column in true.T)
    shared = np.minimum(stop, found[:, 2]) - np.maximum(first, found[:, 1])
    return np.where(label == found[:, 0], np.maximum(shared, 0), 0)
