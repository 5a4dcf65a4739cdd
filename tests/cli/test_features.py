import csv
import json

import av
import numpy as np
import pytest

from skcrosstask.datasets import load_manifest


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
        "class Needy:\n"
        "    def __init__(self, model): ...\n"
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
    last = printed.err.splitlines()[-2:]
    assert last[0] == "skcrosstask: warning: left out 1 of 2 videos:"
    assert last[1].startswith(f"skcrosstask:   b: '{clips / 'b.mkv'}' cannot be opened")
    assert printed.out.startswith("videos: 1 of 2, 3 rows")


def test_a_table_of_what_was_left_out(run, clips, tmp_path, encoders, only_error):
    table = tmp_path / "gone" / "skipped.csv"
    line = ("features", clips, "--out", tmp_path / "out", "--size", 16, "--quiet")
    assert run(*line, "--skipped", table) == 2
    assert "folder" in only_error()
    assert not (tmp_path / "out").exists()
    table.parent.mkdir()
    (clips / "b.mkv").write_bytes(b"nothing")
    assert run(*line, "--skipped", table) == 0
    with open(table, newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["video"], row["file"]) == ("b", str(clips / "b.mkv"))
    assert row["reason"].startswith(f"'{clips / 'b.mkv'}' cannot be opened")
    (clips / "b.mkv").unlink()
    assert run(*line, "--skipped", table) == 0
    assert table.read_text() == "video,file,reason\n"


def test_a_long_report_is_cut(run, clips, tmp_path, capsys):
    for i in range(23):
        (clips / f"x{i:02}.mp4").write_bytes(b"nothing")
    line = ("features", clips, "--out", tmp_path / "out", "--size", 16, "--quiet")
    assert run(*line, "--skip-broken") == 0
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 22
    assert told[-1] == "skcrosstask:   and 3 more: --skipped FILE lists all"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("mean", "must be MODULE:NAME, got 'mean'"),
        ("gone:mean", "No module named 'gone'"),
        ("my_encoders:median", "has no attribute 'median'"),
        ("my_encoders:number", "not a function, but a int"),
        ("my_encoders:Needy", "missing 1 required positional argument"),
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


# Collections


def write_manifest(folder, videos, **top):
    path = folder / "collection.json"
    tasks = {"t": {"steps": ["a", "b"]}}
    path.write_text(json.dumps({**top, "tasks": tasks, "videos": videos}))
    return path


def test_a_manifest_s_features_go_beside_it(run, clips, tmp_path, capsys):
    files = [{"source": "clips/a.mkv", "rate": 2}, {"source": "clips/b.mkv"}]
    write_manifest(tmp_path, [*files, {"name": "c"}])
    assert run("features", tmp_path, "--size", 16, "--rate", 4, "--quiet") == 0
    assert np.load(tmp_path / "features" / "a.npy").shape == (6, 256)
    assert np.load(tmp_path / "features" / "b.npy").shape == (8, 256)
    data = load_manifest(tmp_path / "collection.json", rate=4)
    assert [v.shape for v in data.videos[:2]] == [(6, 256), (8, 256)]
    assert data.missing_features == ("c",)
    assert run("fit", tmp_path, "--rate", 4, "--out", tmp_path / "m", "--quiet") == 0
    assert capsys.readouterr().err.endswith(
        "left out 1 of 3 videos without features.\n"
    )


def test_features_tell_their_rate(run, clips, tmp_path, only_error):
    out = ("--out", tmp_path / "features", "--quiet")
    with av.open(str(clips / "a.mkv")) as file:
        frames = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    with av.open(str(clips / "long.mkv"), "w") as file:
        stream = file.add_stream("ffv1", rate=1, width=48, height=32)
        for picture in frames[:12]:
            frame = av.VideoFrame.from_ndarray(picture)
            file.mux(stream.encode(frame.reformat(format="yuv444p")))
        file.mux(stream.encode())
    assert run("features", clips / "long.mkv", "--rate", 2, "--size", 16, *out) == 0
    path = write_manifest(tmp_path, [{"name": "long"}])
    (video,) = load_manifest(path).videos
    assert (video.shape[0], video.rate) == (24, 2)
    path = write_manifest(tmp_path, [{"name": "long"}], rate=1)
    assert run("fit", tmp_path, "--out", tmp_path / "m") == 2
    error = only_error()
    assert "the record of their features, such as 'long': 24 rows at rate 1" in error
    assert error.endswith("but it has 12 s; rate=2 would fit.")


def test_a_video_of_two_tasks_is_encoded_once(run, clips, tmp_path, capsys):
    path = write_manifest(tmp_path, [{"source": "clips/a.mkv", "task": "t"}])
    document = json.loads(path.read_text())
    document["tasks"]["u"] = {"steps": ["c"]}
    document["videos"].append({"source": "clips/a.mkv", "task": "u"})
    path.write_text(json.dumps(document))
    assert run("features", path, "--size", 16) == 0
    assert capsys.readouterr().out.startswith("videos: 1, 3 rows")


def test_features_that_the_manifest_names_stay(run, clips, tmp_path, capsys):
    np.save(tmp_path / "mine.npy", np.zeros((3, 2)))
    files = [{"source": "clips/a.mkv", "features": "mine.npy"}]
    path = write_manifest(tmp_path, files)
    assert run("features", path, "--size", 16) == 2
    assert "names all features; --out DIR makes others." in capsys.readouterr().err
    out = tmp_path / "others"
    assert run("features", path, "--size", 16, "--out", out, "--quiet") == 0
    assert np.load(out / "a.npy").shape == (3, 256)
    # Those that were made by this command are made again with their video.
    made = {"source": "clips/b.mkv", "features": "features/b.npy"}
    write_manifest(tmp_path, [*files, made])
    assert run("features", path, "--size", 16) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("videos: 1, 2 rows")
    assert "left out 1 of 2 videos, whose features the manifest names." in printed.err


def test_collections_without_video_files(run, clips, tmp_path, only_error):
    path = write_manifest(tmp_path, [{"name": "v"}])
    assert run("features", path) == 2
    assert only_error() == f"{path} names no video file: give the videos a source."
    assert run("features", path, clips) == 2
    assert only_error() == "VIDEOS must be one collection, or files and folders."
    assert run("features", clips) == 2
    assert "--out must name the folder to write" in only_error()


def test_fit_says_how_videos_get_features(run, clips, tmp_path, capsys):
    path = write_manifest(tmp_path, [{"source": "clips/a.mkv"}])
    assert run("fit", path, "--out", tmp_path / "m") == 2
    text = f"python -m skcrosstask features {path} makes their features.\n"
    assert capsys.readouterr().err.endswith(text)
