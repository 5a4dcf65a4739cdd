"""FrameStore: the rows of the source, once, checked, and nothing kept open."""

import gc
import os
import shutil
import tempfile
import weakref
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import parallel_config

from skcrosstask import Video
from skcrosstask.learning.rows import _reading, _store_files
from skcrosstask.learning.rows._reading import all_rows, read_rows
from skcrosstask.learning.rows._store import FrameStore
from skcrosstask.learning.rows._store_files import free_memory


def some_videos(tmp_path, n_features=5):
    """Videos in memory and in files, of every float type, and units of each."""
    rng = np.random.default_rng(0)
    videos, units = [], []
    for i, dtype in enumerate(["f4", "f2", "f8", "f4", "i2", ">f8"]):
        features = (10 * rng.normal(size=(8 + i, n_features))).astype(dtype)
        if i % 2:
            np.save(tmp_path / f"v{i}.npy", features)
            features = tmp_path / f"v{i}.npy"
        videos.append(Video(features, name=f"v{i}"))
        units.append(np.sort(rng.choice(8 + i, 2 + i, replace=False)))
    units[3] = np.empty(0, dtype=np.int64)
    units[4] = units[4][::-1]
    return videos, units


def test_rows(tmp_path):
    videos, units = some_videos(tmp_path)
    store = FrameStore(videos, units, n_features=5)
    assert store.data.dtype == np.float32
    assert store.data.flags.c_contiguous
    assert len(store.data) == sum(map(len, units))
    total = 0.0
    for i, video in enumerate(videos):
        expected = np.asarray(video.open()[units[i]], dtype=np.float32)
        np.testing.assert_array_equal(store.rows(i), expected)
        assert np.shares_memory(store.rows(i), store.data) == bool(len(expected))
        total += np.abs(expected.astype(np.float64)).sum()
    assert store.mean_norm == pytest.approx(total / len(store.data), rel=1e-6)
    assert isinstance(store.mean_norm, float)


@pytest.mark.parametrize("n_jobs", [2, 3])
def test_jobs(tmp_path, n_jobs):
    videos, units = some_videos(tmp_path)
    one = FrameStore(videos, units, 5, n_jobs=1)
    many = FrameStore(videos, units, 5, n_jobs=n_jobs)
    assert one.data.tobytes() == many.data.tobytes()
    assert one.mean_norm == many.mean_norm


def test_inside_a_backend_of_processes(tmp_path):
    # Rows that a process fills would be lost with it.
    videos, units = some_videos(tmp_path)
    expected = FrameStore(videos, units, 5)
    with parallel_config("loky", n_jobs=2):
        store = FrameStore(videos, units, 5)
    np.testing.assert_array_equal(store.data, expected.data)


def test_half_precision(tmp_path):
    videos, units = some_videos(tmp_path)
    full = FrameStore(videos, units, 5)
    half = FrameStore(videos, units, 5, dtype="float16")
    assert half.data.dtype == np.uint16
    assert half.data.nbytes == full.data.nbytes / 2
    for i in range(len(videos)):
        np.testing.assert_array_equal(half.rows(i), full.rows(i).astype(np.float16))
    assert half.mean_norm == full.mean_norm


def test_half_precision_has_bounds():
    video = Video(np.array([[1.0, 2.0], [3.0, -1e5]]), name="loud")
    with pytest.raises(ValueError, match=r"loud.*within 65504.*-100000.*time 1"):
        FrameStore([video], [np.array([0, 1])], 2, dtype="float16")


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_rows_beyond_the_memory_go_to_a_file(tmp_path, dtype):
    videos, units = some_videos(tmp_path)
    here = FrameStore(videos, units, 5, dtype=dtype)
    there = FrameStore(videos, units, 5, dtype=dtype, max_memory=here.data.nbytes - 1)
    assert (here.place, there.place) == ("memory", "temporary file")
    assert FrameStore(videos, units, 5, max_memory=1e9).place == "memory"
    np.testing.assert_array_equal(here.data, there.data)
    assert here.mean_norm == there.mean_norm


