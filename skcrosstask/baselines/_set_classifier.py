"""One logistic a class, trained on frames that share their video's set of classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from scipy.special import expit

from skcrosstask._data import Video
from skcrosstask.learning.adam._alternation import DIVERGED
from skcrosstask.learning.adam._dense_adam import DenseAdam
from skcrosstask.learning.rows._reading import read_rows

__all__ = ["SetClassifier"]

# Videos whose rows are mixed at a time: their rows are copied.
_VIDEOS_AT_ONCE = 16
# With learning_rate "auto", by how much one Adam step can change a typical score.
_SCORE_CHANGE = 0.02
# Standard deviation of the scores before training.
_INITIAL_SCORE = 0.1


@dataclass
class SetClassifier:
    """Two-way logistics on frames, by Adam on minibatches.

    Parameters
    ----------
    videos : sequence of Video
        Training videos.
    sets : sequence of int ndarrays
        Classes of each video.
    n_classes : int
        Number of classes C.
    batch_size : int
        Frames in a minibatch.
    learning_rate : float or "auto"
        Adam's step size.
    rng : numpy.random.Generator
        Draws the start and the order of videos and frames.
    """

    videos: Sequence[Video]
    sets: Sequence[np.ndarray]
    n_classes: int
    batch_size: int
    learning_rate: float | str
    rng: np.random.Generator
    coef: np.ndarray = field(init=False)
    intercept: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        n_features = self.videos[0].shape[1]
        mean_norm, mean_length = self._norms()
        if self.learning_rate == "auto":
            self.learning_rate = _SCORE_CHANGE / max(mean_norm, 1e-12)
        shape = (self.n_classes, n_features)
        start = self.rng.standard_normal(shape, dtype=np.float32)
        self.coef = start * np.float32(_INITIAL_SCORE / max(mean_length, 1e-12))
        # Before training each class has the odds of its share of frames.
        units = np.array([video.shape[0] for video in self.videos])
        held = np.zeros(self.n_classes)
        for members, n_units in zip(self.sets, units, strict=True):
            held[members] += n_units
        odds = (held + 1) / (units.sum() - held + 1)
        self.intercept = np.log(odds).astype(np.float32)

    def train(self, n_epochs: int, report: Callable[[dict], None]) -> None:
        """Make some passes over all frames.

        Parameters
        ----------
        n_epochs : int
            Number of passes.
        report : callable
            Called with the number and the mean loss (nats a frame and class) of each.
        """
        adam = DenseAdam(float(self.learning_rate))
        for epoch in range(n_epochs):
            loss = n_rows = 0.0
            # What overflows is noticed after the pass, in one place.
            with np.errstate(over="ignore", invalid="ignore"):
                for rows, targets in self._batches():
                    share, gradients = self._loss(rows, targets)
                    loss, n_rows = loss + share * len(rows), n_rows + len(rows)
                    adam.step((self.coef, self.intercept), gradients)
            numbers = (self.coef, self.intercept, *chain(*adam.moments))
            if not (math.isfinite(loss) and all(np.isfinite(n).all() for n in numbers)):
                raise ValueError(DIVERGED)
            report({"epoch": epoch + 1, "objective": loss / n_rows})

    def _norms(self) -> tuple[float, float]:
        """Mean over rows of the sum of absolute values and of the length."""
        total = np.zeros(3)
        for video in self.videos:
            rows = read_rows(video.open(), slice(None), str(video))
            square = np.einsum("td,td->t", rows, rows, dtype=np.float64)
            total += (
                np.abs(rows).sum(dtype=np.float64),
                np.sqrt(square).sum(),
                len(rows),
            )
        return total[0] / total[2], total[1] / total[2]

    def _batches(self):
        """Minibatches of frames of a few videos at a time, with their targets."""
        order = self.rng.permutation(len(self.videos))
        for first in range(0, len(order), _VIDEOS_AT_ONCE):
            chosen = order[first : first + _VIDEOS_AT_ONCE]
            targets = np.zeros((len(chosen), self.n_classes), dtype=np.float32)
            for i, video in enumerate(chosen):
                targets[i, self.sets[video]] = 1
            frames = [np.asarray(self.videos[i].open(), np.float32) for i in chosen]
            owner = np.repeat(np.arange(len(chosen)), [len(f) for f in frames])
            stacked = np.concatenate(frames)
            shuffled = self.rng.permutation(len(stacked))
            for start in range(0, len(stacked), self.batch_size):
                batch = shuffled[start : start + self.batch_size]
                yield stacked[batch], targets[owner[batch]]

    def _loss(
        self, rows: np.ndarray, targets: np.ndarray
    ) -> tuple[float, tuple[np.ndarray, np.ndarray]]:
        """Mean cross-entropy and its gradients by coef and intercept, times C."""
        scores = rows @ self.coef.T + self.intercept
        # log(1 + exp(score)) - target * score
        nats = np.logaddexp(0, scores).sum(dtype=np.float64)
        nats -= np.vdot(targets, scores)
        residual = (expit(scores) - targets) / np.float32(len(rows))
        return float(nats) / scores.size, (residual.T @ rows, residual.sum(axis=0))
