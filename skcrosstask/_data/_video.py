"""Videos, and the checks of one video."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data._features import FeaturesFirst, keep_features, open_features
from skcrosstask._data._narration import Narration
from skcrosstask._data._rows import Rows
from skcrosstask._data._task import Task
from skcrosstask._progress import counted, html_table, short
from skcrosstask._segments import check_segments, refuse_overlap

__all__ = ["HasRows", "Video", "naming", "shown_name"]


class HasRows(Protocol):
    """What gives rows of features: shape (T, D), and arrays of consecutive rows."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of time units and of features, (T, D)."""

    def __getitem__(self, index: slice, /) -> Any:
        """Rows, as NumPy takes them."""


@dataclass(frozen=True, eq=False)
class Video:
    """One video: its features, its task and what is known of its steps.

    Parameters
    ----------
    features : array-like of shape (T, D), path, or None
        ``rate`` rows a second: an array; the path or the URL of a ``.npy`` file or of
        a ``.npz`` file, with the array's name if there are several
        (``"v1.npz:flow"``), opened as a memory map whenever its rows are read; or an
        object with ``shape`` and row slices, such as a data set of h5py or zarr,
        which is read by rows. `FeaturesFirst` turns (D, T) around. Computations are
        in float32. None for a video file whose features are still to be made.
    task : Task or str, optional
        The task that the video shows. A string is looked up in the mapping that
        is given to ``fit`` or ``predict``.
    windows : array-like of shape (n, 3), optional
        Rows ``step, start, end``: where narration says that a step may happen.
        Steps count from 0; times are in seconds, half-open ``[start, end)``. A step
        without a row is unconstrained. Read by ``fit`` alone.
    annotation : array-like of shape (n, 3), optional
        Rows ``step, start, end`` in seconds: the truth. Read by ``score`` and the
        metrics, never by ``fit``.
    name : str, optional
        Names the video in messages, splits and tables.
    narration : Narration, optional
        What is said, from which `skcrosstask.narration` makes windows. Read by its
        ``NarrationAligner`` alone.
    rate : float, default=1.0
        Rows a second: row t covers the seconds ``[t / rate, (t + 1) / rate)``.
    source : path, optional
        The video file, if there is one.

    Raises
    ------
    TypeError
        If a field has the wrong type.
    ValueError
        If an array has the wrong shape, or segments are not finite, reversed, of
        an impossible step, or overlapping windows of one step. The message names
        the video and the field. Whether features are finite is checked when they
        are read.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask import Task, Video
    >>> latte = Task("latte", ["add coffee", "press coffee", "pour milk"])
    >>> video = Video(np.zeros((60, 8)), latte, windows=[[0, 5, 14]], name="v1")
    >>> video
    Video('v1', (60, 8), task 'latte', 1 window)
    >>> video.shape
    (60, 8)
    >>> video.open().shape
    (60, 8)
    >>> Video(np.zeros((60, 8)), latte, windows=[[0, 14, 5]], name="v1")
    Traceback (most recent call last):
    ...
    ValueError: video 'v1': windows row 0 is reversed or empty: start 14 is not before end 5.
    """  # noqa: E501

    features: Any
    task: Task | str | None = None
    windows: np.ndarray | None = None
    annotation: np.ndarray | None = None
    name: str | None = None
    _: KW_ONLY
    narration: Narration | None = None
    rate: float = 1.0
    source: str | os.PathLike[str] | None = None

    if TYPE_CHECKING:  # more may be passed than what is stored

        def __init__(
            self,
            features: ArrayLike | os.PathLike[str] | FeaturesFirst | HasRows | None,
            task: Task | str | None = None,
            windows: ArrayLike | None = None,
            annotation: ArrayLike | None = None,
            name: str | None = None,
            *,
            narration: Narration | None = None,
            rate: float = 1.0,
            source: str | os.PathLike[str] | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        if self.name is not None and not isinstance(self.name, str):
            raise TypeError(f"video {short(self.name)}: name must be a str.")
        if self.task is not None and not isinstance(self.task, Task | str):
            raise TypeError(
                f"{self}: task must be a Task or a task's name, got {short(self.task)}."
            )
        if self.narration is not None and not isinstance(self.narration, Narration):
            raise TypeError(
                f"{self}: narration must be a Narration, got {short(self.narration)}."
            )
        if self.source is not None and not isinstance(self.source, str | os.PathLike):
            raise TypeError(f"{self}: source must be a path, got {short(self.source)}.")
        object.__setattr__(self, "rate", _check_rate(self.rate, self))
        if self.features is None:
            if self.source is None:
                raise ValueError(f"{self}: needs features or a source, got neither.")
        else:
            kept = keep_features(self.features, str(self))
            object.__setattr__(self, "features", kept)
        for field in ("windows", "annotation"):
            segments = getattr(self, field)
            if segments is not None:
                n_steps = len(self.task.steps) if isinstance(self.task, Task) else None
                segments = check_segments(segments, f"{self}: {field}", n_steps)
                object.__setattr__(self, field, segments)
        if self.windows is not None:
            refuse_overlap(self.windows, f"{self}: windows")

    def __repr__(self) -> str:
        parts = [] if self.name is None else [repr(self.name)]
        if self.features is None:
            assert self.source is not None
            parts.append(f"source {os.fspath(self.source)!r}")
        elif isinstance(self.features, str | os.PathLike):
            parts.append(repr(os.fspath(self.features)))
        elif isinstance(self.features, FeaturesFirst):
            parts.append(f"{self.features}, features first")
        else:
            parts.append(str(tuple(self.features.shape)))
        if self.task is not None:
            parts.append(f"task {getattr(self.task, 'name', self.task)!r}")
        if self.windows is not None:
            parts.append(counted(len(self.windows), "window"))
        if self.annotation is not None:
            parts.append(counted(len(self.annotation), "segment"))
        if self.rate != 1:
            parts.append(f"{self.rate:g} rows a second")
        if self.narration is not None:
            parts.append(counted(len(self.narration.words), "word"))
        return f"Video({', '.join(parts)})"

    def _repr_html_(self) -> str:
        title, _, rest = str(self).partition(" ")
        rows = "row" if self.rate == 1 else "rows"
        known = {"rate": f"{self.rate:g} {rows} a second"}
        for field in ("task", "features", "source", "windows", "annotation"):
            value = getattr(self, field)
            if field in ("windows", "annotation") and value is not None:
                known[field] = counted(len(value), "segment")
            elif hasattr(value, "shape"):
                known[field] = " × ".join(map(str, value.shape))
            elif value is not None:
                known[field] = str(getattr(value, "name", value))
        if self.narration is not None:
            known["narration"] = repr(self.narration)
        return html_table(f"{title.capitalize()} {rest}", (), known.items())

    def __str__(self) -> str:
        if self.name is not None:
            return f"video {short(self.name)}"
        stem = _file_stem(self)
        return "video (unnamed)" if stem is None else f"video {short(stem)}"

    def open(self) -> np.ndarray | Rows:
        """Features as an array; a memory map or a reader of rows where they are stored.

        Returns
        -------
        ndarray or Rows of shape (T, D)
            Real numbers. What is not an array gives arrays for an index, a slice or an
            array of indices. Whether the values are finite is checked where rows are
            read.

        Raises
        ------
        FileNotFoundError
            If the file is missing.
        ImportError
            If it is a URL, and fsspec is not installed.
        ValueError
            If there are no features, or they are not a two-dimensional array of
            numbers.
        """
        if self.features is None:
            raise ValueError(
                f"{self}: has no features; make them with frames.FrameFeatures."
            )
        return open_features(self.features, str(self))

    @property
    def shape(self) -> tuple[int, int]:
        """Number of time units and of features, (T, D)."""
        n_units, n_features = self.open().shape
        return n_units, n_features


def shown_name(video: Video, i: int) -> str:
    """Name of a video wherever a name is needed: in tables, files and pages.

    Parameters
    ----------
    video : Video
        The video.
    i : int
        Its index among the others.

    Returns
    -------
    str
        Its own name, or that of its file of features or its video file, or its index.

    Examples
    --------
    >>> shown_name(Video("features/v1.npy"), 0), shown_name(Video([[0.0]]), 3)
    ('v1', '#3')
    """
    if video.name is not None:
        return video.name
    stem = _file_stem(video)
    return f"#{i}" if stem is None else stem


def _file_stem(video: Video) -> str | None:
    features = video.features
    if isinstance(features, FeaturesFirst):
        features = features.features
    for path in (features, video.source):
        if isinstance(path, str | os.PathLike):
            return Path(path).stem
    return None


@contextmanager
def naming(video: Video) -> Iterator[None]:
    """Put the video's name before the message of a ValueError.

    Parameters
    ----------
    video : Video
        What the lines within are about.
    """
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{video}: {error}") from None


def _check_rate(rate: float, video: Video) -> float:
    if isinstance(rate, bool) or not isinstance(rate, Real):
        raise TypeError(f"{video}: rate must be a number, got {short(rate)}.")
    if not (np.isfinite(rate) and rate > 0):
        raise ValueError(f"{video}: rate must be above 0 rows a second, got {rate}.")
    return float(rate)
