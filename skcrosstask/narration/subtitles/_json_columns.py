"""HowTo100M's JSON: videos by name, each with columns start, end and text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from skcrosstask.narration.subtitles._cues import Cue
from skcrosstask.narration.subtitles._rows import cue_of_row

__all__ = ["begins_as_columns", "is_columns", "read_columns"]

_COLUMNS = ("start", "end", "text")
_BEGINNING = re.compile(
    r'\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\{\s*"(?:start|end|text)"\s*:\s*\['
)


def begins_as_columns(beginning: str) -> bool:
    """Whether a file begins as HowTo100M's do."""
    return bool(_BEGINNING.match(beginning))


def is_columns(content: Any) -> bool:
    """Whether all that is in a file are videos with columns."""
    return (
        isinstance(content, dict)
        and bool(content)
        and all(
            isinstance(video, dict) and isinstance(video.get("start"), list)
            for video in content.values()
        )
    )


def read_columns(content: Mapping[str, Any], path: str) -> list[Cue]:
    """Texts with times of all videos."""
    cues: list[Cue] = []
    for name, video in content.items():
        columns = [video.get(column) for column in _COLUMNS]
        sizes = {len(c) if isinstance(c, list) else None for c in columns}
        if len(sizes) != 1 or None in sizes:
            raise ValueError(
                f"{path}, video {name[:60]!r}: start, end and text of one length were "
                "expected."
            )
        for i, values in enumerate(zip(*columns, strict=True)):
            row = dict(zip(_COLUMNS, values, strict=True))
            # What was no text when the file was made is written as NaN.
            if row["text"] is None or row["text"] != row["text"]:
                continue
            place = f"video {name[:60]!r}, row {i}"
            cues.append(cue_of_row({**row, "video": name}, path, place))
    return cues
