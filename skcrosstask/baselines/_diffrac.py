"""Discriminative clustering of the time units of one task's videos."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import NamedTuple, Self

import numpy as np
from sklearn.utils import check_random_state

from skcrosstask._data import Task, Video
from skcrosstask._input import TasksLike, VideosLike, object_array, read_videos
from skcrosstask._progress import say
from skcrosstask._sklearn_compat import Interval, StrOptions, fit_context
from skcrosstask.baselines._diffrac_solver import (
    KernelRidge,
    PrimalRidge,
    Ridge,
    Vertices,
    frank_wolfe,
)
from skcrosstask.baselines._threads import threads_for
from skcrosstask.estimators._scoring import ScoringStepEstimator, weigh_units
from skcrosstask.learning._candidates import cells_outside
from skcrosstask.learning.rows._reading import read_rows

__all__ = ["DiffracEstimator"]

# Rows that are float64 at a time.
_BLOCK = 4096


class DiffracEstimator(ScoringStepEstimator):
    """Discriminative clustering under order: the visual part of Alayrac et al.

    Of all labellings that respect order and windows, fit takes one that linear
    regression predicts best from the features. Each task is learnt alone; nothing
    is shared between tasks, and tasks that fit has not seen cannot be predicted.

    Parameters
    ----------
    regularization : float, optional
        Weight lambda of the squared norm of the classifiers; by default
        1 / (n_videos K) of each task.
    use_windows : bool, default=True
        Whether labellings must respect the videos' windows. Windows yield to order
        as in `skcrosstask.alignment.align_steps`.
    n_init : int, default=4
        Random labellings whose mean is the start.
    max_iter : int, default=100
        Frank-Wolfe steps a task at most; 0 keeps the start.
    tol : float, default=0.01
        Stop once the objective can be at most this share of it above its minimum.
    solver : {"auto", "primal", "kernel"}, default="auto"
        Whether to solve the regression through the D x D products of features or
        the N x N products of time units. Both give the same to rounding; "auto"
        takes the smaller one, task by task.
    random_state : int, RandomState instance or None, default=None
        Source of the start. With an int, what is learnt of a task does not depend
        on the other tasks.
    n_jobs : int, optional
        Threads in which `predict` scores videos, as in joblib. `fit` takes one task
        after the other and holds the features of one at a time, in float32; its
        threads are those of the linear algebra, and one where that is little.
    verbose : int, default=0
        1 prints a line a task.

    Attributes
    ----------
    coef_ : dict of str to ndarray of shape (K, D) of float64
        By task name, the classifiers fitted to the relaxed labelling.
    intercept_ : dict of str to ndarray of shape (K,) of float64
        Their intercepts.
    noise_variance_ : dict of str to float
        Mean squared error of the classifiers on the rounded labels, which sets how
        sharp `predict_proba` is.
    alignments_ : ndarray of shape (n_videos,) of object
        The rounded labels of the training videos: int arrays (K_i,) of time units.
    duality_gaps_ : dict of str to float
        How far above its minimum the relaxed objective can be at the most, by the
        best of the lower bounds that the steps gave.
    history_ : list of dict
        Course of the objective: ``phase`` (the task's name), ``epoch`` (Frank-Wolfe
        steps made), ``objective``, ``duality_gap`` (as in `duality_gaps_`) and
        ``rounded_objective``, the lowest so far.
    n_iter_ : int
        Most steps that a task took.
    n_features_in_ : int
        Number of features D.

    Notes
    -----
    With N time units in the videos of a task, features X (N, D) and labels Z (N, K),
    fit minimises over the convex hull of the labellings

        f(Z) = min over W, b of norm(Z - X W - 1 b')^2 / N + lambda norm(W)^2.

    The inner minimum is a quadratic form in Z, f(Z) = tr(Z' R) / N, where R is what
    the best W and b leave of Z; its gradient is 2 R / N. Frank-Wolfe thus needs, a
    step, one ordered placement a video and one linear solution, O(N D K). The step
    size is that of the exact line search. At each step, placements by the classifiers
    alone round Z; the rounding of least f is kept.

    The gap closes slowly, about as the inverse of the number of steps, so that
    `max_iter` often ends a fit before `tol` does; recall hardly changes after some
    twenty steps. Classifiers fitted to the relaxed labels place steps better in new
    videos than those fitted to the rounded ones.

    References
    ----------
    Alayrac et al., "Unsupervised learning from narrated instruction videos", CVPR
    2016, section 4.2. Bach and Harchaoui, "DIFFRAC: a discriminative and flexible
    framework for clustering", NIPS 2007. Bojanowski et al., "Weakly supervised action
    labeling in videos under ordering constraints", ECCV 2014. Compared with in Zhukov
    et al., CVPR 2019, Table 2, row "Alayrac'16".

    Examples
    --------
    >>> from skcrosstask.baselines import DiffracEstimator, UniformBaseline
    >>> from skcrosstask.datasets import make_instructional_videos
    >>> videos, tasks = make_instructional_videos(n_videos=8, random_state=0)
    >>> est = DiffracEstimator(random_state=0).fit(videos[:20], tasks[:20])
    >>> est.coef_["latte"].shape
    (4, 32)
    >>> uniform = UniformBaseline().score(videos[20:], tasks[20:])
    >>> est.score(videos[20:], tasks[20:]) > uniform + 0.1
    True
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        "regularization": [Interval(Real, 0, None, closed="neither"), None],
        "use_windows": ["boolean"],
        "n_init": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "solver": [StrOptions({"auto", "primal", "kernel"})],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        *,
        regularization=None,
        use_windows=True,
        n_init=4,
        max_iter=100,
        tol=0.01,
        solver="auto",
        random_state=None,
        n_jobs=None,
        verbose=0,
    ):
        self.regularization = regularization
        self.use_windows = use_windows
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.solver = solver
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: VideosLike, y: TasksLike | None = None) -> Self:
        """Find the steps in training videos, and learn what they look like.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Training videos. Their annotations are not read.
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
            differs in its number of features, or if two tasks of one name differ in
            their steps; the message names it. If the regularization is too small to
            solve for the classifiers.
        """
        videos, tasks = read_videos(X, y)
        lengths = self._check_n_features(videos, reset=True)
        outside = [
            cells_outside(video, task, n_units, self.use_windows)
            for video, task, n_units in zip(videos, tasks, lengths, strict=True)
        ]
        members = _by_task(videos, tasks)
        rng = check_random_state(self.random_state)
        seed = int(rng.randint(np.iinfo(np.int32).max))

        models = []
        for name, numbers in members.items():
            model = self._fit_task(
                name,
                [videos[i] for i in numbers],
                [lengths[i] for i in numbers],
                [outside[i] for i in numbers],
                len(tasks[numbers[0]].steps),
                np.random.default_rng([seed, zlib.crc32(name.encode())]),
            )
            models.append(model)
        self._keep(tasks, members, models)
        return self

    def _fit_task(
        self,
        name: str,
        videos: Sequence[Video],
        lengths: Sequence[int],
        outside: Sequence[np.ndarray | None],
        n_steps: int,
        rng: np.random.Generator,
    ) -> _TaskModel:
        rows, mean = _centred_rows(videos, lengths, self.n_features_in_)
        vertices = Vertices(lengths, n_steps, outside)
        options = {"n_init": self.n_init, "max_iter": self.max_iter, "tol": self.tol}
        with threads_for(rows.size * n_steps):
            ridge = self._ridge(rows, len(videos) * n_steps)
            found = frank_wolfe(ridge, vertices, rng, **options)
            coef = ridge.coef(found.labels)
        predicted = found.labels - found.residual
        noise = np.mean((vertices.labels(found.units) - predicted) ** 2)
        history = [{"phase": name, **entry} for entry in found.history]
        if self.verbose:
            end = history[-1]
            say(
                f"{name}: {end['epoch']} steps, objective {end['objective']:.3g}, "
                f"gap {end['duality_gap']:.3g}"
            )
        return _TaskModel(
            coef=coef,
            intercept=found.labels.mean(axis=0) - coef @ mean,
            noise_variance=max(float(noise), np.finfo(np.float64).eps),
            times=found.units - vertices.starts[:-1, None],
            history=history,
        )

    def _ridge(self, rows: np.ndarray, n_labels: int) -> Ridge:
        penalty = self.regularization
        if penalty is None:
            penalty = 1 / n_labels
        kernel = self.solver == "kernel"
        if self.solver == "auto":
            kernel = rows.shape[0] < rows.shape[1]
        return KernelRidge(rows, penalty) if kernel else PrimalRidge(rows, penalty)

    def _keep(
        self,
        tasks: Sequence[Task],
        members: dict[str, list[int]],
        models: Sequence[_TaskModel],
    ) -> None:
        named = dict(zip(members, models, strict=True))
        self._steps = {name: tasks[i[0]].steps for name, i in members.items()}
        self.coef_ = {name: model.coef for name, model in named.items()}
        self.intercept_ = {name: model.intercept for name, model in named.items()}
        self.noise_variance_ = {n: model.noise_variance for n, model in named.items()}
        self.history_ = [entry for model in models for entry in model.history]
        self.duality_gaps_ = {
            name: model.history[-1]["duality_gap"] for name, model in named.items()
        }
        self.n_iter_ = max(entry["epoch"] for entry in self.history_)
        times: list = [None] * len(tasks)
        for name, numbers in members.items():
            for i, row in zip(numbers, named[name].times, strict=True):
                times[i] = row
        self.alignments_ = object_array(times)

    def _scorer(self, tasks: Sequence[Task]) -> Callable[[Video, Task], np.ndarray]:
        def score(video: Video, task: Task) -> np.ndarray:
            self._check_known(video, task)
            rows = read_rows(video.open(), slice(None), str(video))
            return rows @ self.coef_[task.name].T + self.intercept_[task.name]

        return score

    def _weigh(self, scores: np.ndarray, task: Task, rate: float = 1.0) -> np.ndarray:
        # Labels are the scores plus Gaussian noise of this variance.
        variance = self.noise_variance_[task.name]
        return weigh_units(scores, task, variance)

    def _check_known(self, video: Video, task: Task) -> None:
        if task.name not in self._steps:
            raise ValueError(
                f"{video}: fit has seen no video of task {task.name!r}, only of "
                f"{sorted(self._steps)[:10]}; {type(self).__name__} learns each task "
                "alone."
            )
        if task.steps != self._steps[task.name]:
            raise ValueError(
                f"{video}: the steps of task {task.name!r} are not those of fit: "
                f"{list(task.steps)} instead of {list(self._steps[task.name])}."
            )


