"""Vectors of words learned from how often they occur together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from skcrosstask.narration.text._texts import check_texts, tokenize
from skcrosstask.narration.text._word_vectors import WordVectors

__all__ = ["learn_word_vectors"]


def learn_word_vectors(
    texts: Iterable[str],
    *,
    n_components: int = 300,
    window: int = 5,
    min_count: int = 2,
    random_state: Any = 0,
) -> WordVectors:
    """Learn word vectors from how often words occur together.

    The positive pointwise mutual information of words within a window, near ones
    counting more, is factorised by a truncated SVD. Good for small corpora, where
    nothing needs to be downloaded.

    Parameters
    ----------
    texts : iterable of str
        Sentences, paragraphs or transcripts.
    n_components : int, default=300
        Dimensions; fewer where fewer words are known.
    window : int, default=5
        Words on either side that count, the d-th with weight 1/d.
    min_count : int, default=2
        Rarer words are left out.
    random_state : int, RandomState instance or None, default=0
        Decides the randomised SVD.

    Returns
    -------
    WordVectors
        Rows of length 1, frequent words first, or 0 for a word that occurs with no
        other; no row if no word is frequent enough.

    Raises
    ------
    TypeError
        If a text is not a string.
    ValueError
        If a parameter is below 1.

    References
    ----------
    Levy, Goldberg and Dagan, Improving distributional similarity with lessons
    learned from word embeddings, TACL 2015, sections 2 and 3.

    Examples
    --------
    >>> from skcrosstask.narration import learn_word_vectors
    >>> texts = ["pour the milk", "pour the cream", "cut an onion", "cut an apple"]
    >>> vectors = learn_word_vectors(texts * 2, n_components=3)
    >>> milk, cream, onion = vectors.look_up(["milk", "cream", "onion"])
    >>> bool(milk @ cream > milk @ onion)
    True
    """
    least_one = {"n_components": n_components, "window": window, "min_count": min_count}
    for name, value in least_one.items():
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}.")
    tokens = [tokenize(text) for text in check_texts(texts)]
    counts = Counter(word for words in tokens for word in words)
    kept = [word for word, n in counts.items() if n >= min_count]
    words = sorted(kept, key=lambda word: (-counts[word], word))
    if not words:
        return WordVectors([], np.zeros((0, n_components)))
    information = _mutual_information(_count_pairs(tokens, words, window))
    left, sizes, _ = randomized_svd(
        information, min(n_components, len(words)), random_state=random_state
    )
    vectors = left * np.sqrt(sizes)
    # Of a word that occurs with no other, only noise is there, in any direction.
    vectors[np.diff(information.indptr) == 0] = 0.0
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return WordVectors(words, vectors / np.where(lengths > 0, lengths, 1.0))


def _count_pairs(
    tokens: list[list[str]], words: list[str], window: int
) -> sparse.csr_matrix:
    places = {word: i for i, word in enumerate(words)}
    known = [[places[word] for word in text if word in places] for text in tokens]
    ids = np.array([i for text in known for i in text], dtype=np.int64)
    texts = np.repeat(np.arange(len(known)), [len(text) for text in known])
    counts = sparse.csr_matrix((len(words), len(words)))
    # All texts are one row of words: pairs across a text's end are left out.
    for d in range(1, min(window, len(ids) - 1) + 1):
        near = texts[d:] == texts[:-d]
        pairs = ids[:-d][near], ids[d:][near]
        weights = np.full(len(pairs[0]), 1.0 / d)
        counts = counts + sparse.coo_matrix((weights, pairs), counts.shape).tocsr()
    return (counts + counts.T).tocsr()


def _mutual_information(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Positive part; contexts smoothed by the power 0.75."""
    pairs = counts.tocoo()
    of_word = np.asarray(counts.sum(axis=1)).ravel()
    # Else rare contexts would get the largest values of all.
    of_context = of_word**0.75
    share = of_word[pairs.row] * of_context[pairs.col] / max(of_context.sum(), 1e-300)
    values = np.maximum(np.log(pairs.data / share), 0.0)
    information = sparse.csr_matrix((values, (pairs.row, pairs.col)), counts.shape)
    information.eliminate_zeros()
    return information
