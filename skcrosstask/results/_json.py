"""Tables of steps as JSON: a list of objects, one a step."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from skcrosstask._progress import short
from skcrosstask.results._csv import HEADER, unknown_column
from skcrosstask.results._row import NAN, StepRow
from skcrosstask.results._table import StepTable

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["parse_json", "table_json"]

_MANY = 10**9


def table_json(table: StepTable) -> str:
    """JSON of a table: a line a step; what is unknown is null.

    Parameters
    ----------
    table : StepTable
        The steps.

    Returns
    -------
    str
        Steps count from 1, as in CSV.
    """
    lines = [json.dumps(_record(row), ensure_ascii=False) for row in table]
    return "[\n  " + ",\n  ".join(lines) + "\n]\n" if lines else "[]\n"


def _record(row: StepRow) -> dict[str, Any]:
    cells = [None if cell != cell else cell for cell in row]
    return {**dict(zip(HEADER, cells, strict=True)), "step": row.step + 1}


def parse_json(text: str, path: PathLike) -> tuple[StepTable, list[int]]:
    """Table that a JSON text holds.

    Parameters
    ----------
    text : str
        What `table_json` wrote; keys that it does not write are ignored.
    path : path
        Names the file in messages.

    Returns
    -------
    table : StepTable
        The rows.
    entries : list of int
        Number of each, from 1.

    Raises
    ------
    ValueError
        If it is not such JSON; the message names the entry.
    """
    try:
        records = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not JSON: {error!s:.100}") from None
    if not isinstance(records, list):
        raise ValueError(f"{path}: must be a list of steps.")
    seen: dict[tuple[str, str, int], int] = {}
    rows = []
    for i, record in enumerate(records, start=1):
        row = _read_record(record, f"{path}, entry {i}")
        key = row[:3]
        if key in seen:
            raise ValueError(
                f"{path}, entry {i}: step {row.step + 1} of video "
                f"{short(row.video)} was already given in entry {seen[key]}."
            )
        seen[key] = i
        rows.append(row)
    return StepTable(rows), [*seen.values()]


def _read_record(record: object, where: str) -> StepRow:
    if not isinstance(record, dict):
        raise ValueError(f"{where}: must be an object of {', '.join(HEADER)}.")
    if fault := unknown_column([*record]):
        raise ValueError(f"{where}: {fault.replace('column', 'key')}")
    for name in HEADER[:3]:
        if name not in record:
            raise ValueError(f"{where}: {name} is missing.")
    step = record["step"]
    if isinstance(step, bool) or not isinstance(step, int) or not 0 < step < _MANY:
        raise ValueError(
            f"{where}: step must be a whole number from 1, got {short(step, 40)}."
        )
    cells = [record.get(name) for name in HEADER[4:]]
    numbers = [NAN if cell is None else cell for cell in cells]
    if any(isinstance(x, bool) or not _is_number(x) for x in numbers):
        raise ValueError(f"{where}: {', '.join(HEADER[4:])} must be numbers or null.")
    head = (record["video"], record["task"], step - 1, record.get("text", ""))
    try:
        return StepTable([(*head, *numbers)])[0]
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {str(error).split(': ', 1)[1]}") from None


def _is_number(value: object) -> bool:
    if isinstance(value, int):
        return abs(value) < _MANY**2
    return isinstance(value, float) and not math.isinf(value)
