"""Narration: what is said, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._progress import counted

__all__ = ["Narration"]


@dataclass(frozen=True, eq=False)
class Narration:
    """What is said in a video: words with times.

    Parameters
    ----------
    words : iterable of str
        The words, in the order in which they are said. Stored as a tuple.
    times : array-like of shape (n_words, 2)
        Start and end of each word in seconds, half-open ``[start, end)``; starts
        ascending.

    Raises
    ------
    TypeError
        If a word is not a string.
    ValueError
        If words and times differ in number, or times are not finite, negative,
        reversed or not in order.

    Examples
    --------
    >>> from skcrosstask import Narration
    >>> speech = Narration(["pour", "the", "milk"], [[3, 3.4], [3.4, 3.5], [3.5, 4]])
    >>> speech
    Narration(3 words, 3.0 to 4.0 s)
    >>> len(speech.words), speech.times.shape
    (3, (3, 2))
    """

    words: tuple[str, ...]
    times: np.ndarray

    if TYPE_CHECKING:  # more may be passed than what is stored

        def __init__(self, words: Iterable[str], times: ArrayLike) -> None: ...

    def __post_init__(self) -> None:
        if isinstance(self.words, str):
            raise TypeError(f"Narration: words must be a list, got {self.words!r}.")
        words = tuple(self.words)
        for i, word in enumerate(words):
            if not isinstance(word, str):
                raise TypeError(f"Narration: word {i} is {word!r}, not a str.")
        times = np.array(self.times, dtype=np.float64).reshape(-1, 2)
        if len(times) != len(words):
            raise ValueError(f"Narration: {len(words)} words, but {len(times)} times.")
        starts, ends = times.T
        faults = {
            "is not finite": ~np.isfinite(times).all(axis=1),
            "starts before 0": starts < 0,
            "ends before it starts": ends < starts,
            "starts before the word before it": np.diff(starts, prepend=0) < 0,
        }
        for fault, rows in faults.items():
            if rows.any():
                i = int(np.argmax(rows))
                raise ValueError(
                    f"Narration: word {i}, {words[i]!r}, {fault}: {times[i].tolist()}."
                )
        times.flags.writeable = False
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "times", times)

    def __repr__(self) -> str:
        if not self.words:
            return "Narration(0 words)"
        start, end = self.times[0, 0], self.times[:, 1].max()
        words = counted(len(self.words), "word")
        return f"Narration({words}, {start:.1f} to {end:.1f} s)"
