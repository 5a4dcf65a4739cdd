"""A start from text: where rows are like the embeddings of the steps' texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from skcrosstask._data import Task
from skcrosstask.alignment._posteriors import weigh_placements
from skcrosstask.learning._texts import text_vectors
from skcrosstask.learning.rows._conditioning import Conditioning
from skcrosstask.learning.segments._labels import (
    Labels,
    RowsOfVideo,
    label_best,
    weighted,
)

__all__ = ["ZeroShotStart", "zero_shot_odds"]

# By how many deviations a step's rows are taken to stand out, and the most that count.
_STANDS_OUT, _MOST = 2.0, 3.0


def zero_shot_odds(rows: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Log odds that rows show steps, by how like their embeddings they are.

    Products of rows and embeddings are standardised over the video to z, clipped to 3
    deviations. The background is taken to be at 0 with a deviation of 1, and a step at
    2: the log odds are 2 z - 2.

    Parameters
    ----------
    rows : ndarray of shape (T, R)
        Rows of a video.
    texts : ndarray of shape (K, R)
        Embeddings of its steps; 0 for none.

    Returns
    -------
    ndarray of shape (T, K)
        Nats; 0 for a step without an embedding.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask.learning.segments._zero_shot import zero_shot_odds
    >>> rows = np.array([[-1.0, 5.0], [1.0, 5.0]])
    >>> zero_shot_odds(rows, np.array([[3.0, 0.0], [0.0, 0.0]]))
    array([[-4.,  0.],
           [ 0.,  0.]])
    """
    scores = rows.astype(np.float64) @ texts.T
    size = np.abs(scores).max(axis=0, initial=0)
    scores -= scores.mean(axis=0)
    deviation = scores.std(axis=0)
    varies = deviation > 1e-6 * size
    z = np.divide(scores, deviation, out=np.zeros_like(scores), where=varies)
    odds = _STANDS_OUT * np.clip(z, -_MOST, _MOST) - _STANDS_OUT**2 / 2
    return np.where(varies, odds, 0.0)


class ZeroShotStart:
    """Labels of the first pass from embeddings of the steps' texts.

    Parameters
    ----------
    source : mapping of str to array, or callable
        Embeddings of step texts, in the space of the raw features.
    tasks : sequence of Task
        One per video.
    n_features : int
        Number of raw features D.
    conditioning : Conditioning, optional
        From raw features to those that passes see.

    Raises
    ------
    ValueError
        If an embedding has not D numbers, or no step has one.
    """

    def __init__(
        self,
        source: Any,
        tasks: Sequence[Task],
        n_features: int,
        conditioning: Conditioning | None = None,
    ):
        texts = list(dict.fromkeys(step for task in tasks for step in task.steps))
        vectors = text_vectors(source, texts, "coef_init")
        if not vectors.any():
            raise ValueError(f"coef_init has a vector of none of {len(texts)} steps.")
        if vectors.shape[1] != n_features:
            raise ValueError(
                f"coef_init must be in the space of the features, of {n_features} "
                f"dimensions, but gives vectors of {vectors.shape[1]}."
            )
        if conditioning is not None:
            # With z = x P, and x in the span of P, x e is z P^+ e.
            inverse = np.linalg.pinv(conditioning.projection.astype(np.float64))
            vectors = vectors @ inverse.T
        place = {text: i for i, text in enumerate(texts)}
        # Videos of one task share its array, also where this travels to workers.
        texts_of = {t: vectors[[place[step] for step in t.steps]] for t in set(tasks)}
        self._texts = [texts_of[task] for task in tasks]

    def __call__(self, video: RowsOfVideo) -> Labels:
        """Label a video, without anything that was learnt."""
        known = video.candidates
        odds = zero_shot_odds(video.rows, self._texts[video.number])
        # Windows are walls here.
        odds = video.rule.weigh(odds, known.rate)
        if known.outside is not None:
            return weighted(weigh_placements(odds, known.outside) * known.rate)
        return label_best(odds)
