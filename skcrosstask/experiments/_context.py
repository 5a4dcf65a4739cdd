"""What every experiment is given, and what many of them compute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skcrosstask.experiments._cells import Cell, over_splits
from skcrosstask.experiments._settings import GRID, SEGMENTS
from skcrosstask.experiments._systems import make_system
from skcrosstask.metrics._step_recall import step_recall

if TYPE_CHECKING:
    from skcrosstask.experiments._runner import Runner
    from skcrosstask.experiments._study import Study

__all__ = ["Context"]


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
            Index of the split.
        **settings : dict
            What differs from the settings of the experiments.
        """
        merged = {**self.settings, **settings}
        return Cell("weak", split, source, settings=tuple(sorted(merged.items())))

    def segments(self, source: str = "primary", **settings: Any) -> Cell:
        """Cell of the weakly supervised model with its own defaults; see `weak`."""
        merged = {**SEGMENTS, **settings}
        return Cell("weak", 0, source, settings=tuple(sorted(merged.items())))

    def supervised_segments(self) -> Cell:
        """Cell of the supervised model with its own defaults."""
        return _supervised({**SEGMENTS, "n_passes": 1})

    def supervised(self) -> Cell:
        """Cell of the supervised model, with as many epochs in all."""
        settings = dict(self.settings)
        # It has no first phase, so all epochs go to the only one.
        settings["max_iter"] += settings.pop("init_iter")
        return _supervised(settings)

    def run(self, rows: dict[str, Cell]) -> dict[str, list[dict]]:
        """Results of each row's cell on each split."""
        rows = self.tuned(rows)
        cells = {name: over_splits(cell, self.n_splits) for name, cell in rows.items()}
        # Split by split, so that a stopped run has all rows of some splits.
        by_split = zip(*cells.values(), strict=True)
        done = self.runner.run([cell for split in by_split for cell in split])
        return {name: [done[cell] for cell in row] for name, row in cells.items()}

    def run_one(self, cell: Cell) -> dict:
        """Result of a cell on its split alone."""
        cell = self.tuned({"": cell})[""]
        return self.runner.run([cell])[cell]

    def tuned(self, rows: dict[str, Cell]) -> dict[str, Cell]:
        """Rows with the best of `GRID` on the validation videos, if wanted.

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
        """Recall of each row on each split, averaged as by `step_recall`."""
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
        """Recall of a cell's predictions."""
        videos = [self.study.timelines[i] for i in cell.tested(self.study)]
        return step_recall(
            [video.annotation for video in videos],
            predictions,
            [video.task for video in videos if video.task is not None],
            rates=[video.rate for video in videos],
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


def _supervised(settings: dict[str, Any]) -> Cell:
    """Cell of the supervised model, which has not all of the parameters."""
    known = make_system("supervised").get_params()
    settings = {name: settings[name] for name in settings if name in known}
    return Cell("supervised", 0, settings=tuple(sorted(settings.items())))
