"""Files of features: `.npy`, `.npz`, and addresses."""

import sys
import zipfile

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skcrosstask import FeaturesFirst, Video
from skcrosstask._data import feature_file

ROWS = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)


def read(features):
    return np.asarray(Video(features, name="v1").open())


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize(
    "array",
    [ROWS, np.asfortranarray(ROWS), ROWS.astype(">f8"), (9 * ROWS).astype(">i2")],
    ids=["C", "F", "big-endian", "integers"],
)
def test_archives(save, array, tmp_path):
    save(tmp_path / "one.npz", array)
    save(tmp_path / "two.npz", flow=array, rgb=-array)
    assert_array_equal(read(tmp_path / "one.npz"), array.astype(np.float32))
    assert_array_equal(read(f"{tmp_path}/two.npz:rgb"), -array.astype(np.float32))
    flipped = FeaturesFirst(f"{tmp_path}/two.npz:flow")
    assert Video(flipped).shape == (3, 40)
    assert str(Video(flipped)) == "video 'two'"
    assert_array_equal(read(flipped), array.astype(np.float32).T)


def test_archives_are_mapped_where_they_can_be(tmp_path):
    np.savez(tmp_path / "v.npz", np.zeros(4), rows=ROWS)
    opened = Video(f"{tmp_path}/v.npz:rows").open()
    assert isinstance(opened, np.memmap)
    assert not opened.flags.writeable


def test_which_array_must_be_clear(tmp_path):
    np.savez(tmp_path / "v.npz", a=ROWS, b=ROWS)
    path = tmp_path / "v.npz"
    for source, message in [
        (path, "holds 2 arrays: 'a', 'b'; name one, as in file.npz:a."),
        (f"{path}:c", "has no array 'c'; it holds 'a', 'b'."),
        (f"{tmp_path}/w.npz:c", f"features file '{tmp_path}/w.npz' is missing."),
    ]:
        with pytest.raises((ValueError, FileNotFoundError)) as error:
            read(source)
        assert str(error.value).startswith("video 'v1': features file ")
        assert message in str(error.value)


class Bomb:
    def __reduce__(self):
        return exec, ("raise SystemExit('unpickled')",)


def test_nothing_is_unpickled(tmp_path):
    objects = np.array([[Bomb()]], dtype=object)
    np.save(tmp_path / "v.npy", objects)
    np.savez(tmp_path / "v.npz", objects)
    np.savez_compressed(tmp_path / "w.npz", objects)
    for name in ("v.npy", "v.npz", "w.npz"):
        with pytest.raises(ValueError, match="video 'v1': features file"):
            read(tmp_path / name)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_damage_anywhere_is_an_error_that_names_the_file(save, tmp_path):
    path = tmp_path / "v.npz"
    save(path, ROWS)
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at])
        with pytest.raises(ValueError, match="video 'v1': features"):
            read(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("arr_0.npy", "no array")
    with pytest.raises(ValueError, match="video 'v1': features"):
        read(path)


@pytest.fixture
def remote(tmp_path, monkeypatch):
    """An address that serves one file, and the folder where copies are kept."""
    fsspec = pytest.importorskip("fsspec")
    monkeypatch.setenv("SKCROSSTASK_CACHE", str(tmp_path / "cache"))
    np.savez(tmp_path / "v.npz", flow=ROWS, rgb=-ROWS)
    memory = fsspec.filesystem("memory")
    memory.pipe("/features/v.npz", (tmp_path / "v.npz").read_bytes())
    yield memory
    memory.store.clear()


def test_an_address_is_fetched_once(remote, tmp_path):
    url = "memory://features/v.npz"
    assert_array_equal(read(f"{url}:rgb"), -ROWS)
    remote.rm("/features/v.npz")
    assert_array_equal(read(f"{url}:flow"), ROWS)
    (copy,) = (tmp_path / "cache" / "features").iterdir()
    assert feature_file(f"{url}:flow") == (copy, "flow")
    assert feature_file(ROWS) is None


def test_an_address_that_fails(remote, tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"'memory://no.npy' is missing"):
        read("memory://no.npy")
    with pytest.raises(ValueError, match="features file 'what://no"):
        read("what://no.npy")
    assert not list((tmp_path / "cache" / "features").iterdir())
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ImportError, match=r"pip install 'skcrosstask\[remote\]'"):
        read("memory://features/v.npz")
