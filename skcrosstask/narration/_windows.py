"""Where a narration speaks of each step: matching in order, windows, confidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn import config_context
from sklearn.preprocessing import normalize

from skcrosstask._data import Narration
from skcrosstask._progress import warn
from skcrosstask.alignment import align_steps, step_posteriors

__all__ = [
    "NarrationMatch",
    "WindowOptions",
    "match_narration",
    "warn_of_unmatched",
    "window_texts",
]


# Fewer words in a window hardly hold a verb and what it is done to.
_LEAST_WORDS = 3
# Cosines of what has nothing in common; vectors that are learned may leave as much.
_NOISE = 1e-6


class WindowOptions(NamedTuple):
    """How words become windows: the parameters of `NarrationAligner`, checked."""

    window_words: int
    stride: int
    background: float
    padding: tuple[float, float]
    weak_padding: float
    min_length: float
    min_confidence: float
    max_silence: float


@dataclass(frozen=True, eq=False)
class NarrationMatch:
    """How the words of a narration match the steps of a task.

    Parameters
    ----------
    narration : Narration
        Words with times.
    steps : tuple of str
        The K step descriptions.
    similarity : ndarray of shape (n_places, K)
        Cosine of the window around every ``stride``-th word to each step.
    places : ndarray of shape (n_places,) of int
        The words in the middle of these windows.
    spans : ndarray of shape (K, 2) of int
        First word that speaks of each step, and the first after it that does not;
        -1 where none does.
    confidence : ndarray of shape (K,)
        Posterior probability that the step is spoken of within its span; 0 where
        there is none.
    windows : ndarray of shape (n, 3)
        Rows ``step, start, end`` in seconds, steps ascending, at most one per
        step.

    See Also
    --------
    NarrationAligner.match : Makes them.

    Examples
    --------
    >>> from skcrosstask.datasets import make_instructional_videos, simulate_narration
    >>> from skcrosstask.narration import NarrationAligner
    >>> videos, _ = make_instructional_videos(4, n_tasks=1, random_state=0)
    >>> videos = simulate_narration(videos, random_state=0)
    >>> match = NarrationAligner().fit(videos).match(videos)[0]
    >>> match.similarity.shape == (len(match.narration.words), len(match.steps))
    True
    >>> first, stop = match.spans[0]
    >>> "pour" in match.narration.words[first:stop]
    True
    """

    narration: Narration
    steps: tuple[str, ...]
    similarity: np.ndarray
    places: np.ndarray
    spans: np.ndarray
    confidence: np.ndarray
    windows: np.ndarray


def match_narration(
    narration: Narration,
    steps: Sequence[str],
    text: Any,
    options: WindowOptions,
    duration: float | None = None,
) -> NarrationMatch:
    """Words that speak of each step, and the windows made of their times.

    Parameters
    ----------
    narration : Narration
        Words with times.
    steps : sequence of str
        K step descriptions, in order.
    text : object with ``transform(list of str)``
        Gives one vector per text.
    options : WindowOptions
        How windows are made.
    duration : float, optional
        Seconds of the video, to which windows are clipped.

    Returns
    -------
    NarrationMatch
    """
    n_words = len(narration.words)
    places = np.arange(0, n_words, options.stride)
    spans = np.full((len(steps), 2), -1, dtype=np.int64)
    confidence = np.zeros(len(steps))
    similarity = np.zeros((len(places), len(steps)))
    runs = _runs(narration.times, options.max_silence)
    if n_words:
        size = _window_size(options.window_words, n_words, len(steps))
        texts = window_texts(narration.words, size, places, runs)
        similarity = _cosines(text, texts, list(steps))
    # A step that shares nothing with what is said has no place.
    heard = np.flatnonzero((similarity > _NOISE).any(axis=0))
    if len(heard):
        pauses = np.flatnonzero(np.diff(runs[places, 0])) + 1
        first, last, sure = _segments(similarity[:, heard], options.background, pauses)
        stops = np.minimum(places[last] + options.stride, runs[places[last], 1])
        spans[heard] = np.column_stack([places[first], stops])
        confidence[heard] = sure
    windows = _windows(narration, spans, confidence, options, duration)
    return NarrationMatch(
        narration, tuple(steps), similarity, places, spans, confidence, windows
    )


def warn_of_unmatched(names: Sequence[str], matches: Sequence[NarrationMatch]) -> None:
    """Warn of narrations that say something, but no step, as in another language.

    Parameters
    ----------
    names : sequence of str
        Of the videos.
    matches : sequence of NarrationMatch
        One per video.
    """
    deaf = [
        name
        for name, match in zip(names, matches, strict=True)
        if match.narration.words and (match.spans < 0).all()
    ]
    if deaf:
        more = f" and {len(deaf) - 3} more" if len(deaf) > 3 else ""
        warn(
            f"{', '.join(f'{name:.50}' for name in deaf[:3])}{more}: no word matches "
            "a step of the task, so that there is no window; are subtitles and steps "
            "in the same language? Give either in that of the other."
        )


def window_texts(
    words: Sequence[str], n_words: int, places: Iterable[int], runs: np.ndarray
) -> list[str]:
    """Text of the window of words around some of them; shorter at the ends of runs.

    Parameters
    ----------
    words : sequence of str
        What is said.
    n_words : int
        Words in a window.
    places : iterable of int
        The words in the windows' middle.
    runs : ndarray of shape (n_words, 2) of int
        Of each word's run, the first word and the one after the last.

    Returns
    -------
    list of str
        One text per place.
    """
    before = (n_words - 1) // 2
    return [
        " ".join(
            words[max(i - before, runs[i, 0]) : min(i - before + n_words, runs[i, 1])]
        )
        for i in places
    ]


def _window_size(most: int, n_words: int, n_steps: int) -> int:
    """Words in a window: not more than there are for a step.

    All windows of a short narration would hold nearly the same words, and the middle of
    the best one would be anywhere.
    """
    return min(most, max(_LEAST_WORDS, n_words // max(n_steps, 1)))


def _runs(times: np.ndarray, max_silence: float) -> np.ndarray:
    """First word, and the one after the last, between silences, for each word."""
    ends = np.maximum.accumulate(times[:, 1])
    first = np.flatnonzero(times[1:, 0] - ends[:-1] > max_silence) + 1
    bounds = np.concatenate([[0], first, [len(times)]])
    return np.repeat(
        np.column_stack([bounds[:-1], bounds[1:]]), np.diff(bounds), axis=0
    )


def _cosines(text: Any, texts: list[str], steps: list[str]) -> np.ndarray:
    """Cosine of each text with each step; 0 where one of them has no vector."""
    # Whatever the user has set: frames cannot be made of sparse vectors.
    with config_context(transform_output="default"):
        rows = text.transform([*texts, *steps])
    rows = rows if sparse.issparse(rows) else np.asarray(rows, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[0] != len(texts) + len(steps):
        raise ValueError(
            f"text.transform must return one row per text: {len(texts) + len(steps)} "
            f"texts gave shape {rows.shape}."
        )
    if rows.shape[1] == 0:
        return np.zeros((len(texts), len(steps)))
    rows = normalize(rows)
    product = rows[: len(texts)] @ rows[len(texts) :].T
    return product.toarray() if sparse.issparse(product) else product


def _segments(
    similarity: np.ndarray, background: float, pauses: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First and last place of each step, and its posterior mass between them.

    No segment goes on over a pause, given by the places that follow them.
    """
    # Some texts resemble everything, and vectors differ in their range: what counts
    # is how far a step's similarity stands out of its own average.
    spread = similarity.std(axis=0)
    score = (similarity - similarity.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    # With fewer places than steps, several steps share a place.
    repeat = -(-score.shape[1] // score.shape[0])
    score = np.repeat(score, repeat, axis=0)
    top = max(score.max(), background)
    # At a pause stands a place that no step can take.
    cost = np.insert(top - score, repeat * pauses, np.inf, axis=0)
    labels = align_steps(
        cost, occurrences="at_least_one", background_cost=top - background
    )
    labels = labels[np.isfinite(cost[:, 0])]
    posterior = step_posteriors(score)
    inside = labels[:, None] == np.arange(score.shape[1])
    first = inside.argmax(axis=0)
    last = len(labels) - 1 - inside[::-1].argmax(axis=0)
    mass = np.minimum((posterior * inside).sum(axis=0), 1.0)
    return first // repeat, last // repeat, mass


def _windows(
    narration: Narration,
    spans: np.ndarray,
    confidence: np.ndarray,
    options: WindowOptions,
    duration: float | None,
) -> np.ndarray:
    """Rows ``step, start, end`` of the words of each step."""
    kept = (spans[:, 0] >= 0) & (confidence >= options.min_confidence)
    chosen = np.flatnonzero(kept)
    if len(chosen) == 0:
        return np.empty((0, 3))
    before, after = options.padding
    wider = options.weak_padding * (1.0 - confidence[chosen])
    starts = narration.times[spans[chosen, 0], 0] - before - wider
    # The last word need not end last where times overlap.
    ends = np.maximum.accumulate(narration.times[:, 1])[spans[chosen, 1] - 1]
    ends = ends + after + wider
    lack = np.maximum(options.min_length - (ends - starts), 0.0) / 2
    rows = np.column_stack([starts - lack, ends + lack])
    rows = np.clip(rows, 0.0, np.inf if duration is None else duration)
    # What is said after the video's end says nothing.
    inside = rows[:, 1] > rows[:, 0]
    return np.column_stack([chosen, rows])[inside]
