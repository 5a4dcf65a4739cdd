"""Options that choose videos of a collection, and what they choose."""

from __future__ import annotations

import argparse
import warnings
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skcrosstask._cli._shared import add_seed, note, option, switch, whole_number
from skcrosstask._files import require_file
from skcrosstask._progress import counted

if TYPE_CHECKING:
    from sklearn.utils import Bunch

    from skcrosstask._data import Task, Video

__all__ = [
    "DATA",
    "add_features",
    "add_selection",
    "choose_videos",
    "folder",
    "load_data",
    "manifest_of",
    "out_folder",
    "positive",
]

DATA = """\
DATA is a manifest of your own videos, collection.yaml, .json or .csv, or its folder;
"python -m skcrosstask init FOLDER" writes one. Or it is a folder laid out like the
CrossTask release, which holds

  tasks_primary.txt     a block of five lines per task, followed by a blank line:
                        id, title, URL, number of steps, and the steps joined by
                        commas
  videos.csv            rows task id,video,URL, without a header
  features/<video>.npy  an array with one row per second; videos without this file
                        are left out

and may hold tasks_related.txt (tasks that are only trained on), videos_val.csv, and
constraints/<task id>_<video>.csv and annotations/<task id>_<video>.csv: rows
step,start,end, steps counted from 1, times in seconds.
"""
SIMULATED = "simulated"


def add_features(command: ArgumentParser) -> None:
    """Add where features are, and how many there are a second."""
    text = (
        "folder of <video>.npy files (default: as the manifest says, or "
        "DATA/features), or simulated: drawn on the real timelines, as by reproduce"
    )
    option(command, "--features", "DIR", text)
    text = "rows of features a second, where DATA does not say (default: 1)"
    option(command, "--rate", "X", text, type=positive)


def add_selection(command: ArgumentParser) -> None:
    """Add the options by which fit and predict choose videos."""
    add_features(command)
    text = "all, primary, related, or names joined by commas (default: all)"
    option(command, "--tasks", "TASKS", text, default="all")
    text = "leave out the videos of videos_val.csv, or marked validation"
    switch(command, "--exclude-validation", text)
    text = "train on N random videos of each primary task, and on all related ones"
    option(command, "--n-train", "N", text, type=whole_number(1))
    add_seed(command, "all draws")


