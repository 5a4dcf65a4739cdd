"""The command `fit`: learn from a collection of videos, and save the model."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skcrosstask._cli._selection import (
    DATA,
    add_selection,
    choose_videos,
    load_data,
)
from skcrosstask._cli._shared import (
    INTERRUPTED,
    add_command,
    add_n_jobs,
    add_parameters,
    note,
    option,
    parameters,
    switch,
    whole_number,
)
from skcrosstask._files import refuse_target
from skcrosstask._progress import counted

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = ["add_parser", "run"]

_DETAILS = f"""{DATA}
Ctrl-C and SIGTERM end learning early; what was learnt until then is saved, and --from
goes on from there. With --checkpoint FILE, the same command goes on by itself, however
it was ended, and learns the same to the bit; FILE goes when the model is written.

examples:
  python -m skcrosstask fit crosstask_release --out model.skct --tasks primary
  python -m skcrosstask fit collection.yaml --from model.skct --out model.skct
"""
_PARAMETERS = (
    "sharing use_windows condition contrast learning_rate dropout n_passes init_iter "
    "max_iter n_jobs"
)
# What a model that goes on has settled once and for all.
_SETTLED = {
    "sharing": "--sharing",
    "condition": "--no-condition",
    "contrast": "--contrast",
    "learning_rate": "--learning-rate",
    "dropout": "--dropout",
}


def add_parser(commands: Any) -> None:
    """Add the command to those of a parser."""
    summary = "learn from the videos of a collection"
    command = add_command(commands, "fit", summary, _DETAILS, run)
    option(command, "data", "DATA", "see below")
    option(command, "--out", "MODEL", "file to write", required=True)
    text = "go on from this model instead of starting anew"
    option(command, "--from", "MODEL", text, dest="start")
    text = "with --from: DATA are more videos, and those learnt before count on"
    switch(command, "--partial-fit", text)
    text = "keep the state of learning in FILE after each epoch, and go on from it"
    option(command, "--checkpoint", "FILE", text)
    add_selection(command)
    text = "folder of the windows from narration (default: DATA/constraints)"
    option(command, "--constraints", "DIR", text)
    _add_learning(command)
    loudness = command.add_mutually_exclusive_group()
    text = "print a line per epoch (default)"
    const = {"dest": "verbose", "action": "store_const"}
    switch(loudness, "--verbose", text, **const, const=1, default=1)
    switch(loudness, "--quiet", "print only warnings and errors", **const, const=0)


def _add_learning(command: argparse.ArgumentParser) -> None:
    group = add_parameters(command, "learning (defaults: the estimator's)")
    sharing = ["words", "task_words", "steps", "none"]
    option(group, "--sharing", None, "what steps share", choices=sharing)
    no_windows = {"dest": "use_windows", "action": "store_false"}
    text = "do not use windows"
    switch(group, "--no-windows", text, **no_windows, default=argparse.SUPPRESS)
    contrast = ["steps", "time", "both"]
    text = "what the softmax of the loss runs over"
    option(group, "--contrast", None, text, choices=contrast)
    text = "Adam's step size, or auto"
    option(group, "--learning-rate", "RATE", text, type=_number_or_auto)
    option(group, "--dropout", "P", "probability to drop a feature", type=float)
    count = whole_number(0)
    no_condition = {"dest": "condition", "action": "store_false"}
    text = "take features as they are"
    switch(group, "--no-condition", text, **no_condition, default=argparse.SUPPRESS)
    option(group, "--n-passes", "N", "passes over whole segments", type=count)
    text = "epochs of random placements, with --n-passes 0"
    option(group, "--init-iter", "N", text, type=count)
    option(group, "--max-iter", "N", "epochs of Adam after that", type=count)
    add_n_jobs(group)


def run(args: argparse.Namespace) -> int:
    """Fit an estimator, and write it."""
    from skcrosstask import save_model

    refuse_target(args.out)
    _check_checkpoint(args)
    estimator = _make_estimator(args)
    windows = getattr(estimator, "use_windows", False)
    data = load_data(args, windows=windows)
    if args.constraints is not None and windows:
        _require_windows(data, args.constraints)
    videos = choose_videos(data, args, part=0)
    with warnings.catch_warnings():
        # What it says to users of Python is said below to those of the command.
        warnings.filterwarnings("ignore", "fit was interrupted")
        estimator.partial_fit(videos) if args.partial_fit else estimator.fit(videos)
    if estimator.interrupted_ and not estimator.n_iter_:
        note("interrupted before anything was learnt; no model was written.")
        return INTERRUPTED
    if estimator.interrupted_ and args.checkpoint:
        done = counted(estimator.n_iter_, "epoch")
        note(f"interrupted after {done}; the same command goes on from there.")
        return INTERRUPTED
    save_model(estimator.set_params(warm_start=False), args.out)
    if estimator.interrupted_:
        done = counted(estimator.n_iter_, "epoch")
        note(f"interrupted after {done}; --from {args.out} goes on from there.")
        return INTERRUPTED
    if args.checkpoint:
        Path(args.checkpoint).unlink(missing_ok=True)
    if args.verbose:
        n_tasks = counted(len({video.task for video in videos}), "task")
        print(f"learnt from {counted(len(videos), 'video')} of {n_tasks}: {args.out}")
    return 0


def _make_estimator(args: argparse.Namespace) -> Any:
    """A new estimator, or that of a file; what is asked for is checked first."""
    from skcrosstask import WeaklySupervisedStepEstimator, load_model

    given = parameters(args, _PARAMETERS) | {"checkpoint": args.checkpoint}
    estimator: Any = WeaklySupervisedStepEstimator(
        random_state=args.seed, verbose=args.verbose, **given
    )
    # fit checks too, but only after everything has been read.
    estimator._validate_params()
    if args.start is None:
        if args.partial_fit:
            raise ValueError("--partial-fit goes on from a model: name it by --from.")
        return estimator
    if settled := [name for key, name in _SETTLED.items() if key in given]:
        raise ValueError(f"{settled[0]} has no use with --from: the model has its own.")
    estimator = load_model(args.start)
    unknown = sorted(given.keys() - estimator.get_params().keys())
    if unknown:
        what = type(estimator).__name__
        raise ValueError(f"{args.start} is a {what}, without {', '.join(unknown)}.")
    return estimator.set_params(warm_start=True, verbose=args.verbose, **given)


def _check_checkpoint(args: argparse.Namespace) -> None:
    if args.checkpoint is None:
        return
    if args.partial_fit:
        raise ValueError("--checkpoint has no use with --partial-fit, one short pass.")
    if Path(args.checkpoint).absolute() == Path(args.out).absolute():
        raise ValueError("--checkpoint and --out name the same file.")
    refuse_target(args.checkpoint)


def _require_windows(data: Bunch, folder: str) -> None:
    """Refuse a folder that was asked for and has nothing for these videos."""
    if data.videos and all(video.windows is None for video in data.videos):
        first = f"{data.tasks[0].name}_{data.videos[0].name}.csv"
        raise ValueError(
            f"--constraints: '{folder}' holds no windows of these videos, such as "
            f"{first}; to do without windows, give --no-windows."
        )


def _number_or_auto(text: str) -> float | str:
    if text == "auto":
        return text
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"must be a number or auto, got {text!r}."
        ) from None
