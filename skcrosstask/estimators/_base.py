"""What all estimators of steps in videos share: scoring, and checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from skcrosstask._data import Task, Video, naming
from skcrosstask._data._order import is_listed_order
from skcrosstask._input import TasksLike, VideosLike, object_array, read_videos
from skcrosstask._segments import refuse_beyond
from skcrosstask.alignment._align import align_steps
from skcrosstask.alignment._posteriors import step_posteriors
from skcrosstask.metrics._step_recall import step_recall
from skcrosstask.results._places import StepPlaces, tabulate
from skcrosstask.results._table import StepTable

__all__ = ["BaseStepEstimator", "ScoringStepEstimator", "weigh_units"]


class BaseStepEstimator(BaseEstimator):
    """Base of estimators that place the steps of tasks in videos.

    Subclasses implement ``fit(X, y=None)`` and ``predict(X, y=None)``.
    """

    def score(self, X: VideosLike, y: TasksLike | None = None) -> float:
        """Step recall, averaged over tasks.

        Parameters
        ----------
        X : sequence of Video
            Videos with an annotation; those without are left out.
        y : sequence of Task, optional
            One task per video, by default each video's own.

        Returns
        -------
        float
            Share of the annotated steps whose predicted time lies in a segment of
            the step: pooled within a task, then averaged over tasks.

        Raises
        ------
        ValueError
            If no video has an annotation, or one goes on long after its video's end.

        Examples
        --------
        >>> import numpy as np
        >>> from skcrosstask import Task, Video
        >>> from skcrosstask.baselines import UniformBaseline
        >>> latte = Task("latte", ["add coffee", "pour milk"])
        >>> truth = [[0, 8, 12], [1, 35, 39]]
        >>> video = Video(np.zeros((40, 1)), latte, annotation=truth)
        >>> UniformBaseline().fit([video]).score([video])
        0.5
        """
        videos, tasks = read_videos(X, y)
        known = [i for i, video in enumerate(videos) if video.annotation is not None]
        if not known:
            raise ValueError("score needs videos with an annotation; none has one.")
        videos, tasks = [videos[i] for i in known], [tasks[i] for i in known]
        for video in videos:
            with naming(video):
                n_units, rate = video.shape[0], video.rate
                refuse_beyond(video.annotation, n_units, rate, "annotation")
        annotations, rates = [v.annotation for v in videos], [v.rate for v in videos]
        predictions = self.predict(videos, tasks)
        return step_recall(annotations, predictions, tasks, rates=rates)

    def locate(self, X: VideosLike, y: TasksLike | None = None) -> StepTable:
        """Table of where the steps are, in seconds.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Videos; ``rate`` turns their rows into seconds.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            As for `fit`.

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
            If `predict` would raise it.

        Notes
        -----
        Estimators that learn segments choose those of the largest total log odds that
        hold the best moments; under ``decoding="free"`` they may overlap. ``present``
        is what ``predict_presence`` returns, and ``confidence`` the probability that
        the step is in the video and going on at ``time``, so it is at most
        ``present``. Other estimators give the segment of one unit; their
        ``confidence`` is the probability that the step takes this unit, under
        ``predict_proba``. Estimators without ``predict_proba`` give no probability.

        Examples
        --------
        >>> import numpy as np
        >>> from skcrosstask import Task, Video
        >>> from skcrosstask.baselines import UniformBaseline
        >>> latte = Task("latte", ["add coffee", "pour milk"])
        >>> truth = [[0, 8, 12], [1, 35, 39]]
        >>> video = Video(np.zeros((40, 1)), latte, annotation=truth)
        >>> table = UniformBaseline().fit([video]).locate([video])
        >>> [(row.text, row.time) for row in table]
        [('add coffee', 10.5), ('pour milk', 30.5)]
        """
        videos, tasks = read_videos(X, y)
        return tabulate(videos, tasks, self._find_all(videos, tasks))

    def _find_all(self, videos: list[Video], tasks: list[Task]) -> Iterable[StepPlaces]:
        return map(StepPlaces.of_units, self.predict(videos, tasks))

    def _check_n_features(self, videos: Sequence[Video], *, reset: bool) -> list[int]:
        """Lengths T of the videos, which must agree in their number of features."""
        lengths = []
        for video in videos:
            n_units, n_features = video.shape
            if reset:
                self.n_features_in_, reset = n_features, False
            elif n_features != self.n_features_in_:
                raise ValueError(
                    f"{video}: features have {n_features} columns, but "
                    f"{type(self).__name__} is expecting {self.n_features_in_} "
                    f"features as input."
                )
            lengths.append(n_units)
        return lengths

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.target_tags.required = False
        return tags


class ScoringStepEstimator(BaseStepEstimator):
    """Base of estimators that score every step at every time, then place the steps.

    Subclasses implement `_scorer`; they may change how scores become times (`_place`)
    and probabilities (`_weigh`). Where they have no parameter `n_jobs`, one thread
    predicts.
    """

    n_jobs: int | None = None

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
        return self._map(self._place, X, y)

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
        return self._map(self._weigh, X, y)

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
        return self._map(lambda scores, task, rate: scores, X, y)

    def _scorer(self, tasks: Sequence[Task]) -> Callable[[Video, Task], np.ndarray]:
        """Function from a video and its task, one of these, to scores (T, K)."""
        raise NotImplementedError

    def _place(self, scores: np.ndarray, task: Task, rate: float = 1.0) -> np.ndarray:
        return align_steps(-scores, before=task.before)

    def _weigh(self, scores: np.ndarray, task: Task, rate: float = 1.0) -> np.ndarray:
        return weigh_units(scores, task)

    def _find_all(self, videos: list[Video], tasks: list[Task]) -> Iterable[StepPlaces]:
        return self._map(self._find, videos, tasks)

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
        function: Callable[[np.ndarray, Task, float], Any],
        X: VideosLike,
        y: TasksLike | None,
    ) -> np.ndarray:
        """A function of the scores, task and rate of each video, in threads."""
        check_is_fitted(self, "coef_")
        self._validate_params()  # they may have been set after the fit
        videos, tasks = read_videos(X, y)
        self._check_n_features(videos, reset=False)
        score = self._scorer(tasks)

        def one(video: Video, task: Task) -> np.ndarray:
            scores = score(video, task)
            with naming(video):
                return function(scores, task, video.rate)

        parallel = Parallel(n_jobs=self.n_jobs, require="sharedmem")
        return object_array(
            parallel(delayed(one)(v, t) for v, t in zip(videos, tasks, strict=True))
        )


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
