"""Running cells: what is finished is read, the rest is computed, with progress."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from joblib import Parallel, delayed

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
        Whether to print a line a cell, with the time left.
    """

    def __init__(
        self,
        study: Study,
        folder: Path,
        *,
        n_jobs: int | None = None,
        verbose: bool = True,
    ):
        self.study = study
        self.store = CellStore(folder, study)
        self.n_jobs = n_jobs
        self.verbose = verbose

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
        wanted = list(dict.fromkeys(cells))
        found = {cell: self.store.load(cell) for cell in wanted}
        missing = [cell for cell in wanted if found[cell] is None]
        if missing:
            self._say(f"{len(wanted) - len(missing)} of {len(wanted)} fits are there")
            if self.study.generator is not None:
                self._say("drawing simulated features")
            # Before the threads start, so that the videos are made once.
            assert self.study.videos
            start = time.perf_counter()
            pool = Parallel(
                n_jobs=self.n_jobs,
                require="sharedmem",
                return_as="generator_unordered",
            )
            done = pool(delayed(self._run_one)(cell) for cell in missing)
            for i, (cell, result) in enumerate(done, 1):
                found[cell] = result
                left = (time.perf_counter() - start) / i * (len(missing) - i)
                self._say(
                    f"[{i}/{len(missing)}] {cell}: recall {100 * result['recall']:.1f} "
                    f"%, {result['seconds']:.0f} s; about {_clock(left)} left"
                )
        return {cell: found[cell] for cell in wanted}  # type: ignore[misc]

    def _run_one(self, cell: Cell) -> tuple[Cell, dict]:
        result = run_cell(self.study, cell)
        # Saved by the thread that computed it: a kill loses only what is running.
        self.store.save(cell, result)
        return cell, result

    def _say(self, text: str) -> None:
        if self.verbose:
            print(f"[skcrosstask] {text}", flush=True)


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
