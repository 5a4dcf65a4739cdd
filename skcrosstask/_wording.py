"""Words of messages."""

from __future__ import annotations

__all__ = ["counted"]


def counted(number: int, noun: str, verbs: tuple[str, str] | None = None) -> str:
    """Number and noun, in the plural but for 1; maybe with a verb in both forms."""
    text = f"{number} {noun}" if number == 1 else f"{number} {noun}s"
    return text if verbs is None else f"{text} {verbs[number != 1]}"
