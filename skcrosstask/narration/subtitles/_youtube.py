"""YouTube's captions in XML: srv1, srv2 and srv3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from skcrosstask.narration.subtitles._cues import Cue
from skcrosstask.narration.subtitles._json_dialects import read_event
from skcrosstask.narration.subtitles._rows import cue_of_row, known_fields

__all__ = ["read_youtube"]


def read_youtube(root: Element, path: str) -> list[Cue]:
    """Texts with times, or words where these have their own."""
    cues: list[Cue] = []
    elements = [element for element in root.iter() if element.tag in ("text", "p")]
    for i, element in enumerate(elements):
        place = f"{element.tag} {i}"
        try:
            rows = _rows(element)
        except ValueError as error:
            raise ValueError(f"{path}, {place}: {error}.") from None
        cues += [cue_of_row(known_fields(row), path, place) for row in rows]
    return cues


def _rows(element: Element) -> list[Mapping[str, Any]]:
    get = element.get
    if get("start") is not None:
        text = "".join(element.itertext())
        return [{"start": get("start"), "duration": get("dur"), "text": text}]
    # The newer ones are what json3 is, in other letters.
    event: dict[str, Any] = {"tStartMs": get("t"), "segs": _segments(element)}
    if get("d") is not None:
        event["dDurationMs"] = get("d")
    return read_event(event) if event["segs"] else []


def _segments(element: Element) -> list[dict[str, Any]]:
    segments: list[dict[str, Any]] = [{"utf8": element.text or ""}]
    for part in element:
        text = "\n" if part.tag == "br" else "".join(part.itertext())
        segment: dict[str, Any] = {"utf8": text}
        if part.get("t") is not None:
            segment["tOffsetMs"] = part.get("t")
        segments += [segment, {"utf8": part.tail or ""}]
    return [segment for segment in segments if segment["utf8"]]
