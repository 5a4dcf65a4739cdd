"""WebVTT and SRT as people and programs break them, put right line by line."""

from __future__ import annotations

import re
from typing import NamedTuple

from skcrosstask.narration.subtitles._cues import Cue, parse_time

__all__ = ["Mended", "Syntax", "mend"]

_CLOCK = r"\d{1,9}:[0-5]?\d(?::[0-5]?\d)?(?:[.,]\d{0,9})?"
_ARROW = r" ?[-–—−=~]* ?(?:[>→]|&gt;)* ?"
# YouTube's settings may follow. Spaces are single here.
_SETTINGS = r"(?: [a-zA-Z]+\d?:\S+)*"
_TIMES = re.compile(rf"(-?{_CLOCK})({_ARROW})(-?{_CLOCK})({_SETTINGS})")
# A time with a fraction, as only a line of times has it: "1:30 - 2:15" may be said.
_EXACT = re.compile(r"\d:\d{1,2}(?::\d{1,2}[.,]\d|[.,]\d|:\d{1,2}\W+\d)")
_ALONE = re.compile(r"\d{1,9}:\d{1,2}(?::\d{1,2}[.,]?|[.,])\d*\W*")
_CUT_OFF = re.compile(r"\d+:[\d:,.]*")
_LOOKS_TIMED = re.compile(r"\d:\d.*-->|-->.*\d:\d")
_NUMBER = re.compile(r"\d+")
_JOINED = "times joined by --> were expected, got"


class Syntax(NamedTuple):
    """What tells one format of captions from the other."""

    name: str
    """As webvtt-py calls it."""
    clock: re.Pattern[str]
    """A time."""
    point: str
    """What stands before the milliseconds."""
    header: bool
    """Whether a file starts with WEBVTT and may hold comments."""
    keeps_spaces: bool
    """Whether a line of spaces is part of a caption rather than its end."""

    def write(self, seconds: float) -> str:
        """A time as the format has it."""
        minutes, thousandths = divmod(round(seconds * 1000), 60_000)
        whole, thousandths = divmod(thousandths, 1000)
        hours, minutes = divmod(minutes, 60)
        return f"{hours:02}:{minutes:02}:{whole:02}{self.point}{thousandths:03}"


