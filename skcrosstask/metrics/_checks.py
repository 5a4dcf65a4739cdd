"""Checks that the metrics share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from numbers import Real
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data import Task
from skcrosstask._progress import counted

if TYPE_CHECKING:
    from skcrosstask._input import PerVideo

Entry = TypeVar("Entry")
_NO_SEGMENT = np.empty((0, 3))


def check_average(average: object, known: tuple) -> None:
    """Refuse an average that the metric does not offer."""
    if not (average is None or isinstance(average, str)) or average not in known:
        raise ValueError(f"average must be one of {known}, got {average!r}.")


def check_listed(values: object, name: str, entries: str) -> None:
    """Refuse one entry where several are expected, and a str for its letters."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise TypeError(
            f"{name} must be a sequence of {entries}, got {_brief(values)}."
        )


def check_entries(values: Iterable[Entry], name: str, kind: type[Entry]) -> list[Entry]:
    """The entries as a list, once all are known to be of one kind."""
    check_listed(values, name, kind.__name__)
    entries = list(values)
    for i, entry in enumerate(entries):
        if not isinstance(entry, kind):
            raise TypeError(
                f"{name}[{i}] must be a {kind.__name__}, got {_brief(entry)}."
            )
    return entries


def check_mapping(values: object, name: str, entries: str) -> None:
    """Refuse anything but a mapping."""
    if not isinstance(values, Mapping):
        raise TypeError(f"{name} must be a mapping of {entries}, got {_brief(values)}.")


def check_same_length(**sequences: Sized) -> None:
    """Refuse sequences of different lengths; the message gives each."""
    for name, sequence in sequences.items():
        check_listed(sequence, name, "entries, one per video")
    lengths = {name: len(sequence) for name, sequence in sequences.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{n} {name}" for name, n in lengths.items())
        raise ValueError(f"Expected one entry per video in each, got {found}.")


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
            f"video has {counted(n_steps, 'step')}, counted from 0."
        )


def check_rates(rates: ArrayLike, n_videos: int) -> list[float]:
    """Time units a second of each video, from those or from one for all."""
    values = _as_floats(rates, "rates", "numbers")
    if values.shape not in ((), (n_videos,)):
        raise ValueError(
            f"rates must be a number, or one for each of the {n_videos} videos; got "
            f"shape {values.shape}."
        )
    if not ((values > 0) & np.isfinite(values)).all():
        raise ValueError(f"rates must be above 0 units a second, got {_brief(rates)}.")
    return np.broadcast_to(values, (n_videos,)).tolist()


def check_length(length: float, name: str, least: int = 1) -> int:
    """One video's length as an int."""
    is_number = isinstance(length, Real) and least <= length < np.inf
    if not is_number or length != int(length):
        raise ValueError(
            f"{name} must be a whole number from {least}, got {_brief(length)}."
        )
    return int(length)


def task_names(tasks: Iterable | None, **sequences: Sized) -> list[str]:
    """Name of each video's task, once all sequences are known to have one length.

    Without tasks, all videos belong to one task, "all".
    """
    check_same_length(**sequences)
    kind, videos = next(iter(sequences.items()))
    if tasks is None:
        return ["all"] * len(videos)
    check_listed(tasks, "tasks", "Task or str, one per video")
    names = [getattr(task, "name", task) for task in tasks]
    check_same_length(**{kind: videos}, tasks=names)
    for video, name in enumerate(names):
        if not isinstance(name, str):
            raise TypeError(
                f"tasks[{video}] must be a Task or a str, got {_brief(name)}."
            )
    return names


def step_counts(tasks: Sequence) -> list[int]:
    """Number of steps of each video's Task."""
    return [len(task.steps) for task in check_entries(tasks, "tasks", Task)]


def check_prediction(prediction: ArrayLike, video: int) -> np.ndarray:
    """One video's predicted times as a float array (K,)."""
    name = f"predictions[{video}]"
    times = _as_floats(prediction, name, "whole numbers")
    if times.ndim != 1:
        raise ValueError(
            f"{name} must have shape (K,), one time unit per step; got shape "
            f"{times.shape}."
        )
    if np.isnan(times).any():
        raise ValueError(f"{name} holds NaN; -1 leaves a step out.")
    if not (np.isfinite(times) & (times == np.floor(times)) & (times >= -1)).all():
        raise ValueError(
            f"{name} must be whole numbers from 0, or -1 for a step left out; got "
            f"{_brief(prediction)}."
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
    """True and predicted labels of each video, equally long."""
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
        raise ValueError(f"{name} must be {expected}, got {_brief(values)}.") from None


def _brief(value: object) -> str:
    """What was got, on one line of a message."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
