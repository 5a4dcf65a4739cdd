"""Texts as TF-IDF vectors of their stems."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.utils.validation import check_is_fitted

from skcrosstask._sklearn_compat import StrOptions, fit_context
from skcrosstask.components import make_stemmer
from skcrosstask.narration.text._texts import (
    TextTransformer,
    check_texts,
    stop_set,
    tokenize,
)

__all__ = ["TfidfText", "beside_tfidf"]


class TfidfText(TextTransformer):
    """Texts to unit vectors of stems, weighted by how rare they are.

    A term that occurs in df of n texts has the weight ln((1 + n) / (1 + df)) + 1.

    Parameters
    ----------
    stemmer : {"porter", "snowball"}, callable or None, default="porter"
        Maps words to stems before they are compared.
    stop_words : {"english"}, collection of str or None, default="english"
        Words to leave out.
    ngram_range : tuple of (int, int), default=(1, 1)
        Least and greatest number of stems in a term.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        Columns of the terms.
    idf_ : ndarray of shape (n_terms,)
        Their weights.

    See Also
    --------
    sklearn.feature_extraction.text.TfidfVectorizer : Counts and weighs the terms.

    References
    ----------
    Zhukov et al., CVPR 2019, supplement B.1, compares narration and steps this way.

    Examples
    --------
    >>> from skcrosstask.narration import TfidfText
    >>> text = TfidfText().fit(["pour milk", "stir the coffee"])
    >>> vectors = text.transform(["now I am pouring the milk", "stirring"])
    >>> (vectors @ text.transform(["pour milk"]).T).toarray().round(2).ravel().tolist()
    [1.0, 0.0]
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        "stemmer": [StrOptions({"porter", "snowball"}), callable, None],
        "stop_words": [StrOptions({"english"}), list, set, frozenset, tuple, None],
        "ngram_range": [tuple],
    }

    def __init__(self, stemmer="porter", *, stop_words="english", ngram_range=(1, 1)):
        self.stemmer = stemmer
        self.stop_words = stop_words
        self.ngram_range = ngram_range

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Sequence[str], y: object = None) -> Self:
        """Learn the terms and their weights.

        Parameters
        ----------
        X : sequence of str
            Texts.
        y : ignored
            Not used.

        Returns
        -------
        self
            The fitted transformer.

        Raises
        ------
        TypeError
            If a text is not a string.
        ValueError
            If there is no text, or a parameter is out of range.
        """
        texts = check_texts(X)
        if not texts:
            raise ValueError("TfidfText needs at least one text.")
        terms = self._terms(texts)
        if any(terms):
            self._vectorizer = TfidfVectorizer(analyzer=_as_they_are).fit(terms)
            self.vocabulary_ = self._vectorizer.vocabulary_
            self.idf_ = self._vectorizer.idf_
        else:
            # Stop words only: there is no term, and every text is the zero vector.
            self.vocabulary_, self.idf_ = {}, np.empty(0)
        return self

    def transform(self, X: Sequence[str]) -> sparse.csr_matrix:
        """Unit vectors of texts.

        Parameters
        ----------
        X : sequence of str
            Texts.

        Returns
        -------
        sparse matrix of shape (n_texts, n_terms)
            Rows of length 1; of length 0 where no term of a text is known.

        Raises
        ------
        TypeError
            If a text is not a string.
        """
        check_is_fitted(self, "vocabulary_")
        texts = check_texts(X)
        if not self.vocabulary_ or not texts:
            return sparse.csr_matrix((len(texts), len(self.vocabulary_)))
        return self._vectorizer.transform(self._terms(texts))

    def _terms(self, texts: list[str]) -> list[list[str]]:
        low, high = self._sizes()
        left_out = stop_set(self.stop_words)
        stem = make_stemmer(self.stemmer) or str
        stems: dict[str, str] = {}
        terms = []
        for text in texts:
            words = [word for word in tokenize(text) if word not in left_out]
            stems.update({word: stem(word) for word in words if word not in stems})
            terms.append(_ngrams([stems[word] for word in words], low, high))
        return terms

    def _sizes(self) -> tuple[int, int]:
        sizes = self.ngram_range
        whole = len(sizes) == 2 and all(isinstance(n, Integral) for n in sizes)
        if not whole or not 1 <= sizes[0] <= sizes[1]:
            raise ValueError(
                f"ngram_range must be (low, high) with 1 <= low <= high, got {sizes!r}."
            )
        return sizes


def _ngrams(words: list[str], low: int, high: int) -> list[str]:
    return [
        " ".join(words[i : i + n])
        for n in range(low, high + 1)
        for i in range(len(words) - n + 1)
    ]


def _as_they_are(terms: list[str]) -> list[str]:
    return terms


def beside_tfidf(text: Any) -> FeatureUnion:
    """Other text features beside those of `TfidfText`.

    Words that are the same and words that are alike both count: the cosine is the
    mean of the two.

    Parameters
    ----------
    text : transformer of texts
        Other features, one row of length 1 per text.

    Returns
    -------
    FeatureUnion
        Not fitted.
    """
    return FeatureUnion([("stems", TfidfText()), ("vectors", text)])
