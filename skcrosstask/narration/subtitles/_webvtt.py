"""WebVTT subtitles."""

from __future__ import annotations

import re
from functools import partial

from skcrosstask.narration.subtitles._captions import Syntax, read_captions
from skcrosstask.narration.subtitles._cues import Format

__all__ = ["FORMAT"]

_SYNTAX = Syntax(
    "vtt",
    clock=re.compile(r"(?:\d{1,9}:)?[0-5]\d:[0-5]\d\.\d{3}"),
    point=".",
    header=True,
    keeps_spaces=True,
)
FORMAT = Format(
    partial(read_captions, syntax=_SYNTAX),
    "WEBVTT\n\n00:02.000 --> 00:04.000\npour milk\n\n00:06.000 --> 00:07.500\nstir\n",
    named_by_language=True,
)
