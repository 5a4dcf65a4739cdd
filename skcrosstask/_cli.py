"""Command line: commands over the public API."""

from __future__ import annotations

import json
import os
import sys
import warnings
from argparse import Namespace
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from skcrosstask._cli_options import PROG, make_parser
from skcrosstask._progress import counted

if TYPE_CHECKING:
    import numpy as np
    from sklearn.utils import Bunch

    from skcrosstask import Task, Video

__all__ = ["main"]

# Options that are constructor parameters; without one, its default holds.
_PARAMETERS = (
    "sharing", "use_windows", "contrast", "learning_rate", "dropout", "init_iter",
    "max_iter", "n_jobs",
)  # fmt: skip
_ALIGNER_PARAMETERS = (
    "window_words", "stride", "background", "padding", "weak_padding", "min_length",
    "min_confidence", "max_silence", "units_per_second", "n_jobs",
)  # fmt: skip
_INTERRUPTED = 130


def main(argv: list[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : list of str, optional
        Arguments, by default those of the process.

    Returns
    -------
    int
        0 if all went well, 2 for a mistake of the user's, which one line on standard
        error explains, and 130 after Ctrl-C.
    """
    args = make_parser().parse_args(argv)
    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = _print_warning
        try:
            return _COMMANDS[args.command](args)
        except BrokenPipeError:
            # Who reads the output had enough; nothing more is to be flushed there.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except (ImportError, OSError, ValueError) as error:
            _say(f"error: {_message(error)}")
            return 2
        except KeyboardInterrupt:
            _say("interrupted.")
            return _INTERRUPTED


def _demo(args: Namespace) -> int:
    from skcrosstask._demo import run_demo

    _check_target(args.out)
    run_demo(args.out, args.seed)
    return 0


def _fit(args: Namespace) -> int:
    from skcrosstask import WeaklySupervisedStepEstimator
    from skcrosstask.estimators._model_files import save_model

    _check_target(args.out)
    given = {name: getattr(args, name) for name in _PARAMETERS if hasattr(args, name)}
    estimator = WeaklySupervisedStepEstimator(
        random_state=args.seed, verbose=args.verbose, **given
    )
    constraints = _folder(args.constraints, "constraints")
    data = _load(args, constraints if estimator.use_windows else None)
    if args.constraints is not None and estimator.use_windows:
        _require_windows(data, args.constraints)
    videos = _choose(data, args, part=0)
    with redirect_stdout(sys.stderr):
        estimator.fit(videos)
    save_model(estimator, args.out)
    if args.verbose:
        n_tasks = counted(len({video.task for video in videos}), "task")
        print(f"learnt from {counted(len(videos), 'video')} of {n_tasks}: {args.out}")
    complete = estimator.n_iter_ == estimator.init_iter + estimator.max_iter
    return 0 if complete else _INTERRUPTED


def _predict(args: Namespace) -> int:
    from skcrosstask._files import replacing
    from skcrosstask._prediction_files import format_predictions
    from skcrosstask.estimators._model_files import load_model

    if args.out != "-":
        _check_target(args.out)
    estimator = load_model(args.model)
    if hasattr(args, "n_jobs"):
        estimator.set_params(n_jobs=args.n_jobs)
    videos = _choose(_load(args, None), args, part=1)
    text = format_predictions(videos, estimator.predict(videos))
    if args.out == "-":
        print(text, end="", flush=True)
        return 0
    with replacing(args.out) as file:
        file.write(text.encode())
    print(f"placed the steps of {counted(len(videos), 'video')}: {args.out}")
    return 0


def _evaluate(args: Namespace) -> int:
    from skcrosstask._files import replacing
    from skcrosstask._prediction_files import match_predictions, read_predictions
    from skcrosstask.datasets import load_crosstask

    if args.json is not None:
        _check_target(args.json)
    rows = read_predictions(args.predictions)
    with warnings.catch_warnings():
        # Features give lengths alone here; a video without them is no news.
        warnings.simplefilter("ignore", UserWarning)
        features = _folder(args.features, "features")
        data = load_crosstask(args.data, features=features, constraints=None)
    matched = match_predictions(rows, data.videos, args.predictions)
    known = [i for i in matched if data.videos[i].annotation is not None]
    if len(known) < len(matched):
        number = counted(len(matched) - len(known), "video")
        _say(f"left out {number} without annotation.")
    if not known:
        raise ValueError(f"none of the videos of {args.predictions} is annotated.")
    report = _recalls(data, {i: matched[i] for i in sorted(known)})
    if args.json is not None:
        with replacing(args.json) as file:
            file.write((json.dumps(report, indent=2) + "\n").encode())
    print(_table(report))
    return 0


def _windows(args: Namespace) -> int:
    from skcrosstask._windows_command import make_windows

    for path in filter(None, (args.confidence, args.plot)):
        _check_target(path)
    given = {k: getattr(args, k) for k in _ALIGNER_PARAMETERS if hasattr(args, k)}
    summary = make_windows(
        args.subtitles,
        args.tasks,
        args.out,
        videos=args.videos,
        text=args.text,
        vectors=args.vectors,
        confidence=args.confidence,
        plot=args.plot,
        plot_video=args.plot_video,
        format=args.format,
        encoding=args.encoding,
        skip_broken=args.skip_broken,
        verbose=not args.quiet,
        **given,
    )
    if not args.quiet:
        print(f"{summary}; {args.out}")
    return 0


def _reproduce(args: Namespace) -> int:
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
            n_splits=args.splits,
            n_train=args.n_train,
            settings=args.settings,
            random_state=args.seed,
            n_jobs=args.jobs,
            images=args.images,
            task=args.task,
            verbose=not args.quiet,
        )
    except KeyboardInterrupt:
        _say("interrupted; the same command goes on from there.")
        return _INTERRUPTED
    print(report, end="")
    _say(f"wrote {args.experiment}: {args.out}")
    return 0


def _recalls(data: Bunch, predictions: dict[int, np.ndarray]) -> dict:
    """Recall of each task and its mean, beside those of evenly spread steps."""
    import numpy as np

    from skcrosstask.baselines import UniformBaseline
    from skcrosstask.metrics import step_recall

    truth = [data.videos[i].annotation for i in predictions]
    tasks = [data.videos[i].task for i in predictions]
    recall = step_recall(truth, list(predictions.values()), tasks, average=None)
    lengths = data.lengths[list(predictions)]
    unknown = {t.name for t, n in zip(tasks, lengths, strict=True) if n < 0}
    blank = [
        np.zeros((max(n, len(task.steps)), 1), dtype=np.float16)
        for task, n in zip(tasks, lengths, strict=True)
    ]
    uniform = step_recall(
        truth, UniformBaseline().predict(blank, tasks), tasks, average=None
    )
    per_task = {
        name: {
            "title": data.catalog[name].title,
            "n_videos": sum(task.name == name for task in tasks),
            "recall": recall[name],
            "uniform": None if name in unknown else uniform[name],
        }
        for name in recall
    }
    # A mean over other videos than its neighbour's would mislead.
    comparable = unknown.isdisjoint(recall)
    return {
        "n_videos": sum(task["n_videos"] for task in per_task.values()),
        "recall": float(np.mean([*recall.values()])),
        "uniform": float(np.mean([*uniform.values()])) if comparable else None,
        "tasks": per_task,
    }


def _table(report: dict) -> str:
    lines = [(task["title"] or name, task) for name, task in report["tasks"].items()]
    lines.append(("mean", report))
    pad = max(len("task"), *(len(title) for title, _ in lines))
    text = [f"{'task':{pad}}  videos  recall %  uniform %"]
    for title, row in lines:
        recall, uniform = (
            "-" if row[name] is None else f"{100 * row[name]:.1f}"
            for name in ("recall", "uniform")
        )
        text.append(f"{title:{pad}}  {row['n_videos']:6}  {recall:>8}  {uniform:>9}")
    return "\n".join(text)


def _load(args: Namespace, constraints: str | Path | None) -> Bunch:
    from skcrosstask.datasets import load_crosstask

    tasks = args.tasks
    if tasks not in ("all", "primary", "related"):
        tasks = [name.strip() for name in tasks.split(",")]
    features = _folder(args.features, "features")
    return load_crosstask(
        args.data, features=features, constraints=constraints, tasks=tasks
    )


def _choose(data: Bunch, args: Namespace, part: int) -> list[Video]:
    """Videos with features; of a split, its training (0) or test part (1)."""
    from skcrosstask.model_selection import TaskShuffleSplit

    absent = set(data.missing_features)
    videos = [video for video in data.videos if video.name not in absent]
    if len(videos) < len(data.videos):
        n_absent = len(data.videos) - len(videos)
        number = counted(len(data.videos), "video")
        _say(f"left out {n_absent} of {number} without features.")
    excluded = data.validation_names if args.exclude_validation else frozenset()
    if videos and args.n_train is not None:
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
    for name, number in pools.items():
        if number <= n_train:
            raise ValueError(
                f"task {name} has {counted(number, 'video')}, too few to train on "
                f"{n_train} and test on another: give a lower --n-train, or --tasks "
                "without it."
            )


def _require_windows(data: Bunch, folder: str) -> None:
    """Refuse a folder that was asked for and has nothing of these videos."""
    if data.videos and all(video.windows is None for video in data.videos):
        first = f"{data.tasks[0].name}_{data.videos[0].name}.csv"
        raise ValueError(
            f"--constraints: '{folder}' holds no windows of these videos, such as "
            f"{first}; --no-windows does without."
        )


def _folder(named: str | None, default: str) -> str | Path:
    """A folder that the user names is sought from here, a default one in DATA."""
    return default if named is None else Path(named).absolute()


def _check_target(path: str) -> None:
    """Refuse before the work what could not be written after it."""
    if Path(path).is_dir():
        raise IsADirectoryError(f"'{path}' is a folder, not a file to write.")
    if not Path(path).absolute().parent.is_dir():
        raise FileNotFoundError(f"folder '{Path(path).parent}' does not exist.")


def _say(text: str) -> None:
    print(f"{PROG}: {text}", file=sys.stderr)


def _print_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    _say(f"warning: {_message(message)}")


def _message(error: object) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split())


_COMMANDS = {
    "demo": _demo,
    "fit": _fit,
    "predict": _predict,
    "evaluate": _evaluate,
    "windows": _windows,
    "reproduce": _reproduce,
}
