"""Tasks, videos and the checks of one video."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._order import Pairs, check_order
from skcrosstask._progress import counted, html_table
from skcrosstask._segments import check_segments, refuse_overlap

__all__ = ["Narration", "Task", "Video", "naming"]

_FLOATS = (np.float16, np.float32, np.float64)


@dataclass(frozen=True)
class Task:
    """A task and the ordered list of its steps.

    Parameters
    ----------
    name : str
        Identifies the task; the averages of the metrics are taken over it.
    steps : iterable of str
        Step descriptions in the order in which they are expected. Stored as a
        tuple. Words are separated by white space.
    title : str, default=""
        A text for people, such as "Make a Latte".
    before : iterable of (int, int), optional
        A partial order, for tasks whose steps may swap places: step i of each pair
        (i, j) comes before step j; steps count from 0. By default the order is that
        of the list; with no pairs, ``()``, there is none. Read by prediction: training
        takes the steps as listed. Stored as a sorted tuple.

    Raises
    ------
    TypeError
        If the name, the title or a step is not a string, or ``before`` does not hold
        pairs of integers.
    ValueError
        If there is no step, if the name or a step is empty, or if ``before`` names an
        unknown step or has a cycle.

    Examples
    --------
    >>> from skcrosstask import Task
    >>> latte = Task("latte", ["add coffee", "press coffee", "pour milk"])
    >>> latte.steps
    ('add coffee', 'press coffee', 'pour milk')
    >>> latte == Task("latte", ("add coffee", "press coffee", "pour milk"))
    True

    Coffee is pressed after it is added; the milk comes in at any time.

    >>> Task("latte", latte.steps, before=[(0, 1)]).before
    ((0, 1),)
    """

    name: str
    steps: tuple[str, ...]
    title: str = ""
    before: Pairs | None = None

    if TYPE_CHECKING:  # more may be passed than what is stored

        def __init__(
            self,
            name: str,
            steps: Iterable[str],
            title: str = "",
            before: Iterable[tuple[int, int]] | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        for field in ("name", "title"):
            if not isinstance(getattr(self, field), str):
                raise TypeError(
                    f"Task: {field} must be a str, got {getattr(self, field)!r}."
                )
        if not self.name.strip():
            raise ValueError("Task: name is empty.")
        if isinstance(self.steps, str) or not isinstance(self.steps, Iterable):
            raise TypeError(
                f"Task {self.name!r}: steps must be a list of str, got {self.steps!r}."
            )
        steps = tuple(self.steps)
        if not steps:
            raise ValueError(f"Task {self.name!r}: steps is empty.")
        for k, step in enumerate(steps):
            if not isinstance(step, str):
                raise TypeError(f"Task {self.name!r}: step {k} is {step!r}, not a str.")
            if not step.strip():
                raise ValueError(f"Task {self.name!r}: step {k} is empty.")
        object.__setattr__(self, "steps", steps)
        if self.before is not None:
            try:
                before = check_order(self.before, len(steps))
            except (TypeError, ValueError) as error:
                raise type(error)(f"Task {self.name!r}: {error}") from None
            object.__setattr__(self, "before", before)

    def __repr__(self) -> str:
        shown = f"name={self.name!r}, steps={self.steps!r}, title={self.title!r}"
        if self.before is not None:
            shown += f", before={self.before!r}"
        return f"Task({shown})"

    def _repr_html_(self) -> str:
        steps = [(str(k), step) for k, step in enumerate(self.steps)]
        return html_table(f"Task {self.title or self.name!r}", ("", "step"), steps)


@dataclass(frozen=True, eq=False)
class Narration:
    """What is said in a video: words with times.

    Parameters
    ----------
    words : iterable of str
        The words, in the order in which they are said. Stored as a tuple.
    times : array-like of shape (n_words, 2)
        Start and end of each word in seconds, half-open ``[start, end)``; starts
        ascending.

    Raises
    ------
    TypeError
        If a word is not a string.
    ValueError
        If words and times differ in number, or times are not finite, negative,
        reversed or not in order.

    Examples
    --------
    >>> from skcrosstask import Narration
    >>> speech = Narration(["pour", "the", "milk"], [[3, 3.4], [3.4, 3.5], [3.5, 4]])
    >>> speech
    Narration(3 words, 3.0 to 4.0 s)
    >>> len(speech.words), speech.times.shape
    (3, (3, 2))
    """

    words: tuple[str, ...]
    times: np.ndarray

    if TYPE_CHECKING:  # more may be passed than what is stored

        def __init__(self, words: Iterable[str], times: ArrayLike) -> None: ...

    def __post_init__(self) -> None:
        if isinstance(self.words, str):
            raise TypeError(f"Narration: words must be a list, got {self.words!r}.")
        words = tuple(self.words)
        for i, word in enumerate(words):
            if not isinstance(word, str):
                raise TypeError(f"Narration: word {i} is {word!r}, not a str.")
        times = np.array(self.times, dtype=np.float64).reshape(-1, 2)
        if len(times) != len(words):
            raise ValueError(f"Narration: {len(words)} words, but {len(times)} times.")
        starts, ends = times.T
        faults = {
            "is not finite": ~np.isfinite(times).all(axis=1),
            "starts before 0": starts < 0,
            "ends before it starts": ends < starts,
            "starts before the word before it": np.diff(starts, prepend=0) < 0,
        }
        for fault, rows in faults.items():
            if rows.any():
                i = int(np.argmax(rows))
                raise ValueError(
                    f"Narration: word {i}, {words[i]!r}, {fault}: {times[i].tolist()}."
                )
        times.flags.writeable = False
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "times", times)

    def __repr__(self) -> str:
        if not self.words:
            return "Narration(0 words)"
        start, end = self.times[0, 0], self.times[:, 1].max()
        words = counted(len(self.words), "word")
        return f"Narration({words}, {start:.1f} to {end:.1f} s)"


@dataclass(frozen=True, eq=False)
class Video:
    """One video: its features, its task and what is known of its steps.

    Parameters
    ----------
    features : array-like of shape (T, D), path, or None
        ``rate`` rows a second, or the path of a ``.npy`` file, which is opened as a
        memory map whenever its rows are read. Computations are in float32. None for
        a video file whose features are still to be made.
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
    >>> Video(np.zeros((60, 8)), latte, windows=[[0, 14, 5]], name="v1")
    Traceback (most recent call last):
    ...
    ValueError: video 'v1': windows row 0 is reversed or empty: start 14 is not before end 5.
    """  # noqa: E501

    features: np.ndarray | str | os.PathLike[str] | None
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
            features: ArrayLike | os.PathLike[str] | None,
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
            raise TypeError(f"video {self.name!r}: name must be a str.")
        if self.task is not None and not isinstance(self.task, Task | str):
            raise TypeError(
                f"{self}: task must be a Task or a task's name, got {self.task!r}."
            )
        if self.narration is not None and not isinstance(self.narration, Narration):
            raise TypeError(
                f"{self}: narration must be a Narration, got {self.narration!r}."
            )
        if self.source is not None and not isinstance(self.source, str | os.PathLike):
            raise TypeError(f"{self}: source must be a path, got {self.source!r}.")
        object.__setattr__(self, "rate", _check_rate(self.rate, self))
        if self.features is None:
            if self.source is None:
                raise ValueError(f"{self}: needs features or a source, got neither.")
        elif not isinstance(self.features, str | os.PathLike):
            object.__setattr__(self, "features", _check_features(self.features, self))
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
        else:
            parts.append(str(self.features.shape))
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
            if isinstance(value, np.ndarray):
                shape = " × ".join(map(str, value.shape))
                segments = counted(len(value), "segment")
                known[field] = shape if field == "features" else segments
            elif value is not None:
                known[field] = str(getattr(value, "name", value))
        if self.narration is not None:
            known["narration"] = repr(self.narration)
        return html_table(f"{title.capitalize()} {rest}", (), known.items())

    def __str__(self) -> str:
        if self.name is not None:
            return f"video {self.name!r}"
        for path in (self.features, self.source):
            if isinstance(path, str | os.PathLike):
                return f"video {Path(path).stem!r}"
        return "video (unnamed)"

    def open(self) -> np.ndarray:
        """Features as an array; a memory map when they are a file.

        Returns
        -------
        ndarray of shape (T, D)
            float16, float32 or float64. Whether the values are finite is checked
            where rows are read.

        Raises
        ------
        FileNotFoundError
            If the file is missing.
        ValueError
            If there are no features, or the file is not a two-dimensional ``.npy``
            array of numbers.
        """
        if self.features is None:
            raise ValueError(
                f"{self}: has no features; make them with frames.FrameFeatures."
            )
        if not isinstance(self.features, str | os.PathLike):
            return self.features
        try:
            features = np.load(self.features, mmap_mode="r", allow_pickle=False)
        except FileNotFoundError:
            raise FileNotFoundError(
                f"{self}: features file {os.fspath(self.features)!r} is missing."
            ) from None
        except (ValueError, EOFError, OSError) as error:
            raise ValueError(
                f"{self}: features file {os.fspath(self.features)!r} is not a .npy "
                f"array: {error}"
            ) from error
        if not isinstance(features, np.ndarray):
            features.close()
            raise ValueError(
                f"{self}: features file {os.fspath(self.features)!r} is not a .npy "
                "array: it is an archive of arrays."
            )
        return _check_features(features, self)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of time units and of features, (T, D)."""
        return self.open().shape


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
        raise TypeError(f"{video}: rate must be a number, got {rate!r}.")
    if not (np.isfinite(rate) and rate > 0):
        raise ValueError(f"{video}: rate must be above 0 rows a second, got {rate}.")
    return float(rate)


def _check_features(features: ArrayLike, video: Video) -> np.ndarray:
    try:
        features = features if isinstance(features, np.ndarray) else np.array(features)
    except ValueError as error:
        raise ValueError(f"{video}: features are not a (T, D) array: {error}") from None
    if features.dtype.kind not in "fiub":
        raise ValueError(
            f"{video}: features must be real numbers, got dtype {features.dtype}."
        )
    if features.ndim != 2:
        raise ValueError(
            f"{video}: features must have shape (T, D), got shape {features.shape}."
        )
    if 0 in features.shape:
        raise ValueError(f"{video}: features are empty, shape {features.shape}.")
    return features if features.dtype in _FLOATS else features.astype(np.float32)