def positive(text: str) -> float:
    """Convert to a finite number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number above 0, got {text!r}.")
    return number


def folder(given: str | None) -> Path | None:
    """A given folder is relative to the working directory, a default one to DATA."""
    return None if given is None else Path(given).absolute()


def manifest_of(path: str) -> Path | None:
    """The manifest that a path means, if it means one."""
    from skcrosstask.datasets._collections import MANIFEST_NAMES, find_manifest

    if Path(path).is_dir():
        # One without a manifest may well be a folder of videos.
        known = any((Path(path) / name).is_file() for name in MANIFEST_NAMES)
        return find_manifest(path) if known else None
    is_manifest = Path(path).suffix in {Path(name).suffix for name in MANIFEST_NAMES}
    return find_manifest(path) if is_manifest else None


def out_folder(given: str | None, own: Path | None) -> Path:
    """The folder to write: by default, the one of its kind that a collection has."""
    if given is not None:
        return Path(given)
    if own is None:
        raise ValueError("--out must name the folder to write: here is no collection.")
    return own


def load_data(
    args: Namespace, *, windows: bool = False, lengths_only: bool = False
) -> Bunch:
    """Tasks and videos of DATA; with ``lengths_only``, features need not be there."""
    from skcrosstask.datasets._collections import load_collection
    from skcrosstask.datasets._rates import MISSING_FEATURES

    constraints = getattr(args, "constraints", None)
    simulated = args.features == SIMULATED
    if simulated and constraints is not None:
        raise ValueError("--constraints: simulated features come with windows.")
    tasks = getattr(args, "tasks", "all")
    if tasks not in ("all", "primary", "related"):
        tasks = [name.strip() for name in tasks.split(",")]
    if not simulated and args.features:
        require_file(args.features, "--features: folder", folder=True)
    if constraints is not None:
        require_file(constraints, "--constraints: folder", folder=True)
    with warnings.catch_warnings():
        if simulated:
            warnings.simplefilter("ignore", UserWarning)
        elif lengths_only:
            # Features only give lengths here, so a missing one is not worth a warning.
            warnings.filterwarnings("ignore", MISSING_FEATURES)
        data = load_collection(
            args.data,
            features=None if simulated else folder(args.features),
            constraints=folder(constraints),
            windows=windows and not simulated,
            tasks=tasks,
            rate=args.rate,
        )
    if lengths_only:
        _drop_idle(data)
        return data
    return _simulate(data) if simulated else data


def _drop_idle(data: Bunch) -> None:
    """Leave out videos without a task, of which nothing can be asked."""
    kept = [i for i, task in enumerate(data.tasks) if task is not None]
    data.videos, data.tasks = ([a[i] for i in kept] for a in (data.videos, data.tasks))
    data.lengths = data.lengths[kept]


def _simulate(data: Bunch) -> Bunch:
    """The same collection with features and windows drawn once a second."""
    from dataclasses import replace

    from skcrosstask.datasets import simulate_features
    from skcrosstask.experiments._study import GENERATOR

    unknown = [v.name for v, n in zip(data.videos, data.lengths, strict=True) if n < 0]
    if unknown:
        raise ValueError(
            f"--features simulated: neither features nor frame_counts.csv give the "
            f"length of {counted(len(unknown), 'video')}, such as {unknown[0]!r}."
        )
    note("features are simulated.")
    timelines = [replace(video, rate=1.0) for video in data.videos]
    settings: dict[str, Any] = GENERATOR
    data.videos = simulate_features(timelines, data.lengths, **settings)
    data.missing_features = ()
    return data


def choose_videos(data: Bunch, args: Namespace, part: int) -> list[Video]:
    """Videos with features; if there is a split, its training (0) or test part (1)."""
    from skcrosstask.model_selection import TaskShuffleSplit

    absent = set(data.missing_features)
    videos = [video for video in data.videos if video.name not in absent]
    if n_absent := len(data.videos) - len(videos):
        total = counted(len(data.videos), "video")
        note(f"left out {n_absent} of {total} without features.")
    if idle := [video for video in videos if video.task is None]:
        raise ValueError(
            f"{args.data}: {counted(len(idle), 'video', ('has', 'have'))} no task, "
            f"such as {idle[0].name!r}; name it in the field task."
        )
    excluded = data.validation_names if args.exclude_validation else frozenset()
    if videos and args.n_train is not None:
        # Drawn from the seed alone, so that predict finds what fit left out.
        _check_split(videos, data.related, excluded, args.n_train)
        split = TaskShuffleSplit(
            1,
            n_train=args.n_train,
            train_only=data.related,
            exclude=excluded,
            random_state=args.seed,
        ).split(videos)
        return [videos[i] for i in next(split)[part]]
    videos = [video for video in videos if video.name not in excluded]
    if not videos:
        raise ValueError(f"no video of {args.data} is left; {_remedy(data, args)}.")
    return videos


def _remedy(data: Bunch, args: Namespace) -> str:
    """How videos get the features that all of them lack."""
    if any(video.source is not None for video in data.videos):
        return f"python -m skcrosstask features {args.data} makes their features"
    return "--features names the folder of <video>.npy files"


def _check_split(
    videos: list[Video], related: tuple[Task, ...], excluded: frozenset, n_train: int
) -> None:
    """Refuse by the names of options what the split would refuse by its own."""
    pools: dict[str, int] = {}
    for video in videos:
        if video.task not in related:
            name = getattr(video.task, "name", "")
            pools[name] = pools.get(name, 0) + (video.name not in excluded)
    if not pools:
        raise ValueError("--n-train draws videos of primary tasks, and there are none.")
    for name, size in pools.items():
        if size <= n_train:
            raise ValueError(
                f"task {name} has {counted(size, 'video')}, too few to train on "
                f"{n_train} and test on another: lower --n-train, or leave the task "
                "out of --tasks."
            )
