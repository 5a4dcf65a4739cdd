"""The paper's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from skcrosstask._data import Task
from skcrosstask.datasets._describe import describe
from skcrosstask.experiments._cells import Cell
from skcrosstask.experiments._report import Report, spread, titles
from skcrosstask.experiments._settings import PUBLISHED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skcrosstask.experiments._context import Context


__all__ = ["map_table", "table1", "table2", "table3", "windows_ablation"]

# Rows that are not compared: they know the annotations.
_BOUNDS = ("Supervised", "Supervised segments (ours)", "Oracle")
_SHARES = ("missing", "background", "order consistency")


def table1(context: Context) -> Report:
    """Size of the collection, and what is missing of each primary task."""
    study = context.study
    described = describe(study.timelines, study.lengths)
    totals, table = described.totals, _ordered(described.table, study.primary)
    table["hours"] = [round(n, 2) for n in table["hours"]]
    table["segment length"] = [round(n, 1) for n in table["segment length"]]
    for share in _SHARES:
        table[share] = [round(100 * value, 1) for value in table[share]]

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import RecallTableDisplay

        rows = {
            share: {
                title: value / 100
                for title, value in zip(table["title"], table[share], strict=True)
                if np.isfinite(value)
            }
            for share in _SHARES
        }
        # Shares are not in competition: none is in bold.
        display = RecallTableDisplay(rows, bounds=_SHARES, average=False)
        note = "; ".join(filter(None, ["each row has its own shades", note]))
        title = "Table 1: shares, %"
        return display.plot(title=title, note=note, scale="rows").figure_

    n = len(study.primary)
    remarks = [
        f"{totals['videos']} videos, {totals['hours']:.0f} hours, {totals['tasks']} "
        "tasks. The paper: 4.7K videos, 375 hours, 83 tasks.",
        f"Of these, primary: {sum(table['videos'][:n])} videos, "
        f"{sum(table['hours'][:n]):.0f} hours, {n} tasks. The paper: 2763 videos, 213 "
        "hours, 18 tasks.",
        "Shares that are missing or background, and order consistency, are in percent; "
        "tasks without annotation have none.",
    ]
    return Report("table1", "Table 1: the collection", table, draw, remarks)


def table2(context: Context) -> Report:
    """Recall of every system on every primary task."""
    rows = {
        "Uniform": Cell("uniform", 0),
        "Alayrac'16": Cell("diffrac", 0),
        "Richard'18": Cell("action sets", 0),
        "Task-specific steps": context.weak(sharing="none"),
        "Proposed": context.weak("primary + related", sharing="words"),
        "Segments (ours)": context.segments("primary + related", sharing="words"),
        "Supervised": context.supervised(),
        "Supervised segments (ours)": context.supervised_segments(),
        "Oracle": Cell("oracle", 0),
    }
    return _by_task(context, "table2", "Table 2: step recall, %", rows)


def table3(context: Context) -> Report:
    """Recall by what is shared and by whose videos train."""
    columns = {
        "unshared primary": ("primary", {"steps": "none", "components": "task_words"}),
        "shared primary": ("primary", {"steps": "steps", "components": "words"}),
        "shared primary + related": (
            "primary + related",
            {"steps": "steps", "components": "words"},
        ),
    }
    procedures = {"": context.weak, ", segments (ours)": context.segments}
    rows = {
        f"{kind}{suffix}, {column}": make(source, sharing=sharing[kind])
        for suffix, make in procedures.items()
        for kind in ("steps", "components")
        for column, (source, sharing) in columns.items()
    }
    recalls = context.recalls(rows, "task")
    title = "Table 3: recall by what is shared, %"
    models = {
        f"{kind}-based{suffix}": f"{kind}s{suffix}"
        for suffix in procedures
        for kind in ("step", "component")
    }
    table: dict[str, list] = {"model": list(models)}
    for column in columns:
        cells = [spread(recalls[f"{row}, {column}"]) for row in models.values()]
        table[column] = [mean for mean, _ in cells]
        table[f"{column}, std"] = [std for _, std in cells]
        table[f"{column}, {context.paper}"] = [
            PUBLISHED["table3"].get(f"{row}, {column}") for row in models.values()
        ]

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import RecallTableDisplay

        grid = {
            model: {
                column: float(np.mean(recalls[f"{row}, {column}"]))
                for column in columns
            }
            for model, row in models.items()
        }
        display = RecallTableDisplay(grid, average=False)
        return display.plot(title=title, note=note).figure_

    return Report("table3", title, table, draw, [context.over_splits(), _in_bold()])


def map_table(context: Context) -> Report:
    """Mean average precision over frames."""
    rows = {
        "Random": Cell("random", 0),
        "Richard'18": Cell("action sets", 0),
        "Alayrac'16": Cell("diffrac", 0),
        "No sharing": context.weak(sharing="none"),
        "Sharing": context.weak("primary + related", sharing="words"),
    }
    results = context.run(rows)
    precision = {
        name: [result["average_precision"] for result in of_row]
        for name, of_row in results.items()
    }
    return _summary(context, "map", "Mean average precision, %", precision)


def windows_ablation(context: Context) -> Report:
    """Recall with and without the windows from narration in training."""
    proposed = context.weak("primary + related", sharing="words")
    rows = {
        "With windows": proposed,
        "Without windows": context.weak(
            "primary + related", sharing="words", use_windows=False
        ),
    }
    title = "Recall with and without narration windows, %"
    return _by_task(context, "windows-ablation", title, rows)


def _ordered(table: dict[str, list], primary: Sequence[Task]) -> dict[str, list]:
    """The primary tasks' rows first, each kind by name."""
    known = {task.name for task in primary}
    names = table["task"]
    order = sorted(range(len(names)), key=lambda i: (names[i] not in known, names[i]))
    return {column: [values[i] for i in order] for column, values in table.items()}


def _by_task(context: Context, name: str, title: str, rows: dict[str, Cell]) -> Report:
    return _summary(context, name, title, context.recalls(rows))


def _summary(
    context: Context, name: str, title: str, values: Mapping[str, Sequence[dict]]
) -> Report:
    """Report of figures by row, split and task."""
    named = titles(context.study.primary)
    means = {
        row: {task: float(np.mean([v[task] for v in splits])) for task in splits[0]}
        for row, splits in values.items()
    }
    averages = {
        row: spread([float(np.mean(list(v.values()))) for v in splits])
        for row, splits in values.items()
    }
    table: dict[str, list] = {"system": list(values)}
    for task in next(iter(means.values())):
        table[named[task]] = [round(100 * means[row][task], 1) for row in values]
    table["average"] = [averages[row][0] for row in values]
    table["std"] = [averages[row][1] for row in values]
    table[context.paper] = [PUBLISHED[name].get(row) for row in values]

    bounds = [row for row in means if row in _BOUNDS]

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import RecallTableDisplay

        spreads = {
            row: std / 100 for row, (_, std) in averages.items() if std is not None
        }
        display = RecallTableDisplay(
            means, spreads=spreads, titles=named, bounds=bounds
        )
        return display.plot(title=title, note=note).figure_

    remarks = [context.over_splits(), _in_bold(bounds)]
    return Report(name, title, table, draw, remarks, wide=True)


def _in_bold(bounds: Sequence[str] = ()) -> str:
    apart = f", {' and '.join(bounds)} apart" if bounds else ""
    return f"Bold in the picture is the best of the compared rows{apart}."
