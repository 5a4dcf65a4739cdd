"""An experiment's result, as CSV, Markdown and a picture."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrosstask._data import Task
from skcrosstask._files import csv_text, replacing
from skcrosstask._progress import warn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Report", "spread", "titles"]


@dataclass
class Report:
    """A table, a picture, and what is to be said of them.

    Parameters
    ----------
    name : str
        Name of the experiment and of its files.
    title : str
        Heading.
    table : dict of str to list
        Columns, all of one length; pandas takes it as it is.
    draw : callable, optional
        Makes the picture; called with a note to write under it.
    remarks : list of str
        Sentences to stand below the table.
    note : str
        "simulated features", or nothing.
    wide : bool
        Whether the table has many columns, which Markdown then shows as rows.

    Examples
    --------
    >>> from skcrosstask.experiments import Report
    >>> report = Report("tea", "Recall, %", {"system": ["Uniform"], "tea": [9.9]})
    >>> print(report.csv(), end="")
    system,tea
    Uniform,9.9
    >>> print(report.markdown().splitlines()[-1])
    | Uniform | 9.9 |
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(path.suffix for path in report.write(Path(folder)))
    ['.csv', '.md']
    """

    name: str
    title: str
    table: dict[str, list]
    draw: Callable[[str], Figure] | None = None
    remarks: list[str] = field(default_factory=list)
    note: str = ""
    wide: bool = False

    def __str__(self) -> str:
        return self.markdown()

    def write(self, folder: Path) -> list[Path]:
        """Write all files; each takes its name only when it is complete.

        Without matplotlib there is no picture, and a warning says so.

        Parameters
        ----------
        folder : Path
            Made if it does not exist.

        Returns
        -------
        list of Path
            What was written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        contents = {"csv": self.csv().encode(), "md": self.markdown().encode()}
        if self.draw is not None and _can_draw(self.name):
            contents["png"] = self._png()
        paths = []
        for suffix, content in contents.items():
            paths.append(folder / f"{self.name}.{suffix}")
            with replacing(paths[-1]) as file:
                file.write(content)
        return paths

    def csv(self) -> str:
        """The table as CSV; on simulated features, a column says so in every row.

        Returns
        -------
        str
            One line of names, then one per row.
        """
        table = dict(self.table)
        if self.note:
            table["features"] = ["simulated"] * len(self._rows())
        return csv_text([list(table), *zip(*table.values(), strict=True)])

    def markdown(self) -> str:
        """Heading, table and remarks as Markdown.

        Returns
        -------
        str
            The same as ``str`` of the report.
        """
        lines = [f"# {self.title}", ""]
        if self.note:
            compared = "compare these figures with each other, not with the paper's"
            lines += [f"**{self.note.capitalize()}**: {compared}.", ""]
        head, *rows = [tuple(self.table), *self._rows()]
        if self.wide:
            head, *rows = zip(head, *rows, strict=True)
            # It names the tasks, which now stand above the other columns.
            head = ("", *head[1:])
        numeric = [all(_is_number(row[i]) for row in rows) for i in range(len(head))]
        rules = ["---:" if right else "---" for right in numeric]
        for row in (head, rules, *rows):
            lines.append("| " + " | ".join(_shown(value) for value in row) + " |")
        lines += [line for remark in self.remarks for line in ("", remark)]
        return "\n".join(lines) + "\n"

    def _rows(self) -> list[tuple[Any, ...]]:
        return list(zip(*self.table.values(), strict=True))

    def _png(self) -> bytes:
        import matplotlib.pyplot as plt

        assert self.draw is not None
        figure = self.draw(self.note)
        data = io.BytesIO()
        figure.savefig(data, dpi=150, bbox_inches="tight")
        plt.close(figure)
        return data.getvalue()


def spread(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean and standard deviation over splits, in percent to one digit.

    Parameters
    ----------
    values : sequence of float
        From 0 to 1.

    Returns
    -------
    mean : float
    std : float or None
        None where there is only one split.
    """
    mean, std = 100 * float(np.mean(values)), 100 * float(np.std(values))
    return round(mean, 1), round(std, 1) if len(values) > 1 else None


def titles(tasks: Sequence[Task]) -> dict[str, str]:
    """Titles of tasks by name; the name where there is none."""
    return {task.name: task.title or task.name for task in tasks}


def _can_draw(name: str) -> bool:
    from skcrosstask.plotting._style import check_matplotlib

    try:
        check_matplotlib(name)
    except ImportError:
        warn(
            f"{name}.png is left out, since it needs matplotlib: "
            "pip install 'skcrosstask[plot]'"
        )
        return False
    return True


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, int | float)


def _shown(value: object) -> str:
    text = "" if value is None or value != value else str(value)
    return text.replace("|", "\\|").replace("\n", " ")
