"""Checks that the metrics share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._typing import PerVideo

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
    segments = _as_floats(annotation, name, "rows of step, start, end")
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
    if (start < 0).any():
        row = int(np.argmax(start < 0))
        raise ValueError(f"{name} row {row} starts before 0: {start[row]:g}.")
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


def task_names(tasks: Iterable | None, **sequences: Sized) -> list[str]:
    """Name of each video's task, once all sequences are seen to be of one length.

    Without tasks, all videos are of one task, "all".
    """
    check_same_length(**sequences)
    kind, videos = next(iter(sequences.items()))
    if tasks is None:
        return ["all"] * len(videos)
    names = [getattr(task, "name", task) for task in tasks]
    check_same_length(**{kind: videos}, tasks=names)
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


def check_prediction(prediction: ArrayLike, video: int) -> np.ndarray:
    """One video's predicted times as a float array (K,)."""
    name = f"predictions[{video}]"
    times = _as_floats(prediction, name, "whole numbers")
    if times.ndim != 1:
        raise ValueError(
            f"{name} must have shape (K,), one time unit a step; got shape "
            f"{times.shape}."
        )
    if np.isnan(times).any():
        raise ValueError(f"{name} holds NaN; -1 leaves a step out.")
    if not (np.isfinite(times) & (times == np.floor(times)) & (times >= -1)).all():
        raise ValueError(
            f"{name} must be whole numbers from 0, or -1 for a step left out; got "
            f"{prediction!r}."
        )
    return times


def check_scores(scores: ArrayLike, name: str) -> np.ndarray:
    """One video's scores as a float array (T, K)."""
    values = _as_floats(scores, name, "numbers")
    if values.ndim != 2 or not len(values):
        raise ValueError(f"{name} must have shape (T, K), got shape {values.shape}.")
    if np.isnan(values).any():
        raise ValueError(f"{name} holds NaN.")
    return values


def check_labels(labels: ArrayLike, name: str) -> np.ndarray:
    """One video's labels as an int array (T,)."""
    values = _as_floats(labels, name, "whole numbers")
    if values.ndim != 1:
        raise ValueError(f"{name} must have shape (T,), got shape {values.shape}.")
    if not (np.isfinite(values) & (values == np.floor(values))).all():
        raise ValueError(f"{name} must be whole numbers.")
    return values.astype(np.int64)


def check_label_pairs(
    true_labels: PerVideo, predicted_labels: PerVideo
) -> list[tuple[np.ndarray, np.ndarray]]:
    """True and predicted labels of each video, of one length."""
    pairs = []
    for i, (true, found) in enumerate(zip(true_labels, predicted_labels, strict=True)):
        truth = check_labels(true, f"true_labels[{i}]")
        predicted = check_labels(found, f"predicted_labels[{i}]")
        if len(truth) != len(predicted):
            raise ValueError(
                f"Video {i} has {len(truth)} true labels, but {len(predicted)} "
                "predicted labels."
            )
        pairs.append((truth, predicted))
    return pairs


def ignored_labels(ignore: int | Sequence[int] | None) -> np.ndarray:
    """Labels that do not count, as an array; None gives none."""
    if ignore is None:
        return np.empty(0, dtype=np.int64)
    return check_labels(np.atleast_1d(ignore), "ignore")


def _as_floats(values: ArrayLike, name: str, expected: str) -> np.ndarray:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be {expected}, got {values!r}.") from None