class Mended:
    """Lines that a parser reads, and what was wrong with them."""

    def __init__(self, syntax: Syntax) -> None:
        self.syntax = syntax
        self.lines: list[str] = []
        self.flaws: list[Cue] = []
        self.places: dict[tuple[float, float], int] = {}
        """Numbers of the lines with times, by these times."""
        self._indices: dict[int, int] = {}
        self.endless: set[int] = set()
        """Numbers of the lines whose end makes no sense; it is written as the start."""
        self._skips = False

    def is_empty(self, i: int) -> bool:
        """Whether no text follows the times in a line."""
        place = self._indices[i] + 1
        return place == len(self.lines) or not self.lines[place].strip()

    def add(self, i: int, line: str, last: bool) -> None:
        """Take a line as it is, put it right, or leave it out."""
        times = self._read_times(i, line)
        if times is not None:
            self._skips = False
            self._add_times(i, line, times)
        elif "-->" in line:
            if self._expects_times() or (self.follows_space() and _is_timed(line)):
                self._skip(i, f"no times in {line[:60]!r}")
            elif not self._skips:
                self._flaw(i, "--> within a text, read as such")
                self.lines.append(line.replace("-->", "--&gt;"))
        elif self._expects_times() and (
            _ALONE.fullmatch(line.strip()) or (last and _CUT_OFF.fullmatch(line))
        ):
            self._skip(i, f"{_JOINED} {line[:60]!r}")
        elif not line or not self._skips:
            self._skips = self._skips and bool(line)
            self.lines.append(line)

    def _read_times(self, i: int, line: str) -> tuple[float, float, str] | None:
        """Start, end and settings, or None if the line is a text."""
        plain = " ".join(line.split())
        found = _TIMES.fullmatch(plain)
        if found is None:
            return self._read_exact(plain)
        start, arrow, end, settings = found.groups()
        if arrow.strip() != "-->":
            certain = _EXACT.search(plain) or re.search("[>→;]", arrow)
            if not (certain and arrow and self._expects_times()):
                return None
            self._flaw(i, f"{_JOINED} {line[:60]!r}")
        elif not all(
            self.syntax.clock.fullmatch(time.removeprefix("-")) for time in (start, end)
        ):
            self._flaw(i, f"times unlike those of the format in {line[:60]!r}")
        return _seconds(start), _seconds(end), settings

    def _read_exact(self, line: str) -> tuple[float, float, str] | None:
        before, arrow, after = line.partition("-->")
        end, _, settings = after.strip().partition(" ")
        start = before.strip()
        if arrow and all(map(self.syntax.clock.fullmatch, (start, end))):
            return _seconds(start), _seconds(end), f" {settings}"
        return None

    def _add_times(self, i: int, line: str, times: tuple[float, float, str]) -> None:
        start, end, settings = times
        if end < start:
            flaw = f"ends before it starts: start {start:g}, end {end:g}"
            self._flaw(i, f"{flaw}; lasts until the next")
            self.endless.add(i)
            end = start
        elif start < 0:
            self._flaw(i, f"starts before 0: start {start:g}, end {end:g}")
        start, end = max(start, 0.0), max(end, 0.0)
        self._separate(i)
        write = self.syntax.write
        shown = f"{write(start)} --> {write(end)}"
        self._indices[i] = len(self.lines)
        self.lines.append(f"{shown}{settings}")
        # As they will be read.
        first, last = map(parse_time, shown.split(" --> "))
        self.places.setdefault((first, last), i)

    def _separate(self, i: int) -> None:
        """See to what must stand before times."""
        numbered = bool(self.lines) and bool(_NUMBER.fullmatch(self.lines[-1]))
        named = self._follows_name()
        if self.syntax.header:
            if self.follows_space() or named:
                return
            at = len(self.lines) - numbered
            self.lines.insert(at, "")
            self._flaw(i, "an empty line was expected before it")
        elif not (numbered and named):
            if numbered:
                self.lines.insert(-1, "")
            elif named:
                self.lines[-1] = "1"
            else:
                self.lines += ["", "1"]
            self._flaw(i, "an empty line and a number were expected before it")

    def _skip(self, i: int, flaw: str) -> None:
        self._flaw(i, f"{flaw}; its text was left out")
        if self._follows_name():
            self.lines.pop()
        self._skips = True

    def _flaw(self, i: int, flaw: str) -> None:
        self.flaws.append(Cue(0.0, None, "", f"line {i}", flaw=flaw))

    def _expects_times(self) -> bool:
        numbered = self._follows_name() and bool(_NUMBER.fullmatch(self.lines[-1]))
        return numbered or (self.syntax.header and self.follows_space())

    def _follows_name(self) -> bool:
        """Whether the line before stands alone, as a number does."""
        lines = self.lines
        alone = bool(lines) and bool(lines[-1]) and "-->" not in lines[-1]
        first = len(lines) < 2 and not self.syntax.header
        return alone and (first or (len(lines) > 1 and not lines[-2]))

    def follows_space(self) -> bool:
        """Whether the line before is empty."""
        return not self.lines or not self.lines[-1]


def mend(lines: list[str], path: str, syntax: Syntax) -> Mended:
    """Lines of a file, put right where that can be done.

    Parameters
    ----------
    lines : list of str
        The file's.
    path : str
        Names the file in messages.
    syntax : Syntax
        What tells the format from others.

    Returns
    -------
    Mended

    Raises
    ------
    ValueError
        If nothing in the file has a time, or a WebVTT file does not say what it is.
    """
    if syntax.header and not re.fullmatch(r"WEBVTT(\s.*)?", lines[0]):
        raise ValueError(f"{path}, line 1: WEBVTT was expected, got {lines[0][:40]!r}.")
    filled = [i for i, line in enumerate(lines, 1) if line.strip()]
    mended = Mended(syntax)
    noted = False
    for i, line in enumerate(lines, 1):
        # Comments of WebVTT may hold anything but an arrow.
        starts = mended.follows_space() and re.match(r"NOTE(\s|$)", line)
        noted = syntax.header and bool(line) and (noted or bool(starts))
        if noted and "-->" not in line:
            mended.lines.append(line)
        else:
            mended.add(i, line, last=i == filled[-1])
    if not mended.places:
        if mended.flaws:
            flaw = mended.flaws[0]
            raise ValueError(f"{path}, {flaw.place}: {flaw.flaw}.")
        if not syntax.header:
            raise ValueError(f"{path}, line {filled[0]}: no line with --> follows.")
    return mended


def _is_timed(line: str) -> bool:
    return bool(_LOOKS_TIMED.search(line))


def _seconds(clock: str) -> float:
    seconds = parse_time(clock.removeprefix("-").rstrip(".,"))
    return -seconds if clock.startswith("-") else seconds
