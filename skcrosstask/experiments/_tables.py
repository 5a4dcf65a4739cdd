"""The paper's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from skcrosstask.datasets import describe
from skcrosstask.experiments._cells import Cell
from skcrosstask.experiments._context import Context, spread, titles
from skcrosstask.experiments._report import Report
from skcrosstask.experiments._settings import PUBLISHED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["map_table", "table1", "table2", "table3", "windows_ablation"]


def table1(context: Context) -> Report:
    """Size of the collection, and what is missing of each primary task.

    Parameters
    ----------
    context : Context
        What to run on.

    Returns
    -------
    Report
    """
    study = context.study
    described = describe(study.timelines, study.lengths)
    totals = described.totals
    remarks = [
        f"{totals['videos']} videos, {totals['hours']:.0f} hours, "
        f"{totals['tasks']} tasks."
    ]
    return Report("table1", "The collection", described.table, remarks=remarks)


def table2(context: Context) -> Report:
    """Recall of every system on every primary task.

    Parameters
    ----------
    context : Context
        What to run on.

    Returns
    -------
    Report
    """
    rows = {
        "Uniform": Cell("uniform", 0),
        "Alayrac'16": Cell("diffrac", 0),
        "Richard'18": Cell("action sets", 0),
        "Task-specific steps": context.weak(sharing="none"),
        "Proposed": context.weak("primary + related", sharing="words"),
        "Supervised": context.supervised(),
        "Oracle": Cell("oracle", 0),
    }
    report = _by_task(context, "table2", rows)
    report.title = "Table 2: step recall, %"
    return report


def table3(context: Context) -> Report:
    """Recall by what is shared and by whose videos train.

    Parameters
    ----------
    context : Context
        What to run on.

    Returns
    -------
    Report
    """
    columns = {
        "unshared primary": ("primary", {"steps": "none", "components": "task_words"}),
        "shared primary": ("primary", {"steps": "steps", "components": "words"}),
        "shared primary + related": (
            "primary + related",
            {"steps": "steps", "components": "words"},
        ),
    }
    rows = {
        f"{kind}, {column}": context.weak(source, sharing=sharing[kind])
        for kind in ("steps", "components")
        for column, (source, sharing) in columns.items()
    }
    recalls = context.recalls(rows, "task")
    table: dict[str, list] = {"model": ["step-based", "component-based"]}
    for column in columns:
        cells = [spread(recalls[f"{k}, {column}"]) for k in ("steps", "components")]
        table[column] = [mean for mean, _ in cells]
        table[f"{column}, std"] = [std for _, std in cells]
        table[f"{column}, paper"] = [
            PUBLISHED["table3"][f"{k}, {column}"] for k in ("steps", "components")
        ]

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import RecallTableDisplay

        grid = {
            f"{kind}-based": {
                column: float(np.mean(recalls[f"{kind}s, {column}"]))
                for column in columns
            }
            for kind in ("step", "component")
        }
        return RecallTableDisplay(grid, average=False).plot(note=note).figure_

    return Report("table3", "Table 3: recall by what is shared, %", table, draw)


def map_table(context: Context) -> Report:
    """Mean average precision over frames.

    Parameters
    ----------
    context : Context
        What to run on.

    Returns
    -------
    Report
    """
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
    """Recall with and without the windows from narration in training.

    Parameters
    ----------
    context : Context
        What to run on.

    Returns
    -------
    Report
    """
    proposed = context.weak("primary + related", sharing="words")
    rows = {
        "With windows": proposed,
        "Without windows": context.weak(
            "primary + related", sharing="words", use_windows=False
        ),
    }
    report = _by_task(context, "windows-ablation", rows)
    report.title = "Recall with and without narration windows, %"
    return report


def _by_task(context: Context, name: str, rows: dict[str, Cell]) -> Report:
    return _summary(context, name, name, context.recalls(rows))


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
    tasks = [task for task in named if task in next(iter(means.values()))]
    table: dict[str, list] = {"system": list(values)}
    for task in tasks:
        table[named[task]] = [round(100 * means[row][task], 1) for row in values]
    table["average"] = [averages[row][0] for row in values]
    table["std"] = [averages[row][1] for row in values]
    table["paper"] = [PUBLISHED[name].get(row) for row in values]

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import RecallTableDisplay

        spreads = {row: std / 100 for row, (_, std) in averages.items()}
        display = RecallTableDisplay(means, spreads=spreads, titles=named)
        return display.plot(title=title, note=note).figure_

    plural = "split" if context.n_splits == 1 else "splits"
    remark = f"Mean over {context.n_splits} {plural}; std is that of the average."
    return Report(name, title, table, draw, [remark])