def test_free_memory():
    assert free_memory() > 1e6


@contextmanager
def file_size_limit(n_bytes):
    """As a full disk, for files that would be larger."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class TestKeptRows:
    def store(self, tmp_path, videos, units, **options):
        return FrameStore(videos, units, 5, folder=tmp_path / "kept", **options)

    def test_are_found_again(self, tmp_path, monkeypatch):
        videos, units = some_videos(tmp_path)
        first = self.store(tmp_path, videos, units)
        monkeypatch.setattr("skcrosstask.learning.rows._packing.read_rows", None)
        again = self.store(tmp_path, videos, units)
        np.testing.assert_array_equal(again.data, first.data)
        assert again.mean_norm == first.mean_norm
        assert again.place == first.place
        # Kernels are compiled for arrays that can be written; the file is not.
        again.data[:] = 0
        np.testing.assert_array_equal(
            self.store(tmp_path, videos, units).data, first.data
        )

    def test_are_not_those_of_others(self, tmp_path):
        videos, units = some_videos(tmp_path)
        places = {self.store(tmp_path, videos, units).place}
        places.add(self.store(tmp_path, videos, units, dtype="float16").place)
        places.add(self.store(tmp_path, videos[::-1], units[::-1]).place)
        other = [units[0][::-1], *units[1:]]
        places.add(self.store(tmp_path, videos, other).place)
        changed = [Video(videos[0].features + 1), *videos[1:]]
        places.add(self.store(tmp_path, changed, units).place)
        np.save(videos[1].features, np.load(videos[1].features).astype("f8") + 1)
        places.add(self.store(tmp_path, videos, units).place)
        assert len(places) == 6

    def test_a_broken_file_is_not_used(self, tmp_path):
        videos, units = some_videos(tmp_path)
        first = self.store(tmp_path, videos, units)
        np.save(first.place, np.zeros((3, 5), np.float32))
        again = self.store(tmp_path, videos, units)
        assert again.data.shape == first.data.shape
        np.testing.assert_array_equal(again.data, FrameStore(videos, units, 5).data)

    @pytest.mark.parametrize("dtype", ["float32", "float16"])
    def test_a_damaged_file_is_made_again(self, tmp_path, dtype):
        videos, units = some_videos(tmp_path)
        place = Path(self.store(tmp_path, videos, units, dtype=dtype).place)
        whole, notes = place.read_bytes(), place.with_suffix(".json")
        record = notes.read_bytes()
        middle = len(whole) - 40
        damages = [
            whole[:middle],
            whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            whole[:128] + bytes(len(whole) - 128),
            b"",
        ]
        for damaged in damages:
            place.write_bytes(damaged)
            self.store(tmp_path, videos, units, dtype=dtype)
            assert (place.read_bytes(), notes.read_bytes()) == (whole, record)
        for damaged in (b"", b"{}", b"[]", b'{"mean_norm": 1.0}', record[:-5]):
            notes.write_bytes(damaged)
            self.store(tmp_path, videos, units, dtype=dtype)
            assert (place.read_bytes(), notes.read_bytes()) == (whole, record)
        assert len(list(place.parent.iterdir())) == 2

    def test_a_file_is_summed_once_by_a_process_until_it_changes(
        self, tmp_path, monkeypatch
    ):
        videos, units = some_videos(tmp_path)
        place = Path(self.store(tmp_path, videos, units).place)
        summed, checksum = [], _store_files._checksum
        monkeypatch.setattr(
            _store_files, "_checksum", lambda rows: summed.append(1) or checksum(rows)
        )
        self.store(tmp_path, videos, units)
        self.store(tmp_path, videos, units)
        assert len(summed) == 2  # it is too young to be trusted
        os.utime(place, ns=(10**18, 10**18))
        for _ in range(3):
            self.store(tmp_path, videos, units)
        assert len(summed) == 3
        os.utime(place, ns=(10**18, 10**18 + 1))
        self.store(tmp_path, videos, units)
        assert len(summed) == 4

    @pytest.mark.skipif(os.name == "nt", reason="open files cannot be removed")
    def test_removed_while_in_use(self, tmp_path):
        videos, units = some_videos(tmp_path)
        store = self.store(tmp_path, videos, units)
        found = self.store(tmp_path, videos, units)
        shutil.rmtree(tmp_path / "kept")
        np.testing.assert_array_equal(found.data, store.data)
        assert Path(self.store(tmp_path, videos, units).place).exists()

    def test_no_room(self, tmp_path):
        videos, units = some_videos(tmp_path)
        videos.append(Video(np.ones((5000, 5))))
        units.append(np.arange(5000))
        for options, folder in (
            ({"folder": tmp_path / "kept"}, tmp_path / "kept"),
            ({"max_memory": 0}, tempfile.gettempdir()),
        ):
            with file_size_limit(50_000), pytest.raises(OSError) as caught:  # noqa: PT011
                FrameStore(videos, units, 5, **options)
            assert "no room for 0.0001 GB of packed rows" in str(caught.value)
            assert caught.value.filename == str(folder)
        assert list((tmp_path / "kept").iterdir()) == []

    def test_an_unfinished_file_is_removed(self, tmp_path):
        videos, units = some_videos(tmp_path)
        videos[-1] = Video(np.full(videos[-1].shape, np.nan))
        with pytest.raises(ValueError, match="finite"):
            self.store(tmp_path, videos, units)
        assert list((tmp_path / "kept").iterdir()) == []

    def test_nothing_to_keep(self, tmp_path):
        store = self.store(tmp_path, [Video(np.ones((3, 5)))], [np.empty(0, np.int64)])
        assert store.data.shape == (0, 5)


def test_nothing_to_keep():
    store = FrameStore([Video(np.ones((3, 2)))], [np.empty(0, dtype=np.int64)], 2)
    assert store.data.shape == (0, 2)
    assert store.rows(0).shape == (0, 2)
    assert store.mean_norm == 0.0


def test_progress(tmp_path):
    videos, units = some_videos(tmp_path)
    calls = []
    FrameStore(videos, units, 5, progress=lambda *numbers: calls.append(numbers))
    assert calls == [()] * 6


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize(
    ("dtype", "value", "shown"),
    [
        ("f2", np.inf, "inf"),
        ("f4", np.nan, "nan"),
        ("f8", -np.inf, "-inf"),
        ("f8", 1e39, "inf"),
        ("f8", -1e300, "-inf"),
    ],
)
def test_not_finite(tmp_path, dtype, value, shown, n_jobs):
    features = np.zeros((9, 4), dtype=dtype)
    features[6, 2] = value
    np.save(tmp_path / "bad.npy", features)
    good = Video(np.zeros((9, 4)), name="good")
    units = [np.array([0]), np.array([1, 3, 6])]
    message = rf"video 'bad': features must be finite .* found {shown} at time 6\."
    for source in (features, tmp_path / "bad.npy"):
        videos = [good, Video(source, name="bad")]
        with pytest.raises(ValueError, match=message):
            FrameStore(videos, units, 4, n_jobs=n_jobs)
        # What is not read is not judged.
        FrameStore(videos, [units[0], np.array([1, 3, 8])], 4, n_jobs=n_jobs)


def test_infinities_do_not_cancel():
    # Their sum is nan, and the first of them is named.
    features = np.zeros((5, 2))
    features[1, 0], features[3, 1] = np.inf, -np.inf
    with pytest.raises(ValueError, match=r"clip: .* found inf at time 1\."):
        read_rows(features, slice(None), "clip")
    with pytest.raises(ValueError, match=r"found -inf at time 3\."):
        read_rows(features, slice(2, 5), "clip")


def test_largest_floats_are_finite():
    features = np.full((50, 30), np.finfo(np.float32).max)
    assert np.isfinite(read_rows(features, np.arange(50), "clip")).all()


@given(
    first=st.integers(0, 8),
    n=st.integers(0, 9),
    dtype=st.sampled_from(["f2", "f4", "f8"]),
    order=st.sampled_from("CF"),
)
@settings(max_examples=40, deadline=None)
def test_read_rows(first, n, dtype, order):
    features = np.asarray(np.arange(24).reshape(8, 3), dtype=dtype, order=order)
    expected = np.arange(24, dtype=np.float32).reshape(8, 3)[first : first + n]
    for units in (slice(first, first + n), np.arange(8)[first : first + n]):
        out = np.full(expected.shape, -1.0, dtype=np.float32)
        found = read_rows(features, units, "clip")
        assert found.dtype == np.float32
        assert found.flags.c_contiguous
        np.testing.assert_array_equal(found, expected)
        assert read_rows(features, units, "clip", out=out) is out
        np.testing.assert_array_equal(out, expected)


class WatchedVideo(Video):
    """Remembers, weakly, each memory map that it opened."""

    opened: list = []  # noqa: RUF012

    def open(self):
        features = super().open()
        self.opened.append(weakref.ref(features))
        alive = sum(ref() is not None for ref in self.opened)
        self.most[0] = max(self.most[0], alive)
        return features

    most: list = [0]  # noqa: RUF012


def test_no_map_is_kept(tmp_path):
    # 4,000 videos at once would be more files than a process may hold.
    WatchedVideo.opened.clear()
    WatchedVideo.most[0] = 0
    np.save(tmp_path / "features.npy", np.zeros((20, 3), dtype=np.float32))
    videos = [WatchedVideo(tmp_path / "features.npy") for _ in range(30)]
    store = FrameStore(videos, [np.arange(0, 20, 3)] * 30, 3)
    gc.collect()
    assert len(WatchedVideo.opened) == 30
    assert all(ref() is None for ref in WatchedVideo.opened)
    assert WatchedVideo.most[0] <= 2
    base = store.data
    while base is not None:
        assert not isinstance(base, np.memmap)
        base = base.base


def test_missing_file_is_named(tmp_path):
    video = Video(tmp_path / "gone.npy")
    with pytest.raises(FileNotFoundError, match=r"video 'gone': .* is missing\."):
        FrameStore([video], [np.arange(2)], 3)


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("part", [slice(None), slice(2, 7), slice(None, None, 2)])
def test_all_rows(tmp_path, dtype, order, part, monkeypatch):
    rows = np.random.default_rng(0).normal(size=(9, 4)).astype(dtype)
    np.save(tmp_path / "v.npy", np.asarray(rows, order=order))
    expected = rows[part].astype("f4")
    for most in (0, 1 << 20):
        monkeypatch.setattr(_reading, "_MOST_BYTES", most)
        for mode in (None, "r"):
            features = np.load(tmp_path / "v.npy", mmap_mode=mode)
            if part != slice(None):  # a view of all is a part as well
                features = features[part]
            found = all_rows(features)
            np.testing.assert_array_equal(found, expected)
            assert (found.dtype, found.flags.c_contiguous) == (np.float32, True)


def test_mapped_files_are_read(tmp_path, monkeypatch):
    np.save(tmp_path / "v.npy", np.ones((9, 4), "f4"))
    read, fromfile = [], np.fromfile
    monkeypatch.setattr(
        np, "fromfile", lambda *a, **k: read.append(a) or fromfile(*a, **k)
    )
    all_rows(np.load(tmp_path / "v.npy", mmap_mode="r"))
    assert len(read) == 1
    monkeypatch.setattr(_reading, "_MOST_BYTES", 9 * 4 * 4 - 1)
    all_rows(np.load(tmp_path / "v.npy", mmap_mode="r"))
    assert len(read) == 1
