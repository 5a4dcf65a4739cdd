"""Tables and JSON of start, end and text."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from typing import Any

from skcrosstask.narration._cues import Cue, parse_time
from skcrosstask.narration._json_dialects import find_rows

__all__ = ["read_json", "read_table"]

_NAMES = {
    "start": ("start", "start_seconds", "start_time", "begin", "from"),
    "start_ms": ("start_ms",),
    "end": ("end", "end_seconds", "end_time", "stop", "to"),
    "end_ms": ("end_ms",),
    "duration": ("duration", "duration_seconds"),
    "text": ("text", "sentence", "caption", "transcript", "word"),
    "video": ("video", "video_id", "name"),
}
_FIELDS = {name: field for field, names in _NAMES.items() for name in names}
# Whisper writes milliseconds under names that elsewhere mean seconds, and no quotes.
_WHISPER_HEADER = "start\tend\ttext"
_WHISPER_ROW = re.compile(r"(\d+)\t(\d+)\t([^\t]*)")


def read_table(text: str, path: str, delimiter: str) -> list[Cue]:
    """Texts with times of comma- or tab-separated rows."""
    if delimiter == "\t" and (cues := _whisper_cues(text, path)):
        return cues
    rows = _table_rows(text, path, delimiter)
    first = next(rows, None)
    if first is None:
        return []
    place, cells = first
    if _is_time(cells[0]):
        fields: list[str | None] = ["start", "text"]
        if len(cells) > 2 and (_is_time(cells[1]) or not cells[1].strip()):
            fields = ["start", "end", "text"]
        cues = [_cue(dict(zip(fields, cells, strict=False)), path, place)]
    else:
        fields = [_FIELDS.get(cell.strip().lower()) for cell in cells]
        if "text" not in fields or not {"start", "start_ms"} & set(fields):
            raise ValueError(
                f"{path}, {place}: columns start and text were expected, got {cells}."
            )
        cues = []
    for place, cells in rows:
        if len(cells) != len(fields):
            raise ValueError(
                f"{path}, {place}: {len(fields)} cells were expected, got {len(cells)}."
            )
        cues.append(_cue(dict(zip(fields, cells, strict=True)), path, place))
    return cues


def _whisper_cues(text: str, path: str) -> list[Cue]:
    """Texts with times of Whisper's own table; none if it is another's."""
    header, *lines = text.split("\n")
    rows = [(i, _WHISPER_ROW.fullmatch(x)) for i, x in enumerate(lines, 2) if x.strip()]
    if header != _WHISPER_HEADER or not all(row for _, row in rows):
        return []
    fields = ("start_ms", "end_ms", "text")
    return [
        _cue(dict(zip(fields, row.groups(), strict=True)), path, f"line {i}")
        for i, row in rows
        if row
    ]


def read_json(text: str, path: str) -> list[Cue]:
    """Texts with times of a JSON list of rows, or of what programs write."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path}, line {error.lineno}: not JSON: {error.msg}."
        ) from None
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, or lists in lists without end.
        raise ValueError(f"{path}: not JSON of rows: {error}.") from None
    try:
        rows, word, read = find_rows(content)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    cues: list[Cue] = []
    for i, row in enumerate(rows):
        cues += _json_cues(row, path, f"{word} {i}", read)
    return cues


def _json_cues(
    row: Any, path: str, place: str, read: Callable[[Mapping[str, Any]], list]
) -> list[Cue]:
    if isinstance(row, list) and len(row) in (2, 3):
        fields = ("start", "text") if len(row) == 2 else ("start", "end", "text")
        return [_cue(dict(zip(fields, row, strict=True)), path, place)]
    if not isinstance(row, dict):
        raise ValueError(
            f"{path}, {place}: start, end and text were expected, got {row!r:.60}."
        )
    words = row.get("words")
    if isinstance(words, list) and words:
        timed = [w for w in words if isinstance(w, dict) and w.get("start") is not None]
        # A number, say, may have no time of its own; then none is used.
        if len(timed) == len(words):
            return [
                _cue(_known(w), path, f"{place}, word {j}") for j, w in enumerate(words)
            ]
    try:
        plain = read(row)
    except ValueError as error:
        raise ValueError(f"{path}, {place}: {error}") from None
    return [_cue(_known(text), path, place) for text in plain]


def _known(row: Mapping[str, Any]) -> dict[str | None, Any]:
    return {_FIELDS.get(str(name).lower()): value for name, value in row.items()}


def _cue(row: Mapping[Any, Any], path: str, place: str) -> Cue:
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


def _table_rows(
    text: str, path: str, delimiter: str
) -> Iterator[tuple[str, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValueError(f"{path}, line {reader.line_num}: {error}.") from None
        if any(cell.strip() for cell in cells):
            yield f"line {line}", cells
        line = reader.line_num + 1


def _is_time(cell: str) -> bool:
    try:
        parse_time(cell)
    except ValueError:
        return False
    return True
