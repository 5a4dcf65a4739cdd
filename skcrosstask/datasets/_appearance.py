"""What generated steps look like: features from words, scenes and noise."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from skcrosstask._data import Task
from skcrosstask._segments import segment_units

__all__ = ["Appearance"]


@dataclass(frozen=True)
class Appearance:
    """Draws features for a timeline; the same words look alike everywhere.

    Strengths are standard deviations per feature, on the scale of the noise.

    Parameters
    ----------
    n_features : int
        Number of features D.
    words : float
        What a step shares with the steps that have its words.
    step : float
        What a step of a task has to itself.
    scene : float
        Background: scenes of ten seconds each, of the same few kinds in all videos.
    context : float
        What all units of a task share.
    video : float
        What all units of a video share.
    distraction : float
        How strongly background shows random words of the task's steps.
    noise : float
        Standard deviation of the noise.
    correlation : float
        Correlation of the noise between one second and the next.
    seed : int
        Random seed of the looks of words, steps, scenes and tasks.
    """

    n_features: int = 256
    words: float = 0.25
    step: float = 0.1
    scene: float = 0.25
    context: float = 0.25
    video: float = 0.25
    distraction: float = 0.0
    noise: float = 1.0
    correlation: float = 0.5
    seed: int = 0

    def render(
        self,
        task: Task,
        segments: np.ndarray,
        n_units: int,
        rng: np.random.Generator,
        rate: float = 1.0,
    ) -> np.ndarray:
        """Features of one video.

        Parameters
        ----------
        task : Task
            Its words determine what the steps look like.
        segments : ndarray of shape (n, 3)
            Rows ``step, start, end`` in seconds: where the steps are.
        n_units : int
            Length T.
        rng : numpy.random.Generator
            Draws what differs between videos.
        rate : float, default=1.0
            Units a second.

        Returns
        -------
        ndarray of shape (T, D) of float32
            The features.
        """
        features = rng.standard_normal((n_units, self.n_features), dtype=np.float32)
        correlation = self.correlation ** (1 / rate)
        spread = np.sqrt(1 - correlation**2) * self.noise
        features = lfilter([spread], [1, -correlation], features, axis=0)
        features += self.context * self._look("task", task.name)
        features += self.video * rng.standard_normal(self.n_features)
        covered = np.zeros(n_units, dtype=bool)
        for step, first, stop in segment_units(segments, n_units, rate=rate):
            features[first:stop] += self._step_look(task, step)
            covered[first:stop] = True
        length = max(round(10 * rate), 1)
        for first in range(0, n_units, length):
            span = slice(first, first + length)
            scene = self.scene * self._look("scene", str(rng.integers(20)))
            shown = self.distraction * self._word_look(task, rng)
            features[span] += np.outer(~covered[span], scene + shown)
        return features.astype(np.float32)

    def _step_look(self, task: Task, step: int) -> np.ndarray:
        words = sorted(set(task.steps[step].lower().split()))
        shared = sum(self._look("word", word) for word in words) / np.sqrt(len(words))
        own = self._look("step", f"{task.name}/{step}")
        return self.words * shared + self.step * own

    def _word_look(self, task: Task, rng: np.random.Generator) -> np.ndarray:
        words = task.steps[rng.integers(len(task.steps))].lower().split()
        return self._look("word", words[rng.integers(len(words))])

    def _look(self, kind: str, name: str) -> np.ndarray:
        """A fixed random direction for a name."""
        key = zlib.crc32(f"{kind}:{name}".encode())
        rng = np.random.default_rng([self.seed, key])
        return rng.standard_normal(self.n_features)
