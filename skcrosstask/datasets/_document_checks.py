"""Nodes of a document as text, lists, mappings, or a complaint with its line."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from skcrosstask._progress import guess, short
from skcrosstask.datasets._document import Node, fail_at

__all__ = ["NodeChecks"]

_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


class NodeChecks:
    """Turns nodes into what they should be, or says what is wrong and where.

    Parameters
    ----------
    path : Path
        Of the document.
    """

    def __init__(self, path: Path):
        self.path = path

    def flag(self, node: Node | None, about: str) -> bool:
        """Truth of a text; false if there is none."""
        if node is None or node.value is None:
            return False
        text = self.text(node, about)
        if text.lower() not in _TRUTHS:
            self.fail(node, f"{about} must be true or false, got {short(text)}.")
        return _TRUTHS[text.lower()]

    def text(self, node: Node | None, about: str, default: str | None = None) -> str:
        """Text of a node; a default where it is given and there is nothing."""
        if (node is None or node.value is None) and default is not None:
            return default
        assert node is not None
        if not isinstance(node.value, str) or not node.value.strip():
            self.fail(node, f"{about} must be text, got {_kind(node)}.")
        if "\0" in node.value:
            self.fail(node, f"{about} has a zero byte.")
        return node.value

    def items(self, node: Node | None, about: str) -> list[Node]:
        """Items of a list; none where there is nothing."""
        if node is None or node.value is None:
            return []
        if not isinstance(node.value, list):
            self.fail(node, f"{about} must be a list, got {_kind(node)}.")
        return node.value

    def mapping(self, node: Node | None, about: str) -> dict[str, Node]:
        """A mapping; empty where there is nothing."""
        if node is None or node.value is None:
            return {}
        if not isinstance(node.value, dict):
            self.fail(node, f"{about} must be a mapping, got {_kind(node)}.")
        return node.value

    def fields(self, node: Node, about: str, known: tuple[str, ...]) -> dict[str, Node]:
        """A mapping that has no other fields than those known."""
        given = self.mapping(node, about)
        for name, value in given.items():
            if name not in known:
                meant = guess(name, known)
                self.fail(value, f"{about}: field {short(name)} is unknown{meant}")
        return given

    def fail(self, node: Node, message: str) -> NoReturn:
        """Raise a ValueError that names file and line."""
        fail_at(self.path, node.line, message)


def _kind(node: Node) -> str:
    if isinstance(node.value, str):
        return short(node.value, 60)
    if node.value is None:
        return "nothing"
    return "a list" if isinstance(node.value, list) else "a mapping"
