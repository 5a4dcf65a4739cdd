"""fastText's own models, in which n-grams of letters have vectors too."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from skcrosstask.narration._packed import open_packed
from skcrosstask.narration.text._vector_files import MappedFile

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["FastTextFile", "is_fasttext_model"]

_MAGIC, _VERSION = struct.pack("<i", 793712314), 12
# Version, dimensions; buckets, least and greatest size of n-grams.
_HEAD = struct.Struct("<4x2i28x3i12x")
# Entries, words among them; pruned n-grams, -1 where none can be.
_COUNTS = struct.Struct("<2i12xq")
# Whether quantised; rows, columns.
_MATRIX = struct.Struct("<?2q")
# From the zero that ends a word: its count, and 0 for a word or 1 for a label.
_KIND_PLACE, _ENTRY_SIZE = 9, 10
_END_OF_LINE = b"</s>"
_LETTER = re.compile(rb".[\x80-\xbf]*", re.DOTALL)


def is_fasttext_model(path: PathLike) -> bool:
    """Whether a file starts as fastText's models do."""
    with open_packed(path) as file:
        return file.read(len(_MAGIC)) == _MAGIC


class FastTextFile(MappedFile):
    """A model of fastText; see `WordVectors.open`."""

    def __init__(self, path: PathLike) -> None:
        super().__init__(path)
        try:
            self._read_model()
        except struct.error:
            raise ValueError(f"{self.path}: the fastText model is cut short.") from None
        # Training that went astray is refused now, not in use.
        for place in (0, len(self.words) - 1):
            self.row(place)

    def _read_model(self) -> None:
        version, self.n_dimensions, n_buckets, least, greatest = _HEAD.unpack_from(
            self._map
        )
        if version != _VERSION:
            raise ValueError(
                f"{self.path}: a fastText model of version {version}; {_VERSION} was "
                "expected."
            )
        n_entries, n_words, n_pruned = _COUNTS.unpack_from(self._map, _HEAD.size)
        if not 0 < n_words <= n_entries:
            raise ValueError(f"{self.path}: no word vectors in it.")
        if n_pruned >= 0:
            raise self._quantised()
        self._gram_sizes = (least, greatest if n_buckets > 0 else 0)
        self._n_buckets = n_buckets if self._gram_sizes[1] > 0 else 0
        end = self._read_words(n_entries, n_words)
        self._rows_start, self._n_rows, n_columns, end = self._matrix(end)
        n_expected = n_words + self._n_buckets
        if n_columns != self.n_dimensions or self._n_rows < n_expected:
            raise ValueError(
                f"{self.path}: vectors of shape ({n_expected}, {self.n_dimensions}) "
                f"were expected, got ({self._n_rows}, {n_columns})."
            )
        # The weights of the output, which are not used, show that nothing is lost.
        self._matrix(end)

    def _read_words(self, n_entries: int, n_words: int) -> int:
        """Note the words, which come before the labels; the end of both."""
        start = _HEAD.size + _COUNTS.size
        starts = np.empty(n_words, dtype=np.int64)
        self.words = []
        for i in range(n_entries):
            stop = self._map.find(b"\0", start)
            kind = self._map[stop + _KIND_PLACE : stop + _ENTRY_SIZE]
            if stop < 0 or kind != (b"\0" if i < n_words else b"\1"):
                raise ValueError(
                    f"{self.path}: broken or cut short in word {i} of {n_entries}."
                )
            if i < n_words:
                self.words.append(self._map[start:stop].decode("utf-8", "replace"))
                starts[i] = start
            start = stop + _ENTRY_SIZE
        self._starts = starts
        return start

    def _matrix(self, start: int) -> tuple[int, int, int, int]:
        """Start, rows, columns and end of the matrix whose head is at a place."""
        is_quantised, n_rows, n_columns = _MATRIX.unpack_from(self._map, start)
        if is_quantised:
            raise self._quantised()
        start += _MATRIX.size
        end = start + 4 * n_rows * n_columns
        if n_rows < 0 or n_columns < 1:
            raise ValueError(f"{self.path}: weights of shape ({n_rows}, {n_columns}).")
        if end > self._size:
            raise ValueError(f"{self.path}: the fastText model is cut short.")
        return start, n_rows, n_columns, end

    def _quantised(self) -> ValueError:
        return ValueError(
            f"{self.path}: a quantised fastText model (.ftz); the model before that "
            "(.bin) or its vectors (.vec) were expected."
        )

    def row(self, place: int) -> np.ndarray:
        """Vector of the word at a place."""
        start = int(self._starts[place])
        # As stored: what is no UTF-8 has n-grams of its own.
        word = self._map[start : self._map.find(b"\0", start)]
        return self._mean([place, *self._gram_rows(word)], self.words[place])

    def guess(self, word: str) -> np.ndarray:
        """Mean of the vectors of the word's n-grams."""
        return self._mean(self._gram_rows(word.encode("utf-8", "surrogatepass")), word)

    def _gram_rows(self, word: bytes) -> list[int]:
        if not self._n_buckets or word == _END_OF_LINE:
            return []
        first = len(self.words)
        hashes = gram_hashes(word, *self._gram_sizes)
        return [first + value % self._n_buckets for value in hashes]

    def _mean(self, places: Sequence[int], word: str) -> np.ndarray:
        if not places:
            return np.zeros(self.n_dimensions, dtype=np.float32)
        shape = (self._n_rows, self.n_dimensions)
        rows = np.ndarray(shape, "<f4", buffer=self._map, offset=self._rows_start)
        mean = rows[places].mean(axis=0, dtype=np.float64)
        if not np.isfinite(mean).all():
            raise ValueError(f"{self.path}: vector of {word!r} is not finite.")
        return mean.astype(np.float32)


def gram_hashes(word: bytes, least: int, greatest: int) -> list[int]:
    """Hashes (FNV-1a, 32 bits) of the n-grams of letters of a word in UTF-8.

    Its marks, ``<`` and ``>``, count as letters, but are no n-grams on their own.
    """
    letters = _LETTER.findall(b"<" + word + b">")
    hashes = []
    for i in range(len(letters)):
        value = 2166136261
        for n, letter in enumerate(letters[i : i + greatest], 1):
            for byte in letter:
                # fastText's bytes are signed, so that the sign fills the upper bits.
                signed = byte | 0xFFFFFF00 if byte > 127 else byte
                value = (value ^ signed) * 16777619 & 0xFFFFFFFF
            if n >= least and not (n == 1 and i in (0, len(letters) - 1)):
                hashes.append(value)
    return hashes
