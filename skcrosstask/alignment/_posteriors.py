"""All ordered placements at once: posteriors of the steps, and random draws."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask.alignment import _checks, _kernels

__all__ = ["draw_placement", "sample_alignment", "step_posteriors", "sum_placements"]


def step_posteriors(
    score: ArrayLike, windows: ArrayLike | None = None, *, temperature: float = 1.0
) -> np.ndarray:
    """Probability that step k is at time t, over all ordered placements.

    A placement gives each step one time unit, strictly increasing, and has
    probability proportional to exp(sum of its scores / temperature).

    Parameters
    ----------
    score : array-like of shape (T, K)
        Score of step k at time t (nats when it is a log-probability and the
        temperature is 1). -inf forbids a cell.
    windows : array-like of shape (n, 3) or bool array-like of shape (T, K), optional
        As in `align_steps`: placements outside have probability 0, unless none fits
        inside; then those with the fewest units outside count.
    temperature : float, default=1.0
        Positive; towards 0 the posterior gathers on the best placement.

    Returns
    -------
    float64 ndarray of shape (T, K)
        Columns sum to 1.

    Raises
    ------
    ValueError
        If ``score`` is not a non-empty matrix or holds nan or inf; if T < K; if a
        step is possible at no time, or no ordered placement has a finite score; if
        windows are malformed; if the temperature is not positive and finite.

    Notes
    -----
    The chain of `align_steps` with log-sum-exp for min, forward and backward: O(TK).

    References
    ----------
    The chain is that of Zhukov et al., CVPR 2019, supplement B.2; forward and
    backward sums as in Rabiner, "A tutorial on hidden Markov models", 1989.

    Examples
    --------
    Three placements, of weights 1 (times 0, 1), 1 * 3 (0, 2) and 2 * 3 (1, 2):

    >>> import numpy as np
    >>> from skcrosstask.alignment import step_posteriors
    >>> step_posteriors(np.log([[1, 1], [2, 1], [1, 3]])).round(3)
    array([[0.4, 0. ],
           [0.6, 0.1],
           [0. , 0.9]])
    """
    score = _checks.check_matrix(score, "score", -np.inf)
    temperature = _check_temperature(temperature)
    _checks.refuse_short(score.shape[0], score.shape[1])
    outside = _checks.outside_windows(windows, score.shape)
    if outside is None:
        outside = np.zeros(score.shape, dtype=np.bool_)
    # A constant a step changes nothing; without it the sums stay small and exact.
    top = score.max(axis=0).astype(np.float64)
    shifted = (score - np.where(top == -np.inf, 0.0, top)) / temperature
    posterior = weigh_placements(shifted, outside)
    if not posterior.any():
        _checks.refuse_infeasible(score, "score", -np.inf)
    posterior /= posterior.sum(axis=0)
    return posterior


def sample_alignment(
    shape: tuple[int, int],
    windows: ArrayLike | None = None,
    *,
    random_state: int | np.random.Generator | np.random.RandomState | None = None,
) -> np.ndarray:
    """Draw an ordered placement of K steps in T time units, uniformly.

    Parameters
    ----------
    shape : (int, int)
        T and K.
    windows : array-like of shape (n, 3) or bool array-like of shape (T, K), optional
        As in `align_steps`: placements inside are drawn from, or, if there is none,
        those with the fewest units outside.
    random_state : None, int, numpy.random.Generator or RandomState, optional
        An int makes the draw repeatable; a generator is advanced.

    Returns
    -------
    int64 ndarray of shape (K,)
        The time unit of each step, strictly increasing.

    Raises
    ------
    ValueError
        If the shape is not two positive numbers, if T < K, or if windows are
        malformed.

    Notes
    -----
    A forward pass counts the placements of each prefix, in logarithms; a backward
    pass draws each step's time from its exact conditional distribution.

    References
    ----------
    Such labellings initialise the training of Zhukov et al., CVPR 2019, section 4.3,
    who place steps by uniform random costs instead.

    Examples
    --------
    Where windows leave one placement, it is drawn.

    >>> from skcrosstask.alignment import sample_alignment
    >>> sample_alignment((5, 3), windows=[[0, 2, 3]])
    array([2, 3, 4])
    """
    n_units, n_steps = _check_shape(shape)
    _checks.refuse_short(n_units, n_steps)
    outside = _checks.outside_windows(windows, (n_units, n_steps))
    if outside is None:
        outside = np.zeros((n_units, n_steps), dtype=np.bool_)
    rng = random_state
    if not isinstance(rng, np.random.RandomState):
        rng = np.random.default_rng(rng)
    log_sum, fewest = sum_placements(np.zeros(outside.shape), outside)
    return draw_placement(log_sum, fewest, rng.random(n_steps))


def sum_placements(
    score: np.ndarray, outside: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Table of all ordered placements, to draw from; without checks.

    Parameters
    ----------
    score : C-contiguous float64 ndarray of shape (T, K)
        Log weight of a cell, zeros for uniform draws; -inf forbids it.
    outside : C-contiguous bool ndarray of shape (T, K)
        Cells outside the windows, which yield to order.

    Returns
    -------
    log_sum : float64 ndarray of shape (T + 1, K + 1)
        At [t, k], the log of the summed weights of the placements of the first k
        steps within the first t units; its last entry is -inf if there is none.
    fewest : int32 ndarray of shape (T + 1, K + 1)
        How many units of them lie outside.
    """
    n_units, n_steps = score.shape
    log_sum = np.empty((n_units + 1, n_steps + 1))
    fewest = np.empty((n_units + 1, n_steps + 1), dtype=np.int32)
    _kernels.sum_forward(score, outside, log_sum, fewest)
    return log_sum, fewest


