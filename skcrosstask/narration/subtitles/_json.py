"""JSON: lists of rows, and what programs write."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from skcrosstask.narration.subtitles._cues import Cue, Format
from skcrosstask.narration.subtitles._json_columns import (
    begins_as_columns,
    read_columns,
)
from skcrosstask.narration.subtitles._json_dialects import find_rows
from skcrosstask.narration.subtitles._json_words import read_words
from skcrosstask.narration.subtitles._rows import cue_of_row, known_fields

__all__ = ["FORMAT"]


def _read(text: str, path: str) -> list[Cue]:
    """Texts with times from a JSON list of rows, or from what programs write."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path}, line {error.lineno}: not JSON: {error.msg:.80}."
        ) from None
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, or lists in lists without end.
        raise ValueError(f"{path}: not JSON of rows: {error!s:.80}.") from None
    try:
        rows, word, read = find_rows(content)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    cues: list[Cue] = []
    for i, row in enumerate(rows):
        cues += _cues(row, path, f"{word} {i}", read)
    return cues


def _cues(
    row: Any, path: str, place: str, read: Callable[[Mapping[str, Any]], list]
) -> list[Cue]:
    if isinstance(row, list) and len(row) in (2, 3):
        fields = ("start", "text") if len(row) == 2 else ("start", "end", "text")
        return [cue_of_row(dict(zip(fields, row, strict=True)), path, place)]
    if not isinstance(row, dict):
        raise ValueError(
            f"{path}, {place}: start, end and text were expected, got {row!r:.60}."
        )
    try:
        plain = read(row)
    except ValueError as error:
        raise ValueError(f"{path}, {place}: {error}") from None
    if not row.get("words"):
        return [cue_of_row(known_fields(text), path, place) for text in plain]
    try:
        texts = [cue_of_row(known_fields(text), path, place) for text in plain]
    except ValueError:
        # Words may have the times that the whole has not.
        texts = []
    words = read_words(row, path, place, texts[0] if texts else None)
    return words or [cue_of_row(known_fields(text), path, place) for text in plain]


FORMAT = Format(
    _read,
    '[[2, 4, "pour milk"], [6, 7.5, "stir"]]',
    holds_many=begins_as_columns,
    stream=read_columns,
)
