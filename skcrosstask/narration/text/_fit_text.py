"""Text features made ready: the default, those fitted already, and others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from skcrosstask._data import Narration
from skcrosstask.narration.text._tfidf import beside_tfidf
from skcrosstask.narration.text._word_vector_text import WordVectorText

__all__ = ["fit_text"]


def fit_text(
    text: Any, spoken: Sequence[Narration], steps: list[str], n_words: int
) -> Any:
    """Text features ready for use.

    Parameters
    ----------
    text : object or None
        See `NarrationAligner`.
    spoken : sequence of Narration
        What is said in videos.
    steps : list of str
        Step descriptions.
    n_words : int
        Words in a text to learn from.

    Returns
    -------
    object with ``transform(list of str)``
        Itself if it is ready, else a fitted clone.
    """
    if text is None:
        text = beside_tfidf(WordVectorText(pooling="mean"))
    can_learn = hasattr(text, "fit") and hasattr(text, "get_params")
    if not can_learn or _is_fitted(text):
        return text
    texts = [
        " ".join(narration.words[i : i + n_words])
        for narration in spoken
        for i in range(0, len(narration.words), n_words)
    ]
    # FrozenEstimator, which may hold an unfitted estimator, requires y.
    return clone(text).fit(texts + steps, None)


def _is_fitted(text: Any) -> bool:
    try:
        check_is_fitted(text)
    except NotFittedError:
        return False
    return True
