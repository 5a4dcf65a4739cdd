"""From texts with times to words with times."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape
from itertools import pairwise

import numpy as np

from skcrosstask._data import Narration
from skcrosstask.narration.subtitles._cues import Cue
from skcrosstask.narration.subtitles._repeats import without_copies

__all__ = ["clean", "narration_of"]

# For a last sentence that has no end: 150 words per minute.
_SECONDS_PER_WORD = 0.4

_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<[\d:.]+>|\{\\[^{}]*\}")
_SOUNDS = re.compile(r"\[[^\[\]]*\]|【[^【】]*】|[♪♫]+")
# Joiners between words, and marks of direction.
_UNSEEN = re.compile(r"[\u00ad\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_ALL_SOUND = re.compile(r"\s*[-–—]?\s*[(（][^()（）]*[)）]\s*")
# ">> ", "- " and names in capitals such as "MARY ANN: ".
_SPEAKER = re.compile(
    r"\s*(?:(?:>>+|[-–—](?=\s))\s*)*"
    r"(?:[A-Z][A-Z0-9.'’-]*[A-Z0-9.](?: [A-Z0-9.'’-]+)*:\s)?"
)


def narration_of(cues: Iterable[Cue]) -> Narration:
    """Words with times from texts with times."""
    words: list[str] = []
    times: list[tuple[float, float]] = []
    for start, end, text in _in_order(without_copies(list(cues))):
        said = clean(text).split()
        edges = _share(start, end, [len(word) for word in said])
        words += said
        times += pairwise(edges)
    return Narration(words, np.array(times).reshape(-1, 2))


def clean(text: str) -> str:
    """The spoken words, without mark-up, sounds and speakers."""
    text = _UNSEEN.sub("", unescape(_MARKUP.sub("", text)))
    lines = []
    # YouTube separates some lines by zero-width spaces.
    for line in text.replace("\u200b", " ").splitlines():
        line = _SOUNDS.sub(" ", line)
        if not _ALL_SOUND.fullmatch(line):
            lines.append(_SPEAKER.sub("", line, count=1))
    return " ".join(" ".join(lines).split())


def _in_order(cues: list[Cue]) -> list[tuple[float, float, str]]:
    """Starts, ends and texts, ascending and apart; missing ends filled in."""
    groups: list[list[Cue]] = []
    for cue in sorted(cues, key=lambda cue: cue.start):
        if groups and cue.start == groups[-1][0].start:
            groups[-1].append(cue)
        else:
            groups.append([cue])
    starts = [group[0].start for group in groups] + [np.inf]
    texts = ["\n".join(cue.text for cue in group) for group in groups]
    spans = []
    for group, text, (start, following) in zip(
        groups, texts, pairwise(starts), strict=True
    ):
        ends = [cue.end for cue in group if cue.end is not None]
        # A text without an end, or one that is still shown, ends with the next.
        end = min(max(ends) if len(ends) == len(group) else np.inf, following)
        if not np.isfinite(end):
            end = start + _SECONDS_PER_WORD * len(clean(text).split())
        spans.append((start, end, text))
    return spans


def _share(start: float, end: float, sizes: list[int]) -> list[float]:
    if not sizes:
        return [start]
    shares = np.cumsum([0, *sizes]) / sum(sizes)
    edges = start + (end - start) * shares
    # Rounding must neither pass the end nor turn two edges round.
    edges[-1] = end
    return np.maximum.accumulate(np.minimum(edges, end)).tolist()
