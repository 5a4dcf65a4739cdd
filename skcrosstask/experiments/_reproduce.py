"""One call an experiment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from skcrosstask._estimator import WeaklySupervisedStepEstimator
from skcrosstask._typing import PathLike
from skcrosstask.experiments._context import Context, validated
from skcrosstask.experiments._figures import (
    figure4,
    figure5,
    figure6,
    figure7,
    sharing_map_figure,
)
from skcrosstask.experiments._five_tasks import five_tasks
from skcrosstask.experiments._report import Report
from skcrosstask.experiments._runner import Runner
from skcrosstask.experiments._settings import GRID, PAPER
from skcrosstask.experiments._study import open_crosstask
from skcrosstask.experiments._tables import (
    map_table,
    table1,
    table2,
    table3,
    windows_ablation,
)

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
# Of these, what is read is real whatever the features are.
_WITHOUT_FEATURES = ("table1", "sharing-map")


def reproduce(
    experiment: str,
    data: PathLike,
    out: PathLike,
    *,
    features: PathLike | None = None,
    constraints: PathLike = "constraints",
    n_splits: int = 20,
    n_train: int = 30,
    settings: dict | str = "paper",
    random_state: int = 0,
    n_jobs: int | None = None,
    images: PathLike | None = None,
    task: str | None = None,
    verbose: bool = True,
) -> Report:
    """Run a table or figure of the paper, or what of it is not there yet.

    Each fit's result is written to ``out/cells`` when it is complete, with its
    settings and seed. A run that was interrupted, or killed, goes on from there when
    it is called again, and experiments share what they have in common.

    Parameters
    ----------
    experiment : str
        One of `EXPERIMENTS`.
    data : path
        Folder of the CrossTask release, or one that holds it as
        ``crosstask_release`` and, for "five-tasks", ``instruction_videos_5tasks``.
    out : path
        Folder for results; made if need be.
    features : path or "simulated", optional
        Folder of the features, sought from the release on. By default ``features``
        where it exists, else features and windows are simulated on the real
        timelines, and every table and picture says so.
    constraints : path, default="constraints"
        Folder of the windows of real features.
    n_splits : int, default=20
        Random splits, each with another seed.
    n_train : int, default=30
        Training videos of a primary task.
    settings : dict, "paper" or "validated", default="paper"
        Parameters of the weakly supervised models, on top of `PAPER`.
        "validated" chooses learning rate and dropout on the validation videos.
    random_state : int, default=0
        Decides the splits.
    n_jobs : int, optional
        Fits at a time, in threads.
    images : path, optional
        For figure 4, folder of frames: ``<video>/<second>.jpg`` or ``.png``.
    task : str, optional
        For figure 6, the name or title of a primary task.
    verbose : bool, default=True
        Whether to print progress.

    Returns
    -------
    Report
        With ``table``, a dict of columns; files ``<experiment>.csv``, ``.md`` and
        ``.png`` are in ``out``.

    Raises
    ------
    ValueError
        If the experiment is unknown or a number is out of range.
    FileNotFoundError
        If data are missing.

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
    for name, value in (("n_splits", n_splits), ("n_train", n_train)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}.")
    given = _check_settings(settings)
    study = open_crosstask(
        data,
        features=features,
        constraints=constraints,
        n_train=n_train,
        seed=random_state,
    )
    context = Context(
        study,
        Runner(study, Path(out) / "cells", n_jobs=n_jobs, verbose=verbose),
        {**PAPER, **given},
        n_splits,
        data=Path(data),
        images=None if images is None else Path(images),
        task=task,
    )
    remarks = []
    if settings == "validated" and experiment not in _WITHOUT_FEATURES:
        context.settings, _ = validated(context)
        chosen = {name: context.settings[name] for name in GRID}
        remarks = [f"Chosen on the validation videos: {chosen}."]
    report = _RUN[experiment](context)
    report.remarks += remarks
    if experiment not in _WITHOUT_FEATURES:
        report.note = report.note or study.note
    report.write(Path(out))
    return report


def _check_settings(settings: dict | str) -> dict:
    """Parameters to put on top of the paper's; refused if there is no such one."""
    if isinstance(settings, dict):
        known = WeaklySupervisedStepEstimator().get_params()
        unknown = [name for name in settings if name not in known]
        if unknown:
            raise ValueError(
                f"settings: the estimator has no parameter {unknown[0]!r}; it has "
                f"{', '.join(sorted(known))}."
            )
        return settings
    if settings not in ("paper", "validated"):
        raise ValueError(
            f"settings must be 'paper', 'validated' or a dict, got {settings!r}."
        )
    return {}
