"""One call per experiment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from joblib import effective_n_jobs

from skcrosstask import __version__
from skcrosstask._files import require_file
from skcrosstask.experiments._context import Context
from skcrosstask.experiments._figures import figure5, figure7, sharing_map_figure
from skcrosstask.experiments._five_tasks import five_tasks, open_five_tasks
from skcrosstask.experiments._parses import figure4, figure6, find_task
from skcrosstask.experiments._report import PICTURES, Report
from skcrosstask.experiments._runner import Runner
from skcrosstask.experiments._settings import GRID, PAPER
from skcrosstask.experiments._study import Study, check_not_simulated, open_crosstask
from skcrosstask.experiments._systems import make_system
from skcrosstask.experiments._tables import (
    map_table,
    table1,
    table2,
    table3,
    windows_ablation,
)

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["EXPERIMENTS", "reproduce"]

_RUN: dict[str, Callable[[Context], Report]] = {
    "table1": table1,
    "table2": table2,
    "table3": table3,
    "figure4": figure4,
    "figure5": figure5,
    "figure6": figure6,
    "figure7": figure7,
    "map": map_table,
    "windows-ablation": windows_ablation,
    "five-tasks": five_tasks,
    "sharing-map": sharing_map_figure,
}
EXPERIMENTS = tuple(_RUN)
# These read only what is real, whatever the features are.
_WITHOUT_FEATURES = ("table1", "sharing-map")
# What only one experiment takes.
_ONLY_FOR = {"images": "figure4", "task": "figure6"}
# What the experiments themselves decide.
_FIXED = ("sharing", "use_windows", "random_state")


def reproduce(
    experiment: str,
    data: PathLike,
    out: PathLike = "results",
    *,
    features: PathLike | None = None,
    constraints: PathLike | None = None,
    rate: float | None = None,
    n_splits: int = 20,
    n_train: int = 30,
    settings: dict | str = "paper",
    random_state: int = 0,
    n_jobs: int | None = None,
    images: PathLike | None = None,
    task: str | None = None,
    picture: str = "png",
    dpi: int = 150,
    verbose: bool = True,
) -> Report:
    """Run a table or figure of the paper, or what is missing of it.

    Each fit's result is written to ``out/cells`` when it is complete, with its
    settings and seed. A run that was interrupted, or killed, goes on from there when
    called again, and experiments share the fits they have in common.

    Parameters
    ----------
    experiment : str
        One of `EXPERIMENTS`.
    data : path
        Folder of the CrossTask release, a manifest of other videos, or a folder that
        holds the release as ``crosstask_release``. For "five-tasks", the folder of the
        five tasks, or one that holds it as ``instruction_videos_5tasks``.
    out : path, default="results"
        Folder for results; made if it does not exist.
    features : path or "simulated", optional
        Folder of the features, relative to the release. By default ``features``
        where it exists, else features and windows are simulated on the real
        timelines, and every table and picture says so.
    constraints : path, optional
        Folder of the windows of real features, by default ``constraints``. Refused
        where features are simulated.
    rate : float, optional
        Rows of features a second, where ``data`` does not say; by default 1.
    n_splits : int, default=20
        Random splits, each with its own seed.
    n_train : int, default=30
        Training videos of a primary task.
    settings : dict, "paper" or "validated", default="paper"
        Parameters of the weakly supervised models, on top of `PAPER`.
        "validated" chooses each row's learning rate and dropout on the validation
        videos, where there are some: not in "five-tasks".
    random_state : int, default=0
        Decides the splits.
    n_jobs : int, optional
        How many fits run at a time, in threads.
    images : path, optional
        For figure 4, folder of frames: ``<video>/<second>.jpg`` or ``.png``.
    task : str, optional
        For figure 6, the name or title of a primary task, in any case of letters.
    picture : {"png", "pdf", "svg"}, default="png"
        Format of the picture.
    dpi : int, default=150
        Pixels an inch of a PNG.
    verbose : bool, default=True
        Whether to print progress to standard error.

    Returns
    -------
    Report
        With ``table``, a dict of columns; files ``<experiment>.csv``, ``.md``,
        ``.tex`` and ``.png`` are in ``out``.

    Raises
    ------
    ValueError
        If the experiment is unknown or a setting is wrong or of no use to it, or a
        task has too few videos.
    FileNotFoundError
        If data are missing.
    NotADirectoryError, PermissionError
        If ``out`` cannot be made.

    Warns
    -----
    UserWarning
        If matplotlib is not installed: there is no picture then.

    References
    ----------
    Zhukov et al., CVPR 2019, section 6.

    Examples
    --------
    >>> from skcrosstask.experiments import reproduce
    >>> report = reproduce("table2", "crosstask_release", "results",
    ...                    n_splits=3)  # doctest: +SKIP
    >>> dict(zip(report.table["system"], report.table["average"]))  # doctest: +SKIP
    {'Uniform': 9.9, ...}
    """
    if experiment not in _RUN:
        raise ValueError(
            f"experiment must be one of {', '.join(EXPERIMENTS)}; got {experiment!r}."
        )
    _check_numbers(n_splits, n_train, random_state, n_jobs)
    _check_picture(picture, dpi)
    _check_use(experiment, images=images, task=task)
    _check_folders(Path(out), images)
    given = _check_settings(settings)
    source = {"features": features, "constraints": constraints, "rate": rate}
    study = _open(experiment, data, source, n_train, random_state)
    context = Context(
        study,
        Runner(study, Path(out) / "cells", n_jobs=n_jobs, verbose=verbose),
        {**PAPER, **given},
        n_splits,
        validate=settings == "validated" and experiment != "five-tasks",
        data=Path(data),
        images=None if images is None else Path(images),
        task=task,
    )
    with_features = experiment not in _WITHOUT_FEATURES
    if with_features:
        _check_protocol(context)
    report = _RUN[experiment](context)
    if with_features:
        report.note = study.note
        report.remarks += _settings_used(context)
    report.write(Path(out), picture=picture, dpi=dpi)
    return report


def _open(
    experiment: str,
    data: PathLike,
    source: dict[str, Any],
    n_train: int,
    seed: int,
) -> Study:
    if experiment == "five-tasks":
        check_not_simulated(source["constraints"])
        if source["features"] not in (None, "simulated") or source["rate"] is not None:
            raise ValueError("features of five-tasks are always simulated.")
        return open_five_tasks(Path(data), seed=seed)[0]
    return open_crosstask(data, **source, n_train=n_train, seed=seed)


def _check_numbers(
    n_splits: int, n_train: int, random_state: int, n_jobs: int | None
) -> None:
    for name, value in (("n_splits", n_splits), ("n_train", n_train)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}.")
    if random_state < 0:
        raise ValueError(f"random_state must be at least 0, got {random_state}.")
    if n_jobs == 0:
        raise ValueError("n_jobs must not be 0; -1 stands for all processors.")
    effective_n_jobs(n_jobs)


def _check_picture(picture: str, dpi: int) -> None:
    if picture not in PICTURES:
        raise ValueError(f"picture must be one of {PICTURES}, got {picture!r}.")
    if not 1 <= dpi <= 2400:
        raise ValueError(f"dpi must be from 1 to 2400, got {dpi}.")


def _check_use(experiment: str, **given: object) -> None:
    """Refuse what would be ignored."""
    for name, value in given.items():
        if value is not None and experiment != _ONLY_FOR[name]:
            raise ValueError(
                f"{name} is only for {_ONLY_FOR[name]}, not for {experiment}."
            )


def _check_folders(out: Path, images: PathLike | None) -> None:
    """Refuse at once what would fail after hours."""
    known = next(path for path in (out, *out.absolute().parents) if path.exists())
    if not known.is_dir():
        raise NotADirectoryError(f"'{known}' is a file, not a folder for results.")
    if not os.access(known, os.W_OK | os.X_OK):
        raise PermissionError(f"Nothing can be written to '{known}' for results.")
    if images is not None:
        require_file(images, "Folder of images", folder=True)


def _check_settings(settings: dict | str) -> dict:
    """Parameters to put on top of the paper's; refused if unknown."""
    if not isinstance(settings, dict):
        if settings not in ("paper", "validated"):
            raise ValueError(
                f"settings must be 'paper', 'validated' or a dict, got {settings!r}."
            )
        return {}
    known = make_system("weak").get_params()
    for name, value in settings.items():
        if name not in known:
            raise ValueError(
                f"settings: the estimator has no parameter {name!r}; it has "
                f"{', '.join(sorted(known))}."
            )
        if name in _FIXED:
            raise ValueError(f"settings: {name} is set by the experiments.")
        try:
            json.dumps(value)
        except TypeError:
            raise ValueError(
                f"settings: {name} must be a number, a str or None, to be written "
                f"with the results; got {value!r}."
            ) from None
    make_system("weak", **settings)._validate_params()
    return settings


