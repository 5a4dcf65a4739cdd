"""The command `fit`: learn from a folder of videos, and save the model."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from skcrosstask._cli._selection import (
    DATA,
    add_selection,
    choose_videos,
    folder,
    load_data,
)
from skcrosstask._cli._shared import (
    INTERRUPTED,
    add_command,
    add_n_jobs,
    add_parameters,
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
Ctrl-C ends learning early; what was learnt until then is saved.

example:
  python -m skcrosstask fit crosstask_release --out model.skct --tasks primary
"""
_PARAMETERS = (
    "sharing use_windows condition contrast learning_rate dropout n_passes init_iter "
    "max_iter n_jobs"
)


def add_parser(commands: Any) -> None:
    """Add the command to those of a parser."""
    summary = "learn from the videos of a folder"
    command = add_command(commands, "fit", summary, _DETAILS, run)
    option(command, "data", "DATA", "folder, see below")
    option(command, "--out", "MODEL", "file to write", required=True)
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
    from skcrosstask import WeaklySupervisedStepEstimator, save_model

    refuse_target(args.out)
    estimator = WeaklySupervisedStepEstimator(
        random_state=args.seed, verbose=args.verbose, **parameters(args, _PARAMETERS)
    )
    # fit checks too, but only after everything has been read.
    estimator._validate_params()
    constraints = folder(args.constraints, "constraints")
    data = load_data(args, constraints if estimator.use_windows else None)
    if args.constraints is not None and estimator.use_windows:
        _require_windows(data, args.constraints)
    videos = choose_videos(data, args, part=0)
    estimator.fit(videos)
    save_model(estimator, args.out)
    if args.verbose:
        n_tasks = counted(len({video.task for video in videos}), "task")
        print(f"learnt from {counted(len(videos), 'video')} of {n_tasks}: {args.out}")
    return INTERRUPTED if estimator.interrupted_ else 0


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
