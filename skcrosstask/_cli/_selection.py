"""Options that choose videos of a folder, and what they choose."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from skcrosstask._cli._shared import add_seed, note, option, switch, whole_number
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
]

DATA = """\
DATA is a folder laid out like the CrossTask release. It holds

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


def add_features(command: ArgumentParser) -> None:
    """Add the folder of features."""
    text = "folder of <video>.npy files (default: DATA/features)"
    option(command, "--features", "DIR", text)


def add_selection(command: ArgumentParser) -> None:
    """Add the options by which fit and predict choose videos."""
    add_features(command)
    text = "all, primary, related, or ids joined by commas (default: all)"
    option(command, "--tasks", "TASKS", text, default="all")
    text = "leave out the videos of videos_val.csv"
    switch(command, "--exclude-validation", text)
    text = "train on N random videos of each primary task, and on all related ones"
    option(command, "--n-train", "N", text, type=whole_number(1))
    add_seed(command, "all draws")


def folder(given: str | None, default: str) -> str | Path:
    """A given folder is relative to the working directory, a default one to DATA."""
    return default if given is None else Path(given).absolute()


def load_data(args: Namespace, constraints: str | Path | None) -> Bunch:
    """Tasks and videos of DATA, with the windows of ``constraints``."""
    from skcrosstask.datasets._crosstask import load_crosstask

    tasks = args.tasks
    if tasks not in ("all", "primary", "related"):
        tasks = [name.strip() for name in tasks.split(",")]
    features = folder(args.features, "features")
    return load_crosstask(
        args.data, features=features, constraints=constraints, tasks=tasks
    )


def choose_videos(data: Bunch, args: Namespace, part: int) -> list[Video]:
    """Videos with features; if there is a split, its training (0) or test part (1)."""
    from skcrosstask.model_selection import TaskShuffleSplit

    absent = set(data.missing_features)
    videos = [video for video in data.videos if video.name not in absent]
    if n_absent := len(data.videos) - len(videos):
        total = counted(len(data.videos), "video")
        note(f"left out {n_absent} of {total} without features.")
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
        raise ValueError(
            f"no video of {args.data} is left; --features names the folder of "
            "<video>.npy files."
        )
    return videos


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
