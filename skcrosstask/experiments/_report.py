"""An experiment's result, as CSV, Markdown, LaTeX and a picture."""

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

__all__ = ["PICTURES", "Report", "spread", "titles"]

PICTURES = ("png", "pdf", "svg")
_LATEX = str.maketrans({c: f"\\{c}" for c in "&%$#_{}"} | {"±": "$\\pm$", "–": "--"})


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
    ['.csv', '.md', '.tex']
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

    def write(
        self, folder: Path, *, picture: str = "png", dpi: int = 150
    ) -> list[Path]:
        """Write all files; each takes its name only when it is complete.

        Without matplotlib there is no picture, and a warning says so.

        Parameters
        ----------
        folder : Path
            Made if it does not exist.
        picture : {"png", "pdf", "svg"}, default="png"
            Format of the picture; the last two are of lines, not of pixels.
        dpi : int, default=150
            Pixels an inch of a PNG.

        Returns
        -------
        list of Path
            What was written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        texts = {"csv": self.csv(), "md": self.markdown(), "tex": self.latex()}
        contents = {suffix: text.encode() for suffix, text in texts.items()}
        if self.draw is not None and _can_draw(f"{self.name}.{picture}"):
            contents[picture] = self._picture(picture, dpi)
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
        (head, *rows), numeric = self._shown_rows()
        rules = ["---:" if right else "---" for right in numeric]
        for row in (head, rules, *rows):
            lines.append("| " + " | ".join(_shown(value) for value in row) + " |")
        lines += [line for remark in self.remarks for line in ("", remark)]
        return "\n".join(lines) + "\n"

    def latex(self) -> str:
        """The table for LaTeX, with rules of the package booktabs.

        Returns
        -------
        str
            A ``tabular``; the heading and what is to be said are comments above it.

        Examples
        --------
        >>> from skcrosstask.experiments import Report
        >>> report = Report("tea", "Recall, %", {"system": ["Uniform"], "tea": [9.9]})
        >>> print(report.latex(), end="")
        % Recall, %
        \\begin{tabular}{lr}
        \\toprule
        system & tea \\\\
        \\midrule
        Uniform & 9.9 \\\\
        \\bottomrule
        \\end{tabular}
        """
        (head, *rows), numeric = self._shown_rows()
        said = (self.title, self.note, *self.remarks)
        lines = [f"% {' '.join(text.split())}" for text in said if text]
        columns = "".join("r" if right else "l" for right in numeric)
        body = [
            " & ".join(_plain(value).translate(_LATEX) for value in row) + r" \\"
            for row in (head, *rows)
        ]
        lines += [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", body[0], r"\midrule"]
        lines += [*body[1:], r"\bottomrule", r"\end{tabular}"]
        return "\n".join(lines) + "\n"

    def _shown_rows(self) -> tuple[list[tuple[Any, ...]], list[bool]]:
        """Head and rows as they are read, and which columns are numbers."""
        head, *rows = [tuple(self.table), *self._rows()]
        if self.wide:
            head, *rows = zip(head, *rows, strict=True)
            # It names the tasks, which now stand above the other columns.
            head = ("", *head[1:])
        numeric = [all(_is_number(row[i]) for row in rows) for i in range(len(head))]
        return [head, *rows], numeric

    def _rows(self) -> list[tuple[Any, ...]]:
        return list(zip(*self.table.values(), strict=True))

    def _picture(self, form: str, dpi: int) -> bytes:
        import matplotlib.pyplot as plt

        assert self.draw is not None
        figure = self.draw(self.note)
        data = io.BytesIO()
        figure.savefig(data, format=form, dpi=dpi, bbox_inches="tight")
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
            f"{name} is left out, since it needs matplotlib: "
            "pip install 'skcrosstask[plot]'"
        )
        return False
    return True


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, int | float)


def _plain(value: object) -> str:
    text = "" if value is None or value != value else str(value)
    return text.replace("\n", " ")


def _shown(value: object) -> str:
    return _plain(value).replace("|", "\\|")
