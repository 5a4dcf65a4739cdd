"""Files in folders: their names, and that they are whole."""

import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.results import StepTable
from skcrosstask.results._targets import file_names

KEYS = st.lists(
    st.tuples(st.text(max_size=300), st.sampled_from(["t", "a/b", ""])), unique=True
)


@given(keys=KEYS)
def test_names_are_files_and_differ(keys):
    names = file_names(keys)
    assert len({name.casefold() for name in names}) == len(keys)
    for name in names:
        assert name == os.path.basename(name)
        assert 0 < len(name.encode(errors="replace")) < 240
        assert name.strip(". ") == name
        assert not set('<>:"/\\|?*\0\n') & set(name)


def test_names_stay_where_they_will_do():
    keys = [("latte-3", "t"), ("été 1", "t"), ("../x", "t"), ("NUL.a", "t"), ("", "t")]
    assert file_names(keys) == ["latte-3", "été 1", "_x", "_NUL.a", "_"]


def test_a_file_for_each_video(table, tmp_path):
    folder = tmp_path / "chapters"
    assert table.to_vtt(folder) is None
    assert sorted(f.name for f in folder.iterdir()) == ["-x_1-.vtt", "v1.vtt"]
    assert (folder / "v1.vtt").read_text("utf-8") == table[:3].to_vtt()
    table.to_elan(folder)
    table.to_ffmetadata(folder)
    assert len([*folder.iterdir()]) == 6


def test_several_videos_need_a_folder(table, tmp_path):
    for path in (None, tmp_path / "all.vtt"):
        with pytest.raises(ValueError, match="holds 2 videos, and this format takes"):
            table.to_vtt(path)
    with pytest.raises(ValueError, match="holds 0 videos"):
        StepTable().to_vtt()
    assert not [*tmp_path.iterdir()]


def test_nothing_is_half_written(table, tmp_path, monkeypatch):
    table.to_csv(tmp_path / "t.csv")
    monkeypatch.setattr("os.fsync", lambda descriptor: 1 / 0)
    for write in (table.to_csv, table.to_json):
        with pytest.raises(ZeroDivisionError):
            write(tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text("utf-8") == table.to_csv()
    assert len([*tmp_path.iterdir()]) == 1


def test_faults_come_before_the_folder(tmp_path):
    rows = [("v", "t", 0, "x", float("nan"), float("nan"), 2.5)]
    with pytest.raises(ValueError, match="no start"):
        StepTable(rows).to_vtt(tmp_path / "chapters")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        StepTable(rows).to_csv(tmp_path / "none" / "t.csv")
    assert not [*tmp_path.iterdir()]


def test_pandas_is_optional(table, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="needs pandas"):
        table.to_frame()
