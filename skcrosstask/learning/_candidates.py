"""What training may touch of each video."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from skcrosstask._data import Task, Video, naming, segment_units
from skcrosstask.alignment._checks import outside_windows
from skcrosstask.alignment._posteriors import weigh_placements

__all__ = ["Candidates", "annotated_candidates", "cells_outside", "windowed_candidates"]

# Long videos offer a fixed random pool of times, this many times n_negatives.
_POOL = 4


@dataclass(eq=False)
class Candidates:
    """What training may touch of one video.

    Attributes
    ----------
    units : ndarray of shape (n,) of int64
        Time units of the packed rows; the first `n_alignable` may hold a step.
    n_alignable : int
        How many rows the Y-step scores.
    outside : bool ndarray of shape (n_alignable, K), or None
        Cells outside the windows; None if nothing is constrained.
    pool : ndarray of int64
        Rows that may serve as negatives.
    n_units : int
        Length T of the video.
    n_steps : int
        Number of steps K.
    choices : list of ndarray
        For supervised training, the rows that show each step.
    """

    units: np.ndarray
    n_alignable: int
    outside: np.ndarray | None
    pool: np.ndarray
    n_units: int
    n_steps: int
    choices: list[np.ndarray] = field(default_factory=list)


def windowed_candidates(
    video: Video,
    task: Task,
    n_units: int,
    use_windows: bool,
    n_negatives: int,
    rng: np.random.Generator,
) -> Candidates:
    """Rows that a weakly supervised fit may touch: where windows let steps be.

    Parameters
    ----------
    video : Video
        The video.
    task : Task
        Its task.
    n_units : int
        Its length T.
    use_windows : bool
        Whether to read its windows.
    n_negatives : int
        Negatives a visit; 0 packs none.
    rng : numpy.random.Generator
        Draws the pool of a long video.

    Returns
    -------
    Candidates
        With the cells of all placements that violate windows the least.
    """
    n_steps = len(task.steps)
    outside = cells_outside(video, task, n_units, use_windows)
    if outside is None:
        alignable = np.arange(n_units)
    else:
        # Where some least-violating placement passes, and nowhere else.
        possible = weigh_placements(np.zeros(outside.shape), outside) > 0
        alignable = np.flatnonzero(possible.any(axis=1))
        outside = np.ascontiguousarray(outside[alignable])
    units, pool = _with_pool(alignable, n_units, n_negatives, rng)
    return Candidates(units, len(alignable), outside, pool, n_units, n_steps)


def cells_outside(
    video: Video, task: Task, n_units: int, use_windows: bool
) -> np.ndarray | None:
    """Times at which windows keep steps from being.

    Parameters
    ----------
    video : Video
        The video.
    task : Task
        Its task.
    n_units : int
        Its length T.
    use_windows : bool
        Whether to read its windows.

    Returns
    -------
    ndarray of shape (T, K) of bool, or None
        None where no window is read.

    Raises
    ------
    ValueError
        If the video has fewer time units than steps, or a window lies beyond it.
    """
    n_steps = len(task.steps)
    if n_units < n_steps:
        raise ValueError(
            f"{video}: {n_steps} steps of task {task.name!r} need at least {n_steps} "
            f"time units, the video has {n_units}."
        )
    if not use_windows:
        return None
    with naming(video):
        return outside_windows(video.windows, (n_units, n_steps))


def annotated_candidates(
    video: Video,
    task: Task,
    n_units: int,
    n_negatives: int,
    rng: np.random.Generator,
) -> Candidates:
    """Rows that a supervised fit may touch: the annotated ones, and negatives.

    Parameters
    ----------
    video : Video
        A video with an annotation.
    task : Task
        Its task.
    n_units : int
        Its length T.
    n_negatives : int
        Negatives a visit; 0 packs none.
    rng : numpy.random.Generator
        Draws the pool of a long video.

    Returns
    -------
    Candidates
        With the rows of each step; none for a step that does not occur.
    """
    if video.annotation is None:
        raise ValueError(f"{video}: supervised training needs an annotation.")
    shown: list[set[int]] = [set() for _ in task.steps]
    for step, first, stop in segment_units(video.annotation, n_units):
        shown[step].update(range(first, stop))
    labelled = np.array(sorted(set().union(*shown)), dtype=np.int64)
    units, pool = _with_pool(labelled, n_units, n_negatives, rng)
    choices = [np.searchsorted(labelled, sorted(times)) for times in shown]
    return Candidates(
        units, len(labelled), None, pool, n_units, len(task.steps), choices
    )


def _with_pool(
    first: np.ndarray, n_units: int, n_negatives: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of `first`, then of a pool of negatives that are not among them."""
    if n_negatives == 0:
        return first, np.empty(0, dtype=np.int64)
    size = _POOL * n_negatives
    pool = np.arange(n_units)
    if n_units > size:
        pool = np.sort(rng.choice(n_units, size, replace=False))
    units = np.concatenate([first, np.setdiff1d(pool, first)])
    order = np.argsort(units)
    return units, order[np.searchsorted(units[order], pool)]
