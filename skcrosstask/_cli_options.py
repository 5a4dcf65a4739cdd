"""What the commands take, and their help."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Any

from skcrosstask._version import __version__

__all__ = ["PROG", "make_parser"]

PROG = "skcrosstask"
# As `skcrosstask.experiments.EXPERIMENTS`, whose import takes its time.
_EXPERIMENTS = (
    "table1", "table2", "table3", "figure4", "figure5", "figure6", "figure7", "map",
    "windows-ablation", "five-tasks", "sharing-map",
)  # fmt: skip
_EXAMPLES = """\
examples:
  python -m skcrosstask demo
  python -m skcrosstask windows subtitles crosstask_release --out constraints
  python -m skcrosstask fit crosstask_release --out model.skct \\
      --features crosstask_features --constraints crosstask_constraints \\
      --tasks primary --n-train 30
  python -m skcrosstask predict model.skct crosstask_release --out times.csv \\
      --features crosstask_features --tasks primary --n-train 30
  python -m skcrosstask evaluate times.csv crosstask_release

COMMAND -h tells what a command takes.
"""
_DATA = """\
DATA is a folder laid out as the CrossTask release. It holds

  tasks_primary.txt     a block of five lines for each task, and a blank line after it:
                        id, title, URL, number of steps, and the steps joined by
                        commas
  videos.csv            rows task id,video,URL, without a header
  features/<video>.npy  an array with a row a second; videos without are left out

and may hold tasks_related.txt (tasks that only help), videos_val.csv, and
constraints/<task id>_<video>.csv and annotations/<task id>_<video>.csv: rows
step,start,end, steps from 1, times in seconds.
"""
_FIT = f"""{_DATA}
Ctrl-C ends the learning early; what was learnt by then is saved.

example:
  python -m skcrosstask fit crosstask_release --out model.skct --tasks primary
"""
_PREDICT = f"""{_DATA}
The CSV file has the header task,video,step,time. Steps count from 1; times are
seconds, the rows of the features; -1 stands for a step that was left out.

--n-train predicts the videos on which fit did not train, if fit was given the
same --tasks, --n-train, --seed and --exclude-validation.

example:
  python -m skcrosstask predict model.skct crosstask_release --out times.csv
"""
_EVALUATE = """\
Prints step recall: per task, the share of annotated steps whose predicted second
lies in one of their segments; then the mean over tasks. Beside it, the recall of
evenly spread steps in the same videos, where their lengths are known, from the
features or from DATA/frame_counts.csv. Videos without annotation are left out.

example:
  python -m skcrosstask evaluate times.csv crosstask_release --json recall.json
"""
_WINDOWS = """\
SUBTITLES is a folder with a file a video: <video>.vtt, .srt, .json (of Whisper,
whisper.cpp or Hugging Face), .json3 (YouTube's), .csv or .tsv (Whisper's in
milliseconds, others in seconds); names such as <video>.en.vtt and
"Title [<video>].en.vtt" do too. Or it is one table with a column "video", or one such
file. Where a video has files of several formats, choose by --format.

TASKS is a folder as of fit, a tasks_*.txt file of it, or a JSON object
{"task": ["step", ...], ...}. Whose video is whose is read from videos.csv beside the
tasks, or from --videos; of one task alone, all subtitles are.

Writes DIR/<task>_<video>.csv with rows step,start,end, as fit --constraints DIR reads
them. Windows end with the video where features/frame_counts.csv or frame_counts.csv
beside the tasks tells its length.

examples:
  python -m skcrosstask windows subtitles crosstask_release --out constraints
  python -m skcrosstask windows subtitles latte.json --out constraints \\
      --padding 1,3 --min-confidence 0.2 --plot latte.png
"""
_REPRODUCE = """\
DATA is the folder of the CrossTask release, or one that holds it as
crosstask_release (and instruction_videos_5tasks, for five-tasks). Without features
in it, features and windows are simulated on the real timelines, and every file says
so: such figures compare rows with each other, not with the paper.

Writes EXPERIMENT.csv, .md and .png, and prints the Markdown; progress goes to
standard error. A run that was stopped, or killed, goes on where it was when it is
started again; experiments share their fits through DIR/cells.

example:
  python -m skcrosstask reproduce table2 --data crosstask_release --splits 3 \\
      --jobs 2 --out results
"""
_DEMO = """\
example:
  python -m skcrosstask demo --out timeline.png
