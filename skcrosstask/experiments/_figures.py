"""The paper's figures of what sharing brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from skcrosstask._data import Task
from skcrosstask.components import StepComponents
from skcrosstask.datasets._sharing_map import sharing_map
from skcrosstask.experiments._cells import Cell
from skcrosstask.experiments._report import Report, spread, titles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skcrosstask.experiments._context import Context

__all__ = ["figure5", "figure7", "sharing_map_figure"]

# The gain of a single step says little about its component.
_MIN_MEASURED = 2
# Numbers of related tasks in figure 7; those that a collection has.
_N_TASKS = (1, 2, 5, 10, 20, 30, 40, 50, 65)


def figure5(context: Context) -> Report:
    """Gain in recall from sharing, by component."""
    steps = _shared_steps(context)
    mean = {
        name: float(np.mean([shared - apart for _, apart, shared in found]))
        for name, found in steps.items()
    }
    known = sorted(mean, key=lambda name: -mean[name])
    tasks = [*context.study.primary, *context.study.related]
    counts, words = _count_uses(tasks), _as_words(tasks)
    table: dict[str, list] = {
        "component": known,
        "gain, points": [round(100 * mean[name], 1) + 0.0 for name in known],
        "steps of all tasks": [counts[name] for name in known],
        "steps measured": [len(steps[name]) for name in known],
        "recall alone → shared, %": [
            "; ".join(f"{s} {100 * a:.0f} → {100 * b:.0f}" for s, a, b in steps[name])
            for name in known
        ],
    }

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import ComponentGainDisplay

        drawn = [name for name in known if len(steps[name]) >= _MIN_MEASURED] or known
        display = ComponentGainDisplay(
            {words[name]: mean[name] for name in drawn},
            counts={words[name]: len(steps[name]) for name in drawn},
        )
        title = "Figure 5: gain from sharing"
        return display.plot(title=title, note=note).figure_

    title = "Figure 5: gain in recall from sharing, by component"
    return Report("figure5", title, table, draw, _of_gains(context.n_splits))


def _of_gains(n_splits: int) -> list[str]:
    return [
        "A component's gain is the mean over the steps of primary tasks that hold it: "
        "recall of the proposed model less that of a model of each step alone. As in "
        "the paper, the proposed model also trains on the related tasks' videos: the "
        "gain is of both.",
        f"The picture has the components of at least {_MIN_MEASURED} measured steps, "
        "where there are some, and their number beside each bar.",
        "One split." if n_splits == 1 else f"Mean over {n_splits} splits.",
    ]


def _shared_steps(context: Context) -> dict[str, list[tuple[str, float, float]]]:
    """By component: the steps that hold it, with their recall alone and shared."""
    recalls = context.recalls(
        {
            "apart": context.weak(sharing="none"),
            "shared": context.weak("primary + related", sharing="words"),
        },
        "step",
    )
    tasks = context.study.primary
    components = StepComponents().update(tasks)
    steps: dict[str, list[tuple[str, float, float]]] = {}
    for task in tasks:
        apart, shared = (
            _mean_over_splits([split.get(task.name) for split in recalls[row]], task)
            for row in ("apart", "shared")
        )
        # A step that no test video shows has no recall.
        parts = (components.matrix(task) > 0) & np.isfinite(shared - apart)[:, None]
        for k, m in np.argwhere(parts):
            row = (task.steps[k], float(apart[k]), float(shared[k]))
            steps.setdefault(components.names[m], []).append(row)
    return steps


def figure7(context: Context) -> Report:
    """Recall on unseen tasks against the number of training tasks."""
    counts = sorted({min(n, len(context.study.related)) for n in _N_TASKS})
    shared = context.weak("related", sharing="words")
    rows = {str(n): replace(shared, n_tasks=n) for n in counts}
    rows["Uniform"] = Cell("uniform", 0)
    rows["Trained on target"] = context.weak(sharing="words")
    recalls = context.recalls(rows, "task")
    table: dict[str, list] = {"training tasks": list(rows)}
    table["recall"] = [spread(recalls[row])[0] for row in rows]
    table["std"] = [spread(recalls[row])[1] for row in rows]

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import TransferCurveDisplay

        curve = [recalls[str(n)] for n in counts]
        references = {
            row: float(np.mean(recalls[row]))
            for row in ("Uniform", "Trained on target")
        }
        display = TransferCurveDisplay(counts, curve, references=references)
        title = "Figure 7: recall on unseen tasks"
        return display.plot(title=title, note=note).figure_

    title = "Figure 7: recall on primary tasks, trained on related tasks alone, %"
    remark = (
        "The related tasks come in random nested orders, one per split. A word "
        "that they do not hold has no classifier."
    )
    return Report("figure7", title, table, draw, [remark, context.over_splits()])


def sharing_map_figure(context: Context) -> Report:
    """Tasks on a map, near to those with which they share components."""
    tasks = [*context.study.primary, *context.study.related]
    found = sharing_map(tasks)
    named = [titles(tasks)[task.name] for task in found.tasks]
    nearest = np.argsort(found.distances + np.diag([np.inf] * len(named)), axis=1)[:, 0]
    table: dict[str, list] = {
        "task": named,
        "x": [round(float(x), 3) for x in found.positions[:, 0]],
        "y": [round(float(y), 3) for y in found.positions[:, 1]],
        "nearest": [named[i] for i in nearest],
        "shared components": [int(found.n_shared[i, j]) for i, j in enumerate(nearest)],
    }

    title = "Tasks by the components that they share"

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import SharingMapDisplay

        display = SharingMapDisplay.from_tasks(
            tasks, primary=context.study.primary, title=title, note=note
        )
        return display.figure_

    return Report("sharing-map", title, table, draw)


def _mean_over_splits(recalls: Sequence, task: Task) -> np.ndarray:
    known = np.array([r for r in recalls if r is not None]).reshape(-1, len(task.steps))
    sums, n = np.nansum(known, axis=0), np.isfinite(known).sum(axis=0)
    return np.where(n > 0, sums / np.maximum(n, 1), np.nan)


def _as_words(tasks: Sequence[Task]) -> dict[str, str]:
    """By component, its shortest word: readers know "mixture", not "mixtur"."""
    components = StepComponents().update(tasks)
    return {name: min(words, key=len) for name, words in components.words.items()}


def _count_uses(tasks: Sequence[Task]) -> dict[str, int]:
    """In how many steps each component stands."""
    components = StepComponents().update(tasks)
    uses = sum((components.matrix(task) > 0).sum(axis=0) for task in tasks)
    return dict(zip(components.names, np.asarray(uses).tolist(), strict=True))
