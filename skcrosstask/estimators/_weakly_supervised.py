"""The estimator: find the steps of tasks in videos, from order and narration."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Mapping
from numbers import Integral, Real

from sklearn.exceptions import ConvergenceWarning

from skcrosstask._data import Task, Video
from skcrosstask._progress import say
from skcrosstask._sklearn_compat import Interval
from skcrosstask.estimators._component import ComponentEstimator, Epoch, Packed
from skcrosstask.learning._candidates import (
    Candidates,
    whole_candidates,
    windowed_candidates,
)
from skcrosstask.learning.adam._labels import Alignment, RandomPlacement, SegmentUnits
from skcrosstask.learning.segments._calibration import calibrate
from skcrosstask.learning.segments._closed_form import StepSums
from skcrosstask.learning.segments._labels import (
    Labels,
    RowsOfVideo,
    SegmentSource,
    starting_segments,
)
from skcrosstask.learning.segments._passes import SegmentPasses
from skcrosstask.learning.segments._zero_shot import ZeroShotStart

__all__ = ["WeaklySupervisedStepEstimator"]

# Share of the steps that a pass may move after so many passes: of the recordings at
# hand, only those whose features tell next to nothing are above.
_RESTLESS, _ENOUGH_PASSES = 0.4, 4


class WeaklySupervisedStepEstimator(ComponentEstimator):
    """Find when each step of a task happens, from step lists and narration alone.

    Alternates between placing the steps, in order, by dynamic programming (Y), and
    learning linear classifiers of the steps' shared components (F). By default,
    features are conditioned, steps are whole segments against a background, and the
    classifiers are their means in closed form; ``condition=False, n_passes=0`` with
    epochs of Adam, `init_iter` and `max_iter`, is the paper's procedure.

    Training takes the steps as listed; prediction takes each task's order, which may
    be partial (`Task`'s ``before``).

    Parameters
    ----------
    sharing : {"words", "task_words", "steps", "none"}, default="words"
        What a component is: a word wherever it stands, a word within one task, a
        step wherever it stands, or one step of one task.
    stemmer : {"porter", "snowball"}, callable or None, default="porter"
        Maps words to stems before they are compared.
    condition : bool, default=True
        Whether features are conditioned: less their mean over the video, divided by
        their deviation within videos, and whitened with shrinkage, so that their units
        and what they have in common do not matter. If not, passes over segments still
        centre them and divide all by one deviation.
    shrinkage : float, default=0.1
        Added to each eigenvalue of the features' correlation, whose mean is 1, before
        whitening.
    n_directions : int, default=256
        The most directions of conditioned features that are kept.
    use_windows : bool, default=True
        Whether `fit` reads the videos' windows.
    window_penalty : float, default=0.1
        Cost of each second of a segment outside its step's windows, in nats. With
        ``n_passes=0``, windows are walls.
    position_prior : float, default=0.05
        Strength of the prior that step k of K is about (k + 1/2) / K through the
        video: the cost in nats of half the squared distance, in units of 0.15 of the
        video. 0 for none.
    word_vectors : WordVectors, mapping of str to array, or callable, optional
        Vectors of words, from a list of words if called: they stand in, in
        prediction, for words that were not seen in training. Read by prediction
        alone, so that they can be set after the fit.
    coef_init : mapping of str to array, or callable, optional
        Embeddings of the steps' texts in the space of the features, (n, D) for a list
        of n texts if called, as models of images and text have them. The first pass
        then places steps where rows are like their text. Ignored with ``n_passes=0``.
    n_passes : int, default=4
        Passes in which ordered segments are placed and the classifiers learnt from
        them in closed form; fewer where nothing moves any more. With 0, one unit per
        step is labelled instead, and only Adam learns.
    calibrate : bool, default=True
        Whether `fit` finds out how sure `predict_proba` may be. Two models, of
        different videos, place the steps in videos that neither has seen, and the mean
        confidence becomes the square root of the share of steps on which they agree.
        This takes about as long as the passes, and up to four times as long for fewer
        than 500 videos. `predict` is the same without it. Ignored with ``n_passes=0``.
    init_iter : int, default=0
        Epochs of Adam on random placements within order and windows; ignored with
        ``n_passes > 0``.
    max_iter : int, default=0
        Epochs of Adam after that, in which the steps are placed anew: from the closed
        form on, if there was one.
    learning_rate : float or "auto", default="auto"
        Adam's step size. "auto" scales it with the features so that one step changes
        a score by 0.005 at most: 0.005 over the mean L1 norm of a row. The value used
        is kept in ``learning_rate_``.
    dropout : float in [0, 1), default=0.5
        Probability that a feature is dropped in training.
    align_dropout : bool, default=True
        Whether features are dropped in the Y-step too.
    contrast : {"steps", "time", "both"}, default="steps"
        The softmax of the loss runs over the task's steps at one time (the paper),
        over times of one video, or both. Decides what is decoded too: the log
        probability of the first, else the score itself.
    n_negatives : int, default=96
        Random times of the same video in the softmax over time.
    n_adam_shards : int, default=1
        Epochs of Adam visit one video after the other. With more than 1, the videos
        are dealt to so many shards, each makes its epoch from the same model by
        itself, on any worker, and the components are averaged, weighted by their
        visits. What is learnt depends on this number, and not on `n_jobs`; it takes
        more epochs, see :ref:`adam_rounds`.
    decoding : {"posterior", "one_per_step", "segments", "free"}, default="posterior"
        Whether `predict` places one unit per step where the expected number of hits
        is largest, or where the scores are, or one segment per step, of which it
        returns the best unit. "free" places each step at its own most likely unit,
        whatever the others': times need not ascend, and may coincide.
    skip_cost : float or "auto", optional
        Lets `predict` and `predict_segments` leave steps out: those that are more
        likely absent than present, where leaving one out costs so many nats. With
        "auto", it is as likely as a segment that starts at any one time of a K-th of
        the video. With ``n_passes=0``, a step is left out where the log probability of
        its best time is lower, or, as a segment, where the best place that order
        leaves it costs more, the average unit costing 0.
    random_state : int, RandomState instance or None, default=None
        Order of the videos, random placements, dropout and negatives. An int makes
        results reproducible to the bit, whatever `n_jobs`.
    n_jobs : int, optional
        Threads that read, label and score videos, or workers of the backend that
        ``joblib.parallel_config`` sets.
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
    checkpoint : path, optional
        File in which `fit` keeps its state after each epoch. A fit of the same videos
        and parameters that finds it goes on from there, to the same bits, and of
        others refuses it. It stays after the last epoch, for you to delete once the
        model is saved.
    verbose : int, default=0
        1 prints a line an epoch.
    warm_start : bool, default=False
        Whether `fit` goes on from the previous one, without initialisation.

    Attributes
    ----------
    components_ : ndarray of shape (M,) of str
        Names of the components.
    coef_ : ndarray of shape (M, D) of float32
        Their weights, in units of the features as they are given; of conditioned
        features, on what differs from the video's mean.
    intercept_ : ndarray of shape (M,) of float32
        Their biases.
    alignments_ : ndarray of shape (n_videos,) of object
        Times of the steps in the training videos, the last labels Y: of segments,
        their middles.
    agreement_ : float
        Share of steps, in videos that neither has seen, on which models of different
        videos agree: without annotations, the nearest to a test. nan if it was not
        calibrated, or of fewer than five videos.
    temperature_ : float
        By which `predict_proba` divides the log odds for that; 1 if it was not
        calibrated.
    tasks_ : tuple of Task
        Those of the training videos, in order of appearance; `partial_fit` and
        ``warm_start`` add to them. Empty in models that were saved before version 3 of
        the file.
    history_ : list of dict
        Phase, mean objective and seconds of each epoch; of passes over segments also
        ``"moved"``, the share of the steps that have nothing in common with where the
        pass before had them, 1 in the first of their kind.
    n_iter_ : int
        Number of epochs made.
    n_features_in_ : int
        Number of features D.
    learning_rate_ : float
        Adam's step size.
    interrupted_ : bool
        Whether Ctrl-C ended the last fit.

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
        "coef_init": [Mapping, callable, None],
        "window_penalty": [Interval(Real, 0, None, closed="left")],
        "n_passes": [Interval(Integral, 0, None, closed="left")],
        "calibrate": ["boolean"],
        "init_iter": [Interval(Integral, 0, None, closed="left")],
        "align_dropout": ["boolean"],
    }

    def __init__(
        self,
        *,
        sharing="words",
        stemmer="porter",
        condition=True,
        shrinkage=0.1,
        n_directions=256,
        use_windows=True,
        window_penalty=0.1,
        position_prior=0.05,
        word_vectors=None,
        coef_init=None,
        n_passes=4,
        calibrate=True,
        init_iter=0,
        max_iter=0,
        learning_rate="auto",
        dropout=0.5,
        align_dropout=True,
        contrast="steps",
        n_negatives=96,
        n_adam_shards=1,
        decoding="posterior",
        skip_cost=None,
        random_state=None,
        n_jobs=None,
        store_dtype="float32",
        store_folder=None,
        max_memory=None,
        checkpoint=None,
        verbose=0,
        warm_start=False,
    ):
        self.sharing = sharing
        self.stemmer = stemmer
        self.condition = condition
        self.shrinkage = shrinkage
        self.n_directions = n_directions
        self.use_windows = use_windows
        self.window_penalty = window_penalty
        self.position_prior = position_prior
        self.word_vectors = word_vectors
        self.coef_init = coef_init
        self.n_passes = n_passes
        self.calibrate = calibrate
        self.init_iter = init_iter
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.dropout = dropout
        self.align_dropout = align_dropout
        self.contrast = contrast
        self.n_negatives = n_negatives
        self.n_adam_shards = n_adam_shards
        self.decoding = decoding
        self.skip_cost = skip_cost
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.store_dtype = store_dtype
        self.store_folder = store_folder
        self.max_memory = max_memory
        self.checkpoint = checkpoint
        self.verbose = verbose
        self.warm_start = warm_start

    def _labels_segments(self) -> bool:
        return self.n_passes > 0

    def _drops_in_alignment(self) -> bool:
        return self.align_dropout

    def _candidates(
        self, video: Video, task: Task, n_units: int, n_negatives: int
    ) -> Candidates:
        if self._labels_segments():
            return whole_candidates(video, task, n_units, self.use_windows)
        return windowed_candidates(
            video, task, n_units, self.use_windows, n_negatives, self._rng
        )

    def _epochs(self, packed: Packed, fresh: bool) -> list[Epoch]:
        if self._labels_segments():
            return self._segment_epochs(packed, fresh, None)
        alternation = self._alternation(packed)
        random = [RandomPlacement(packed.candidates)] * (self.init_iter if fresh else 0)
        aligned = [Alignment()] * self.max_iter
        return [(alternation, source) for source in (*random, *aligned)]

    def _next_epochs(self, packed: Packed) -> list[Epoch]:
        if self._labels_segments():
            return self._segment_epochs(packed, self._seen is None, self._seen)
        alternation = self._alternation(packed)
        if self.n_iter_ < self.init_iter:
            return [(alternation, RandomPlacement(packed.candidates))]
        return [(alternation, Alignment())]

    def _segment_epochs(
        self, packed: Packed, fresh: bool, seen: StepSums | None
    ) -> list[Epoch]:
        passes = self._passes(packed, self.window_penalty, seen)
        start = [SegmentSource("start", self._start_of(packed))] if fresh else []
        best = SegmentSource("segments")
        epochs = [(passes, source) for source in (*start, *[best] * self.n_passes)]
        return epochs + self._refinement(packed, SegmentUnits(passes, best))

    def _conclude(self, packed: Packed, epochs: list[Epoch]) -> None:
        self._warn_if_unsettled(packed.passes)
        if not (self.calibrate and self._labels_segments()):
            return
        begin = time.perf_counter()
        assert packed.passes is not None
        passes = [source for course, source in epochs if course is packed.passes]
        if passes[0].phase != "start":  # each part starts afresh
            passes.insert(0, SegmentSource("start", self._start_of(packed)))
        self.agreement_, self.temperature_ = calibrate(packed.passes, passes)
        found = f"agreement {self.agreement_:.2f}, temperature {self.temperature_:.2f}"
        if math.isnan(self.agreement_):
            found = "none, as there are too few videos (fewer than five)"
        seconds = time.perf_counter() - begin
        say(f"calibration: {found}, {seconds:.2f} s", self.verbose)

    def _warn_if_unsettled(self, passes: SegmentPasses | None) -> None:
        # Of fewer passes, the last moves much wherever there is much to learn.
        if passes is None or self.n_passes < _ENOUGH_PASSES:
            return
        if passes.moved > _RESTLESS:
            warnings.warn(
                f"the last pass still moved {passes.moved:.0%} of the steps: the "
                "features may say little about them. Give windows or more videos, or "
                "raise n_passes.",
                ConvergenceWarning,
                stacklevel=3,
            )

    def _start_of(self, packed: Packed) -> Callable[[RowsOfVideo], Labels]:
        if self.coef_init is None:
            return starting_segments
        return ZeroShotStart(
            self.coef_init, packed.tasks, self.n_features_in_, self._conditioning
        )
