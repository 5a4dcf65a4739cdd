"""Subtitles and transcripts as words with times."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from html import unescape
from itertools import pairwise
from pathlib import Path

import numpy as np

from skcrosstask._data import Narration
from skcrosstask._input import PathLike
from skcrosstask.narration.subtitles._cues import Cue
from skcrosstask.narration.subtitles._formats import FORMATS

__all__ = ["read_narration", "read_narrations"]

# Longer marks first: UTF-32's begins with UTF-16's.
_MARKS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
# For a last sentence that has no end: 150 words per minute.
_SECONDS_PER_WORD = 0.4

_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<[\d:.]+>|\{\\[^{}]*\}")
_SOUNDS = re.compile(r"\[[^\[\]]*\]|【[^【】]*】|[♪♫]+")
# Joiners between words, and marks of direction.
_UNSEEN = re.compile(r"[\u00ad\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ALL_SOUND = re.compile(r"\s*[-–—]?\s*[(（][^()（）]*[)）]\s*")
# ">> ", "- " and names in capitals such as "MARY ANN: ".
_SPEAKER = re.compile(
    r"\s*(?:(?:>>+|[-–—](?=\s))\s*)*"
    r"(?:[A-Z][A-Z0-9.'’-]*[A-Z0-9.](?: [A-Z0-9.'’-]+)*:\s)?"
)


def read_narration(
    path: PathLike, *, format: str | None = None, encoding: str = "utf-8"
) -> Narration:
    """Read what is said in one video.

    WebVTT and SRT subtitles, YouTube's automatic captions among them; tables of
    start, end and text; and the JSON of Whisper, whisper.cpp, the pipelines of Hugging
    Face, and YouTube (json3). A text's time is shared among its words by their letters,
    unless each word has its own time. Texts out of order are sorted by start. Where
    texts overlap, the earlier ends as the later starts. Mark-up, sounds in square
    brackets and speakers are left out; all else stays as written.
    Words are what spaces separate: write Chinese, say, with spaces between words.

    Parameters
    ----------
    path : path
        The file. Tables have the columns ``start`` and ``text`` and may have ``end``
        or ``duration``, in seconds or as ``hh:mm:ss.fff`` (or ``start_ms`` and so on,
        in milliseconds); without names of columns, rows are ``start, text`` or
        ``start, end, text``. JSON holds a list of such rows, as objects or lists, or
        an object with ``segments`` (Whisper), ``transcription`` (whisper.cpp),
        ``chunks`` (Hugging Face) or ``events`` (YouTube). Whisper's own .tsv is known
        by its header, ``start``, ``end``, ``text``, above whole numbers alone: these
        are milliseconds. Name the columns ``start_seconds`` and ``end_seconds`` where
        they are seconds. Without ends, a text lasts until the next.
    format : {"vtt", "srt", "csv", "tsv", "json", "json3"}, optional
        By default, the suffix of the file's name.
    encoding : str, default="utf-8"
        The file's encoding, with or without a byte order mark.

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
    cues = _read_cues(path, format, encoding)
    videos = sorted({cue.video for cue in cues})
    if len(videos) > 1:
        raise ValueError(
            f"{os.fspath(path)}: holds {len(videos)} videos, such as {videos[0]!r}; "
            "use read_narrations."
        )
    return narration_of(cues)


def read_narrations(
    path: PathLike, *, format: str | None = None, encoding: str = "utf-8"
) -> dict[str, Narration]:
    """Read what is said in the videos of one table.

    Parameters
    ----------
    path : path
        A table as for `read_narration`, with a column ``video``, ``video_id`` or
        ``name``.
    format : {"vtt", "srt", "csv", "tsv", "json", "json3"}, optional
        By default, the suffix of the file's name.
    encoding : str, default="utf-8"
        The file's encoding.

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
    for cue in _read_cues(path, format, encoding):
        cues.setdefault(cue.video or Path(path).stem, []).append(cue)
    return {video: narration_of(group) for video, group in cues.items()}


def narration_of(cues: Iterable[Cue]) -> Narration:
    """Words with times from texts with times."""
    words: list[str] = []
    times: list[tuple[float, float]] = []
    for start, end, text in _in_order(list(cues)):
        said = clean(text).split()
        edges = _share(start, end, [len(word) for word in said])
        words += said
        times += pairwise(edges)
    return Narration(words, np.array(times).reshape(-1, 2))


def clean(text: str) -> str:
    """The spoken words, without mark-up, sounds and speakers."""
    text = _UNSEEN.sub("", unescape(_MARKUP.sub("", text)))
    lines = []
    # YouTube separates some lines by zero-width spaces.
    for line in text.replace("\u200b", " ").splitlines():
        line = _SOUNDS.sub(" ", line)
        if not _ALL_SOUND.fullmatch(line):
            lines.append(_SPEAKER.sub("", line, count=1))
    return " ".join(" ".join(lines).split())


def _in_order(cues: list[Cue]) -> list[tuple[float, float, str]]:
    """Starts, ends and texts, ascending and apart; missing ends filled in."""
    groups: list[list[Cue]] = []
    for cue in sorted(cues, key=lambda cue: cue.start):
        if groups and cue.start == groups[-1][0].start:
            groups[-1].append(cue)
        else:
            groups.append([cue])
    starts = [group[0].start for group in groups] + [np.inf]
    texts = ["\n".join(cue.text for cue in group) for group in groups]
    spans = []
    for group, text, (start, following) in zip(
        groups, texts, pairwise(starts), strict=True
    ):
        ends = [cue.end for cue in group if cue.end is not None]
        # A text without an end, or one that is still shown, ends with the next.
        end = min(max(ends) if len(ends) == len(group) else np.inf, following)
        if not np.isfinite(end):
            end = start + _SECONDS_PER_WORD * len(clean(text).split())
        spans.append((start, end, text))
    return spans


def _share(start: float, end: float, sizes: list[int]) -> list[float]:
    if not sizes:
        return [start]
    shares = np.cumsum([0, *sizes]) / sum(sizes)
    edges = start + (end - start) * shares
    # Rounding must neither pass the end nor turn two edges round.
    edges[-1] = end
    return np.maximum.accumulate(np.minimum(edges, end)).tolist()


def _read_cues(path: PathLike, format: str | None, encoding: str) -> list[Cue]:
    name = os.fspath(path)
    if Path(path).is_dir():
        raise IsADirectoryError(f"{name}: is a folder; one file was expected.")
    if not Path(path).exists():
        raise FileNotFoundError(f"{name}: there is no such file or folder.")
    if format is None:
        format = Path(path).suffix.lower().removeprefix(".")
    if format not in FORMATS:
        raise ValueError(
            f"{name}: format {format!r} is unknown; known are {', '.join(FORMATS)}."
        )
    text = _decode(Path(path).read_bytes(), name, encoding)
    if not text.strip():
        raise ValueError(f"{name}: the file is empty.")
    cues = FORMATS[format].read(text, name)
    if not cues:
        raise ValueError(f"{name}: no text with a time in it.")
    for cue in cues:
        cue.check(name)
    return cues


def _decode(data: bytes, name: str, encoding: str) -> str:
    marked = (known for mark, known in _MARKS.items() if data.startswith(mark))
    encoding = next(marked, encoding)
    try:
        text = data.decode(encoding)
    except LookupError:
        raise ValueError(f"{name}: encoding {encoding!r} is unknown.") from None
    except UnicodeError as error:
        line = data.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise ValueError(
            f"{name}, line {line}: not {encoding}; give the file's encoding."
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
