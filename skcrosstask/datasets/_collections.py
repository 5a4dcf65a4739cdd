"""One way to read all collections: a CrossTask folder, or a manifest."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn.utils import Bunch

from skcrosstask._data import Task
from skcrosstask._files import require_file
from skcrosstask.datasets._crosstask import load_crosstask
from skcrosstask.datasets._manifest import load_manifest

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["MANIFEST_NAMES", "find_manifest", "load_collection"]

MANIFEST_NAMES = tuple(f"collection.{kind}" for kind in ("yaml", "yml", "json", "csv"))


def find_manifest(path: PathLike) -> Path | None:
    """The manifest that a path means: a file, or that of a folder.

    Parameters
    ----------
    path : path
        Of a collection.

    Returns
    -------
    Path or None
        None for a folder laid out like the CrossTask release.

    Raises
    ------
    FileNotFoundError
        If there is neither.
    """
    path = Path(path).expanduser()
    if path.is_file():
        return path
    require_file(path, "Collection", folder=True)
    found = [path / name for name in MANIFEST_NAMES if (path / name).is_file()]
    if (path / "tasks_primary.txt").is_file() or (path / "videos.csv").is_file():
        return None
    if not found:
        raise FileNotFoundError(
            f"Folder '{path}' is no collection: it has neither tasks_primary.txt nor "
            f"collection.yaml; python -m skcrosstask init {path} writes one."
        )
    return found[0]


def load_collection(
    path: PathLike,
    *,
    features: PathLike | None = None,
    constraints: PathLike | None = None,
    windows: bool = True,
    tasks: str | Iterable[Task | str | int] = "all",
    rate: float | None = None,
    narration: bool = False,
) -> Bunch:
    """Read a collection of either kind.

    Parameters
    ----------
    path : path
        A manifest, a folder with one, or a folder laid out like CrossTask's release.
    features, constraints : path, optional
        Folders of features and windows, relative to the collection; by default, what
        the collection says.
    windows : bool, default=True
        Whether to read windows.
    tasks : {"all", "primary", "related"} or iterable of task names, default="all"
        Tasks whose videos to return.
    rate : float, optional
        Rows a second where the collection says nothing.
    narration : bool, default=False
        Whether to read the subtitles that a manifest names.

    Returns
    -------
    Bunch
        As by `load_crosstask` and `load_manifest`.
    """
    manifest = find_manifest(path)
    # Only what is given, so that each loader keeps its own default.
    given: dict[str, Any] = {} if rate is None else {"rate": rate}
    if manifest is not None:
        return load_manifest(
            manifest,
            features=features,
            constraints=constraints,
            windows=windows,
            tasks=tasks,
            narration=narration,
            **given,
        )
    return load_crosstask(
        path,
        features=features or "features",
        constraints=(constraints or "constraints") if windows else None,
        tasks=tasks,
        **given,
    )
