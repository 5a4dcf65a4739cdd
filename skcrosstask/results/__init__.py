"""Predictions as tables and files."""

from skcrosstask.results._table import StepRow, StepTable

__all__ = ["StepRow", "StepTable"]
