"""The paper's figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skcrosstask._data import Task, Video
from skcrosstask.components import StepComponents, component_sources
from skcrosstask.datasets import sharing_map
from skcrosstask.experiments._cells import Cell
from skcrosstask.experiments._context import Context, spread, titles
from skcrosstask.experiments._report import Report
from skcrosstask.metrics import step_recall

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skcrosstask.plotting._frames import Frames

__all__ = ["figure4", "figure5", "figure6", "figure7", "sharing_map_figure"]

# Numbers of related tasks in figure 7; those that a collection has.
_N_TASKS = (1, 2, 5, 10, 20, 30, 40, 50, 65)
_UNSEEN = "Make French Strawberry Cake"


def figure4(context: Context) -> Report:
    """Parses of test videos: three that went well, and one that failed.

    Parameters
    ----------
    context : Context
        What to run on.

    Returns
    -------
    Report
    """
    cell = context.weak("primary + related", sharing="words")
    predictions = context.runner.run([cell])[cell]["predictions"]
    numbers = cell.tested(context.study)
    shown = _telling(context, numbers, predictions)
    videos = [_blank(context, numbers[i]) for i in shown]
    times = [np.array(predictions[i]) for i in shown]

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import StepTimelineDisplay

        display = StepTimelineDisplay.from_predictions(
            videos, times, frames=_frames(context.images), note=note
        )
        return display.figure_

    return Report(
        "figure4", "Figure 4: parses of test videos", _parse_table(videos, times), draw
    )


def figure5(context: Context) -> Report:
    """Gain in recall from sharing, by component.

    Parameters
    ----------
    context : Context
        What to run on.

    Returns
    -------
    Report
    """
    rows = {
        "apart": context.weak(sharing="none"),
        "shared": context.weak("primary + related", sharing="words"),
    }
    recalls = context.recalls(rows, "step")
    study = context.study
    components = StepComponents().update(study.primary)
    gains: dict[str, list[float]] = {name: [] for name in components.names}
    steps: dict[str, list[str]] = {name: [] for name in components.names}
    for task in study.primary:
        apart, shared = (
            _mean_over_splits([split.get(task.name) for split in recalls[row]], task)
            for row in ("apart", "shared")
        )
        for k, parts in enumerate(components.matrix(task) > 0):
            for m in np.flatnonzero(parts):
                if np.isfinite(shared[k] - apart[k]):
                    gains[components.names[m]].append(shared[k] - apart[k])
                    steps[components.names[m]].append(
                        f"{task.steps[k]} {100 * apart[k]:.0f} → {100 * shared[k]:.0f}"
                    )
    known = sorted((n for n in gains if gains[n]), key=lambda n: -np.mean(gains[n]))
    counts = _count_uses([*study.primary, *study.related])
    table: dict[str, list] = {
        "component": known,
        "gain, points": [round(100 * float(np.mean(gains[n])), 1) for n in known],
        "steps of all tasks": [counts[n] for n in known],
        "steps measured": [len(gains[n]) for n in known],
        "recall alone → shared, %": ["; ".join(steps[n]) for n in known],
    }

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import ComponentGainDisplay

        mean = {name: float(np.mean(gains[name])) for name in known}
        display = ComponentGainDisplay(mean, counts={n: counts[n] for n in known})
        return display.plot(note=note).figure_

    return Report("figure5", "Figure 5: gain from sharing", table, draw)


def figure6(context: Context) -> Report:
    """An unseen task parsed, and the training steps that it was learnt from.

    Parameters
    ----------
    context : Context
        What to run on.

    Returns
    -------
    Report
    """
    study = context.study
    cell = context.weak("related", sharing="words")
    predictions = context.runner.run([cell])[cell]["predictions"]
    task = _find_task(study.primary, context.task)
    numbers = cell.tested(study)
    of_task = [
        i
        for i, n in enumerate(numbers)
        if study.timelines[n].task.name == task.name  # type: ignore[union-attr]
    ]
    best = max(of_task, key=lambda i: _hits(context, numbers[i], predictions[i]))
    video, times = _blank(context, numbers[best]), np.array(predictions[best])
    named = titles(study.related)
    origins = [
        {
            component: [f"{t.steps[k]} ({named[t.name]})" for t, k in found]
            for component, found in step.items()
        }
        for step in component_sources(task, study.related)
    ]
    table: dict[str, list] = {"step": [], "time": [], "component": [], "seen in": []}
    for step, time, parts in zip(task.steps, times, origins, strict=True):
        for component, found in parts.items():
            entries = (step, int(time), component, "; ".join(found))
            for column, entry in zip(table.values(), entries, strict=True):
                column.append(entry)

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import StepOriginDisplay

        return StepOriginDisplay(video, task, times, origins).plot(note=note).figure_

    title = f"Figure 6: {titles([task])[task.name]}, never seen in training"
    return Report("figure6", title, table, draw, [f"Video {video.name}."])


def figure7(context: Context) -> Report:
    """Recall on unseen tasks against the number of training tasks.

    Parameters
    ----------
    context : Context
        What to run on.

    Returns
    -------
    Report
    """
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

        curve = np.array([recalls[str(n)] for n in counts]).T
        references = {
            row: float(np.mean(recalls[row]))
            for row in ("Uniform", "Trained on target")
        }
        display = TransferCurveDisplay(counts, curve, references=references)
        return display.plot(note=note).figure_

    title = "Figure 7: recall on primary tasks, trained on related tasks alone, %"
    remark = f"Mean over {context.n_splits} random nested orders of the related tasks."
    return Report("figure7", title, table, draw, [remark])


def sharing_map_figure(context: Context) -> Report:
    """Tasks on a map, near to those with which they share components.

    Parameters
    ----------
    context : Context
        What to run on.

    Returns
    -------
    Report
    """
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

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import SharingMapDisplay

        display = SharingMapDisplay.from_tasks(tasks, primary=context.study.primary)
        return display.figure_

    return Report("sharing-map", "Tasks by the components that they share", table, draw)


def _telling(
    context: Context, numbers: Sequence[int], predictions: Sequence
) -> list[int]:
    """Places of the best videos of the three best tasks, and the worst of the worst."""
    score = [
        _hits(context, n, times) for n, times in zip(numbers, predictions, strict=True)
    ]
    names = [context.study.timelines[n].task.name for n in numbers]  # type: ignore[union-attr]
    places = {
        name: [i for i, other in enumerate(names) if other == name]
        for name in dict.fromkeys(names)
    }
    ranked = sorted(places, key=lambda name: -np.mean([score[i] for i in places[name]]))
    best = [max(places[name], key=lambda i: score[i]) for name in ranked[:3]]
    worst = min(places[ranked[-1]], key=lambda i: score[i])
    return best if worst in best else [*best, worst]


def _hits(context: Context, number: int, times: Sequence[int]) -> float:
    """Recall of one video, by which parses are ranked; 0 if it shows no step."""
    annotation = context.study.timelines[number].annotation
    if annotation is None or not len(annotation):
        return 0.0
    return step_recall([annotation], [times])


def _blank(context: Context, number: int) -> Video:
    """A timeline to draw; its features are its length alone."""
    length = context.study.lengths[number]
    return replace(context.study.timelines[number], features=np.zeros((length, 1)))


def _parse_table(videos: Sequence[Video], times: Sequence) -> dict[str, list]:
    table: dict[str, list] = {"task": [], "video": [], "step": [], "time": []}
    for video, placed in zip(videos, times, strict=True):
        assert isinstance(video.task, Task)
        for step, time in zip(video.task.steps, placed, strict=True):
            row = (video.task.title or video.task.name, video.name, step, int(time))
            for column, entry in zip(table.values(), row, strict=True):
                column.append(entry)
    return table


def _frames(folder: Path | None) -> Frames | None:
    """Reader of ``<video>/<second>.jpg`` or ``.png``; None without a folder."""
    if folder is None:
        return None

    def read(video: Video, time: int) -> np.ndarray | None:
        import matplotlib.image

        for suffix in ("jpg", "png"):
            path = folder / str(video.name) / f"{time}.{suffix}"
            if path.is_file():
                return matplotlib.image.imread(path)
        return None

    return read


def _mean_over_splits(recalls: Sequence, task: Task) -> np.ndarray:
    known = np.array([r for r in recalls if r is not None]).reshape(-1, len(task.steps))
    sums, n = np.nansum(known, axis=0), np.isfinite(known).sum(axis=0)
    return np.where(n > 0, sums / np.maximum(n, 1), np.nan)


def _count_uses(tasks: Sequence[Task]) -> dict[str, int]:
    """In how many steps each component stands."""
    components = StepComponents().update(tasks)
    uses = sum((components.matrix(task) > 0).sum(axis=0) for task in tasks)
    return dict(zip(components.names, np.asarray(uses).tolist(), strict=True))


def _find_task(tasks: Sequence[Task], named: str | None) -> Task:
    for task in tasks:
        if (named or _UNSEEN) in (task.name, task.title):
            return task
    if named is None:
        return tasks[0]
    raise ValueError(
        f"No primary task is named {named!r}; there are "
        f"{[task.title or task.name for task in tasks]}."
    )
