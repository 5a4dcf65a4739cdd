"""How sure to be: models of parts of the videos, judged on what neither has seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skcrosstask.alignment._align import align_steps, best_ordered_segments
from skcrosstask.alignment._segment_posteriors import segment_posteriors
from skcrosstask.learning._shards import run_tasks
from skcrosstask.learning.segments._closed_form import step_scores
from skcrosstask.learning.segments._labels import RowsOfVideo, SegmentSource
from skcrosstask.learning.segments._passes import SegmentPasses, deal
from skcrosstask.learning.segments._shard import Shard, ShardModel

__all__ = ["Calibration", "Odds", "calibrate", "soften"]

# Two for each of two models, and one that neither has seen.
_N_PARTS = 5
# Videos that two models are compared on, and from which the temperature is learnt.
_JUDGED = 100
# Of these, so many are one task.
_AT_A_TIME = 10
_HOTTEST = 16.0


class Calibration(NamedTuple):
    """What `calibrate` finds.

    Attributes
    ----------
    agreement : float
        Share of steps, in videos that neither has seen, on which models of different
        videos agree; nan if there are too few videos.
    temperature : float
        By which log odds must be divided for the mean confidence to be the square
        root of that; at least 1.
    """

    agreement: float
    temperature: float


def calibrate(passes: SegmentPasses, sources: Sequence[SegmentSource]) -> Calibration:
    """Learn how sure to be, without any annotation.

    The videos are dealt to five parts. Two models, each taught by two parts, place the
    steps in the fifth; they agree on a step where the time of each lies in the segment
    of the other. Each part has its turn as the fifth until a hundred videos have been
    judged. Were right answers to agree and errors not, each would be right with a
    probability of the square root of their agreement, and so sure should the model of
    all videos be.

    Parameters
    ----------
    passes : SegmentPasses
        Has learnt from all videos.
    sources : sequence of SegmentSource
        The passes by which each model learns.

    Returns
    -------
    Calibration
        Nothing is softened where there are fewer than five videos.

    Notes
    -----
    Errors that all models make, such as those of the prior, count as agreement, so
    that the confidence remains too high where these are many.
    """
    n_videos = len(passes.candidates)
    if n_videos < _N_PARTS:
        return Calibration(np.nan, 1.0)
    turns = min(_N_PARTS, -(-_JUDGED // (n_videos // _N_PARTS)))
    hits = np.concatenate([_judge(passes, sources, turn) for turn in range(turns)])
    agreement = float(hits.mean())
    videos = _spread(np.arange(n_videos))
    work = passes.chosen(videos)
    tasks = ((shard, passes.known_to(shard), chosen) for shard, chosen in work)
    odds = [video for s in run_tasks(_odds, tasks, passes.n_jobs) for video in s]
    return Calibration(agreement, soften(odds, np.sqrt(agreement), passes.n_jobs))


class Odds(NamedTuple):
    """Log odds of a video's steps over background, windows aside.

    Attributes
    ----------
    scores : ndarray of shape (T, K)
        What rows say.
    prior : ndarray of shape (T, K)
        Where steps usually are.
    """

    scores: np.ndarray
    prior: np.ndarray

    @classmethod
    def of(cls, video: RowsOfVideo) -> Odds:
        """By the means of the video's steps."""
        scores = step_scores(video.rows, video.means)
        odds = video.rule.weigh(scores, video.candidates.rate)
        prior = video.rule.weigh(np.zeros_like(scores), video.candidates.rate)
        return cls(odds - prior, prior)

    def place(self) -> np.ndarray:
        """Times (K,) of the most expected hits."""
        return align_steps(-self.running(1.0))

    def running(self, temperature: float) -> np.ndarray:
        """Probability (T, K) that each step runs at each time."""
        return segment_posteriors(self.scores / temperature + self.prior).running


def soften(odds: Sequence[Odds], confidence: float, n_jobs: int | None = None) -> float:
    """The temperature at which the mean confidence is as given.

    Parameters
    ----------
    odds : sequence of Odds
        Of videos.
    confidence : float
        Mean over all steps of the probability that a step runs at the time that is
        given for it.
    n_jobs : int, optional
        Threads or workers.

    Returns
    -------
    float
        From 1 to 16.
    """
    parts = [odds[i : i + _AT_A_TIME] for i in range(0, len(odds), _AT_A_TIME)]
    times = list(run_tasks(_places, ((part,) for part in parts), n_jobs))

    def is_too_sure(temperature: float) -> bool:
        tasks = ((*part, temperature) for part in zip(parts, times, strict=True))
        sure = list(run_tasks(_confidence, tasks, n_jobs))
        return bool(np.concatenate(sure).mean() > confidence)

    low, high = 0.0, np.log(_HOTTEST)
    for end in (low, high):
        if is_too_sure(np.exp(end)) == (end == high):
            return float(np.exp(end))
    for _ in range(10):
        middle = (low + high) / 2
        low, high = (middle, high) if is_too_sure(np.exp(middle)) else (low, middle)
    return float(np.exp(low))


def _judge(
    passes: SegmentPasses, sources: Sequence[SegmentSource], turn: int
) -> np.ndarray:
    """How far two models agree on the steps of a part that neither has seen."""
    part = (deal(passes.compositions, passes.members, _N_PARTS) - turn) % _N_PARTS
    models = [passes.among(np.flatnonzero(part // 2 == half)) for half in (0, 1)]
    for model in models:
        for source in sources:
            if not model.settled:
                model.epoch(source)
    unseen = _spread(np.flatnonzero(part == _N_PARTS - 1))
    for model in models:
        model.forget_folds()
    tasks = (
        (shard, *(model.known_to(shard) for model in models), chosen)
        for shard, chosen in passes.chosen(unseen)
    )
    return np.concatenate(list(run_tasks(_hits, tasks, passes.n_jobs)))


def _hits(
    shard: Shard, one: ShardModel, other: ShardModel, chosen: np.ndarray
) -> np.ndarray:
    """How far two models agree on each step of some videos: 0, 1/2 or 1."""
    hits = []
    for pair in zip(
        _odds(shard, one, chosen), _odds(shard, other, chosen), strict=True
    ):
        times = [video.place() for video in pair]
        segments = [best_ordered_segments(v.scores + v.prior) for v in pair]
        hits.append(_within(times[0], segments[1]) + _within(times[1], segments[0]))
    return np.concatenate(hits) / 2


def _odds(shard: Shard, model: ShardModel, chosen: np.ndarray) -> list[Odds]:
    return [Odds.of(video) for video in shard.videos(model, chosen)]


def _places(odds: Sequence[Odds]) -> list[np.ndarray]:
    return [video.place() for video in odds]


def _confidence(
    odds: Sequence[Odds], times: Sequence[np.ndarray], temperature: float
) -> np.ndarray:
    """How sure each step is at the time that is given for it."""
    sure = [
        video.running(temperature)[time, np.arange(len(time))]
        for video, time in zip(odds, times, strict=True)
    ]
    return np.concatenate(sure)


def _within(times: np.ndarray, segments: np.ndarray) -> np.ndarray:
    first, stop = np.asarray(segments).T
    return ((first <= times) & (times < stop)).astype(float)


def _spread(videos: np.ndarray) -> np.ndarray:
    """Some of the videos, evenly chosen."""
    chosen = np.linspace(0, len(videos) - 1, min(len(videos), _JUDGED)).astype(int)
    return videos[chosen]
