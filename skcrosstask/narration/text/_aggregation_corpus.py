"""Articles as batches of sentences of known words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from skcrosstask.narration.text._aggregation_network import Batch
from skcrosstask.narration.text._texts import index_words, tokenize
from skcrosstask.narration.text._word_vectors import WordVectors

__all__ = ["Corpus", "known_words"]


class Corpus:
    """Articles as indices of known words."""

    def __init__(self, articles: list[list[list[str]]], vectors: WordVectors) -> None:
        places = [
            (a, p)
            for a, article in enumerate(articles)
            for p, paragraph in enumerate(article)
            for _ in paragraph
        ]
        tokens = [tokenize(s) for article in articles for part in article for s in part]
        self.vectors, ids = known_words(tokens, vectors)
        self.sentences: list[list[np.ndarray]] = [[] for _ in articles]
        self.paragraphs: list[list[int]] = [[] for _ in articles]
        for (a, p), row in zip(places, ids, strict=True):
            # A sentence without a known word has no vector to learn from.
            if len(row):
                self.sentences[a].append(row)
                self.paragraphs[a].append(p)

    def teaches(self, article: int) -> bool:
        """Whether it has a sentence with a mate and another paragraph."""
        paragraphs = self.paragraphs[article]
        n_distinct = len(set(paragraphs))
        return 1 < n_distinct < len(paragraphs)

    def batches(
        self, articles: Sequence[int] | np.ndarray, size: int
    ) -> Iterator[Batch]:
        """Some articles at a time, in the order given."""
        for start in range(0, len(articles), size):
            yield self.batch(articles[start : start + size])

    def batch(self, articles: Sequence[int] | np.ndarray) -> Batch:
        """Sentences of some articles, their words numbered anew."""
        sentences = [row for a in articles for row in self.sentences[a]]
        # The layer runs once per distinct word, however often it is said.
        used, words = np.unique(np.concatenate(sentences), return_inverse=True)
        return Batch(
            self.vectors[used],
            words.ravel(),
            np.cumsum([len(row) for row in sentences]),
            np.concatenate([self.paragraphs[a] for a in articles]),
            np.cumsum([len(self.sentences[a]) for a in articles]),
        )


def known_words(
    tokens: list[list[str]], vectors: WordVectors
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Vectors of the distinct words, and each text as indices of those not zero."""
    words, ids = index_words(tokens)
    rows = vectors.look_up(words)
    known = np.asarray(rows.any(axis=1))
    return rows, [row[known[row]] for row in ids]
