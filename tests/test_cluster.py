"""A cluster of two processes: the same bits, and nothing to warn of."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from joblib import parallel_config

from skcrosstask import Video, WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.frames import FrameFeatures

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")

QUICK = {"n_passes": 1, "calibrate": False, "random_state": 0}


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def silent(client):
    """A cluster that would warn of a message of 2 MB; any warning is a failure."""
    limit = {"distributed.admin.large-graph-warning-threshold": "2 MB"}
    with (
        dask.config.set(limit),
        # Dask warns in a thread of its own, where an error would be lost.
        warnings.catch_warnings(record=True) as caught,
        parallel_config("dask"),
    ):
        warnings.simplefilter("always")
        yield
    assert [str(warning.message) for warning in caught] == []


@pytest.fixture(scope="module")
def filed(tmp_path_factory):
    """Videos of which all features together are 7 MB, in files."""
    folder = tmp_path_factory.mktemp("features")
    videos, _ = make_instructional_videos(4, n_features=1024, random_state=0)
    for i, video in enumerate(videos):
        path = folder / f"v{i}.npy"
        np.save(path, video.features)
        videos[i] = replace(video, features=path, name=path.stem)
    assert sum(np.prod(video.shape) * 4 for video in videos) > 7e6
    return videos


@pytest.fixture(scope="module")
def expected(filed):
    est = WeaklySupervisedStepEstimator(**QUICK, n_directions=16).fit(filed)
    return est, est.locate(filed)


@pytest.mark.usefixtures("silent")
def test_fit_and_locate(filed, expected, tmp_path):
    est = WeaklySupervisedStepEstimator(**QUICK, n_directions=16, store_folder=tmp_path)
    est.fit(filed)
    assert est.coef_.tobytes() == expected[0].coef_.tobytes()
    assert list(tmp_path.glob("rows-*.npy"))
    assert est.locate(filed) == expected[1]


@pytest.mark.usefixtures("silent")
def test_locate_sends_no_more_than_the_tasks_of_a_shard(filed, expected, monkeypatch):
    """A model of many words, of which each message has few."""
    est, table = expected
    scorer = type(est)._scorer

    def large(self, tasks):
        score = scorer(self, tasks)
        grown = [
            np.pad(a, [(0, 1000), *[(0, 0)] * (a.ndim - 1)]) for a in score.classifiers
        ]
        return replace(score, classifiers=type(score.classifiers)(*grown))

    monkeypatch.setattr(type(est), "_scorer", large)
    assert est.locate(filed) == table


@pytest.mark.usefixtures("silent")
def test_frame_features(tmp_path, clips):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"nothing")
    videos = [Video(None, source=path, name=path.stem) for path in (*clips, broken)]
    left = []
    there = FrameFeatures(
        size=16, folder=tmp_path / "f", on_error=lambda *each: left.append(each)
    ).transform(videos)
    assert [video.name for video, _ in left] == ["broken"]
    assert "'broken'" in str(left[0][1])
    with parallel_config("threading"):
        here = FrameFeatures(size=16).transform(videos[:-1])
    for a, b in zip(there, here, strict=True):
        assert a.features == tmp_path / "f" / f"{a.name}.npy"
        assert a.open().tobytes() == b.features.tobytes()


@pytest.fixture
def clips(tmp_path):
    """Six videos of some seconds."""
    av = pytest.importorskip("av")
    for i in range(6):
        with av.open(str(tmp_path / f"v{i}.mkv"), "w") as file:
            stream = file.add_stream("ffv1", rate=2, width=32, height=32)
            for j in range(6):
                picture = np.full((32, 32, 3), 20 * i + 10 * j, np.uint8)
                frame = av.VideoFrame.from_ndarray(picture).reformat(format="yuv444p")
                file.mux(stream.encode(frame))
            file.mux(stream.encode())
    return sorted(tmp_path.glob("v*.mkv"))
