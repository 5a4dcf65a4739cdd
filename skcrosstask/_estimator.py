"""The estimator: find the steps of tasks in videos, from order and narration."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Self

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from skcrosstask._base import BaseStepEstimator, object_array, read_videos
from skcrosstask._data import Task, Video
from skcrosstask._examples import Example, windowed_example
from skcrosstask._training import Alternation, step_cost
from skcrosstask._typing import TasksLike, VideosLike
from skcrosstask.alignment import align_steps, step_posteriors
from skcrosstask.components import SHARING, STEMMERS, Composition, StepComponents
from skcrosstask.learning import ComponentModel, FrameStore, linear_scores, read_rows

__all__ = ["ComponentEstimator", "WeaklySupervisedStepEstimator"]

# With learning_rate="auto", by how much one Adam step can change a typical score.
_SCORE_CHANGE = 0.005


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

    @_fit_context(prefer_skip_nested_validation=True)
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

    @_fit_context(prefer_skip_nested_validation=True)
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
            try:
                return function(scores)
            except ValueError as error:
                raise ValueError(f"{video}: {error}") from None

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
            return align_steps(self._cost(scores), skip_cost=self.skip_cost)
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


class WeaklySupervisedStepEstimator(ComponentEstimator):
    """Find when each step of a task happens, from step lists and narration alone.

    Alternates between placing the steps, in order and within their windows, by
    dynamic programming (Y), and training linear classifiers of the steps' shared
    components (F).

    Parameters
    ----------
    sharing : {"words", "task_words", "steps", "none"}, default="words"
        What a component is: a word wherever it stands, a word within one task, a
        step wherever it stands, or one step of one task.
    stemmer : {"porter", "snowball"}, callable or None, default="porter"
        Maps words to stems before they are compared.
    use_windows : bool, default=True
        Whether `fit` keeps steps within the videos' windows.
    init_iter : int, default=10
        Epochs of initialisation: random placements within order and windows.
    max_iter : int, default=20
        Epochs of alternation.
    learning_rate : float or "auto", default="auto"
        Adam's step size. "auto" scales it with the features so that one step changes
        a score by 0.005 at most: 0.005 over the mean L1 norm of a row. The value used
        is kept in ``learning_rate_``.
    dropout : float in [0, 1), default=0.5
        Probability that a feature is dropped in training.
    align_dropout : bool, default=True
        Whether features are dropped in the Y-step too.
    contrast : {"steps", "time", "both"}, default="both"
        The softmax of the loss runs over the task's steps at one time (the paper),
        over times of one video, or both. Decides what is decoded too: the log
        probability of the first, else the score itself.
    n_negatives : int, default=96
        Random times of the same video in the softmax over time.
    decoding : {"one_per_step", "segments"}, default="one_per_step"
        Whether `predict` places one unit a step, or one segment a step, of which it
        returns the best unit.
    skip_cost : float, optional
        Lets `predict` and `predict_segments` leave a step out at this cost, in nats:
        one per step, where the log probability of its best time, by the softmax that
        is decoded, is lower; as segments, where the best place that order leaves it
        costs more, the average unit costing 0.
    random_state : int, RandomState instance or None, default=None
        Order of the videos, random placements, dropout and negatives. An int makes
        results reproducible to the bit, whatever `n_jobs`.
    n_jobs : int, optional
        Threads that read and score videos.
    store_dtype : {"float32", "float16"}, default="float32"
        How `fit` keeps feature rows while it runs: float16 takes half the memory;
        computation is in float32.
    store_folder : path, optional
        Folder in which `fit` keeps the rows that it packed, and finds those of an
        earlier fit that needs the same: of the same files, windows and
        `random_state`, as the candidates of a grid search do. Without it, nothing is
        left behind.
    max_memory : float, optional
        Bytes of packed rows from which on they go to a temporary file; by default,
        three quarters of the memory that is free.
    verbose : int, default=0
        1 prints a line an epoch.
    warm_start : bool, default=False
        Whether `fit` goes on from the previous one, without initialisation.

    Attributes
    ----------
    components_ : ndarray of shape (M,) of str
        Names of the components.
    coef_ : ndarray of shape (M, D) of float32
        Their weights.
    intercept_ : ndarray of shape (M,) of float32
        Their biases.
    alignments_ : ndarray of shape (n_videos,) of object
        Times of the steps in the training videos, the last labels Y.
    history_ : list of dict
        Phase, mean objective and seconds of each epoch.
    n_iter_ : int
        Number of epochs made.
    n_features_in_ : int
        Number of features D.
    learning_rate_ : float
        Adam's step size.

    See Also
    --------
    skcrosstask.baselines.SupervisedStepEstimator : The same model on annotations.
    skcrosstask.alignment.align_steps : The Y-step.

    References
    ----------
    D. Zhukov, J.-B. Alayrac, R. G. Cinbis, D. Fouhey, I. Laptev and J. Sivic,
    "Cross-task weakly supervised learning from instructional videos", CVPR 2019.

    Examples
    --------
    >>> from skcrosstask import WeaklySupervisedStepEstimator
    >>> from skcrosstask.datasets import make_instructional_videos
    >>> videos, tasks = make_instructional_videos(n_videos=4, random_state=0)
    >>> est = WeaklySupervisedStepEstimator(random_state=0).fit(videos, tasks)
    >>> times = est.predict(videos[:1])[0]
    >>> len(times) == len(tasks[0].steps)
    True
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        **ComponentEstimator._parameter_constraints,
        "use_windows": ["boolean"],
        "init_iter": [Interval(Integral, 0, None, closed="left")],
        "align_dropout": ["boolean"],
    }

    def __init__(
        self,
        *,
        sharing="words",
        stemmer="porter",
        use_windows=True,
        init_iter=10,
        max_iter=20,
        learning_rate="auto",
        dropout=0.5,
        align_dropout=True,
        contrast="both",
        n_negatives=96,
        decoding="one_per_step",
        skip_cost=None,
        random_state=None,
        n_jobs=None,
        store_dtype="float32",
        store_folder=None,
        max_memory=None,
        verbose=0,
        warm_start=False,
    ):
        self.sharing = sharing
        self.stemmer = stemmer
        self.use_windows = use_windows
        self.init_iter = init_iter
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.dropout = dropout
        self.align_dropout = align_dropout
        self.contrast = contrast
        self.n_negatives = n_negatives
        self.decoding = decoding
        self.skip_cost = skip_cost
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.store_dtype = store_dtype
        self.store_folder = store_folder
        self.max_memory = max_memory
        self.verbose = verbose
        self.warm_start = warm_start

    def _phases(self, fresh: bool) -> list[tuple[str, int]]:
        init = [("init", self.init_iter)] if fresh else []
        return [*init, ("align", self.max_iter)]

    def _examples(
        self, videos: Sequence[Video], tasks: Sequence[Task], n_negatives: int
    ) -> list[Example]:
        return [
            windowed_example(video, task, self.use_windows, n_negatives, self._rng)
            for video, task in zip(videos, tasks, strict=True)
        ]
