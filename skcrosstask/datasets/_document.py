"""YAML, JSON and CSV as one kind of tree, whose nodes know their lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from skcrosstask._extras import import_extra
from skcrosstask._files import csv_rows, require_file
from skcrosstask._progress import short

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["Node", "fail_at", "read_document"]

_MOST_BYTES = 64 << 20
_MOST_DEPTH = 12
_TOKEN = re.compile(
    r'[ \t\r\n]*([{}\[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}\[\],:"]+)[ \t\r\n]*'
)
_NOTHING = ("", "~", "null", "Null", "NULL")


@dataclass
class Node:
    """A value of a document: text, a list, a mapping, or None, and its line.

    The line of a value in a mapping is that of its key. Numbers are text too: only
    who knows the field knows whether 007 is a number or a name.
    """

    value: str | list[Node] | dict[str, Node] | None
    line: int


def read_document(path: PathLike) -> Node:
    """Read a file whose suffix is .yaml, .yml, .json or .csv.

    Parameters
    ----------
    path : path
        The file, in UTF-8. A row of CSV becomes a mapping without empty cells.

    Returns
    -------
    Node
        Of CSV, the list of rows.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ImportError
        If it is YAML, and PyYAML is not installed.
    ValueError
        If it is malformed; the message names file and line.
    """
    path = Path(path)
    require_file(path, "Collection")
    parsers = {".yaml": _parse_yaml, ".yml": _parse_yaml, ".json": _parse_json}
    parse = {**parsers, ".csv": _parse_csv}.get(path.suffix.lower())
    if parse is None:
        raise ValueError(f"{path}: a collection is a .yaml, .json or .csv file.")
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{path}: larger than {_MOST_BYTES >> 20} MB.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 text: {error}.") from None
    return parse(text, path)


def fail_at(path: Path, line: int, message: str) -> NoReturn:
    """Raise a ValueError that names file and line."""
    raise ValueError(f"{path}, line {line}: {message}")


class _Builder:
    """Puts a tree together from what a parser meets, in order."""

    def __init__(self, path: Path):
        self.path = path
        self.root: Node | None = None
        self._open: list[Node] = []
        self._keys: list[Node | None] = []

    def add(self, node: Node, *, opens: bool = False) -> None:
        """Add a value or a key; with ``opens``, the next ones go into it."""
        if not self._open:
            self.root = node
        elif isinstance(parent := self._open[-1].value, list):
            parent.append(node)
        elif (key := self._keys[-1]) is None:
            self._keys[-1] = self._check_key(node)
            return
        else:
            assert isinstance(parent, dict)
            node.line = key.line
            parent[str(key.value)] = node
            self._keys[-1] = None
        if opens:
            if len(self._open) == _MOST_DEPTH:
                fail_at(self.path, node.line, "nested too deeply.")
            self._open.append(node)
            self._keys.append(None)

    def close(self) -> None:
        """End the list or mapping that was opened last."""
        self._open.pop()
        self._keys.pop()

    def _check_key(self, node: Node) -> Node:
        if not isinstance(node.value, str):
            fail_at(self.path, node.line, "a key must be text.")
        parent = self._open[-1].value
        if isinstance(parent, dict) and node.value in parent:
            first = parent[node.value].line
            place = f"a second {short(node.value)}; the first is in line {first}."
            fail_at(self.path, node.line, place)
        return node


def _parse_yaml(text: str, path: Path) -> Node:
    install = "'skcrosstask[manifest]'; JSON and CSV need nothing."
    yaml = import_extra("yaml", f"{path}: YAML", "PyYAML", install)
    builder = _Builder(path)
    # Events alone: no tag is looked up, no alias followed, and nothing constructed.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            _add_event(event, yaml, builder)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        fail_at(path, mark.line + 1 if mark else 1, f"not YAML: {error.problem}.")
    except yaml.YAMLError as error:
        # A character that YAML forbids; this error has no mark.
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        fault = getattr(error, "reason", type(error).__name__)
        fail_at(path, line, f"not YAML: {fault}.")
    return builder.root or Node(None, 1)


def _add_event(event: Any, yaml: Any, builder: _Builder) -> None:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        fail_at(builder.path, line, "anchors and aliases (& and *) are not read.")
    if getattr(event, "tag", None):
        fail_at(builder.path, line, f"tags are not read: {event.tag:.80}.")
    if isinstance(event, yaml.DocumentStartEvent) and builder.root is not None:
        fail_at(builder.path, line, "a second document; one is read.")
    if isinstance(event, yaml.ScalarEvent):
        nothing = event.style is None or event.style == ""
        nothing = nothing and event.value in _NOTHING
        builder.add(Node(None if nothing else event.value, line))
    elif isinstance(event, yaml.SequenceStartEvent):
        builder.add(Node([], line), opens=True)
    elif isinstance(event, yaml.MappingStartEvent):
        builder.add(Node({}, line), opens=True)
    elif isinstance(event, yaml.CollectionEndEvent):
        builder.close()


def _parse_json(text: str, path: Path) -> Node:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        fail_at(path, error.lineno, f"not JSON: {error.msg}.")
    except RecursionError:
        raise ValueError(f"{path}: nested too deeply.") from None
    except ValueError:  # of Python, which reads no whole number of so many digits
        raise ValueError(f"{path}: not JSON: a number has too many digits.") from None
    builder = _Builder(path)
    for token, line in _tokens(text):
        if token in "{[":
            builder.add(Node({} if token == "{" else [], line), opens=True)
        elif token in "}]":
            builder.close()
        elif token not in ",:":
            quoted = token.startswith('"')
            value = json.loads(token) if quoted else token
            builder.add(Node(None if value == "null" and not quoted else value, line))
    assert builder.root is not None
    return builder.root


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Tokens of text that is JSON, and their lines."""
    line, seen = 1, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", seen, found.start(1))
        seen = found.start(1)
        yield found[1], line


def _parse_csv(text: str, path: Path) -> Node:
    rows = csv_rows(text, path)
    first, header = next(rows, (1, []))
    names = [name.strip().lower() for name in header]
    for name in names:
        if not name or names.count(name) > 1:
            what = f"two columns {short(name)}" if name else "a column without a name"
            fail_at(path, first, f"{what}; the first line names the columns.")
    found = []
    for line, cells in rows:
        if any(cell.strip() for cell in cells[len(names) :]):
            fail_at(path, line, f"{len(cells)} cells, but {len(names)} columns.")
        pairs = zip(names, cells, strict=False)
        cell_nodes = {name: Node(cell.strip(), line) for name, cell in pairs}
        row = {name: node for name, node in cell_nodes.items() if node.value}
        found.append(Node(row, line))
    return Node(found, first)
