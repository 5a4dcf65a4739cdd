"""The same component model, fitted on annotations: an upper bound."""

from __future__ import annotations

from collections.abc import Sequence

from skcrosstask._data import Task, Video
from skcrosstask.estimators._component import ComponentEstimator
from skcrosstask.learning._candidates import Candidates, annotated_candidates
from skcrosstask.learning._labels import Annotation, LabelSource

__all__ = ["SupervisedStepEstimator"]


class SupervisedStepEstimator(ComponentEstimator):
    """Component classifiers trained on annotated videos.

    At each visit of a video, every step that occurs is labelled with a random unit
    of its annotated segments. Everything else is as in
    `WeaklySupervisedStepEstimator`, whose parameters these are.

    Parameters
    ----------
    sharing : {"words", "task_words", "steps", "none"}, default="words"
        What a component is.
    stemmer : {"porter", "snowball"}, callable or None, default="porter"
        Maps words to stems before they are compared.
    max_iter : int, default=30
        Epochs.
    learning_rate : float or "auto", default="auto"
        Adam's step size.
    dropout : float in [0, 1), default=0.5
        Probability that a feature is dropped in training.
    contrast : {"steps", "time", "both"}, default="both"
        What the softmax of the loss runs over.
    n_negatives : int, default=96
        Random times of the same video in the softmax over time.
    decoding : {"one_per_step", "segments"}, default="one_per_step"
        How `predict` places steps.
    skip_cost : float, optional
        Lets `predict` leave a step out at this cost.
    random_state : int, RandomState instance or None, default=None
        Order of the videos, labelled units, dropout and negatives.
    n_jobs : int, optional
        Threads that read and score videos.
    store_dtype : {"float32", "float16"}, default="float32"
        How `fit` keeps feature rows while it runs.
    store_folder : path, optional
        Folder in which `fit` keeps the rows that it packed, for fits that need the
        same.
    max_memory : float, optional
        Bytes of packed rows from which on they go to a temporary file.
    verbose : int, default=0
        1 prints a line an epoch.
    warm_start : bool, default=False
        Whether `fit` goes on from the previous one.

    Attributes
    ----------
    components_, coef_, intercept_, history_, n_iter_, n_features_in_, learning_rate_
        As in `WeaklySupervisedStepEstimator`.
    alignments_ : ndarray of shape (n_videos,) of object
        The units drawn at the last visits, -1 for a step that does not occur.

    References
    ----------
    Zhukov et al., CVPR 2019, section 6.1, row "Supervised" of Table 2.

    Examples
    --------
    >>> from skcrosstask.baselines import SupervisedStepEstimator
    >>> from skcrosstask.datasets import make_instructional_videos
    >>> videos, tasks = make_instructional_videos(n_videos=4, random_state=0)
    >>> est = SupervisedStepEstimator(random_state=0).fit(videos, tasks)
    >>> est.score(videos, tasks) > 0.5
    True
    """

    def __init__(
        self,
        *,
        sharing="words",
        stemmer="porter",
        max_iter=30,
        learning_rate="auto",
        dropout=0.5,
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
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.dropout = dropout
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

    def _candidates(
        self, video: Video, task: Task, n_units: int, n_negatives: int
    ) -> Candidates:
        return annotated_candidates(video, task, n_units, n_negatives, self._rng)

    def _sources(
        self, candidates: Sequence[Candidates], fresh: bool, max_iter: int
    ) -> list[LabelSource]:
        return [Annotation(candidates)] * max_iter
