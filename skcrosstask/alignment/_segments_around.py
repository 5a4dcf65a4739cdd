"""The best segment of each step around a unit that is known to be the step's."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

__all__ = ["segments_around"]


def segments_around(
    gain: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Segments of the largest total gain that hold given units and do not overlap.

    Given the units, what lies between two of them concerns two steps alone, so that
    each gap is divided by itself: O(T) in all.

    Parameters
    ----------
    gain : float ndarray of shape (T, K)
        Log odds of step k over background at time t.
    times : int ndarray of shape (K,)
        A unit of each step, all different; -1 for a step without segment.

    Returns
    -------
    first, stop : int ndarray of shape (K,)
        Step k takes ``range(first, stop)``; -1 where it has no segment. Of equals,
        the shortest.

    Examples
    --------
    >>> gain = np.array([[1, -9], [1, -9], [-3, 2], [-9, 1], [-9, -1.0]])
    >>> segments_around(gain, np.array([0, 3]))
    (array([0, 2]), array([2, 4]))
    """
    first, stop = times.copy(), np.where(times < 0, -1, times + 1)
    order = [k for k in np.argsort(times) if times[k] >= 0]
    if not order:
        return first, stop
    begin, end = order[0], order[-1]
    first[begin] -= _reach(gain[: times[begin], begin][::-1])
    stop[end] += _reach(gain[times[end] + 1 :, end])
    for k, after in pairwise(order):
        low, high = times[k] + 1, times[after]
        left, right = _divide(gain[low:high, k], gain[low:high, after])
        stop[k], first[after] = low + left, low + right
    return first, stop


def _reach(gain: np.ndarray) -> int:
    """How many units to take from the start of these."""
    return int(np.argmax(np.concatenate([[0.0], np.cumsum(gain)])))


def _divide(before: np.ndarray, after: np.ndarray) -> tuple[int, int]:
    """Where the step before a gap stops, and where the one after it starts."""
    taken = np.concatenate([[0.0], np.cumsum(before)])
    left_over = np.concatenate([np.cumsum(after[::-1])[::-1], [0.0]])
    total = np.maximum.accumulate(taken) + left_over
    right = len(total) - 1 - int(np.argmax(total[::-1]))
    return int(np.argmax(taken[: right + 1])), right
