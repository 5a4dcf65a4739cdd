"""F-step in closed form: discriminants of components from sums of conditioned rows.

In conditioned features the background is near 0 and noise is near white, so the log
odds of step k over background are q_k z - |q_k|^2 / 2, with q_k the mean of the step's
rows. A step's mean is that of its components' vectors, q = A W, and W is a ridge
regression of all labelled rows on their steps' components.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve

from skcrosstask.components import Composition

__all__ = ["StepSums", "StepTable", "solve_components", "step_scores"]


class StepSums(NamedTuple):
    """Rows by step: all that the closed form needs of any number of videos.

    Attributes
    ----------
    matrix : ndarray of shape (S, M)
        Rows of A, one per step.
    counts : ndarray of shape (S,)
        How many rows were labelled with each step.
    sums : ndarray of shape (S, R)
        Their sums.
    """

    matrix: np.ndarray
    counts: np.ndarray
    sums: np.ndarray

    def widened(self, n_components: int) -> StepSums:
        """The same among more components."""
        more = n_components - self.matrix.shape[1]
        return self._replace(matrix=np.pad(self.matrix, ((0, 0), (0, more))))

    def shares(self, ridge: float) -> np.ndarray:
        """Share (M,) of each component's vector that rows gave, and not the ridge.

        Parameters
        ----------
        ridge : float
            Rows at 0 that were added to each component.

        Returns
        -------
        ndarray of shape (M,)
            From 0 to 1.

        Examples
        --------
        Two rows of the only component against a ridge of one:

        >>> import numpy as np
        >>> from skcrosstask.learning._closed_form import StepSums
        >>> rows = StepSums(np.eye(1), np.array([2]), np.array([[6.0]]))
        >>> rows.shares(1.0).round(2)
        array([0.67])
        """
        n_rows = self.counts @ self.matrix
        return n_rows / (n_rows + ridge)

    def __add__(self, other: StepSums) -> StepSums:  # type: ignore[override]
        """Both, steps of the same components taken together."""
        matrix, counts, sums = map(np.concatenate, zip(self, other, strict=True))
        index: dict[bytes, int] = {}
        ids = [index.setdefault(row.tobytes(), len(index)) for row in matrix]
        n = len(index)
        total = StepSums(*(np.zeros((n, *a.shape[1:])) for a in (matrix, counts, sums)))
        total.matrix[ids] = matrix
        np.add.at(total.counts, ids, counts)
        np.add.at(total.sums, ids, sums)
        return total


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


def solve_components(rows: StepSums, ridge: float) -> np.ndarray:
    """Component vectors W that explain the steps' mean rows best.

    Minimises sum over steps s of n_s |A_s W - mean_s|^2 + ridge |W|^2, with n_s rows
    of step s.

    Parameters
    ----------
    rows : StepSums
        Rows by step; fractions count.
    ridge : float
        In rows: so many rows at 0 are added to each component.

    Returns
    -------
    ndarray of shape (M, R)

    Examples
    --------
    Two rows at 3 and a ridge of one row at 0 make a mean of 2:

    >>> import numpy as np
    >>> from skcrosstask.learning._closed_form import StepSums, solve_components
    >>> rows = StepSums(np.eye(1), np.array([2]), np.array([[6.0]]))
    >>> solve_components(rows, ridge=1.0)
    array([[2.]])
    """
    coef = np.zeros((rows.matrix.shape[1], rows.sums.shape[1]))
    there = rows.counts > 0
    known = rows.matrix[there].any(axis=0)
    matrix = rows.matrix[np.ix_(there, known)]
    gram = matrix.T @ (rows.counts[there, None] * matrix)
    gram[np.diag_indices_from(gram)] += ridge
    coef[known] = solve(gram, matrix.T @ rows.sums[there], assume_a="pos")
    return coef


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
