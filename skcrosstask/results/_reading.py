"""Tables of steps from files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from skcrosstask.results._csv import parse_csv, read_text
from skcrosstask.results._formats import refuse_chapters
from skcrosstask.results._json import parse_json
from skcrosstask.results._table import StepTable

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["read_placed_steps", "read_steps", "read_table"]


def read_steps(path: PathLike) -> StepTable:
    """Read a table of steps that ``to_csv``, ``to_json`` or ``predict`` wrote.

    Parameters
    ----------
    path : path
        JSON if its name ends in ``.json``, else CSV. CSV needs the columns video,
        task and step; files of earlier versions, ``task,video,step,time`` with times
        in rows of one second, are read too. Chapters, ELAN and pages of the viewer do
        not say all that a table does, and are not read.

    Returns
    -------
    StepTable
        In the order of the file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is malformed; the message names the line, or the entry of JSON.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> from skcrosstask.results import StepTable, read_steps
    >>> table = StepTable([("v1", "latte", 0, "add coffee", 3.0, 7.5, 5.5)])
    >>> path = Path(mkdtemp()) / "steps.csv"
    >>> table.to_csv(path)
    >>> read_steps(path) == table
    True
    """
    return read_placed_steps(path)[0]


def read_placed_steps(path: PathLike) -> tuple[StepTable, list[str]]:
    """Read a table as `read_steps` does.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    table : StepTable
        The rows.
    places : list of str
        Where in the file each row is, such as "line 3".
    """
    return read_table(path)


def read_table(path: PathLike, *, repeats: bool = False) -> tuple[StepTable, list[str]]:
    """Read a table as `read_placed_steps` does.

    Parameters
    ----------
    path : path
        The file.
    repeats : bool, default=False
        Whether in CSV a step may have several rows.

    Returns
    -------
    table : StepTable
        The rows.
    places : list of str
        Where in the file each row is.
    """
    refuse_chapters(path)
    text = read_text(path)
    if Path(path).suffix.lower() == ".json":
        (table, numbers), kind = parse_json(text, path), "entry"
    else:
        (table, numbers), kind = parse_csv(text, path, repeats=repeats), "line"
    return table, [f"{kind} {number}" for number in numbers]
