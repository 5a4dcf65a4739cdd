"""Partial orders of steps, as pairs: their checks, and what follows from them."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np

__all__ = ["Pairs", "check_order", "follows", "is_listed_order", "restrict_order"]

# (i, j): step i comes before step j.
Pairs = tuple[tuple[int, int], ...]


def check_order(before: Any, n_steps: int) -> Pairs:
    """Pairs of steps as a sorted tuple without duplicates.

    Parameters
    ----------
    before : iterable of (int, int)
        Step i of each pair (i, j) comes before step j.
    n_steps : int
        Number of steps K.

    Returns
    -------
    tuple of (int, int)

    Raises
    ------
    TypeError
        If these are not pairs of integers.
    ValueError
        If a step is unknown, or the pairs go round in a circle.

    Examples
    --------
    >>> check_order([(1, 2), (0, 2), (1, 2)], 3)
    ((0, 2), (1, 2))
    """
    pairs = set()
    for pair in before if isinstance(before, Iterable) else [before]:
        try:
            i, j = map(operator.index, pair)
        except (TypeError, ValueError):
            raise TypeError(
                f"before must be pairs (i, j) of step numbers, got {pair!r}."
            ) from None
        if not (0 <= i < n_steps and 0 <= j < n_steps):
            raise ValueError(
                f"before has the pair {(i, j)}, but steps run from 0 to {n_steps - 1}."
            )
        pairs.add((i, j))
    graph: dict[int, list[int]] = {}
    for i, j in pairs:
        graph.setdefault(j, []).append(i)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle = " before ".join(map(str, error.args[1]))
        raise ValueError(f"before goes round in a circle: step {cycle}.") from None
    return tuple(sorted(pairs))


def is_listed_order(before: Pairs | None, n_steps: int) -> bool:
    """Whether the order leaves no choice but that of the list.

    Parameters
    ----------
    before : tuple of (int, int), or None
        Pairs; None is the order of the list.
    n_steps : int
        Number of steps K.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_listed_order(((0, 1), (1, 2)), 3), is_listed_order(((0, 1), (0, 2)), 3)
    (True, False)
    """
    # That k comes before k + 1 follows from no other pairs.
    return before is None or {(k, k + 1) for k in range(n_steps - 1)} <= set(before)


def follows(before: Pairs, n_steps: int) -> np.ndarray:
    """Which step comes before which, also by way of others.

    Parameters
    ----------
    before : tuple of (int, int)
        Pairs without a cycle.
    n_steps : int
        Number of steps K.

    Returns
    -------
    bool ndarray of shape (K, K)
        Whether step i comes before step j.

    Examples
    --------
    >>> follows(((0, 1), (1, 2)), 3)[0]
    array([False,  True,  True])
    """
    ahead = np.zeros((n_steps, n_steps), dtype=np.bool_)
    for i, j in before:
        ahead[i, j] = True
    for k in range(n_steps):
        ahead |= np.outer(ahead[:, k], ahead[k])
    return ahead


def restrict_order(
    before: Pairs | None, kept: np.ndarray, n_steps: int
) -> Pairs | None:
    """Order of some of the steps, renumbered.

    Parameters
    ----------
    before : tuple of (int, int), or None
        Pairs; None is the order of the list.
    kept : int ndarray of shape (n,)
        Ascending numbers of the steps that remain.
    n_steps : int
        Number of steps K.

    Returns
    -------
    tuple of (int, int), or None

    Examples
    --------
    That 0 comes before 2 follows, though step 1 is left out.

    >>> restrict_order(((0, 1), (1, 2)), np.array([0, 2]), 3)
    ((0, 1),)
    """
    if before is None:
        return None
    pairs = np.argwhere(follows(before, n_steps)[np.ix_(kept, kept)])
    return tuple((int(i), int(j)) for i, j in pairs)
