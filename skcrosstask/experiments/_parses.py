"""The paper's figures of parsed videos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skcrosstask._data import Task, Video
from skcrosstask.components import component_sources
from skcrosstask.experiments._report import Report, titles
from skcrosstask.metrics._step_recall import step_recall

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skcrosstask.experiments._context import Context
    from skcrosstask.plotting._frames import Frames

__all__ = ["figure4", "figure6", "find_task"]

# Training steps that figure 6 names of each component.
_N_NAMED = 5
_UNSEEN = "Make French Strawberry Cake"


def figure4(context: Context) -> Report:
    """Parses of test videos: three that went well, and one that failed."""
    cell = context.weak("primary + related", sharing="words")
    predictions = context.run_one(cell)["predictions"]
    indices = cell.tested(context.study)
    shown = _telling(context, indices, predictions)
    videos = [_blank(context, indices[i]) for i in shown]
    times = [np.array(predictions[i]) for i in shown]

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import StepTimelineDisplay

        display = StepTimelineDisplay.from_predictions(
            [replace(video, name=_label(video)) for video in videos],
            times,
            frames=_frames(context.images, {_label(v): str(v.name) for v in videos}),
            title=title,
            note=note,
        )
        return display.figure_

    table, title = _parse_table(videos, times), "Figure 4: parses of test videos"
    remark = (
        "Of the first split's test videos: those with the most steps found in the "
        "three best tasks, of equals the one with the fewest missed, and the one with "
        "the fewest found in the worst."
    )
    return Report("figure4", title, table, draw, [remark])


def figure6(context: Context) -> Report:
    """An unseen task parsed, and the training steps that it was learned from."""
    study = context.study
    task = find_task(study.primary, context.task)
    cell = context.weak("related", sharing="words")
    predictions = context.run_one(cell)["predictions"]
    indices = cell.tested(study)
    rank = {
        i: _rank(_hits(context, n, predictions[i]))
        for i, n in enumerate(indices)
        if study.timelines[n].task == task
    }
    best = max(rank, key=rank.__getitem__)
    video, times = _blank(context, indices[best]), np.array(predictions[best])
    named = titles(study.related)
    origins = [
        {
            component: [f"{t.steps[k]} ({named[t.name]})" for t, k in found]
            for component, found in step.items()
        }
        for step in component_sources(task, study.related)
    ]

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import StepOriginDisplay

        display = StepOriginDisplay(video, task, times, origins)
        return display.plot(title=title, note=note).figure_

    title = f"Figure 6: {titles([task])[task.name]}, never seen in training"
    remark = (
        f"Video {video.name}: of the first split's test videos of the task, the one "
        "with the most steps found."
    )
    return Report("figure6", title, _origin_table(task, times, origins), draw, [remark])


def _origin_table(
    task: Task, times: np.ndarray, origins: Sequence[dict[str, list[str]]]
) -> dict[str, list]:
    """Each step's time, and the training steps that its components come from."""
    rows = [
        {
            "step": step,
            "time": int(time),
            "component": c,
            "training steps": len(found),
            "such as": "; ".join(found[:_N_NAMED]),
        }
        for step, time, parts in zip(task.steps, times, origins, strict=True)
        for c, found in parts.items()
    ]
    return {name: [row[name] for row in rows] for name in rows[0]}


def _telling(
    context: Context, indices: Sequence[int], predictions: Sequence
) -> list[int]:
    """Places of the best videos of the three best tasks, and the worst of the worst."""
    hits = [
        _hits(context, n, times) for n, times in zip(indices, predictions, strict=True)
    ]
    names = [context.study.timelines[n].task.name for n in indices]  # type: ignore[union-attr]
    places = {
        name: [i for i, other in enumerate(names) if other == name]
        for name in dict.fromkeys(names)
    }
    share = {
        name: sum(hits[i][0] for i in of_task) / sum(sum(hits[i]) for i in of_task)
        for name, of_task in places.items()
        if any(sum(hits[i]) for i in of_task)
    }
    # Stable, so that of equal tasks the first in the collection is shown.
    ranked = sorted(share, key=lambda name: -share[name])
    best = [max(places[name], key=lambda i: _rank(hits[i])) for name in ranked[:3]]
    worst = max(places[ranked[-1]], key=lambda i: (-hits[i][0], hits[i][1]))
    return best if worst in best else [*best, worst]


def _hits(context: Context, index: int, times: Sequence[int]) -> tuple[int, int]:
    """Numbers of steps of a video that are found and missed, by which parses rank."""
    video = context.study.timelines[index]
    annotation = video.annotation
    if annotation is None or not len(annotation):
        return 0, 0
    n_present = len(np.unique(annotation[:, 0]))
    found = round(step_recall([annotation], [times], rates=video.rate) * n_present)
    return found, n_present - found


def _rank(hits: tuple[int, int]) -> tuple[int, int]:
    """Many found, and of equals few missed."""
    found, missed = hits
    return found, -missed


def _blank(context: Context, index: int) -> Video:
    """A timeline to draw; of its features, only their number counts."""
    video = context.study.timelines[index]
    n_units = ceil(context.study.lengths[index] * video.rate)
    return replace(video, features=np.zeros((n_units, 1)))


def _parse_table(videos: Sequence[Video], times: Sequence) -> dict[str, list]:
    rows = [
        {
            "task": titles([video.task])[video.task.name],
            "video": video.name,
            "step": step,
            "time": int(placed[k] / video.rate),
            "annotated": _annotated(video, k),
            "result": _result(video, placed, k),
        }
        for video, placed in zip(videos, times, strict=True)
        if isinstance(video.task, Task)
        for k, step in enumerate(video.task.steps)
    ]
    return {name: [row[name] for row in rows] for name in rows[0]}


def _annotated(video: Video, step: int) -> str:
    if video.annotation is None:
        return ""
    return "; ".join(f"{a:g}–{b:g}" for k, a, b in video.annotation if k == step)


def _result(video: Video, placed: Sequence[int], step: int) -> str:
    if video.annotation is None:
        return ""
    of_step = video.annotation[video.annotation[:, 0] == step]
    if not len(of_step):
        return "not in the video"
    return (
        "found" if step_recall([of_step], [placed], rates=video.rate) == 1 else "missed"
    )


def _label(video: Video) -> str:
    assert isinstance(video.task, Task)
    return f"{titles([video.task])[video.task.name]}: {video.name}"


def _frames(folder: Path | None, names: Mapping[str, str]) -> Frames | None:
    """Reader of ``<video>/<second>.jpg`` or ``.png``; None without a folder."""
    if folder is None:
        return None

    def read(video: Video, time: int) -> np.ndarray | None:
        import matplotlib.image

        for suffix in ("jpg", "png"):
            path = folder / names[str(video.name)] / f"{time}.{suffix}"
            if path.is_file():
                return matplotlib.image.imread(path)
        return None

    return read


def find_task(tasks: Sequence[Task], named: str | None) -> Task:
    wanted = (named or _UNSEEN).casefold()
    for task in tasks:
        if wanted in (task.name.casefold(), (task.title or "").casefold()):
            return task
    if named is None:
        return tasks[0]
    raise ValueError(
        f"No primary task is named {named!r}; there are "
        f"{[task.title or task.name for task in tasks]}."
    )
