"""What estimators with component classifiers share: the parts of a fit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from sklearn.utils import check_random_state

from skcrosstask._data import Task, Video
from skcrosstask._input import TasksLike, VideosLike, object_array, read_videos
from skcrosstask._progress import Progress, say, warn
from skcrosstask._sklearn_compat import (
    CallbackSupportMixin,
    HasMethods,
    Interval,
    StrOptions,
    fit_context,
    fit_tasks,
)
from skcrosstask.components import SHARING, STEMMERS, Composition, StepComponents
from skcrosstask.estimators._checkpoint import Checkpoint
from skcrosstask.estimators._component_predictor import RIDGE, ComponentPredictor
from skcrosstask.learning._candidates import Candidates
from skcrosstask.learning._shards import shares_memory
from skcrosstask.learning.adam._alternation import Alternation
from skcrosstask.learning.adam._labels import SegmentUnits
from skcrosstask.learning.adam._model import ComponentModel
from skcrosstask.learning.adam._rounds import AdamRounds
from skcrosstask.learning.rows._conditioning import Conditioning
from skcrosstask.learning.rows._packing import Packing
from skcrosstask.learning.rows._store import FrameStore
from skcrosstask.learning.rows._worker_store import WorkerStore
from skcrosstask.learning.segments._closed_form import StepSums
from skcrosstask.learning.segments._passes import SegmentPasses
from skcrosstask.learning.segments._rule import SegmentRule, correlation_time

__all__ = ["ComponentEstimator"]

# With learning_rate="auto", by how much one Adam step can change a typical score.
_SCORE_CHANGE = 0.005

# A video is labelled by what the other nine tenths taught.
_N_FOLDS = 10

_NO_CHECKPOINT = Checkpoint(None)

# Who makes an epoch, and where its labels come from.
Epoch = tuple[Any, Any]


@dataclass
class Packed:
    """Training videos, ready for epochs; `course` is who makes them now."""

    store: FrameStore | WorkerStore
    tasks: list[Task]
    candidates: list[Candidates]
    compositions: list[Composition]
    course: Alternation | AdamRounds | SegmentPasses | None = None
    passes: SegmentPasses | None = None


class ComponentEstimator(CallbackSupportMixin, ComponentPredictor):
    """The parts of a fit of component classifiers.

    Subclasses say which rows of a video they train on (`_candidates`) and what the
    epochs are (`_epochs`).
    """

    tasks_: tuple[Task, ...]

    _reads_annotation = False

    _parameter_constraints: dict = {  # noqa: RUF012
        "sharing": [StrOptions(set(SHARING))],
        "stemmer": [StrOptions(set(STEMMERS)), callable, None],
        "condition": ["boolean"],
        "shrinkage": [Interval(Real, 0, None, closed="neither")],
        "n_directions": [Interval(Integral, 1, None, closed="left")],
        "position_prior": [Interval(Real, 0, None, closed="left")],
        "word_vectors": [HasMethods("look_up"), Mapping, callable, None],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
        "learning_rate": [
            StrOptions({"auto"}),
            Interval(Real, 0, None, closed="neither"),
        ],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "contrast": [StrOptions({"steps", "time", "both"})],
        "n_negatives": [Interval(Integral, 1, None, closed="left")],
        "n_adam_shards": [Interval(Integral, 1, None, closed="left")],
        "decoding": [StrOptions({"posterior", "one_per_step", "segments", "free"})],
        "skip_cost": [
            Interval(Real, 0, None, closed="left"),
            StrOptions({"auto"}),
            None,
        ],
        "random_state": ["random_state"],
        "n_jobs": [Integral, None],
        "store_dtype": [StrOptions({"float32", "float16"})],
        "store_folder": [str, os.PathLike, None],
        "max_memory": [Interval(Real, 0, None, closed="left"), None],
        "checkpoint": [str, os.PathLike, None],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
    }

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: VideosLike, y: TasksLike | None = None) -> Self:
        """Learn from videos what the steps of their tasks look like.

        Ctrl-C ends the fit early: a warning says so, and the estimator holds what it
        had learnt by then. With `checkpoint`, a fit that was ended in any way goes on
        after its last whole epoch when it is started again.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Training videos. Their annotations are not read, save by supervised
            estimators.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task per video, one for all, or where the videos' task names are
            looked up. By default each video's own task.

        Returns
        -------
        self
            The fitted estimator.

        Raises
        ------
        ValueError
            If a video is malformed, shorter than its list of steps, has no task, or
            differs in its number of features; the message names it. If the checkpoint
            is damaged, or of other videos or parameters.
        """
        fresh = not (self.warm_start and hasattr(self, "_model"))
        kept = Checkpoint(self.checkpoint)
        packed = self._prepare(X, y, fresh, kept)
        epochs = self._epochs(packed, fresh)
        if not epochs and fresh:
            raise ValueError(
                "n_passes=0 leaves learning to Adam: set init_iter or max_iter above 0."
            )
        with self._finishing(packed, len(epochs)):
            kept.resume(self, epochs)
            for i in fit_tasks(self, len(epochs)):
                packed.course, source = epochs[i]
                if i < kept.n_done or packed.course.settled:
                    continue
                self._note(packed.course.epoch(source))
                kept.note(self, epochs, i + 1)
            if not kept.finished:
                self._conclude(packed, epochs)
                kept.note(self, epochs, len(epochs), finished=True)
        return self

    @fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: VideosLike, y: TasksLike | None = None) -> Self:
        """Learn from more videos, also of new tasks and new words.

        The first call is that of `fit`. Later ones place the steps of these videos by
        what was learnt, and add their rows to those of the calls before; features are
        conditioned as the first call found.

        With ``n_passes=0``, a call is one epoch, and calls follow the phases of `fit`:
        the first `init_iter` place the steps at random, the later ones by what was
        learnt. As many calls on the same videos as `fit` makes epochs learn what
        `fit` does, up to rounding; in videos of more than four times `n_negatives`
        units, each call offers other negatives.

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

        Examples
        --------
        >>> from skcrosstask import WeaklySupervisedStepEstimator
        >>> from skcrosstask.datasets import make_instructional_videos
        >>> videos, _ = make_instructional_videos(n_videos=2, random_state=0)
        >>> est = WeaklySupervisedStepEstimator(random_state=0).fit(videos)
        >>> more, _ = make_instructional_videos(n_videos=2, n_tasks=5, random_state=1)
        >>> "stir" in est.partial_fit(more).components_
        True
        """
        packed = self._prepare(X, y, fresh=not hasattr(self, "_model"))
        epochs = self._next_epochs(packed)
        with self._finishing(packed, len(epochs)):
            for packed.course, source in epochs:
                self._note(packed.course.epoch(source))
            if not self.n_iter_:
                self._conclude(packed, epochs)
        return self

    def _candidates(
        self, video: Video, task: Task, n_units: int, n_negatives: int
    ) -> Candidates:
        """Rows of a video of T units that training may touch."""
        raise NotImplementedError

    def _epochs(self, packed: Packed, fresh: bool) -> list[Epoch]:
        """What `fit` does, in order."""
        raise NotImplementedError

    def _next_epochs(self, packed: Packed) -> list[Epoch]:
        """What the next call of `partial_fit` does."""
        raise NotImplementedError

    def _conclude(self, packed: Packed, epochs: list[Epoch]) -> None:
        """What `fit` does after the last epoch, unless it was interrupted."""

    def _prepare(
        self,
        X: VideosLike,
        y: TasksLike | None,
        fresh: bool,
        kept: Checkpoint = _NO_CHECKPOINT,
    ) -> Packed:
        """Check the videos, learn their tasks' words, and pack the rows to train on."""
        videos, tasks = read_videos(X, y)
        lengths = self._check_n_features(videos, reset=fresh)
        kept.find(self, videos, tasks, fresh)
        if fresh:
            self._start()
        kept.begin(self, fresh)
        self.tasks_ = tuple(dict.fromkeys((*self.tasks_, *tasks)))
        self._vocabulary.update(tasks)
        compositions = self._vocabulary.compose(tasks)
        n_negatives = 0 if self.contrast == "steps" else self.n_negatives
        candidates = [
            self._candidates(video, task, n_units, n_negatives)
            for video, task, n_units in zip(videos, tasks, lengths, strict=True)
        ]
        if self._conditioning is None and self._model is None and self._conditions():
            self._conditioning = Conditioning.learn(
                videos,
                lengths,
                whiten=self.condition,
                shrinkage=self.shrinkage,
                n_directions=self.n_directions,
                n_jobs=self.n_jobs,
            )
        store = self._pack(videos, candidates)
        if self._model is None:
            self._model = self._new_model(store)
            if self._labels_segments():
                self._temperature = correlation_time(store, len(videos))
                seconds = [n / v.rate for n, v in zip(lengths, videos, strict=True)]
                self._rate = float(sum(lengths) / sum(seconds))
        self._model.grow(len(self._vocabulary.names))
        kept.restore_model(self)
        return Packed(store, tasks, candidates, [compositions[t] for t in tasks])

    def _conditions(self) -> bool:
        return self.condition or self._labels_segments()

    def _alternation(self, packed: Packed) -> Alternation | AdamRounds:
        made: Callable[..., Any] = Alternation
        if self.n_adam_shards > 1:
            made = partial(AdamRounds, n_shards=self.n_adam_shards, n_jobs=self.n_jobs)
        return made(
            self._model,
            packed.store,
            packed.candidates,
            packed.compositions,
            self._rng,
            decode=self._decode,
            align_dropout=self._drops_in_alignment(),
        )

    def _refinement(self, packed: Packed, units: SegmentUnits) -> list[Epoch]:
        """Epochs of Adam that go on from the closed form."""
        if not self.max_iter:
            return []
        return [(self._alternation(packed), units)] * self.max_iter

    def _passes(
        self,
        packed: Packed,
        window_penalty: float = 0.0,
        seen: StepSums | None = None,
    ) -> SegmentPasses:
        rule = SegmentRule(
            ridge=RIDGE * self._temperature,
            n_folds=_N_FOLDS,
            position=self.position_prior,
            window_penalty=window_penalty,
            temperature=self._temperature,
            rate=self._rate,
        )
        packed.passes = SegmentPasses(
            packed.store,
            packed.candidates,
            packed.compositions,
            self._model,
            rule,
            seen,
            self.n_jobs,
        )
        return packed.passes

    def _drops_in_alignment(self) -> bool:
        """Whether features are dropped in the Y-step too."""
        return False

    def _start(self) -> None:
        """Forget everything; the seed is drawn once per fit."""
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        self._rng = np.random.default_rng(seed)
        self._vocabulary = StepComponents(self.sharing, self.stemmer)
        self._model = None
        self._conditioning = None
        self._temperature = self._rate = 1.0
        self.temperature_, self.agreement_ = 1.0, np.nan
        self._seen = None
        self._seed = int(seed)
        self.tasks_ = ()
        self.history_: list[dict] = []
        self.n_iter_ = 0

    def _pack(
        self, videos: Sequence[Video], candidates: Sequence[Candidates]
    ) -> FrameStore | WorkerStore:
        store: FrameStore | WorkerStore
        progress = Progress("reading", len(videos), verbose=self.verbose)
        with progress:
            if self._stays_with_workers():
                store = self._worker_store(videos, candidates, progress.advance)
            else:
                store = FrameStore(
                    videos,
                    [c.units for c in candidates],
                    self._n_directions,
                    dtype=self.store_dtype,
                    max_memory=self.max_memory,
                    folder=self.store_folder,
                    n_jobs=self.n_jobs,
                    progress=progress.advance,
                    conditioning=self._conditioning,
                )
        size = f"{store.n_rows} rows, {store.nbytes / 1e9:.2f} GB"
        say(f"{size}: {store.place}", self.verbose)
        return store

    def _stays_with_workers(self) -> bool:
        """Whether rows are packed by workers, not here, where Adam may need them."""
        adam = self.max_iter > 0 or not self._labels_segments()
        here = adam and self.n_adam_shards == 1
        return not here and not shares_memory(self.n_jobs)

    def _worker_store(
        self,
        videos: Sequence[Video],
        candidates: Sequence[Candidates],
        progress: Callable[[], None],
    ) -> WorkerStore:
        folder = self.store_folder
        packing = Packing(
            self.store_dtype,
            self._n_directions,
            self._conditioning,
            None if folder is None else os.path.abspath(folder),
        )
        units = [candidate.units for candidate in candidates]
        return WorkerStore(
            videos,
            [len(u) for u in units],
            packing,
            n_jobs=self.n_jobs,
            progress=progress,
            units=None if self._labels_segments() else units,
        )

    def _new_model(self, store: FrameStore | WorkerStore) -> ComponentModel:
        rate = self.learning_rate
        if rate == "auto":
            rate = _SCORE_CHANGE / max(store.mean_norm, 1e-12)
        self.learning_rate_ = float(rate)
        return ComponentModel(
            self._n_directions,
            learning_rate=self.learning_rate_,
            dropout=self.dropout,
            contrast=self.contrast,
            n_negatives=self.n_negatives,
            seed=self._seed,
        )

    def _note(self, entry: dict) -> None:
        """Add an epoch to the history."""
        before = sum(e["phase"] == entry["phase"] for e in self._new_history)
        self._new_history.append(
            {"phase": entry["phase"], "epoch": before + 1, **entry}
        )
        say(
            f"{entry['phase']} {before + 1}: objective {entry['objective']:.5f}, "
            f"{entry['seconds']:.2f} s",
            self.verbose,
        )

    @contextmanager
    def _finishing(self, packed: Packed, n_epochs: int) -> Iterator[None]:
        """Keep what was learnt, also when Ctrl-C ends the fit."""
        self._new_history: list[dict] = []
        self.interrupted_ = False
        try:
            yield
        except KeyboardInterrupt:
            self.interrupted_ = True
            how = "Set warm_start=True" if self.checkpoint is None else "Call fit again"
            warn(
                f"fit was interrupted after {len(self._new_history)} of {n_epochs} "
                f"epochs; the estimator holds what it had learnt. {how} to go on from "
                "here.",
            )
        if packed.passes is not None:
            self._seen = packed.passes.totals
        self.components_ = np.array(self._vocabulary.names, dtype=str)
        self._show_classifiers()
        labels = [] if packed.course is None else packed.course.labels
        self.alignments_ = object_array(labels)
        self.history_ += self._new_history
        self.n_iter_ += len(self._new_history)
        del self._new_history

    def _show_classifiers(self) -> None:
        """Classifiers in units of the raw features."""
        model = self._model.synchronise()
        self.coef_, self.intercept_ = model.coef, model.intercept
        if self._conditioning is not None:
            self.coef_ = self._conditioning.to_raw(model.coef)

    @property
    def _n_directions(self) -> int:
        if self._conditioning is None:
            return self.n_features_in_
        return self._conditioning.projection.shape[1]
