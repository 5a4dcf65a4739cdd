"""Formats that are left to pysubs2: ASS, SSA, SAMI and MicroDVD."""

from __future__ import annotations

import re
import warnings
from functools import partial
from typing import Any

from skcrosstask._extras import import_extra
from skcrosstask.narration.subtitles._cues import Cue, Format
from skcrosstask.narration.subtitles._sbv import read_subviewer

__all__ = ["ASS", "SAMI", "SSA", "SUB"]

_FRAMES = re.compile(r"\s*\{\d")


def _read(text: str, path: str, format: str) -> list[Cue]:
    """Texts with times by pysubs2."""
    flaws: list[Cue] = []
    try:
        events = _parse(text, path, format)
    except ValueError as error:
        text, flaws = _without_broken(text, path, format, error)
        events = _parse(text, path, format)
    return flaws + [
        # pysubs2 guesses the ends that SAMI does not give.
        _mended(
            Cue(
                event.start / 1000,
                None if format == "sami" else event.end / 1000,
                event.plaintext,
                f"text {i}",
            )
        )
        for i, event in enumerate(events)
        if not (event.is_comment or event.is_drawing)
    ]


def _parse(text: str, path: str, format: str) -> list[Any]:
    user = f"{path}: reading {format}"
    pysubs2 = import_extra("pysubs2", user, "pysubs2", "'skcrosstask[subtitles]'")
    try:
        with warnings.catch_warnings():
            # It doubts colours and margins.
            warnings.simplefilter("ignore")
            return list(pysubs2.SSAFile.from_string(text, format_=format))
    except pysubs2.UnknownFPSError:
        raise ValueError(
            f"{path}: frames without a rate; write {{1}}{{1}}25 as the first line if "
            "there are 25 a second."
        ) from None
    except Exception as error:
        # Broken files end it in errors of many kinds.
        raise ValueError(f"{path}: not {format}: {error!s:.80}") from None


def _without_broken(
    text: str, path: str, format: str, error: ValueError
) -> tuple[str, list[Cue]]:
    """A file without the lines that cannot be read, which pysubs2 does not name."""
    lines = text.split("\n")
    flaws = []
    for i, line in enumerate(lines):
        if line.startswith("Dialogue:"):
            try:
                _parse(f"[Events]\n{line}", path, format)
            except ValueError:
                flaw = f"no times and text in {line[:60]!r}; left out"
                flaws.append(Cue(0.0, None, "", f"line {i + 1}", flaw=flaw))
                lines[i] = ""
    if not flaws:
        raise error
    return "\n".join(lines), flaws


def _mended(cue: Cue) -> Cue:
    """A cue whose times can be, with a flaw if they could not."""
    if cue.start >= 0 and (cue.end is None or cue.end >= cue.start):
        return cue
    flaw = f"no such times: start {cue.start:g}, end {cue.end or 0:g}"
    start = max(cue.start, 0.0)
    ends = cue.end is not None and cue.end >= start
    return cue._replace(start=start, end=cue.end if ends else None, flaw=flaw)


def _read_sub(text: str, path: str) -> list[Cue]:
    """MicroDVD, or SubViewer, which has the same suffix."""
    if _FRAMES.match(text):
        return _read(text, path, "microdvd")
    return read_subviewer(text, path)


_EVENTS = (
    "[Script Info]\nScriptType: v4.00+\n\n[Events]\n"
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    "Dialogue: 0,0:00:02.00,0:00:04.00,Default,,0,0,0,,pour {\\i1}milk\n"
    "Dialogue: 0,0:00:06.00,0:00:07.50,Default,,0,0,0,,stir\n"
)
ASS = Format(partial(_read, format="ass"), _EVENTS, named_by_language=True)
SSA = Format(
    partial(_read, format="ssa"),
    _EVENTS.replace("v4.00+", "v4.00").replace("Layer", "Marked"),
    named_by_language=True,
)
SAMI = Format(
    partial(_read, format="sami"),
    "<SAMI><BODY>\n<SYNC Start=2000><P>pour milk\n<SYNC Start=4000><P>&nbsp;\n"
    "<SYNC Start=6000><P>stir\n<SYNC Start=7500><P>&nbsp;\n</BODY></SAMI>\n",
    named_by_language=True,
)
SUB = Format(
    _read_sub,
    "{1}{1}10\n{20}{40}pour|milk\n{60}{75}stir\n",
    named_by_language=True,
)
