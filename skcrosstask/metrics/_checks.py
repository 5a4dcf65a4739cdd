"""Checks that the metrics share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized

import numpy as np
from numpy.typing import ArrayLike

_NO_SEGMENT = np.empty((0, 3))


def check_average(average: object, known: tuple) -> None:
    """Refuse an average that the metric does not offer."""
    if not (average is None or isinstance(average, str)) or average not in known:
        raise ValueError(f"average must be one of {known}, got {average!r}.")


def check_same_length(**sequences: Sized) -> None:
    """Refuse sequences of different lengths; the message gives each."""
    lengths = {name: len(sequence) for name, sequence in sequences.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{n} {name}" for name, n in lengths.items())
        raise ValueError(f"One entry a video is expected in each, got {found}.")


def check_annotation(annotation: ArrayLike | None, name: str) -> np.ndarray:
    """One video's annotation as a float array (n, 3); None gives no row."""
    if annotation is None:
        return _NO_SEGMENT
    segments = np.asarray(annotation, dtype=np.float64)
    if segments.size == 0:
        return _NO_SEGMENT
    if segments.ndim != 2 or segments.shape[1] != 3:
        raise ValueError(
            f"{name} must have shape (n, 3), rows step, start, end; "
            f"got shape {segments.shape}."
        )
    if not np.isfinite(segments).all():
        raise ValueError(f"{name} holds NaN or infinity.")
    step, start, end = segments.T
    if (step < 0).any() or (step != np.floor(step)).any():
        raise ValueError(f"{name}: steps must be whole numbers from 0, got {step}.")
    if (start >= end).any():
        row = int(np.argmax(start >= end))
        raise ValueError(
            f"{name} row {row} is reversed or empty: start "
            f"{start[row]:g} is not before end {end[row]:g}."
        )
    return segments


def check_steps(annotation: np.ndarray, n_steps: int, video: int) -> None:
    """Refuse an annotated step that is not one of ``n_steps``."""
    if len(annotation) and annotation[:, 0].max() >= n_steps:
        raise ValueError(
            f"annotations[{video}] holds step {annotation[:, 0].max():g}, but the "
            f"video has {n_steps} steps, counted from 0."
        )


def check_length(length: float, video: int) -> int:
    """One video's length as an int."""
    if not (1 <= length < np.inf and length == int(length)):
        raise ValueError(
            f"lengths[{video}] must be a whole number from 1, got {length}."
        )
    return int(length)


def task_names(tasks: Iterable | None, n_videos: int) -> list[str]:
    """Name of each video's task; without tasks, all are of one task, "all"."""
    if tasks is None:
        return ["all"] * n_videos
    names = [getattr(task, "name", task) for task in tasks]
    for video, name in enumerate(names):
        if not isinstance(name, str):
            raise TypeError(f"tasks[{video}] must be a Task or a str, got {name!r}.")
    return names


def step_counts(tasks: Sequence) -> list[int]:
    """Number of steps of each video's Task."""
    for video, task in enumerate(tasks):
        if not hasattr(task, "steps"):
            raise TypeError(
                f"tasks[{video}] must be a Task, which knows its steps; got {task!r}."
            )
    return [len(task.steps) for task in tasks]
