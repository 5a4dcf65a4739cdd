"""Tables of steps in notebooks: a bar a video, and the first and last rows."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import TYPE_CHECKING

from skcrosstask._progress import counted, html_table

if TYPE_CHECKING:
    from skcrosstask.results._row import StepRow
    from skcrosstask.results._table import StepTable

__all__ = ["table_html"]

_MOST_ROWS, _MOST_BARS = 10, 5
_HEAD = ("video", "step", "", "start", "end", "time", "present", "confidence")


def table_html(table: StepTable) -> str:
    """HTML of a table, short, and readable on light and dark ground.

    Parameters
    ----------
    table : StepTable
        The steps.

    Returns
    -------
    str
    """
    parts = table.by_video()
    bars = [
        _bar(video, rows)
        for (video, _), rows in list(parts.items())[:_MOST_BARS]
        if any(row.end == row.end for row in rows)
    ]
    if bars and len(parts) > _MOST_BARS:
        more = counted(len(parts) - _MOST_BARS, "more video")
        bars.append(f"<div>and {more}</div>")
    caption = f"{counted(len(table), 'step')}, {counted(len(parts), 'video')}; seconds"
    return "".join([*bars, html_table(caption, _HEAD, _shown(table))])


def _shown(table: StepTable) -> Iterator[list[str]]:
    if len(table) <= _MOST_ROWS:
        yield from map(_cells, table)
        return
    half = _MOST_ROWS // 2
    yield from map(_cells, table[:half])
    yield ["…"] * len(_HEAD)
    yield from map(_cells, table[-half:])


def _cells(row: StepRow) -> list[str]:
    seconds = ["–" if x != x else f"{x:.1f}" for x in (row.start, row.end, row.time)]
    chances = ["–" if x != x else f"{x:.2f}" for x in (row.present, row.confidence)]
    return [row.video, str(row.step), row.text, *seconds, *chances]


def _bar(video: str, rows: StepTable) -> str:
    """A strip from 0 to the last end, with a coloured piece for each segment."""
    placed = [row for row in rows if row.end == row.end]
    total = max(row.end for row in placed)
    pieces = []
    for row in placed:
        left, width = 100 * row.start / total, 100 * (row.end - row.start) / total
        # Golden angle: neighbours differ, and middling lightness suits both grounds.
        hue = round(row.step * 137.5) % 360
        title = html.escape(
            f"{row.step}: {row.text}, {row.start:.1f} to {row.end:.1f} s"
        )
        pieces.append(
            f'<span title="{title}" style="position:absolute;top:0;height:100%;'
            f"left:{left:.2f}%;width:{width:.2f}%;min-width:2px;"
            f'background:hsl({hue} 55% 55%)"></span>'
        )
    return (
        f'<div style="font-size:smaller">{html.escape(video)}'
        '<div style="position:relative;height:.9em;max-width:40em;'
        f'border:1px solid currentColor">{"".join(pieces)}</div></div>'
    )
