"""Conditioned features: centred in each video, scaled, and whitened with shrinkage.

Raw features come in any units and strongly correlated. In conditioned ones a linear
classifier weighs evidence instead of units, and the background is near 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sklearn.utils.extmath import randomized_svd

from skcrosstask._data import Rows, Video
from skcrosstask.learning._shards import deal_shards, run_tasks
from skcrosstask.learning.rows._reading import all_rows, read_rows

__all__ = ["Conditioning"]

# Rows that the covariance is estimated from, spread evenly, and the most videos they
# are from: to open more files would be like reading everything twice.
_MAX_ROWS, _MAX_VIDEOS = 20_000, 1000
# From so many features on, the leading directions are found without the others.
_WIDE = 1024
# What varies by less is rounding: a feature beside its own size, which may be in any
# unit, a direction beside the largest.
_NOTHING = 1e-6
# One over a smaller deviation would come near to the end of float32.
_FAINTEST = 1e-30
# In deviations: from here on, float32 loses digits of what is far from 0.
_FAR = 30.0


class Conditioning:
    """A linear map of the features of a video, less their mean over the video.

    With S the deviations of features within videos, pooled over videos, and C their
    correlation, a row x of a video of mean m becomes
    (C + shrinkage I)^(-1/2) (x - m) / S, in the basis of C's leading eigenvectors.

    Parameters
    ----------
    projection : ndarray of shape (D, R) of float32
        The map.
    far : bool, default=True
        Whether features may be so far from 0, beside their deviations, that float32
        must see them centred.

    References
    ----------
    Hariharan, Malik and Ramanan, "Discriminative decorrelation for clustering and
    classification", ECCV 2012.
    """

    def __init__(self, projection: np.ndarray, far: bool = True):
        self.projection = projection
        self.far = far

    @classmethod
    def learn(
        cls,
        videos: Sequence[Video],
        lengths: Sequence[int],
        *,
        shrinkage: float,
        n_directions: int,
        whiten: bool = True,
        n_jobs: int | None = None,
    ) -> Conditioning:
        """Estimate the map from a sample of rows.

        Parameters
        ----------
        videos : sequence of Video
            Files are opened one at a time.
        lengths : sequence of int
            Their lengths T.
        shrinkage : float
            Added to each eigenvalue of the correlation, whose mean is 1.
        n_directions : int
            The most directions that are kept, those of largest variance.
        whiten : bool, default=True
            Whether features are scaled and whitened; else they are only centred, and
            all divided by one deviation.
        n_jobs : int, optional
            Threads or workers that read.

        Returns
        -------
        Conditioning
        """
        parts = _sample(videos, lengths, n_jobs)
        rows = np.concatenate([part.rows for part in parts])
        # A video's mean takes one row's worth of freedom.
        n_free = max(len(rows) - len(parts), 1)
        variance = np.einsum("td,td->d", rows, rows, dtype=np.float64) / n_free
        size = np.sqrt(np.mean([part.size for part in parts], axis=0))
        varies = np.sqrt(variance) > np.maximum(_NOTHING * size, _FAINTEST)
        if not whiten:
            deviation = np.sqrt(variance.mean())
            same = np.eye(len(variance), dtype=np.float32)
            return cls(same / np.float32(deviation if varies.any() else 1.0))
        scale = np.zeros(len(variance))
        scale[varies] = variance[varies] ** -0.5
        rows *= scale.astype(np.float32)
        values, vectors = _leading(rows, n_directions)
        values /= n_free
        kept = values > _NOTHING * max(values[0], np.finfo(np.float32).tiny)
        if not kept.any():  # nothing varies: scores are 0 everywhere
            kept[0] = True
        whitened = vectors[:, kept] / np.sqrt(np.maximum(values[kept], 0.0) + shrinkage)
        projection = np.ascontiguousarray(scale[:, None] * whitened, dtype=np.float32)
        return cls(projection, far=bool((size * scale > _FAR).any()))

    def apply(self, features: np.ndarray | Rows, owner: str) -> np.ndarray:
        """Conditioned rows of a whole video.

        Parameters
        ----------
        features : ndarray or Rows of shape (T, D)
            In memory or mapped.
        owner : str
            Names the video in messages.

        Returns
        -------
        ndarray of shape (T, R) of float32
        """
        rows = all_rows(features)
        with np.errstate(invalid="ignore", over="ignore"):
            if self.far:
                rows = rows - rows.mean(axis=0, dtype=np.float64).astype(np.float32)
            found = rows @ self.projection
            # As the map is linear, the mean can wait until there is less to subtract.
            mean = found.mean(axis=0, dtype=np.float64)
        if not np.isfinite(mean).all():
            read_rows(features, slice(None), owner)  # says which time is to blame
        found -= mean.astype(np.float32)
        return found

    def to_raw(self, coef: np.ndarray) -> np.ndarray:
        """Classifiers (M, D) of raw features, from those (M, R) of conditioned ones."""
        # Summed in float64, so that the order of the sums shows in no bit.
        return (coef.astype(np.float64) @ self.projection.T).astype(np.float32)


def _spread(n_units: int, share: float) -> np.ndarray:
    """Evenly spaced units, two at the least."""
    n = min(n_units, max(2, round(share * n_units)))
    return ((np.arange(n) + 0.5) * (n_units / n)).astype(np.int64)


class _Sample(NamedTuple):
    """Some rows of a video, less their mean, and the mean square of each feature."""

    rows: np.ndarray
    size: np.ndarray


def _sample(
    videos: Sequence[Video], lengths: Sequence[int], n_jobs: int | None
) -> list[_Sample]:
    """Rows of all videos, or where these are many, of some, evenly chosen."""
    # At least two of each video, as one alone would be its mean.
    n = min(len(videos), _MAX_VIDEOS, _MAX_ROWS // 2)
    chosen = np.linspace(0, len(videos) - 1, n).astype(int)
    sizes = [lengths[i] for i in chosen]
    share = min(1.0, _MAX_ROWS / sum(sizes))
    tasks = (
        ([videos[chosen[j]] for j in shard], [sizes[j] for j in shard], share)
        for shard in deal_shards(sizes)
    )
    return [part for found in run_tasks(_sample_shard, tasks, n_jobs) for part in found]


def _sample_shard(
    videos: Sequence[Video], lengths: Sequence[int], share: float
) -> list[_Sample]:
    return [
        _centred_sample(video, _spread(n_units, share))
        for video, n_units in zip(videos, lengths, strict=True)
    ]


def _centred_sample(video: Video, units: np.ndarray) -> _Sample:
    rows = read_rows(video.open(), units, str(video))
    size = np.einsum("td,td->d", rows, rows, dtype=np.float64) / len(rows)
    return _Sample(rows - rows.mean(axis=0, dtype=np.float64).astype(np.float32), size)


def _leading(rows: np.ndarray, n_directions: int) -> tuple[np.ndarray, np.ndarray]:
    """Largest eigenvalues of rows' @ rows, and their vectors as columns."""
    n_features = rows.shape[1]
    n = min(n_directions, n_features)
    if n_features > _WIDE and n < min(rows.shape) // 2:
        # The seed is fixed: conditioning is no more random than a mean is.
        _, roots, vectors = randomized_svd(rows, n, n_iter=2, random_state=0)
        return roots.astype(np.float64) ** 2, vectors.T.astype(np.float64)
    if len(rows) < n_features:
        gram = rows @ rows.T
        values, left = np.linalg.eigh(gram.astype(np.float64))
        values, left = values[::-1][:n], left[:, ::-1][:, :n]
        roots = np.sqrt(np.maximum(values, np.finfo(np.float64).tiny))
        return np.maximum(values, 0.0), (rows.T @ left) / roots
    gram = rows.T.astype(np.float64) @ rows
    values, vectors = np.linalg.eigh(gram)
    return np.maximum(values[::-1][:n], 0.0), vectors[:, ::-1][:, :n]
