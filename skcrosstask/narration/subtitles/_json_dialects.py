"""What programs call the rows of their JSON, and how these become rows of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from skcrosstask.narration.subtitles._cues import parse_time

__all__ = ["find_rows", "read_event"]

_Row = Mapping[str, Any]


def find_rows(content: Any) -> tuple[list[Any], str, Callable[[_Row], list[_Row]]]:
    """Rows of a file, what one is called in messages, and how to read one.

    Parameters
    ----------
    content : object
        Of a JSON file: a list of rows, or an object as Whisper (``segments``),
        YouTube's json3 (``events``), the pipelines of Hugging Face (``chunks``) or
        whisper.cpp (``transcription``) write it.

    Returns
    -------
    rows : list
    word : str
    read : function
        Gives rows with ``start`` or ``start_ms``, and so on, of one such row.

    Raises
    ------
    ValueError
        If the content is of no such kind.
    """
    if isinstance(content, list):
        return content, "row", _as_it_is
    for key, (word, read) in _KINDS.items():
        if isinstance(content, dict) and isinstance(content.get(key), list):
            return content[key], word, read
    raise ValueError(
        f"a list of rows or an object with {', '.join(_KINDS)} was expected."
    )


def _as_it_is(row: _Row) -> list[_Row]:
    return [row]


def _read_chunk(row: _Row) -> list[_Row]:
    times = row.get("timestamp")
    if not isinstance(times, list) or len(times) != 2:
        raise ValueError(f"timestamp must be [start, end], got {times!r:.60}.")
    return [{"start": times[0], "end": times[1], "text": row.get("text")}]


def _read_transcription(row: _Row) -> list[_Row]:
    times = row.get("offsets")
    if not isinstance(times, dict):
        raise ValueError(f"offsets must hold from and to, got {times!r:.60}.")
    text = row.get("text")
    return [{"start_ms": times.get("from"), "end_ms": times.get("to"), "text": text}]


def read_event(row: _Row) -> list[_Row]:
    """The text of one of YouTube's events, or its words if they have times."""
    segments = row.get("segs")
    # Events without a text set up the screen.
    if segments is None:
        return []
    if not isinstance(segments, list) or not all(
        isinstance(segment, dict) and isinstance(segment.get("utf8", ""), str)
        for segment in segments
    ):
        raise ValueError(f"segs must hold texts in utf8, got {segments!r:.60}.")
    if row.get("tStartMs") is None:
        raise ValueError("tStartMs is missing.")
    start = parse_time(row["tStartMs"])
    pieces: list[tuple[float, str]] = []
    for segment in segments:
        text = segment.get("utf8", "")
        # Words after the first have an offset; what has none is more of a word.
        if pieces and "tOffsetMs" not in segment:
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + text)
        else:
            pieces.append((start + parse_time(segment.get("tOffsetMs", 0)), text))
    starts = [at for at, _ in pieces]
    ends: list[float | None] = [*starts[1:], _event_end(row, start)]
    return [
        {"start_ms": a, "end_ms": b if b is None or b >= a else None, "text": text}
        for (a, text), b in zip(pieces, ends, strict=True)
        # A line feed alone starts a line on the screen.
        if text.strip()
    ]


def _event_end(row: _Row, start: float) -> float | None:
    duration = row.get("dDurationMs")
    if duration is None:
        return None
    if parse_time(duration) < 0:
        raise ValueError(f"dDurationMs must be from 0, got {duration!r:.60}.")
    return start + parse_time(duration)


_KINDS: dict[str, tuple[str, Callable[[_Row], list[_Row]]]] = {
    "segments": ("segment", _as_it_is),
    "events": ("event", read_event),
    "chunks": ("chunk", _read_chunk),
    "transcription": ("transcription", _read_transcription),
}
