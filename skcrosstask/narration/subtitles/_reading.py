"""Subtitles and transcripts as words with times."""

from __future__ import annotations

import os
import warnings
from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING

from skcrosstask._data import Narration
from skcrosstask.narration._packed import unpacked_name
from skcrosstask.narration.subtitles._cues import Cue
from skcrosstask.narration.subtitles._decoding import (
    open_text,
    read_beginning,
    read_text,
)
from skcrosstask.narration.subtitles._formats import FORMATS, format_name
from skcrosstask.narration.subtitles._spoken import narration_of

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["read_narration", "read_narrations"]


def read_narration(
    path: PathLike,
    *,
    format: str | None = None,
    encoding: str = "utf-8",
    strict: bool = False,
) -> Narration:
    """Read what is said in one video.

    WebVTT and SRT subtitles, YouTube's automatic captions among them, and its XML
    (srv1 to srv3), json3 and SBV; ASS, SSA, SAMI, MicroDVD, SubViewer and TTML; LRC;
    Praat's TextGrids; tables of start, end and text; and the JSON of Whisper, WhisperX,
    whisper.cpp, the pipelines of Hugging Face, and HowTo100M. All may be compressed
    (``.gz``, ``.bz2``, ``.xz``).

    A text's time is shared among its words by their letters, unless each word has its
    own time. Texts out of order are sorted by start. Where texts overlap, the earlier
    ends as the later starts. A text that is there twice, or stays on the screen as the
    next appears, is read once. Mark-up, sounds in square brackets and speakers are left
    out; all else stays as written. Words are what spaces separate: write Chinese, say,
    with spaces between words.

    Parameters
    ----------
    path : path
        The file. Tables have the columns ``start`` and ``text`` and may have ``end``
        or ``duration``, in seconds or as ``hh:mm:ss.fff`` (or ``start_ms`` and so on,
        in milliseconds); without names of columns, rows are ``start, text`` or
        ``start, end, text``. JSON holds a list of such rows, as objects or lists, or
        an object with ``segments`` (Whisper), ``transcription`` (whisper.cpp),
        ``chunks`` (Hugging Face) or ``events`` (YouTube); words without times among
        timed ones take the room between them. Of a TextGrid, tiers of words are read,
        else all but those of phones. MicroDVD needs its frame rate in the first line,
        ``{1}{1}25``. Whisper's own .tsv is known
        by its header, ``start``, ``end``, ``text``, above whole numbers alone: these
        are milliseconds. Name the columns ``start_seconds`` and ``end_seconds`` where
        they are seconds. Without ends, a text lasts until the next.
    format : str, optional
        One of "vtt", "srt", "csv", "tsv", "json", "json3", "srv1", "srv2", "srv3",
        "xml", "ttml", "dfxp", "ass", "ssa", "sub", "smi", "sami", "sbv", "lrc" and
        "textgrid". By default, the suffix of the file's name.
    encoding : str, default="utf-8"
        The file's encoding, with or without a byte order mark. What is not UTF-8 is
        taken for Western European, with a warning.
    strict : bool, default=False
        Whether to refuse what is broken in a way that can be mended: captions without
        an empty line or a number before them, times written otherwise than the format
        has them, ``-->`` within a text, times that end before they start, a text whose
        times cannot be read (it is left out), an unknown encoding. By default a warning
        names the first such line.

    Returns
    -------
    Narration
        Words with times; without a word where only sounds are given.

    Raises
    ------
    ImportError
        If a subtitle file is read without the extra ``subtitles``.
    FileNotFoundError, IsADirectoryError
        If there is no such file, or it is a folder.
    ValueError
        If the format is unknown, the file is empty or broken, or holds several
        videos. The message names the file and the line.

    See Also
    --------
    read_narrations : The same for a table of several videos.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skcrosstask.narration import read_narration
    >>> path = Path(tempfile.mkdtemp()) / "speech.csv"
    >>> _ = path.write_text("start,text\\n2,pour milk\\n6,[Music]\\n7.5,stir\\n")
    >>> speech = read_narration(path)
    >>> speech.words
    ('pour', 'milk', 'stir')
    >>> speech.times
    array([[2. , 4. ],
           [4. , 6. ],
           [7.5, 7.9]])
    """
    cues = _read_cues(path, format, encoding, strict)
    videos = sorted({cue.video for cue in cues})
    if len(videos) > 1:
        raise ValueError(
            f"{os.fspath(path)}: holds {len(videos)} videos, such as {videos[0]!r}; "
            "use read_narrations."
        )
    return narration_of(cues)


