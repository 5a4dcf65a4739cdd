"""Vectors of texts, from whatever a user has that gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["mean_vectors", "text_vectors"]


def text_vectors(source: Any, texts: Sequence[str], name: str) -> np.ndarray:
    """Vectors of texts.

    Parameters
    ----------
    source : mapping of str to array, callable, or object with `look_up`
        What is called takes a list of texts and returns one row for each.
    texts : sequence of str
        The texts.
    name : str
        What messages call the source.

    Returns
    -------
    ndarray of shape (len(texts), V)
        Zero where there is no vector.

    Raises
    ------
    TypeError
        If the source is none of these.
    ValueError
        If its vectors are not finite, or are not as many as the texts.

    Examples
    --------
    A mapping knows a word with a capital too:

    >>> from skcrosstask.learning._texts import text_vectors
    >>> text_vectors({"Mehl": [1.0, 2.0]}, ["mehl", "milch"], "word_vectors")
    array([[1., 2.],
           [0., 0.]])
    """
    if hasattr(source, "look_up"):
        found = source.look_up(list(texts))
    elif callable(source):
        found = source(list(texts))
    elif hasattr(source, "get"):
        found = _from_mapping(source, texts, name)
    else:
        raise TypeError(
            f"{name} must map texts to vectors or be callable, got {source!r:.60}."
        )
    try:
        vectors = np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: vectors must be rows of numbers.") from None
    if vectors.ndim != 2 or len(vectors) != len(texts):
        raise ValueError(
            f"{name} must give one vector for each of {len(texts)} texts, got an "
            f"array of shape {vectors.shape}."
        )
    bad = ~np.isfinite(vectors).all(axis=1)
    if bad.any():
        text = texts[int(bad.argmax())]
        raise ValueError(f"{name}: the vector of {text!r} is not finite.")
    return vectors


def mean_vectors(source: Any, groups: Sequence[Sequence[str]], name: str) -> np.ndarray:
    """Mean vector of each group of words, over those that have one.

    Parameters
    ----------
    source, name
        As for `text_vectors`.
    groups : sequence of sequence of str
        Words, at least one in all.

    Returns
    -------
    ndarray of shape (len(groups), V)
        Zero for a group without a vector.
    """
    words = sorted({word for group in groups for word in group})
    place = {word: i for i, word in enumerate(words)}
    vectors = text_vectors(source, words, name)
    known = set(np.flatnonzero(vectors.any(axis=1)))
    means = np.zeros((len(groups), vectors.shape[1]))
    for mean, group in zip(means, groups, strict=True):
        rows = [place[word] for word in group if place[word] in known]
        if rows:
            mean[:] = vectors[rows].mean(axis=0)
    return means


def _from_mapping(source: Any, texts: Sequence[str], name: str) -> list[np.ndarray]:
    found = [source.get(text, source.get(text.capitalize())) for text in texts]
    rows = [None if row is None else np.asarray(row) for row in found]
    shapes = {row.shape for row in rows if row is not None}
    if len(shapes) > 1:
        raise ValueError(f"{name}: vectors differ in shape: {sorted(shapes)}.")
    # Without any vector, of whatever dimensions.
    nothing = np.zeros(shapes.pop() if shapes else 1)
    return [nothing if row is None else row for row in rows]
