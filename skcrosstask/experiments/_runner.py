"""Running cells: what is finished is read, the rest is computed, with progress."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from skcrosstask.experiments._cells import Cell, CellStore, run_cell
from skcrosstask.experiments._study import Study

__all__ = ["Runner"]


class Runner:
    """Computes cells that are not there yet, and keeps each as it is finished.

    Parameters
    ----------
    study : Study
        The collection.
    folder : path
        Where results are kept.
    n_jobs : int, optional
        How many cells are computed at a time, in threads that share the videos;
        the kernels run beside each other.
    verbose : bool, default=True
        Whether to print a line a cell to standard error, with the time left.
    label : str, default=""
        Written before each cell.
    """

    def __init__(
        self,
        study: Study,
        folder: Path,
        *,
        n_jobs: int | None = None,
        verbose: bool = True,
        label: str = "",
    ):
        self.study = study
        self.store = CellStore(folder, study)
        self.n_jobs = n_jobs
        self.verbose = verbose
        self._prefix = f"{label}, " if label else ""

    def run(self, cells: Sequence[Cell]) -> dict[Cell, dict]:
        """Results of cells, computed where need be.

        Parameters
        ----------
        cells : sequence of Cell
            What is needed.

        Returns
        -------
        dict of Cell to dict
            What `run_cell` returned, in the order of the cells.
        """
        found = {cell: self.store.load(cell) for cell in dict.fromkeys(cells)}
        done = {cell: result for cell, result in found.items() if result is not None}
        missing = [cell for cell in found if cell not in done]
        if missing:
            self._say(f"{len(done)} of {len(found)} fits are there")
            for i, (cell, result) in enumerate(self._compute(missing), 1):
                done[cell] = result
                left = [c for c in missing if c not in done]
                self._say(
                    f"[{i}/{len(missing)}] {self._prefix}{cell}: recall "
                    f"{100 * result['recall']:.1f} %, {_clock(result['seconds'])}"
                    + self._remaining(left, done)
                )
        return {cell: done[cell] for cell in found}

    def _compute(self, cells: Sequence[Cell]) -> Iterator[tuple[Cell, dict]]:
        if self.study.generator is not None:
            self._say("drawing simulated features")
        # Before the threads start, so that the videos are made once.
        assert self.study.videos
        pool = Parallel(
            n_jobs=self.n_jobs,
            require="sharedmem",
            return_as="generator_unordered",
        )
        # Threads of the linear algebra beside threads of cells wait for each other,
        # and their number would show in the last digits.
        with threadpool_limits(1), warnings.catch_warnings():
            # Training on other tasks leaves words unknown, as is to be expected.
            warnings.filterwarnings("ignore", "No component of", UserWarning)
            yield from pool(delayed(self._run_one)(cell) for cell in cells)

    def _run_one(self, cell: Cell) -> tuple[Cell, dict]:
        result = run_cell(self.study, cell)
        # Saved by the thread that computed it: a kill loses only what is running.
        self.store.save(cell, result)
        return cell, result

    def _remaining(self, cells: Sequence[Cell], done: dict[Cell, dict]) -> str:
        return f"; about {_clock(self._time_left(cells, done))} left" if cells else ""

    def _time_left(self, cells: Sequence[Cell], done: dict[Cell, dict]) -> float:
        """Seconds that cells will take, by those of their kind that are done."""
        seconds: dict[tuple, list[float]] = {}
        for cell, result in done.items():
            for kind in ((), (cell.system,), (cell.system, cell.source)):
                seconds.setdefault(kind, []).append(result["seconds"])
        total = 0.0
        for cell in cells:
            kinds = ((cell.system, cell.source), (cell.system,), ())
            known = next(seconds[kind] for kind in kinds if kind in seconds)
            total += float(np.mean(known))
        return total / min(effective_n_jobs(self.n_jobs), max(len(cells), 1))

    def _say(self, text: str) -> None:
        if self.verbose:
            print(f"[skcrosstask] {text}", file=sys.stderr, flush=True)


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
