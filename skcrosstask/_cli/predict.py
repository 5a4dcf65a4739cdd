"""The command `predict`: place the steps in videos."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError, Namespace
from pathlib import Path
from typing import Any

from skcrosstask._cli._left_out import LeftOut, add_skipping
from skcrosstask._cli._new_videos import NEW, add_new_videos, videos_to_predict
from skcrosstask._cli._selection import DATA, add_selection
from skcrosstask._cli._shared import (
    add_command,
    add_n_jobs,
    add_parameters,
    option,
    parameters,
    switch,
)
from skcrosstask._progress import counted

__all__ = ["add_parser", "run"]

_DETAILS = f"""{DATA}
{NEW}
The name of --out says what is written: .csv or .json, a table of all steps; .vtt or
.ffmeta, chapters; .eaf, a document of ELAN; .html, a page to view. Chapters and ELAN
take one video a file; for several, give a folder and --format. Without a suffix, it is
a table in CSV.

The table has the columns video,task,step,text,start,end,time,present,confidence. Steps
are counted from 1. The step runs from start to end, and time is its best moment, all in
seconds; they are empty where the step was left out. present is the probability that
the step is in the video, confidence that it is going on at time.

With --resume, what is found is kept in FILE.journal until FILE is written: after an
interruption, whatever it was, the same command goes on where it was. What --encoder
makes is not kept: for many video files, run the command features first.

--n-train selects the videos on which fit did not train, if fit was given the same
--tasks, --n-train, --seed and --exclude-validation.

examples:
  python -m skcrosstask predict model.skct crosstask_release --out times.csv
  python -m skcrosstask predict model.skct new.npy --task latte --out times.csv
  python -m skcrosstask predict model.skct new.npy --steps cocoa.txt --out times.csv
"""


_PARAMETERS = "n_jobs decoding skip_cost"
_FORMATS = ("csv", "json", "vtt", "ffmetadata", "elan", "html")


def add_parser(commands: Any) -> None:
    """Add the command to those of a parser."""
    summary = "place the steps in videos"
    command = add_command(commands, "predict", summary, _DETAILS, run)
    option(command, "model", "MODEL", "file that fit wrote")
    option(command, "data", "DATA", "see below", nargs="+")
    text = "file to write, or a folder; - for standard output"
    option(command, "--out", "FILE", text, required=True)
    text = "format, whatever the name of FILE: csv, json, vtt, ffmetadata, elan, html"
    option(command, "--format", "FORMAT", text, choices=_FORMATS)
    add_selection(command)
    add_new_videos(command)
    group = add_parameters(command, "decoding (default: as the model was made)")
    choices = ["posterior", "one_per_step", "segments", "free"]
    option(group, "--decoding", None, "how steps are placed", choices=choices)
    text = "cost in nats of leaving a step out, auto, or none to place all"
    option(group, "--skip-cost", "COST", text, type=_cost)
    add_n_jobs(command)
    switch(command, "--resume", "go on where the same command was interrupted")
    add_skipping(command, "cannot be read")


def run(args: Namespace) -> int:
    """Predict with a saved model, and write the steps."""
    from skcrosstask import load_model
    from skcrosstask.results._formats import (
        choose_format,
        refuse_steps_target,
        write_steps,
    )

    name, journal = choose_format(args.out, args.format), _journal(args)
    if args.out != "-":
        refuse_steps_target(args.out, name)
    estimator = load_model(args.model).set_params(**parameters(args, _PARAMETERS))
    # predict checks too, but only after everything has been read.
    estimator._validate_params()
    left_out = LeftOut(args)
    videos = videos_to_predict(args, estimator.tasks_, left_out.on_error)
    n_lost = len(left_out)
    if not videos:
        left_out.report(n_lost)
        raise ValueError("no video is left to predict.")
    table = estimator.locate(videos, on_error=left_out.on_error, journal=journal)
    left_out.report(n_lost + len(videos))
    if args.out == "-":
        print(write_steps(table, None, name, videos), end="", flush=True)
        return 0
    write_steps(table, args.out, name, videos)
    if journal is not None:
        journal.unlink()
    n_placed = n_lost + len(videos) - len(left_out)
    print(f"placed the steps of {counted(n_placed, 'video')}: {args.out}")
    return 0


def _journal(args: Namespace) -> Path | None:
    """Where steps are kept until all are found."""
    if not args.resume:
        return None
    if args.out == "-":
        raise ValueError("--resume needs a file: give --out a name, not -.")
    out = Path(args.out)
    return out.with_name(f"{out.name}.journal")


def _cost(text: str) -> float | str | None:
    named = {"auto": "auto", "none": None}
    if text in named:
        return named[text]
    try:
        cost = float(text)
    except ValueError:
        cost = math.nan
    if not 0 <= cost < math.inf:
        raise ArgumentTypeError(f"must be a number from 0, auto or none, got {text!r}.")
    return cost
