"""Vectors of words in files, read through a memory map when they are looked up."""

from __future__ import annotations

import mmap
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from skcrosstask.narration._packed import is_packed, open_packed, unpacked_name

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["MappedFile", "VectorFile"]

_HEAD = re.compile(rb"(\d{1,15}) (\d{1,9})[ \r]*\n")
# Upper bounds, in bytes, of a word and of a written number with its space.
_WORD_SIZE, _NUMBER_SIZE = 1000, 64


class MappedFile:
    """A file of word vectors, which is mapped again where it is unpickled."""

    words: list[str]
    n_dimensions: int

    def __init__(self, path: PathLike) -> None:
        self.path = os.path.abspath(path)
        self._map_file()

    def row(self, place: int) -> np.ndarray:
        """Vector of the word at a place."""
        raise NotImplementedError

    def guess(self, word: str) -> np.ndarray | None:
        """Vector of an unknown word, or None if the file gives none."""
        return None

    def _map_file(self) -> None:
        with _on_disk(self.path) as file:
            self._size = os.fstat(file.fileno()).st_size
            if self._size == 0:
                raise ValueError(f"{self.path}: the file is empty.")
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        del state["_map"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._map_file()
        if self._size != state["_size"]:
            raise ValueError(f"{self.path}: the file has changed since it was opened.")


@contextmanager
def _on_disk(path: str) -> Iterator[IO[bytes]]:
    """The file, or a nameless one of what is compressed in it."""
    with open_packed(path) as file:
        if not is_packed(path):
            yield file
            return
        # On the disk, since it may not fit in memory; a map outlives it.
        with TemporaryFile() as plain:
            shutil.copyfileobj(file, plain, 1 << 20)
            plain.flush()
            yield plain


class VectorFile(MappedFile):
    """A file that lists words and their vectors; see `WordVectors.open`."""

    def __init__(self, path: PathLike) -> None:
        super().__init__(path)
        self._binary = unpacked_name(self.path).suffix == ".bin"
        self.words, starts = [], []
        for word, start in self._binary_index() if self._binary else self._text_index():
            self.words.append(word.decode("utf-8", "replace"))
            starts.append(start)
        if not self.words:
            raise ValueError(f"{self.path}: no word vectors in it.")
        self._starts = np.array(starts, dtype=np.int64)
        # A file that holds no vectors, or is cut short, is refused now, not in use.
        for place in (0, len(self.words) - 1):
            self.row(place)

    def _text_index(self) -> Iterator[tuple[bytes, int]]:
        start = n_words = n_read = self.n_dimensions = 0
        self._map.seek(0)
        for i, line in enumerate(iter(self._map.readline, b""), 1):
            if i == 1 and (head := _HEAD.fullmatch(line)):
                n_words, self.n_dimensions = self._head(head)
            elif line.strip():
                word = self._text_word(line.rstrip(), i)
                yield word, start + len(word)
                n_read += 1
            start += len(line)
        if n_words and 0 < n_read != n_words:
            raise ValueError(
                f"{self.path}: {n_words} words were expected, got {n_read}."
            )

    def _text_word(self, line: bytes, i: int) -> bytes:
        n_fields = line.count(b" ")
        self.n_dimensions = self.n_dimensions or n_fields
        if not 0 < self.n_dimensions <= n_fields:
            raise ValueError(
                f"{self.path}, line {i}: a word and its {self.n_dimensions or ''} "
                f"numbers were expected, got {n_fields}."
            )
        # GloVe's words may hold spaces.
        fields = line.split(b" ", n_fields - self.n_dimensions + 1)
        return b" ".join(fields[:-1])

    def _binary_index(self) -> Iterator[tuple[bytes, int]]:
        head = _HEAD.match(self._map[:64])
        if head is None:
            raise ValueError(f"{self.path}: not a binary file of word2vec or fastText.")
        n_words, self.n_dimensions = self._head(head)
        size, start = 4 * self.n_dimensions, head.end()
        for i in range(n_words):
            stop = self._map.find(b" ", start, start + _WORD_SIZE)
            if stop < 0 or stop + 1 + size > self._size:
                raise ValueError(
                    f"{self.path}: broken or cut short in word {i} of {n_words}."
                )
            yield self._map[start:stop].lstrip(b"\n"), stop + 1
            start = stop + 1 + size
        if self._map[start : start + 2].strip():
            raise ValueError(f"{self.path}: more than the {n_words} words expected.")

    def _head(self, head: re.Match[bytes]) -> tuple[int, int]:
        n_words, n_dimensions = map(int, head.groups())
        if n_dimensions == 0:
            raise ValueError(f"{self.path}: vectors of 0 dimensions.")
        return n_words, n_dimensions

    def row(self, place: int) -> np.ndarray:
        """Vector of the word at a place."""
        start = int(self._starts[place])
        if self._binary:
            data = self._map[start : start + 4 * self.n_dimensions]
            row = np.frombuffer(data, dtype="<f4")
        else:
            row = self._text_row(place, start)
        if not np.isfinite(row).all():
            raise ValueError(
                f"{self.path}: vector of {self.words[place]!r} is not finite."
            )
        return row

    def _text_row(self, place: int, start: int) -> np.ndarray:
        end = start + _NUMBER_SIZE * self.n_dimensions
        fields = self._map[start:end].split(b"\n", 1)[0].split()
        try:
            row = np.array([float(field) for field in fields])
        except ValueError:
            row = np.empty(0)
        if len(row) != self.n_dimensions:
            raise ValueError(
                f"{self.path}: vector of {self.words[place]!r} is not "
                f"{self.n_dimensions} numbers."
            )
        # `row` refuses what float32 cannot hold.
        with np.errstate(over="ignore"):
            return row.astype(np.float32)
