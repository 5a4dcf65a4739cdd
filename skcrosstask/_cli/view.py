"""The command `view`: a page that plays videos beside their steps."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skcrosstask._cli._selection import (
    DATA,
    add_selection,
    choose_videos,
    load_data,
)
from skcrosstask._cli._shared import add_command, note, option
from skcrosstask._files import refuse_target, replacing
from skcrosstask._progress import counted

if TYPE_CHECKING:
    from skcrosstask._data import Video
    from skcrosstask.results import StepTable

__all__ = ["add_parser", "run"]

_DETAILS = f"""{DATA}
The page needs no network and no server: open it in a browser. Drag the edge of a
step to correct it, and download the corrected annotation, which
skcrosstask.results.annotate and evaluate --annotations read.

examples:
  python -m skcrosstask view times.csv --out page.html
  python -m skcrosstask view times.csv crosstask_release --out page.html
  python -m skcrosstask view --model model.skct crosstask_release --out page.html
"""


def add_parser(commands: Any) -> None:
    """Add the command to those of a parser."""
    summary = "show the steps beside their videos, in a page that takes corrections"
    command = add_command(commands, "view", summary, _DETAILS, run)
    text = "CSV or JSON file that predict wrote; not with --model"
    option(command, "steps", "STEPS", text, nargs="?")
    text = "collection with windows, annotations and lengths of the videos, see below"
    option(command, "data", "DATA", text, nargs="?")
    option(command, "--out", "PAGE", "HTML file to write", required=True)
    option(command, "--model", "MODEL", "place the steps in DATA by this model")
    option(command, "--title", "TEXT", "title of the page (default: what it shows)")
    add_selection(command)
    text = "folder of the windows from narration (default: as DATA has them)"
    option(command, "--constraints", "DIR", text)


def run(args: Namespace) -> int:
    """Write the page."""
    from skcrosstask.results._viewer import viewer_page

    _sort_inputs(args)
    _refuse_other(args.out)
    table, videos = _locate(args) if args.model else _read(args)
    title = args.title or f"Steps of {Path(args.data or args.steps).name}"
    page = viewer_page(table, videos, title=title, folder=Path(args.out).parent)
    with replacing(args.out) as file:
        file.write(page.encode())
    print(f"shows {counted(len(table.by_video()), 'video')}: {args.out}")
    return 0


def _sort_inputs(args: Namespace) -> None:
    """With a model, the one input is the data."""
    if args.model is not None and args.data is None:
        args.steps, args.data = None, args.steps
    if (args.model is None) == (args.steps is None) or (args.model and not args.data):
        raise ValueError("view takes a file of steps, or --model MODEL and DATA.")
    if args.steps is not None and Path(args.steps).is_dir():
        raise ValueError(
            f"'{args.steps}' is a folder, not a file of steps: give the one that "
            "predict wrote first, or --model MODEL."
        )


def _refuse_other(path: str) -> None:
    """Refuse to replace a file that is no page: most likely an input."""
    from skcrosstask.results._formats import FORMATS
    from skcrosstask.results._viewer import is_viewer_page

    refuse_target(path)
    if Path(path).exists() and not is_viewer_page(path):
        raise ValueError(
            f"--out: '{path}' exists and is not a page of view; remove it, or choose "
            "another name."
        )
    suffix = Path(path).suffix.lower()
    if suffix not in ("", *FORMATS["html"]):
        known = " or ".join(FORMATS["html"])
        raise ValueError(f"--out: '{path}' must end in {known}; it is a page to view.")


def _locate(args: Namespace) -> tuple[StepTable, list[Video]]:
    from skcrosstask import load_model

    estimator = load_model(args.model)
    data = load_data(args, windows=True)
    videos = choose_videos(data, args, part=1)
    return estimator.locate(videos), videos


def _read(args: Namespace) -> tuple[StepTable, list[Video]]:
    from skcrosstask.results._annotations import read_segments

    table = read_segments(args.steps)
    if not table:
        raise ValueError(f"{args.steps} holds no step.")
    if args.data is None:
        return table, []
    data = load_data(args, windows=True, lengths_only=True)
    named = {(v.name, t.name) for v, t in zip(data.videos, data.tasks, strict=True)}
    shown = table.by_video()
    if n_absent := sum(key not in named for key in shown):
        total = counted(len(shown), "video")
        note(f"{n_absent} of {total} of {args.steps} are not in {args.data}.")
    return table, data.videos
