"""Action sets: how long actions last, and which sequence of them explains a video."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import nnls
from scipy.special import gammaln

from skcrosstask._jit import inner, kernel

__all__ = [
    "best_segmentation",
    "draw_sequences",
    "log_poisson",
    "mean_lengths",
    "segment_video",
]

# Settles what the lengths of videos leave open: among equals, equal lengths.
_RIDGE = 1e-4


def mean_lengths(
    sets: Sequence[Sequence[int] | np.ndarray],
    lengths: Sequence[float] | np.ndarray,
    n_classes: int,
    min_length: float,
) -> np.ndarray:
    """Mean length of each class from the sets of videos alone.

    Minimises the sum over videos of (T - sum of the mean lengths of its set)^2 with
    no length below `min_length`; classes that occur in the same videos get equal
    lengths.

    Parameters
    ----------
    sets : sequence of sequences of int
        Classes of each video, without repeats.
    lengths : sequence of float
        Seconds of each video.
    n_classes : int
        Number of classes C.
    min_length : float
        Least mean length, in seconds.

    Returns
    -------
    ndarray of shape (C,)
        Mean lengths in seconds.

    References
    ----------
    Richard, Kuehne and Gall, CVPR 2018, the loss-based length model.

    Examples
    --------
    >>> mean_lengths([[0], [0, 1], [0, 1]], [10, 28, 32], 2, 3.0).round(2)
    array([10., 20.])
    """
    totals: dict[tuple[int, ...], list[float]] = {}
    for members, length in zip(sets, lengths, strict=True):
        totals.setdefault(tuple(sorted(members)), []).append(float(length))
    matrix, target = np.zeros((len(totals), n_classes)), np.empty(len(totals))
    for i, (members, same) in enumerate(totals.items()):
        # As many equal rows are one row, times the root of their number.
        weight = np.sqrt(len(same))
        matrix[i, list(members)] = weight
        target[i] = weight * (np.mean(same) - min_length * len(members))
    matrix = np.vstack([matrix, _RIDGE * np.eye(n_classes)])
    target = np.concatenate([target, np.zeros(n_classes)])
    return min_length + nnls(matrix, target)[0]


def log_poisson(means: np.ndarray, n_units: int) -> np.ndarray:
    """Logarithms of Poisson probabilities.

    Parameters
    ----------
    means : ndarray of shape (C,)
        Mean lengths.
    n_units : int
        Longest length.

    Returns
    -------
    ndarray of shape (C, n_units + 1)
        Of length l for class c, in nats.
    """
    lengths = np.arange(n_units + 1)
    return lengths * np.log(means)[:, None] - means[:, None] - gammaln(lengths + 1)


def draw_sequences(
    sets: Sequence[np.ndarray],
    weights: np.ndarray,
    means: np.ndarray,
    n_units: int,
    n_sequences: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Action sequences that are about as long as a video.

    Each draws a set, and then classes of it, with repeats, until the sum of their
    mean lengths reaches the length of the video.

    Parameters
    ----------
    sets : sequence of int ndarrays
        Classes of each set.
    weights : ndarray of shape (n_sets,)
        How often each set is drawn.
    means : ndarray of shape (C,)
        Mean lengths, at least 1.
    n_units : int
        Length T of the video.
    n_sequences : int
        Number of sequences S.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    sequences : int64 ndarray of shape (S, n)
        Classes; meaningless beyond the end of a sequence.
    counts : int64 ndarray of shape (S,)
        Number of actions of each sequence, from 1 to T.

    References
    ----------
    Richard, Kuehne and Gall, CVPR 2018, the Monte-Carlo grammar.
    """
    members = np.concatenate(sets)
    sizes = np.array([len(one) for one in sets])
    longest = int(np.ceil(n_units / means[members].min()))
    chosen = rng.choice(len(sets), size=n_sequences, p=weights / weights.sum())
    starts = np.cumsum(sizes) - sizes
    picks = rng.integers(sizes[chosen][:, None], size=(n_sequences, longest))
    sequences = members[starts[chosen][:, None] + picks]
    # Rounding must not keep the last sum below the length.
    reached = means[sequences].cumsum(axis=1) >= n_units - 1e-6
    reached[:, -1] = True
    return sequences, reached.argmax(axis=1) + 1


