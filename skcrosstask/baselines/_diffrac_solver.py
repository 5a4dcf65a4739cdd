"""Discriminative clustering under order: ridge regression in closed form, Frank-Wolfe.

Rows of all videos of a task are stacked: N time units. A labelling Z (N, K) marks the
units of each step; a vertex is one with a single unit for each step of each video.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg import lapack

from skcrosstask.alignment import align_many, sample_alignment, step_posteriors

__all__ = [
    "KernelRidge",
    "PrimalRidge",
    "Ridge",
    "Solution",
    "Vertices",
    "frank_wolfe",
]

# Rows that are float64 at a time.
_BLOCK = 4096


class Ridge(Protocol):
    """Regression of labellings on features, f(Z) = tr(Z' B Z) / N."""

    def residual(self, units: np.ndarray) -> np.ndarray:
        """B Z of the vertex with these stacked units (n_videos, K)."""

    def objective(self, units: np.ndarray) -> float:
        """Objective f of a vertex."""

    def coef(self, labels: np.ndarray) -> np.ndarray:
        """Weights (K, D) fitted to a labelling (N, K)."""


class PrimalRidge:
    """Ridge regression through the (D, D) matrix of products of features.

    Parameters
    ----------
    rows : float ndarray of shape (N, D)
        Features, their columns centred.
    penalty : float
        Lambda.
    """

    def __init__(self, rows: np.ndarray, penalty: float):
        self.rows = rows
        n_rows, n_features = rows.shape
        products = np.zeros((n_features, n_features))
        for start in range(0, n_rows, _BLOCK):
            block = rows[start : start + _BLOCK].astype(np.float64)
            products += block.T @ block
        self._inverse = _inverse(products, n_rows * penalty)

    def residual(self, units: np.ndarray) -> np.ndarray:
        """What the fit to a vertex leaves over, (N, K)."""
        coef = self._sums(units) @ self._inverse
        left = -(self.rows @ coef.T.astype(self.rows.dtype)).astype(np.float64)
        left[units, np.arange(units.shape[1])] += 1.0
        left -= len(units) / len(self.rows)
        return left

    def objective(self, units: np.ndarray) -> float:
        """Objective f of a vertex."""
        (n_videos, n_steps), n_rows = units.shape, len(self.rows)
        sums = self._sums(units)
        variance = n_videos * n_steps * (1 - n_videos / n_rows)
        return (variance - _dot(sums @ self._inverse, sums)) / n_rows

    def coef(self, labels: np.ndarray) -> np.ndarray:
        """Weights (K, D) fitted to a labelling (N, K)."""
        products = labels.T.astype(self.rows.dtype) @ self.rows
        return products @ self._inverse

    def _sums(self, units: np.ndarray) -> np.ndarray:
        """Summed features of the units of each step, (K, D)."""
        return self.rows[units].sum(axis=0, dtype=np.float64)


class KernelRidge:
    """The same through the (N, N) matrix of products of rows, for few rows.

    Parameters
    ----------
    rows : float ndarray of shape (N, D)
        Features, their columns centred.
    penalty : float
        Lambda.
    """

    def __init__(self, rows: np.ndarray, penalty: float):
        self.rows = rows
        n_rows = len(rows)
        self._ridge = n_rows * penalty
        products = np.empty((n_rows, n_rows))
        for start in range(0, n_rows, _BLOCK):
            block = rows[start : start + _BLOCK].astype(np.float64)
            for other in range(0, n_rows, _BLOCK):
                second = rows[other : other + _BLOCK].astype(np.float64)
                products[start : start + _BLOCK, other : other + _BLOCK] = (
                    block @ second.T
                )
        self._matrix = _inverse(products, self._ridge)
        self._matrix *= self._ridge
        # Of centred rows, constants are an eigenvector; its eigenvalue here is 1.
        self._matrix -= 1 / n_rows

    def residual(self, units: np.ndarray) -> np.ndarray:
        """What the fit to a vertex leaves over, (N, K)."""
        return np.ascontiguousarray(self._matrix[units].sum(axis=0).T)

    def objective(self, units: np.ndarray) -> float:
        """Objective f of a vertex."""
        same = self._matrix[units[:, None], units[None]]
        return float(same.sum()) / len(self.rows)

    def coef(self, labels: np.ndarray) -> np.ndarray:
        """Weights (K, D) fitted to a labelling (N, K)."""
        left = self._matrix @ labels
        return left.T.astype(self.rows.dtype) @ self.rows / self._ridge


class Vertices:
    """The ordered labellings of stacked videos that windows allow.

    Parameters
    ----------
    lengths : sequence of int
        Length T of each video, at least K.
    n_steps : int
        Number of steps K.
    outside : sequence of bool ndarray of shape (T, K) or None
        Cells outside the windows of each video; None where nothing is constrained.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        n_steps: int,
        outside: Sequence[np.ndarray | None],
    ):
        self.starts = np.concatenate([[0], np.cumsum(lengths)])
        self.n_steps = n_steps
        self._windows = [None if cells is None else ~cells for cells in outside]
        self._closed = np.zeros((int(self.starts[-1]), n_steps), dtype=np.bool_)
        # Windows that contradict order yield as little as they can, which takes
        # longer to find; walls do for all the others.
        self._yielding: list[np.ndarray | None] = [None] * len(lengths)
        for i, cells in enumerate(self._windows):
            if cells is None:
                continue
            possible = step_posteriors(np.zeros(cells.shape), cells) > 0
            self._closed[self._of(i)] = ~possible
            if (possible & ~cells).any():
                self._yielding[i] = cells

    def cheapest(self, cost: np.ndarray) -> np.ndarray:
        """Stacked units (n_videos, K) of the vertex of least cost (N, K)."""
        cost = np.where(self._closed, np.inf, cost)
        costs = [cost[self._of(i)] for i in range(len(self._windows))]
        times = align_many(costs, self._yielding)
        return np.array(times) + self.starts[:-1, None]

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Stacked units (n_videos, K) of a random vertex."""
        lengths = np.diff(self.starts).tolist()
        times = [
            sample_alignment((n_units, self.n_steps), cells, random_state=rng)
            for n_units, cells in zip(lengths, self._windows, strict=True)
        ]
        return np.array(times) + self.starts[:-1, None]

    def labels(self, units: np.ndarray) -> np.ndarray:
        """The vertex as a matrix (N, K) of zeros and ones."""
        labels = np.zeros(self._closed.shape)
        labels[units, np.arange(self.n_steps)] = 1.0
        return labels

    def _of(self, i: int) -> slice:
        return slice(self.starts[i], self.starts[i + 1])


@dataclass
class Solution:
    """Where Frank-Wolfe ended.

    Attributes
    ----------
    labels, residual : ndarrays of shape (N, K)
        The relaxed labelling Z and B Z.
    units : ndarray of shape (n_videos, K) of int64
        Stacked units of the best rounding.
    history : list of dict
        Before each step and at the end: the objective; how far above its minimum it
        can be at the most, which never grows; and the best rounded objective.
    """

    labels: np.ndarray
    residual: np.ndarray
    units: np.ndarray
    history: list[dict]


def frank_wolfe(
    ridge: Ridge,
    vertices: Vertices,
    rng: np.random.Generator,
    *,
    n_init: int,
    max_iter: int,
    tol: float,
) -> Solution:
    """Minimise f(Z) over the convex hull of the vertices, and round.

    Parameters
    ----------
    ridge : Ridge
        Gives f and its gradient 2 B Z / N.
    vertices : Vertices
        The labellings.
    rng : numpy.random.Generator
        Draws the start.
    n_init : int
        Random vertices whose mean is the start.
    max_iter : int
        Steps at most.
    tol : float
        Stop once the objective can be at most this share of it above its minimum.

    Returns
    -------
    Solution
        The relaxed labelling, its best rounding and the course.

    References
    ----------
    Jaggi, "Revisiting Frank-Wolfe: projection-free sparse convex optimization",
    ICML 2013, algorithm 1 with line search and the duality gap (2).
    """
    labels, residual = _mean_vertex(ridge, vertices, rng, n_init)
    n_rows = len(labels)
    best, best_units, lower, history = np.inf, None, 0.0, []
    for iteration in range(max_iter + 1):
        # Z - B Z is what the classifiers predict.
        rounded = vertices.cheapest(residual - labels)
        value = ridge.objective(rounded)
        if value < best:
            best, best_units = value, rounded
        corner = vertices.cheapest(residual)
        towards = vertices.labels(corner) - labels
        objective = max(_dot(residual, labels) / n_rows, 0.0)
        gap = max(-2.0 * _dot(residual, towards) / n_rows, 0.0)
        # The tangent plane bounds f from below; the best bound so far is kept.
        lower = max(lower, objective - gap)
        excess = max(objective - lower, 0.0)
        history.append(
            {
                "epoch": iteration,
                "objective": objective,
                "duality_gap": excess,
                "rounded_objective": best,
            }
        )
        if excess <= tol * objective or iteration == max_iter:
            break
        change = ridge.residual(corner) - residual
        curvature = 2.0 * _dot(change, towards) / n_rows
        step = min(gap / curvature, 1.0) if curvature > 0 else 1.0
        labels += step * towards
        residual += step * change
    assert best_units is not None  # the loop runs at least once
    return Solution(labels, residual, best_units, history)


def _mean_vertex(
    ridge: Ridge, vertices: Vertices, rng: np.random.Generator, n_init: int
) -> tuple[np.ndarray, np.ndarray]:
    drawn = [vertices.draw(rng) for _ in range(n_init)]
    labels, residual = vertices.labels(drawn[0]), ridge.residual(drawn[0])
    for units in drawn[1:]:
        labels += vertices.labels(units)
        residual += ridge.residual(units)
    return labels / n_init, residual / n_init


def _dot(a: np.ndarray, b: np.ndarray) -> float:
    # Not np.vdot: starting threads takes longer than such a sum.
    return float(np.einsum("nk,nk->", a, b))


def _inverse(products: np.ndarray, ridge: float) -> np.ndarray:
    """Inverse of products + ridge I, symmetric and positive definite."""
    products[np.diag_indices_from(products)] += ridge
    factor, fault = lapack.dpotrf(products.T, lower=1, overwrite_a=1)
    if fault:
        raise ValueError(
            f"regularization is too small for these features: {ridge:g} on the "
            "diagonal of the normal equations leaves them singular."
        )
    inverse, _ = lapack.dpotri(factor, lower=1, overwrite_c=1)
    lower = np.tril(inverse, -1)
    inverse = np.tril(inverse)
    inverse += lower.T
    return np.ascontiguousarray(inverse)
