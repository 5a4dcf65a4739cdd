"""One time per step, from scores or segments, for step recall."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask.metrics._checks import check_labels, check_scores
from skcrosstask.metrics._segments import label_segments

__all__ = ["argmax_times", "segment_centres"]


def argmax_times(scores: ArrayLike) -> np.ndarray:
    """Time unit of each step's highest score, whatever the order of the steps.

    Parameters
    ----------
    scores : array-like of shape (T, K)
        Score of each step at each time unit of one video, as ``decision_function``
        returns them.

    Returns
    -------
    ndarray of shape (K,) of int64
        Of equal scores, the earliest time.

    Raises
    ------
    ValueError
        If the shape is another, there is no time unit, or scores hold NaN.

    See Also
    --------
    step_recall : Takes these times as predictions.

    Examples
    --------
    The second step scores best before the first one does.

    >>> from skcrosstask.metrics import argmax_times, step_recall
    >>> times = argmax_times([[0.1, 0.2], [0.3, 0.9], [0.8, 0.4]])
    >>> times
    array([2, 1])
    >>> step_recall([[[0, 2, 3], [1, 2, 3]]], [times])
    0.5
    """
    return check_scores(scores, "scores").argmax(axis=0)


def segment_centres(labels: ArrayLike, n_steps: int) -> np.ndarray:
    """Time unit in the middle of each step's segment.

    Parameters
    ----------
    labels : array-like of int of shape (T,)
        Step of each time unit of one video, as ``predict_segments`` returns them;
        negative for background.
    n_steps : int
        Number K of the steps.

    Returns
    -------
    ndarray of shape (K,) of int64
        The unit that holds the instant (first + stop) / 2 of the step's longest
        segment, ``range(first, stop)``; of equally long ones, the earliest. -1 for
        a step without a segment.

    Raises
    ------
    ValueError
        If labels are not whole numbers, or one is not a step.

    See Also
    --------
    step_recall : Takes these times as predictions.

    Examples
    --------
    Step 0 has two segments, the longer one in units 3 to 5; step 1 has none.

    >>> from skcrosstask.metrics import segment_centres, step_recall
    >>> times = segment_centres([0, 0, -1, 0, 0, 0, 2], 3)
    >>> times
    array([ 4, -1,  6])
    >>> step_recall([[[0, 4, 9], [1, 0, 2]]], [times])
    0.5
    """
    steps = check_labels(labels, "labels")
    if len(steps) and steps.max() >= n_steps:
        raise ValueError(
            f"labels holds step {steps.max()}, but there are {n_steps} steps, counted "
            "from 0."
        )
    centres = np.full(n_steps, -1, dtype=np.int64)
    longest = np.zeros(n_steps, dtype=np.int64)
    for step, first, stop in label_segments(steps, np.unique(steps[steps < 0])):
        if stop - first > longest[step]:
            longest[step], centres[step] = stop - first, (first + stop) // 2
    return centres
