"""What every experiment is given, and what many of them compute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from skcrosstask._data import Task
from skcrosstask.experiments._cells import Cell, over_splits
from skcrosstask.experiments._runner import Runner
from skcrosstask.experiments._settings import GRID
from skcrosstask.experiments._study import Study
from skcrosstask.metrics import step_recall

__all__ = ["Context", "spread", "titles"]


@dataclass
class Context:
    """What every experiment is given.

    Parameters
    ----------
    study : Study
        The collection.
    runner : Runner
        Computes cells.
    settings : dict
        Parameters of the weakly supervised and the supervised models.
    n_splits : int
        How many splits.
    data : Path
        The folder that the user named.
    images : Path or None
        Folder of frames, ``<video>/<second>.jpg``.
    task : str or None
        Task of figure 6.
    """

    study: Study
    runner: Runner
    settings: dict
    n_splits: int
    data: Path = field(default_factory=Path)
    images: Path | None = None
    task: str | None = None

    def weak(self, source: str = "primary", *, split: int = 0, **settings: Any) -> Cell:
        """Cell of the weakly supervised model.

        Parameters
        ----------
        source : {"primary", "related", "primary + related"}
            Whose videos train.
        split : int
            Number of the split.
        **settings : dict
            What departs from the settings of the experiments.

        Returns
        -------
        Cell
        """
        merged = {**self.settings, **settings}
        return Cell("weak", split, source, settings=tuple(sorted(merged.items())))

    def supervised(self) -> Cell:
        """Cell of the supervised model, with as many epochs in all.

        Returns
        -------
        Cell
        """
        settings = dict(self.settings)
        settings["max_iter"] += settings.pop("init_iter")
        return Cell("supervised", 0, settings=tuple(sorted(settings.items())))

    def run(self, rows: dict[str, Cell]) -> dict[str, list[dict]]:
        """Results of each row's cell on each split.

        Parameters
        ----------
        rows : dict of str to Cell
            By the name of the row.

        Returns
        -------
        dict of str to list of dict
            A result a split.
        """
        cells = {name: over_splits(cell, self.n_splits) for name, cell in rows.items()}
        done = self.runner.run([c for row in zip(*cells.values()) for c in row])  # noqa: B905
        return {name: [done[cell] for cell in row] for name, row in cells.items()}

    def recalls(
        self, rows: dict[str, Cell], average: str | None = None
    ) -> dict[str, list]:
        """Recall of each row on each split.

        Parameters
        ----------
        rows : dict of str to Cell
            By the name of the row.
        average : str, optional
            As of `step_recall`; None gives dicts by task.

        Returns
        -------
        dict of str to list
            An entry a split.
        """
        return {
            name: [
                self.recall(cell, result["predictions"], average)
                for cell, result in zip(
                    over_splits(rows[name], self.n_splits), results, strict=True
                )
            ]
            for name, results in self.run(rows).items()
        }

    def recall(self, cell: Cell, predictions: Sequence, average: str | None) -> Any:
        """Recall of a cell's predictions.

        Parameters
        ----------
        cell : Cell
            The cell.
        predictions : sequence
            Its predictions.
        average : str, optional
            As of `step_recall`.

        Returns
        -------
        float or dict
        """
        videos = [self.study.timelines[i] for i in cell.tested(self.study)]
        return step_recall(
            [video.annotation for video in videos],
            predictions,
            [video.task for video in videos if video.task is not None],
            average=average,
        )


def validated(context: Context) -> tuple[dict, dict[str, list]]:
    """Choose learning rate and dropout on the validation videos.

    Parameters
    ----------
    context : Context
        Its settings are where the search starts.

    Returns
    -------
    settings : dict
        With the best of `GRID`, by the recall of the proposed model.
    table : dict of str to list
        What was compared.
    """
    candidates: list[dict[str, Any]] = [
        dict(zip(GRID, v, strict=True)) for v in product(*GRID.values())
    ]
    cells = []
    for some in candidates:
        cell = context.weak("primary + related", **some)
        cells.append(Cell(**{**vars(cell), "test": "validation"}))
    done = context.runner.run(cells)
    recalls = [done[cell]["recall"] for cell in cells]
    table: dict[str, list] = {n: [c[n] for c in candidates] for n in GRID}
    table["recall %"] = [round(100 * r, 1) for r in recalls]
    return {**context.settings, **candidates[int(np.argmax(recalls))]}, table


def spread(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard deviation over splits, in percent to one digit.

    Parameters
    ----------
    values : sequence of float
        From 0 to 1.

    Returns
    -------
    mean, std : float
    """
    return round(100 * float(np.mean(values)), 1), round(100 * float(np.std(values)), 1)


def titles(tasks: Sequence[Task]) -> dict[str, str]:
    """Titles of tasks by name; the name where there is none.

    Parameters
    ----------
    tasks : sequence of Task
        The tasks.

    Returns
    -------
    dict of str to str
    """
    return {task.name: task.title or task.name for task in tasks}
