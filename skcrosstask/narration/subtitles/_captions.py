"""What WebVTT and SRT have in common, YouTube's automatic captions included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from itertools import pairwise
from typing import NamedTuple

from skcrosstask.narration.subtitles._cues import Cue, parse_time

__all__ = ["Syntax", "read_captions"]

_WORD_TIME = re.compile(r"<((?:\d{1,9}:)?\d\d:\d\d\.\d{3})>")
_TAG = re.compile(r"<[^<>]*>")
# Two times, or one with a fraction, as only a line of times has them: "1:30 - 2:15" may
# be said. YouTube's settings may follow. Spaces are single here.
_ANY = r"\d{1,9}:\d{1,2}(?::\d{1,2})?(?:[.,]\d*)?"
_EXACT = r"\d{1,9}:\d{1,2}(?::\d{1,2}[.,]\d*|[.,]\d+|:\d{1,2}(?=\W*\d))"
_ARROW = r" ?[-–—−=~]* ?(?:[>→]|&gt;)+ ?"
_BROKEN_TIMING = re.compile(
    rf"(?:{_ANY}{_ARROW}{_ANY}|{_EXACT}\W*(?:{_ANY}\W*)?)(?: [a-z]+:\S+)*"
)
# Captions roll if as many of the texts that follow at once repeat a line before.
_ROLLING_SHARE = 0.25
_AT_ONCE = 0.05


class Syntax(NamedTuple):
    """What tells one format of captions from the other."""

    name: str
    """As webvtt-py calls it."""
    clock: str
    """Pattern of a time, in one group."""
    cut_off: re.Pattern[str]
    """End of a file that was cut off within a time."""
    header: bool
    """Whether a file starts with WEBVTT and may hold comments."""
    keeps_spaces: bool
    """Whether a line of spaces is part of a caption rather than its end."""


def read_captions(text: str, path: str, syntax: Syntax) -> list[Cue]:
    """Texts with times in a subtitle file.

    Parameters
    ----------
    text : str
        Content of the file.
    path : str
        Names the file in messages.
    syntax : Syntax
        What tells the format from others.

    Returns
    -------
    list of Cue
        One per text, or per word that has its own time. A line that stays on the
        screen as the next appears is given once.
    """
    lines = text.split("\n")
    if not syntax.keeps_spaces:
        lines = [line.rstrip() for line in lines]
    places = _places(lines, path, syntax)
    captions = _parse(lines, path, syntax.name)
    _refuse_lost(lines, places, {(start, end) for start, end, _ in captions}, path)
    cues = []
    for start, end, said in _without_repeats(captions):
        place = f"line {places[start, end]}"
        for line in said:
            cues += _timed_words(line, start, end, place)
        if not said:
            cues.append(Cue(start, end, "", place))
    return cues


def _parse(
    lines: list[str], path: str, format: str
) -> list[tuple[float, float, list[str]]]:
    """Start, end and lines of each caption."""
    try:
        import webvtt
    except ImportError:
        raise ImportError(
            f"{path}: reading subtitles needs webvtt-py; "
            "pip install 'skcrosstask[subtitles]'."
        ) from None
    text = "\n".join(lines).strip()
    try:
        parsed = webvtt.from_buffer(StringIO(text), format=format)
    except webvtt.errors.MalformedFileError:
        raise ValueError(
            f"{path}, line {_first(lines)}: a number was expected, then a line with "
            "times."
        ) from None
    return [
        (
            parse_time(caption.start),
            parse_time(caption.end),
            [line for line in caption.raw_text.splitlines() if _plain(line)],
        )
        for caption in parsed.captions
    ]


def _places(
    lines: list[str], path: str, syntax: Syntax
) -> dict[tuple[float, float], int]:
    """Numbers of the lines with times, by these times; refuses broken ones."""
    if syntax.header and not re.fullmatch(r"WEBVTT(\s.*)?", lines[0]):
        raise ValueError(f"{path}, line 1: WEBVTT was expected, got {lines[0][:40]!r}.")
    places: dict[tuple[float, float], int] = {}
    for i, line in _without_notes(lines) if syntax.header else enumerate(lines, 1):
        if "-->" not in line:
            if _BROKEN_TIMING.fullmatch(" ".join(line.split())):
                raise ValueError(
                    f"{path}, line {i}: times joined by --> were expected, got "
                    f"{line[:60]!r}."
                )
            continue
        timing = re.fullmatch(
            rf"\s*{syntax.clock}\s*-->\s*{syntax.clock}(?:\s.*)?", line
        )
        if timing is None:
            raise ValueError(f"{path}, line {i}: no times in {line[:60]!r}.")
        start, end = map(parse_time, timing.groups())
        Cue(start, end, "", f"line {i}").check(path)
        places.setdefault((start, end), i)
    if syntax.cut_off.search("\n".join(lines[: _last(lines)])):
        raise ValueError(f"{path}, line {_last(lines)}: the file ends within a time.")
    if not syntax.header and not places:
        raise ValueError(f"{path}, line {_first(lines)}: no line with --> follows.")
    return places


def _without_notes(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Numbered lines except WebVTT's comments, which may be anything."""
    before, noted = "", False
    for i, line in enumerate(lines, 1):
        starts = not before and re.match(r"NOTE(\s|$)", line)
        noted = bool(line) and (noted or bool(starts))
        if not noted or "-->" in line:
            yield i, line
        before = line


def _refuse_lost(
    lines: list[str],
    places: dict[tuple[float, float], int],
    read: set[tuple[float, float]],
    path: str,
) -> None:
    """Refuse text that the parser passed over in silence."""
    for times, i in places.items():
        if times not in read and i < len(lines) and lines[i].strip():
            raise ValueError(
                f"{path}, line {i}: its text cannot be read; an empty line and a "
                "number were expected before it."
            )


def _first(lines: list[str]) -> int:
    return next(i for i, line in enumerate(lines, 1) if line.strip())


def _last(lines: list[str]) -> int:
    return max(i for i, line in enumerate(lines, 1) if line.strip())


def _without_repeats(
    captions: list[tuple[float, float, list[str]]],
) -> list[tuple[float, float, list[str]]]:
    # A line said twice looks like one shown twice; how often it happens tells.
    repeats = [0] * len(captions)
    n_following = 0
    for i, (before, now) in enumerate(pairwise(captions), 1):
        if before[0] <= now[0] <= before[1] + _AT_ONCE:
            n_following += 1
            repeats[i] = _n_repeated(before[2], now[2])
    n_repeating = sum(n > 0 for n in repeats)
    if not n_repeating or n_repeating < _ROLLING_SHARE * n_following:
        return captions
    return [
        (start, end, said[n:])
        for (start, end, said), n in zip(captions, repeats, strict=True)
    ]


def _n_repeated(before: list[str], now: list[str]) -> int:
    """Largest n such that the last n lines before are the first n now."""
    shown, said = [_plain(line) for line in before], [_plain(line) for line in now]
    sizes = range(min(len(shown), len(said)), 0, -1)
    return next((n for n in sizes if shown[-n:] == said[:n]), 0)


def _timed_words(line: str, start: float, end: float, place: str) -> list[Cue]:
    first, *rest = _WORD_TIME.split(line)
    starts = [start, *map(parse_time, rest[::2])]
    texts = [first, *rest[1::2]]
    ends: list[float | None] = [*starts[1:], end]
    return [
        Cue(a, b if b is None or b >= a else None, piece, place)
        for a, b, piece in zip(starts, ends, texts, strict=True)
        if len(texts) == 1 or _plain(piece)
    ]


def _plain(line: str) -> str:
    return " ".join(_TAG.sub("", line).split())
