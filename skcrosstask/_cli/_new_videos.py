"""Videos to predict: of a collection, or files that stand for themselves."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from skcrosstask._cli._encoders import DEFAULT_ENCODER, add_encoder, encode
from skcrosstask._cli._selection import SIMULATED, choose_videos, load_data
from skcrosstask._cli._shared import option, parameters
from skcrosstask._files import require_file
from skcrosstask._progress import guess, short

if TYPE_CHECKING:
    from sklearn.utils import Bunch

    from skcrosstask._data import Task, Video

__all__ = ["NEW", "add_new_videos", "videos_to_predict"]

NEW = """\
Instead of a collection, DATA may be files of features (.npy, .npz) or video files: the
model knows the tasks that it learnt, and --task names one by its name or title. For
a task that it has not seen, --steps names a text file with its steps in order, one a
line; --task then gives the name (default: that of the file).
"""
_FEATURES = (".npy", ".npz")
_NEW_TASK = "give the steps: --steps FILE, one a line"
_MANIFESTS = (".yaml", ".yml", ".json", ".csv")


def add_new_videos(command: ArgumentParser) -> None:
    """Add what tells about videos that no collection describes."""
    text = "task of the videos that no collection gives one"
    option(command, "--task", "NAME", text)
    text = "steps of a new task, a text file of one a line"
    option(command, "--steps", "FILE", text)
    add_encoder(command, "makes the features of video files, as those of training")


OnError = str | Callable[["Video", Exception], None]


def videos_to_predict(
    args: Namespace, known: Sequence[Task], on_error: OnError
) -> list[Video]:
    """Videos of the argument ``data``, each with features and task.

    Parameters
    ----------
    args : Namespace
        With ``data``, a list of paths, and the options of a selection.
    known : sequence of Task
        The model's tasks.
    on_error : {"raise", "skip"} or callable
        What becomes of video files that cannot be encoded, as for `FrameFeatures`.
    """
    if _is_collection(args.data):
        args = Namespace(**vars(args) | {"data": args.data[0]})
        return _of_collection(args, known, on_error)
    if args.features is not None or args.n_train is not None:
        raise ValueError("--features and --n-train are for collections, not for files.")
    task = _task_of(args, known)
    videos = [_of_file(path, task, args.rate or 1.0) for path in args.data]
    _refuse_same_names(videos, args.data)
    return _with_features(videos, args, on_error)


def _task_of(args: Namespace, known: Sequence[Task]) -> Task:
    """The task of videos that have none: a new one, or one that the model knows."""
    if args.steps is None:
        return find_task(args.task, known)
    from skcrosstask._data import Task
    from skcrosstask.datasets._task_files import read_step_list

    steps = read_step_list(args.steps)
    if not steps:
        raise ValueError(f"--steps: '{args.steps}' has no step; write one a line.")
    try:
        return Task(args.task or Path(args.steps).stem, steps)
    except ValueError as error:
        raise ValueError(f"--steps: '{args.steps}': {error}") from None


def find_task(name: str | None, known: Sequence[Task]) -> Task:
    """The task of a name or title; the only one where none is named."""
    if not known:
        raise ValueError(
            "the model file does not know its tasks, as it is of an earlier version; "
            "give a collection that describes them, or --steps FILE."
        )
    if name is None:
        if len(known) == 1:
            return known[0]
        listed = ", ".join(task.name for task in known[:10])
        raise ValueError(
            f"--task must name the task; the model knows {listed}. Of a new one, "
            f"{_NEW_TASK}."
        )
    found = [task for task in known if name in (task.name, task.title)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"--task: the model knows several tasks {name!r}.")
    names = [text for task in known for text in (task.name, task.title) if text]
    meant = guess(name, names, some=4)
    raise ValueError(
        f"--task: the model knows no task {short(name, 40)}{meant} Of a new one, "
        f"{_NEW_TASK}."
    )


def _is_collection(paths: Sequence[str]) -> bool:
    suffixes = [Path(path).suffix.lower() for path in paths]
    if any(
        Path(path).is_dir() or suffix in _MANIFESTS
        for path, suffix in zip(paths, suffixes, strict=True)
    ):
        if len(paths) > 1:
            raise ValueError("DATA must be one collection, or files of videos.")
        return True
    # A path that is missing and says nothing was meant to be a folder.
    return len(paths) == 1 and not suffixes[0] and not Path(paths[0]).exists()


def _of_collection(
    args: Namespace, known: Sequence[Task], on_error: OnError
) -> list[Video]:
    data = load_data(args)
    if args.task is not None or args.steps is not None:
        task = _task_of(args, known)
        if args.steps is not None and all(data.tasks):
            raise ValueError(f"--steps: all videos of {args.data} have a task.")
        data.videos = [v if v.task else replace(v, task=task) for v in data.videos]
    if args.encoder is not None and args.features != SIMULATED:
        _encode(data, args, on_error)
    return choose_videos(data, args, part=1)


def _encode(data: Bunch, args: Namespace, on_error: OnError) -> None:
    """Give features to the videos of a collection that have only a file."""
    lacking = [video for video in data.videos if video.features is None]
    made = {v.name: v for v in _with_features(lacking, args, on_error)}
    data.videos = [made.get(v.name, v) for v in data.videos]
    data.missing_features = tuple(n for n in data.missing_features if n not in made)


def _of_file(path: str, task: Task, rate: float) -> Video:
    from skcrosstask._data import Video
    from skcrosstask._data._feature_files import is_url, split_member

    file = split_member(path)[0]
    name, suffix = Path(file).stem, Path(file).suffix.lower()
    if suffix in _FEATURES:
        return Video(path, task, name=name, rate=rate)
    if not is_url(path):
        require_file(path, "video")
    return Video(None, task, name=name, rate=rate, source=path)


def _refuse_same_names(videos: Sequence[Video], paths: Sequence[str]) -> None:
    """Rows of a table are told apart by the names of videos alone."""
    first: dict[str | None, str] = {}
    for video, path in zip(videos, paths, strict=True):
        if video.name in first:
            raise ValueError(
                f"{video}: two files would have this name, '{first[video.name]}' and "
                f"'{path}'; rename one, or predict it by itself."
            )
        first[video.name] = path


def _with_features(
    videos: list[Video], args: Namespace, on_error: OnError
) -> list[Video]:
    """The videos, without those of which no features can be made."""
    lacking = [video for video in videos if video.features is None]
    if not lacking:
        return videos
    if args.encoder is None:
        raise ValueError(
            f"{lacking[0]}: is a video file without features; --encoder MODULE:NAME "
            f"makes them, and must be that of training, such as {DEFAULT_ENCODER}."
        )
    settings = parameters(args, "n_jobs")
    encoded = encode(lacking, args.encoder, on_error=on_error, **settings)
    made = {video.name: video for video in encoded}
    found = [made.get(video.name, video) for video in videos]
    return [video for video in found if video.features is not None]
