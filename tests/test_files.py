"""Files that appear whole or not at all, and rows of CSV with their lines."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask._files import (
    csv_rows,
    csv_text,
    refuse_target,
    replacing,
    require_file,
)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "times.csv"
    path.write_text("old")

    def fail():
        with replacing(path) as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_text() == "old"
    with replacing(path) as file:
        file.write(b"new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left(tmp_path):
    path = tmp_path / "fit.ckpt"
    (tmp_path / ".fit.ckpt.tmp").write_text("a half of a longer one")
    with replacing(path, alone=True) as file:
        file.write(b"new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_there_is_not_called_missing(tmp_path):
    file = tmp_path / "collection.yaml"
    file.write_text("")
    require_file(file, "Collection")
    require_file(tmp_path, "Folder", folder=True)
    for path, folder, kind, message in [
        (tmp_path, False, IsADirectoryError, "is a folder; a file was expected"),
        (file, True, NotADirectoryError, "is a file; a folder was expected"),
        (tmp_path / "collection.yml", False, FileNotFoundError, "collection.yaml'?"),
        (tmp_path / "no" / "x", True, FileNotFoundError, "is missing."),
        (tmp_path / "other", False, FileNotFoundError, "is missing."),
    ]:
        with pytest.raises(kind, match=r"^What '") as caught:
            require_file(path, "What", folder=folder)
        assert str(caught.value).endswith((message, f"{message}."))


def test_targets(tmp_path):
    refuse_target(tmp_path / "new.csv")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        refuse_target(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere' does not exist"):
        refuse_target(tmp_path / "nowhere" / "new.csv")


def test_a_folder_that_is_read_only(tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path)
    with pytest.raises(PermissionError, match="cannot be written to"):
        refuse_target(tmp_path / "new.csv")


def test_lines_of_rows():
    text = 'a,b\r\n\n"two\nlines",c\n , \nd,e'
    assert list(csv_rows(text, "f")) == [
        (1, ["a", "b"]),
        (3, ["two\nlines", "c"]),
        (6, ["d", "e"]),
    ]
    assert list(csv_rows("a\tb", "f", delimiter="\t")) == [(1, ["a", "b"])]
    with pytest.raises(ValueError, match="f, line 2: not CSV: unexpected end"):
        list(csv_rows('a\n"b', "f"))


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=6))
def test_round_trip(rows):
    text = csv_text(rows)
    assert "\r" not in text
    assert text == "" or list(csv.reader(io.StringIO(text, newline=""))) == rows
    found = [cells for _, cells in csv_rows(text, "f")]
    assert found == [row for row in rows if any(cell.strip() for cell in row)]
