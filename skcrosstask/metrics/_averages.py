"""Ratios of sums, averaged over tasks or videos."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def average_ratio(
    part: ArrayLike, whole: ArrayLike, names: Sequence[str], average: str | None
) -> float | dict[str, float]:
    """Sum of ``part`` over sum of ``whole``, averaged as asked.

    Parameters
    ----------
    part, whole : array-like of shape (n_videos,)
        Numerator and denominator of each video.
    names : sequence of str
        Name of each video's task.
    average : {"task", "video", "micro", None}
        Mean over tasks of the tasks' pooled ratios; mean over videos of the
        videos' ratios; the ratio pooled over everything; or each task's ratio.

    Returns
    -------
    float or dict of str to float
        Tasks and videos whose denominator is 0 are left out. There must be one
        that is not.
    """
    part, whole = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    if average == "micro":
        return float(part.sum() / whole.sum())
    if average == "video":
        return float(np.mean(part[whole > 0] / whole[whole > 0]))
    tasks, group = np.unique(np.asarray(names), return_inverse=True)
    parts, wholes = np.bincount(group, part), np.bincount(group, whole)
    ratios = {
        str(task): float(p / w)
        for task, p, w in zip(tasks, parts, wholes, strict=True)
        if w > 0
    }
    return ratios if average is None else float(np.mean(list(ratios.values())))


def videos_by_task(names: Sequence[str]) -> dict[str, list[int]]:
    """Indices of each task's videos, tasks in alphabetical order."""
    members: dict[str, list[int]] = {name: [] for name in sorted(set(names))}
    for video, name in enumerate(names):
        members[name].append(video)
    return members
