"""Readers of subtitles and transcripts, one module per format."""

__all__: list[str] = []
