"""What rows are worth as evidence: correlation, temperature, and the prior."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrosstask._jit import inner, kernel

if TYPE_CHECKING:
    from skcrosstask.learning.rows._store import FrameStore
    from skcrosstask.learning.rows._worker_store import WorkerStore

__all__ = [
    "SegmentRule",
    "correlation_time",
    "middle_of",
    "position_prior",
    "temperature_at",
    "weigh_cell",
]

# Standard deviation of the prior on where steps are, as a share of the video.
_SPREAD = 0.15
# Correlations of rows below this, or at longer lags, are taken for none.
_UNCORRELATED, _LONGEST = 0.05, 200
# Videos whose rows they are estimated from.
_SAMPLED = 200


class SegmentRule(NamedTuple):
    """Constants of the passes.

    Attributes
    ----------
    ridge : float
        Rows at 0 that are added to each component.
    n_folds : int
        A video is labelled by what the videos of the other folds taught, so that it
        does not confirm its own labels.
    position : float
        Strength of the prior on where steps are, 0 for none.
    window_penalty : float
        Cost in nats of each second outside a step's windows.
    temperature : float
        By which log odds are divided: neighbouring rows say much the same, so that n
        of them are worth fewer.
    rate : float
        Rows a second at which the temperature is such.
    """

    ridge: float
    n_folds: int
    position: float
    window_penalty: float
    temperature: float
    rate: float = 1.0

    def weigh(
        self, scores: np.ndarray, rate: float, outside: np.ndarray | None = None
    ) -> np.ndarray:
        """Log odds (T, K) of a video, with prior and windows.

        Parameters
        ----------
        scores : ndarray of shape (T, K)
            Log odds of rows, as if each told something of its own.
        rate : float
            The video's rows a second.
        outside : ndarray of shape (T, K) of bool, optional
            Where windows keep steps from being.

        Returns
        -------
        ndarray of shape (T, K)
            Such that a second weighs the same, however many rows it has.
        """
        odds = np.empty(scores.shape)
        heat = temperature_at(self.temperature, self.rate, rate)
        _weigh_cells(scores, heat, self.position / 2 / rate, odds)
        if outside is not None:
            odds -= np.where(outside, self.window_penalty / rate, 0.0)
        return odds


@inner
def middle_of(part, n_parts):
    """Middle of one of equal parts of the video, in deviations of the prior."""
    return (part + 0.5) / n_parts / _SPREAD


@inner
def weigh_cell(score, away, cool, strength):
    """Score over temperature, plus a log prior that falls with the squared distance."""
    return score * cool - strength * away * away


@kernel
def _weigh_cells(scores, temperature, strength, odds):
    """Scores over temperature, plus a log prior about the middles of equal parts.

    Of one piece, so that threads need not wait for each other.
    """
    n_units, n_steps = scores.shape
    cool = 1 / temperature
    for t in range(n_units):
        time = middle_of(t, n_units)
        for k in range(n_steps):
            away = time - middle_of(k, n_steps)
            odds[t, k] = weigh_cell(scores[t, k], away, cool, strength)


def correlation_time(store: FrameStore | WorkerStore, n_videos: int) -> float:
    """Number of neighbouring rows that say as much as one would by itself.

    Parameters
    ----------
    store : FrameStore or WorkerStore
        Conditioned rows, all of each video.
    n_videos : int
        Number of videos.

    Returns
    -------
    float
        1 plus the sum of the autocorrelations of the rows, up to the first lag at
        which they are below 0.05; at least 1.

    References
    ----------
    Sokal, "Monte Carlo methods in statistical mechanics", 1996, on the integrated
    autocorrelation time, here of one side.
    """
    sample = np.linspace(0, n_videos - 1, min(n_videos, _SAMPLED)).astype(int)
    videos = [store.rows(i).astype(np.float32, copy=False) for i in sample]
    at_zero, total = _autocovariance(videos, 0), 1.0
    for lag in range(1, _LONGEST if at_zero > 0 else 0):
        correlation = _autocovariance(videos, lag) / at_zero
        if correlation < _UNCORRELATED:
            break
        total += correlation
    return total


def temperature_at(temperature: float, measured: float, rate: float) -> float:
    """Correlation time in rows of another rate.

    Parameters
    ----------
    temperature : float
        In rows of the rate at which it was measured.
    measured : float
        That rate.
    rate : float
        The other one.

    Returns
    -------
    float
        At least 1.

    Notes
    -----
    Where correlation decays exponentially, as r^n over n rows, its time is
    1 / (1 - r), and r to the power of their ratio that of other rates.

    Examples
    --------
    >>> temperature_at(4.0, 1.0, 1.0), round(temperature_at(4.0, 1.0, 2.0), 2)
    (4.0, 7.46)
    """
    if rate == measured or temperature <= 1:
        return temperature
    return float(1 / (1 - (1 - 1 / temperature) ** (measured / rate)))


def _autocovariance(videos: Sequence[np.ndarray], lag: int) -> float:
    long = [rows for rows in videos if len(rows) > lag]
    products = [
        np.einsum("td,td->", rows[lag:], rows[: len(rows) - lag], dtype=np.float64)
        for rows in long
    ]
    return float(sum(products) / max(sum(len(rows) - lag for rows in long), 1))


def position_prior(shape: tuple[int, ...], strength: float) -> np.ndarray:
    """Log prior (T, K) of where steps are: about the middles of K equal parts.

    Parameters
    ----------
    shape : (int, int)
        T and K.
    strength : float
        Factor of the squared distance, in standard deviations.

    Returns
    -------
    ndarray of shape (T, K)
        Nats, 0 at the middle.
    """
    prior = np.empty(shape)
    _weigh_cells(np.zeros(shape), 1.0, strength / 2, prior)
    return prior
