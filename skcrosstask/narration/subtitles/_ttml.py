"""TTML (DFXP): texts within a body, timed by themselves and by what they are in.

pysubs2 reads TTML too, but neither ``dur`` nor frames, ticks, timed spans or the older
namespaces (release 1.8).
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple
from xml.etree.ElementTree import Element

from skcrosstask.narration.subtitles._cues import Cue

__all__ = ["read_ttml"]

_TIMES = ("begin", "end", "dur")
_OFFSET = re.compile(r"(\d{1,18}(?:\.\d{1,18})?)(h|m|s|ms|f|t)")
_CLOCK = re.compile(r"(\d{2,9}):(\d\d):(\d\d(?:\.\d{1,18})?)(?::(\d{1,4}(?:\.\d+)?))?")


class _Units(NamedTuple):
    """Seconds of the units that a file may measure time in."""

    frame: float
    tick: float

    def read(self, value: str) -> float:
        """Seconds of an expression of time."""
        value = value.strip()
        if offset := _OFFSET.fullmatch(value):
            units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3}
            units |= {"f": self.frame, "t": self.tick}
            return float(offset[1]) * units[offset[2]]
        clock = _CLOCK.fullmatch(value)
        if clock is None:
            raise ValueError(f"{value[:60]!r} is not a time")
        hours, minutes, seconds, frames = clock.groups(default="0")
        whole = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
        return whole + float(frames) * self.frame


class _Span(NamedTuple):
    start: float
    end: float | None


def read_ttml(root: Element, path: str) -> list[Cue]:
    """Texts with times; those of timed spans apart."""
    cues: list[Cue] = []
    try:
        units = _units(root)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{path}: frameRate or tickRate is not a number.") from None
    for body in root:
        if _name(body) == "body":
            _collect(body, _Span(0.0, None), units, path, cues)
    return cues


def _units(root: Element) -> _Units:
    parameters = {name.rpartition("}")[2]: value for name, value in root.items()}
    rate = Fraction(int(parameters.get("frameRate", 30)))
    given = parameters.get("frameRateMultiplier", "1 1")
    numerator, denominator = map(int, given.replace(":", " ").split())
    rate *= Fraction(numerator, denominator)
    by_default = rate if "frameRate" in parameters else Fraction(1)
    ticks = Fraction(int(parameters.get("tickRate", 0))) or by_default
    if rate <= 0 or ticks <= 0:
        raise ValueError
    return _Units(float(1 / rate), float(1 / ticks))


def _collect(
    element: Element, around: _Span, units: _Units, path: str, cues: list[Cue]
) -> None:
    place = f"{_name(element)} {len(cues)}"
    span = _span(element, around, units, path, place)
    within = [part for part in element.iter() if part is not element]
    timed = any(_has_times(part) for part in within)
    if _name(element) in ("p", "span") and not timed:
        if span != _Span(0.0, None):
            cues.append(Cue(span.start, span.end, _text(element), place))
        return
    for part in element:
        if _name(part) in ("div", "p") or _has_times(part) or timed:
            n_before = len(cues)
            _collect(part, span, units, path, cues)
            if part.tail and part.tail.strip() and len(cues) > n_before:
                cues[-1] = cues[-1]._replace(text=cues[-1].text + part.tail)


def _span(
    element: Element, around: _Span, units: _Units, path: str, place: str
) -> _Span:
    try:
        given = {
            name: units.read(value)
            for name in _TIMES
            if (value := element.get(name)) is not None
        }
    except ValueError as error:
        raise ValueError(f"{path}, {place}: {error}.") from None
    start = around.start + given.get("begin", 0.0)
    ends = [] if around.end is None else [around.end]
    ends += [around.start + given["end"]] if "end" in given else []
    ends += [start + given["dur"]] if "dur" in given else []
    return _Span(start, min(ends, default=None))


def _has_times(element: Element) -> bool:
    return any(element.get(name) is not None for name in _TIMES)


def _text(element: Element) -> str:
    pieces = [element.text or ""]
    for part in element:
        pieces.append(" " if _name(part) == "br" else _text(part))
        pieces.append(part.tail or "")
    return "".join(pieces)


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
