"""Tab-separated tables of start, end and text, Whisper's own included."""

from __future__ import annotations

import re

from skcrosstask.narration.subtitles._csv import names_videos, read_table
from skcrosstask.narration.subtitles._cues import Cue, Format
from skcrosstask.narration.subtitles._rows import cue_of_row

__all__ = ["FORMAT"]

# Whisper writes milliseconds under names that elsewhere mean seconds, and no quotes.
_WHISPER_HEADER = "start\tend\ttext"
_WHISPER_ROW = re.compile(r"(\d+)\t(\d+)\t([^\t]*)")


def _read(text: str, path: str) -> list[Cue]:
    return _whisper_cues(text, path) or read_table(text, path, "\t")


def _whisper_cues(text: str, path: str) -> list[Cue]:
    """Texts with times from Whisper's own table; none if it is another's."""
    header, *lines = text.split("\n")
    rows = [(i, _WHISPER_ROW.fullmatch(x)) for i, x in enumerate(lines, 2) if x.strip()]
    if header != _WHISPER_HEADER or not all(row for _, row in rows):
        return []
    fields = ("start_ms", "end_ms", "text")
    return [
        cue_of_row(dict(zip(fields, row.groups(), strict=True)), path, f"line {i}")
        for i, row in rows
        if row
    ]


FORMAT = Format(
    _read,
    "start\tend\ttext\n2.0\t4\tpour milk\n6\t7.5\tstir\n",
    holds_many=names_videos,
)