def read_narrations(
    path: PathLike,
    *,
    videos: Container[str] | None = None,
    format: str | None = None,
    encoding: str = "utf-8",
    strict: bool = False,
) -> dict[str, Narration]:
    """Read what is said in the videos of one table.

    Parameters
    ----------
    path : path
        A table as for `read_narration`, with a column ``video``, ``video_id`` or
        ``name``; or a JSON object as HowTo100M's ``raw_caption.json``, in which each
        video has lists ``start``, ``end`` and ``text``. Of the latter, one video is
        held in memory at a time.
    videos : container of str, optional
        Names of the videos to read. By default, all are.
    format : str, optional
        See `read_narration`. By default, the suffix of the file's name.
    encoding : str, default="utf-8"
        The file's encoding.
    strict : bool, default=False
        Whether to refuse what can be mended; see `read_narration`.

    Returns
    -------
    dict of str to Narration
        By name of the video, in order of appearance. A file without names gives one
        narration, under the file's name without its suffix.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, ValueError
        See `read_narration`.

    See Also
    --------
    read_narration : The same for one video.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skcrosstask.narration import read_narrations
    >>> path = Path(tempfile.mkdtemp()) / "speech.csv"
    >>> _ = path.write_text("video,start,text\\nv1,2,pour milk\\nv2,7,stir\\n")
    >>> {name: speech.words for name, speech in read_narrations(path).items()}
    {'v1': ('pour', 'milk'), 'v2': ('stir',)}
    """
    cues: dict[str, list[Cue]] = {}
    for cue in _read_cues(path, format, encoding, strict, videos):
        name = cue.video or unpacked_name(path).stem
        if videos is None or name in videos:
            cues.setdefault(name, []).append(cue)
    return {video: narration_of(group) for video, group in cues.items()}


def _read_cues(
    path: PathLike,
    format: str | None,
    encoding: str,
    strict: bool,
    videos: Container[str] | None = None,
) -> list[Cue]:
    name = os.fspath(path)
    if Path(path).is_dir():
        raise IsADirectoryError(f"{name}: is a folder; one file was expected.")
    if not Path(path).exists():
        raise FileNotFoundError(f"{name}: there is no such file or folder.")
    if format is None:
        format = format_name(Path(path))
    if format not in FORMATS:
        raise ValueError(
            f"{name}: format {format!r:.40} is unknown; known are {', '.join(FORMATS)}."
        )
    read, kind = [], FORMATS[format]
    beginning = read_beginning(path, encoding)
    if kind.stream is not None and kind.holds_many(beginning):
        with open_text(path, name, encoding) as file:
            read = list(kind.stream(file, name, videos))
    else:
        text, flaws = read_text(path, name, encoding)
        if not text.strip():
            raise ValueError(f"{name}: the file is empty.")
        read = flaws + kind.read(text, name)
    cues = [cue for cue in read if cue.text or not cue.flaw]
    _report([cue for cue in read if cue.flaw], name, strict or not cues)
    if not cues and videos is None:
        raise ValueError(f"{name}: no text with a time in it.")
    for cue in cues:
        cue.check(name)
    return cues


def _report(flaws: list[Cue], name: str, strict: bool) -> None:
    """Warn of the first of what was mended, or refuse it."""
    if not flaws:
        return
    first = f"{name}, {flaws[0].place}: {flaws[0].flaw:.150}"
    if strict:
        raise ValueError(f"{first}.")
    more = f" ({len(flaws) - 1} more such places)" if len(flaws) > 1 else ""
    warnings.warn(f"{first}{more}; strict=True refuses it.", stacklevel=4)
