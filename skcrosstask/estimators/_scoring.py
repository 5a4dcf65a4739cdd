"""Estimators that score every step at every time, then place the steps."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any, Self

import joblib
import numpy as np
from sklearn.utils.validation import check_is_fitted

from skcrosstask._data import Task, Video
from skcrosstask._data._order import is_listed_order
from skcrosstask._input import (
    PathLike,
    TasksLike,
    VideosLike,
    object_array,
    read_videos,
)
from skcrosstask._progress import warn_left_out
from skcrosstask.alignment._align import align_steps
from skcrosstask.alignment._posteriors import step_posteriors
from skcrosstask.estimators._base import BaseStepEstimator
from skcrosstask.estimators._decisions import decide_each, key_of
from skcrosstask.results._journal import Journal
from skcrosstask.results._places import StepPlaces, tabulate
from skcrosstask.results._table import StepTable

__all__ = ["ScoringStepEstimator", "weigh_units"]

# Parameters that change no result.
_NO_MATTER = {"n_jobs", "verbose", "store_folder", "store_dtype", "max_memory"}
# What a fit leaves and scores are made of, not what is decided by them.
_LEARNT = {"alignments_", "coef_", "history_", "_model", "_seen", "_conditioning"}


class ScoringStepEstimator(BaseStepEstimator):
    """Base of estimators that score every step at every time, then place the steps.

    Subclasses implement `_scorer`; they may change how scores become times (`_place`)
    and probabilities (`_weigh`). Where they have no parameter `n_jobs`, one thread
    predicts.
    """

    n_jobs: int | None = None
    coef_: Any
    intercept_: Any

    def predict(self, X: VideosLike, y: TasksLike | None = None) -> np.ndarray:
        """Time of each step in new videos; windows are not used.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Videos.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            As for `fit`.

        Returns
        -------
        ndarray of shape (n_videos,) of object
            Entry i is an int array (K_i,): the time unit of each step, in the order
            of its task; -1 for a step that is left out, where the estimator does so.

        Raises
        ------
        ValueError
            If a video is malformed, shorter than its list of steps, or of a task
            that the estimator does not know; the message names it.

        Examples
        --------
        >>> from skcrosstask import WeaklySupervisedStepEstimator
        >>> from skcrosstask.datasets import make_instructional_videos
        >>> videos, _ = make_instructional_videos(n_videos=2, random_state=0)
        >>> est = WeaklySupervisedStepEstimator(random_state=0).fit(videos)
        >>> [len(times) for times in est.predict(videos[:2])]
        [5, 4]
        """
        return self._map(type(self)._place, X, y)

    def predict_proba(self, X: VideosLike, y: TasksLike | None = None) -> np.ndarray:
        """Posterior of each step's time, under order.

        Where a task's order is partial, over all orders that it allows, or, where the
        estimator does not learn segments, each step by itself.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Videos.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            As for `fit`.

        Returns
        -------
        ndarray of shape (n_videos,) of object
            Entry i is a float array (T_i, K_i): the probability that step k is at
            time t; columns sum to 1.

        Examples
        --------
        >>> from skcrosstask import WeaklySupervisedStepEstimator
        >>> from skcrosstask.datasets import make_instructional_videos
        >>> videos, _ = make_instructional_videos(n_videos=2, random_state=0)
        >>> est = WeaklySupervisedStepEstimator(random_state=0).fit(videos)
        >>> est.predict_proba(videos[:1])[0].sum(axis=0).round(3)
        array([1., 1., 1., 1., 1.])
        """
        return self._map(type(self)._weigh, X, y)

    def decision_function(
        self, X: VideosLike, y: TasksLike | None = None
    ) -> np.ndarray:
        """Raw scores of the steps.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Videos.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            As for `fit`.

        Returns
        -------
        ndarray of shape (n_videos,) of object
            Entry i is a float array (T_i, K_i).

        Examples
        --------
        >>> from skcrosstask import WeaklySupervisedStepEstimator
        >>> from skcrosstask.datasets import make_instructional_videos
        >>> videos, _ = make_instructional_videos(n_videos=2, random_state=0)
        >>> est = WeaklySupervisedStepEstimator(random_state=0).fit(videos)
        >>> scores = est.decision_function(videos[:1])[0]
        >>> scores.shape == (len(videos[0].features), 5)
        True
        """
        return self._map(type(self)._as_they_are, X, y)

    def locate(
        self,
        X: VideosLike,
        y: TasksLike | None = None,
        *,
        on_error: str | Callable[[Video, Exception], Any] = "raise",
        journal: PathLike | None = None,
    ) -> StepTable:
        """Table of where the steps are, in seconds.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Videos; ``rate`` turns their rows into seconds.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            As for `fit`.
        on_error : {"raise", "skip"} or callable, default="raise"
            What becomes of a video that cannot be read or placed: with "skip" it is
            left out, and a warning at the end says why. A function is called instead
            at the end, with each video that is left out and its error.
        journal : path, optional
            A file to which the steps of videos are added as they are found. After an
            interruption, whatever it was, the same call goes on from there. The file
            stays: delete it once the table is safe.

        Returns
        -------
        StepTable
            One row for each step of each video, in the order of X and of the tasks;
            see `StepRow`. ``time`` is the middle of the unit that `predict` returns,
            and ``[start, end)`` the segment that holds it. ``present`` and
            ``confidence`` are nan where the estimator gives no probability.

        Raises
        ------
        ValueError
            If `predict` would raise it, or the journal is of another model.

        Notes
        -----
        Estimators that learn segments choose those of the largest total log odds that
        hold the best moments; under ``decoding="free"`` they may overlap. ``present``
        is what ``predict_presence`` returns, and ``confidence`` the probability that
        the step is in the video and going on at ``time``, so it is at most
        ``present``. Other estimators give the segment of one unit; their
        ``confidence`` is the probability that the step takes this unit, under
        ``predict_proba``.

        Examples
        --------
        >>> from skcrosstask import WeaklySupervisedStepEstimator
        >>> from skcrosstask.datasets import make_instructional_videos
        >>> videos, tasks = make_instructional_videos(6, random_state=0)
        >>> est = WeaklySupervisedStepEstimator().fit(videos, tasks)
        >>> for row in est.locate(videos[:1])[:2]:
        ...     print(row.text, row.start <= row.time < row.end)
        pour milk True
        add egg True
        """
        if not callable(on_error) and on_error not in ("raise", "skip"):
            raise ValueError(
                f'on_error must be "raise" or "skip", or a function, got {on_error!r}.'
            )
        check_is_fitted(self, "coef_")
        self._validate_params()
        videos, tasks = read_videos(X, y)
        skip = on_error != "raise"
        if not skip:
            self._check_n_features(videos, reset=False)
        kept = None if journal is None else Journal(journal, self._fingerprint())
        found = self._find_each(videos, tasks, skip, kept)
        broken = [
            (video, each)
            for video, each in zip(videos, found, strict=True)
            if isinstance(each, Exception)
        ]
        if callable(on_error):
            for video, error in broken:
                on_error(video, error)
        else:
            warn_left_out([str(error) for _, error in broken], len(videos))
        good = {i for i, each in enumerate(found) if isinstance(each, StepPlaces)}
        return tabulate(videos, tasks, found, good)

    def _find_each(
        self,
        videos: list[Video],
        tasks: list[Task],
        skip: bool,
        journal: Journal | None,
    ) -> list[StepPlaces | Exception]:
        """Where the steps of each video are, or why that cannot be said."""
        found: list[Any] = [None] * len(videos)
        keys: list[str | None] = [None] * len(videos)
        for i, (video, task) in enumerate(zip(videos, tasks, strict=True)):
            try:
                if skip:
                    self._check_n_features([video], reset=False)
                if journal is not None:
                    keys[i] = key = key_of(video, task)
                    found[i] = journal.found.get(key)
            except (ValueError, OSError) as error:
                if not skip:
                    raise
                found[i] = error
        rest = np.array([i for i, each in enumerate(found) if each is None], int)
        results = decide_each(
            self._scorer(tasks),
            MethodType(type(self)._find, self._decider()),
            [videos[i] for i in rest],
            [tasks[i] for i in rest],
            n_jobs=self.n_jobs,
            skip=skip,
        )
        for shard, places in results if len(rest) else ():
            numbers = rest[shard].tolist()
            for i, each in zip(numbers, places, strict=True):
                found[i] = each
            if journal is not None:
                good = [i for i in numbers if isinstance(found[i], StepPlaces)]
                journal.add({str(keys[i]): found[i] for i in good})
        return found

    def _fingerprint(self) -> str:
        """Says which model this is, and how it decides."""
        plain = {
            name: value
            for name, value in self.get_params(deep=False).items()
            if name not in _NO_MATTER and isinstance(value, str | int | float | None)
        }
        parts = type(self).__name__, self.coef_, self.intercept_, plain
        return str(joblib.hash(parts))

    def _scorer(self, tasks: Sequence[Task]) -> Callable[[Video, Task], np.ndarray]:
        """Function from a video and its task, one of these, to scores (T, K)."""
        raise NotImplementedError

    def _as_they_are(self, scores: np.ndarray, task: Task, rate: float) -> np.ndarray:
        return scores

    def _place(self, scores: np.ndarray, task: Task, rate: float = 1.0) -> np.ndarray:
        return align_steps(-scores, before=task.before)

    def _weigh(self, scores: np.ndarray, task: Task, rate: float = 1.0) -> np.ndarray:
        return weigh_units(scores, task)

    def _find(self, scores: np.ndarray, task: Task, rate: float = 1.0) -> StepPlaces:
        """Where the steps are, and how sure that is."""
        times = self._place(scores, task, rate)
        return StepPlaces.of_units(times, self._chances(scores, task, times, rate))

    def _chances(
        self, scores: np.ndarray, task: Task, times: np.ndarray, rate: float
    ) -> np.ndarray | None:
        """Probability of each unit under `_weigh`."""
        if len(scores) < len(times):  # placed only where steps may be left out
            return None
        return self._weigh(scores, task, rate)[times, np.arange(len(times))]

    def _map(
        self,
        function: Callable[[Any, np.ndarray, Task, float], Any],
        X: VideosLike,
        y: TasksLike | None,
    ) -> np.ndarray:
        """What a method finds in the scores, task and rate of each video."""
        check_is_fitted(self, "coef_")
        self._validate_params()  # they may have been set after the fit
        videos, tasks = read_videos(X, y)
        self._check_n_features(videos, reset=False)
        found = decide_each(
            self._scorer(tasks),
            MethodType(function, self._decider()),
            videos,
            tasks,
            n_jobs=self.n_jobs,
        )
        return object_array([each for _, shard in found for each in shard])

    def _decider(self) -> Self:
        """Itself, but for what only scores need: this travels to workers."""
        decider = copy.copy(self)
        for name in _LEARNT & vars(decider).keys():
            delattr(decider, name)
        return decider


def weigh_units(scores: np.ndarray, task: Task, temperature: float = 1.0) -> np.ndarray:
    """Posterior of the unit that each step takes.

    Parameters
    ----------
    scores : ndarray of shape (T, K)
        Step scores.
    task : Task
        Its order is that of the steps, where it is total; else each step stands alone.
    temperature : float, default=1.0
        Divides the scores.

    Returns
    -------
    ndarray of shape (T, K)
        Columns sum to 1.
    """
    if is_listed_order(task.before, scores.shape[1]):
        return step_posteriors(scores, temperature=temperature)
    alone = [step_posteriors(s[:, None], temperature=temperature) for s in scores.T]
    return np.hstack(alone)
