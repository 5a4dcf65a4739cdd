"""Tasks whose steps help to learn those of others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.utils import Bunch

from skcrosstask._data import Task
from skcrosstask.metrics._checks import check_entries

__all__ = ["find_related_tasks"]


def find_related_tasks(
    tasks: Sequence[Task],
    candidates: Sequence[Task],
    *,
    n_related: int = 10,
    texts: Mapping[str, str] | None = None,
    videos: Mapping[str, Collection[str]] | None = None,
    max_shared: float = 0.3,
    text: Any = None,
) -> Bunch:
    """Rank candidate tasks by how much their texts have in common with given ones.

    Parameters
    ----------
    tasks : sequence of Task
        Tasks to find help for, with distinct names.
    candidates : sequence of Task
        Tasks to choose from; those in ``tasks`` are skipped.
    n_related : int, default=10
        Maximal number of related tasks per task. Candidates whose texts have nothing
        in common with the task's are never returned.
    texts : mapping of str to str, optional
        Text of each task by its name, such as its wikiHow article. Tasks without an
        entry are described by their title and steps.
    videos : mapping of str to collection of str, optional
        Names of each task's videos, by task name. Candidates that have too many
        videos in common with the task, or with a candidate ranked above them, are
        then left out as duplicates.
    max_shared : float, default=0.3
        Maximal share of the smaller of two sets of videos that is in both.
    text : fitted transformer of texts to vectors, optional
        By default, a `TfidfText` fitted on all these texts.

    Returns
    -------
    Bunch
        - related : dict by task name of the Tasks found, best first.
        - scores : dict by task name of their cosines, an array.
        - similarity : (n_tasks, n_candidates) cosines of all.

    Raises
    ------
    TypeError
        If a text is not a string, or a task or candidate is not a Task.
    ValueError
        If there is no task or no candidate, two different tasks or candidates have
        the same name, a number is out of range, or no name in ``texts`` or
        ``videos`` is that of a task.

    References
    ----------
    Zhukov et al., CVPR 2019, section 5.1.

    Examples
    --------
    >>> from skcrosstask import Task
    >>> from skcrosstask.datasets import find_related_tasks
    >>> latte = Task("latte", ["steam milk", "pour milk"])
    >>> others = [Task("tire", ["jack up car"]), Task("cocoa", ["heat milk", "stir"])]
    >>> found = find_related_tasks([latte], others)
    >>> [task.name for task in found.related["latte"]]
    ['cocoa']
    """
    tasks = check_entries(tasks, "tasks", Task)
    candidates = check_entries(candidates, "candidates", Task)
    texts, videos = dict(texts or {}), dict(videos or {})
    _check(tasks, candidates, n_related, max_shared)
    _check_names(tasks, candidates, {"texts": texts, "videos": videos})
    names = {name: set(of_task) for name, of_task in videos.items()}
    described = [_describe(task, texts) for task in [*tasks, *candidates]]
    if text is None:
        # Imported here, since it takes long and a given `text` does without.
        from skcrosstask.narration.text._tfidf import TfidfText

        text = TfidfText().fit(described)
    vectors = text.transform(described)
    similarity = cosine_similarity(vectors[: len(tasks)], vectors[len(tasks) :])
    related, scores = {}, {}
    for task, row in zip(tasks, similarity, strict=True):
        chosen: list[int] = []
        # Stable, so that equal scores keep the candidates' order.
        for j in np.argsort(-row, kind="stable"):
            above = [task, *(candidates[c] for c in chosen)]
            if len(chosen) == n_related or row[j] <= 0:
                break
            if candidates[j] not in tasks and not any(
                _are_duplicates(candidates[j], other, names, max_shared)
                for other in above
            ):
                chosen.append(int(j))
        related[task.name] = [candidates[j] for j in chosen]
        scores[task.name] = row[chosen]
    return Bunch(related=related, scores=scores, similarity=similarity)


def _check(
    tasks: Sequence[Task],
    candidates: Sequence[Task],
    n_related: int,
    max_shared: float,
) -> None:
    if not tasks or not candidates:
        raise ValueError("find_related_tasks needs at least one task and a candidate.")
    if not isinstance(n_related, Integral) or n_related < 1:
        raise ValueError(f"n_related must be a whole number from 1, got {n_related}.")
    if not 0 <= max_shared <= 1:
        raise ValueError(f"max_shared must be from 0 to 1, got {max_shared}.")


def _check_names(
    tasks: Sequence[Task],
    candidates: Sequence[Task],
    by_name: Mapping[str, Mapping[str, Collection[str]]],
) -> None:
    known: dict[str, Task] = {}
    for task in [*tasks, *candidates]:
        if known.setdefault(task.name, task) != task:
            raise ValueError(f"Two different tasks are named {task.name!r}.")
    for field, entries in by_name.items():
        # Entries kept by title, say, would all be ignored without a word.
        if entries and not entries.keys() & known.keys():
            raise ValueError(
                f"{field}: none of its names is that of a task, such as "
                f"{next(iter(known))!r}."
            )
        for name, entry in entries.items():
            if isinstance(entry, str) != (field == "texts"):
                kind = "a str" if field == "texts" else "a collection of names"
                raise TypeError(f"{field}[{name!r}] must be {kind}, got {entry!r}.")


def _describe(task: Task, texts: Mapping[str, str]) -> str:
    return texts.get(task.name) or ". ".join([task.title or task.name, *task.steps])


def _are_duplicates(
    task: Task, other: Task, videos: Mapping[str, set[str]], max_shared: float
) -> bool:
    """Whether two tasks are the same, or have too many videos in common."""
    if task == other:
        return True
    own, others = videos.get(task.name, set()), videos.get(other.name, set())
    smaller = min(len(own), len(others))
    return bool(smaller) and len(own & others) > max_shared * smaller
