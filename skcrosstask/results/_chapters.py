"""Steps as chapters, for players: WebVTT and FFmpeg's metadata."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from skcrosstask.results._row import StepRow

if TYPE_CHECKING:
    from skcrosstask.results._table import StepTable

__all__ = ["Chapter", "ffmetadata_text", "list_chapters", "vtt_text"]

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Chapter(NamedTuple):
    """A segment in whole milliseconds, at least one long, and its title."""

    start: int
    end: int
    title: str


def list_chapters(rows: Iterable[StepRow]) -> list[Chapter]:
    """Segments by time, in milliseconds; steps left out have none.

    Parameters
    ----------
    rows : iterable of StepRow
        The steps of one video.

    Returns
    -------
    list of Chapter
        Titles are in one line.

    Raises
    ------
    ValueError
        If a step has a moment and no ends.
    """
    return sorted(_chapters(rows))


def _chapters(rows: Iterable[StepRow]) -> Iterator[Chapter]:
    for row in rows:
        if row.start == row.start:
            start = round(1000 * row.start)
            end = max(round(1000 * row.end), start + 1)
            title = _CONTROLS.sub(" ", row.text).strip() or f"step {row.step + 1}"
            yield Chapter(start, end, title)
        elif row.time == row.time:
            raise ValueError(
                f"video {row.video!r}: step {row.step + 1} has a time but no start and "
                "end, which chapters need; predict anew."
            )


def vtt_text(table: StepTable) -> str:
    """WebVTT chapters of one video.

    Parameters
    ----------
    table : StepTable
        Its steps.

    Returns
    -------
    str

    References
    ----------
    W3C, "WebVTT: The Web Video Text Tracks Format", sections 4.1 and 4.2.2.
    """
    cues = ["WEBVTT\n"]
    for start, end, title in list_chapters(table):
        text = html.escape(title, quote=False)
        cues.append(f"{_clock(start)} --> {_clock(end)}\n{text}\n")
    return "\n".join(cues)


def _clock(milliseconds: int) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{thousandths:03}"


def ffmetadata_text(table: StepTable) -> str:
    """Chapters of one video as FFmpeg reads them.

    Parameters
    ----------
    table : StepTable
        Its steps.

    Returns
    -------
    str

    References
    ----------
    FFmpeg Formats Documentation, section "Metadata".
    """
    lines = [";FFMETADATA1"]
    for start, end, title in list_chapters(table):
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start}", f"END={end}"]
        # FFmpeg takes a backslash at the end, escaped or not, for a line that goes on.
        title += " " * title.endswith("\\")
        lines.append("title=" + re.sub(r"([=;#\\])", r"\\\1", title))
    return "\n".join([*lines, ""])
