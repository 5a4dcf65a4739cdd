"""What a reader of subtitles gives, how times are written, and what a format is."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Iterator
from typing import IO, NamedTuple

__all__ = ["Cue", "Format", "parse_time"]

_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,9}):(\d{1,2}(?:[.,]\d+)?)")


class Cue(NamedTuple):
    """A text, or a word of it, with its time in seconds."""

    start: float
    end: float | None
    """None where it is not known."""
    text: str
    place: str
    """Where in the file it stands, for messages."""
    video: str = ""
    flaw: str = ""
    """What was wrong there and how it was mended; `strict` refuses it."""

    def check(self, path: str) -> None:
        """Refuse times that cannot be."""
        times = f"start {self.start:g}"
        if self.end is not None:
            times += f", end {self.end:g}"
        finite = math.isfinite(self.start) and math.isfinite(self.end or 0.0)
        if not finite or self.start < 0:
            raise ValueError(
                f"{path}, {self.place}: times must be finite and from 0, got {times}."
            )
        if self.end is not None and self.end < self.start:
            raise ValueError(f"{path}, {self.place}: ends before it starts: {times}.")


def _holds_one(beginning: str) -> bool:
    return False


class Format(NamedTuple):
    """How the files of one format are read."""

    read: Callable[[str, str], list[Cue]]
    """Cues of a file's text; the second argument names the file in messages."""
    example: str
    """A file that says "pour milk" from 2 s to 4 s and "stir" from 6 s to 7.5 s."""
    named_by_language: bool = False
    """Whether such files are often named like ``<video>.en.vtt``."""
    holds_many: Callable[[str], bool] = _holds_one
    """Whether a file that begins like this names the videos within."""
    stream: Callable[[IO[str], str, Container[str] | None], Iterator[Cue]] | None = None
    """Cues of the wanted videos of such a file, if it may be too large for `read`."""


def parse_time(value: object) -> float:
    """Seconds from a number or ``hh:mm:ss.fff``; ValueError if it is neither."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r:.60} is not a time")
    if isinstance(value, str) and (clock := _CLOCK.fullmatch(value.strip())):
        hours, minutes, seconds = clock.groups()
        rest = int(minutes) * 60 + float(seconds.replace(",", "."))
        return float(hours or 0) * 3600 + rest
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise ValueError(f"{value!r:.60} is not a time") from None
