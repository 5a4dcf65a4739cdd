"""Reads, matches and writes, in this order."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from skcrosstask._data import Video
from skcrosstask._files import replacing
from skcrosstask._progress import counted
from skcrosstask._typing import PathLike
from skcrosstask._windows_command._constraint_files import (
    Placed,
    choose_text,
    format_confidence,
    other_files,
    place_windows,
    spoken_videos,
    summarize,
    write_constraints,
)
from skcrosstask._windows_command._subtitle_files import Subtitles, read_subtitles
from skcrosstask._windows_command._task_files import TaskList, read_task_list
from skcrosstask.narration._aligner import NarrationAligner

__all__ = ["make_windows"]


def make_windows(
    subtitles: PathLike,
    tasks: PathLike,
    out: PathLike,
    *,
    videos: PathLike | None = None,
    text: str = "default",
    vectors: PathLike | None = None,
    confidence: PathLike | None = None,
    plot: PathLike | None = None,
    plot_video: str | None = None,
    format: str | None = None,
    encoding: str = "utf-8",
    skip_broken: bool = False,
    verbose: bool = True,
    **parameters: Any,
) -> str:
    """Make windows from subtitles, and write them as the CrossTask release does.

    Nothing is written before all has been read and matched.

    Parameters
    ----------
    subtitles : path
        As of `read_subtitles`.
    tasks, videos : path
        As of `read_task_list`.
    out : path
        Folder for the windows, made if it is not there.
    text, vectors : str, path
        As of `choose_text`.
    confidence : path, optional
        CSV of each step's confidence to write.
    plot : path, optional
        Picture of one video to write.
    plot_video : str, optional
        Which; by default the first.
    format, encoding, skip_broken
        As of `read_subtitles`.
    verbose : bool, default=True
        Whether to print progress, to standard error.
    **parameters : dict
        Of `NarrationAligner`.

    Returns
    -------
    str
        What was made, in one line.

    Warns
    -----
    UserWarning
        Of videos without subtitles, subtitles without a video, broken files, and
        files in ``out`` that are of none of these videos.
    """
    if plot_video is not None and plot is None:
        raise ValueError("--plot-video has no use without --plot.")
    if Path(out).exists() and not Path(out).is_dir():
        raise NotADirectoryError(f"'{out}' is a file, not a folder.")
    features = choose_text(text, vectors)
    aligner = NarrationAligner(features, verbose=int(verbose), **parameters)
    known = read_task_list(tasks, videos)
    wanted = None if known.pairs is None else {name for _, name in known.pairs}
    read = read_subtitles(
        subtitles, wanted, format=format, encoding=encoding, skip_broken=skip_broken
    )
    for error in read.broken:
        warnings.warn(f"left out, broken: {error}", UserWarning, stacklevel=2)
    spoken, silent = spoken_videos(known, read)
    shown = None if plot is None else _choose(spoken, plot_video, Path(plot))
    _warn(known, read, silent)
    if verbose:
        number = counted(len(read.narrations), "video")
        print(f"[skcrosstask] read subtitles of {number}", file=sys.stderr)
    with redirect_stdout(sys.stderr):
        placed = place_windows(aligner, spoken)
    if stay := other_files(placed, out):
        number = counted(len(stay), "file", ("stays", "stay"))
        warnings.warn(
            f"{number} in '{out}' from before, such as {stay[0]!r}.",
            UserWarning,
            stacklevel=2,
        )
    write_constraints(placed, out)
    if confidence is not None:
        with replacing(confidence) as file:
            file.write(format_confidence(placed).encode())
    unit = 1.0 / aligner.units_per_second
    if plot is not None and shown is not None:
        _draw(placed[shown], unit, Path(plot), known)
    return summarize(placed, unit)


def _choose(videos: Sequence[Video], name: str | None, file: Path) -> int:
    """Index of the video to draw, once it is sure that it can be drawn."""
    from skcrosstask.plotting._style import check_matplotlib

    check_matplotlib("--plot")
    from matplotlib.backend_bases import FigureCanvasBase

    known = FigureCanvasBase.get_supported_filetypes()
    if _kind(file) not in known:
        raise ValueError(
            f"--plot: pictures of the kind {_kind(file)!r} cannot be written; known "
            f"are {', '.join(sorted(known))}."
        )
    if name is None:
        return 0
    names = [video.name for video in videos]
    if name not in names:
        raise ValueError(f"--plot-video: no subtitles of a video {name!r} were read.")
    return names.index(name)


def _kind(file: Path) -> str:
    return file.suffix.removeprefix(".").lower()


def _draw(placed: Placed, unit: float, file: Path, known: TaskList) -> None:
    from matplotlib import pyplot

    from skcrosstask.plotting import NarrationDisplay

    length = known.lengths.get(placed.video)
    display = NarrationDisplay(placed.match, n_units=length, name=placed.video)
    display.plot(unit=unit)
    with replacing(file) as picture:
        display.figure_.savefig(picture, format=_kind(file))
    pyplot.close(display.figure_)


def _warn(known: TaskList, read: Subtitles, silent: Sequence[str]) -> None:
    """Say which videos have no subtitles, and the reverse."""
    n_listed = len({name for _, name in known.pairs or ()})
    left_out = [
        (silent, f"of {counted(n_listed, 'video')}", "no subtitles that can be read"),
        (read.unlisted, "of the subtitles", "no listed video"),
    ]
    for names, group, lacking in left_out:
        if names:
            verb = "has" if len(names) == 1 else "have"
            text = f"{len(names)} {group} {verb} {lacking}, such as {names[0]!r}."
            warnings.warn(text, UserWarning, stacklevel=3)
