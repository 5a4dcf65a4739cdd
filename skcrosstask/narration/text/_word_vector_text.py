"""Texts as pooled word vectors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skcrosstask._progress import warn
from skcrosstask._sklearn_compat import StrOptions, fit_context
from skcrosstask.narration.text._cooccurrence import learn_word_vectors
from skcrosstask.narration.text._texts import (
    TextTransformer,
    check_texts,
    index_words,
    stop_set,
    tokenize,
    unit_rows,
)
from skcrosstask.narration.text._word_vectors import WordVectors, as_word_vectors

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["WordVectorText"]


class WordVectorText(TextTransformer):
    """Texts as the maximum or the mean of their words' vectors.

    Parameters
    ----------
    vectors : path, dict of str to array, WordVectors or None, default=None
        A file of word2vec (text or binary), GloVe or fastText (``.vec`` or ``.bin``,
        see `WordVectors.open`), or the vectors themselves; None learns them from the
        texts given to fit. See `learn_word_vectors`.
    pooling : {"max", "mean"}, default="max"
        The largest or the mean value of each dimension.
    stop_words : {"english"}, collection of str or None, default="english"
        Words to leave out; a text that holds nothing else has no vector.

    Attributes
    ----------
    vectors_ : WordVectors
        The vectors in use.
    n_features_out_ : int
        Their dimensions.

    See Also
    --------
    LearnedAggregation : A learned pooling.

    References
    ----------
    Zhukov et al., CVPR 2019, supplement B.1.

    Examples
    --------
    >>> from skcrosstask.narration import WordVectorText
    >>> vectors = {"pour": [1.0, 0.0], "milk": [0.0, 1.0], "stir": [0.6, -0.8]}
    >>> text = WordVectorText(vectors).fit(["pour"])
    >>> text.transform(["Pour the milk!", "milk"]).round(2)
    array([[0.71, 0.71],
           [0.  , 1.  ]], dtype=float32)
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        "vectors": "no_validation",
        "pooling": [StrOptions({"max", "mean"})],
        "stop_words": [StrOptions({"english"}), list, set, frozenset, tuple, None],
    }

    def __init__(
        self,
        vectors: PathLike | dict[str, Any] | WordVectors | None = None,
        *,
        pooling: str = "max",
        stop_words: str | Collection[str] | None = "english",
    ) -> None:
        self.vectors = vectors
        self.pooling = pooling
        self.stop_words = stop_words

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Sequence[str], y: Any = None) -> Self:
        """Open the vectors, or learn them.

        Parameters
        ----------
        X : sequence of str
            Texts to learn vectors from, or whose words given vectors should know.
        y : None
            Ignored.

        Returns
        -------
        self
            The fitted transformer.

        Raises
        ------
        TypeError
            If a text is not a string.
        ValueError
            If the file is not one of word vectors.

        Warns
        -----
        UserWarning
            If vectors are given and no word of the texts has one.
        """
        texts = check_texts(X)
        if self.vectors is None:
            self.vectors_ = learn_word_vectors(texts)
        else:
            self.vectors_ = as_word_vectors(self.vectors)
            self._warn_of_strangers(texts)
        self.n_features_out_ = self.vectors_.n_dimensions
        return self

    def transform(self, X: Sequence[str]) -> np.ndarray:
        """Pooled vectors of texts.

        Parameters
        ----------
        X : sequence of str
            Texts.

        Returns
        -------
        ndarray of shape (n_texts, n_dimensions) of float32
            Rows of length 1, or 0 for a text without a word that is known or like a
            known one.

        Raises
        ------
        TypeError
            If a text is not a string.
        """
        check_is_fitted(self)
        words, ids = index_words([self._words(text) for text in check_texts(X)])
        # A word is looked up once, since a file may have to be searched.
        vectors = self.vectors_.look_up(words)
        known = np.asarray(vectors.any(axis=1))
        pool = np.max if self.pooling == "max" else np.mean
        pooled = np.zeros((len(ids), self.n_features_out_), dtype=np.float32)
        for i, row in enumerate(ids):
            row = row[known[row]]
            if len(row):
                pooled[i] = pool(vectors[row], axis=0)
        return unit_rows(pooled)

    def _warn_of_strangers(self, texts: list[str]) -> None:
        words = {word for text in texts for word in self._words(text)}
        if words and not any(
            form in self.vectors_
            for word in words
            for form in (word, word.capitalize())
        ):
            warn(
                f"WordVectorText: none of the {len(words)} words of the texts has a "
                "vector; are vectors and texts in the same language?"
            )

    def _words(self, text: str) -> list[str]:
        left_out = stop_set(self.stop_words)
        return [word for word in tokenize(text) if word not in left_out]
