"""Collections that one file describes: tasks, and what is known of each video."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils import Bunch

from skcrosstask._data import FeaturesFirst, Narration, Task, Video
from skcrosstask._data._feature_files import is_url, split_member
from skcrosstask._files import require_file
from skcrosstask._progress import counted, warn
from skcrosstask.datasets._crosstask import choose_tasks
from skcrosstask.datasets._crosstask_files import (
    clip_segments,
    merge_windows,
    parse_segments,
)
from skcrosstask.datasets._manifest_schema import Entry, Manifest, read_manifest
from skcrosstask.datasets._rates import RateCheck
from skcrosstask.frames._cache import recorded_rate

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["load_manifest", "manifest_sources"]

_DESCR = "A collection of videos, described by the manifest {path}. Times are seconds."


class _Collection(Bunch):
    """A Bunch that is not printed in full: that would take megabytes."""

    def __repr__(self) -> str:
        videos, tasks = len(self.videos), len(self.catalog)
        return (
            f"<Collection: {counted(videos, 'video')} of {counted(tasks, 'task')}; "
            f"{', '.join(self)}>"
        )


def load_manifest(
    path: PathLike,
    *,
    features: PathLike | None = None,
    constraints: PathLike | None = None,
    windows: bool = True,
    tasks: str | Iterable[Task | str | int] = "all",
    rate: float | None = None,
    narration: bool = False,
    mmap: bool = True,
) -> Bunch:
    """Read a collection of one's own from the file that describes it.

    The manifest, in YAML (extra ``manifest``), JSON or CSV, names tasks with their
    steps, and videos with whatever is known of each; "Describe your videos" in the
    user guide lists its fields. Paths in it are relative to it.

    Parameters
    ----------
    path : path
        The manifest.
    features : path, optional
        Folder of ``<video>.npy`` or ``.npz`` files for all videos, relative to the
        manifest or absolute, instead of what the manifest says. By default, that, or
        else the folder ``features``, if it has the video's file.
    constraints : path, optional
        Folder of ``<task>_<video>.csv`` files of windows; likewise, or else the
        folder ``constraints``. Annotations that the manifest does not name are looked
        for in the folder ``annotations``.
    windows : bool, default=True
        Whether to read windows.
    tasks : {"all", "primary", "related"} or iterable of task names, default="all"
        Tasks whose videos to return. Videos without a task belong to "all".
    rate : float, optional
        Rows a second of the videos for which the manifest gives none; by default that
        at which `FrameFeatures` made the features, or else 1. One that contradicts the
        manifest is refused.
    narration : bool, default=False
        Whether to read the subtitles, as the videos' ``narration``.
    mmap : bool, default=True
        Whether the videos hold the paths of their features, or the features.

    Returns
    -------
    data : Bunch
        As that of `load_crosstask`: videos, tasks (None for a video without one),
        catalog, primary, related, validation_names, lengths (in seconds, rounded up; -1
        for unknown, as at a URL), missing_features and DESCR; and ``subtitles``, a
        tuple of each video's file or None. A video without features and source is
        returned with the path where its features should be.

    Raises
    ------
    FileNotFoundError
        If the manifest, or windows, an annotation or subtitles that it names, are
        missing.
    ImportError
        If the manifest is YAML, and PyYAML is not installed.
    ValueError
        If something is malformed; the message gives file and line. If annotations end,
        or windows start, long after the rows of most videos: the message says which
        rate would fit.

    Warns
    -----
    UserWarning
        One line, if features that are named are missing, or if the rows of a few videos
        are too few.

    Notes
    -----
    Windows and annotations are clipped to the video's length where that is known.
    Rates are checked as `load_crosstask` does it; features that `FrameFeatures` wrote
    tell their rate themselves.
    YAML is read without tags, anchors and aliases; no code in it is run.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skcrosstask.datasets import load_manifest
    >>> text = '''{"tasks": {"latte": {"steps": ["add coffee", "pour milk"]}},
    ...            "videos": [{"source": "v1.mp4", "annotation": [[1, 0, 4.5]]}]}'''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "collection.json"
    ...     _ = file.write_text(text)
    ...     data = load_manifest(file)
    >>> data
    <Collection: 1 video of 1 task; videos, tasks, ...>
    >>> data.videos[0].task.steps, data.videos[0].annotation
    (('add coffee', 'pour milk'), array([[0. , 0. , 4.5]]))
    """
    path = Path(path).expanduser().absolute()
    manifest = _read(path, rate)
    related = tuple(t for name, t in manifest.tasks.items() if name in manifest.related)
    primary = tuple(t for t in manifest.tasks.values() if t not in related)
    chosen = choose_tasks(tasks, primary, related) if manifest.tasks else set()
    reader = _Reader(manifest, features, constraints, rate, mmap, windows)
    entries = [
        entry
        for entry in manifest.entries
        if (tasks == "all" if entry.task is None else entry.task.name in chosen)
    ]
    videos = [reader.video(entry, narration=narration) for entry in entries]
    reader.check()
    return _Collection(
        videos=videos,
        tasks=[entry.task for entry in entries],
        catalog=dict(manifest.tasks),
        primary=primary,
        related=related,
        validation_names=frozenset(e.name for e in manifest.entries if e.validation),
        lengths=np.array(reader.lengths, dtype=np.int64),
        missing_features=tuple(reader.missing),
        subtitles=tuple(
            None if entry.subtitles is None else reader.file(entry.subtitles)
            for entry in entries
        ),
        DESCR=_DESCR.format(path=path),
    )


def manifest_sources(path: PathLike, rate: float | None = None) -> list[Video]:
    """Videos of a manifest whose files it names.

    Parameters
    ----------
    path : path
        The manifest.
    rate : float, optional
        As for `load_manifest`.

    Returns
    -------
    list of Video
        With name, source and rate, and the path of the features that the manifest
        names; each once, however many tasks it shows.
    """
    path = Path(path).expanduser().absolute()
    reader = _Reader(_read(path, rate), None, None, rate, True, False)
    videos: dict[tuple[str, str], Video] = {}
    for entry in reader.manifest.entries:
        if entry.source is not None:
            source = reader.source(entry.source)
            videos[entry.name, source] = Video(
                reader.features_path(entry) if entry.features else None,
                name=entry.name,
                rate=reader.rate_of(entry) or 1.0,
                source=source,
            )
    return list(videos.values())


def _read(path: Path, rate: float | None) -> Manifest:
    """A manifest, once it is certain that the user means its rate."""
    manifest = read_manifest(path)
    if rate is not None and manifest.rate not in (None, rate):
        raise ValueError(
            f"{path} says rate {manifest.rate:g}, not {rate:g}: change it there, or do "
            "not give another."
        )
    return manifest


@dataclass
class _Reader:
    """Makes videos of a manifest's entries, and remembers what was not there."""

    manifest: Manifest
    features: PathLike | None
    constraints: PathLike | None
    rate: float | None
    mmap: bool
    windows: bool

    def __post_init__(self) -> None:
        self.lengths: list[int] = []
        self.missing: list[str] = []
        self.absent: list[Path] = []
        self._rates = RateCheck()
        self._narrations: dict[Path, dict[str, Narration]] = {}

    @cached_property
    def root(self) -> Path:
        """Folder of the manifest."""
        return self.manifest.path.parent

    def file(self, written: str) -> Path:
        """A path as it is meant: relative to the manifest."""
        return self.root / Path(written).expanduser()

    def video(self, entry: Entry, *, narration: bool) -> Video:
        """The video of an entry."""
        path = self.features_path(entry)
        features, length = self._features(entry, path)
        made = None if path is None or is_url(path) else recorded_rate(path)
        rate = self.rate_of(entry) or made or 1.0
        duration = length / rate if length > 0 else None
        self.lengths.append(-1 if duration is None else math.ceil(duration - 1e-6))
        said = self._narration(entry) if narration and entry.subtitles else None
        windows = None
        if self.windows:
            windows = self._segments(entry, "windows", self.constraints)
        annotation = self._segments(entry, "annotation", None)
        if length > 0:
            self._rates.add(entry.name, length, rate, annotation, windows, made)
        if windows is not None:
            windows = merge_windows(clip_segments(windows, duration))
        if annotation is not None:
            annotation = clip_segments(annotation, duration)
        return Video(
            features,
            entry.task,
            windows,
            annotation,
            entry.name,
            narration=said,
            rate=rate,
            source=entry.source and self.source(entry.source),
        )

    def rate_of(self, entry: Entry) -> float | None:
        """Rows a second of a video, if the manifest or the user says it."""
        return entry.rate or self.manifest.rate or self.rate

    def source(self, written: str) -> str:
        """Path or address of a video file."""
        return written if is_url(written) else str(self.file(written))

    def _features(self, entry: Entry, path: str | None) -> tuple[Any, int]:
        """Features and their number of rows, -1 if that is not known."""
        if path is None:
            self.missing.append(entry.name)
            if entry.source is not None:
                return None, -1
            return str(self.root / "features" / f"{entry.name}.npy"), -1
        layout = entry.layout or self.manifest.layout
        features = FeaturesFirst(path) if layout == "features_first" else path
        if is_url(path) and self.mmap:
            return features, -1
        if not is_url(path) and not (file := Path(split_member(path)[0])).is_file():
            self.missing.append(entry.name)
            self.absent.append(file)
            return features, -1
        array = Video(features, name=entry.name).open()
        return (features if self.mmap else np.array(array)), len(array)

    def features_path(self, entry: Entry) -> str | None:
        """Path or address of the features of an entry, if it has any."""
        if self.features is None and entry.features is not None:
            if is_url(entry.features):
                return entry.features
            return str(self.file(entry.features))
        folder = self.root / ("features" if self.features is None else self.features)
        kept = [folder / f"{entry.name}{suffix}" for suffix in (".npy", ".npz")]
        found = [str(file) for file in kept if file.is_file()]
        if self.features is not None:
            return (found or [str(kept[0])])[0]
        return found[0] if found else None

    def _segments(
        self, entry: Entry, kind: str, folder: PathLike | None
    ) -> np.ndarray | None:
        """Windows or annotation, from the manifest, a file, or the usual folder."""
        given = getattr(entry, kind)
        is_windows = kind == "windows"
        if given is None or folder is not None:
            usual = "constraints" if is_windows else "annotations"
            given = self._usual_file(entry, self.root / (folder or usual))
        if isinstance(given, str):
            file = self.file(given)
            require_file(file, f"{self.manifest.place(entry)}: {kind}:")
            if entry.task is None:
                raise ValueError(
                    f"{self.manifest.place(entry)}: {kind} need a task, whose steps "
                    "they count."
                )
            given = parse_segments(file, len(entry.task.steps), windows=is_windows)
        return given

    def _usual_file(self, entry: Entry, folder: Path) -> str | None:
        if entry.task is None:
            return None
        file = folder / f"{entry.task.name}_{entry.name}.csv"
        return str(file) if file.is_file() else None

    def _narration(self, entry: Entry) -> Narration:
        """What is said, from a file of one video or a table of many."""
        from skcrosstask.narration.subtitles._reading import read_narrations

        file = self.file(str(entry.subtitles))
        place = f"{self.manifest.place(entry)}: subtitles"
        if file not in self._narrations:
            require_file(file, f"{place}:")
            self._narrations[file] = read_narrations(file)
        found = self._narrations[file]
        if list(found) == [file.stem]:
            return found[file.stem]
        if entry.name not in found:
            raise ValueError(f"{place}: '{file}' says nothing of this video.")
        return found[entry.name]

    def check(self) -> None:
        """Refuse wrong rates; warn once of features that are named and not there."""
        place = f"{self.manifest.path}: "
        self._rates.check(place)
        if self.absent:
            total = len(self.lengths)
            warn(
                f"{place}{len(self.absent)} of {total} files of "
                f"features are missing, such as '{self.absent[0]}'."
            )
