"""Where the steps are, in seconds: a row a step, and the files it is written to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple, Self, overload

from skcrosstask._progress import counted

if TYPE_CHECKING:
    import pandas as pd

    from skcrosstask._data import Video
    from skcrosstask._input import PathLike

__all__ = ["StepRow", "StepTable"]

NAN = float("nan")


class StepRow(NamedTuple):
    """One step in one video.

    Attributes
    ----------
    video : str
        Name of the video.
    task : str
        Name of its task.
    step : int
        The step, counted from 0 as in arrays; files count from 1.
    text : str
        What the task calls the step.
    start, end : float
        The segment ``[start, end)`` in seconds; nan if the step is left out, or its
        ends are unknown.
    time : float
        The best moment in seconds, inside the segment; nan if the step is left out.
    present : float
        Probability that the step is in the video at all; nan if not estimated.
    confidence : float
        Probability that the step is going on at ``time``; nan if not estimated.
    """

    video: str
    task: str
    step: int
    text: str = ""
    start: float = NAN
    end: float = NAN
    time: float = NAN
    present: float = NAN
    confidence: float = NAN


class StepTable(Sequence[StepRow]):
    """Steps of videos in seconds, a row a step; it cannot be changed.

    The estimators' ``locate`` makes it. Two tables are equal if their rows are; nan
    equals nan.

    Parameters
    ----------
    rows : iterable of StepRow or of tuples, default=()
        The rows. Those of one video need not stand together.

    Raises
    ------
    TypeError
        If a name is not a string, a step no integer, or another field no number.
    ValueError
        If a step is negative, a segment is reversed, empty or has one end, a time is
        negative or outside its segment, or a probability is not in [0, 1].

    See Also
    --------
    read_steps : Read a table from a file.

    Examples
    --------
    >>> from skcrosstask.results import StepTable
    >>> table = StepTable([
    ...     ("v1", "latte", 0, "add coffee", 3.0, 7.5, 5.5, 0.97, 0.9),
    ...     ("v1", "latte", 1, "pour milk"),
    ... ])
    >>> table
    StepTable(2 steps, 1 video)
    >>> table[0].text, table[0].end
    ('add coffee', 7.5)
    >>> print(table.to_csv())
    video,task,step,text,start,end,time,present,confidence
    v1,latte,1,add coffee,3.0,7.5,5.5,0.97,0.9
    v1,latte,2,pour milk,,,,,
    """

    __slots__ = ("_rows",)
    _rows: tuple[StepRow, ...]

    def __init__(self, rows: Iterable[StepRow | tuple] = ()) -> None:
        checked = tuple(_check_row(row, i) for i, row in enumerate(rows))
        object.__setattr__(self, "_rows", checked)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a StepTable cannot be changed; make another of its rows.")

    def __reduce__(self) -> tuple:
        return type(self), (self._rows,)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> StepRow: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> StepRow | Self:
        if isinstance(index, slice):
            return type(self)(self._rows[index])
        return self._rows[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StepTable):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        n_videos = counted(len(self.by_video()), "video")
        return f"StepTable({counted(len(self), 'step')}, {n_videos})"

    def _repr_html_(self) -> str:
        from skcrosstask.results._notebook import table_html

        return table_html(self)

    def _key(self) -> tuple:
        return tuple(
            tuple(None if cell != cell else cell for cell in row) for row in self._rows
        )

    def by_video(self) -> dict[tuple[str, str], Self]:
        """One table for each video, in order of appearance.

        Returns
        -------
        dict of (str, str) to StepTable
            By video and task: a video may show two tasks.

        Examples
        --------
        >>> from skcrosstask.results import StepTable
        >>> table = StepTable([("v1", "latte", 0), ("v2", "latte", 0)])
        >>> list(table.by_video())
        [('v1', 'latte'), ('v2', 'latte')]
        """
        parts: dict[tuple[str, str], list[StepRow]] = {}
        for row in self._rows:
            parts.setdefault((row.video, row.task), []).append(row)
        return {key: type(self)(rows) for key, rows in parts.items()}

    def to_frame(self) -> pd.DataFrame:
        """A pandas data frame; its steps count from 0, as in arrays.

        Returns
        -------
        pandas.DataFrame
            One column for each field of `StepRow`. ``polars.from_pandas`` takes it.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise ImportError(
                "to_frame needs pandas: python -m pip install pandas."
            ) from None
        columns = list(StepRow._fields)
        frame = pd.DataFrame(list(self._rows), columns=columns)
        return frame.astype({name: float for name in columns[4:]} | {"step": "int64"})

    def to_html(
        self,
        path: PathLike | None = None,
        *,
        videos: Sequence[Video] | None = None,
    ) -> str | None:
        """Write the viewer: one page that plays the videos beside their steps.

        Parameters
        ----------
        path : path, optional
            File to write.
        videos : sequence of Video, optional
            Those of the table, for their files, windows and annotations.

        Returns
        -------
        str or None
            The page, if no path is given.
        """
        from skcrosstask.results._viewer import viewer_page

        return _deliver(viewer_page(self, videos), path)


def _deliver(text: str, path: PathLike | None) -> str | None:
    """Return a text, or write it whole."""
    if path is None:
        return text
    from skcrosstask._files import refuse_target, replacing

    refuse_target(path)
    with replacing(path) as file:
        file.write(text.encode())
    return None


def _check_row(row: StepRow | tuple, i: int) -> StepRow:
    try:
        video, task, step, text, *numbers = StepRow(*row)
    except TypeError:
        raise TypeError(f"row {i}: expected the fields of a StepRow.") from None
    where = f"row {i}"
    for name, value in (("video", video), ("task", task), ("text", text)):
        if not isinstance(value, str):
            raise TypeError(f"{where}: {name} must be a str, got {value!r:.80}.")
    where = f"row {i}, video {video!r}, step {step!r}"
    try:
        index = step.__index__()
    except AttributeError:
        raise TypeError(f"{where}: step must be an int.") from None
    if index < 0:
        raise ValueError(f"{where}: steps count from 0.")
    for name, value in zip(StepRow._fields[4:], numbers, strict=True):
        if not isinstance(value, Real):
            raise TypeError(f"{where}: {name} must be a number, got {value!r:.80}.")
    checked = StepRow(video, task, index, text, *map(float, numbers))
    if fault := _fault_of(checked):
        raise ValueError(f"{where}: {fault}")
    return checked


def _fault_of(row: StepRow) -> str | None:
    """What is wrong with the numbers of a row, if anything."""
    start, end, time = row.start, row.end, row.time
    for name, value in (("start", start), ("end", end), ("time", time)):
        if math.isinf(value) or value < 0:
            return f"{name} must be seconds from 0, got {value:g}."
    if math.isnan(start) != math.isnan(end):
        return f"start and end must both be there or both be nan: {start:g}, {end:g}."
    if start >= end:
        return f"start {start:g} is not before end {end:g}."
    if time < start or time >= end:
        return f"time {time:g} is outside [{start:g}, {end:g})."
    for name in ("present", "confidence"):
        value = getattr(row, name)
        if value < 0 or value > 1:
            return f"{name} must be a probability from 0 to 1, got {value:g}."
    return None
