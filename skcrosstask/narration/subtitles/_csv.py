"""Comma-separated tables of start, end and text."""

from __future__ import annotations

import re

from skcrosstask._files import csv_rows
from skcrosstask._progress import guess, short
from skcrosstask.narration.subtitles._cues import Cue, Format
from skcrosstask.narration.subtitles._rows import FIELDS, cue_of_row, is_time

__all__ = ["FORMAT", "names_videos", "read_table"]


def read_table(text: str, path: str, delimiter: str = ",") -> list[Cue]:
    """Texts with times from rows separated by commas or tabs."""
    rows = csv_rows(text, path, delimiter=delimiter)
    first = next(rows, None)
    if first is None:
        return []
    line, row = first
    if is_time(row[0]):
        columns: list[str | None] = ["start", "text"]
        if len(row) > 2 and (is_time(row[1]) or not row[1].strip()):
            columns = ["start", "end", "text"]
        named = dict(zip(columns, row, strict=False))
        cues = [cue_of_row(named, path, f"line {line}")]
    else:
        columns = [FIELDS.get(field.strip().lower()) for field in row]
        if "text" not in columns or not {"start", "start_ms"} & set(columns):
            unknown = [f for f in row if f.strip().lower() not in FIELDS]
            meant = "."
            if unknown:
                meant = f": {short(unknown[0], 20)} is unknown"
                meant += guess(unknown[0].strip(), FIELDS)
            raise ValueError(
                f"{path}, line {line}: columns start and text were expected, got "
                f"{row!s:.30}{meant}"
            )
        cues = []
    for line, row in rows:
        if len(row) != len(columns):
            raise ValueError(
                f"{path}, line {line}: {len(columns)} fields were expected, got "
                f"{len(row)}."
            )
        named = dict(zip(columns, row, strict=True))
        cues.append(cue_of_row(named, path, f"line {line}"))
    return cues


def names_videos(beginning: str) -> bool:
    """Whether a table's header has a column for the video."""
    header = beginning.partition("\n")[0]
    fields = re.split(r"[,\t]", header.replace('"', ""))
    return "video" in {FIELDS.get(field.strip().lower()) for field in fields}


FORMAT = Format(
    read_table,
    "start,end,text\n2,4,pour milk\n6,7.5,stir\n",
    holds_many=names_videos,
)
