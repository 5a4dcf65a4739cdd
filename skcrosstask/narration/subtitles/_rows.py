"""Rows of start, end and text, whatever their columns are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from skcrosstask.narration.subtitles._cues import Cue, parse_time

__all__ = ["FIELDS", "cue_of_row", "is_time", "known_fields"]

_NAMES = {
    "start": ("start", "start_seconds", "start_time", "begin", "from"),
    "start_ms": ("start_ms",),
    "end": ("end", "end_seconds", "end_time", "stop", "to"),
    "end_ms": ("end_ms",),
    "duration": ("duration", "duration_seconds"),
    "text": ("text", "sentence", "caption", "transcript", "word"),
    "video": ("video", "video_id", "name"),
}
FIELDS = {name: field for field, names in _NAMES.items() for name in names}


def known_fields(row: Mapping[str, Any]) -> dict[str | None, Any]:
    """A row under our names; all that has another name is under None."""
    return {FIELDS.get(str(name).lower()): value for name, value in row.items()}


def cue_of_row(row: Mapping[Any, Any], path: str, place: str) -> Cue:
    """A row with ``start`` or ``start_ms``, and so on, as a cue."""
    start = _time(row, "start", path, place)
    if start is None:
        raise ValueError(f"{path}, {place}: start is missing.")
    end = _time(row, "end", path, place)
    if end is None and (duration := _time(row, "duration", path, place)) is not None:
        end = start + duration
    text = row.get("text")
    if not isinstance(text, str):
        raise ValueError(f"{path}, {place}: text must be a string, got {text!r:.60}.")
    return Cue(start, end, text, place, str(row.get("video") or ""))


def _time(row: Mapping[Any, Any], field: str, path: str, place: str) -> float | None:
    for name, unit in ((field, 1.0), (f"{field}_ms", 1e-3)):
        value = row.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        try:
            return parse_time(value) * unit
        except ValueError as error:
            raise ValueError(f"{path}, {place}: {name}: {error}.") from None
    return None


def is_time(field: str) -> bool:
    """Whether a field of a table is a time."""
    try:
        parse_time(field)
    except ValueError:
        return False
    return True