class _TaskModel(NamedTuple):
    """What is learnt of one task; times (n_videos, K) are of its training videos."""

    coef: np.ndarray
    intercept: np.ndarray
    noise_variance: float
    times: np.ndarray
    history: list[dict]


def _by_task(videos: Sequence[Video], tasks: Sequence[Task]) -> dict[str, list[int]]:
    """Numbers of the videos of each task, in order of appearance."""
    members: dict[str, list[int]] = {}
    for i, (video, task) in enumerate(zip(videos, tasks, strict=True)):
        numbers = members.setdefault(task.name, [])
        numbers.append(i)
        first = tasks[numbers[0]]
        if task.steps != first.steps:
            raise ValueError(
                f"{video}: two tasks are named {task.name!r}, with steps "
                f"{list(task.steps)} and {list(first.steps)}."
            )
    return members


def _centred_rows(
    videos: Sequence[Video], lengths: Sequence[int], n_features: int
) -> tuple[np.ndarray, np.ndarray]:
    """Features of all videos in one array, columns centred, and their means."""
    ends = np.cumsum(lengths)
    rows = np.empty((int(ends[-1]), n_features), dtype=np.float32)
    for video, length, end in zip(videos, lengths, ends, strict=True):
        read_rows(video.open(), slice(None), str(video), out=rows[end - length : end])
    mean = rows.mean(axis=0, dtype=np.float64)
    # In float64, so that rounding leaves no common offset.
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        block[...] = block - mean
    return rows, mean