def segment_video(
    scores: np.ndarray, means: np.ndarray, sequences: np.ndarray, counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Segments of the sequence that explains a video best.

    A sequence of classes cuts the video into as many segments. Its value is the sum
    of the scores of all units for the class of their segment and of the logarithms of
    the Poisson probabilities of the segments' lengths.

    Parameters
    ----------
    scores : ndarray of shape (T, C)
        Of class c at time t, in nats.
    means : ndarray of shape (C,)
        Mean lengths.
    sequences : int64 ndarray of shape (S, n)
        Classes.
    counts : int64 ndarray of shape (S,)
        Number of actions of each sequence, at most T.

    Returns
    -------
    actions : int64 ndarray of shape (n_segments,)
        Class of each segment; of equally good sequences, the first.
    bounds : int64 ndarray of shape (n_segments + 1,)
        Segment i is ``range(bounds[i], bounds[i + 1])``.

    Examples
    --------
    >>> scores = np.log([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9]])
    >>> segment_video(scores, np.array([2.0, 1.0]), np.array([[1, 0], [0, 1]]), [2, 2])
    (array([0, 1]), array([0, 2, 3]))
    """
    n_units, n_classes = scores.shape
    # Classes first: the kernel runs along times.
    sums = np.zeros((n_classes, n_units + 1))
    np.cumsum(scores.T, axis=1, out=sums[:, 1:])
    longest = sequences.shape[1]
    bounds = np.empty(longest + 1, dtype=np.int64)
    winner = best_segmentation(
        sums,
        log_poisson(means, n_units),
        np.ascontiguousarray(sequences, dtype=np.int64),
        np.asarray(counts, dtype=np.int64),
        np.empty((2, n_units + 1)),
        np.empty((longest, n_units + 1), dtype=np.int32),
        bounds,
    )
    count = counts[winner]
    return sequences[winner, :count], bounds[: count + 1].copy()


@inner
def _end_action(before, now, total, log_length, came, n, first, stop):
    # The logarithm of a Poisson probability is concave in the length, so the best
    # start never moves back as the end moves on: ends that are halfway between two
    # others have their starts between the others' starts.
    stride = 1
    while stride <= stop - first:
        stride *= 2
    while stride:
        for t in range(first + stride - 1, stop + 1, 2 * stride):
            low = came[t - stride] if t - stride >= first else n
            high = t - 1 if n else 0
            if t + stride <= stop:
                high = min(high, came[t + stride])
            value, start = -np.inf, low
            for u in range(high, low - 1, -1):
                candidate = before[u] - total[u] + log_length[t - u]
                if candidate > value:
                    value, start = candidate, u
            now[t] = value + total[t]
            came[t] = start
        stride //= 2


@kernel
def best_segmentation(sums, log_length, sequences, counts, best, came, bounds):
    """Best of some action sequences, each by dynamic programming over its bounds.

    best[t] is the value of the first actions when they end before unit t; on
    equality the later start is kept. O(T log T) an action.

    Parameters
    ----------
    sums : float64 ndarray of shape (C, T + 1)
        Sum of the scores of each class before unit t.
    log_length : float64 ndarray of shape (C, T + 1)
        Logarithms of the probabilities of lengths.
    sequences : int64 ndarray of shape (S, n)
        Classes.
    counts : int64 ndarray of shape (S,)
        Number of actions of each sequence, from 1 to min(n, T).
    best : float64 ndarray of shape (2, T + 1)
        Scratch.
    came : int32 ndarray of shape (n, T + 1)
        Scratch: the starts of the last segments.
    bounds : int64 ndarray of shape (n + 1,)
        Receives the bounds of the best sequence.

    Returns
    -------
    winner : int
        Number of the best sequence, -1 if none has a finite value.
    """
    n_units = sums.shape[1] - 1
    winner, top = -1, -np.inf
    for s in range(sequences.shape[0]):
        n_actions = counts[s]
        before, now = best[0], best[1]
        before[0] = 0.0
        for n in range(n_actions):
            c = sequences[s, n]
            # All actions before and after this one take a unit at least.
            stop = n_units - (n_actions - 1 - n)
            first = stop if n == n_actions - 1 else n + 1
            _end_action(before, now, sums[c], log_length[c], came[n], n, first, stop)
            before, now = now, before
        if before[n_units] > top:
            winner, top = s, before[n_units]
            bounds[n_actions] = n_units
            for n in range(n_actions - 1, -1, -1):
                bounds[n] = came[n, bounds[n + 1]]
    return winner
