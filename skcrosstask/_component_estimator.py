"""What estimators with component classifiers share: a fit's course, prediction."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Self

import numpy as np
from joblib import Parallel, delayed
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skcrosstask._base import BaseStepEstimator, object_array, read_videos
from skcrosstask._data import Task, Video, naming
from skcrosstask._examples import Example
from skcrosstask._sklearn_compat import Interval, StrOptions, fit_context
from skcrosstask._training import Alternation, step_cost
from skcrosstask._typing import TasksLike, VideosLike
from skcrosstask.alignment import align_steps, step_posteriors
from skcrosstask.components import SHARING, STEMMERS, Composition, StepComponents
from skcrosstask.learning import ComponentModel, FrameStore, linear_scores, read_rows

__all__ = ["ComponentEstimator"]

# With learning_rate="auto", by how much one Adam step can change a typical score.
_SCORE_CHANGE = 0.005
# In nats, what tells steps that look alike apart: less than any score does.
_TIE = 1e-3


class ComponentEstimator(BaseStepEstimator):
    """Prediction with component classifiers, and the course of a fit.

    Subclasses say which examples they train on and in which phases.
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        "sharing": [StrOptions(set(SHARING))],
        "stemmer": [StrOptions(set(STEMMERS)), callable, None],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
        "learning_rate": [
            StrOptions({"auto"}),
            Interval(Real, 0, None, closed="neither"),
        ],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "contrast": [StrOptions({"steps", "time", "both"})],
        "n_negatives": [Interval(Integral, 1, None, closed="left")],
        "decoding": [StrOptions({"one_per_step", "segments"})],
        "skip_cost": [Interval(Real, 0, None, closed="left"), None],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "store_dtype": [StrOptions({"float32", "float16"})],
        "store_folder": [str, os.PathLike, None],
        "max_memory": [Interval(Real, 0, None, closed="left"), None],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
    }

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: VideosLike, y: TasksLike | None = None) -> Self:
        """Learn from videos what the steps of their tasks look like.

        Ctrl-C ends the fit early: a warning says so, and the estimator holds what
        it had learnt by then.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Training videos. Their annotations are not read, save by supervised
            estimators.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task a video, one for all, or where the videos' task names are
            looked up. By default each video's own task.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If a video is malformed, shorter than its list of steps, has no task, or
            differs in its number of features; the message names it.
        """
        videos, tasks = read_videos(X, y)
        fresh = not (self.warm_start and hasattr(self, "_model"))
        self._check_n_features(videos, reset=fresh)
        if fresh:
            self._start()
        phases = self._phases(fresh)
        self._train(videos, tasks, phases)
        return self

    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: VideosLike, y: TasksLike | None = None) -> Self:
        """Make one pass over videos, old or new, also of new tasks and new words.

        Calls follow the phases of `fit`: the first `init_iter` place the steps at
        random, the later ones by what was learnt. As many calls on the same videos as
        `fit` makes epochs learn what `fit` does, to rounding; in videos of more than
        four times `n_negatives` units, each call offers other negatives.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Training videos.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            As for `fit`.

        Returns
        -------
        self
            The estimator.
        """
        videos, tasks = read_videos(X, y)
        fresh = not hasattr(self, "_model")
        self._check_n_features(videos, reset=fresh)
        if fresh:
            self._start()
        phase = next(
            (name for name, n in self._phases(True)[:-1] if self.n_iter_ < n),
            self._phases(True)[-1][0],
        )
        self._train(videos, tasks, [(phase, 1)])
        return self

    def predict(self, X: VideosLike, y: TasksLike | None = None) -> np.ndarray:
        """Time of each step in new videos; windows are not used.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Videos, of tasks seen in training or not.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            As for `fit`.

        Returns
        -------
        ndarray of shape (n_videos,) of object
            Entry i is an int array (K_i,): the time unit of each step, ascending;
            -1 for a step left out, where `skip_cost` allows it.
        """
        return self._map(self._place, X, y)

    def predict_segments(self, X: VideosLike, y: TasksLike | None = None) -> np.ndarray:
        """Step of each time unit: each step one segment, in order.

        A unit joins a step where it fits the step better than the average unit
        does, so that background needs no threshold of its own.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Videos.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            As for `fit`.

        Returns
        -------
        ndarray of shape (n_videos,) of object
            Entry i is an int array (T_i,): the step of each unit, -1 for background.
        """
        return self._map(self._segment, X, y)

    def predict_proba(self, X: VideosLike, y: TasksLike | None = None) -> np.ndarray:
        """Posterior of each step's time, under order.

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
        """
        return self._map(lambda scores: step_posteriors(-self._cost(scores)), X, y)

    def decision_function(
        self, X: VideosLike, y: TasksLike | None = None
    ) -> np.ndarray:
        """Raw step scores, equation (1) of the paper.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Videos.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            As for `fit`.

        Returns
        -------
        ndarray of shape (n_videos,) of object
            Entry i is a float32 array (T_i, K_i).
        """
        return self._map(lambda scores: scores, X, y)

    def _phases(self, fresh: bool) -> list[tuple[str, int]]:
        """Names of the phases of a fit and how many epochs each has."""
        raise NotImplementedError

    def _examples(
        self, videos: Sequence[Video], tasks: Sequence[Task], n_negatives: int
    ) -> list[Example]:
        """One `Example` a video."""
        raise NotImplementedError

    def _start(self) -> None:
        """Forget everything; the seed is drawn once a fit."""
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        self._rng = np.random.default_rng(seed)
        self._vocabulary = StepComponents(self.sharing, self.stemmer)
        self._model: ComponentModel | None = None
        self._seed = int(seed)
        self.history_: list[dict] = []
        self.n_iter_ = 0

    def _train(
        self,
        videos: Sequence[Video],
        tasks: Sequence[Task],
        phases: Sequence[tuple[str, int]],
    ) -> None:
        self._vocabulary.update(tasks)
        compositions = self._vocabulary.compose(tasks)
        n_negatives = 0 if self.contrast == "steps" else self.n_negatives
        examples = self._examples(videos, tasks, n_negatives)
        store = self._pack(videos, examples)
        if self._model is None:
            self._model = self._new_model(store)
        self._model.grow(len(self._vocabulary.names))
        course = Alternation(
            self._model,
            store,
            examples,
            [compositions[task] for task in tasks],
            self._rng,
            decode=self._decode,
            align_dropout=getattr(self, "align_dropout", False),
        )
        try:
            for phase, n_epochs in phases:
                course.run(phase, n_epochs, self._report)
        except KeyboardInterrupt:
            warnings.warn(
                f"fit was interrupted after {len(course.history)} of "
                f"{sum(n for _, n in phases)} epochs; the estimator holds what it had "
                "learnt. Set warm_start=True to go on from here.",
                UserWarning,
                stacklevel=3,
            )
        self._finish(course)

    def _pack(self, videos: Sequence[Video], examples: Sequence[Example]) -> FrameStore:
        store = FrameStore(
            videos,
            [example.units for example in examples],
            self.n_features_in_,
            dtype=self.store_dtype,
            max_memory=self.max_memory,
            folder=self.store_folder,
            n_jobs=self.n_jobs,
            progress=self._report_packing if self.verbose else None,
        )
        if self.verbose:
            print(
                f"[skcrosstask] {len(store.data)} rows, "
                f"{store.data.nbytes / 1e9:.2f} GB: {store.place}",
                flush=True,
            )
        return store

    def _new_model(self, store: FrameStore) -> ComponentModel:
        rate = self.learning_rate
        if rate == "auto":
            rate = _SCORE_CHANGE / max(store.mean_norm, 1e-12)
        self.learning_rate_ = float(rate)
        return ComponentModel(
            self.n_features_in_,
            learning_rate=self.learning_rate_,
            dropout=self.dropout,
            contrast=self.contrast,
            n_negatives=self.n_negatives,
            seed=self._seed,
        )

    def _finish(self, course: Alternation) -> None:
        model = course.model.synchronise()
        self.components_ = np.array(self._vocabulary.names, dtype=str)
        self.coef_, self.intercept_ = model.coef, model.intercept
        self.alignments_ = object_array(course.labels)
        self.history_ += course.history
        self.n_iter_ += len(course.history)

    @property
    def _decode(self) -> str:
        return "steps" if self.contrast == "steps" else "time"

    def _cost(self, scores: np.ndarray) -> np.ndarray:
        return step_cost(scores, self._decode)

    def _map(
        self,
        function: Callable[[np.ndarray], np.ndarray],
        X: VideosLike,
        y: TasksLike | None,
    ) -> np.ndarray:
        """A function of the scores of each video, in threads."""
        check_is_fitted(self, "coef_")
        videos, tasks = read_videos(X, y)
        self._check_n_features(videos, reset=False)
        compositions = self._vocabulary.compose(tasks)

        def one(video: Video, task: Task) -> np.ndarray:
            scores = self._score_video(video, compositions[task])
            with naming(video):
                return function(scores)

        parallel = Parallel(n_jobs=self.n_jobs, require="sharedmem")
        return object_array(
            parallel(delayed(one)(v, t) for v, t in zip(videos, tasks, strict=True))
        )

    def _score_video(self, video: Video, composition: Composition) -> np.ndarray:
        scores = linear_scores(video.open(), composition, self.coef_, self.intercept_)
        if not np.isfinite(scores).all():
            # Says which time is to blame, or that the model itself overflows.
            read_rows(video.open(), slice(None), str(video))
            raise ValueError(f"{video}: scores overflow float32.")
        return scores

    def _place(self, scores: np.ndarray) -> np.ndarray:
        if self.decoding == "one_per_step":
            cost = _spread_alike(self._cost(scores))
            return align_steps(cost, skip_cost=self.skip_cost)
        labels, cost = self._segment(scores), self._cost(scores)
        times = [
            np.where(labels == k, cost[:, k], np.inf).argmin()
            if (labels == k).any()
            else -1
            for k in range(scores.shape[1])
        ]
        return np.array(times, dtype=np.int64)

    def _segment(self, scores: np.ndarray) -> np.ndarray:
        cost = self._cost(scores).astype(np.float64)
        # Against the mean over times: 0 is a unit no better than the average.
        low = cost.min(axis=0)
        cost += np.log(np.exp(low - cost).mean(axis=0)) - low
        return align_steps(cost, occurrences="at_least_one", skip_cost=self.skip_cost)

    def _report(self, entry: dict) -> None:
        if self.verbose:
            print(
                f"[skcrosstask] {entry['phase']} {entry['epoch']}: "
                f"objective {entry['objective']:.5f}, {entry['seconds']:.2f} s",
                flush=True,
            )

    def _report_packing(self, n_read: int, n_videos: int) -> None:
        if n_read == n_videos or n_read % max(n_videos // 10, 1) == 0:
            print(f"[skcrosstask] read {n_read} of {n_videos} videos", flush=True)


def _spread_alike(cost: np.ndarray) -> np.ndarray:
    """Cost that spreads out evenly what order alone tells apart.

    Steps whose words were not seen in training look alike, and would else all be
    placed at the first moment.
    """
    n_units, n_steps = cost.shape
    same = np.array([(cost == column[:, None]).all(axis=0) for column in cost.T])
    alike = same.sum(axis=0) > 1
    if not alike.any():
        return cost
    times, steps = (np.arange(n_units) + 0.5) / n_units, np.arange(n_steps) + 0.5
    return cost + np.where(alike, _TIE * (times[:, None] - steps / n_steps) ** 2, 0)
