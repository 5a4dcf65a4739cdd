"""The command `reproduce`: a table or figure of the paper."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from skcrosstask._cli._selection import positive
from skcrosstask._cli._shared import (
    INTERRUPTED,
    add_command,
    add_n_jobs,
    add_seed,
    note,
    option,
    parameters,
    switch,
    whole_number,
)

__all__ = ["add_parser", "run"]

# As `skcrosstask.experiments.EXPERIMENTS`, whose import takes its time.
_EXPERIMENTS = (
    "table1",
    "table2",
    "table3",
    "figure4",
    "figure5",
    "figure6",
    "figure7",
    "map",
    "windows-ablation",
    "five-tasks",
    "sharing-map",
)
_DETAILS = """\
DATA is the folder of the CrossTask release, or one that holds it as
crosstask_release (and instruction_videos_5tasks, for five-tasks), or a manifest of
your own videos, for experiments that need no related tasks. If the folder has no
features, features and windows are simulated on the real timelines, and every file
says so: compare such figures with each other, not with the paper.

Writes EXPERIMENT.csv, .md, .tex and .png (or --format), and prints the Markdown;
progress goes to standard error. A run that was stopped or killed continues when it
is started again; experiments share their fits through DIR/cells.

example:
  python -m skcrosstask reproduce table2 --data crosstask_release --splits 3 \\
      --n-jobs 2 --out results
"""


def add_parser(commands: Any) -> None:
    """Add the command to those of a parser."""
    summary = "run a table or figure of the paper"
    command = add_command(commands, "reproduce", summary, _DETAILS, run)
    text = f"one of {', '.join(_EXPERIMENTS)}"
    option(command, "experiment", "EXPERIMENT", text, choices=_EXPERIMENTS)
    text = "folder of the CrossTask release, or one that holds it, or a manifest"
    option(command, "--data", "DATA", text, required=True)
    text = "folder for tables and pictures (default: %(default)s)"
    option(command, "--out", "DIR", text, default="results")
    text = (
        "folder of features, or 'simulated' (default: DATA/features if it exists, "
        "else simulated)"
    )
    option(command, "--features", "DIR", text)
    text = "folder of the windows of real features (default: DATA/constraints)"
    option(command, "--constraints", "DIR", text)
    text = "rows of features a second, where DATA does not say (default: 1)"
    option(command, "--rate", "X", text, type=positive)
    _add_course(command)
    text = "of the picture (default: %(default)s)"
    option(
        command, "--format", None, text, choices=["png", "pdf", "svg"], default="png"
    )
    text = "pixels an inch of a PNG (default: %(default)s)"
    option(command, "--dpi", "N", text, type=whole_number(1), default=150)
    text = "for figure4, frames to show: DIR/<video>/<second>.jpg"
    option(command, "--images", "DIR", text)
    text = "for figure6, id or title of a primary task"
    option(command, "--task", "NAME", text)
    switch(command, "--quiet", "do not print progress")


def _add_course(command: Any) -> None:
    count = {"type": whole_number(1)}
    text = "random splits; results are their mean and spread (default: %(default)s)"
    option(command, "--splits", "N", text, **count, default=20)
    text = "training videos per primary task (default: %(default)s)"
    option(command, "--n-train", "N", text, **count, default=30)
    add_n_jobs(command, "fits at a time")
    text = (
        "the paper's, or learning rate and dropout chosen per row on the validation "
        "videos (default: %(default)s)"
    )
    choices = ["paper", "validated"]
    option(command, "--settings", None, text, choices=choices, default="paper")
    add_seed(command, "the splits")


def run(args: Namespace) -> int:
    """Run an experiment, and print its report."""
    from skcrosstask.experiments import reproduce

    features = args.features
    if features not in (None, "simulated"):
        features = Path(features).absolute()
    constraints = args.constraints
    try:
        report = reproduce(
            args.experiment,
            args.data,
            args.out,
            features=features,
            constraints=constraints and Path(constraints).absolute(),
            rate=args.rate,
            n_splits=args.splits,
            n_train=args.n_train,
            settings=args.settings,
            random_state=args.seed,
            images=args.images,
            task=args.task,
            picture=args.format,
            dpi=args.dpi,
            verbose=not args.quiet,
            **parameters(args, "n_jobs"),
        )
    except KeyboardInterrupt:
        note("interrupted; run the same command again to continue.")
        return INTERRUPTED
    print(report, end="")
    note(f"wrote {args.experiment}: {args.out}")
    return 0
