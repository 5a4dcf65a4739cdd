"""From component classifiers to times, segments and probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from skcrosstask._data import Task, Video
from skcrosstask._data._order import Pairs, follows, is_listed_order, restrict_order
from skcrosstask._input import TasksLike, VideosLike
from skcrosstask.alignment._align import align_steps
from skcrosstask.alignment._checks import refuse_short
from skcrosstask.alignment._down_sets import TooFreeError
from skcrosstask.alignment._segment_posteriors import (
    SegmentPosterior,
    segment_posteriors,
)
from skcrosstask.alignment._segments_around import segments_around
from skcrosstask.alignment._ties import spread_alike
from skcrosstask.components import StepComponents
from skcrosstask.estimators._classifiers import Classifiers, StepScorer
from skcrosstask.estimators._scoring import ScoringStepEstimator, weigh_units
from skcrosstask.learning.adam._alternation import step_cost
from skcrosstask.learning.rows._conditioning import Conditioning
from skcrosstask.learning.segments._closed_form import StepSums
from skcrosstask.learning.segments._rule import position_prior, temperature_at
from skcrosstask.results._places import StepPlaces

__all__ = ["RIDGE", "ComponentPredictor"]

# Rows at 0 added to each component, each worth as much as one that stands alone.
RIDGE = 32.0


class ComponentPredictor(ScoringStepEstimator):
    """Prediction with component classifiers.

    Subclasses learn these, and have the parameters `contrast`, `decoding`,
    `skip_cost` and `position_prior`.
    """

    contrast: str
    decoding: str
    skip_cost: float | str | None
    position_prior: float
    coef_: np.ndarray
    intercept_: np.ndarray
    _model: Any  # ComponentModel, None until there are rows
    _vocabulary: StepComponents
    word_vectors: Any
    _conditioning: Conditioning | None
    _seen: StepSums | None  # rows of all videos that were learnt from
    _temperature: float  # in rows of this rate
    _rate: float
    temperature_: float

    def predict_segments(self, X: VideosLike, y: TasksLike | None = None) -> np.ndarray:
        """Step of each time unit: each step one segment, in order.

        A unit joins a step where it fits the step better than the average unit
        does, so that background needs no threshold of its own. Where the order of a
        task is partial, the segments come in the order of the best units.

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

        Examples
        --------
        >>> from skcrosstask import WeaklySupervisedStepEstimator
        >>> from skcrosstask.datasets import make_instructional_videos
        >>> videos, _ = make_instructional_videos(n_videos=2, random_state=0)
        >>> est = WeaklySupervisedStepEstimator(random_state=0).fit(videos)
        >>> labels = est.predict_segments(videos[:1])[0]
        >>> sorted(set(labels.tolist()))
        [-1, 0, 1, 2, 3, 4]
        """
        return self._map(type(self)._segment, X, y)

    def predict_presence(self, X: VideosLike, y: TasksLike | None = None) -> np.ndarray:
        """Probability that each step is in the video at all.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Videos.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            As for `fit`.

        Returns
        -------
        ndarray of shape (n_videos,) of object
            Entry i is a float array (K_i,). Under `skip_cost`, or, where that is None,
            under "auto".

        Raises
        ------
        ValueError
            If steps were not learnt from whole segments.

        Examples
        --------
        >>> from skcrosstask import WeaklySupervisedStepEstimator
        >>> from skcrosstask.datasets import make_instructional_videos
        >>> videos, _ = make_instructional_videos(n_videos=2, random_state=0)
        >>> est = WeaklySupervisedStepEstimator(random_state=0).fit(videos)
        >>> presence = est.predict_presence(videos[:1])[0]
        >>> presence.shape, bool(presence.max() <= 1)
        ((5,), True)
        """
        if not self._labels_segments():
            raise ValueError("predict_presence needs n_passes > 0.")
        return self._map(type(self)._presence, X, y)

    def _labels_segments(self) -> bool:
        """Whether steps are learnt from whole segments."""
        return True

    @property
    def _decode(self) -> str:
        return "steps" if self.contrast == "steps" else "time"

    def _cost(self, scores: np.ndarray) -> np.ndarray:
        return step_cost(scores, self._decode)

    def _scorer(self, tasks: Sequence[Task]) -> Callable[[Video, Task], np.ndarray]:
        seen = self._seen
        evidence = None if seen is None else seen.shares(RIDGE * self._temperature)
        known = Classifiers(self.coef_, self.intercept_, self._model.coef)
        composed = known.compose(
            self._vocabulary, tasks, self.word_vectors, evidence, self._conditioning
        )
        return StepScorer(
            *composed,
            centred=self._conditioning is not None,
            against_background=self._labels_segments(),
        )

    def _odds(
        self,
        scores: np.ndarray,
        task: Task,
        rate: float = 1.0,
        temperature: float = 1.0,
    ) -> np.ndarray:
        """Log odds of steps over background, by what rows and prior say together."""
        prior = position_prior(scores.shape, self.position_prior)
        if task.before is not None:
            prior = _prior_by_ranks(prior, task.before)
        # A second weighs the same, however many rows it has.
        temperature *= temperature_at(self._temperature, self._rate, rate)
        return scores / temperature + prior / rate

    def _weigh(self, scores: np.ndarray, task: Task, rate: float = 1.0) -> np.ndarray:
        if not self._labels_segments():
            return weigh_units(-self._cost(scores), task)
        # Softened only here: places are found best by the odds as they were learnt.
        found = self._posterior(scores, task, None, rate, self.temperature_)
        return found.running / found.running.sum(axis=0)

    def _posterior(
        self,
        scores: np.ndarray,
        task: Task,
        skip_cost: float | str | None,
        rate: float = 1.0,
        temperature: float = 1.0,
    ) -> SegmentPosterior:
        """Where each step runs, over all segments in order, and whether it is there."""
        n_units, n_steps = scores.shape
        if skip_cost == "auto":
            # As many seconds as a segment could start at, each as likely as none.
            skip_cost = -np.log(max(n_units / rate / n_steps, 1.0))
        if skip_cost is None:
            refuse_short(n_units, n_steps, "; skip_cost lets steps be left out")
        # Of a second, a segment may start and end at as many rows.
        absent = None if skip_cost is None else 2 * np.log(rate) - float(skip_cost)
        odds = self._odds(scores, task, rate, temperature)
        # Of the same order, the list is the faster way.
        if is_listed_order(task.before, n_steps):
            return segment_posteriors(odds, absent)
        try:
            return segment_posteriors(odds, absent, before=task.before)
        except TooFreeError:
            if self.decoding != "free":
                raise
        alone = [segment_posteriors(column[:, None], absent) for column in odds.T]
        return SegmentPosterior(
            np.hstack([found.running for found in alone]),
            np.hstack([found.first for found in alone]),
            np.hstack([found.present for found in alone]),
            sum(found.log_sum for found in alone),
        )

    def _presence(self, scores: np.ndarray, task: Task, rate: float) -> np.ndarray:
        cost = "auto" if self.skip_cost is None else self.skip_cost
        return self._posterior(scores, task, cost, rate).present

    def _place(self, scores: np.ndarray, task: Task, rate: float = 1.0) -> np.ndarray:
        if self.decoding == "segments":
            return self._best_of_segments(scores, task, rate)
        if self.decoding != "one_per_step" and self._labels_segments():
            found = self._posterior(scores, task, self.skip_cost, rate)
            return self._hit_most(found, task)
        if self.decoding == "posterior" and self.skip_cost is None:
            return align_steps(-self._weigh(scores, task), before=task.before)
        cost, skip_cost = spread_alike(self._cost(scores)), self._skip_cost()
        if self.decoding != "free":
            return align_steps(cost, skip_cost=skip_cost, before=task.before)
        skipped = skip_cost is not None and cost.min(axis=0) > skip_cost
        return np.where(skipped, -1, cost.argmin(axis=0))

    def _best_of_segments(
        self, scores: np.ndarray, task: Task, rate: float
    ) -> np.ndarray:
        labels, cost = self._segment(scores, task, rate), self._cost(scores)
        times = [
            np.where(labels == k, cost[:, k], np.inf).argmin()
            if (labels == k).any()
            else -1
            for k in range(scores.shape[1])
        ]
        return np.array(times, dtype=np.int64)

    def _skip_cost(self) -> float | None:
        """`skip_cost`, where it must be a number."""
        if isinstance(self.skip_cost, str):
            raise ValueError('skip_cost="auto" needs n_passes > 0; give a number.')
        return self.skip_cost

    def _hit_most(self, found: SegmentPosterior, task: Task) -> np.ndarray:
        """Times of the largest expected number of hits, of present steps."""
        there = np.flatnonzero(found.present > 0.5)
        times, cost = np.full(len(task.steps), -1), -found.running[:, there]
        if self.decoding == "free":
            times[there] = cost.argmin(axis=0)
        elif len(there):
            before = restrict_order(task.before, there, len(task.steps))
            times[there] = align_steps(cost, before=before)
        return times

    def _find(self, scores: np.ndarray, task: Task, rate: float = 1.0) -> StepPlaces:
        times = self._place(scores, task, rate)
        first, stop = self._segments_around(scores, task, times, rate)
        if not self._labels_segments():
            chances = self._chances(scores, task, times, rate)
            return StepPlaces.of_units(times, chances)._replace(first=first, stop=stop)
        cost = "auto" if self.skip_cost is None else self.skip_cost
        found = soft = self._posterior(scores, task, cost, rate)
        if self.temperature_ != 1:
            soft = self._posterior(scores, task, cost, rate, self.temperature_)
        running = soft.running[times, np.arange(len(times))]
        # Only where a step is gets softened, not whether it is there.
        sure = found.present * running / soft.present
        return StepPlaces(times, first, stop, found.present, sure)

    def _segments_around(
        self, scores: np.ndarray, task: Task, times: np.ndarray, rate: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Segments that hold these units."""
        gain = self._gain(scores, task, rate)
        if self.decoding != "free":
            return segments_around(gain, times)
        alone = [
            segments_around(gain[:, [k]], times[[k]]) for k in range(len(task.steps))
        ]
        first, stop = map(np.concatenate, zip(*alone, strict=True))
        return first, stop

    def _gain(self, scores: np.ndarray, task: Task, rate: float) -> np.ndarray:
        """Log odds over background, or of a unit over the average one."""
        if self._labels_segments():
            return self._odds(scores, task, rate)
        cost = self._cost(scores).astype(np.float64)
        low = cost.min(axis=0)
        return -(cost + (np.log(np.exp(low - cost).mean(axis=0)) - low))

    def _segment(self, scores: np.ndarray, task: Task, rate: float = 1.0) -> np.ndarray:
        there, skip_cost = np.arange(scores.shape[1]), None
        listed = is_listed_order(task.before, len(there))
        cost = -self._gain(scores, task, rate)
        if not self._labels_segments():
            unit_cost, skip_cost = cost, self._skip_cost()
        elif self.skip_cost is not None or not listed:
            found = self._posterior(scores, task, self.skip_cost, rate)
            there, unit_cost = np.flatnonzero(found.present > 0.5), -found.running
        if not listed:
            there = _in_turn(unit_cost, task, there, skip_cost)
        if not len(there):
            return np.full(len(scores), -1)
        labels = align_steps(
            cost[:, there], occurrences="at_least_one", skip_cost=skip_cost
        )
        return np.where(labels < 0, -1, there[labels])


def _in_turn(
    cost: np.ndarray, task: Task, there: np.ndarray, skip_cost: float | None
) -> np.ndarray:
    """Steps in the order in which one unit for each costs least."""
    if not len(there):
        return there
    before = restrict_order(task.before, there, len(task.steps))
    times = align_steps(cost[:, there], before=before, skip_cost=skip_cost)
    order = np.argsort(times)
    return there[order[times[order] >= 0]]


def _prior_by_ranks(prior: np.ndarray, before: Pairs) -> np.ndarray:
    """Log prior where each step may have any rank that the order leaves it."""
    n_steps = prior.shape[1]
    ahead = follows(before, n_steps)
    ranks = zip(ahead.sum(axis=0), n_steps - ahead.sum(axis=1), strict=True)
    return np.stack([prior[:, i:j].max(axis=1) for i, j in ranks], axis=1)
