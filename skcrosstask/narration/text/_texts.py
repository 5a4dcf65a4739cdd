"""What all text features do first: check texts, split them into words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import cache
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

__all__ = [
    "TextTransformer",
    "check_texts",
    "index_words",
    "stop_set",
    "tokenize",
    "unit_rows",
]


class TextTransformer(TransformerMixin, BaseEstimator):
    """Base of the transformers from texts to vectors."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def check_texts(texts: Any) -> list[str]:
    """Texts as a list, or a TypeError that names the entry that is not one."""
    if isinstance(texts, str) or not hasattr(texts, "__iter__"):
        raise TypeError(f"X must be a list of texts, got {texts!r:.60}.")
    texts = list(texts)
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"X: text {i} is {text!r:.60}, not a str.")
    return texts


def tokenize(text: str) -> list[str]:
    """Words of a text in lower case, without punctuation and spaces."""
    text = unicodedata.normalize("NFC", text).lower()
    return _word_pattern().findall(text.replace("’", "'"))


def stop_set(stop_words: str | Collection[str] | None) -> frozenset[str]:
    """The words that a parameter ``stop_words`` means."""
    if stop_words is None:
        return frozenset()
    if isinstance(stop_words, str):
        return ENGLISH_STOP_WORDS
    return frozenset(stop_words)


def index_words(tokens: list[list[str]]) -> tuple[list[str], list[np.ndarray]]:
    """Distinct words, and each text as indices into them."""
    places: dict[str, int] = {}
    ids = [
        np.array(
            [places.setdefault(word, len(places)) for word in text], dtype=np.int64
        )
        for text in tokens
    ]
    return list(places), ids


def unit_rows(rows: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1; zero rows stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1.0).astype(rows.dtype)


@cache
def _word_pattern() -> re.Pattern[str]:
    # Vowels of Hindi or Thai are marks, which \w lacks; Persian words hold joiners.
    marks = "".join(
        chr(i)
        for i in range(0x300, 0xFE30)
        if unicodedata.category(chr(i)) in ("Mn", "Mc")
    )
    part = rf"(?:[^\W_][{marks}\u200c\u200d]*)+"
    return re.compile(rf"{part}(?:'{part})*")
