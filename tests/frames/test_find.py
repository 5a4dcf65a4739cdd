from pathlib import Path

import pytest

from skcrosstask.frames._find import find_videos


@pytest.fixture
def folder(tmp_path):
    for name in "b.mp4", "a.MKV", "notes.txt", ".hidden.mp4", "more/c.webm":
        path = tmp_path / "clips" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "clips"


def test_videos_in_folders_by_name(folder):
    found = [path.relative_to(folder) for path in find_videos([folder])]
    assert found == [Path("a.MKV"), Path("b.mp4"), Path("more/c.webm")]


def test_files_are_taken_as_they_are_and_once(folder):
    notes = folder / "notes.txt"
    assert find_videos([notes, folder / "b.mp4", folder])[:2] == [
        notes,
        folder / "b.mp4",
    ]
    assert len(find_videos([notes, folder / "b.mp4", folder])) == 4


def test_nothing_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="no video is in this folder"):
        find_videos([tmp_path])
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        find_videos([tmp_path / "gone.mp4"])
