"""Tables of steps as CSV, one row a step: written, and read with its faults named."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from skcrosstask._files import csv_rows, csv_text, no_formula, require_file
from skcrosstask._progress import short
from skcrosstask.results._row import NAN, StepRow
from skcrosstask.results._table import StepTable

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["HEADER", "parse_csv", "read_text", "table_csv", "unknown_column"]

HEADER = list(StepRow._fields)
# What `predict` wrote before there were tables: rows of one second, -1 if left out.
_OLD_HEADER = ["task", "video", "step", "time"]
# What others call columns.
_ELSEWHERE = {
    **dict.fromkeys(("begin", "from", "onset", "start_time"), "start"),
    **dict.fromkeys(("stop", "finish", "to", "offset", "end_time"), "end"),
    **dict.fromkeys(("clip", "name", "file", "video_id"), "video"),
}
# What `no_formula` put an apostrophe before.
_GUARDED = re.compile(r"'+(?:[=@\t\r]|[+-](?![\w-]*$))")


def table_csv(table: StepTable) -> str:
    """CSV of a table: a header, and a line a step; what is unknown is left empty.

    Parameters
    ----------
    table : StepTable
        The steps.

    Returns
    -------
    str
        Steps count from 1. Text that a spreadsheet would take for a formula has an
        apostrophe before it, which `parse_csv` takes off.
    """
    return csv_text([HEADER, *map(_cells, table)])


def _cells(row: StepRow) -> list[object]:
    texts = [no_formula(text) for text in (row.video, row.task, row.text)]
    numbers = ["" if math.isnan(x) else repr(x) for x in row[4:]]
    return [*texts[:2], row.step + 1, texts[2], *numbers]


def parse_csv(
    text: str, path: PathLike, *, repeats: bool = False
) -> tuple[StepTable, list[int]]:
    """Table that a CSV text holds.

    Parameters
    ----------
    text : str
        The file's content: the columns of `table_csv` in any order, of which video,
        task and step must be there; others are ignored. Or the four columns
        ``task,video,step,time`` of earlier versions, whose times are rows of one
        second.
    path : path
        Names the file in messages.
    repeats : bool, default=False
        Whether a step may have several rows.

    Returns
    -------
    table : StepTable
        The rows.
    lines : list of int
        Line of each.

    Raises
    ------
    ValueError
        If a line is malformed, or gives a step for the second time where it may not.
    """
    lines = csv_rows(text, path)
    number, header = next(lines, (1, []))
    header = [cell.strip() for cell in header]
    if fault := unknown_column(header):
        raise ValueError(f"{path}, line {number}: {fault}")
    missing = [name for name in HEADER[:3] if name not in header]
    if missing:
        raise ValueError(
            f"{path}, line {number}: the header must be {','.join(HEADER)}, or have "
            f"at least video, task and step; {missing[0]} is missing."
        )
    if len(set(header)) < len(header):
        raise ValueError(f"{path}, line {number}: a column of the header stands twice.")
    return _collect(_rows(lines, header, path), path, repeats)


def unknown_column(names: Sequence[str]) -> str | None:
    """What is wrong with names of columns, or of keys, if one seems to be mistaken.

    Parameters
    ----------
    names : sequence of str
        Some may be unknown: what is neither like a known one that is not there nor
        another word for it may stay.

    Returns
    -------
    str or None
        A sentence.

    Examples
    --------
    >>> unknown_column(["video", "task", "step", "begin", "end"])
    "column 'begin' is unknown; did you mean 'start'?"
    """
    absent = [name for name in HEADER if name not in names]
    unknown = [name for name in names if name not in HEADER and isinstance(name, str)]
    for name in unknown:
        meant = _ELSEWHERE.get(name.lower())
        if meant not in absent:
            close = difflib.get_close_matches(name.lower(), absent, n=1, cutoff=0.75)
            meant = close[0] if close else None
        if meant is not None:
            return f"column {short(name, 40)} is unknown; did you mean {meant!r}?"
    if ("start" in absent) != ("end" in absent):
        lacking = "start" if "start" in absent else "end"
        others = f"; {short(unknown[0], 40)} is unknown" if unknown else ""
        return f"column {lacking!r} is missing, as start and end go together{others}."
    return None


def _rows(
    lines: Iterator[tuple[int, list[str]]], header: list[str], path: PathLike
) -> Iterator[tuple[int, StepRow]]:
    old = header == _OLD_HEADER
    for line, cells in lines:
        where = f"{path}, line {line}"
        if len(cells) != len(header):
            raise ValueError(
                f"{where}: expected {len(header)} cells, as in the header; got "
                f"{len(cells)}."
            )
        fields = dict(zip(header, cells, strict=True))
        yield line, _read_old(fields, where) if old else _read_row(fields, where)


def _collect(
    rows: Iterator[tuple[int, StepRow]], path: PathLike, repeats: bool
) -> tuple[StepTable, list[int]]:
    seen: dict[tuple[str, str, int], int] = {}
    found, numbers = [], []
    for line, row in rows:
        try:
            StepTable([row])
        except ValueError as error:
            fault = str(error).split(": ", 1)[1]
            raise ValueError(f"{path}, line {line}: {fault}") from None
        key = (row.video, row.task, row.step)
        if key in seen and not repeats:
            raise ValueError(
                f"{path}, line {line}: step {row.step + 1} of video "
                f"{short(row.video)} was already given in line {seen[key]}."
            )
        seen[key] = line
        found.append(row)
        numbers.append(line)
    return StepTable(found), numbers


def _read_row(fields: dict[str, str], where: str) -> StepRow:
    video, task, text = (
        cell[1:] if _GUARDED.match(cell) else cell
        for cell in (fields["video"], fields["task"], fields.get("text", ""))
    )
    step = _whole(fields["step"], "step", where)
    numbers = (_seconds(fields.get(name, ""), name, where) for name in HEADER[4:])
    return StepRow(video, task, step - 1, text, *numbers)


def _read_old(fields: dict[str, str], where: str) -> StepRow:
    step = _whole(fields["step"], "step", where)
    if fields["time"].strip() == "-1":
        time = NAN
    else:
        time = _whole(fields["time"], "time", where, least=0) + 0.5
    return StepRow(fields["video"], fields["task"], step - 1, time=time)


def _whole(cell: str, name: str, where: str, least: int = 1) -> int:
    if not re.fullmatch(r"\s*\d{1,9}\s*", cell) or int(cell) < least:
        raise ValueError(
            f"{where}: {name} must be a whole number from {least}, got "
            f"{short(cell, 40)}."
        )
    return int(cell)


def _seconds(cell: str, name: str, where: str) -> float:
    try:
        return float(cell) if cell.strip() else NAN
    except ValueError:
        raise ValueError(
            f"{where}: {name} must be a number or empty, got {short(cell, 40)}."
        ) from None


def read_text(path: PathLike) -> str:
    """Text of a file in UTF-8, with or without a byte order mark.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    str
        Its line ends are not translated.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        If it is missing, or a folder.
    ValueError
        If it is not UTF-8; the message names the line.
    """
    require_file(path, "File of steps (.csv or .json)")
    data = Path(path).read_bytes()
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{path}, line {line}: not UTF-8 text.") from None
