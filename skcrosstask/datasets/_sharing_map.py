"""Tasks on a map, close to those with which they share components."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from sklearn.utils import Bunch

from skcrosstask._data import Task
from skcrosstask.components import StepComponents
from skcrosstask.metrics._checks import check_entries

__all__ = ["sharing_map"]


def sharing_map(
    tasks: Iterable[Task],
    *,
    sharing: str = "words",
    stemmer: str | Callable[[str], str] | None = "porter",
) -> Bunch:
    """Distances between tasks by the components that they share, and a 2-D map.

    Parameters
    ----------
    tasks : iterable of Task
        At least two distinct tasks.
    sharing : {"words", "task_words", "steps", "none"}, default="words"
        What a component is.
    stemmer : {"porter", "snowball"}, callable or None, default="porter"
        Maps words to stems before they are compared.

    Returns
    -------
    Bunch
        - tasks : the distinct tasks, in order of appearance.
        - n_shared : (n, n) int, components in common; on the diagonal, each task's.
        - distances : (n, n), Jaccard distances: 1 minus the share of components in
          both tasks among those in either.
        - positions : (n, 2), points whose distances come as close to these as a
          plane allows (classical scaling).

    Raises
    ------
    TypeError
        If an entry is not a Task.
    ValueError
        If there are fewer than two distinct tasks.

    References
    ----------
    Torgerson, "Multidimensional scaling: I. Theory and method", 1952.

    Examples
    --------
    >>> from skcrosstask import Task
    >>> from skcrosstask.datasets import sharing_map
    >>> latte = Task("latte", ["pour milk", "stir"])
    >>> cocoa, tire = Task("cocoa", ["pour milk"]), Task("tire", ["jack up car"])
    >>> found = sharing_map([latte, cocoa, tire])
    >>> found.n_shared[0].tolist(), found.distances[0].round(2).tolist()
    ([3, 2, 0], [0.0, 0.33, 1.0])
    """
    distinct = list(dict.fromkeys(check_entries(tasks, "tasks", Task)))
    if len(distinct) < 2:
        raise ValueError(f"A map needs two distinct tasks, got {len(distinct)}.")
    components = StepComponents(sharing, stemmer).update(distinct)
    held = np.array([components.matrix(task).any(axis=0) for task in distinct])
    n_shared = held.astype(np.int64) @ held.T.astype(np.int64)
    sizes = np.diag(n_shared)
    distances = 1 - n_shared / (sizes[:, None] + sizes - n_shared)
    return Bunch(
        tasks=distinct,
        n_shared=n_shared,
        distances=distances,
        positions=_classical_scaling(distances),
    )


def _classical_scaling(distances: np.ndarray) -> np.ndarray:
    n = len(distances)
    centring = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-0.5 * centring @ distances**2 @ centring)
    # Ascending: the last two span the plane.
    vectors, values = vectors[:, ::-1][:, :2], values[::-1][:2]
    # The sign of an eigenvector is arbitrary, and differs between machines.
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(2)]
    return vectors * np.where(largest < 0, -1, 1) * np.sqrt(np.maximum(values, 0))
