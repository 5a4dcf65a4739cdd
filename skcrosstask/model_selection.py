"""Splits of videos by task, and a scorer, for scikit-learn's model selection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import BaseShuffleSplit
from sklearn.utils import check_random_state

from skcrosstask._data import Task, Video, naming, shown_name
from skcrosstask._input import VideosLike
from skcrosstask._progress import counted
from skcrosstask._segments import refuse_beyond
from skcrosstask.metrics._step_recall import step_recall

__all__ = ["TaskShuffleSplit", "step_recall_scorer"]

_AVERAGES = ("task", "video", "micro")


class TaskShuffleSplit(BaseShuffleSplit):
    """Random splits with a given number of training videos of each task.

    The paper's protocol is ``TaskShuffleSplit(20, n_train=30,
    train_only=data.related, exclude=data.validation_names)`` on the Bunch of
    :func:`~skcrosstask.datasets.load_crosstask`.

    Parameters
    ----------
    n_splits : int, default=20
        Number of splits.
    n_train : int, default=30
        Number of videos of each task that are drawn for training. The task's
        others are for testing.
    train_only : iterable of Task or str, default=()
        Tasks, or their names, all of whose videos are for training: the paper's
        related tasks. Those that the data do not hold have no effect.
    exclude : iterable of str, default=()
        Names of videos that are in neither part: the paper's validation set.
    random_state : int, RandomState instance or None, default=None
        Decides the draw. An int gives the same splits at every call.

    Notes
    -----
    A video may be listed under several tasks. One that is in the test part under
    one of them is left out of the training part under the others; videos are told
    apart by name, and those without a name are all distinct. Hence a task may train
    on fewer than ``n_train`` videos if it shares some with another tested task.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask import Task, Video
    >>> from skcrosstask.model_selection import TaskShuffleSplit
    >>> tea, toast = Task("tea", ["add tea"]), Task("toast", ["cut bread"])
    >>> tasks = [tea, tea, tea, tea, toast, toast]
    >>> X = [Video(np.zeros((9, 2)), t, name=f"v{i}") for i, t in enumerate(tasks)]
    >>> cv = TaskShuffleSplit(2, n_train=2, train_only=[toast], random_state=0)
    >>> for train, test in cv.split(X):
    ...     print(train, test)
    [2 3 4 5] [0 1]
    [0 2 4 5] [1 3]
    >>> cv.get_n_splits()
    2
    """

    def __init__(
        self,
        n_splits: int = 20,
        *,
        n_train: int = 30,
        train_only: Iterable[Task | str] = (),
        exclude: Iterable[str] = (),
        random_state: int | np.random.RandomState | None = None,
    ):
        # The parent's test_size and train_size count videos without their tasks.
        self.n_splits = n_splits
        self.n_train = n_train
        self.train_only = train_only
        self.exclude = exclude
        self.random_state = random_state

    def get_n_splits(
        self, X: object = None, y: object = None, groups: object = None
    ) -> int:
        """Number of splits.

        Parameters
        ----------
        X, y, groups : ignored
            As scikit-learn expects.

        Returns
        -------
        int
            As given.
        """
        return self.n_splits

    def split(
        self,
        X: VideosLike,
        y: Sequence[Task | str] | None = None,
        groups: object = None,
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the indices of the training and of the test videos.

        Parameters
        ----------
        X : sequence of Video
            The videos. Where ``y`` is given, they may be bare arrays.
        y : sequence of Task or str, optional
            Each video's task; by default its own ``task``.
        groups : ignored
            As scikit-learn expects.

        Yields
        ------
        train, test : ndarray of int
            Sorted indices into ``X``.

        Raises
        ------
        ValueError
            If ``X`` and ``y`` differ in length, a video has no task, a task has
            too few videos, no task is left to test, or a parameter is below 1.
        """
        for parameter in ("n_splits", "n_train"):
            value = getattr(self, parameter)
            if not isinstance(value, Integral) or value < 1:
                raise ValueError(f"{parameter} must be an int from 1, got {value!r}.")
        tasks, names = _task_names(X, y), _video_names(X)
        train_only, exclude = _names(self.train_only), _names(self.exclude)
        shown = [
            shown_name(x, i) if isinstance(x, Video) else i for i, x in enumerate(X)
        ]
        usable = np.array([name not in exclude for name in shown], dtype=bool)
        drawn, always = self._pools(tasks, usable, train_only)
        rng = check_random_state(self.random_state)
        for _ in range(self.n_splits):
            pools = [rng.permutation(pool) for pool in drawn]
            test = np.sort(np.concatenate([pool[self.n_train :] for pool in pools]))
            tested = {names[i] for i in test}
            kept = [pool[: self.n_train] for pool in pools]
            train = np.sort(np.concatenate([always, *kept]))
            yield np.array([i for i in train if names[i] not in tested], int), test

    def _pools(
        self, tasks: list[str], usable: np.ndarray, train_only: set[object]
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """Videos to draw from, one array per task, and those that always train."""
        drawn, always = [], [np.empty(0, dtype=np.intp)]
        # In order of appearance, so that the draw does not depend on names or hashes.
        for task in dict.fromkeys(tasks):
            pool = np.flatnonzero((np.array(tasks) == task) & usable)
            if task in train_only:
                always.append(pool)
            elif len(pool) > self.n_train:
                drawn.append(pool)
            else:
                raise ValueError(
                    f"Task {task!r} has {counted(len(pool), 'video')}, too few to "
                    f"train on n_train={self.n_train} and test on another. Lower "
                    "n_train, or name the task in train_only."
                )
        if not drawn:
            raise ValueError("No task is left to test: all are in train_only.")
        return drawn, np.concatenate(always)


def _task_names(X: VideosLike, y: Sequence[Task | str] | None) -> list[str]:
    given = [getattr(video, "task", None) for video in X] if y is None else y
    _check_lengths(X, given)
    names = []
    for i, (video, task) in enumerate(zip(X, given, strict=True)):
        name = getattr(task, "name", task)
        if not isinstance(name, str):
            label = getattr(video, "name", None) or f"X[{i}]"
            raise ValueError(f"Video {label} has no task, got {name!r}.")
        names.append(name)
    return names


def _check_lengths(X: Sized, y: Sized) -> None:
    if len(y) != len(X):
        videos, tasks = counted(len(X), "video"), counted(len(y), "task")
        raise ValueError(f"X has {videos}, but y has {tasks}.")


def _video_names(X: VideosLike) -> list[str | int]:
    """Names; an unnamed video is told apart by its index."""
    names = [getattr(video, "name", None) for video in X]
    return [i if name is None else name for i, name in enumerate(names)]


def _names(entries: Iterable[object]) -> set[object]:
    entries = [entries] if isinstance(entries, str | Task) else entries
    return {getattr(entry, "name", entry) for entry in entries}


class _StepRecallScorer:
    """What ``step_recall_scorer`` returns: a class, so that it can be pickled."""

    def __init__(self, average: str):
        self.average = average

    def __repr__(self) -> str:
        return f"step_recall_scorer(average={self.average!r})"

    def __call__(
        self,
        estimator: BaseEstimator,
        X: Sequence[Video],
        y: Sequence[Task] | None = None,
    ) -> float:
        if y is not None:
            _check_lengths(X, y)
        kept = [
            i for i, v in enumerate(X) if getattr(v, "annotation", None) is not None
        ]
        if not kept:
            raise ValueError("step_recall_scorer: no video has an annotation.")
        videos = [X[i] for i in kept]
        for video in videos:
            if video.features is not None:  # else a pipeline makes them
                with naming(video):
                    n_units, rate = video.shape[0], video.rate
                    refuse_beyond(video.annotation, n_units, rate, "annotation")
        own = [video.task for video in videos]
        tasks = own if y is None else [y[i] for i in kept]
        known = [task for task in tasks if task is not None]
        # A Pipeline's predict takes no y, so it is passed only if it tells something.
        arguments = (videos,) if tasks == own else (videos, tasks)
        recall: float = step_recall(
            [video.annotation for video in videos],
            estimator.predict(*arguments),
            known if len(known) == len(tasks) else None,
            rates=[video.rate for video in videos],
            average=self.average,
        )  # type: ignore[assignment]
        return recall


def step_recall_scorer(average: str = "task") -> Callable[..., float]:
    """Scorer by step recall, for the ``scoring`` of scikit-learn's tools.

    Parameters
    ----------
    average : {"task", "video", "micro"}, default="task"
        As in :func:`~skcrosstask.metrics.step_recall`.

    Returns
    -------
    callable
        ``scorer(estimator, X, y=None)``: recall of ``estimator.predict`` on those
        videos of ``X`` that have an annotation; ``y`` gives each video's task, by
        default its own. It raises a ValueError if no video has an annotation, or one
        goes on long after its video's end.

    Raises
    ------
    ValueError
        If ``average`` is none of these.

    Examples
    --------
    >>> from skcrosstask.model_selection import step_recall_scorer
    >>> scoring = {"recall": step_recall_scorer(), "micro": step_recall_scorer("micro")}
    >>> scoring["micro"]
    step_recall_scorer(average='micro')
    """
    if average not in _AVERAGES:
        raise ValueError(f"average must be one of {_AVERAGES}, got {average!r}.")
    return _StepRecallScorer(average)
