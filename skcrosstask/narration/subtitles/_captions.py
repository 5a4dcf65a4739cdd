"""What WebVTT and SRT have in common, YouTube's automatic captions included."""

from __future__ import annotations

import re
from io import StringIO

from skcrosstask._extras import import_extra
from skcrosstask.narration.subtitles._cues import Cue, parse_time
from skcrosstask.narration.subtitles._mending import Mended, Syntax, mend
from skcrosstask.narration.subtitles._repeats import Shown, n_repeated

__all__ = ["Syntax", "read_captions"]

_WORD_TIME = re.compile(r"<((?:\d{1,9}:)?\d\d:\d\d\.\d{3})>")
_TAG = re.compile(r"<[^<>]*>")


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
        One per text, or per word that has its own time, and one without text per flaw.
        A line that stays on the screen as the next appears is given once.
    """
    lines = text.split("\n")
    if not syntax.keeps_spaces:
        lines = [line.rstrip() for line in lines]
    mended = mend(lines, path, syntax)
    captions = _parse(mended.lines, path, syntax.name)
    _refuse_lost(mended, {(start, end) for start, end, _ in captions}, path)
    cues = list(mended.flaws)
    repeats = n_repeated(captions, _plain)
    for (start, end, said), n in zip(captions, repeats, strict=True):
        i = mended.places[start, end or 0.0]
        until = None if i in mended.endless else end
        for line in said[n:]:
            cues += _timed_words(line, start, until, f"line {i}")
        if not said[n:]:
            cues.append(Cue(start, until, "", f"line {i}"))
    return cues


def _parse(lines: list[str], path: str, format: str) -> list[Shown]:
    """Start, end and lines of each caption."""
    user = f"{path}: reading subtitles"
    webvtt = import_extra("webvtt", user, "webvtt-py", "'skcrosstask[subtitles]'")
    text = "\n".join(lines).strip()
    try:
        parsed = webvtt.from_buffer(StringIO(text), format=format)
    except webvtt.errors.MalformedFileError as error:
        raise ValueError(f"{path}: not {format}: {error!s:.80}") from None
    return [
        Shown(
            parse_time(caption.start),
            parse_time(caption.end),
            [line for line in caption.raw_text.splitlines() if _plain(line)],
        )
        for caption in parsed.captions
    ]


def _refuse_lost(mended: Mended, read: set[tuple], path: str) -> None:
    """Refuse texts that the parser passed over in silence."""
    for times, i in mended.places.items():
        if times not in read and not mended.is_empty(i):
            raise ValueError(f"{path}, line {i}: its text cannot be read.")


def _timed_words(line: str, start: float, end: float | None, place: str) -> list[Cue]:
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
