"""What is shown twice but was said once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from skcrosstask.narration.subtitles._cues import Cue

__all__ = ["Shown", "n_repeated", "without_copies"]

# Captions roll if as many of the texts that follow at once repeat a line before.
_ROLLING_SHARE = 0.25
_AT_ONCE = 0.05
# A word, or the end of a sentence, may well be said twice.
_LEAST_WORDS, _LEAST_WHOLE = 3, 2


class Shown(NamedTuple):
    """A text on the screen, in pieces that may stay there as the next appears."""

    start: float
    end: float | None
    pieces: Sequence[str]


def n_repeated(
    shown: Sequence[Shown], key: Callable[[str], str], least: int = 1, whole: int = 1
) -> list[int]:
    """How many pieces of each text only stay on the screen from the one before.

    Parameters
    ----------
    shown : sequence of Shown
        All texts of a file, by start.
    key : function
        What of a piece is compared.
    least : int, default=1
        A text that begins with fewer pieces of the one before does not repeat it,
    whole : int, default=1
        unless these are all of the one before, and at least so many.

    Returns
    -------
    list of int
        All zero unless texts repeat each other so often that no one speaks so: a line
        said twice looks like one shown twice, and how often it happens tells.
    """
    repeats = [0] * len(shown)
    n_following = 0
    for i, (before, now) in enumerate(pairwise(shown), 1):
        end = now.start if before.end is None else before.end
        if before.start <= now.start <= end + _AT_ONCE:
            n_following += 1
            n = _overlap([*map(key, before.pieces)], [*map(key, now.pieces)])
            enough = whole if n == len(before.pieces) else least
            repeats[i] = n if n >= enough else 0
    n_repeating = sum(n > 0 for n in repeats)
    if n_repeating < _ROLLING_SHARE * n_following:
        return [0] * len(shown)
    return repeats


def _overlap(before: list[str], now: list[str]) -> int:
    """Largest n such that the last n pieces before are the first n now."""
    sizes = range(min(len(before), len(now)), 0, -1)
    return next((n for n in sizes if before[-n:] == now[:n]), 0)


def without_copies(cues: list[Cue]) -> list[Cue]:
    """Cues of one video by start, without those that are there twice or only roll."""
    cues = _without_twins(sorted(cues, key=lambda cue: cue.start))
    shown = [Shown(cue.start, cue.end, cue.text.split()) for cue in cues]
    repeats = n_repeated(shown, str.casefold, _LEAST_WORDS, _LEAST_WHOLE)
    return [
        cue if n == 0 else cue._replace(text=" ".join(now.pieces[n:]))
        for cue, now, n in zip(cues, shown, repeats, strict=True)
    ]


def _without_twins(cues: list[Cue]) -> list[Cue]:
    """One of each text that starts with an equal one, as long as the longer of them."""
    kept: dict[tuple[float, str], Cue] = {}
    for cue in cues:
        twin = kept.get((cue.start, text := " ".join(cue.text.split())))
        if twin is not None:
            ends = [end for end in (cue.end, twin.end) if end is not None]
            cue = cue._replace(end=max(ends, default=None))
        kept[cue.start, text] = cue
    return list(kept.values())
