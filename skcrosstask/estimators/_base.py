"""What all estimators of steps in videos share: scoring, and checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sklearn.base import BaseEstimator
from sklearn.utils import Tags

from skcrosstask._data import Task, Video, naming
from skcrosstask._input import (
    TasksLike,
    VideosLike,
    read_videos,
)
from skcrosstask._segments import refuse_beyond
from skcrosstask.metrics._step_recall import step_recall
from skcrosstask.results._places import StepPlaces, tabulate
from skcrosstask.results._table import StepTable

__all__ = ["BaseStepEstimator"]

_TURNED = (
    "if they are stored (D, T), wrap them in FeaturesFirst, or write layout: "
    "features_first in the manifest"
)
_ENCODED = "all must be made by the encoder of training"


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
        lengths: list[int] = []
        fitting = reset
        for video in videos:
            n_units, n_features = video.shape
            if reset:
                self.n_features_in_, reset = n_features, False
            elif n_features != self.n_features_in_:
                # As many rows in all videos are features, not time units.
                turned = n_units == self.n_features_in_ or (
                    fitting and n_units == lengths[0]
                )
                raise ValueError(
                    f"{video}: features have {n_features} columns, but "
                    f"{type(self).__name__} is expecting {self.n_features_in_} "
                    f"features as input; {_TURNED if turned else _ENCODED}."
                )
            lengths.append(n_units)
        return lengths

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.target_tags.required = False
        return tags
