"""One system on one split: the unit of work that is kept and resumed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from skcrosstask import __version__
from skcrosstask._files import replacing
from skcrosstask._progress import counted

if TYPE_CHECKING:
    from skcrosstask.experiments._study import Study

__all__ = ["Cell", "CellStore", "over_splits"]


@dataclass(frozen=True)
class Cell:
    """One system, trained and tested on one split.

    Parameters
    ----------
    system : str
        A name in `systems`.
    split : int
        Index of the split; also the seed of the fit.
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
            parts.append(counted(self.n_tasks, "task"))
        if self.test != "test":
            parts.append(self.test)
        return f"{', '.join(parts)}, split {self.split + 1}"

    def tested(self, study: Study) -> list[int]:
        """Indices of the videos that are predicted."""
        return study.validation() if self.test != "test" else study.test(self.split)


class CellStore:
    """A folder with one file per finished cell.

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
        """File of a cell, named by what it is and a digest of all its settings."""
        text = json.dumps([asdict(cell), self.study.fingerprint, __version__])
        # Twelve digits are enough to tell the cells of any run apart.
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        name = "".join(c if c.isalnum() else "-" for c in str(cell).replace(",", ""))
        return self.folder / f"{name}-{digest}.json"

    def load(self, cell: Cell) -> dict | None:
        """Result of a finished cell; None where there is no whole file of it."""
        try:
            return json.loads(self.path(cell).read_text())["result"]
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def save(self, cell: Cell, result: dict) -> None:
        """Write a result with its settings."""
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


def over_splits(cell: Cell, n_splits: int) -> list[Cell]:
    """The same cell on each split."""
    return [replace(cell, split=split) for split in range(n_splits)]
