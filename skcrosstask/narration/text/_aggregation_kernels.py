"""Max-pooling over the words of sentences, and the margin loss of an article."""

from __future__ import annotations

import numpy as np

from skcrosstask._jit import kernel


@kernel
def max_pool(hidden, words, ends, pooled, chosen):
    """Largest value of each filter over a sentence's words, and the word it is of.

    hidden (n_words, F) holds the filters of distinct words; sentence i is the words
    words[ends[i - 1]:ends[i]], at least one.
    """
    start = 0
    for i in range(ends.shape[0]):
        for f in range(hidden.shape[1]):
            pooled[i, f] = hidden[words[start], f]
            chosen[i, f] = words[start]
        for t in range(start + 1, ends[i]):
            word = words[t]
            for f in range(hidden.shape[1]):
                if hidden[word, f] > pooled[i, f]:
                    pooled[i, f] = hidden[word, f]
                    chosen[i, f] = word
        start = ends[i]


@kernel
def spread_back(gradient, chosen, out):
    """Add the gradient of the pooled values to the words that they are of."""
    for i in range(gradient.shape[0]):
        for f in range(gradient.shape[1]):
            out[chosen[i, f], f] += gradient[i, f]


@kernel
def margin_loss(similarity, paragraphs, margin, gradient):
    """Sum of max(0, margin - s(i, mate) + s(i, other)) and the number of its terms.

    The sum is over sentences i, mates in i's paragraph and others in the article's
    other paragraphs; its derivative by the similarities is written to gradient.
    """
    n = similarity.shape[0]
    loss, n_terms = 0.0, 0
    gradient[:] = 0.0
    for i in range(n):
        for j in range(n):
            if j == i or paragraphs[j] != paragraphs[i]:
                continue
            bound = margin - similarity[i, j]
            for k in range(n):
                if paragraphs[k] == paragraphs[i]:
                    continue
                n_terms += 1
                excess = bound + similarity[i, k]
                if excess > 0.0:
                    loss += excess
                    gradient[i, j] -= np.float32(1.0)
                    gradient[i, k] += np.float32(1.0)
    return loss, n_terms
