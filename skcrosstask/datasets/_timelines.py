"""Generated timelines and narration windows."""

from __future__ import annotations

import numpy as np

__all__ = ["draw_timeline", "draw_windows"]


def draw_timeline(
    seconds: float,
    n_steps: int,
    rng: np.random.Generator,
    *,
    background: float = 0.72,
    missing: float = 0.3,
    swaps: float = 0.1,
) -> np.ndarray:
    """Segments of the steps in one video, mostly in order.

    Parameters
    ----------
    seconds : float
        Length of the video.
    n_steps : int
        Number of steps K.
    rng : numpy.random.Generator
        Source of randomness.
    background : float, default=0.72
        Expected share of time without a step.
    missing : float, default=0.3
        Probability that a step is left out; one is always kept.
    swaps : float, default=0.1
        Probability that a step swaps places with the next.

    Returns
    -------
    ndarray of shape (n, 3)
        Rows ``step, start, end``, sorted by start.
    """
    present = rng.random(n_steps) >= missing
    present[rng.integers(n_steps)] = True
    order = np.flatnonzero(present)
    for i in range(len(order) - 1):
        if rng.random() < swaps:
            order[[i, i + 1]] = order[[i + 1, i]]
    n = len(order)
    # At least a second per step; steps and gaps share the rest.
    spare = max(seconds - n, 0)
    shown = spare * (1 - background)
    sizes = np.minimum(1.0, seconds / n) + shown * rng.dirichlet(np.full(n, 3.0))
    # Without background, rounding may leave a negative rest.
    gaps = max(seconds - sizes.sum(), 0.0) * rng.dirichlet(np.full(n + 1, 0.6))
    starts = np.cumsum(gaps[:-1]) + np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return np.column_stack([order, starts, np.minimum(starts + sizes, seconds)])


def draw_windows(
    segments: np.ndarray,
    seconds: float,
    n_steps: int,
    rng: np.random.Generator,
    *,
    length: float = 9.0,
    heard: float = 0.45,
) -> np.ndarray:
    """Windows as narration gives them: one per step, in order, often off the truth.

    With the defaults, on the CrossTask timelines, 61 % of the true steps lie wholly
    outside their window, as they do in the released windows.

    Parameters
    ----------
    segments : ndarray of shape (n, 3)
        The truth, rows ``step, start, end``.
    seconds : float
        Length of the video.
    n_steps : int
        Number of steps K.
    rng : numpy.random.Generator
        Source of randomness.
    length : float, default=9.0
        Length of a window in seconds.
    heard : float, default=0.45
        Probability that a present step is mentioned about when it happens; other
        windows fall anywhere between their neighbours.

    Returns
    -------
    ndarray of shape (K, 3)
        Rows ``step, start, end``, starts ascending.
    """
    length = min(length, seconds)
    centre = np.full(n_steps, np.nan)
    for step, start, end in rng.permutation(segments):
        if rng.random() < heard:
            centre[int(step)] = rng.uniform(start - length, end + length)
    known = np.flatnonzero(~np.isnan(centre))
    # The windows come from an ordered alignment, so they are in order themselves.
    centre[known] = np.sort(centre[known])
    for step in np.flatnonzero(np.isnan(centre)):
        before, after = known[known < step], known[known > step]
        low = centre[before[-1]] if len(before) else 0.0
        high = centre[after[0]] if len(after) else seconds
        centre[step] = rng.uniform(min(low, high), max(low, high))
    starts = np.clip(np.sort(centre) - length / 2, 0, seconds - length)
    return np.column_stack([np.arange(n_steps), starts, starts + length])
