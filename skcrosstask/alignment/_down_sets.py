"""Sets of steps that can be over at a time, under a partial order."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from skcrosstask._data._order import Pairs, follows

__all__ = [
    "MOST_SETS",
    "AbsentWays",
    "DownSets",
    "TooFreeError",
    "down_sets",
    "ways_with_absent",
]

# Fourteen steps without any order have 16,384.
MOST_SETS = 20_000


class TooFreeError(ValueError):
    """More sets than can be gone through."""


class DownSets(NamedTuple):
    """Down-sets, smaller ones first, and the ways from one to the next.

    Attributes
    ----------
    starts : int64 ndarray of shape (S + 1,)
        Where the ways into each set start.
    sources : int64 ndarray of shape (E,)
        The set from which a way comes.
    steps : int64 ndarray of shape (E,)
        The step that it adds; of the ways into one set, the last step first.
    """

    starts: np.ndarray
    sources: np.ndarray
    steps: np.ndarray


@lru_cache(maxsize=64)
def down_sets(before: Pairs, n_steps: int) -> DownSets:
    """Sets of steps that hold with a step all that come before it.

    Parameters
    ----------
    before : tuple of (int, int)
        Pairs without a cycle: step i comes before step j.
    n_steps : int
        Number of steps K.

    Returns
    -------
    DownSets

    Raises
    ------
    TooFreeError
        If there are more than 20,000.

    Examples
    --------
    Nothing, step 0, step 1, and both: four ways.

    >>> sets = down_sets((), 2)
    >>> sets.sources.tolist(), sets.steps.tolist()
    ([0, 0, 1, 2], [0, 1, 1, 0])
    """
    sets = sorted(_grow(before, n_steps))
    numbers = {s: i for i, s in enumerate(sets)}
    starts, sources, steps = [0], [], []
    for s in sets:
        for k in range(n_steps - 1, -1, -1):
            if s >> k & 1 and s ^ 1 << k in numbers:
                sources.append(numbers[s ^ 1 << k])
                steps.append(k)
        starts.append(len(steps))
    found = DownSets(*(np.array(a, dtype=np.int64) for a in (starts, sources, steps)))
    for array in found:
        array.flags.writeable = False  # the cache hands it out again
    return found


class AbsentWays(NamedTuple):
    """Ways between down-sets that put a step and leave out steps that come after it.

    Attributes
    ----------
    starts, sources, steps : int64 ndarrays
        As in `DownSets`.
    absent : bool ndarray of shape (E, K)
        The steps that a way leaves out.
    held : bool ndarray of shape (S, K)
        The steps of each set.
    """

    starts: np.ndarray
    sources: np.ndarray
    steps: np.ndarray
    absent: np.ndarray
    held: np.ndarray


@lru_cache(maxsize=64)
def ways_with_absent(before: Pairs, n_steps: int) -> AbsentWays:
    """Ways between down-sets, where steps may be left out.

    A step is left out as soon as nothing that comes before it is to come: together
    with the last of these, or at the start. So each choice of steps and their sequence
    is gone through once. Into set s, there is one way for each of its steps k: from s
    without k and all that comes after k, which is left out.

    Parameters
    ----------
    before : tuple of (int, int)
        Pairs without a cycle: step i comes before step j.
    n_steps : int
        Number of steps K.

    Returns
    -------
    AbsentWays

    Raises
    ------
    TooFreeError
        If there are more than 20,000 sets.

    Examples
    --------
    Two steps in order: step 1 may be left out with step 0, or come after it.

    >>> ways = ways_with_absent(((0, 1),), 2)
    >>> ways.sources.tolist(), ways.steps.tolist(), ways.absent[:, 1].tolist()
    ([0, 1, 0], [0, 1, 0], [False, False, True])
    """
    sets = sorted(_grow(before, n_steps))
    numbers = {s: i for i, s in enumerate(sets)}
    after = [
        sum(1 << int(j) for j in np.flatnonzero(row))
        for row in follows(before, n_steps)
    ]
    starts, sources, steps, absent = [0], [], [], []
    for s in sets:
        for k in range(n_steps - 1, -1, -1):
            if s >> k & 1:
                sources.append(numbers[s & ~(after[k] | 1 << k)])
                steps.append(k)
                absent.append(_members(s & after[k], n_steps))
        starts.append(len(steps))
    found = AbsentWays(
        np.array(starts, dtype=np.int64),
        np.array(sources, dtype=np.int64),
        np.array(steps, dtype=np.int64),
        np.array(absent, dtype=np.bool_),
        np.array([_members(s, n_steps) for s in sets], dtype=np.bool_),
    )
    for array in found:
        array.flags.writeable = False
    return found


def _members(s: int, n_steps: int) -> list[bool]:
    return [bool(s >> k & 1) for k in range(n_steps)]


def _grow(before: Pairs, n_steps: int) -> set[int]:
    """The sets, as bit masks, from the empty one on."""
    needed = [0] * n_steps
    for i, j in before:
        needed[j] |= 1 << i
    found, last = {0}, {0}
    while last:
        grown = set()
        for s in last:
            for k in range(n_steps):
                if not s >> k & 1 and needed[k] & ~s == 0:
                    grown.add(s | 1 << k)
            if len(found) + len(grown) > MOST_SETS:
                raise TooFreeError(
                    f"the order leaves {n_steps} steps too free: more than "
                    f"{MOST_SETS:,} sets of steps can be over at a time. Add pairs to "
                    "before; estimators can also place each step by itself, with "
                    "decoding='free'."
                )
        found |= grown
        last = grown
    return found
