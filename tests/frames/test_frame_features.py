import errno
import sys
import threading
import time

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from skcrosstask import Narration, Task, Video, WeaklySupervisedStepEstimator
from skcrosstask.frames import FrameFeatures, SimpleEncoder
from skcrosstask.frames._cache import Cache

# A rate that changes: still for seconds, then many pictures at once.
CHANGING = np.cumsum(
    [0, 3.3, 0.01, 0.02, 0.01, 0.4, 1.9, 0.03, 2.2, 0.3, 0.3, 4.7, 0.04]
)


@pytest.fixture(scope="module")
def clips(tmp_path_factory, write_clip, greys):
    """Four clips of a few seconds, ever lighter."""
    folder = tmp_path_factory.mktemp("clips")
    return [
        write_clip(folder / f"v{n}.mkv", greys(10 * n), np.arange(10 * n) / 10)
        for n in (3, 5, 4, 2)
    ]


class Odd(Exception):
    def __init__(self, text, number):
        super().__init__(f"{text} at {number}")


def spoil(path):
    path.write_bytes(b"not a video at all")
    return path


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0, 4.0])
def test_rows_are_within_half_a_period_at_a_changing_rate(
    tmp_path, write_clip, greys, brightness, rate
):
    path = tmp_path / "a.mkv"
    write_clip(path, greys(len(CHANGING)), CHANGING, codec="ffv1")
    video, = FrameFeatures(brightness, rate=rate).transform([path])  # fmt: skip
    light = np.array([grey.mean() for grey in greys(len(CHANGING))])
    shown = np.abs(video.features[:, :1] - light).argmin(axis=1)
    # Each picture is on the screen from its start to the next one's.
    stops = np.append(CHANGING[1:], np.inf)
    middles = (np.arange(len(shown)) + 0.5) / rate
    off = np.maximum(CHANGING[shown] - middles, middles - stops[shown])
    assert (off <= 0.5 / rate).all()
    assert (off <= 0.001).all()
    by_index = (np.arange(len(shown)) * len(CHANGING)) // len(shown)
    wrong = np.maximum(CHANGING[by_index] - middles, middles - stops[by_index])
    assert wrong.max() > 1


def test_all_else_is_kept(clips, brightness):
    task = Task("latte", ["a", "b"])
    narration = Narration(["a"], [[0, 1]])
    video = Video(
        None, task, [[0, 0, 2]], [[1, 1, 2]], "x", narration=narration, source=clips[0]
    )
    made, = FrameFeatures(brightness, rate=2).fit_transform([video])  # fmt: skip
    assert made.features.shape == (6, 2)
    assert made.features.dtype == np.float32
    assert (made.name, made.rate, made.source) == ("x", 2.0, clips[0])
    assert made.task is task
    assert made.narration is narration
    np.testing.assert_array_equal(made.windows, video.windows)
    np.testing.assert_array_equal(made.annotation, video.annotation)


def test_paths_are_videos(clips, brightness):
    made = FrameFeatures(brightness).transform([clips[0], str(clips[1])])
    assert [video.name for video in made] == ["v3", "v5"]
    assert [video.shape for video in made] == [(3, 2), (5, 2)]


@pytest.mark.parametrize("n_jobs", [2, -1])
def test_threads_change_nothing(clips, tmp_path, n_jobs):
    one = FrameFeatures(size=32, rate=3).transform(clips)
    many = FrameFeatures(size=32, rate=3, n_jobs=n_jobs).transform(clips)
    FrameFeatures(size=32, rate=3, n_jobs=n_jobs, folder=tmp_path).transform(clips)
    for a, b in zip(one, many, strict=True):
        assert a.name == b.name
        np.testing.assert_array_equal(a.features, b.features)
        np.testing.assert_array_equal(a.features, np.load(tmp_path / f"{a.name}.npy"))


def test_the_encoder_runs_once_at_a_time(clips):
    running = threading.Lock()

    def encoder(pictures):
        assert running.acquire(blocking=False)
        time.sleep(0.005)
        running.release()
        return np.ones((len(pictures), 1))

    FrameFeatures(encoder, size=16, batch_size=1, n_jobs=4).transform(clips)


