"""Costs of steps that look alike, which order alone would crowd at the start."""

from __future__ import annotations

import numpy as np

__all__ = ["spread_alike"]

# In nats, what tells steps that look alike apart: less than any score does.
_TIE = 1e-3


def spread_alike(cost: np.ndarray) -> np.ndarray:
    """Cost that spreads out evenly what order alone tells apart.

    Steps whose words were not seen in training look alike, and would else all be
    placed at the first moment.

    Parameters
    ----------
    cost : ndarray of shape (T, K)
        Nats.

    Returns
    -------
    ndarray of shape (T, K)
        The same where no two steps are alike.
    """
    n_units, n_steps = cost.shape
    same = np.array([(cost == column[:, None]).all(axis=0) for column in cost.T])
    alike = same.sum(axis=0) > 1
    if not alike.any():
        return cost
    times, steps = (np.arange(n_units) + 0.5) / n_units, np.arange(n_steps) + 0.5
    return cost + np.where(alike, _TIE * (times[:, None] - steps / n_steps) ** 2, 0)
