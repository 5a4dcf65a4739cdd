"""Reader of the CrossTask release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils import Bunch

from skcrosstask._data import Task, Video
from skcrosstask._files import require_file
from skcrosstask._progress import counted, guess, short, warn
from skcrosstask.datasets._crosstask_files import (
    cut_segments,
    file_names,
    parse_lengths,
    parse_tasks,
    parse_videos,
    read_segments,
)
from skcrosstask.datasets._rates import check_rates, last_times
from skcrosstask.frames._cache import recorded_rate

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["choose_tasks", "load_crosstask"]

# Features of each distinct video, and the videos with their tasks.
_Sources = dict[str, Path | np.ndarray]
_Rows = Sequence[tuple[Task, str]]

_DESCR = """\
CrossTask: instructional videos of 83 tasks. 18 primary tasks have 2,750 videos in
which the steps' segments are annotated; 65 related tasks have 30 videos each and no
annotation. A task is an ordered list of short step descriptions. Times are seconds.

Zhukov, Alayrac, Cinbis, Fouhey, Laptev, Sivic: "Cross-task weakly supervised
learning from instructional videos", CVPR 2019.
"""


class _Release(Bunch):
    """A Bunch that is not printed in full: that would take megabytes."""

    def __repr__(self) -> str:
        videos, tasks = len(self.videos), len(self.primary) + len(self.related)
        return (
            f"<CrossTask: {counted(videos, 'video')} of {counted(tasks, 'task')}; "
            f"{', '.join(self)}>"
        )


def load_crosstask(
    root: PathLike,
    *,
    features: PathLike | None = "features",
    constraints: PathLike | None = "constraints",
    tasks: str | Iterable[Task | str | int] = "all",
    mmap: bool = True,
    rate: float = 1.0,
) -> Bunch:
    """Read the CrossTask release from a folder.

    The folder holds ``tasks_primary.txt``, ``videos.csv`` and, optionally,
    ``tasks_related.txt``, ``annotations/``, ``videos_val.csv`` and
    ``frame_counts.csv`` (rows ``video,seconds``, not part of the official archive).
    Without ``tasks_related.txt`` there are no related tasks, and without
    ``annotations/`` no annotations.

    Parameters
    ----------
    root : path
        The unpacked ``crosstask_release``.
    features : path or None, default="features"
        Folder of ``<video>.npy`` files, relative to ``root`` or absolute: in the
        official archives ``"../crosstask_features"``. None: features are not
        looked for, and nothing is reported.
    constraints : path or None, default="constraints"
        Folder of ``<task>_<video>.csv`` files with the windows that narration
        gives, officially ``"../crosstask_constraints"``. None: no windows.
    tasks : {"all", "primary", "related"} or iterable of task ids, default="all"
        Tasks whose videos to return.
    mmap : bool, default=True
        Whether the videos hold the paths of their features, which are opened as
        memory maps when they are read, or the features themselves (30 GB for all).
    rate : float, default=1.0
        Rows of features a second. The official features have one.

    Returns
    -------
    data : Bunch
        - videos : list of Video, one per chosen row of ``videos.csv``. A video listed
          under two tasks gives two Videos with the same name. ``annotation`` is None
          where there is no annotation file, ``windows`` where there is no file of
          constraints.
        - tasks : list of each video's Task, the ``y`` of ``fit``.
        - catalog : dict of all Tasks by id; ``Task.name`` is the id.
        - primary, related : tuples of all primary and all related Tasks.
        - validation_names : frozenset of the names in ``videos_val.csv``.
        - lengths : int array, seconds of each of ``videos``: from its features,
          rounded up, else from ``frame_counts.csv``, else -1 for unknown.
        - missing_features : tuple of names of videos without a features file.
          They are returned all the same, with the path where it should be.
        - DESCR : str.

    Raises
    ------
    FileNotFoundError
        If the folder or one of its required parts is missing; it is named.
    ValueError
        If a row is malformed (the message gives file and line), a task id is
        unknown, a features file is not a two-dimensional array, or most videos have
        another rate, or the record of one says so (the message says which would fit).

    Warns
    -----
    UserWarning
        One line, if features or constraints are missing, or if features of some videos
        are too short or too long.

    Notes
    -----
    Rows are compared with ``frame_counts.csv`` or, without an entry there, with the
    end of the last segment, and disagree where they differ by more than 10 % and more
    than 5 s. If all steps of all videos end before 60 % of their rows, a warning asks
    whether the rate is right.

    Segments are clipped to the video's length where that is known, and one that
    lies wholly outside is dropped. Overlapping windows of one step are merged.

    Examples
    --------
    >>> from skcrosstask.datasets import load_crosstask
    >>> data = load_crosstask("crosstask_release",
    ...                       features="../crosstask_features",
    ...                       constraints="../crosstask_constraints",
    ...                       tasks="primary")  # doctest: +SKIP
    >>> len(data.videos)  # doctest: +SKIP
    2750
    """
    # Absolute, so that the paths hold in other working directories too.
    root = Path(root).expanduser().absolute()
    require_file(root, "CrossTask folder", folder=True)
    primary = parse_tasks(root / "tasks_primary.txt")
    others = root / "tasks_related.txt"
    related = parse_tasks(others) if others.is_file() else ()
    catalog = _catalog(primary, related)
    chosen = choose_tasks(tasks, primary, related)
    listed = parse_videos(root / "videos.csv", catalog)
    rows = [(catalog[task], name) for task, name in listed if task in chosen]
    validation = root / "videos_val.csv"
    held_out = parse_videos(validation, catalog) if validation.is_file() else []

    sources, missing = _find_features(root, features, rows)
    _refuse_other_rates(sources, missing, rate)
    seconds = parse_lengths(root / "frame_counts.csv")
    n_rows = _open_features(sources, missing, mmap=mmap)
    annotations = read_segments(root / "annotations", rows)
    windows: list[np.ndarray | None] = [None] * len(rows)
    if constraints is not None:
        windows = read_segments(root / constraints, rows, windows=True)
    lengths = seconds | _known_seconds(n_rows, rate, seconds, rows, annotations)
    annotations = cut_segments(annotations, rows, lengths)
    windows = cut_segments(windows, rows, lengths, windows=True)
    _warn_of_missing(root, features, missing, constraints, rows, windows)
    videos = [
        Video(sources[name], task, window, annotation, name, rate=rate)
        for (task, name), window, annotation in zip(
            rows, windows, annotations, strict=True
        )
    ]
    return _Release(
        videos=videos,
        tasks=[task for task, _ in rows],
        catalog=catalog,
        primary=primary,
        related=related,
        validation_names=frozenset(name for _, name in held_out),
        lengths=_whole_seconds(lengths, rows),
        missing_features=tuple(missing),
        DESCR=_DESCR,
    )


def _known_seconds(
    n_rows: dict[str, int],
    rate: float,
    seconds: dict[str, int],
    rows: _Rows,
    annotations: Sequence[np.ndarray | None],
) -> dict[str, float]:
    """Seconds of each video with features, once these have the rate they should."""
    if not 0 < rate < np.inf:
        raise ValueError(f"rate must be above 0 rows a second, got {rate!r}.")
    ends: dict[str, float] = {}
    for (_, name), last in zip(rows, last_times(annotations), strict=True):
        ends[name] = max(last, ends.get(name, 0.0))
    check_rates(n_rows, dict.fromkeys(n_rows, rate), seconds, ends)
    return {name: n / rate for name, n in n_rows.items()}


def _whole_seconds(lengths: dict[str, float], rows: _Rows) -> np.ndarray:
    found = np.array([lengths.get(name, -1) for _, name in rows])
    return np.ceil(found - 1e-6).astype(np.int64)


def _catalog(primary: tuple[Task, ...], related: tuple[Task, ...]) -> dict[str, Task]:
    catalog = {task.name: task for task in primary + related}
    if len(catalog) < len(primary) + len(related):
        both = {t.name for t in primary} & {t.name for t in related}
        raise ValueError(f"Tasks {sorted(both)} are both primary and related.")
    return catalog


def choose_tasks(
    tasks: str | int | Task | Iterable[Task | str | int],
    primary: tuple[Task, ...],
    related: tuple[Task, ...],
) -> set[str]:
    """Ids of the tasks that the parameter ``tasks`` selects."""
    sets = {"all": primary + related, "primary": primary, "related": related}
    if isinstance(tasks, str) and tasks in sets:
        return {task.name for task in sets[tasks]}
    if isinstance(tasks, str | int | Task):
        tasks = [tasks]
    chosen = {str(getattr(task, "name", task)) for task in tasks}
    unknown = chosen - {task.name for task in sets["all"]}
    if unknown or not chosen:
        found = "it is empty."
        if unknown:
            names = [task.name for task in sets["all"]]
            first = min(unknown)
            found = f"unknown: {short(sorted(unknown), 60)}{guess(first, names)}"
        raise ValueError(
            f"tasks must be 'all', 'primary', 'related' or ids of tasks; {found}"
        )
    return chosen


def _find_features(
    root: Path, features: PathLike | None, rows: _Rows
) -> tuple[_Sources, list[str]]:
    """Path of each distinct video's features, and names of those without."""
    folder = root / ("features" if features is None else features)
    present = set() if features is None else file_names(folder)
    files: _Sources = {name: folder / f"{name}.npy" for _, name in rows}
    return files, [name for name in files if f"{name}.npy" not in present]


