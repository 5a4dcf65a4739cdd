"""All formats that are read, by the suffix of their files' names.

To add one, write a module with a `FORMAT` and give it a line here; its tests are there
already, see ``tests/narration/subtitles/test_formats.py``.
"""

from pathlib import Path

from skcrosstask.narration._packed import unpacked_name
from skcrosstask.narration.subtitles import (
    _csv,
    _json,
    _lrc,
    _pysubs,
    _sbv,
    _srt,
    _textgrid,
    _tsv,
    _webvtt,
    _xml,
)

__all__ = ["FORMATS", "format_name"]

FORMATS = {
    "vtt": _webvtt.FORMAT,
    "srt": _srt.FORMAT,
    "csv": _csv.FORMAT,
    "tsv": _tsv.FORMAT,
    "json": _json.FORMAT,
    "json3": _json.FORMAT._replace(named_by_language=True),
    "srv1": _xml.YOUTUBE_FORMAT,
    "srv2": _xml.YOUTUBE_FORMAT,
    "srv3": _xml.YOUTUBE_FORMAT,
    "xml": _xml.YOUTUBE_FORMAT,
    "ttml": _xml.TTML_FORMAT,
    "dfxp": _xml.TTML_FORMAT,
    "ass": _pysubs.ASS,
    "ssa": _pysubs.SSA,
    "sub": _pysubs.SUB,
    "smi": _pysubs.SAMI,
    "sami": _pysubs.SAMI,
    "sbv": _sbv.FORMAT,
    "lrc": _lrc.FORMAT,
    "textgrid": _textgrid.FORMAT,
}


def format_name(file: Path) -> str:
    """What a file's name says of its format, compressed or not."""
    return unpacked_name(file).suffix.lower().removeprefix(".")
