"""LRC: lines, and perhaps words, behind their times in brackets."""

from __future__ import annotations

import re

from skcrosstask.narration.subtitles._cues import Cue, Format, parse_time

__all__ = ["FORMAT"]

_CLOCK = r"(?:\d{1,9}:)?\d{1,9}:[0-5]?\d(?:[.:]\d{1,9})?"
_LINE_TIMES = re.compile(rf"\s*((?:\[{_CLOCK}\]\s*)+)(.*)")
_LINE_TIME = re.compile(rf"\[({_CLOCK})\]")
_WORD_TIME = re.compile(rf"<({_CLOCK})>")
_TAG = re.compile(r"\s*\[([a-zA-Z#]+):(.*)\]\s*")


def _read(text: str, path: str) -> list[Cue]:
    """Texts by their starts; one without words only ends the one before."""
    cues: list[Cue] = []
    flaws: list[Cue] = []
    offset = 0.0
    for i, line in enumerate(text.split("\n"), 1):
        if timed := _LINE_TIMES.fullmatch(line):
            for time in _LINE_TIME.findall(timed[1]):
                cues += _timed_words(_seconds(time), timed[2], f"line {i}")
        elif tag := _TAG.fullmatch(line):
            if tag[1].lower() == "offset":
                offset = _offset(tag[2], path, i)
        elif line.strip():
            flaw = f"[mm:ss.ff] was expected, got {line[:60]!r}; left out"
            flaws.append(Cue(0.0, None, "", f"line {i}", flaw=flaw))
    return flaws + [cue._replace(start=max(cue.start - offset, 0.0)) for cue in cues]


def _timed_words(start: float, line: str, place: str) -> list[Cue]:
    first, *rest = _WORD_TIME.split(line)
    cues = [Cue(start, None, first, place)] if first.strip() or not rest else []
    # A time behind the last word is its end.
    times = map(_seconds, rest[::2])
    return cues + [
        Cue(time, None, word, place)
        for time, word in zip(times, rest[1::2], strict=True)
    ]


def _seconds(clock: str) -> float:
    *minutes, seconds = clock.split(":")
    if "." not in clock and len(minutes) == 2:
        # "mm:ss:ff", as some players write it.
        minutes, seconds = minutes[:1], f"{minutes[1]}.{seconds}"
    hours = minutes[0] if len(minutes) == 2 else "0"
    return int(hours) * 3600 + int(minutes[-1]) * 60 + float(seconds)


def _offset(value: str, path: str, i: int) -> float:
    """Seconds by which all is said sooner."""
    try:
        return parse_time(value.strip()) / 1000
    except ValueError:
        raise ValueError(
            f"{path}, line {i}: offset must be milliseconds, got {value[:40]!r}."
        ) from None


FORMAT = Format(
    _read,
    "[ti:coffee]\n[00:02.00]pour milk\n[00:04.00]\n[00:06.00]stir\n[00:07.50]\n",
    named_by_language=True,
)