def _refuse_other_rates(sources: _Sources, missing: list[str], rate: float) -> None:
    """Refuse features that `FrameFeatures` made at another rate, as it records."""
    for name in sorted(sources.keys() - set(missing)):
        path = sources[name]
        made = None if isinstance(path, np.ndarray) else recorded_rate(path)
        if made is not None and made != rate:
            raise ValueError(
                f"video {name!r}: its features were made at {made:g} rows a second, as "
                f"the record beside {path} says, but rate is {rate:g}; pass "
                f"rate={made:g}."
            )


def _open_features(
    sources: _Sources, missing: list[str], *, mmap: bool
) -> dict[str, int]:
    """Length of each video with features, which ``mmap=False`` loads in place."""
    lengths, absent = {}, set(missing)
    for name in [name for name in sources if name not in absent]:
        array = Video(sources[name], name=name).open()
        lengths[name] = len(array)
        if not mmap:
            # One array serves both Videos of a name that two tasks list.
            sources[name] = np.array(array)
    return lengths


def _warn_of_missing(
    root: Path,
    features: PathLike | None,
    missing: list[str],
    constraints: PathLike | None,
    rows: _Rows,
    windows: Sequence[np.ndarray | None],
) -> None:
    """Warn once of all that was asked for and does not exist."""
    n_names = len({name for _, name in rows})
    unread = [
        f"{task.name}_{name}.csv"
        for (task, name), window in zip(rows, windows, strict=True)
        if window is None
    ]
    files = [f"{name}.npy" for name in missing]
    parts = []
    for kind, folder, absent, total in [
        ("features", features, files, n_names),
        ("constraints", constraints, unread, len(rows)),
    ]:
        if folder is None or not absent:
            continue
        folder = root / folder
        where = "" if folder.is_dir() else ", whose folder does not exist"
        parts.append(
            f"{len(absent)} of {total} files of {kind} are missing, such as "
            f"'{folder / absent[0]}'{where}"
        )
    if parts:
        warn(f"CrossTask: {'; '.join(parts)}.")