def _check_protocol(context: Context) -> None:
    """Refuse before features are drawn what the splits cannot give."""
    study = context.study
    tested = study.test(0)
    if all(study.timelines[i].annotation is None for i in tested):
        raise ValueError(
            f"'{context.data}' holds no annotations of the videos to test."
        )
    if context.validate and not study.validation():
        raise ValueError("settings='validated' needs videos in videos_val.csv.")
    if context.task is not None:
        find_task(study.primary, context.task)


def _settings_used(context: Context) -> list[str]:
    """Sentences to stand below a table: all that it takes to get it again."""
    shown = dict(context.settings)
    sentences = []
    if context.validate:
        for name in GRID:
            del shown[name]
        rows: dict[str, list[str]] = {}
        for row, chosen in context.chosen.items():
            text = ", ".join(f"{name} {value:g}" for name, value in chosen.items())
            rows.setdefault(text, []).append(row)
        sentences = [
            f"Chosen on the validation videos: {text}"
            + (f" ({'; '.join(names)})." if all(names) else ".")
            for text, names in rows.items()
        ]
    study = context.study
    settings = ", ".join(f"{name} {value}" for name, value in shown.items())
    train = (
        "" if study.n_train is None else f"{study.n_train} training videos per task, "
    )
    used = f"Settings: {settings}; {train}seed {study.seed}; skcrosstask {__version__}."
    return [*sentences, used]
