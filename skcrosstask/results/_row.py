"""One step in one video, and what its numbers may be."""

from __future__ import annotations

import math
from numbers import Real
from typing import NamedTuple

from skcrosstask._progress import short

__all__ = ["NAN", "StepRow", "check_row"]

NAN = float("nan")


class StepRow(NamedTuple):
    """One step in one video.

    Parameters
    ----------
    video : str
        Name of the video.
    task : str
        Name of its task.
    step : int
        The step, counted from 0 as in arrays; files count from 1.
    text : str
        What the task calls the step.
    start, end : float
        The segment ``[start, end)`` in seconds; nan if the step is left out, or its
        ends are unknown.
    time : float
        The best moment in seconds, inside the segment; nan if the step is left out.
    present : float
        Probability that the step is in the video at all; nan if not estimated.
    confidence : float
        Probability that the step is in the video and going on at ``time``; nan if
        the step is left out, or this is not estimated.

    Examples
    --------
    >>> from skcrosstask.results import StepRow
    >>> row = StepRow("v1", "latte", 0, "add coffee", 3.0, 7.5, 5.5)
    >>> row.end - row.start
    4.5
    """

    video: str
    task: str
    step: int
    text: str = ""
    start: float = NAN
    end: float = NAN
    time: float = NAN
    present: float = NAN
    confidence: float = NAN


def check_row(row: StepRow | tuple, i: int) -> StepRow:
    """Row with its fields' types, or an error that names row ``i``."""
    try:
        video, task, step, text, *numbers = StepRow(*row)
    except TypeError:
        raise TypeError(f"row {i}: expected the fields of a StepRow.") from None
    where = f"row {i}"
    for name, given in (("video", video), ("task", task), ("text", text)):
        if not isinstance(given, str):
            raise TypeError(f"{where}: {name} must be a str, got {given!r:.80}.")
    where = f"row {i}, video {short(video)}, step {short(step, 40)}"
    try:
        index = step.__index__()
    except AttributeError:
        raise TypeError(f"{where}: step must be an int.") from None
    if index < 0:
        raise ValueError(f"{where}: steps count from 0.")
    for name, value in zip(StepRow._fields[4:], numbers, strict=True):
        if not isinstance(value, Real):
            raise TypeError(f"{where}: {name} must be a number, got {value!r:.80}.")
    checked = StepRow(video, task, index, text, *map(float, numbers))
    if fault := _fault_of(checked):
        raise ValueError(f"{where}: {fault}")
    return checked


def _fault_of(row: StepRow) -> str | None:
    """What is wrong with the numbers of a row, if anything."""
    start, end, time = row.start, row.end, row.time
    for name, value in (("start", start), ("end", end), ("time", time)):
        if math.isinf(value) or value < 0:
            return f"{name} must be seconds from 0, got {value:g}."
    if math.isnan(start) != math.isnan(end):
        return f"start and end must both be there or both be nan: {start:g}, {end:g}."
    if start >= end:
        return f"start {start:g} is not before end {end:g}."
    if time < start or time >= end:
        return f"time {time:g} is outside [{start:g}, {end:g})."
    for name in ("present", "confidence"):
        value = getattr(row, name)
        if value < 0 or value > 1:
            return f"{name} must be a probability from 0 to 1, got {value:g}."
    return None
