"""HowTo100M's JSON: videos by name, each with columns start, end and text."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator
from typing import IO, Any

from skcrosstask.narration.subtitles._cues import Cue
from skcrosstask.narration.subtitles._rows import cue_of_row

__all__ = ["begins_as_columns", "read_columns"]

_COLUMNS = ("start", "end", "text")
_NAME = r'("(?:[^"\\]|\\.)*")\s*:\s*'
_BEGINNING = re.compile(rf'\s*\{{\s*{_NAME}\{{\s*"(?:start|end|text)"\s*:\s*\[')
_MEMBER = re.compile(rf"\s*[{{,]\s*{_NAME}(?=\{{)")
_END = re.compile(r"\s*\}\s*")
# Characters that are read at once, and the most that one video may have.
_CHUNK, _LONGEST = 1 << 20, 1 << 27


def begins_as_columns(beginning: str) -> bool:
    """Whether a file begins as HowTo100M's do."""
    return bool(_BEGINNING.match(beginning))


def read_columns(
    file: IO[str], path: str, wanted: Container[str] | None = None
) -> Iterator[Cue]:
    """Texts with times of the videos in an open file, of which one is held at a time.

    Parameters
    ----------
    file : text file
        HowTo100M's own has some ten gigabytes.
    path : str
        Names the file in messages.
    wanted : container of str, optional
        Names of videos; others are passed over.

    Yields
    ------
    Cue
    """
    for name, video in _members(file, path):
        if wanted is None or name in wanted:
            yield from _cues(name, video, path)


def _members(file: IO[str], path: str) -> Iterator[tuple[str, Any]]:
    """Names and values of an object."""
    decoder = json.JSONDecoder()
    text, size = "", _CHUNK
    while chunk := file.read(size):
        text += chunk
        place = 0
        while member := _MEMBER.match(text, place):
            try:
                video, place = decoder.raw_decode(text, member.end())
                name = json.loads(member[1])
            except json.JSONDecodeError:
                break  # it may go on in what is not read yet
            except (ValueError, RecursionError) as error:
                raise ValueError(f"{path}: not JSON: {error!s:.80}.") from None
            yield name, video
        if len(text) - place > _LONGEST:
            break
        # Else a long video would be begun again too often.
        size = _CHUNK if place else 2 * size
        text = text[place:]
    if not _END.fullmatch(text):
        raise ValueError(
            f"{path}: not JSON of videos with start, end and text, or cut short, at "
            f"{text[:60]!r}."
        )


def _cues(name: str, video: dict[str, Any], path: str) -> Iterator[Cue]:
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
        if row["text"] is not None and row["text"] == row["text"]:
            place = f"video {name[:60]!r}, row {i}"
            yield cue_of_row({**row, "video": name}, path, place)
