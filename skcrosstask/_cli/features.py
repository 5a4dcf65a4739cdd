"""The command `features`: video files in, features out."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from skcrosstask._cli._shared import (
    add_command,
    add_n_jobs,
    add_parameters,
    option,
    parameters,
    switch,
    whole_number,
)
from skcrosstask._progress import counted

if TYPE_CHECKING:
    from skcrosstask._data import Video

__all__ = ["add_parser", "run"]

_DETAILS = """\
VIDEOS are video files and folders of them. Each gives DIR/<name>.npy, named like the
video file, with one row a time unit. Videos that are done stay done: after an
interruption, the same command goes on where it was.

The encoder is a Python object, found as by import from the current folder: a function
from uint8 pictures (n, size, size, 3) to numbers (n, D), or a class of such functions.
The default, skcrosstask.frames:SimpleEncoder, needs no download and is weak; the manual
shows networks: "Features of your own videos".

examples:
  python -m skcrosstask features clips --out features
  python -m skcrosstask features a.mp4 b.mp4 --out features --rate 2 \\
      --encoder my_encoders:resnet --n-jobs 4
"""
_DEFAULT = "skcrosstask.frames:SimpleEncoder"
_PARAMETERS = "rate size batch_size n_frames n_jobs"


def add_parser(commands: Any) -> None:
    """Add the command to those of a parser."""
    summary = "make features from video files"
    command = add_command(commands, "features", summary, _DETAILS, run)
    option(command, "videos", "VIDEOS", "see below", nargs="+")
    option(command, "--out", "DIR", "folder to write, made if need be", required=True)
    text = "(default: %(default)s)"
    option(command, "--encoder", "MODULE:NAME", text, default=_DEFAULT)
    group = add_parameters(command, "pictures (defaults: those of FrameFeatures)")
    option(group, "--rate", "X", "rows of features a second", type=_positive)
    text = "side of the pictures that the encoder gets"
    option(group, "--size", "PIXELS", text, type=whole_number(16))
    text = "rows that the encoder gets at a time"
    option(group, "--batch-size", "N", text, type=whole_number(1))
    text = "pictures a row (default: what the encoder says, else 1)"
    option(group, "--n-frames", "N", text, type=whole_number(1))
    add_n_jobs(group, "threads, each of which decodes a video")
    switch(command, "--skip-broken", "leave out videos that cannot be decoded")
    switch(command, "--quiet", "print only warnings and errors")


def run(args: argparse.Namespace) -> int:
    """Find, encode and write, in this order."""
    from skcrosstask.frames import FrameFeatures

    videos = _find(args.videos)
    features = FrameFeatures(
        _load_encoder(args.encoder),
        folder=args.out,
        on_error="skip" if args.skip_broken else "raise",
        verbose=int(not args.quiet),
        **parameters(args, _PARAMETERS),
    )
    made = features.transform(videos)
    if not args.quiet:
        print(f"{_summary(made, len(videos))}; {args.out}")
    return 0


def _find(paths: Sequence[str]) -> list[Video]:
    """Videos of files and folders."""
    from skcrosstask._data import Video
    from skcrosstask.frames._find import find_videos

    # A manifest among the paths would be read here.
    return [Video(None, source=p, name=p.stem) for p in find_videos(paths)]


def _load_encoder(name: str) -> Callable[..., Any]:
    """What MODULE:NAME stands for; a class is called for an object."""
    module_name, _, path = name.partition(":")
    if not module_name or not path:
        raise ValueError(f"--encoder must be MODULE:NAME, got {name!r}.")
    with _importing_from_here():
        try:
            encoder: Any = import_module(module_name)
            for part in path.split("."):
                encoder = getattr(encoder, part)
        except (ImportError, AttributeError) as error:
            raise ValueError(f"--encoder {name}: {error}.") from None
        if isinstance(encoder, type):
            encoder = encoder()
    if not callable(encoder):
        kind = type(encoder).__name__
        raise ValueError(f"--encoder {name}: not a function, but a {kind}.")
    return encoder


@contextmanager
def _importing_from_here() -> Iterator[None]:
    """Find modules in the current folder, as ``python -m`` does."""
    here = os.getcwd()
    sys.path.insert(0, here)
    try:
        yield
    finally:
        sys.path.remove(here)


def _summary(made: Sequence[Video], n: int) -> str:
    if not made:
        return f"videos: 0 of {n}"
    shapes = [video.shape for video in made]
    seconds = math.fsum(
        rows / v.rate for (rows, _), v in zip(shapes, made, strict=True)
    )
    return (
        f"videos: {len(made)}{f' of {n}' * (len(made) < n)}, "
        f"{counted(sum(rows for rows, _ in shapes), 'row')} "
        f"of {counted(shapes[0][1], 'feature')}, {seconds:.0f} s"
    )


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (0 < number < math.inf):
        raise argparse.ArgumentTypeError(f"must be a number above 0, got {text!r}.")
    return number
