"""Tables of the manual and the READMEs, of figures that benchmarks recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from _measured import FOLDER, read

DEFAULTS, README = "docs/user_guide/defaults.rst", "README.md"
BENCHMARKS = "benchmarks/README.md"

# Names of the sets for people, and the sets of each table.
SETS = {
    "cad120 short": "cad120, short texts",
    "cad120 steps": "cad120, long texts",
    "openpack operations": "openpack operations",
    "openpack actions": "openpack actions",
    "breakfast": "Breakfast",
    "youcook2": "YouCook2 narration",
    **{
        f"crosstask {name}": f"CrossTask {name}"
        for name in [
            *("strong", "medium", "weak"),
            *("strong, fill .5", "medium, fill .5", "weak, fill .5"),
            *("medium, no windows",),
            *("strong, related", "medium, related", "weak, related"),
        ]
    },
    "generated": "generated",
    "generated, no windows": "generated, no windows",
}
NAMES = list(SETS)
REAL, TIMELINES, OTHERS = NAMES[:6], NAMES[6:13], NAMES[13:]
ROWS = [
    *("even spacing", "random order", "DIFFRAC", "action sets", "the paper"),
    *("version 0.1", "default", "only centred", "no position prior", "1 pass"),
    *("8 passes", "no window penalty", "hard windows", "windows unused"),
    *("one unit decoded", "segments decoded", "+ Adam, steps", "+ Adam, both"),
    *("supervised, 0.1", "supervised"),
]
SHOWN = {
    "cad120 short": "cad120, household tasks, short texts",
    "cad120 steps": "cad120, long texts",
    "openpack operations": "openpack, operations",
    "openpack actions": "openpack, actions",
    "breakfast": "Breakfast, five videos of coffee",
    "youcook2": "YouCook2, from what is said",
    "crosstask medium, related": (
        "CrossTask's timelines, simulated features, related tasks"
    ),
}
CALIBRATION = [
    *("right", "plain", "calibrated", "agreement", "ECE plain", "ECE calibrated"),
    *("AUC", "AUC supervised", "F1", "F1 always"),
]
# Of other benchmarks: what is measured by its label, and formats of figures.
SIDES = {
    "ours": "ours, the paper's loss",
    "ours, both": "ours, contrast over steps and time",
    "defaults": "ours, the defaults",
    "peer": "published procedure in PyTorch",
}
SPEED = {
    **{"ratio": ".0f", "videos/s": ".0f", "init ms": "#.3g", "align ms": "#.3g"},
    **{"recall": ".1f", "peak GB": ".2f"},
}
SETTINGS = {
    "steps": "the paper's",
    "both": "contrast over steps and time",
    "defaults": "defaults",
}
SIZE = {
    **{"fit s": ".1f", "reading s": ".1f", "init s": ".1f", "alternation s": ".1f"},
    **{"peak GB": ".2f"},
}
SPLITS = {
    "uniform": "evenly spaced",
    "no sharing": "the paper's procedure, without sharing",
    "shared words": "with shared words",
    "shared words + related": "and with related tasks",
    "contrast in time too": "and with contrast over time",
    "contrast in time alone": "or with that alone",
    "segments, no sharing": "the defaults, without sharing and related tasks",
    "segments, shared steps": "with shared steps",
    "segments": "with shared words",
    "segments + related": "and with related tasks",
    "supervised": "learnt from annotations",
}


class Cell(NamedTuple):
    """What a table shows, and the line of the file that says so, if one does."""

    text: str
    line: dict[str, str] | None = None


@dataclass
class Table:
    """A table as it should be.

    Attributes
    ----------
    page : str
        Where it is, from the root of the repository.
    title : str or None
        That of a table of reStructuredText; a table of Markdown has none.
    header : list of str
    rows : list of list of Cell
    source : str
        The benchmark.
    options : str
        Of a table of reStructuredText.
    """

    page: str
    title: str | None
    header: list[str]
    rows: list[list[Cell]]
    source: str
    options: str = ""

    @property
    def name(self) -> str:
        return f"'{self.title}'" if self.title else f"of {self.source}.py"

    def lines(self) -> list[str]:
        """Its source, as it stands in the page."""
        if self.title is None:
            rule = ["---", *["--:"] * (len(self.header) - 1)]
            rule = "|" + "|".join(rule) + "|"
            head = "|" + "|".join(f" {name} " if name else " " for name in self.header)
            rows = ["| " + " | ".join(c.text for c in row) + " |" for row in self.rows]
            return [f"{head}|", rule, *rows]
        header = ", ".join(f'"{name}"' for name in self.header)
        rows = ["   " + ", ".join(f'"{c.text}"' for c in row) for row in self.rows]
        options = [f"   {line}" for line in self.options.splitlines()]
        head = [f".. csv-table:: {self.title}", f"   :header: {header}"]
        return [*head, *options, "", *rows]

    def find(self, page: list[str]) -> slice:
        """Lines of a page that are this table; an empty slice if there is none."""
        lines = self.lines()
        if lines[0] not in page:
            return slice(0, 0)
        start = page.index(lines[0])
        stop = start + 1
        inside = r"\|" if self.title is None else "   |$"
        while stop < len(page) and re.match(inside, page[stop]):
            stop += 1
        while not page[stop - 1]:
            stop -= 1
        return slice(start, stop)


class Figures:
    """What a benchmark recorded, by name."""

    def __init__(self, folder: Path, source: str, n_names: int):
        self.source = source
        self._lines = read(folder / f"{source}.csv", n_names)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return iter(self._lines)

    def __contains__(self, names: tuple[str, ...]) -> bool:
        return names in self._lines

    def __getitem__(self, names: tuple[str, ...]) -> dict[str, str]:
        if names not in self._lines:
            raise SystemExit(
                f"benchmarks/measured/{self.source}.csv has no {', '.join(names)}: "
                f"run python benchmarks/{self.source}.py --record"
            )
        return self._lines[names]

    def number(self, *names: str) -> float:
        """One figure, its column named last."""
        return float(self[names[:-1]][names[-1]])

    def cell(self, *names: str, form: str = ".1f", spread: str = "") -> Cell:
        """A cell of one figure, maybe with its spread; a dash where there is none."""
        line = self._lines.get(names[:-1])
        if line is None or not line[names[-1]]:
            return Cell("–", line)
        text = f"{float(line[names[-1]]):{form}}"
        if spread and line[spread]:
            text += f" ± {float(line[spread]):.1f}"
        return Cell(text, line)


def bold(cell: Cell) -> Cell:
    return cell._replace(text=f"**{cell.text}**") if cell.text != "–" else cell


def share_of(real: Figures, name: str) -> float:
    """Recall of the defaults as a share of supervised recall."""
    default, bound = (real.number(name, r, "recall") for r in ("default", "supervised"))
    return default / bound


def comparison_of(real: Figures) -> Table:
    """The defaults beside even spacing and training on annotations."""
    rows = []
    for name, label in SETS.items():
        rows.append(
            [
                Cell(label),
                real.cell(name, "default", "recall", spread="deviation"),
                real.cell(name, "default", "gain", form="+.1f", spread="gain error"),
                Cell(f"{share_of(real, name):.2f}", real[name, "supervised"]),
                real.cell(name, "default", "seconds", form=".2g"),
            ]
        )
    header = ["", "default", "over even spacing", "share of supervised", "fit, s"]
    title = "Defaults beside even spacing and training on annotations"
    return Table(DEFAULTS, title, header, rows, real.source, ":widths: 24 14 16 14 8")


def recall_of(real: Figures, title: str, sets: list[str], short: str = "") -> Table:
    """Recall of all rows that are known for some of the sets."""
    rows = []
    for row in ROWS:
        cells = [Cell(row), *(real.cell(name, row, "recall") for name in sets)]
        if any(cell.line for cell in cells):
            rows.append([bold(c) for c in cells] if row == "default" else cells)
    header = ["", *(SETS[name].removeprefix(short) for name in sets)]
    widths = ":widths: 16" + " 9" * len(sets)
    return Table(DEFAULTS, title, header, rows, real.source, widths)


def calibration_of(found: Figures) -> Table:
    rows = []
    for name, label in SETS.items():
        cells = [found.cell(name, figure, form=".3f") for figure in CALIBRATION]
        rows.append([Cell(label), *cells])
    title = "How many predicted times are right, and how sure the defaults are of them"
    header = ["", *(name[0].upper() + name[1:] for name in CALIBRATION)]
    return Table(DEFAULTS, title, header, rows, found.source, ":class: figures")


def readme_of(real: Figures) -> Table:
    rows = []
    for name, label in SHOWN.items():
        cells = [
            real.cell(name, row, "recall")
            for row in ("even spacing", "the paper", "default", "supervised")
        ]
        cells[2] = bold(cells[2])
        rows.append([Cell(label), *cells])
    header = ["Recordings", "Evenly spaced", "The paper's settings", "**Default**"]
    return Table(README, None, [*header, "Annotations"], rows, real.source)


def plain_table(
    found: Figures, labels: dict[str, str], columns: dict[str, str], first: str = ""
) -> Table:
    """Figures in columns, each in its format, of what is known."""
    rows = []
    for name, label in labels.items():
        if (name,) in found:
            cells = [found.cell(name, c, form=form) for c, form in columns.items()]
            rows.append([Cell(label), *cells])
    return Table(BENCHMARKS, None, [first, *columns], rows, found.source)


class Measured:
    """All that was recorded, and what the pages should say of it."""

    def __init__(self, folder: Path = FOLDER):
        self.real = Figures(folder, "real_data", 2)
        self.sure = Figures(folder, "calibration", 1)
        self.speed = Figures(folder, "training_speed", 1)
        self.size = Figures(folder, "crosstask_size", 1)
        self.out = Figures(folder, "scale_out", 3)
        self.splits = Figures(folder, "crosstask_simulated", 1)
        self.units = Figures(folder, "units", 1)

    def tables(self) -> list[Table]:
        real = self.real
        return [
            readme_of(real),
            comparison_of(real),
            recall_of(real, "Recall on real recordings, %", REAL),
            recall_of(
                real,
                "Recall on CrossTask's timelines with simulated features, %",
                TIMELINES,
                "CrossTask ",
            ),
            recall_of(
                real,
                "Recall with videos of related tasks, and on generated videos, %",
                OTHERS,
                "CrossTask ",
            ),
            calibration_of(self.sure),
            plain_table(self.speed, SIDES, SPEED),
            plain_table(self.size, SETTINGS, SIZE, "settings"),
            plain_table(self.splits, SPLITS, {"recall": ".1f"}, "one split"),
        ]
