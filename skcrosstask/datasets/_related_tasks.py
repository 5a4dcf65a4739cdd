"""Tasks whose steps help to learn those of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from skcrosstask._data import Task
from skcrosstask.narration import TfidfText

__all__ = ["find_related_tasks"]


def find_related_tasks(
    tasks: Sequence[Task],
    candidates: Sequence[Task],
    *,
    n_related: int = 10,
    texts: Mapping[str, str] | None = None,
    videos: Mapping[str, Sequence[str]] | None = None,
    max_shared: float = 0.3,
    text: Any = None,
) -> Bunch:
    """Rank candidate tasks by how much their texts have in common with given ones.

    Parameters
    ----------
    tasks : sequence of Task
        Tasks for which help is sought.
    candidates : sequence of Task
        Tasks to choose from; those in ``tasks`` are passed over.
    n_related : int, default=10
        How many are returned for each task, at most.
    texts : mapping of str to str, optional
        Text of each task by its name, such as its wikiHow article. Tasks without an
        entry are described by their title and steps.
    videos : mapping of str to sequence of str, optional
        Names of each task's videos, by the name of the task. Then candidates which
        have too many videos in common with the task, or with a candidate that is
        ranked above them, are taken for duplicates and left out.
    max_shared : float, default=0.3
        Greatest share of videos in common, of the smaller of the two sets.
    text : transformer of texts to vectors, optional
        By default a `TfidfText` fitted on all texts here.

    Returns
    -------
    Bunch
        - related : dict by task name of the Tasks found, best first.
        - scores : dict by task name of their cosines, an array.
        - similarity : (n_tasks, n_candidates) cosines of all.

    Raises
    ------
    ValueError
        If there is no task or no candidate, or a number is out of range.

    References
    ----------
    Zhukov et al., CVPR 2019, section 5.1.

    Examples
    --------
    >>> from skcrosstask import Task
    >>> from skcrosstask.datasets import find_related_tasks
    >>> latte = Task("latte", ["steam milk", "pour milk"])
    >>> others = [Task("tire", ["jack up car"]), Task("cocoa", ["heat milk", "stir"])]
    >>> found = find_related_tasks([latte], others, n_related=1)
    >>> [task.name for task in found.related["latte"]]
    ['cocoa']
    """
    tasks, candidates = list(tasks), list(candidates)
    if not tasks or not candidates:
        raise ValueError("find_related_tasks needs at least one task and a candidate.")
    if n_related < 1:
        raise ValueError(f"n_related must be at least 1, got {n_related}.")
    if not 0 <= max_shared <= 1:
        raise ValueError(f"max_shared must be from 0 to 1, got {max_shared}.")
    described = [_describe(task, texts or {}) for task in [*tasks, *candidates]]
    if text is None:
        text = TfidfText().fit(described)
    similarity = _cosines(text.transform(described), len(tasks))
    related, scores = {}, {}
    for i, task in enumerate(tasks):
        chosen: list[int] = []
        # Stable, so that equal scores keep the candidates' order.
        for j in np.argsort(-similarity[i], kind="stable"):
            above = [task, *(candidates[c] for c in chosen)]
            if candidates[j] in tasks or _is_duplicate(
                candidates[j], above, videos or {}, max_shared
            ):
                continue
            chosen.append(int(j))
            if len(chosen) == n_related:
                break
        related[task.name] = [candidates[j] for j in chosen]
        scores[task.name] = similarity[i, chosen]
    return Bunch(related=related, scores=scores, similarity=similarity)


def _describe(task: Task, texts: Mapping[str, str]) -> str:
    return texts.get(task.name) or ". ".join([task.title or task.name, *task.steps])


def _cosines(vectors: Any, n_tasks: int) -> np.ndarray:
    products = vectors[:n_tasks] @ vectors[n_tasks:].T
    if hasattr(products, "toarray"):
        products = products.toarray()
    return np.asarray(products, dtype=np.float64)


def _is_duplicate(
    candidate: Task,
    above: Sequence[Task],
    videos: Mapping[str, Sequence[str]],
    max_shared: float,
) -> bool:
    own = set(videos.get(candidate.name, ()))
    for other in above:
        others = set(videos.get(other.name, ()))
        smaller = min(len(own), len(others))
        if smaller and len(own & others) > max_shared * smaller:
            return True
    return False
