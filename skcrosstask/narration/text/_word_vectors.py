"""Vectors of words, and guesses for words that are not among them."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skcrosstask.narration.text._fasttext_files import FastTextFile, is_fasttext_model
from skcrosstask.narration.text._vector_files import MappedFile, VectorFile

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["WordVectors", "as_word_vectors"]

_GRAM_SIZES = range(3, 6)
# Words looked through for the n-grams of an unknown one; files start with the
# frequent words.
_N_SEARCHED, _N_ALIKE, _LEAST_ALIKE = 100_000, 10, 0.2


class WordVectors:
    """Words and their vectors, in memory or in a file.

    Words that are not among them get the mean of the words that share their
    n-grams of 3 to 5 letters, weighted by how much they share; models of fastText
    have vectors of n-grams for that. See `open`.

    Parameters
    ----------
    words : iterable of str
        The words, frequent ones first if known; the first of equal words counts.
    vectors : array-like of shape (n_words, n_dimensions)
        Their vectors, held as float32.

    Raises
    ------
    ValueError
        If the numbers of words and vectors differ, or a vector is not finite.

    References
    ----------
    Bojanowski et al., Enriching word vectors with subword information, TACL 2017.

    Examples
    --------
    >>> from skcrosstask.narration import WordVectors
    >>> vectors = WordVectors(["pour", "stir"], [[1, 0], [0, 1]])
    >>> vectors.look_up(["stir", "pouring", "xyz"])
    array([[0., 1.],
           [1., 0.],
           [0., 0.]], dtype=float32)
    >>> vectors.in_memory
    True
    """

    # Where the vectors are, if not in memory.
    _file: MappedFile | None = None

    def __init__(self, words: Iterable[str], vectors: Any) -> None:
        self.words = list(words)
        for i, word in enumerate(self.words):
            if not isinstance(word, str):
                raise TypeError(f"WordVectors: word {i} is {word!r}, not a str.")
        with np.errstate(over="ignore"):
            vectors = np.asarray(vectors, dtype=np.float32)
        if vectors.ndim != 2 or len(vectors) != len(self.words):
            raise ValueError(
                f"WordVectors: {len(self.words)} words, but vectors of shape "
                f"{vectors.shape}."
            )
        if not np.isfinite(vectors).all():
            i = int(np.argmin(np.isfinite(vectors).all(axis=1)))
            raise ValueError(f"WordVectors: vector of {self.words[i]!r} is not finite.")
        self.vectors = vectors
        self.n_dimensions = int(vectors.shape[1])
        self._prepare()

    def _prepare(self) -> None:
        self._places: dict[str, int] = {}
        for i, word in enumerate(self.words):
            self._places.setdefault(word, i)
        self._grams: dict[str, list[int]] | None = None
        self._guesses: dict[str, np.ndarray] = {}

    def __getstate__(self) -> dict[str, Any]:
        # The index of n-grams may be larger than the vectors; it is made when needed.
        return {**self.__dict__, "_grams": None, "_guesses": {}}

    def __deepcopy__(self, memo: dict) -> Self:
        # Clones of an estimator share its vectors, which nothing changes.
        return self

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._places

    def look_up(self, words: Sequence[str]) -> np.ndarray:
        """Vectors of words, guessed for unknown ones.

        Parameters
        ----------
        words : sequence of str
            The words, in lower case if only such are known.

        Returns
        -------
        ndarray of shape (len(words), n_dimensions) of float32
            Zero where a word shares nothing with a known one.
        """
        found = np.zeros((len(words), self.n_dimensions), dtype=np.float32)
        for i, word in enumerate(words):
            # Some files hold names and German nouns only with a capital.
            place = self._places.get(word, self._places.get(word.capitalize()))
            found[i] = self._guess(word) if place is None else self._row(place)
        return found

    @property
    def in_memory(self) -> bool:
        """Whether the vectors are held here rather than in a file."""
        return self._file is None

    def _row(self, place: int) -> np.ndarray:
        return self.vectors[place] if self._file is None else self._file.row(place)

    def _guess(self, word: str) -> np.ndarray:
        guess = self._guesses.get(word)
        if guess is None and self._file is not None:
            guess = self._file.guess(word)
        if guess is not None:
            return guess
        if self._grams is None:
            self._grams = defaultdict(list)
            for i, known in enumerate(self.words[:_N_SEARCHED]):
                for gram in _grams(known):
                    self._grams[gram].append(i)
        # In order, so that which of many equals are looked at is the same every time.
        grams = sorted(_grams(word))
        shared = Counter(i for gram in grams for i in self._grams.get(gram, ()))
        alike = {
            i: 2.0 * n / (len(grams) + len(_grams(self.words[i])))
            for i, n in shared.most_common(10 * _N_ALIKE)
        }
        best = sorted(alike, key=lambda i: (-alike[i], i))[:_N_ALIKE]
        best = [i for i in best if alike[i] >= _LEAST_ALIKE]
        guess = np.zeros(self.n_dimensions, dtype=np.float32)
        if best:
            weights = np.array([alike[i] for i in best])
            rows = np.array([self._row(i) for i in best])
            guess[:] = weights @ rows / weights.sum()
        self._guesses[word] = guess
        return guess

    @staticmethod
    def open(path: PathLike) -> WordVectors:
        """Vectors in a file of word2vec (text or binary), GloVe or fastText.

        The file is passed through once to find the words; vectors are read, through
        a memory map, when they are looked up.

        Models of fastText (``.bin``, of version 12, not quantised) give the vectors
        that fastText gives: a word's is the mean of its own row and those of its
        n-grams, and an unknown word's is the mean of its n-grams. That is zero where
        the model was trained without n-grams.

        Parameters
        ----------
        path : path
            The file, in UTF-8. Models of fastText are known by how they start; other
            files are binary if the name ends in ``.bin``. A name that ends in ``.gz``,
            ``.bz2`` or ``.xz`` besides is that of a compressed file, which is unpacked
            into a temporary one each time it is opened; unpack it once to save that.

        Returns
        -------
        WordVectors
            Bound to the file, which must stay.

        Raises
        ------
        ValueError
            If the file is not of such a format, or a quantised model (``.ftz``);
            names the file and the line or word. A vector that is broken is found, and
            named, when it is looked up.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from skcrosstask.narration import WordVectors
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "two.txt"
        ...     _ = path.write_text("pour 1 0\\nstir 0 1\\n")
        ...     vectors = WordVectors.open(path)
        ...     vectors.look_up(["stir"])
        array([[0., 1.]], dtype=float32)
        """
        found = WordVectors.__new__(WordVectors)
        file = FastTextFile(path) if is_fasttext_model(path) else VectorFile(path)
        found._file, found.words = file, file.words
        found.n_dimensions = file.n_dimensions
        found._prepare()
        return found


def as_word_vectors(vectors: Any) -> WordVectors:
    """Word vectors of what users pass: themselves, a mapping or a file."""
    if isinstance(vectors, WordVectors):
        return vectors
    if isinstance(vectors, Mapping):
        if not vectors:
            raise ValueError("vectors: no word is given.")
        try:
            return WordVectors(vectors.keys(), np.array(list(vectors.values())))
        except ValueError as error:
            raise ValueError(f"vectors: {error}") from None
    if isinstance(vectors, str | os.PathLike):
        return WordVectors.open(vectors)
    raise TypeError(
        f"vectors must be a path, a dict or WordVectors, got {vectors!r:.60}."
    )


def _grams(word: str) -> set[str]:
    marked = f"<{word.lower()}>"
    grams = {marked[i : i + n] for n in _GRAM_SIZES for i in range(len(marked) - n + 1)}
    return grams or {marked}