def test_what_is_in_the_folder_is_not_made_again(clips, tmp_path):
    seen = []

    def encoder(pictures):
        seen.append(len(pictures))
        return np.ones((len(pictures), 2))

    features = FrameFeatures(encoder, size=16, folder=tmp_path / "new")
    first = features.transform(clips[:2])
    assert [v.features for v in first] == [
        tmp_path / "new" / f"v{n}.npy" for n in (3, 5)
    ]
    assert seen == [3, 5]
    again = features.transform(clips[:3])
    assert seen == [3, 5, 4]
    assert [video.shape for video in again] == [(3, 2), (5, 2), (4, 2)]
    with pytest.raises(ValueError, match=r"made with rate 1\.0, not 2\.0"):
        clone(features).set_params(rate=2).transform(clips[:1])


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_an_interruption_keeps_what_is_done(clips, tmp_path, n_jobs):
    def encoder(pictures):
        if len(pictures) == 2 or stop.is_set():
            stop.set()
            raise KeyboardInterrupt
        return np.ones((len(pictures), 2))

    stop = threading.Event()
    features = FrameFeatures(encoder, size=16, folder=tmp_path, n_jobs=n_jobs)
    with pytest.raises(KeyboardInterrupt):
        features.transform([*clips[:2], clips[3], clips[2]])
    names = {path.name for path in tmp_path.glob("*.npy")}
    assert names >= ({"v3.npy", "v5.npy"} if n_jobs is None else set())
    assert "v2.npy" not in names
    for name in names:
        assert np.load(tmp_path / name).shape[1] == 2


def test_a_broken_video_is_an_error(clips, tmp_path, brightness):
    broken = spoil(tmp_path / "broken.mp4")
    with pytest.raises(ValueError, match=r"video 'broken': .*cannot be opened"):
        FrameFeatures(brightness).transform([clips[0], broken])


def test_a_broken_video_can_be_left_out(clips, tmp_path, brightness):
    broken, missing = spoil(tmp_path / "broken.mp4"), tmp_path / "missing.mp4"
    features = FrameFeatures(brightness, on_error="skip")
    with pytest.warns(UserWarning, match="left out 2 of 4 videos: ") as caught:
        made = features.transform([broken, clips[0], missing, clips[1]])
    assert [video.name for video in made] == ["v3", "v5"]
    (report,) = [str(warning.message) for warning in caught]
    assert report.index("video 'broken': ") < report.index("video 'missing': ")
    assert caught[0].filename == __file__


def test_a_function_is_told_what_is_left_out(clips, tmp_path):
    def encoder(pictures):
        if len(pictures) == 5:
            raise Odd("out of memory", 5)
        return np.ones((len(pictures), 2))

    told = []
    features = FrameFeatures(
        encoder, size=16, on_error=lambda video, error: told.append((video, error))
    )
    made = features.transform([*clips[:2], tmp_path / "missing.mp4"])
    assert [video.name for video in made] == ["v3"]
    assert [video.name for video, _ in told] == ["v5", "missing"]
    assert isinstance(told[0][1], Odd)
    assert isinstance(told[1][1], FileNotFoundError)
    with pytest.warns(UserWarning, match="1 of 2 videos: video 'v5': .*out of memory"):
        features.set_params(on_error="skip").transform(clips[:2])
    with pytest.raises(Odd):
        clone(features).set_params(on_error="raise").transform(clips[:2])


def test_a_full_disk_is_not_a_video_s_fault(clips, tmp_path, brightness, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Cache, "store", full)
    features = FrameFeatures(brightness, size=16, folder=tmp_path, on_error="skip")
    with pytest.raises(OSError, match="No space left"):
        features.transform(clips)


def test_mistakes_are_found_before_the_work(clips, tmp_path):
    def encoder(pictures):
        pytest.fail("a file is missing")

    with pytest.raises(FileNotFoundError, match="'gone'"):
        FrameFeatures(encoder).transform([clips[0], tmp_path / "gone.mp4"])


def test_an_encoder_s_mistake_is_not_left_out(clips):
    features = FrameFeatures(lambda pictures: np.ones(3), on_error="skip")
    with pytest.raises(ValueError, match="video 'v3': the encoder must"):
        features.transform(clips)


