"""What training may touch of each video."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from skcrosstask._data import Task, Video, naming
from skcrosstask._segments import refuse_beyond, segment_units
from skcrosstask.alignment._checks import cells_outside_of
from skcrosstask.alignment._posteriors import weigh_placements

__all__ = [
    "Candidates",
    "annotated_candidates",
    "cells_outside",
    "whole_annotated_candidates",
    "whole_candidates",
    "windowed_candidates",
]

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
    rate : float
        The video's units a second.
    """

    units: np.ndarray
    n_alignable: int
    outside: np.ndarray | None
    pool: np.ndarray
    n_units: int
    n_steps: int
    choices: list[np.ndarray] = field(default_factory=list)
    rate: float = 1.0


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


def whole_candidates(
    video: Video, task: Task, n_units: int, use_windows: bool
) -> Candidates:
    """All rows of a video, for what learns from whole segments.

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
    Candidates
        With every unit, in order, in the pool too.
    """
    outside = cells_outside(video, task, n_units, use_windows)
    units = np.arange(n_units)
    return Candidates(
        units, n_units, outside, units, n_units, len(task.steps), rate=video.rate
    )


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
        If the video has fewer time units than steps, or a window begins long after
        its end. One that begins a little after it says nothing, and is not read.
    """
    n_steps = len(task.steps)
    if n_units < n_steps:
        raise ValueError(
            f"{video}: {n_steps} steps of task {task.name!r} need at least {n_steps} "
            f"time units, the video has {n_units}."
        )
    windows = video.windows
    if not use_windows or windows is None:
        return None
    with naming(video):
        refuse_beyond(windows, n_units, video.rate, "windows", starts=True)
    units = segment_units(windows, n_units, rate=video.rate)
    # Speech may go on for a little after the last row.
    units = units[units[:, 1] < n_units]
    return cells_outside_of(units, (n_units, n_steps))


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
    shown = _annotated_units(video, task, n_units)
    labelled = np.unique(np.concatenate(shown))
    units, pool = _with_pool(labelled, n_units, n_negatives, rng)
    choices = [np.searchsorted(labelled, times) for times in shown]
    return Candidates(
        units, len(labelled), None, pool, n_units, len(task.steps), choices
    )


def whole_annotated_candidates(video: Video, task: Task, n_units: int) -> Candidates:
    """All rows of an annotated video, for what learns from whole segments.

    Parameters
    ----------
    video : Video
        A video with an annotation.
    task : Task
        Its task.
    n_units : int
        Its length T.

    Returns
    -------
    Candidates
        With the units of each step; none for a step that does not occur.
    """
    candidates = whole_candidates(video, task, n_units, use_windows=False)
    candidates.choices = _annotated_units(video, task, n_units)
    return candidates


def _annotated_units(video: Video, task: Task, n_units: int) -> list[np.ndarray]:
    """Units at which each step is annotated, ascending."""
    if video.annotation is None:
        raise ValueError(f"{video}: supervised training needs an annotation.")
    with naming(video):
        refuse_beyond(video.annotation, n_units, video.rate, "annotation")
    shown = np.zeros((n_units, len(task.steps)), np.bool_)
    for step, first, stop in segment_units(video.annotation, n_units, rate=video.rate):
        shown[first:stop, step] = True
    return [np.flatnonzero(column) for column in shown.T]


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
