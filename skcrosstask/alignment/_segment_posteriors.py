"""All ordered segments at once: where each step runs, and whether it is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data._order import check_order
from skcrosstask.alignment import _checks
from skcrosstask.alignment._partial_posteriors import sum_in_partial_order
from skcrosstask.alignment._segment_kernels import weigh_segments

__all__ = ["SegmentPosterior", "segment_posteriors"]


class SegmentPosterior(NamedTuple):
    """What `segment_posteriors` finds.

    Attributes
    ----------
    running : float64 ndarray of shape (T, K)
        P(step k takes unit t); rows sum to at most 1, the rest is background.
    first : float64 ndarray of shape (T, K)
        P(the segment of step k starts at unit t).
    present : float64 ndarray of shape (K,)
        P(step k has a segment).
    log_sum : float
        Log of the summed weights of all labellings, relative to background alone.
    """

    running: np.ndarray
    first: np.ndarray
    present: np.ndarray
    log_sum: float


def segment_posteriors(
    score: ArrayLike,
    absent: ArrayLike | float | None = None,
    *,
    before: Iterable[tuple[int, int]] | None = None,
) -> SegmentPosterior:
    """Probability that step k takes unit t, over all ordered labellings.

    A labelling gives each step one segment of one unit or more, in order, or leaves
    it out; other units are background. Its probability is proportional to the
    exponential of the scores of the units that steps take, plus ``absent`` for each
    step left out.

    Parameters
    ----------
    score : array-like of shape (T, K)
        Log odds of step k over background at time t, in nats. -inf forbids it.
    absent : float or array-like of shape (K,), optional
        Log odds of leaving a step out. By default no step may be left out.
    before : iterable of (int, int), optional
        A partial order, as in `align_steps`.

    Returns
    -------
    SegmentPosterior
        Where each step runs and starts, and whether it is there.

    Raises
    ------
    ValueError
        If ``score`` is not a non-empty matrix or holds nan or inf; if ``absent`` has
        another shape, or holds nan or inf; if there is no labelling, as when T < K
        and no step may be left out; if `align_steps` would refuse ``before``.
    TypeError
        If ``before`` is not made of pairs of integers.

    Notes
    -----
    Forward and backward sums over two states per step, O(TK). Under a partial order,
    as many states as there are sets of steps that can be over at a time, and ways
    from one to the next.

    References
    ----------
    Rabiner, "A tutorial on hidden Markov models", 1989. The order is that of Zhukov
    et al., CVPR 2019, section 4.2, "at least once".

    Examples
    --------
    Two units and one step, which fits the second unit three times as well as
    background: it takes the first unit, the second or both, with weights 1, 3 and 3.

    >>> import numpy as np
    >>> from skcrosstask.alignment import segment_posteriors
    >>> found = segment_posteriors(np.log([[1], [3]]))
    >>> (7 * found.running).round(3).ravel()
    array([4., 6.])

    Leaving it out weighs 1 too, if that is as likely as not:

    >>> segment_posteriors(np.log([[1], [3]]), absent=0.0).present
    array([0.875])

    Two steps in two units, in any order: step 0 first weighs 3 times 1, step 1 first
    1 times 1.

    >>> segment_posteriors(np.log([[3, 1], [1, 1]]), before=()).running.round(3)
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    score = _checks.check_matrix(score, "score", -np.inf).astype(np.float64)
    n_units, n_steps = score.shape
    odds = np.full(n_steps, -np.inf)
    if absent is None:
        _checks.refuse_short(n_units, n_steps, "; absent lets steps be left out")
    else:
        odds[:] = _check_absent(absent, n_steps)
    if before is None:
        running, first = np.empty((2, n_units, n_steps))
        scratch = np.empty((2, n_units + 1, n_steps + 1))
        log_sum = weigh_segments(score, odds, *scratch, running, first)
    else:
        order = check_order(before, n_steps)
        running, first, log_sum = sum_in_partial_order(score, order, odds)
    if log_sum == -np.inf:
        _checks.refuse_infeasible(score, "score", -np.inf)
    return SegmentPosterior(running, first, first.sum(axis=0), log_sum)


def _check_absent(absent: ArrayLike | float, n_steps: int) -> np.ndarray:
    odds = np.asarray(absent)
    if odds.dtype.kind not in "fiu" or odds.shape not in ((), (n_steps,)):
        raise ValueError(
            f"absent must be a number, or one per step, shape ({n_steps},); got "
            f"{odds.dtype} of shape {odds.shape}."
        )
    if np.isnan(odds).any() or (odds == np.inf).any():
        raise ValueError("absent must be finite, or -inf where a step must be there.")
    return odds
