"""The command `features`: video files in, features out."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skcrosstask._cli._encoders import DEFAULT_ENCODER, add_encoder, encode
from skcrosstask._cli._left_out import LeftOut, add_skipping
from skcrosstask._cli._selection import manifest_of, out_folder, positive
from skcrosstask._cli._shared import (
    add_command,
    add_n_jobs,
    add_parameters,
    note,
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
VIDEOS is a manifest or its folder, or video files and folders of them. Each video gives
DIR/<name>.npy, with one row a time unit; the features of a manifest go to the folder
features beside it, where fit and all other commands find them. Videos that are done
stay done: after an interruption, the same command goes on where it was. A video that
fails ends it, but for --skip-broken, which reports all that failed at the end.

The encoder is a Python object, found as by import from the current folder: a function
from uint8 pictures (n, size, size, 3) to numbers (n, D), or a class of such functions.
The default, skcrosstask.frames:SimpleEncoder, needs no download and is weak; the manual
shows networks: "Features of your own videos".

examples:
  python -m skcrosstask features my_videos
  python -m skcrosstask features a.mp4 b.mp4 --out features --rate 2 \\
      --encoder my_encoders:resnet --n-jobs 4
"""
_PARAMETERS = "size batch_size n_frames n_jobs"


def add_parser(commands: Any) -> None:
    """Add the command to those of a parser."""
    summary = "make features from video files"
    command = add_command(commands, "features", summary, _DETAILS, run)
    option(command, "videos", "VIDEOS", "see below", nargs="+")
    text = "folder to write (default: the collection's folder features)"
    option(command, "--out", "DIR", text)
    text = "rows of features a second, where a manifest does not say (default: 1)"
    option(command, "--rate", "X", text, type=positive)
    add_encoder(command, "(default: %(default)s)", DEFAULT_ENCODER)
    group = add_parameters(command, "pictures (defaults: those of FrameFeatures)")
    text = "side of the pictures that the encoder gets"
    option(group, "--size", "PIXELS", text, type=whole_number(16))
    text = "rows that the encoder gets at a time"
    option(group, "--batch-size", "N", text, type=whole_number(1))
    text = "pictures a row (default: what the encoder says, else 1)"
    option(group, "--n-frames", "N", text, type=whole_number(1))
    add_n_jobs(group, "threads, each of which decodes a video")
    add_skipping(command, "cannot be decoded or encoded")
    switch(command, "--quiet", "print only warnings and errors")


def run(args: argparse.Namespace) -> int:
    """Find, encode and write, in this order."""
    left_out = LeftOut(args)
    videos, out = _of_collection(args) or _of_files(args)
    settings = parameters(args, _PARAMETERS)
    made = encode(
        videos,
        args.encoder,
        folder=out,
        on_error=left_out.on_error,
        verbose=int(not args.quiet),
        **settings,
    )
    left_out.report(len(videos))
    if not args.quiet:
        print(f"{_summary(made, len(videos))}; {out}")
    return 0


def _of_files(args: argparse.Namespace) -> tuple[list[Video], Path]:
    """Videos of files and folders, and where to write."""
    from skcrosstask._data import Video
    from skcrosstask.frames._find import find_videos

    rate = args.rate or 1.0
    found = find_videos(args.videos)
    out = out_folder(args.out, None)
    return [Video(None, source=p, name=p.stem, rate=rate) for p in found], out


def _of_collection(args: argparse.Namespace) -> tuple[list[Video], Path] | None:
    """Videos of a collection, and where to write; None if VIDEOS are files."""
    from skcrosstask.datasets._manifest import manifest_sources

    manifests = [m for m in map(manifest_of, args.videos) if m is not None]
    if not manifests:
        return None
    if len(args.videos) > 1:
        raise ValueError("VIDEOS must be one collection, or files and folders.")
    (manifest,) = manifests
    videos = manifest_sources(manifest, args.rate)
    if not videos:
        raise ValueError(f"{manifest} names no video file: give the videos a source.")
    out = out_folder(args.out, manifest.parent / "features")
    if args.out is not None:
        return videos, out
    lacking = [video for video in videos if _reads_from(video, out)]
    if n_left := len(videos) - len(lacking):
        total = counted(len(videos), "video")
        note(f"left out {n_left} of {total}, whose features the manifest names.")
    if not lacking:
        raise ValueError(f"{manifest} names all features; --out DIR makes others.")
    return lacking, out


def _reads_from(video: Video, folder: Path) -> bool:
    """Whether the features that are made are those that the manifest means."""
    if video.features is None:
        return True
    made = (folder / f"{video.name}.npy").resolve()
    return Path(str(video.features)).resolve() == made


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
