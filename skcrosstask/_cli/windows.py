"""The command `windows`: subtitles in, the windows of `fit` out."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skcrosstask._cli._selection import out_folder, positive
from skcrosstask._cli._shared import (
    add_command,
    add_n_jobs,
    add_parameters,
    note,
    option,
    parameters,
    picture_format,
    switch,
    whole_number,
)
from skcrosstask._files import refuse_target, replacing
from skcrosstask._progress import counted, say

if TYPE_CHECKING:
    from skcrosstask._data import Video
    from skcrosstask.datasets._constraint_files import Placed
    from skcrosstask.datasets._subtitle_folder import Subtitles
    from skcrosstask.datasets._task_files import TaskList
    from skcrosstask.narration import NarrationAligner

__all__ = ["add_parser", "run"]

_DETAILS = """\
SUBTITLES is a folder with one file per video: <video>.vtt, .srt, .json (of Whisper,
WhisperX, whisper.cpp or Hugging Face), .json3, .srv3 or .sbv (YouTube's), .ass, .ssa,
.sub, .smi, .ttml, .lrc, .TextGrid, .csv or .tsv (Whisper's in milliseconds, others in
seconds), each perhaps with .gz, .bz2 or .xz; names such as <video>.en.vtt and
"Title [<video>].en.vtt" are recognized. Or it is one table with a column "video", the
raw_caption.json of HowTo100M, or one such file, which may be in the folder too. Where a
video has files in several formats, choose with --format.

TASKS is a folder as for fit, one of its tasks_*.txt files, or a JSON object
{"task": ["step", ...], ...}. Which video shows which task is read from videos.csv
beside the tasks, or from --videos; if there is one task only, every video shows it.

Or the only argument is a manifest, as for fit, or its folder, which names subtitles
and tasks; fit finds the windows in the folder constraints beside it.

Writes DIR/<task>_<video>.csv with rows step,start,end in seconds, as read by fit
--constraints DIR. Windows end with the video where features/frame_counts.csv or
frame_counts.csv beside the tasks gives its length.

examples:
  python -m skcrosstask windows subtitles crosstask_release --out constraints
  python -m skcrosstask windows my_videos
  python -m skcrosstask windows subtitles latte.json --out constraints \\
      --padding 1,3 --min-confidence 0.2 --plot latte.png
"""
_PARAMETERS = (
    "window_words stride background padding weak_padding min_length min_confidence "
    "max_silence n_jobs"
)


def add_parser(commands: Any) -> None:
    """Add the command to those of a parser."""
    summary = "make windows from subtitles"
    command = add_command(commands, "windows", summary, _DETAILS, run)
    option(command, "subtitles", "SUBTITLES", "see below, or a manifest")
    option(command, "tasks", "TASKS", "see below; not with a manifest", nargs="?")
    text = "folder to write (default: the manifest's folder constraints)"
    option(command, "--out", "DIR", text)
    option(command, "--videos", "FILE", "CSV of rows task,video (default: videos.csv)")
    text = "suffix of the SUBTITLES to read, such as vtt"
    option(command, "--format", "NAME", text)
    text = "of SUBTITLES (default: %(default)s)"
    option(command, "--encoding", "NAME", text, default="utf-8")
    switch(command, "--strict", "refuse broken SUBTITLES that could be mended")
    switch(command, "--skip-broken", "leave out SUBTITLES that cannot be read")
    text = "text features: default, tfidf, or the .npz file of a LearnedAggregation"
    option(command, "--text", "TEXT", text, default="default")
    text = "word2vec, GloVe or fastText vectors (default: learnt from SUBTITLES)"
    option(command, "--vectors", "FILE", text)
    _add_aligner(command)
    text = "CSV to write: task,video,step,start,end,confidence"
    option(command, "--confidence", "FILE", text)
    option(command, "--plot", "FILE", "picture of one video to write")
    option(command, "--plot-video", "NAME", "which video (default: the first)")
    switch(command, "--quiet", "print only warnings and errors")


def _add_aligner(command: argparse.ArgumentParser) -> None:
    group = add_parameters(command, "windows (defaults: those of NarrationAligner)")
    count = whole_number(1)
    option(group, "--window-words", "N", "words in the sliding window", type=count)
    option(group, "--stride", "N", "words from one window to the next", type=count)
    text = "added before and after; two numbers are joined by a comma"
    option(group, "--padding", "SECONDS", text, type=_seconds)
    text = "added on both sides, more where confidence is low"
    option(group, "--weak-padding", "SECONDS", text, type=float)
    text = "shorter windows are widened to this"
    option(group, "--min-length", "SECONDS", text, type=float)
    text = "how far words must stand out, in standard deviations"
    option(group, "--background", "X", text, type=float)
    text = "steps of lower confidence get no window"
    option(group, "--min-confidence", "P", text, type=float)
    text = "a longer silence separates words"
    option(group, "--max-silence", "SECONDS", text, type=float)
    text = "rows of features a second, where the manifest does not say (default: 1)"
    option(group, "--rate", "X", text, type=positive, default=None)
    # Known of old: windows were counted in rows.
    hidden = argparse.SUPPRESS
    group.add_argument("--units-per-second", default=None, help=hidden)
    add_n_jobs(group)


def run(args: argparse.Namespace) -> int:
    """Read, match and write, in this order."""
    from skcrosstask.datasets._constraint_files import Placed, other_files
    from skcrosstask.datasets._subtitle_folder import spoken_videos

    _refuse_old(args)
    args.out = _out(args)
    _refuse_targets(args)
    _refuse_format(args.format)
    aligner = _make_aligner(args)
    known, read = _read(args)
    for error in read.broken:
        note(f"warning: left out, broken: {error}")
    videos, silent = spoken_videos(known, read)
    shown = None if args.plot is None else _index_to_draw(videos, args)
    _warn_of_unmatched(known, read, silent)
    say(f"read subtitles of {counted(len(read.narrations), 'video')}", not args.quiet)
    matches = aligner.fit(videos).match(videos)
    placed = [Placed.of(v, match) for v, match in zip(videos, matches, strict=True)]
    if others := other_files(placed, args.out):
        stay = counted(len(others), "file", ("stays", "stay"))
        note(f"warning: {stay} in '{args.out}' from before, such as {others[0]!r}.")
    # Only now, so that no mistake leaves half of the files behind.
    _write(placed, args)
    if shown is not None:
        _draw(placed[shown], Path(args.plot), known)
    if not args.quiet:
        print(f"{_summary(placed)}; {args.out}")
    return 0


def _out(args: argparse.Namespace) -> Path:
    if args.tasks is None and args.out is None:
        from skcrosstask.datasets._collections import find_manifest

        manifest = find_manifest(args.subtitles)
        return out_folder(None, manifest and manifest.parent / "constraints")
    return out_folder(args.out, None)


def _refuse_old(args: argparse.Namespace) -> None:
    if args.units_per_second is not None:
        raise ValueError(
            "--units-per-second is gone: windows are in seconds, whatever the rate of "
            "the features."
        )


def _read(args: argparse.Namespace) -> tuple[TaskList, Subtitles]:
    """Tasks and subtitles, of a manifest or of what stands beside each other."""
    from skcrosstask.datasets._manifest_subtitles import manifest_subtitles
    from skcrosstask.datasets._subtitle_folder import read_subtitles
    from skcrosstask.datasets._task_files import read_task_list

    reading = {
        "format": args.format,
        "encoding": args.encoding,
        "strict": args.strict,
        "skip_broken": args.skip_broken,
    }
    if args.tasks is None:
        if args.videos is not None:
            raise ValueError("--videos has no use with a manifest.")
        return manifest_subtitles(args.subtitles, rate=args.rate, **reading)
    if args.rate is not None:
        raise ValueError("--rate is for features of a manifest; subtitles are timed.")
    known = read_task_list(args.tasks, args.videos)
    wanted = None if known.pairs is None else {name for _, name in known.pairs}
    return known, read_subtitles(args.subtitles, wanted, **reading)


def _refuse_targets(args: argparse.Namespace) -> None:
    for path in filter(None, (args.confidence, args.plot)):
        refuse_target(path)
    if args.plot_video is not None and args.plot is None:
        raise ValueError("--plot-video has no use without --plot.")
    if Path(args.out).exists() and not Path(args.out).is_dir():
        raise NotADirectoryError(f"'{args.out}' is a file, not a folder.")


def _refuse_format(name: str | None) -> None:
    from skcrosstask.narration.subtitles._formats import FORMATS

    if name is not None and name not in FORMATS:
        raise ValueError(f"--format must be one of {', '.join(FORMATS)}; got {name!r}.")


def _make_aligner(args: argparse.Namespace) -> NarrationAligner:
    from skcrosstask.narration import NarrationAligner

    given = parameters(args, _PARAMETERS)
    aligner = NarrationAligner(verbose=int(not args.quiet), **given)
    # fit checks too, but only after everything has been read.
    aligner._validate_params()
    return aligner.set_params(text=_make_text(args.text, args.vectors))


def _make_text(name: str, vectors: str | None) -> Any:
    """Text features by name, or from a file; None for the aligner's default."""
    from sklearn.frozen import FrozenEstimator

    from skcrosstask.narration import LearnedAggregation, TfidfText, WordVectorText
    from skcrosstask.narration.text._tfidf import beside_tfidf

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


def _index_to_draw(videos: Sequence[Video], args: argparse.Namespace) -> int:
    """Index of the video to draw, once it is certain that it can be drawn."""
    picture_format(args.plot, "--plot")
    if args.plot_video is None:
        return 0
    names = [video.name for video in videos]
    if args.plot_video not in names:
        raise ValueError(f"--plot-video: no subtitles of video {args.plot_video!r}.")
    return names.index(args.plot_video)


def _warn_of_unmatched(known: TaskList, read: Subtitles, silent: Sequence[str]) -> None:
    """Say which videos have no subtitles, and the reverse."""
    n_listed = len({name for _, name in known.pairs or ()})
    for names, group, lacking in [
        (silent, f"of {counted(n_listed, 'video')}", "no subtitles that can be read"),
        (read.unlisted, "of the subtitles", "no listed video"),
    ]:
        if names:
            verb = "has" if len(names) == 1 else "have"
            first = f"such as {names[0]!r}"
            note(f"warning: {len(names)} {group} {verb} {lacking}, {first}.")


def _write(placed: Sequence[Placed], args: argparse.Namespace) -> None:
    from skcrosstask.datasets._constraint_files import (
        format_confidence,
        write_constraints,
    )

    write_constraints(placed, args.out)
    if args.confidence is not None:
        with replacing(args.confidence) as file:
            file.write(format_confidence(placed).encode())


def _draw(placed: Placed, file: Path, known: TaskList) -> None:
    from matplotlib import pyplot

    from skcrosstask.plotting import NarrationDisplay

    length = known.lengths.get(placed.video)
    display = NarrationDisplay(placed.match, duration=length, name=placed.video)
    display.plot()
    with replacing(file) as picture:
        display.figure_.savefig(picture, format=picture_format(str(file), "--plot"))
    pyplot.close(display.figure_)


def _summary(placed: Sequence[Placed]) -> str:
    """How many windows there are, of which length, and how many steps have none."""
    rows = [row for *_, match in placed for row in match.windows]
    n_steps = sum(len(match.steps) for *_, match in placed)
    text = f"videos: {len(placed)}, windows: {len(rows)}"
    if rows:
        mean = math.fsum(end - start for _, start, end in rows) / len(rows)
        text += f" of {mean:.1f} s on average"
    return f"{text}, steps without a window: {n_steps - len(rows)} of {n_steps}"


def _seconds(text: str) -> float | list[float]:
    try:
        parts = [float(part) for part in text.split(",")]
    except ValueError:
        parts = []
    if len(parts) not in (1, 2) or not all(map(math.isfinite, parts)):
        raise argparse.ArgumentTypeError(
            f"must be seconds, or two of them joined by a comma, got {text!r}."
        )
    return parts[0] if len(parts) == 1 else parts