"""


def make_parser() -> argparse.ArgumentParser:
    """Parser of all commands; the chosen one is in ``command``.

    Returns
    -------
    argparse.ArgumentParser
    """
    parser = argparse.ArgumentParser(
        prog=PROG,
        description="Find when each step of a task happens in how-to videos.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"{PROG} {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary, epilog, add in [
        ("demo", "learn from generated videos, and show it", _DEMO, _add_demo),
        ("fit", "learn from the videos of a folder", _FIT, _add_fit),
        ("predict", "place the steps in a folder's videos", _PREDICT, _add_predict),
        ("evaluate", "compare placed steps with the truth", _EVALUATE, _add_evaluate),
        ("windows", "make windows from subtitles", _WINDOWS, _add_windows),
        ("reproduce", "run a table or figure of the paper", _REPRODUCE, _add_reproduce),
    ]:
        command = commands.add_parser(
            name,
            help=summary,
            description=f"{summary.capitalize()}.",
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        add(command)
    return parser


def _add_demo(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--out", default="timeline.png", metavar="FILE",
        help="picture to write (default: %(default)s)",
    )  # fmt: skip
    command.add_argument(
        "--seed", type=int, default=0, help="decides videos and fit (default: 0)"
    )


def _add_fit(command: argparse.ArgumentParser) -> None:
    command.add_argument("data", metavar="DATA", help="folder, see below")
    command.add_argument("--out", required=True, metavar="MODEL", help="file to write")
    _add_selection(command)
    command.add_argument(
        "--constraints", metavar="DIR",
        help="folder of the windows from narration (default: DATA/constraints)",
    )  # fmt: skip
    # What is not given is not set, so that defaults stand in one place alone.
    learning = command.add_argument_group(
        "learning, by default as the estimator does it",
        argument_default=argparse.SUPPRESS,
    )
    learning.add_argument(
        "--sharing", choices=["words", "task_words", "steps", "none"],
        help="what steps share",
    )  # fmt: skip
    learning.add_argument(
        "--no-windows", dest="use_windows", action="store_false",
        default=argparse.SUPPRESS, help="do not read windows",
    )  # fmt: skip
    learning.add_argument(
        "--contrast", choices=["steps", "time", "both"],
        help="what the softmax of the loss runs over",
    )  # fmt: skip
    learning.add_argument(
        "--learning-rate", type=_number_or_auto, metavar="RATE",
        help="Adam's step size, or auto",
    )  # fmt: skip
    learning.add_argument(
        "--dropout", type=float, metavar="P", help="probability to drop a feature"
    )
    for name, what in [("init", "of random placements"), ("max", "of alternation")]:
        learning.add_argument(
            f"--{name}-iter", type=int, metavar="N", help=f"epochs {what}"
        )
    _add_n_jobs(learning)
    loudness = command.add_mutually_exclusive_group()
    loudness.add_argument(
        "--verbose", action="store_const", const=1, default=1,
        help="print a line an epoch (default)",
    )  # fmt: skip
    loudness.add_argument(
        "--quiet", dest="verbose", action="store_const", const=0,
        help="print only warnings and errors",
    )  # fmt: skip


def _add_predict(command: argparse.ArgumentParser) -> None:
    command.add_argument("model", metavar="MODEL", help="file that fit wrote")
    command.add_argument("data", metavar="DATA", help="folder, see below")
    command.add_argument(
        "--out", required=True, metavar="FILE", help="CSV to write; - for the screen"
    )
    _add_selection(command)
    _add_n_jobs(command.add_argument_group(argument_default=argparse.SUPPRESS))


def _add_evaluate(command: argparse.ArgumentParser) -> None:
    command.add_argument("predictions", metavar="PREDICTIONS", help="CSV of predict")
    command.add_argument("data", metavar="DATA", help="folder with the annotations")
    _add_features(command)
    command.add_argument("--json", metavar="FILE", help="write the figures there too")


def _add_windows(command: argparse.ArgumentParser) -> None:
    command.add_argument("subtitles", metavar="SUBTITLES", help="see below")
    command.add_argument("tasks", metavar="TASKS", help="see below")
    command.add_argument("--out", required=True, metavar="DIR", help="folder to write")
    command.add_argument(
        "--videos", metavar="FILE", help="CSV of rows task,video (default: videos.csv)"
    )
    command.add_argument(
        "--format", choices=["vtt", "srt", "json", "json3", "csv", "tsv"],
        help="of the files of SUBTITLES to read, where a video has several",
    )  # fmt: skip
    command.add_argument("--encoding", default="utf-8", help="of SUBTITLES")
    command.add_argument(
        "--skip-broken", action="store_true",
        help="leave out files of SUBTITLES that are broken",
    )  # fmt: skip
    _add_text(command)
    _add_aligner(command)
    _add_reports(command)
    command.add_argument(
        "--quiet", action="store_true", help="print only warnings and errors"
    )


def _add_text(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--text", default="default", metavar="TEXT",
        help="what is compared: default, tfidf, or the .npz file of a saved "
        "LearnedAggregation",
    )  # fmt: skip
    command.add_argument(
        "--vectors", metavar="FILE",
        help="word vectors of word2vec, GloVe or fastText (default: learnt from "
        "SUBTITLES)",
    )  # fmt: skip


def _add_aligner(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group(
        "windows, by default as NarrationAligner makes them",
        argument_default=argparse.SUPPRESS,
    )
    group.add_argument(
        "--window-words", type=int, metavar="N", help="words in the sliding window"
    )
    group.add_argument(
        "--stride", type=int, metavar="N", help="words from one window to the next"
    )
    group.add_argument(
        "--padding", type=_seconds, metavar="SECONDS",
        help="to add before and after, or both joined by a comma",
    )  # fmt: skip
    group.add_argument(
        "--weak-padding", type=float, metavar="SECONDS",
        help="to add on both sides, the more the lower the confidence",
    )  # fmt: skip
    group.add_argument(
        "--min-length", type=float, metavar="SECONDS",
        help="to which shorter windows are widened",
    )  # fmt: skip
    group.add_argument(
        "--background", type=float, metavar="X",
        help="how far words must stand out, in standard deviations",
    )  # fmt: skip
    group.add_argument(
        "--min-confidence", type=float, metavar="P",
        help="no windows for steps of lower confidence",
    )  # fmt: skip
    group.add_argument(
        "--max-silence", type=float, metavar="SECONDS",
        help="of silence over which no words are taken together",
    )  # fmt: skip
    group.add_argument(
        "--units-per-second", type=float, metavar="X", help="rows of features a second"
    )
    group.add_argument(
        "--jobs", type=int, dest="n_jobs", metavar="N",
        help="threads; -1 for all processors",
    )  # fmt: skip


def _add_reports(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--confidence", metavar="FILE",
        help="CSV to write: task,video,step,start,end,confidence",
    )  # fmt: skip
    command.add_argument(
        "--plot", metavar="FILE", help="picture to write, of one video"
    )
    command.add_argument(
        "--plot-video", metavar="NAME", help="which (default: the first one)"
    )


def _add_reproduce(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "experiment", choices=_EXPERIMENTS, metavar="EXPERIMENT",
        help=f"one of {', '.join(_EXPERIMENTS)}",
    )  # fmt: skip
    command.add_argument(
        "--data", required=True, metavar="DATA",
        help="folder of the CrossTask release, or one that holds it",
    )  # fmt: skip
    command.add_argument(
        "--out", default="results", metavar="DIR",
        help="folder for CSV, Markdown and PNG (default: %(default)s)",
    )  # fmt: skip
    command.add_argument(
        "--features", metavar="DIR",
        help="folder of features, or 'simulated' (default: DATA/features where it "
        "exists, else simulated)",
    )  # fmt: skip
    command.add_argument(
        "--constraints", metavar="DIR",
        help="folder of the windows of real features (default: DATA/constraints)",
    )  # fmt: skip
    command.add_argument(
        "--splits", type=_at_least(1), default=20, metavar="N",
        help="random splits, of which mean and spread are taken (default: %(default)s)",
    )  # fmt: skip
    command.add_argument(
        "--n-train", type=_at_least(1), default=30, metavar="N",
        help="training videos of a primary task (default: %(default)s)",
    )  # fmt: skip
    command.add_argument(
        "--jobs", type=_jobs, metavar="N", help="fits at a time; -1 for all processors"
    )
    command.add_argument(
        "--settings", choices=["paper", "validated"], default="paper",
        help="the paper's, or each row's learning rate and dropout chosen on the "
        "validation videos (default: %(default)s)",
    )  # fmt: skip
    command.add_argument(
        "--seed", type=_at_least(0), default=0, metavar="N",
        help="decides the splits (default: 0)",
    )  # fmt: skip
    command.add_argument(
        "--images", metavar="DIR",
        help="for figure4, frames to show: DIR/<video>/<second>.jpg",
    )  # fmt: skip
    command.add_argument(
        "--task", metavar="NAME", help="for figure6, id or title of a primary task"
    )
    command.add_argument("--quiet", action="store_true", help="print no progress")


def _add_selection(command: argparse.ArgumentParser) -> None:
    _add_features(command)
    command.add_argument(
        "--tasks", default="all",
        help="all, primary, related, or ids joined by commas (default: all)",
    )  # fmt: skip
    command.add_argument(
        "--exclude-validation", action="store_true",
        help="leave out the videos of videos_val.csv",
    )  # fmt: skip
    command.add_argument(
        "--n-train", type=int, metavar="N",
        help="train on N random videos of each primary task, and all related ones",
    )  # fmt: skip
    command.add_argument(
        "--seed", type=int, default=0, help="decides all draws (default: 0)"
    )


def _add_features(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--features", metavar="DIR",
        help="folder of <video>.npy (default: DATA/features)",
    )  # fmt: skip


def _add_n_jobs(group: Any) -> None:
    group.add_argument(
        "--n-jobs", type=int, metavar="N", help="threads; -1 for all processors"
    )


def _at_least(lowest: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d+", text) or int(text) < lowest:
            raise argparse.ArgumentTypeError(
                f"must be a whole number from {lowest} on, got {text!r}."
            )
        return int(text)

    return read


def _jobs(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(
            f"must be a whole number other than 0, got {text!r}; -1 stands for all "
            "processors."
        )
    return int(text)


def _seconds(text: str) -> float | list[float]:
    try:
        parts = [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} are no seconds.") from None
    return parts[0] if len(parts) == 1 else parts


def _number_or_auto(text: str) -> float | str:
    if text == "auto":
        return text
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number.") from None
