"""What every experiment is given, and what many of them compute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from skcrosstask._data import Task
from skcrosstask.baselines import SupervisedStepEstimator
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
    validate : bool, default=False
        Whether each row's learning rate and dropout are chosen on the validation
        videos.
    data : Path
        The folder that the user named.
    images : Path or None
        Folder of frames, ``<video>/<second>.jpg``.
    task : str or None
        Task of figure 6.

    Attributes
    ----------
    chosen : dict of str to dict
        What was chosen, by row.
    """

    study: Study
    runner: Runner
    settings: dict
    n_splits: int
    validate: bool = False
    data: Path = field(default_factory=Path)
    images: Path | None = None
    task: str | None = None
    chosen: dict[str, dict] = field(default_factory=dict, init=False)

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
        known = SupervisedStepEstimator().get_params()
        settings = {name: settings[name] for name in settings if name in known}
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
        rows = self.tuned(rows)
        cells = {name: over_splits(cell, self.n_splits) for name, cell in rows.items()}
        done = self.runner.run([c for row in zip(*cells.values()) for c in row])  # noqa: B905
        return {name: [done[cell] for cell in row] for name, row in cells.items()}

    def run_one(self, cell: Cell) -> dict:
        """Result of a cell on its split alone.

        Parameters
        ----------
        cell : Cell
            The cell.

        Returns
        -------
        dict
            What `run_cell` returned.
        """
        cell = self.tuned({"": cell})[""]
        return self.runner.run([cell])[cell]

    def tuned(self, rows: dict[str, Cell]) -> dict[str, Cell]:
        """Rows with the best of `GRID` on the validation videos, if that is wanted.

        Parameters
        ----------
        rows : dict of str to Cell
            By the name of the row. Those that have no learning rate stay as they are.

        Returns
        -------
        dict of str to Cell
            The rows; what was chosen is in ``chosen``.
        """
        if not self.validate:
            return rows
        grids = {name: _grid(cell) for name, cell in rows.items() if _learns(cell)}
        done = self.runner.run([cell for grid in grids.values() for cell in grid])
        tuned = dict(rows)
        for name, grid in grids.items():
            best = max(grid, key=lambda cell: done[cell]["recall"])
            tuned[name] = replace(rows[name], settings=best.settings)
            self.chosen[name] = {key: dict(best.settings)[key] for key in GRID}
        return tuned

    @property
    def paper(self) -> str:
        """Name of a column of the paper's figures."""
        return "paper (real features)" if self.study.note else "paper"

    def over_splits(self) -> str:
        """What mean and standard deviation are taken over, as a sentence."""
        if self.n_splits == 1:
            return "One split."
        return f"Mean and standard deviation (std) over {self.n_splits} splits."

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


def _learns(cell: Cell) -> bool:
    return set(GRID) <= dict(cell.settings).keys()


def _grid(cell: Cell) -> list[Cell]:
    """A cell with each combination of `GRID`, tested on the validation videos."""
    # On all training tasks of the first split, so that splits and curves share it.
    cell = replace(cell, split=0, n_tasks=None, test="validation")
    combinations = [dict(zip(GRID, v, strict=True)) for v in product(*GRID.values())]
    return [
        replace(cell, settings=tuple(sorted({**dict(cell.settings), **some}.items())))
        for some in combinations
    ]


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
        None where there is one split alone.
    """
    mean, std = 100 * float(np.mean(values)), 100 * float(np.std(values))
    return round(mean, 1), round(std, 1) if len(values) > 1 else None


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
