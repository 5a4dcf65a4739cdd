"""SRT (SubRip) subtitles."""

from __future__ import annotations

import re
from functools import partial

from skcrosstask.narration.subtitles._captions import Syntax, read_captions
from skcrosstask.narration.subtitles._cues import Format

__all__ = ["FORMAT"]

_SYNTAX = Syntax(
    "srt",
    clock=re.compile(r"\d{1,9}:[0-5]?\d:[0-5]?\d[,.]\d{3}"),
    point=",",
    header=False,
    keeps_spaces=False,
)
FORMAT = Format(
    partial(read_captions, syntax=_SYNTAX),
    "1\n00:00:02,000 --> 00:00:04,000\npour milk\n\n"
    "2\n00:00:06,000 --> 00:00:07,500\nstir\n",
    named_by_language=True,
)
