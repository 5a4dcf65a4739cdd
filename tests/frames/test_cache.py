import functools
import json

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from skcrosstask.frames._cache import Cache, encoder_name, file_identity, refuse_clashes

SETTINGS = {"encoder": "e", "rate": 1.0}


def encode(pictures, size=1):
    return pictures


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(bytes(range(256)) * 2000)
    return path


def test_what_is_stored_is_found(tmp_path, source):
    cache = Cache(tmp_path / "new" / "folder", SETTINGS)
    assert cache.find("a", source) is None
    path = cache.store("a", source, np.eye(3))
    assert path == tmp_path / "new" / "folder" / "a.npy"
    assert cache.find("a", source) == path
    np.testing.assert_array_equal(np.load(path), np.eye(3))


def test_a_damaged_file_is_not_found(tmp_path, source):
    cache = Cache(tmp_path, SETTINGS)
    path = cache.store("a", source, np.eye(3))
    whole = path.read_bytes()
    for damaged in (b"", whole[:-1], whole[:-1] + b"\1"):
        path.write_bytes(damaged)
        assert cache.find("a", source) is None
    path.write_bytes(whole)
    assert cache.find("a", source) == path
    # Earlier versions kept no sum.
    record = tmp_path / ".records" / "a.json"
    known = json.loads(record.read_text())
    del known["crc32"]
    record.write_text(json.dumps(known))
    assert cache.find("a", source) == path


def test_a_file_is_the_same_wherever_it_lies(tmp_path, source):
    other = tmp_path / "other.mp4"
    other.write_bytes(source.read_bytes())
    assert file_identity(other) == file_identity(source)


@pytest.mark.parametrize("at", [0, 256_010, 511_999])
def test_a_changed_file_is_another(tmp_path, source, at):
    cache = Cache(tmp_path, SETTINGS)
    cache.store("a", source, np.eye(3))
    content = bytearray(source.read_bytes())
    content[at] ^= 1
    source.write_bytes(content)
    assert cache.find("a", source) is None


def test_other_settings_are_refused(tmp_path, source):
    Cache(tmp_path, SETTINGS).store("a", source, np.eye(3))
    with pytest.raises(ValueError, match=r"'a': .*with rate 1.0, not 2.0; use another"):
        Cache(tmp_path, {**SETTINGS, "rate": 2.0}).find("a", source)


@pytest.mark.parametrize("record", [None, "", "[]", '{"settings": 3}', "{}"])
def test_files_of_others_are_left_alone(tmp_path, source, record):
    np.save(tmp_path / "a.npy", np.eye(3))
    if record is not None:
        (tmp_path / ".records").mkdir()
        (tmp_path / ".records" / "a.json").write_text(record)
    with pytest.raises(ValueError, match="nothing tells how it was made"):
        Cache(tmp_path, SETTINGS).find("a", source)


def test_an_interruption_leaves_nothing(tmp_path, source, monkeypatch):
    cache = Cache(tmp_path, SETTINGS)
    cache.store("a", source, np.eye(3))
    source.write_bytes(b"new")

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "save", interrupt)
    with pytest.raises(KeyboardInterrupt):
        cache.store("a", source, np.zeros((3, 3)))
    # Else the old features would be taken for those of the new file.
    assert cache.find("a", source) is None
    assert list(tmp_path.glob("*.npy")) == []


def test_the_folder_must_not_be_a_file(source):
    with pytest.raises(NotADirectoryError, match="is a file"):
        Cache(source, SETTINGS)


def test_names_of_encoders():
    assert encoder_name(encode) == f"{__name__}:encode"
    assert encoder_name(functools.partial(encode, size=2)).endswith(":encode(size=2)")
    scalers = StandardScaler(), StandardScaler(with_std=False)
    assert encoder_name(scalers[0]) != encoder_name(scalers[1])
    assert encoder_name(scalers[0]) == encoder_name(StandardScaler())


@pytest.mark.parametrize("names", [["a", "A"], ["a/b"], [".."], [""], [".a"], ["a\\b"]])
def test_names_that_cannot_be(names):
    with pytest.raises(ValueError, match="video "):
        refuse_clashes(names)
