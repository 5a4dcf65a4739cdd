"""Placements that look at no feature: what any method must beat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

import numpy as np
from sklearn.utils import check_random_state

from skcrosstask._data import naming
from skcrosstask._input import TasksLike, VideosLike, object_array, read_videos
from skcrosstask._sklearn_compat import fit_context
from skcrosstask.alignment import sample_alignment
from skcrosstask.alignment._checks import refuse_short
from skcrosstask.estimators._base import BaseStepEstimator

__all__ = ["RandomOrderBaseline", "UniformBaseline", "UnlearnedBaseline"]


class UnlearnedBaseline(BaseStepEstimator):
    """Base of baselines that learn nothing."""

    def fit(self, X: VideosLike, y: TasksLike | None = None) -> Self:
        """Check the videos; there is nothing to learn.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Videos.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task a video, by default each video's own.

        Returns
        -------
        self
            The fitted baseline.
        """
        videos, _ = read_videos(X, y)
        self._check_n_features(videos, reset=True)
        return self

    def _map(
        self,
        function: Callable[[int, int], np.ndarray],
        X: VideosLike,
        y: TasksLike | None,
    ) -> np.ndarray:
        """A function of the numbers of time units and steps of each video."""
        videos, tasks = read_videos(X, y)
        found = []
        for video, task in zip(videos, tasks, strict=True):
            with naming(video):
                found.append(function(video.shape[0], len(task.steps)))
        return object_array(found)

    def __sklearn_is_fitted__(self) -> bool:
        return True


class UniformBaseline(UnlearnedBaseline):
    """Steps at evenly spaced times: step k of K at T / K (k + 1/2).

    References
    ----------
    Zhukov et al., CVPR 2019, section 6.1, row "Uniform" of Table 2.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask import Task
    >>> from skcrosstask.baselines import UniformBaseline
    >>> task = Task("latte", ["add coffee", "press coffee", "pour milk"])
    >>> videos = [np.zeros((60, 2))]
    >>> UniformBaseline().fit(videos, task).predict(videos, task)[0]
    array([10, 30, 50])
    """

    def predict(self, X: VideosLike, y: TasksLike | None = None) -> np.ndarray:
        """Evenly spaced times of the steps.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Videos.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task a video, by default each video's own.

        Returns
        -------
        ndarray of shape (n_videos,) of object
            Entry i is an int array (K_i,) of time units, ascending.

        Raises
        ------
        ValueError
            If a video has fewer time units than steps; the message names it.
        """
        return self._map(uniform_times, X, y)


class RandomOrderBaseline(UnlearnedBaseline):
    """Steps at random times that respect their order, all placements alike.

    Parameters
    ----------
    random_state : int, RandomState instance or None, default=None
        Source of randomness of `predict`.

    References
    ----------
    Zhukov et al., CVPR 2019, section 6.1.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask import Task
    >>> from skcrosstask.baselines import RandomOrderBaseline
    >>> task = Task("latte", ["add coffee", "press coffee", "pour milk"])
    >>> baseline = RandomOrderBaseline(random_state=0).fit([np.zeros((60, 2))], task)
    >>> times = baseline.predict([np.zeros((60, 2))], task)
    >>> bool((np.diff(times[0]) > 0).all())
    True
    """

    _parameter_constraints: dict = {"random_state": ["random_state"]}  # noqa: RUF012

    def __init__(self, *, random_state=None):
        self.random_state = random_state

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: VideosLike, y: TasksLike | None = None) -> Self:
        return super().fit(X, y)

    fit.__doc__ = UnlearnedBaseline.fit.__doc__

    def predict(self, X: VideosLike, y: TasksLike | None = None) -> np.ndarray:
        """Random ordered times of the steps.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Videos.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task a video, by default each video's own.

        Returns
        -------
        ndarray of shape (n_videos,) of object
            Entry i is an int array (K_i,) of time units, ascending.

        Raises
        ------
        ValueError
            If a video has fewer time units than steps; the message names it.
        """
        rng = check_random_state(self.random_state)
        return self._map(lambda *shape: sample_alignment(shape, random_state=rng), X, y)


def uniform_times(n_units: int, n_steps: int) -> np.ndarray:
    """Evenly spaced time units, the middles of K equal parts.

    Parameters
    ----------
    n_units : int
        Length T.
    n_steps : int
        Number of steps K.

    Returns
    -------
    ndarray of shape (K,) of int64
        T / K (k + 1/2), rounded; the half to the even unit.

    Raises
    ------
    ValueError
        If T < K.
    """
    refuse_short(n_units, n_steps)
    if n_units == n_steps:  # all are halves, of which two would fall together
        return np.arange(n_steps)
    middles = n_units / n_steps * (np.arange(n_steps) + 0.5)
    return np.rint(middles).astype(np.int64)
