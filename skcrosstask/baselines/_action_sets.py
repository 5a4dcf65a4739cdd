"""Action sets: frames learn from the set of their video's steps, without order."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from numbers import Integral, Real
from typing import Self

import numpy as np
from scipy.special import log_expit
from sklearn.utils import check_random_state

from skcrosstask._data import Task, Video
from skcrosstask._input import TasksLike, VideosLike, read_videos
from skcrosstask._progress import say
from skcrosstask._sklearn_compat import Interval, StrOptions, fit_context
from skcrosstask.baselines._set_classifier import SetClassifier
from skcrosstask.baselines._set_decoding import (
    draw_sequences,
    mean_lengths,
    segment_video,
)
from skcrosstask.baselines._threads import threads_for
from skcrosstask.estimators._scoring import ScoringStepEstimator
from skcrosstask.learning.rows._reading import read_rows

__all__ = ["ActionSetEstimator"]


class ActionSetEstimator(ScoringStepEstimator):
    """Frame classifiers trained from the set of each video's steps.

    A class is a step's text, the same in all tasks that have it. Every frame of a
    video is an example of all steps of the video's task, and a counterexample of all
    other classes; each class has a two-way logistic. Dividing its probability by the
    class's share of the training time makes scores of frames. Nothing is shared
    between different steps: tasks with a step that fit has not seen cannot be
    predicted.

    Where all videos of a task come with the same steps, nothing tells these apart,
    and the times are near chance. Videos that come each with their own steps teach
    more: pass as ``y`` tasks that hold the steps which occur.

    Parameters
    ----------
    decoding : {"ordered", "monte_carlo"}, default="ordered"
        How `predict` places steps: each once and in order, as the compared methods
        do; or as the method's authors do, by the best segmentation of the video among
        random sequences of steps, in which steps may recur or be left out.
    max_iter : int, default=10
        Passes over all frames.
    learning_rate : float or "auto", default="auto"
        Adam's step size. "auto" follows the size of the features.
    batch_size : int, default=512
        Frames in a minibatch.
    n_sequences : int, default=200
        Random sequences a video, with "monte_carlo".
    min_length : float, default=3.0
        Least mean length of a step in seconds, with "monte_carlo". At least 1.
    random_state : int, RandomState instance or None, default=None
        The classifiers' start, the order of frames, and the random sequences.
    verbose : int, default=0
        1 prints a line an epoch.

    Attributes
    ----------
    steps_ : ndarray of shape (n_classes,) of str
        Texts of the classes.
    coef_ : ndarray of shape (n_classes, D) of float32
        Weights of the logistics.
    intercept_ : ndarray of shape (n_classes,) of float32
        Their constants.
    class_prior_ : ndarray of shape (n_classes,)
        Seconds of the videos that hold the class, scaled to sum to 1.
    mean_lengths_ : ndarray of shape (n_classes,)
        Mean lengths of the steps in seconds.
    sets_ : list of tuple of int
        The distinct sets of the training videos, as indices into `steps_`.
    set_counts_ : ndarray of shape (n_sets,)
        Number of training videos of each set.
    history_ : list of dict
        Epoch, objective (nats a frame and class) and seconds.
    n_iter_ : int
        Passes made.
    n_features_in_ : int
        Number of features D.

    See Also
    --------
    skcrosstask.WeaklySupervisedStepEstimator : Learns from order, too.

    Notes
    -----
    With "monte_carlo", a sequence draws one of the training sets whose steps all
    belong to the video's task (none: the set of the task), and then steps of it until
    their mean lengths fill the video. Each is cut into segments at best, with Poisson
    lengths, and the best sequence is kept. A step's time is the unit of its segments
    at which it scores highest. Steps share all time, also that of background.

    The logistics stop short of convergence: classes that the same videos hold have
    the same targets, and differ by their random start alone.

    References
    ----------
    Richard, Kuehne and Gall, "Action sets: weakly supervised action segmentation
    without ordering constraints", CVPR 2018. Zhukov et al., CVPR 2019, section 6, row
    "Richard'18" of Table 2, which is the decoding "ordered".

    Examples
    --------
    >>> from skcrosstask.baselines import ActionSetEstimator
    >>> from skcrosstask.datasets import make_instructional_videos
    >>> videos, tasks = make_instructional_videos(n_videos=4, random_state=0)
    >>> est = ActionSetEstimator(random_state=0).fit(videos, tasks)
    >>> [len(times) for times in est.predict(videos)[:2]]
    [5, 4]
    >>> est.score(videos, tasks) < 0.5
    True
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        "decoding": [StrOptions({"ordered", "monte_carlo"})],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [
            Interval(Real, 0, None, closed="neither"),
            StrOptions({"auto"}),
        ],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "n_sequences": [Interval(Integral, 1, None, closed="left")],
        "min_length": [Interval(Real, 1, None, closed="left")],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        *,
        decoding="ordered",
        max_iter=10,
        learning_rate="auto",
        batch_size=512,
        n_sequences=200,
        min_length=3.0,
        random_state=None,
        verbose=0,
    ):
        self.decoding = decoding
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.n_sequences = n_sequences
        self.min_length = min_length
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: VideosLike, y: TasksLike | None = None) -> Self:
        """Learn classifiers, lengths and sets from the steps of each video.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Training videos. Neither windows nor annotations are read.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task a video, whose steps are the video's set; their order does not
            matter. By default each video's own task.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If a video is malformed, has no task, or differs in its number of
            features; the message names it.
        """
        videos, tasks = read_videos(_without_segments(X), y)
        self._check_n_features(videos, reset=True)
        lengths = np.array([video.shape[0] / video.rate for video in videos])
        self.steps_ = np.unique([step for task in tasks for step in task.steps])
        sets = [np.searchsorted(self.steps_, sorted(set(t.steps))) for t in tasks]
        held = np.zeros(len(self.steps_))
        for members, length in zip(sets, lengths, strict=True):
            held[members] += length
        self.class_prior_ = held / held.sum()
        self.mean_lengths_ = mean_lengths(sets, lengths, len(held), self.min_length)
        counts: dict[tuple[int, ...], int] = {}
        for members in sets:
            key = tuple(members.tolist())
            counts[key] = counts.get(key, 0) + 1
        self.sets_, self.set_counts_ = list(counts), np.array(list(counts.values()))
        self._train(videos, sets)
        return self

    def _train(self, videos: Sequence[Video], sets: Sequence[np.ndarray]) -> None:
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        self._seed = int(seed)
        classifier = SetClassifier(
            videos,
            sets,
            len(self.steps_),
            self.batch_size,
            self.learning_rate,
            np.random.default_rng(self._seed),
        )
        self.history_: list[dict] = []
        start = time.perf_counter()

        def report(entry: dict) -> None:
            entry["seconds"] = time.perf_counter() - start
            self.history_.append(entry)
            say(
                f"action sets {entry['epoch']}: objective {entry['objective']:.5f}, "
                f"{entry['seconds']:.2f} s",
                self.verbose,
            )

        with threads_for(classifier.coef.size * self.batch_size):
            classifier.train(self.max_iter, report)
        self.coef_, self.intercept_ = classifier.coef, classifier.intercept
        self.n_iter_ = self.max_iter

    def _scorer(self, tasks: Sequence[Task]) -> Callable[[Video, Task], np.ndarray]:
        def score(video: Video, task: Task) -> np.ndarray:
            classes = self._classes(task, str(video))
            rows = read_rows(video.open(), slice(None), str(video))
            logits = rows @ self.coef_[classes].T + self.intercept_[classes]
            scores = log_expit(logits.astype(np.float64))
            return scores - np.log(self.class_prior_[classes])

        return score

    def _place(self, scores: np.ndarray, task: Task, rate: float = 1.0) -> np.ndarray:
        if self.decoding == "ordered":
            return super()._place(scores, task, rate)
        return self._best_sequence(scores, self._classes(task), rate)

    def _classes(self, task: Task, owner: str = "") -> np.ndarray:
        """Index of each step among those of training."""
        index = {str(step): c for c, step in enumerate(self.steps_)}
        for step in task.steps:
            if step not in index:
                raise ValueError(
                    f"{owner}: step {step!r} of task {task.name!r} was not seen in "
                    "training; action sets know the steps of their training tasks "
                    "alone."
                )
        return np.array([index[step] for step in task.steps])

    def _best_sequence(
        self, scores: np.ndarray, steps: np.ndarray, rate: float
    ) -> np.ndarray:
        """Times of the steps by the best of some random sequences."""
        n_units = len(scores)
        # Two steps of a task may have one text.
        classes, column, of_step = np.unique(
            steps, return_index=True, return_inverse=True
        )
        sets, weights = self._sets_within(classes)
        scores = scores[:, column]
        means = np.maximum(self.mean_lengths_[classes] * rate, 1.0)
        # A video is what it is, whichever others are predicted with it.
        rng = np.random.default_rng([self._seed, n_units])
        drawn = draw_sequences(sets, weights, means, n_units, self.n_sequences, rng)
        actions, bounds = segment_video(scores, means, *drawn)
        shown = np.repeat(actions, np.diff(bounds))
        inside = np.where(shown[:, None] == np.arange(len(classes)), scores, -np.inf)
        times = np.where(np.isin(np.arange(len(classes)), shown), inside.argmax(0), -1)
        return times[of_step]

    def _sets_within(self, classes: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        """Sets of training that have no other classes, as positions among these."""
        known = set(classes.tolist())
        inside = [
            i for i, members in enumerate(self.sets_) if known.issuperset(members)
        ]
        if not inside:
            return [np.arange(len(classes))], np.ones(1)
        sets = [np.searchsorted(classes, self.sets_[i]) for i in inside]
        return sets, self.set_counts_[inside]


def _without_segments(X: VideosLike) -> VideosLike:
    """Videos without windows and annotation, whose steps a set may lack."""
    if not isinstance(X, list | tuple) and getattr(X, "ndim", 0) != 1:
        return X
    return [
        replace(x, windows=None, annotation=None) if isinstance(x, Video) else x
        for x in X
    ]
