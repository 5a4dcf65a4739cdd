"""The network of the learned aggregation: forward and backward."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from skcrosstask.narration.text._aggregation_kernels import (
    margin_loss,
    max_pool,
    spread_back,
)

__all__ = ["WEIGHTS", "Batch", "Weights", "forward", "initial_weights", "loss_gradient"]

WEIGHTS = ("filters", "filter_bias", "mixing", "mixing_bias")
Weights = dict[str, np.ndarray]


class Batch(NamedTuple):
    """Sentences of some articles; at least one word each."""

    vectors: np.ndarray
    """(n_words, D): of the distinct words."""
    words: np.ndarray
    """Indices into the vectors, sentence after sentence."""
    ends: np.ndarray
    """(n_sentences,): where each sentence ends in words."""
    paragraphs: np.ndarray
    """(n_sentences,): index of the paragraph within the article."""
    article_ends: np.ndarray
    """(n_articles,): where each article ends in sentences."""


def initial_weights(
    n_dimensions: int, n_filters: int, n_components: int, rng: np.random.RandomState
) -> Weights:
    """Weights that give the largest and the smallest value of each dimension.

    The first filters are the dimensions and, after these, their negatives; each
    component is the sum of a dimension's extremes. What is left is random.
    """

    def draw(n_in: int, n_out: int) -> np.ndarray:
        return (rng.standard_normal((n_in, n_out)) / np.sqrt(n_in)).astype(np.float32)

    filters, mixing = draw(n_dimensions, n_filters), draw(n_filters, n_components)
    signs = np.hstack([np.eye(n_dimensions), -np.eye(n_dimensions)])
    n_signed = min(n_filters, 2 * n_dimensions)
    n_summed = min(n_components, n_dimensions)
    filters[:, :n_signed] = signs[:, :n_signed]
    mixing[:n_signed, :n_summed] = signs[:n_summed, :n_signed].T
    return {
        "filters": filters,
        "filter_bias": np.zeros(n_filters, dtype=np.float32),
        "mixing": mixing,
        "mixing_bias": np.zeros(n_components, dtype=np.float32),
    }


def forward(
    weights: Weights,
    vectors: np.ndarray,
    words: np.ndarray,
    ends: np.ndarray,
    mask: np.ndarray | None = None,
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Unit rows of sentences, and what the way back needs."""
    hidden = vectors @ weights["filters"] + weights["filter_bias"]
    pooled = np.empty((len(ends), hidden.shape[1]), dtype=hidden.dtype)
    chosen = np.empty(pooled.shape, dtype=np.int64)
    max_pool(hidden, words, ends, pooled, chosen)
    if mask is not None:
        pooled *= mask
    mixed = pooled @ weights["mixing"] + weights["mixing_bias"]
    lengths = np.linalg.norm(mixed, axis=1, keepdims=True)
    lengths = np.where(lengths > 0, lengths, 1.0).astype(mixed.dtype)
    return mixed / lengths, (pooled, chosen, lengths)


def loss_gradient(
    weights: Weights,
    batch: Batch,
    margin: float,
    *,
    gradient: bool = True,
    mask: np.ndarray | None = None,
) -> tuple[float, int, Weights]:
    """Summed margin loss, its number of terms, and the gradient of its mean."""
    rows, (pooled, chosen, lengths) = forward(
        weights, batch.vectors, batch.words, batch.ends, mask
    )
    loss, n_terms, start = 0.0, 0, 0
    by_rows = np.zeros_like(rows)
    for end in batch.article_ends:
        part = rows[start:end]
        similarity = part @ part.T
        by_similarity = np.empty_like(similarity)
        part_loss, n = margin_loss(
            similarity, batch.paragraphs[start:end], margin, by_similarity
        )
        loss, n_terms = loss + part_loss, n_terms + n
        by_rows[start:end] = (by_similarity + by_similarity.T) @ part
        start = end
    if not gradient or n_terms == 0:
        return loss, n_terms, {}
    by_rows /= n_terms
    # Rows have length 1: what points along them changes nothing.
    along = (by_rows * rows).sum(axis=1, keepdims=True)
    by_mixed = (by_rows - rows * along) / lengths
    by_hidden = np.zeros((len(batch.vectors), pooled.shape[1]), dtype=rows.dtype)
    by_pooled = by_mixed @ weights["mixing"].T
    spread_back(by_pooled if mask is None else by_pooled * mask, chosen, by_hidden)
    by_weights = {
        "filters": batch.vectors.T @ by_hidden,
        "filter_bias": by_hidden.sum(axis=0),
        "mixing": pooled.T @ by_mixed,
        "mixing_bias": by_mixed.sum(axis=0),
    }
    return loss, n_terms, by_weights
