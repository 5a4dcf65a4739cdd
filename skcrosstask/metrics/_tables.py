"""Tables by task, as plain dicts of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data import Task
from skcrosstask.metrics._checks import check_mapping
from skcrosstask.metrics._step_recall import step_recall

if TYPE_CHECKING:
    from skcrosstask._input import Annotations, PerVideo

__all__ = ["recall_table", "task_table"]


def task_table(
    figures: Mapping[str, Mapping[str, float]], *, average: bool = True
) -> dict[str, list]:
    """Table of figures, a row per task and a column per system.

    Parameters
    ----------
    figures : mapping of str to mapping of str to float
        By system and by task name: what a metric returns with ``average=None``.
    average : bool, default=True
        Whether to add a last row, "average", with each system's mean over its tasks.

    Returns
    -------
    dict of str to list
        Column ``task`` of names, in order of appearance, and a column a system; nan
        where a system has no figure. :class:`pandas.DataFrame` takes it as it is.

    Raises
    ------
    ValueError
        If no figure is given, a system is called "task", or a task "average".
    TypeError
        If figures are not mappings.

    Examples
    --------
    >>> from skcrosstask.metrics import task_table
    >>> figures = {"uniform": {"tea": 0.25, "tire": 0.5}, "weak": {"tea": 0.5}}
    >>> for name, column in task_table(figures).items():
    ...     print(name, column)
    task ['tea', 'tire', 'average']
    uniform [0.25, 0.5, 0.375]
    weak [0.5, nan, 0.5]
    """
    check_mapping(figures, "figures", "systems to figures by task")
    for system, column in figures.items():
        check_mapping(column, f"figures[{system!r}]", "tasks to figures")
    tasks = list(dict.fromkeys(task for column in figures.values() for task in column))
    if not tasks:
        raise ValueError("figures holds no figure.")
    if "task" in figures:
        raise ValueError('No system may be called "task": that column has the names.')
    if average and "average" in tasks:
        raise ValueError('No task may be called "average": that row has the means.')
    table: dict[str, list] = {"task": tasks + ["average"] * average}
    for system, column in figures.items():
        values = [float(column.get(task, np.nan)) for task in tasks]
        known = [value for value in values if not np.isnan(value)]
        mean = float(np.mean(known)) if known else float("nan")
        table[system] = values + [mean] * average
    return table


def recall_table(
    annotations: Annotations,
    predictions: Mapping[str, PerVideo],
    tasks: Sequence[Task | str] | None = None,
    *,
    rates: ArrayLike = 1.0,
    average: bool = True,
) -> dict[str, list]:
    """Table of step recall, a row per task and a column per system.

    Parameters
    ----------
    annotations : sequence of array-like of shape (n_i, 3)
        Each video's true segments, rows ``step, start, end``; steps from 0, times
        in seconds.
    predictions : mapping of str to sequence of array-like of int of shape (K_i,)
        By system, each video's predicted time unit of each step; -1 leaves it out.
    tasks : sequence of Task or str, optional
        Each video's task. Without it, all videos belong to one task, "all".
    rates : float or sequence of float, default=1.0
        Time units a second, of all videos or of each: unit t covers the seconds
        ``[t / rate, (t + 1) / rate)``.
    average : bool, default=True
        Whether to add a last row, "average", with the mean over tasks.

    Returns
    -------
    dict of str to list
        As :func:`~skcrosstask.metrics.task_table`. The last row is
        :func:`~skcrosstask.metrics.step_recall` as the paper gives it.

    Raises
    ------
    ValueError
        If there is no system, one is called "task", or `step_recall` refuses its
        predictions.
    TypeError
        If a task is neither a Task nor a str, or predictions are not a mapping.

    Examples
    --------
    >>> from skcrosstask.metrics import recall_table
    >>> annotations = [[[0, 2, 4], [1, 6, 9]], [[1, 0, 2], [1, 5, 8]]]
    >>> systems = {"uniform": [[2, 4], [1, 3]], "weak": [[3, 8], [0, 6]]}
    >>> for name, column in recall_table(annotations, systems, ["tea", "tire"]).items():
    ...     print(name, column)
    task ['tea', 'tire', 'average']
    uniform [0.5, 0.0, 0.25]
    weak [1.0, 1.0, 1.0]
    """
    check_mapping(predictions, "predictions", "systems to predicted times")
    recalls = {
        system: step_recall(annotations, times, tasks, rates=rates, average=None)
        for system, times in predictions.items()
    }
    return task_table(recalls, average=average)
