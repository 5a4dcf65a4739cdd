"""YAML, JSON and CSV as one tree with lines."""

import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrosstask.datasets._document import Node, read_document


def plain(node):
    if isinstance(node.value, dict):
        return {name: plain(inner) for name, inner in node.value.items()}
    if isinstance(node.value, list):
        return [plain(inner) for inner in node.value]
    return node.value


def as_text(value):
    if isinstance(value, dict):
        return {name: as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    return value if value is None or isinstance(value, str) else json.dumps(value)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(value=VALUES, indent=st.sampled_from([None, 1]))
def test_json_is_what_json_says(tmp_path_factory, value, indent):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(value, indent=indent), encoding="utf-8")
    assert plain(read_document(path)) == as_text(value)


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_lines(suffix, tmp_path):
    path = tmp_path / f"c.{suffix}"
    path.write_text('{\n"a": [\n1,\n"x\\"}{"],\n"b": {"c": null}}\n')
    root = read_document(path)
    assert plain(root) == {"a": ["1", 'x"}{'], "b": {"c": None}}
    assert root.value["a"].line == 2
    assert [node.line for node in root.value["a"].value] == [3, 4]
    assert root.value["b"].value["c"] == Node(None, 5)


def test_yaml_text_stays_as_it_is_written(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("a: 007\nb: on\nc: 12:30\nd: ~\ne: '~'\nf:\ng: 2001-01-01\n")
    expected = {"a": "007", "b": "on", "c": "12:30", "d": None, "e": "~", "f": None}
    assert plain(read_document(path)) == {**expected, "g": "2001-01-01"}


def test_csv_rows_without_empty_cells(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text('\ufeffname,Task\nv1,\n\n"two\nlines",tea,,\n', encoding="utf-8")
    rows = read_document(path)
    assert plain(rows) == [{"name": "v1"}, {"name": "two\nlines", "task": "tea"}]
    assert [row.line for row in rows.value] == [2, 4]


BOMB = "a: &a [x, x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(9))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("c.yaml", "a: !!python/object/apply:os.system [ls]", "line 1: tags are not"),
        ("c.yaml", "a: 1\nb: !own 2", "line 2: tags are not read: !own."),
        ("c.yaml", BOMB, "line 1: anchors and aliases (& and *) are not read."),
        ("c.yaml", "a: 1\n---\nb: 2\n", "line 2: a second document; one is read."),
        (
            "c.yaml",
            "a: 1\nb: 2\na: 3\n",
            "line 3: a second 'a'; the first is in line 1",
        ),
        ("c.yaml", "a: [1\nb: 2\n", "line 2: not YAML: "),
        ("c.yaml", "a: \x01\n", "not YAML: "),
        ("c.yaml", "? [a]\n: b\n", "line 1: a key must be text."),
        ("c.yaml", "[" * 99 + "]" * 99, "line 1: nested too deeply."),
        ("c.json", "[" * 99 + "]" * 99, "line 1: nested too deeply."),
        ("c.json", "[" * 200_000, ": nested too deeply."),
        ("c.json", '{"a": 1,\n"a": 2}', "line 2: a second 'a'"),
        ("c.json", '{"a": 1,\n}', "line 2: not JSON: "),
        ("c.csv", "a,b\n1,2,3\n", "line 2: 3 cells, but 2 columns."),
        ("c.csv", "a,b,A\n", "line 1: two columns 'a'; the first line names"),
        ("c.csv", "a,,b\n", "line 1: a column without a name"),
        ("c.csv", 'a\n"b\n', "not CSV: "),
        ("c.toml", "", ": a collection is a .yaml, .json or .csv file."),
    ],
)
def test_errors_name_file_and_line(name, text, message, tmp_path):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"c\.") as error:
        read_document(path)
    assert str(error.value).startswith(str(path))
    assert message in str(error.value)
    assert len(str(error.value)) < 300 + len(str(path))


def test_what_is_not_there_or_not_text(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match="is missing"):
        read_document(tmp_path / "c.yaml")
    (tmp_path / "c.yaml").write_bytes(b"a: \xff")
    with pytest.raises(ValueError, match="is not UTF-8 text"):
        read_document(tmp_path / "c.yaml")
    monkeypatch.setattr("skcrosstask.datasets._document._MOST_BYTES", 1)
    with pytest.raises(ValueError, match="larger than"):
        read_document(tmp_path / "c.yaml")
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "yaml", None)
    (tmp_path / "c.yaml").write_text("a: 1")
    with pytest.raises(ImportError, match=r"pip install 'skcrosstask\[manifest\]'"):
        read_document(tmp_path / "c.yaml")
