"""Predictions as tables and files."""

__all__: list[str] = []
