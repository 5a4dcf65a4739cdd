"""Classifiers of words never seen, learnt from the vectors of words that were.

Words with like vectors look alike: a ridge regression from the vectors of the known
components to their classifiers gives one to any word with a vector.
"""

from __future__ import annotations

import numpy as np

__all__ = ["predict_unseen"]

# Strengths of the ridge that are tried, beside the mean of the squared singular values.
_STRENGTHS = np.logspace(-3, 3, 13)
# Vectors are used where the error with them is below this share of that without.
_BETTER = 0.99


def predict_unseen(
    known: np.ndarray, targets: np.ndarray, weights: np.ndarray, new: np.ndarray
) -> np.ndarray | None:
    """Rows of new items, by weighted ridge regression on those of known ones.

    Vectors are centred on the mean of the known ones and scaled to length 1. The
    strength of the ridge is the one with the least squared error when each known item
    is left out in turn.

    Parameters
    ----------
    known : ndarray of shape (M, V)
        Vectors of known items; 0 for one that has none, which is left out.
    targets : ndarray of shape (M, R)
        Their rows.
    weights : ndarray of shape (M,)
        How much each of them counts, not negative.
    new : ndarray of shape (N, V)
        Vectors of new items, none of them 0.

    Returns
    -------
    ndarray of shape (N, R), or None
        None if, left out, known items are predicted no better by their vectors than
        by the mean of the others, or there are fewer than three.

    References
    ----------
    Golub, Heath and Wahba, "Generalized cross-validation as a method for choosing a
    good ridge parameter", Technometrics 1979, on leaving one out in closed form.

    Examples
    --------
    Targets that are linear in the vectors, which have one length as they are:

    >>> import numpy as np
    >>> from skcrosstask.learning._unseen_words import predict_unseen
    >>> known = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    >>> targets = known @ [[3.0], [1.0]]
    >>> predict_unseen(known, targets, np.ones(4), np.array([[0.6, 0.8]])).round(2)
    array([[2.6]])
    """
    usable = known.any(axis=1) & (weights > 0)
    known, targets, weights = known[usable], targets[usable], weights[usable]
    if len(known) < 3:
        return None
    centre = known.mean(axis=0)
    vectors, new = _unit_rows(known - centre), _unit_rows(new - centre)
    root = np.sqrt(weights / weights.sum())[:, None]
    vector_mean, target_mean = weights @ vectors, weights @ targets
    vector_mean, target_mean = vector_mean / weights.sum(), target_mean / weights.sum()
    left, sizes, right = np.linalg.svd(
        root * (vectors - vector_mean), full_matrices=False
    )
    response = root * (targets - target_mean)
    kept = _kept_share(left, sizes, response, root[:, 0])
    if kept is None:
        return None
    scale = np.divide(kept, sizes, out=np.zeros_like(sizes), where=sizes > 0)
    slope = right.T @ (scale[:, None] * (left.T @ response))
    return target_mean + (new - vector_mean) @ slope


def _kept_share(
    left: np.ndarray, sizes: np.ndarray, response: np.ndarray, root: np.ndarray
) -> np.ndarray | None:
    """Share of each direction that the best ridge keeps; None if the best is none."""
    if not sizes.any():
        return None
    squares = sizes**2
    projected = left.T @ response
    # The mean takes part in the fit, hence in what leaving one out changes.
    shares = [np.zeros_like(sizes)]
    shares += [squares / (squares + s * squares.mean()) for s in _STRENGTHS]
    errors = []
    for share in shares:
        residual = response - left @ (share[:, None] * projected)
        leverage = left**2 @ share + root**2
        residual /= np.maximum(1 - leverage, 1e-9)[:, None]
        errors.append(np.square(residual).sum())
    best = int(np.argmin(errors))
    return shares[best] if errors[best] < _BETTER * errors[0] else None


def _unit_rows(rows: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
