"""One system on one split: the unit of work that is kept and resumed."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.base import BaseEstimator

from skcrosstask._data import Video
from skcrosstask._files import replacing
from skcrosstask._version import __version__
from skcrosstask.baselines import (
    ActionSetEstimator,
    DiffracEstimator,
    OracleBaseline,
    RandomOrderBaseline,
    SupervisedStepEstimator,
    UniformBaseline,
)
from skcrosstask.estimators._weakly_supervised import WeaklySupervisedStepEstimator
from skcrosstask.experiments._study import Study
from skcrosstask.metrics import mean_average_precision, step_recall

__all__ = ["SYSTEMS", "Cell", "CellStore", "run_cell"]

# What each system is; settings of the cell are passed on.
SYSTEMS: dict[str, Callable[..., BaseEstimator]] = {
    "uniform": UniformBaseline,
    "random": RandomOrderBaseline,
    "oracle": OracleBaseline,
    "diffrac": DiffracEstimator,
    "action sets": ActionSetEstimator,
    "weak": WeaklySupervisedStepEstimator,
    "supervised": SupervisedStepEstimator,
}


@dataclass(frozen=True)
class Cell:
    """One system, trained and tested on one split.

    Parameters
    ----------
    system : str
        A name in `SYSTEMS`.
    split : int
        Number of the split; also the seed of the fit.
    source : {"primary", "related", "primary + related"}
        Whose videos train.
    n_tasks : int, optional
        How many of the related tasks train.
    settings : tuple of (str, object)
        Parameters of the system.
    test : {"test", "validation"}
        Which videos are predicted.
    """

    system: str
    split: int
    source: str = "primary"
    n_tasks: int | None = None
    settings: tuple[tuple[str, object], ...] = ()
    test: str = "test"

    def __str__(self) -> str:
        settings = dict(self.settings)
        parts = [self.system]
        if "sharing" in settings:
            parts.append(f"sharing {settings['sharing']}")
        if not settings.get("use_windows", True):
            parts.append("no windows")
        parts.append(self.source)
        if self.n_tasks is not None:
            parts.append(f"{self.n_tasks} task{'s' if self.n_tasks > 1 else ''}")
        if self.test != "test":
            parts.append(self.test)
        return f"{', '.join(parts)}, split {self.split + 1}"

    def tested(self, study: Study) -> list[int]:
        """Numbers of the videos that are predicted.

        Parameters
        ----------
        study : Study
            The collection.

        Returns
        -------
        list of int
            Indices into its videos.
        """
        return study.validation() if self.test != "test" else study.test(self.split)


class CellStore:
    """A folder with one file a finished cell.

    A file takes its name only when it is complete, so that a run that was killed
    goes on where it stopped.

    Parameters
    ----------
    folder : path
        Made when the first cell is saved.
    study : Study
        The collection; cells of another one are not found.
    """

    def __init__(self, folder: Path, study: Study):
        self.folder = folder
        self.study = study

    def path(self, cell: Cell) -> Path:
        """File of a cell, named by what it is and a digest of all its settings.

        Parameters
        ----------
        cell : Cell
            The cell.

        Returns
        -------
        Path
        """
        text = json.dumps([asdict(cell), self.study.fingerprint, __version__])
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        name = "".join(c if c.isalnum() else "-" for c in str(cell).replace(",", ""))
        return self.folder / f"{name}-{digest}.json"

    def load(self, cell: Cell) -> dict | None:
        """Result of a cell that is finished.

        Parameters
        ----------
        cell : Cell
            The cell.

        Returns
        -------
        dict or None
            None where there is no such file, or no whole one.
        """
        try:
            return json.loads(self.path(cell).read_text())["result"]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def save(self, cell: Cell, result: dict) -> None:
        """Write a result with its settings.

        Parameters
        ----------
        cell : Cell
            The cell.
        result : dict
            What `run_cell` returned.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        study = self.study
        record = {
            "cell": asdict(cell),
            "features": study.note or "real features",
            "generator": study.generator,
            "protocol": {"n_train": study.n_train, "random_state": study.seed},
            "version": __version__,
            "videos": [study.timelines[i].name for i in cell.tested(study)],
            "result": result,
        }
        lines = [f'"{name}": {json.dumps(entry)}' for name, entry in record.items()]
        with replacing(self.path(cell)) as file:
            file.write(("{" + ",\n".join(lines) + "}\n").encode())


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
    epochs = getattr(est, "init_iter", 0) + getattr(est, "max_iter", 0)
    # An interrupted fit keeps what it learnt, but that is not the cell's result.
    if cell.system in ("weak", "supervised") and est.n_iter_ < epochs:
        raise KeyboardInterrupt
    predictions = est.predict(tested)
    truth = [v.annotation for v in tested]
    tasks = [v.task for v in tested if v.task is not None]
    precision = mean_average_precision(
        truth, _frame_scores(est, tested, cell), tasks, average=None
    )
    return {
        "predictions": [[int(t) for t in times] for times in predictions],
        "recall": step_recall(truth, predictions, tasks),
        "average_precision": precision,
        "seconds": round(time.perf_counter() - start, 3),
    }


def make_estimator(cell: Cell) -> BaseEstimator:
    """The system of a cell, not fitted.

    Parameters
    ----------
    cell : Cell
        The cell.

    Returns
    -------
    estimator
        With the cell's settings and, where it draws, the split as its seed.
    """
    est = SYSTEMS[cell.system](**dict(cell.settings))
    if "random_state" in est.get_params():
        est.set_params(random_state=cell.split)
    return est


def over_splits(cell: Cell, n_splits: int) -> list[Cell]:
    """The same cell on each split.

    Parameters
    ----------
    cell : Cell
        The cell.
    n_splits : int
        How many.

    Returns
    -------
    list of Cell
    """
    return [replace(cell, split=split) for split in range(n_splits)]


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
