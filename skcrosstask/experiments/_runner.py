"""Running cells: finished ones are read, the rest computed, with progress."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from sklearn.base import BaseEstimator
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from skcrosstask._data import Video
from skcrosstask._progress import counted, say
from skcrosstask.experiments._cells import Cell, CellStore
from skcrosstask.experiments._systems import make_system
from skcrosstask.metrics._average_precision import mean_average_precision
from skcrosstask.metrics._step_recall import step_recall

if TYPE_CHECKING:
    from skcrosstask.experiments._study import Study

__all__ = ["Runner", "make_estimator", "run_cell"]


class Runner:
    """Computes cells that are not there yet, and keeps each as it is finished.

    Parameters
    ----------
    study : Study
        The collection.
    folder : path
        Where results are kept.
    n_jobs : int, optional
        How many cells are computed at a time, in threads that share the videos.
    verbose : bool, default=True
        Whether to print a line per cell to standard error, with the time left.
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

    def beside(self, study: Study, label: str) -> Runner:
        """The same for another collection, its results in the same folder."""
        n_jobs, verbose = self.n_jobs, self.verbose
        folder = self.store.folder
        return Runner(study, folder, n_jobs=n_jobs, verbose=verbose, label=label)

    def run(self, cells: Sequence[Cell]) -> dict[Cell, dict]:
        """Results of cells, computed where need be."""
        found = {cell: self.store.load(cell) for cell in dict.fromkeys(cells)}
        done = {cell: result for cell, result in found.items() if result is not None}
        missing = [cell for cell in found if cell not in done]
        if missing:
            fits = counted(len(found), "fit", ("is", "are"))
            say(f"{len(done)} of {fits} there", self.verbose)
            for i, (cell, result) in enumerate(self._compute(missing), 1):
                done[cell] = result
                left = [c for c in missing if c not in done]
                say(
                    f"[{i}/{len(missing)}] {self._prefix}{cell}: recall "
                    f"{100 * result['recall']:.1f} %, {_clock(result['seconds'])}"
                    + self._remaining(left, done),
                    self.verbose,
                )
        return {cell: done[cell] for cell in found}

    def _compute(self, cells: Sequence[Cell]) -> Iterator[tuple[Cell, dict]]:
        if self.study.generator is not None:
            say("drawing simulated features", self.verbose)
        # Made now, once, and not by each of the threads.
        _ = self.study.videos
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


def run_cell(study: Study, cell: Cell) -> dict:
    """Train, predict and measure.

    Parameters
    ----------
    study : Study
        The collection.
    cell : Cell
        What to run.

    Returns
    -------
    dict
        ``predictions``, a list of times for each tested video; ``recall``, the
        paper's, of what is annotated; ``average_precision``, by task, where the
        system scores frames; and ``seconds``.
    """
    start = time.perf_counter()
    train = study.train(cell.split, cell.source, cell.n_tasks)
    tested = [study.videos[i] for i in cell.tested(study)]
    est = make_estimator(cell).fit([study.videos[i] for i in train])
    # An interrupted fit keeps what it learned, but that is not the cell's result.
    if getattr(est, "interrupted_", False):
        raise KeyboardInterrupt
    predictions = est.predict(tested)
    truth = [v.annotation for v in tested]
    tasks = [v.task for v in tested if v.task is not None]
    rates = [v.rate for v in tested]
    precision = mean_average_precision(
        truth, _frame_scores(est, tested, cell), tasks, rates=rates, average=None
    )
    return {
        "predictions": [[int(t) for t in times] for times in predictions],
        "recall": step_recall(truth, predictions, tasks, rates=rates),
        "average_precision": precision,
        "seconds": round(time.perf_counter() - start, 3),
    }


def make_estimator(cell: Cell) -> BaseEstimator:
    """The system of a cell, not fitted; where it draws, the split is its seed."""
    est = make_system(cell.system, **dict(cell.settings))
    if "random_state" in est.get_params():
        est.set_params(random_state=cell.split)
    return est


def _frame_scores(
    est: BaseEstimator, videos: Sequence[Video], cell: Cell
) -> Sequence[np.ndarray]:
    if hasattr(est, "decision_function"):
        return est.decision_function(videos)
    # A placement without scores ranks frames at random.
    rng = np.random.default_rng(cell.split)
    return [
        rng.random((video.shape[0], len(video.task.steps)))  # type: ignore[union-attr]
        for video in videos
    ]


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
