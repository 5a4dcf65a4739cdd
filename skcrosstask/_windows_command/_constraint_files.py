"""Windows from subtitles, as the files of the CrossTask release."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.frozen import FrozenEstimator

from skcrosstask._data import Narration, Video
from skcrosstask._files import replacing
from skcrosstask._typing import PathLike
from skcrosstask._windows_command._subtitle_files import Subtitles
from skcrosstask._windows_command._task_files import TaskList
from skcrosstask.narration._aligner import NarrationAligner
from skcrosstask.narration._windows import NarrationMatch
from skcrosstask.narration.text._learned_aggregation import LearnedAggregation
from skcrosstask.narration.text._tfidf import TfidfText, beside_tfidf
from skcrosstask.narration.text._word_vector_text import WordVectorText

__all__ = [
    "Placed",
    "choose_text",
    "format_confidence",
    "other_files",
    "place_windows",
    "spoken_videos",
    "summarize",
    "write_constraints",
]

# Longer than any video: windows of a video of unknown length are not cut.
_ENDLESS = 1 << 40


class Placed(NamedTuple):
    """How what is said in a video matches its task's steps, with their names."""

    task: str
    video: str
    match: NarrationMatch


def choose_text(name: str, vectors: PathLike | None = None) -> Any:
    """Text features by name.

    Parameters
    ----------
    name : str
        "default", "tfidf", or the path of a saved `LearnedAggregation`, which has
        TF-IDF beside it.
    vectors : path, optional
        Word vectors for "default", or for an aggregation that was learnt on them.

    Returns
    -------
    object with ``transform``, or None
        None for the aligner's default.

    Raises
    ------
    ValueError
        If vectors are given where none are used, or a file is not of its kind.
    """
    if name == "tfidf":
        if vectors is not None:
            raise ValueError("--vectors has no use with --text tfidf.")
        return TfidfText()
    if name != "default":
        learned = LearnedAggregation.load(name, vectors=vectors)
        return beside_tfidf(FrozenEstimator(learned))
    if vectors is None:
        return None
    return beside_tfidf(WordVectorText(vectors, pooling="mean"))


def spoken_videos(
    known: TaskList, subtitles: Subtitles
) -> tuple[list[Video], list[str]]:
    """Videos with narration and task, and names of those without subtitles.

    Parameters
    ----------
    known : TaskList
        Tasks and their videos.
    subtitles : Subtitles
        What is said.

    Returns
    -------
    videos : list of Video
        Their features are zeros that take no room; where the length is not known,
        there is no end of them.
    silent : list of str
        Names, each once.

    Raises
    ------
    ValueError
        If no video is left, or a name cannot be that of a file.
    """
    spoken, pairs = subtitles.narrations, known.pairs
    if not spoken and pairs is None:
        raise ValueError("no subtitles can be read.")
    if pairs is None:
        pairs = [(task, name) for task in known.tasks for name in spoken]
    _check_names(pairs)
    videos = [
        _stand_in(known, task, name, spoken[name])
        for task, name in pairs
        if name in spoken
    ]
    if not videos:
        raise ValueError(
            f"no listed video has subtitles that can be read (0 of {len(pairs)})."
        )
    return videos, list(dict.fromkeys(name for _, name in pairs if name not in spoken))


def place_windows(aligner: NarrationAligner, videos: Sequence[Video]) -> list[Placed]:
    """Fit an aligner, and match all videos.

    Parameters
    ----------
    aligner : NarrationAligner
        Fitted here.
    videos : sequence of Video
        As of `spoken_videos`.

    Returns
    -------
    list of Placed
    """
    matches = aligner.fit(videos).match(videos)
    return [
        Placed(getattr(video.task, "name", ""), str(video.name), match)
        for video, match in zip(videos, matches, strict=True)
    ]


def write_constraints(placed: Sequence[Placed], folder: PathLike) -> None:
    """Write a file ``<task>_<video>.csv`` a video, each whole or not at all.

    Parameters
    ----------
    placed : sequence of Placed
        Videos and their windows. One without a window gives an empty file, which
        says that nothing is known.
    folder : path
        Made if it is not there.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for task, video, match in placed:
        rows = [f"{step},{a},{b}\n" for step, a, b in _times(match) if a != b]
        with replacing(folder / _file_name(task, video)) as file:
            file.write("".join(rows).encode())


def other_files(placed: Sequence[Placed], folder: PathLike) -> list[str]:
    """Names of the files of windows in a folder that `write_constraints` would keep.

    Parameters
    ----------
    placed : sequence of Placed
        Videos and their windows.
    folder : path
        May be missing.

    Returns
    -------
    list of str
    """
    written = {_file_name(task, video) for task, video, _ in placed}
    found = sorted(file.name for file in Path(folder).glob("*_*.csv"))
    return [name for name in found if name not in written]


def format_confidence(placed: Sequence[Placed]) -> str:
    """CSV of each step's window and confidence; without times where it has none.

    Parameters
    ----------
    placed : sequence of Placed
        Videos and their windows.

    Returns
    -------
    str
        With the header ``task,video,step,start,end,confidence``.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["task", "video", "step", "start", "end", "confidence"])
    for task, video, match in placed:
        times = {step: (start, end) for step, start, end in _times(match)}
        for step, sure in enumerate(match.confidence, start=1):
            start, end = times.get(step, ("", ""))
            writer.writerow([task, video, step, start, end, f"{sure:.3f}"])
    return out.getvalue()


def summarize(placed: Sequence[Placed], unit: float = 1.0) -> str:
    """Numbers of videos, windows and steps without one, and how long windows are.

    Parameters
    ----------
    placed : sequence of Placed
        Videos and their windows.
    unit : float, default=1.0
        Seconds that a time unit lasts.

    Returns
    -------
    str
    """
    windows = np.vstack([match.windows for *_, match in placed])
    n_steps = sum(len(match.steps) for *_, match in placed)
    text = f"videos: {len(placed)}, windows: {len(windows)}"
    if len(windows):
        text += f" of {unit * np.diff(windows[:, 1:]).mean():.1f} s in the mean"
    return f"{text}, steps without a window: {n_steps - len(windows)} of {n_steps}"


def _times(match: NarrationMatch) -> list[tuple[int, str, str]]:
    """Step from 1, start and end of each window, as written in files."""
    return [(int(k) + 1, f"{a:.2f}", f"{b:.2f}") for k, a, b in match.windows]


def _stand_in(known: TaskList, task: str, name: str, spoken: Narration) -> Video:
    length = known.lengths.get(name, _ENDLESS)
    blank = np.broadcast_to(np.float32(0.0), (length, 1))
    return Video(blank, known.tasks[task], name=name, narration=spoken)


def _file_name(task: str, video: str) -> str:
    return f"{task}_{video}.csv"


def _check_names(pairs: Iterable[tuple[str, str]]) -> None:
    """Refuse files outside the folder, and one file of two videos."""
    written: dict[str, tuple[str, str]] = {}
    for task, video in pairs:
        file = _file_name(task, video)
        if "/" in file or "\\" in file or "\0" in file:
            raise ValueError(
                f"video {video!r} of task {task!r}: no file can be named {file!r}."
            )
        other = written.setdefault(file, (task, video))
        if other != (task, video):
            raise ValueError(
                f"video {video!r} of task {task!r} and video {other[1]!r} of task "
                f"{other[0]!r} have one file name, {file!r}."
            )
