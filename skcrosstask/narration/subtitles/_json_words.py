"""Words of a transcript of which some have no time of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, groupby
from typing import Any

from skcrosstask.narration.subtitles._cues import Cue
from skcrosstask.narration.subtitles._rows import cue_of_row, known_fields

__all__ = ["read_words"]

# Seconds of a word where those around leave no room.
_LEAST = 1e-3


def read_words(
    row: Mapping[str, Any], path: str, place: str, segment: Cue | None
) -> list[Cue]:
    """Words of a segment, those without times spread where there is room for them.

    Parameters
    ----------
    row : dict
        Has ``words``, as Whisper and WhisperX write them. WhisperX gives no times to
        numbers, among others.
    path, place : str
        Name the file and the segment in messages.
    segment : Cue or None
        The whole, for where it starts and ends.

    Returns
    -------
    list of Cue
        Empty if no word has a time.
    """
    words = row.get("words")
    if not isinstance(words, list):
        return []
    cues: list[Cue | str] = []
    for j, word in enumerate(words):
        fields = known_fields(word) if isinstance(word, dict) else {"text": word}
        if fields.get("start") is not None:
            cues.append(cue_of_row(fields, path, f"{place}, word {j}"))
        elif isinstance(fields.get("text"), str):
            cues.append(fields["text"])
    if not any(isinstance(cue, Cue) for cue in cues):
        return []
    return _fill(cues, place, segment)


def _fill(cues: Sequence[Cue | str], place: str, segment: Cue | None) -> list[Cue]:
    """Texts between cues become cues."""
    filled: list[Cue] = []
    runs = [list(run) for _, run in groupby(cues, lambda cue: isinstance(cue, Cue))]
    for n, run in enumerate(runs):
        timed = [cue for cue in run if isinstance(cue, Cue)]
        texts = [cue for cue in run if isinstance(cue, str)]
        filled += timed
        if not texts:
            continue
        after = runs[n + 1][0] if n + 1 < len(runs) else None
        end = after.start if isinstance(after, Cue) else segment and segment.end
        if filled:
            start = filled[-1].start if filled[-1].end is None else filled[-1].end
            if end is not None:
                # Words that share a start would share their time too.
                least = min(_LEAST * len(texts), (end - filled[-1].start) / 2)
                start = min(start, end - least)
        else:
            start = segment.start if segment is not None else end or 0.0
        filled += _spread(texts, start, end, place)
    return filled


def _spread(texts: list[str], start: float, end: float | None, place: str) -> list[Cue]:
    if end is None:
        return [Cue(start, None, " ".join(texts), place)]
    end = max(start, end)
    sizes = [len(text.strip()) or 1 for text in texts]
    shares = [0, *accumulate(sizes)]
    edges = [start + (end - start) * share / shares[-1] for share in shares]
    return [
        Cue(a, max(a, b), text, place)
        for a, b, text in zip(edges, edges[1:], texts, strict=False)
    ]
