"""Features made elsewhere: by processes and a cluster, as by threads."""

import io
import os
import pickle
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from joblib import parallel_config

from skcrosstask.frames import FrameFeatures, SimpleEncoder
from skcrosstask.frames._cache import Cache
from skcrosstask.frames._encoding import Encoding
from skcrosstask.frames._work import Made, Work, make
from skcrosstask.learning._shards import run_tasks


@pytest.fixture(scope="module")
def clips(tmp_path_factory, write_clip, greys):
    folder = tmp_path_factory.mktemp("clips")
    return [
        write_clip(folder / f"v{n}.mkv", greys(10 * n), np.arange(10 * n) / 10)
        for n in (3, 5, 4, 2)
    ]


@pytest.fixture(scope="module")
def expected(clips):
    made = FrameFeatures(size=32).transform(clips)
    return {video.name: video.features.tobytes() for video in made}


def bits(videos):
    return {video.name: video.open().tobytes() for video in videos}


class Odd(Exception):
    """Cannot be pickled."""

    def __init__(self, text, number):
        super().__init__(f"{text} at {number}")
        self.lock = threading.Lock()


class Counting:
    """Says how often it was loaded by this process, and its id; fails at five."""

    n_loaded = 0

    def __init__(self):
        self.loaded = False

    def __call__(self, pictures):
        if not self.loaded:
            self.loaded, self.number = True, Counting.n_loaded
            Counting.n_loaded += 1
        if len(pictures) == 5:
            error = Odd("no memory", 5)
            error.add_note("in a worker")
            raise error
        return np.full((len(pictures), 1), self.number)


def test_the_encoder_arrives_once():
    encoding = Encoding(SimpleEncoder(), 2.0, 32, 8, 3)
    one, two = (pickle.loads(pickle.dumps(encoding)) for _ in range(2))
    assert one is two
    assert (one.rate, one.size, one.batch_size, one.n_frames) == (2.0, 32, 8, 3)
    other = pickle.loads(pickle.dumps(replace(encoding, key="other")))
    assert other.encoder is not one.encoder


def test_what_another_made_meanwhile_is_not_made_again(clips, tmp_path):
    def fail(pictures):
        pytest.fail("it is there")

    cache = Cache(tmp_path, {"rate": 1.0})
    cache.store("v3", clips[0], np.ones((3, 2)))
    made = make(Work(7, clips[0], "v3", "v3"), Encoding(fail, 1.0, 16, 8), cache)
    assert (made.number, made.features, made.error) == (7, None, None)


def test_errors_travel():
    known = ValueError("no video")
    assert str(pickle.loads(pickle.dumps(Made(0, error=known))).error) == "no video"
    odd = Odd("no memory", 5)
    odd.add_note("in a worker")
    error = pickle.loads(pickle.dumps(Made(0, error=odd))).error
    assert isinstance(error, RuntimeError)
    assert str(error) == "Odd: no memory at 5"
    assert error.__notes__ == ["in a worker"]


def test_a_missing_package_is_nobody_s_fault(clips):
    def encoder(pictures):
        raise ImportError("no torch")

    with pytest.raises(ImportError, match="no torch"):
        make(Work(0, clips[0], "v3", "v3"), Encoding(encoder, 1.0, 16, 8), None)


def test_results_come_as_they_are_done():
    found = run_tasks(slow, [(0.3,), (0.0,), (0.0,)], n_jobs=2, in_order=False)
    assert list(found) == [0.0, 0.0, 0.3]
    found = run_tasks(slow, [(0.1,), (0.0,)], n_jobs=2)
    assert list(found) == [0.1, 0.0]


def slow(seconds):
    time.sleep(seconds)
    return seconds


def test_processes(clips, expected, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(clips[0].parent)
    names = [path.name for path in clips]  # relative, as is the folder
    folder = os.path.relpath(tmp_path)
    features = FrameFeatures(size=32, folder=folder, verbose=1)
    with parallel_config("loky", n_jobs=2):
        assert bits(FrameFeatures(size=32).transform(names)) == expected
        made = features.transform(names[:2])
        assert made[0].features == Path(folder) / "v3.npy"
        before = (tmp_path / "v3.npy").stat().st_mtime_ns
        assert bits(features.transform(names)) == expected
        assert (tmp_path / "v3.npy").stat().st_mtime_ns == before
    said = capsys.readouterr().err
    assert "encoding: 2 of 2 videos" in said
    assert "2 videos made before" in said


def test_a_process_loads_the_encoder_once_and_sends_its_errors(clips, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"nothing")
    files = [*clips, *(clips[0].with_name(f"v{n}.mkv") for n in (3, 4, 2)), broken]
    told = []
    features = FrameFeatures(
        Counting(), size=16, on_error=lambda *left: told.append(left)
    )
    with parallel_config("loky", n_jobs=2):
        made = features.transform(files)
    assert len(made) == 6
    assert {float(video.features.max()) for video in made} == {0.0}
    assert [video.name for video, _ in told] == ["v5", "broken"]
    assert str(told[0][1]).endswith("no memory at 5")
    assert any("video 'v5'" in note for note in told[0][1].__notes__)


def test_only_names_come_back(clips, tmp_path):
    cache = Cache(tmp_path, {"rate": 1.0})
    encoding = Encoding(SimpleEncoder(), 1.0, 32, 8)
    made = make(Work(0, clips[1], "v5", "v5"), encoding, cache)
    file = io.BytesIO()
    pickle.dump(made, file)
    assert len(file.getvalue()) < 500
    assert np.load(tmp_path / "v5.npy").shape == (5, 256)


def test_a_folder_that_only_the_worker_sees(clips, tmp_path, monkeypatch, brightness):
    monkeypatch.setattr(Cache, "store", lambda *args: None)
    with pytest.raises(FileNotFoundError, match=r"'v3'.* a folder that all machines"):
        FrameFeatures(brightness, folder=tmp_path).transform(clips)
