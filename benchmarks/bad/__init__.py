"""Malformed inputs, each with what an error must name."""

from __future__ import annotations

from collections.abc import Iterator

from bad import features, tables, texts, use
from bad._case import Case, judge, make_base

__all__ = ["Case", "all_cases", "judge", "make_base"]


def all_cases() -> Iterator[Case]:
    """Every case, kind by kind."""
    for module in (features, tables, texts, use):
        yield from module.cases()
