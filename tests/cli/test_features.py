import av
import numpy as np
import pytest


@pytest.fixture
def clips(tmp_path):
    """Folder of two clips, of 3 and 2 seconds."""
    folder = tmp_path / "clips"
    folder.mkdir()
    for name, seconds in ("a", 3), ("b", 2):
        with av.open(str(folder / f"{name}.mkv"), "w") as file:
            stream = file.add_stream("ffv1", rate=10, width=48, height=32)
            for i in range(10 * seconds):
                picture = np.full((32, 48, 3), 8 * i, np.uint8)
                frame = av.VideoFrame.from_ndarray(picture)
                file.mux(stream.encode(frame.reformat(format="yuv444p")))
            file.mux(stream.encode())
    return folder


@pytest.fixture
def encoders(tmp_path, monkeypatch):
    """Module of encoders in the current folder."""
    (tmp_path / "my_encoders.py").write_text(
        "import numpy as np\n"
        "def mean(pictures):\n"
        "    return pictures.mean(axis=(1, 2))\n"
        "class Motion:\n"
        "    n_frames = 2\n"
        "    def __call__(self, pictures):\n"
        "        return np.ptp(pictures.astype(float), axis=1).mean(axis=(1, 2))\n"
        "number = 3\n"
        "def fail(pictures):\n"
        "    raise ValueError('no layer of that name')\n"
    )
    monkeypatch.chdir(tmp_path)


def test_it_writes_one_file_a_video(run, clips, tmp_path, capsys):
    out = tmp_path / "new" / "out"
    assert run("features", clips, "--out", out, "--size", 32) == 0
    assert sorted(path.name for path in out.glob("*.npy")) == ["a.npy", "b.npy"]
    assert np.load(out / "a.npy").shape == (3, 256)
    printed = capsys.readouterr()
    assert printed.out == f"videos: 2, 5 rows of 256 features, 5 s; {out}\n"
    assert "encoding: 2 of 2 videos" in printed.err


def test_encoders_of_the_current_folder(run, clips, tmp_path, encoders):
    line = ("features", clips, "--size", 16, "--rate", 2, "--batch-size", 2, "--quiet")
    more = ("--n-jobs", 2)
    assert run(*line, "--out", "mean", "--encoder", "my_encoders:mean", *more) == 0
    assert np.load("mean/a.npy").shape == (6, 3)
    assert run(*line, "--out", "motion", "--encoder", "my_encoders:Motion") == 0
    # A row is half a second, and its pictures half of that apart.
    np.testing.assert_allclose(np.load("motion/b.npy"), 20, atol=6)


def test_it_goes_on_where_it_was(run, clips, tmp_path, capsys):
    line = ("features", "--out", tmp_path / "out", "--size", 16)
    assert run(*line, clips / "a.mkv") == 0
    before = (tmp_path / "out" / "a.npy").stat()
    capsys.readouterr()
    assert run(*line, clips) == 0
    assert "1 video made before" in capsys.readouterr().err
    after = (tmp_path / "out" / "a.npy").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_other_settings_are_an_error(run, clips, tmp_path, only_error):
    line = ("features", clips, "--out", tmp_path / "out", "--size", 16, "--quiet")
    assert run(*line) == 0
    assert run(*line, "--rate", 2) == 2
    assert "made with rate 1.0, not 2.0; use another folder" in only_error()


def test_clashes_are_an_error(run, clips, tmp_path, only_error):
    (tmp_path / "more").mkdir()
    (clips / "a.mkv").rename(tmp_path / "more" / "b.mkv")
    assert run("features", clips, tmp_path / "more", "--out", tmp_path / "out") == 2
    assert "video 'b': another video has the same name" in only_error()
    assert not (tmp_path / "out").exists()


def test_broken_videos(run, clips, tmp_path, capsys):
    (clips / "b.mkv").write_bytes(b"nothing")
    line = ("features", clips, "--out", tmp_path / "out", "--size", 16)
    assert run(*line, "--quiet") == 2
    assert "error: video 'b': " in capsys.readouterr().err
    assert run(*line, "--skip-broken") == 0
    printed = capsys.readouterr()
    assert "warning: video 'b'" in printed.err
    assert printed.out.startswith("videos: 1 of 2, 3 rows")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("mean", "must be MODULE:NAME, got 'mean'"),
        ("gone:mean", "No module named 'gone'"),
        ("my_encoders:median", "has no attribute 'median'"),
        ("my_encoders:number", "not a function, but a int"),
    ],
)
def test_encoders_that_are_none(run, clips, encoders, only_error, name, problem):
    assert run("features", clips, "--out", "out", "--encoder", name) == 2
    error = only_error()
    assert error.startswith("--encoder")
    assert problem in error


def test_an_encoder_s_error_tells_the_video(run, clips, encoders, only_error):
    line = ("features", clips, "--out", "out", "--quiet")
    assert run(*line, "--encoder", "my_encoders:fail") == 2
    error = only_error()
    assert error.startswith("no layer of that name")
    assert "rows 0 onwards of video 'a'" in error


@pytest.mark.parametrize(
    ("option", "value"),
    [("--rate", "0"), ("--rate", "nan"), ("--rate", "x"), ("--size", "8"),
     ("--batch-size", "0"), ("--n-frames", "0"), ("--n-jobs", "0")],
)  # fmt: skip
def test_options_are_checked(run, clips, option, value, capsys):
    with pytest.raises(SystemExit):
        run("features", clips, "--out", "out", option, value)
    assert option in capsys.readouterr().err


def test_nothing_there(run, tmp_path, only_error):
    assert run("features", tmp_path / "gone.mp4", "--out", tmp_path / "out") == 2
    assert "there is no such file or folder" in only_error()