def weigh_placements(score: np.ndarray, outside: np.ndarray) -> np.ndarray:
    """Weight of each step at each time over all ordered placements; without checks.

    Parameters
    ----------
    score, outside : ndarrays of shape (T, K)
        As for `sum_placements`.

    Returns
    -------
    float64 ndarray of shape (T, K)
        Columns sum to 1, up to rounding; all 0 if there is no placement.
    """
    log_sum, fewest = sum_placements(score, outside)
    weights = np.zeros(score.shape)
    if log_sum[-1, -1] > -np.inf:
        n_steps = score.shape[1]
        rest, rest_fewest = np.empty(n_steps + 1), np.empty(n_steps + 1, np.int32)
        _kernels.weigh_backward(
            score, outside, log_sum, fewest, rest, rest_fewest, weights
        )
    return weights


def draw_placement(
    log_sum: np.ndarray, fewest: np.ndarray, uniforms: np.ndarray
) -> np.ndarray:
    """Draw a placement from the table of `sum_placements`; without checks.

    Parameters
    ----------
    log_sum, fewest : ndarrays of shape (T + 1, K + 1)
        The table, of at least one placement.
    uniforms : float64 ndarray of shape (K,)
        Random numbers in [0, 1).

    Returns
    -------
    int64 ndarray of shape (K,)
        The time unit of each step.
    """
    times = np.empty(len(uniforms), dtype=np.int64)
    _kernels.draw_backward(log_sum, fewest, uniforms, times)
    return times


def _check_temperature(temperature: Any) -> float:
    number = np.asarray(temperature)
    if number.ndim or number.dtype.kind not in "fiu" or not 0 < number < np.inf:
        raise ValueError(
            f"temperature must be positive and finite, got {temperature!r}."
        )
    return float(number)


def _check_shape(shape: Any) -> tuple[int, int]:
    try:
        n_units, n_steps = map(operator.index, shape)
    except (TypeError, ValueError):
        raise ValueError(f"shape must be two integers (T, K), got {shape!r}.") from None
    if n_units < 1 or n_steps < 1:
        raise ValueError(f"shape must be positive, got (T, K) = {(n_units, n_steps)}.")
    return n_units, n_steps
