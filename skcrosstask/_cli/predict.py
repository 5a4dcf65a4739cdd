"""The command `predict`: place the steps in a folder's videos."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from skcrosstask._cli._selection import DATA, add_selection, choose_videos, load_data
from skcrosstask._cli._shared import (
    add_command,
    add_n_jobs,
    add_parameters,
    option,
    parameters,
)
from skcrosstask._files import refuse_target, replacing
from skcrosstask._progress import counted

__all__ = ["add_parser", "run"]

_DETAILS = f"""{DATA}
The CSV file has the header task,video,step,time. Steps are counted from 1; times are
seconds, that is rows of the features; -1 means that the step was left out.

--n-train selects the videos on which fit did not train, if fit was given the same
--tasks, --n-train, --seed and --exclude-validation.

example:
  python -m skcrosstask predict model.skct crosstask_release --out times.csv
"""


_PARAMETERS = "n_jobs decoding skip_cost"


def add_parser(commands: Any) -> None:
    """Add the command to those of a parser."""
    summary = "place the steps in the videos of a folder"
    command = add_command(commands, "predict", summary, _DETAILS, run)
    option(command, "model", "MODEL", "file that fit wrote")
    option(command, "data", "DATA", "folder, see below")
    text = "CSV file to write; - for standard output"
    option(command, "--out", "FILE", text, required=True)
    add_selection(command)
    group = add_parameters(command, "decoding (default: as the model was made)")
    text = "how steps are placed: posterior, one_per_step, segments or free"
    option(group, "--decoding", "HOW", text)
    text = "cost in nats of leaving a step out, auto, or none to place all"
    option(group, "--skip-cost", "COST", text, type=_cost)
    add_n_jobs(command)


def run(args: Namespace) -> int:
    """Predict with a saved model, and write the times."""
    from skcrosstask import load_model
    from skcrosstask.results._predictions import format_predictions

    if args.out != "-":
        refuse_target(args.out)
    estimator = load_model(args.model).set_params(**parameters(args, _PARAMETERS))
    # predict checks too, but only after everything has been read.
    estimator._validate_params()
    videos = choose_videos(load_data(args, None), args, part=1)
    text = format_predictions(videos, estimator.predict(videos))
    if args.out == "-":
        print(text, end="", flush=True)
        return 0
    with replacing(args.out) as file:
        file.write(text.encode())
    print(f"placed the steps of {counted(len(videos), 'video')}: {args.out}")
    return 0


def _cost(text: str) -> float | str | None:
    named = {"auto": "auto", "none": None}
    return named[text] if text in named else float(text)
