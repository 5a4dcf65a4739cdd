"""XML that may come from anywhere: YouTube's captions, and TTML."""

from __future__ import annotations

from xml.etree import ElementTree

from skcrosstask.narration.subtitles._cues import Cue, Format
from skcrosstask.narration.subtitles._ttml import read_ttml
from skcrosstask.narration.subtitles._youtube import read_youtube

__all__ = ["TTML_FORMAT", "YOUTUBE_FORMAT"]

_READERS = {"tt": read_ttml, "transcript": read_youtube, "timedtext": read_youtube}


def _read(text: str, path: str) -> list[Cue]:
    """Texts with times from any XML known here, whatever its suffix."""
    root = _parse(text, path)
    kind = root.tag.rpartition("}")[2]
    if kind not in _READERS:
        known = ", ".join(_READERS)
        raise ValueError(f"{path}: {known} was expected, got {kind[:60]!r}.")
    try:
        return _READERS[kind](root, path)
    except RecursionError:
        raise ValueError(f"{path}: too many elements within each other.") from None


def _parse(text: str, path: str) -> ElementTree.Element:
    # Entities, which can grow without end or read files, can only be declared there.
    before, declared, _ = text.partition("<!DOCTYPE")
    if declared:
        line = before.count("\n") + 1
        raise ValueError(f"{path}, line {line}: document types are refused; remove it.")
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        line = error.position[0]
        raise ValueError(f"{path}, line {line}: not XML: {error!s:.80}.") from None
    except (ValueError, LookupError) as error:
        raise ValueError(f"{path}: not XML: {error!s:.80}.") from None


YOUTUBE_FORMAT = Format(
    _read,
    '<?xml version="1.0" encoding="utf-8" ?><timedtext format="3"><body>\n'
    '<p t="2000" d="2000">pour milk</p>\n<p t="6000" d="1500">stir</p>\n'
    "</body></timedtext>\n",
    named_by_language=True,
)
TTML_FORMAT = Format(
    _read,
    '<tt xmlns="http://www.w3.org/ns/ttml"><body><div>\n'
    '<p begin="00:00:02.000" end="00:00:04.000">pour<br/>milk</p>\n'
    '<p begin="6s" dur="1.5s">stir</p>\n</div></body></tt>\n',
    named_by_language=True,
)
