"""All formats that are read, by the suffix of their files' names.

To add one, write a module with a `FORMAT` and give it a line here; its tests are there
already, see ``tests/narration/subtitles/test_formats.py``.
"""

from skcrosstask.narration.subtitles import _csv, _json, _srt, _tsv, _webvtt

__all__ = ["FORMATS"]

FORMATS = {
    "vtt": _webvtt.FORMAT,
    "srt": _srt.FORMAT,
    "csv": _csv.FORMAT,
    "tsv": _tsv.FORMAT,
    "json": _json.FORMAT,
    "json3": _json.FORMAT._replace(named_by_language=True),
}
