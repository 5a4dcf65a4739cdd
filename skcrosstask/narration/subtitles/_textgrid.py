"""Praat's TextGrids, long and short, as forced aligners write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from skcrosstask._progress import short
from skcrosstask.narration.subtitles._cues import Cue, Format

__all__ = ["FORMAT"]

# Praat reads numbers, texts and flags that stand alone, and skips all else, so that the
# long format and the short one are one.
_TOKEN = re.compile(
    r'(?P<text>"(?:[^"]|"")*")|(?P<flag><[a-z]+>)|(?P<comment>![^\n]*)'
    r"|(?<!\S)(?P<number>[-+]?\d[\d.]*(?:[eE][-+]?\d+)?)(?!\S)"
    r'|(?P<other>[^\s"]+)'
)
_INTERVALS, _POINTS = "IntervalTier", "TextTier"
_WORDS = re.compile(r"\bwords?\b", re.IGNORECASE)
_SOUNDS = re.compile(
    r"\b(?:phones?|phonemes?|segments?|syllables?|syll?)\b", re.IGNORECASE
)
# Labels of silence and noise.
_SILENCES = {"sp", "sil", "spn", "<eps>", "<sil>", "<unk>", "#", "<p:>", "_"}


class _Token(NamedTuple):
    kind: str
    value: str
    line: int


class _Tokens:
    """Tokens of a file, taken one after another."""

    def __init__(self, text: str, path: str) -> None:
        self._path = path
        self._rest = _tokens(text)
        self.line = 1

    def take(self, kind: str) -> str:
        """Value of the next token, which must be of a kind."""
        token = next(self._rest, None)
        if token is None:
            raise ValueError(f"{self._path}, line {self.line}: the file is cut short.")
        self.line = token.line
        if token.kind != kind:
            raise self.error(f"a {kind} was expected, got {short(token.value, 60)}")
        return token.value

    def text(self) -> str:
        """The next token, a text."""
        return self.take("text")[1:-1].replace('""', '"')

    def number(self) -> float:
        """The next token, a number."""
        value = self.take("number")
        try:
            return float(value)
        except ValueError:
            raise self.error(f"a number was expected, got {short(value, 60)}") from None

    def count(self) -> int:
        """The next token, a whole number."""
        value = self.number()
        if not 0 <= value < 1e9 or value != int(value):
            raise self.error(f"a count was expected, got {value:g}")
        return int(value)

    def error(self, message: str) -> ValueError:
        """An error that names the file and the line."""
        return ValueError(f"{self._path}, line {self.line}: {message}.")


def _tokens(text: str) -> Iterator[_Token]:
    line, place = 1, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", place, found.start())
        place = found.start()
        if found.lastgroup not in ("comment", "other"):
            yield _Token(str(found.lastgroup), found[0], line)


def _read(text: str, path: str) -> list[Cue]:
    """Labels with times of the tiers that hold words or texts."""
    tokens = _Tokens(text, path)
    if tokens.text() != "ooTextFile" or tokens.text() != "TextGrid":
        raise tokens.error('"ooTextFile" and "TextGrid" were expected')
    tokens.number(), tokens.number()
    if tokens.take("flag") != "<exists>":
        return []
    tiers = [_read_tier(tokens) for _ in range(tokens.count())]
    words = [tier for name, tier in tiers if _WORDS.search(name)]
    rest = [tier for name, tier in tiers if not _SOUNDS.search(name)]
    return [cue for tier in words or rest for cue in tier]


def _read_tier(tokens: _Tokens) -> tuple[str, list[Cue]]:
    kind = tokens.text()
    if kind not in (_INTERVALS, _POINTS):
        raise tokens.error(f"a tier was expected, got {short(kind, 60)}")
    name = tokens.text()
    tokens.number(), tokens.number()
    cues = []
    for _ in range(tokens.count()):
        start = tokens.number()
        end = tokens.number() if kind == _INTERVALS else None
        label = tokens.text()
        if label.strip() and label.strip() not in _SILENCES:
            cues.append(Cue(start, end, label, f"line {tokens.line}"))
    return name, cues


FORMAT = Format(
    _read,
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
    "0\n8\n<exists>\n1\n"
    '"IntervalTier"\n"words"\n0\n8\n4\n'
    '0\n2\n""\n2\n4\n"pour milk"\n4\n6\n""\n6\n7.5\n"stir"\n',
)
