"""SBV, which YouTube exports, and SubViewer 2, from which it descends."""

from __future__ import annotations

import re

from skcrosstask.narration.subtitles._cues import Cue, Format, parse_time

__all__ = ["FORMAT", "read_subviewer"]

_CLOCK = r"\d{1,9}:\d\d?:\d\d?(?:\.\d{1,9})?"
_TIMES = re.compile(rf"\s*({_CLOCK})\s*,\s*({_CLOCK})\s*")
_NUMBERS = re.compile(r"[\d:.,;\s-]+")
# SubViewer's head, and how lines break.
_HEAD = re.compile(r"\[[A-Z][A-Z ]*\].*")
_BREAK = re.compile(r"\[br\]|\|", re.IGNORECASE)


def read_subviewer(text: str, path: str) -> list[Cue]:
    """Texts with times from blocks of ``start,end`` and lines."""
    cues: list[Cue] = []
    flaws: list[Cue] = []
    for i, line in enumerate(text.split("\n"), 1):
        if times := _TIMES.fullmatch(line):
            start, end = map(parse_time, times.groups())
            if end < start:
                flaw = f"ends before it starts: start {start:g}, end {end:g}"
                flaws.append(Cue(0.0, None, "", f"line {i}", flaw=flaw))
            cues.append(Cue(start, end if end >= start else None, "", f"line {i}"))
        elif ":" in line and "," in line and _NUMBERS.fullmatch(line):
            flaw = f"start,end was expected, got {line[:60]!r}; left out"
            flaws.append(Cue(0.0, None, "", f"line {i}", flaw=flaw))
        elif cues:
            said = f"{cues[-1].text}\n{_BREAK.sub(' ', line)}"
            cues[-1] = cues[-1]._replace(text=said)
        elif line.strip() and not _HEAD.fullmatch(line.strip()):
            raise ValueError(
                f"{path}, line {i}: start,end was expected, got {line[:60]!r}."
            )
    return flaws + cues


FORMAT = Format(
    read_subviewer,
    "0:00:02.000,0:00:04.000\npour milk\n\n0:00:06.000,0:00:07.500\nstir\n",
    named_by_language=True,
)
