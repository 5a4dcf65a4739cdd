"""The same component model, fitted on annotations: an upper bound."""

from __future__ import annotations

from numbers import Integral

from skcrosstask._data import Task, Video
from skcrosstask._sklearn_compat import Interval
from skcrosstask.estimators._component import ComponentEstimator, Epoch, Packed
from skcrosstask.learning._candidates import (
    Candidates,
    annotated_candidates,
    whole_annotated_candidates,
)
from skcrosstask.learning.adam._labels import Annotation, SegmentUnits
from skcrosstask.learning.segments._closed_form import StepSums
from skcrosstask.learning.segments._labels import SegmentSource, annotated_segments

__all__ = ["SupervisedStepEstimator"]


class SupervisedStepEstimator(ComponentEstimator):
    """Component classifiers trained on annotated videos.

    By default the steps' classifiers are the means of their annotated segments, in
    closed form. With ``n_passes=0``, Adam learns them: at each visit of a video, every
    step that occurs is labelled with a random unit of its segments. Everything else
    is as in `WeaklySupervisedStepEstimator`, whose parameters these are.

    Parameters
    ----------
    sharing : {"words", "task_words", "steps", "none"}, default="words"
        What a component is.
    stemmer : {"porter", "snowball"}, callable or None, default="porter"
        Maps words to stems before they are compared.
    condition : bool, default=True
        Whether features are conditioned.
    shrinkage : float, default=0.1
        Added to each eigenvalue of the features' correlation before whitening.
    n_directions : int, default=256
        The most directions of conditioned features that are kept.
    position_prior : float, default=0.05
        Strength of the prior on where steps are.
    word_vectors : WordVectors, mapping of str to array, or callable, optional
        Vectors that stand in, in prediction, for words that were not seen.
    n_passes : {0, 1}, default=1
        Whether classifiers are learnt in closed form.
    max_iter : int, default=0
        Epochs of Adam.
    learning_rate : float or "auto", default="auto"
        Adam's step size.
    dropout : float in [0, 1), default=0.5
        Probability that a feature is dropped in training.
    contrast : {"steps", "time", "both"}, default="steps"
        What the softmax of the loss runs over.
    n_negatives : int, default=96
        Random times of the same video in the softmax over time.
    n_adam_shards : int, default=1
        Shards of videos that make an epoch of Adam apart, to be averaged.
    decoding : {"posterior", "one_per_step", "segments", "free"}, default="posterior"
        How `predict` places steps.
    skip_cost : float, optional
        Lets `predict` leave a step out at this cost.
    random_state : int, RandomState instance or None, default=None
        Order of the videos, labelled units, dropout and negatives.
    n_jobs : int, optional
        Threads that read, label and score videos, or workers of the backend that
        ``joblib.parallel_config`` sets.
    store_dtype : {"float32", "float16"}, default="float32"
        How `fit` keeps feature rows while it runs.
    store_folder : path, optional
        Folder in which `fit` keeps the rows that it packed, for fits that need the
        same.
    max_memory : float, optional
        Bytes of packed rows from which on they go to a temporary file.
    checkpoint : path, optional
        File from which `fit` goes on if it was ended early.
    verbose : int, default=0
        1 prints a line an epoch.
    warm_start : bool, default=False
        Whether `fit` goes on from the previous one.

    Attributes
    ----------
    components_, coef_, intercept_, history_, n_iter_, n_features_in_, learning_rate_
        As in `WeaklySupervisedStepEstimator`.
    tasks_ : tuple of Task
        Likewise.
    alignments_ : ndarray of shape (n_videos,) of object
        Middles of the annotated segments, or with ``n_passes=0`` the units drawn at the
        last visits; -1 for a step that does not occur.

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

    _reads_annotation = True

    _parameter_constraints: dict = {  # noqa: RUF012
        **ComponentEstimator._parameter_constraints,
        "n_passes": [Interval(Integral, 0, 1, closed="both")],
    }

    def __init__(
        self,
        *,
        sharing="words",
        stemmer="porter",
        condition=True,
        shrinkage=0.1,
        n_directions=256,
        position_prior=0.05,
        word_vectors=None,
        n_passes=1,
        max_iter=0,
        learning_rate="auto",
        dropout=0.5,
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
        self.position_prior = position_prior
        self.word_vectors = word_vectors
        self.n_passes = n_passes
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.dropout = dropout
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

    def _candidates(
        self, video: Video, task: Task, n_units: int, n_negatives: int
    ) -> Candidates:
        if self._labels_segments():
            return whole_annotated_candidates(video, task, n_units)
        return annotated_candidates(video, task, n_units, n_negatives, self._rng)

    def _epochs(self, packed: Packed, fresh: bool) -> list[Epoch]:
        if self._labels_segments():
            return self._segment_epochs(packed, None)
        alternation = self._alternation(packed)
        return [(alternation, Annotation(packed.candidates))] * self.max_iter

    def _next_epochs(self, packed: Packed) -> list[Epoch]:
        if self._labels_segments():
            return self._segment_epochs(packed, self._seen)
        return [(self._alternation(packed), Annotation(packed.candidates))]

    def _segment_epochs(self, packed: Packed, seen: StepSums | None) -> list[Epoch]:
        passes = self._passes(packed, seen=seen)
        annotated = SegmentSource("supervised", annotated_segments)
        units = SegmentUnits(passes, annotated)
        return [(passes, annotated), *self._refinement(packed, units)]
