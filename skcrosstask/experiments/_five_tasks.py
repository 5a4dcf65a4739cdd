"""The five tasks of Alayrac et al. (CVPR 2016), where steps are discovered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skcrosstask._data import Task, Video
from skcrosstask._files import csv_rows
from skcrosstask.experiments._cells import Cell
from skcrosstask.experiments._report import Report, spread
from skcrosstask.experiments._settings import PUBLISHED
from skcrosstask.experiments._study import GENERATOR, Study
from skcrosstask.metrics._hungarian_f1 import hungarian_f1

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skcrosstask.experiments._context import Context

__all__ = ["five_tasks", "open_five_tasks"]

_FOLDER = "instruction_videos_5tasks"
_PREFIXES = {
    "changing_tire": "Changing a car tire",
    "coffee": "making coffee",
    "cpr": "perform cardio pulmonary ressucitation",
    "jump_car": "jump car battery",
    "repot": "repotting plant",
}
# Numbers of discovered steps in the paper.
_N_STEPS = (10, 15)
# After the last annotated step, as long as before the first on average.
_TAIL = 15.0


def five_tasks(context: Context) -> Report:
    """F1 of discovered steps, with the paper's two numbers of steps.

    The authors' discovered step lists, features and windows are not released. A list
    of K steps is made of the true one: steps without a counterpart are added, or true
    ones left out, at random places; features and windows are simulated. Training and
    test videos are the same, so that nothing is chosen on validation videos."""
    f1: dict[str, dict[str, list[float]]] = {}
    for n_steps in _N_STEPS:
        for split in range(context.n_splits):
            for system, score in _scores(context, n_steps, split).items():
                row = f1.setdefault(system, {})
                row.setdefault(f"K = {n_steps}", []).append(score)
    table: dict[str, list] = {"system": list(f1)}
    published = PUBLISHED["five-tasks"]
    for k in next(iter(f1.values())):
        table[k] = [spread(row[k])[0] for row in f1.values()]
        table[f"{k}, std"] = [spread(row[k])[1] for row in f1.values()]
        table[f"{k}, {context.paper}"] = [published[f"{system}, {k}"] for system in f1]
    title = "Five tasks: F1 of discovered steps, %"

    def draw(note: str) -> Figure:
        from skcrosstask.plotting import RecallTableDisplay

        means = {
            system: {k: float(np.mean(values)) for k, values in row.items()}
            for system, row in f1.items()
        }
        display = RecallTableDisplay(means, average=False)
        return display.plot(title=title, note=note).figure_

    drawn = "of the features and of the lists of K discovered steps."
    remark = f"Mean and standard deviation over {context.n_splits} draws {drawn}"
    if context.n_splits == 1:
        remark = f"One draw {drawn}"
    return Report("five-tasks", title, table, draw, [remark])


def _scores(context: Context, n_steps: int, split: int) -> dict[str, float]:
    """F1 of each system on one draw."""
    seed = context.study.seed + split
    study, truth = open_five_tasks(context.data, n_steps, seed)
    runner = context.runner.beside(study, f"K = {n_steps}")
    cells = {
        "Alayrac'16": Cell("diffrac", split),
        "Task-specific steps": context.weak(split=split, sharing="none"),
    }
    done = runner.run(list(cells.values()))
    tasks = [video.task for video in study.timelines if video.task is not None]
    return {
        system: hungarian_f1(truth, done[cell]["predictions"], tasks)
        for system, cell in cells.items()
    }


def open_five_tasks(
    data: Path, n_steps: int = _N_STEPS[0], seed: int = 0
) -> tuple[Study, list[np.ndarray]]:
    """The five tasks with discovered lists of steps, on simulated features.

    Parameters
    ----------
    data : Path
        Folder that holds ``instruction_videos_5tasks``.
    n_steps : int, default=10
        Number of discovered steps of each task.
    seed : int, default=0
        Decides which steps are spurious or not discovered, and the features.

    Returns
    -------
    study : Study
        Whose annotations are of discovered steps; all videos train and are tested.
    truth : list of ndarray of shape (n, 3)
        Each video's annotation of the true steps.

    Raises
    ------
    FileNotFoundError
        If the folder is not there.
    """
    root = data if (data / "tasks.json").is_file() else data / _FOLDER
    if not (root / "tasks.json").is_file():
        raise FileNotFoundError(f"'{root / 'tasks.json'}' does not exist.")
    lists = json.loads((root / "tasks.json").read_text())
    rng = np.random.default_rng([seed, n_steps])
    tasks, discovered = {}, {}
    for name, steps in lists.items():
        discovered[name] = _discover(len(steps), n_steps, rng)
        tasks[name] = Task(
            name,
            [
                steps[k] if k >= 0 else f"spurious {i}"
                for i, k in enumerate(discovered[name])
            ],
        )
    videos, lengths, truth = [], [], []
    for path in sorted((root / "annotations").glob("*.csv")):
        name = _PREFIXES[path.stem.rpartition("_")[0]]
        truth.append(_read(path, lists[name]))
        lengths.append(int(np.ceil(truth[-1][:, 2].max() + _TAIL)))
        place = {k: i for i, k in enumerate(discovered[name]) if k >= 0}
        kept = [[place[int(k)], a, b] for k, a, b in truth[-1] if int(k) in place]
        videos.append(
            Video(np.zeros((1, 1)), tasks[name], annotation=kept, name=path.stem)
        )
    study = Study(
        videos,
        lengths,
        tuple(tasks.values()),
        (),
        generator={**GENERATOR, "random_state": seed},
        n_train=None,
        seed=seed,
    )
    return study, truth


def _read(path: Path, steps: list[str]) -> np.ndarray:
    """Rows ``step, start, end`` of a file whose steps are named in capitals."""
    index = {step.upper(): k for k, step in enumerate(steps)}
    rows = [
        (index[name.strip()], start, end)
        for _, (name, start, end) in csv_rows(path.read_text(), path)
    ]
    segments = np.array(rows, dtype=np.float64).reshape(-1, 3)
    # A few have no length.
    return segments[segments[:, 1] < segments[:, 2]]


def _discover(n_true: int, n_steps: int, rng: np.random.Generator) -> list[int]:
    """True steps in order, some left out, or -1 for spurious ones in between."""
    if n_true >= n_steps:
        return sorted(rng.choice(n_true, n_steps, replace=False).tolist())
    places = set(rng.choice(n_steps, n_true, replace=False).tolist())
    true = iter(range(n_true))
    return [next(true) if i in places else -1 for i in range(n_steps)]