def test_widths_agree(clips, brightness):
    features = FrameFeatures(lambda p: np.ones((len(p), len(p))))
    with pytest.raises(
        ValueError, match="'v5': has 5 features a row, but video 'v3' h"
    ):
        features.transform(clips[:2])


def test_what_is_lost_is_told_at_the_line_of_the_call(
    tmp_path, write_clip, greys, brightness
):
    path = write_clip(tmp_path / "a.mkv", greys(50), np.arange(50) / 10, codec="ffv1")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    for n_jobs in 1, 2:
        features = FrameFeatures(brightness, n_jobs=n_jobs)
        with pytest.warns(UserWarning, match=r"video 'a': the last .* lost") as caught:
            features.transform([path])
        assert caught[0].filename == __file__


def test_names_must_differ_in_a_folder(clips, tmp_path, brightness):
    videos = [Video(None, source=path, name="same") for path in clips[:2]]
    assert len(FrameFeatures(brightness).transform(videos)) == 2
    with pytest.raises(ValueError, match="'same': another video has the same name"):
        FrameFeatures(brightness, folder=tmp_path).transform(videos)


@pytest.mark.parametrize(
    ("X", "kind", "problem"),
    [
        ([], ValueError, "X is empty"),
        ("clip.mp4", TypeError, "wrap a single one"),
        ([3], TypeError, r"X\[0\] must be a Video or a path, got a int"),
        ([Video(np.ones((2, 2)), name="a")], ValueError, "'a': has no source"),
    ],
)
def test_other_inputs_are_refused(X, kind, problem, brightness):
    with pytest.raises(kind, match=problem):
        FrameFeatures(brightness).transform(X)


@pytest.mark.parametrize(
    "bad",
    [
        {"encoder": 3}, {"rate": 0}, {"rate": np.inf}, {"size": 8}, {"batch_size": 0},
        {"folder": 3}, {"n_frames": 0}, {"on_error": "ignore"}, {"n_jobs": 1.5},
    ],
)  # fmt: skip
def test_parameters_are_checked(clips, bad):
    for method in "fit", "transform":
        with pytest.raises(ValueError, match=f"The '{next(iter(bad))}' parameter"):
            getattr(FrameFeatures(**bad), method)(clips)


def test_without_pyav_it_says_what_to_install(clips, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(
        ImportError, match="needs PyAV; install it with: pip install av"
    ):
        FrameFeatures().transform(clips)


def test_progress_is_on_standard_error(clips, tmp_path, brightness, capsys):
    features = FrameFeatures(brightness, size=16, folder=tmp_path, verbose=1)
    features.transform(clips[:1])
    assert "encoding: 1 of 1 video" in capsys.readouterr().err
    features.transform(clips)
    out, err = capsys.readouterr()
    assert "1 video made before" in err
    assert "encoding: 3 of 3 videos" in err
    assert out == ""


def test_steps_are_found_from_video_files(tmp_path, write_clip, photographs):
    """Two photographs in a known order, learnt from files alone."""
    task = Task("tour", ["see china", "see flower"])
    scenes = [p[:96, :96].copy() for p in photographs]
    blank = np.full_like(scenes[0], 128)
    videos = []
    for i, (a, b) in enumerate([(2, 6), (4, 9), (1, 5), (5, 8), (3, 7), (2, 8)]):
        shown = [blank] * 12
        shown[a : a + 2], shown[b : b + 2] = [scenes[0]] * 2, [scenes[1]] * 2
        path = write_clip(tmp_path / f"t{i}.mp4", [*shown, blank], np.arange(13))
        truth = [[0, a, a + 2], [1, b, b + 2]]
        windows = [[0, max(a - 1, 0), a + 3], [1, b - 1, b + 3]]
        videos.append(Video(None, task, windows, truth, source=path))
    features = FrameFeatures(SimpleEncoder(), size=64)
    model = make_pipeline(features, WeaklySupervisedStepEstimator(random_state=0))
    made = features.transform(videos)
    assert model.fit(videos, [task] * 6)[-1].score(made) > 0.8
