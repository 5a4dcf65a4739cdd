"""F-step in closed form: discriminants of components from sums of conditioned rows.

In conditioned features the background is near 0 and noise is near white, so the log
odds of step k over background are q_k z - |q_k|^2 / 2, with q_k the mean of the step's
rows. A step's mean is that of its components' vectors, q = A W, and W is a ridge
regression of all labelled rows on their steps' components.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import solve

from skcrosstask.components import Composition

__all__ = ["StepTable", "solve_components", "step_scores"]


class StepTable:
    """All different steps of some tasks: those made of the same components are one.

    Parameters
    ----------
    compositions : sequence of Composition
        One per video.
    n_components : int
        Number of components M.

    Attributes
    ----------
    matrix : ndarray of shape (S, M)
        Rows of A, one per step.
    ids : list of ndarray of shape (K_i,) of int64
        For each video the indices of its task's steps.
    """

    def __init__(self, compositions: Sequence[Composition], n_components: int):
        index: dict[bytes, int] = {}
        rows: list[np.ndarray] = []
        known: dict[int, np.ndarray] = {}
        for steps in compositions:
            if id(steps) in known:
                continue
            ids = []
            for shares in steps.matrix:
                row = np.zeros(n_components)
                row[steps.columns] = shares
                key = row.tobytes()
                if key not in index:
                    index[key] = len(rows)
                    rows.append(row)
                ids.append(index[key])
            known[id(steps)] = np.array(ids)
        self.matrix = np.array(rows)
        self.ids = [known[id(steps)] for steps in compositions]


def solve_components(
    matrix: np.ndarray, counts: np.ndarray, sums: np.ndarray, ridge: float
) -> np.ndarray:
    """Component vectors W that explain the steps' mean rows best.

    Minimises sum over steps s of n_s |A_s W - mean_s|^2 + ridge |W|^2, with n_s rows
    of step s.

    Parameters
    ----------
    matrix : ndarray of shape (S, M)
        Rows of A.
    counts : ndarray of shape (S,)
        Rows n_s labelled with each step; fractions count.
    sums : ndarray of shape (S, R)
        Sums of these rows.
    ridge : float
        In rows: so many rows at 0 are added to each component.

    Returns
    -------
    ndarray of shape (M, R)

    Examples
    --------
    Two rows at 3 and a ridge of one row at 0 make a mean of 2:

    >>> import numpy as np
    >>> from skcrosstask.learning._closed_form import solve_components
    >>> solve_components(np.eye(1), np.array([2]), np.array([[6.0]]), 1.0)
    array([[2.]])
    """
    gram = matrix.T @ (counts[:, None] * matrix)
    gram[np.diag_indices_from(gram)] += ridge
    return solve(gram, matrix.T @ sums, assume_a="pos")


def step_scores(rows: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Log odds of steps over background, q z - |q|^2 / 2.

    Parameters
    ----------
    rows : ndarray of shape (T, R)
        Conditioned rows z.
    means : ndarray of shape (K, R)
        The steps' q.

    Returns
    -------
    ndarray of shape (T, K)
        Nats.
    """
    return rows @ means.T - np.einsum("kr,kr->k", means, means) / 2
