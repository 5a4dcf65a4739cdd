"""From rows of features to rows of a table: what an estimator found, in seconds."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from skcrosstask._data import Task, Video, shown_name
from skcrosstask._progress import short, warn
from skcrosstask.results._row import NAN, StepRow
from skcrosstask.results._table import StepTable

__all__ = ["StepPlaces", "tabulate"]


class StepPlaces(NamedTuple):
    """Where an estimator found the steps of one video, in time units.

    Attributes
    ----------
    times : int ndarray of shape (K,)
        The best unit of each step, -1 if it is left out.
    first, stop : int ndarray of shape (K,)
        Step k takes ``range(first, stop)``, which holds its best unit.
    present, confidence : float ndarray of shape (K,)
        As in `StepRow`.
    """

    times: np.ndarray
    first: np.ndarray
    stop: np.ndarray
    present: np.ndarray
    confidence: np.ndarray

    @classmethod
    def of_units(cls, times: np.ndarray, confidence: np.ndarray | None = None) -> Self:
        """Each step in its best unit alone; whether it is there is not estimated."""
        unknown = np.full(len(times), NAN)
        confidence = unknown if confidence is None else confidence
        return cls(times, times, times + 1, unknown, confidence)


def tabulate(
    videos: Sequence[Video],
    tasks: Sequence[Task],
    found: Iterable[Any],
    only: Container[int] | None = None,
) -> StepTable:
    """A table of what was found.

    Parameters
    ----------
    videos : sequence of Video
        The videos; their rates turn units into seconds.
    tasks : sequence of Task
        One a video.
    found : iterable of StepPlaces
        One a video.
    only : container of int, optional
        Numbers of the videos to show; by default all.

    Returns
    -------
    StepTable
        The steps of each video, in the order of its task.

    Warns
    -----
    UserWarning
        If two videos of a task have one name: rows of a table tell them apart no more.
    """
    rows: list[StepRow] = []
    seen: set[tuple[str, str]] = set()
    for i, (video, task, places) in enumerate(zip(videos, tasks, found, strict=True)):
        if only is not None and i not in only:
            continue
        name = shown_name(video, i)
        if (name, task.name) in seen:
            warn(
                f"two videos of task {short(task.name)} are named {short(name)}: files "
                "made from their steps would mix them; give each a name of its own."
            )
        seen.add((name, task.name))
        for k, (text, time, first, stop, present, sure) in enumerate(
            zip(task.steps, *(column.tolist() for column in places), strict=True)
        ):
            seconds = (NAN, NAN, NAN)
            if time >= 0:
                rate = video.rate
                seconds = (first / rate, stop / rate, (time + 0.5) / rate)
            # Sums of many probabilities may exceed 1 by rounding.
            odds = (min(present, 1.0), min(sure, 1.0)) if time >= 0 else (present, NAN)
            rows.append(StepRow(name, task.name, k, text, *seconds, *odds))
    return StepTable(rows)
