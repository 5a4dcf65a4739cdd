"""Where the steps are, in seconds: a row a step, and the files it is written to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self, overload

from skcrosstask._progress import counted
from skcrosstask.results._row import StepRow, check_row

if TYPE_CHECKING:
    import pandas as pd

    from skcrosstask._data import Video
    from skcrosstask._input import PathLike

__all__ = ["StepRow", "StepTable"]


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
        checked = tuple(check_row(row, i) for i, row in enumerate(rows))
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
            One column for each field of `StepRow`.

        Raises
        ------
        ImportError
            If pandas is not installed.

        Notes
        -----
        For polars, ``polars.DataFrame(map(StepRow._asdict, table))``.

        Examples
        --------
        >>> from skcrosstask.results import StepTable
        >>> table = StepTable([("v1", "latte", 0, "add coffee", 3.0, 7.5, 5.5)])
        >>> table.to_frame()[["text", "start", "end"]]
                 text  start  end
        0  add coffee    3.0  7.5
        """
        try:
            import pandas as pd
        except ImportError:
            raise ImportError(
                "to_frame needs pandas: python -m pip install pandas."
            ) from None
        columns = list(StepRow._fields)
        frame = pd.DataFrame(list(self._rows), columns=columns)
        return frame.astype(dict.fromkeys(columns[4:], float) | {"step": int})

    def to_csv(self, path: PathLike | None = None) -> str | None:
        """Write CSV: a header, and a line a step; unknown numbers are left empty.

        Parameters
        ----------
        path : path, optional
            File to write, whole or not at all.

        Returns
        -------
        str or None
            The text, if no path is given.

        Notes
        -----
        Steps count from 1, as in the release. Text that a spreadsheet would take for
        a formula has an apostrophe before it, which `read_steps` takes off.
        """
        from skcrosstask.results._csv import table_csv
        from skcrosstask.results._targets import deliver

        return deliver(table_csv(self), path)

    def to_json(self, path: PathLike | None = None) -> str | None:
        """Write JSON: a list of objects, one a step; unknown numbers are null.

        Parameters
        ----------
        path : path, optional
            File to write, whole or not at all.

        Returns
        -------
        str or None
            The text, if no path is given. Steps count from 1.

        Examples
        --------
        >>> from skcrosstask.results import StepTable
        >>> table = StepTable([("v1", "latte", 0, "add coffee", 3.0, 7.5, 5.5)])
        >>> import json
        >>> json.loads(table.to_json())[0]["text"]
        'add coffee'
        """
        from skcrosstask.results._json import table_json
        from skcrosstask.results._targets import deliver

        return deliver(table_json(self), path)

    def to_vtt(self, path: PathLike | None = None) -> str | None:
        """Write WebVTT chapters, which browsers and players show.

        Parameters
        ----------
        path : path, optional
            A file for the one video of the table, or a folder for one file a video,
            which is made if need be. A name with a suffix is a file's.

        Returns
        -------
        str or None
            The text, if no path is given. Steps that are left out are not in it.

        Raises
        ------
        ValueError
            If several videos should go to one file, or ends of segments are unknown.

        Examples
        --------
        >>> from skcrosstask.results import StepTable
        >>> table = StepTable([("v1", "latte", 0, "add coffee", 3.0, 7.5, 5.5)])
        >>> print(table.to_vtt())
        WEBVTT
        <BLANKLINE>
        00:00:03.000 --> 00:00:07.500
        add coffee
        <BLANKLINE>
        """
        from skcrosstask.results._chapters import vtt_text
        from skcrosstask.results._targets import deliver_each

        return deliver_each(self, path, ".vtt", vtt_text)

    def to_ffmetadata(self, path: PathLike | None = None) -> str | None:
        """Write chapters that FFmpeg puts into a video file.

        Parameters
        ----------
        path : path, optional
            A file or a folder, as for `to_vtt`.

        Returns
        -------
        str or None
            The text, if no path is given. Steps that are left out are not in it.

        Raises
        ------
        ValueError
            If several videos should go to one file, or ends of segments are unknown.

        Notes
        -----
        ``ffmpeg -i v.mp4 -i v.ffmeta -map_chapters 1 -codec copy out.mp4`` adds the
        chapters of ``v.ffmeta`` to ``v.mp4``.

        Examples
        --------
        >>> from skcrosstask.results import StepTable
        >>> table = StepTable([("v1", "latte", 0, "add coffee", 3.0, 7.5, 5.5)])
        >>> table.to_ffmetadata().splitlines()[0]
        ';FFMETADATA1'
        """
        from skcrosstask.results._chapters import ffmetadata_text
        from skcrosstask.results._targets import deliver_each

        return deliver_each(self, path, ".ffmeta", ffmetadata_text)

    def to_elan(
        self,
        path: PathLike | None = None,
        *,
        videos: Sequence[Video] | None = None,
    ) -> str | None:
        """Write documents of ELAN, the annotation tool.

        Parameters
        ----------
        path : path, optional
            A file or a folder, as for `to_vtt`.
        videos : sequence of Video, optional
            Those of the table, for their files, which ELAN then opens.

        Returns
        -------
        str or None
            The text, if no path is given. Steps that are left out are not in it.

        Raises
        ------
        ValueError
            If several videos should go to one file, or ends of segments are unknown.

        Examples
        --------
        >>> from skcrosstask.results import StepTable
        >>> table = StepTable([("v1", "latte", 0, "add coffee", 3.0, 7.5, 5.5)])
        >>> "add coffee" in table.to_elan()
        True
        """
        from skcrosstask._data import shown_name
        from skcrosstask.results._elan import elan_text
        from skcrosstask.results._targets import deliver_each

        sources = {shown_name(v, i): v.source for i, v in enumerate(videos or ())}
        return deliver_each(
            self, path, ".eaf", lambda part: elan_text(part, sources.get(part[0].video))
        )

    def to_html(
        self,
        path: PathLike | None = None,
        *,
        videos: Sequence[Video] | None = None,
        title: str = "Steps in videos",
    ) -> str | None:
        """Write the viewer: one page that plays the videos beside their steps.

        Parameters
        ----------
        path : path, optional
            File to write.
        videos : sequence of Video, optional
            Those of the table, for their files, windows and annotations.
        title : str, default="Steps in videos"
            What the page is called.

        Returns
        -------
        str or None
            The page, if no path is given.

        Examples
        --------
        >>> from skcrosstask.results import StepTable
        >>> table = StepTable([("v1", "latte", 0, "add coffee", 3.0, 7.5, 5.5)])
        >>> "add coffee" in table.to_html()
        True
        """
        from skcrosstask.results._targets import deliver
        from skcrosstask.results._viewer import viewer_page

        folder = None if path is None else Path(path).parent
        return deliver(viewer_page(self, videos, title=title, folder=folder), path)
