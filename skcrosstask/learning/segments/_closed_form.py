"""F-step in closed form: discriminants of components from sums of conditioned rows.

In conditioned features the background is near 0 and noise is near white, so the log
odds of step k over background are q_k z - |q_k|^2 / 2, with q_k the mean of the step's
rows. A step's mean is that of its components' vectors, q = A W, and W is a ridge
regression of all labelled rows on their steps' components.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, vstack

from skcrosstask._jit import kernel
from skcrosstask.components import Composition

__all__ = ["StepSums", "StepTable", "solve_components", "step_means", "step_scores"]


class StepSums(NamedTuple):
    """Rows by step: all that the closed form needs of any number of videos.

    Attributes
    ----------
    matrix : csr_array of shape (S, M)
        Rows of A, one per step.
    counts : ndarray of shape (S,)
        How many rows were labelled with each step.
    sums : ndarray of shape (S, R)
        Their sums.
    """

    matrix: csr_array
    counts: np.ndarray
    sums: np.ndarray

    def widened(self, n_components: int) -> StepSums:
        """The same among more components."""
        matrix = self.matrix.copy()
        matrix.resize(self.matrix.shape[0], n_components)
        return self._replace(matrix=matrix)

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
        >>> from scipy.sparse import csr_array
        >>> from skcrosstask.learning.segments._closed_form import StepSums
        >>> steps = csr_array(np.eye(1))
        >>> rows = StepSums(steps, np.array([2]), np.array([[6.0]]))
        >>> rows.shares(1.0).round(2)
        array([0.67])
        """
        n_rows = self.matrix.T @ self.counts
        return n_rows / (n_rows + ridge)

    def __add__(self, other: StepSums) -> StepSums:  # type: ignore[override]
        """Both, steps of the same components taken together."""
        matrix = vstack([self.matrix, other.matrix], format="csr")
        first, ids = _distinct(matrix)
        counts = np.zeros(len(first))
        sums = np.zeros((len(first), self.sums.shape[1]))
        np.add.at(counts, ids, np.concatenate([self.counts, other.counts]))
        np.add.at(sums, ids, np.concatenate([self.sums, other.sums]))
        return StepSums(matrix[first], counts, sums)


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
    matrix : csr_array of shape (S, M)
        Rows of A, one per step.
    ids : list of ndarray of shape (K_i,) of int64
        For each video the indices of its task's steps.
    """

    def __init__(self, compositions: Sequence[Composition], n_components: int):
        tasks = {id(steps): steps for steps in compositions}
        blocks = []
        for steps in tasks.values():
            rows, local = np.nonzero(steps.matrix)
            cells = steps.matrix[rows, local], (rows, steps.columns[local])
            shape = len(steps.matrix), n_components
            blocks.append(csr_array(cells, shape))
            blocks[-1].sort_indices()
        matrix = vstack(blocks, format="csr")
        first, ids = _distinct(matrix)
        self.matrix = matrix[first]
        ends = np.cumsum([block.shape[0] for block in blocks])
        known = dict(zip(tasks, np.split(ids, ends[:-1]), strict=True))
        self.ids = [known[id(steps)] for steps in compositions]


def _distinct(matrix: csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Where each different row comes first, and which of these each row is."""
    index: dict[bytes, int] = {}
    keys = (
        matrix.indices[i:j].tobytes() + matrix.data[i:j].tobytes()
        for i, j in pairwise(matrix.indptr)
    )
    ids = np.array([index.setdefault(key, len(index)) for key in keys], int)
    return np.unique(ids, return_index=True)[1], ids


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
    >>> from scipy.sparse import csr_array
    >>> from skcrosstask.learning.segments import _closed_form
    >>> steps = csr_array(np.eye(1))
    >>> rows = _closed_form.StepSums(steps, np.array([2]), np.array([[6.0]]))
    >>> _closed_form.solve_components(rows, ridge=1.0)
    array([[2.]])
    """
    n_components = rows.matrix.shape[1]
    gram = np.zeros((n_components, n_components))
    target = np.zeros((n_components, rows.sums.shape[1]))
    steps = rows.matrix.indptr, rows.matrix.indices, rows.matrix.data
    _sum_products(*steps, rows.counts, rows.sums, ridge, gram, target)
    # SciPy's solvers hold the GIL, and those of folds run side by side.
    return np.linalg.solve(gram, target)


@kernel
def _sum_products(indptr, indices, data, counts, sums, ridge, gram, target):
    """Add A' diag(n) A, with the ridge, and A' sums."""
    for s in range(len(counts)):
        for i in range(indptr[s], indptr[s + 1]):
            row, share = indices[i], data[i]
            for j in range(indptr[s], indptr[s + 1]):
                gram[row, indices[j]] += share * counts[s] * data[j]
            for r in range(target.shape[1]):
                target[row, r] += share * sums[s, r]
    for m in range(len(gram)):
        # Who has no rows gets 0, without a ridge too.
        gram[m, m] = gram[m, m] + ridge if gram[m, m] > 0 else 1.0


def step_means(matrix: csr_array, steps: np.ndarray, coef: np.ndarray) -> np.ndarray:
    """Means (n, R) of some steps, in the precision of rows, by component vectors."""
    means = np.empty((len(steps), coef.shape[1]), np.float32)
    arrays = matrix.indptr, matrix.indices, matrix.data
    _mix(*arrays, steps, coef, np.empty(coef.shape[1]), means)
    return means


@kernel
def _mix(indptr, indices, data, steps, coef, total, means):
    for s in range(len(steps)):
        total[:] = 0.0
        for i in range(indptr[steps[s]], indptr[steps[s] + 1]):
            for r in range(total.shape[0]):
                total[r] += data[i] * coef[indices[i], r]
        for r in range(total.shape[0]):
            means[s, r] = total[r]


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
