"""A folder of one's own, from init to evaluate, and what each command makes of it."""

import csv
import json
import shutil

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skcrosstask import load_model, save_model
from skcrosstask.datasets import load_manifest, make_instructional_videos


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Two tasks' folders of features, subtitles and steps, and annotations."""
    root = tmp_path_factory.mktemp("own")
    videos, _ = make_instructional_videos(
        3, n_tasks=2, n_features=6, length=(30, 40), random_state=0
    )
    (root / "annotations").mkdir()
    (root / "constraints").mkdir()
    for video in videos:
        folder = root / video.task.name
        folder.mkdir(exist_ok=True)
        np.save(folder / f"{video.name}.npy", video.features)
        (folder / "steps.txt").write_text("\n".join(video.task.steps))
        first = "WEBVTT\n\n00:01.000 --> 00:02.000\n" + video.task.steps[0] + "\n"
        (folder / f"{video.name}.en.vtt").write_text(first)
        for kind, rows in [
            ("annotations", video.annotation),
            ("constraints", video.windows),
        ]:
            lines = [f"{int(k) + 1},{a},{b}\n" for k, a, b in rows]
            name = f"{video.task.name}_{video.name}.csv"
            (root / kind / name).write_text("".join(lines))
    return root


@pytest.mark.parametrize("suffix", ["yaml", "json", "csv"])
def test_from_init_to_evaluate(suffix, own, run, tmp_path, capsys):
    manifest = own / f"collection.{suffix}"
    model, times = tmp_path / "m.skct", tmp_path / "t.csv"
    assert run("init", own, "--out", manifest) == 0
    assert capsys.readouterr() == (f"found 6 videos of 2 tasks: {manifest}\n", "")
    data = own if suffix == "yaml" else manifest
    assert run("fit", data, "--out", model, "--n-passes", 1, "--quiet") == 0
    assert run("predict", model, data, "--out", times) == 0
    capsys.readouterr()
    assert run("evaluate", times, data, "--json", tmp_path / "r.json") == 0
    report = json.loads((tmp_path / "r.json").read_text())
    estimator = load_model(model)
    videos = load_manifest(manifest).videos
    assert report["recall"] == pytest.approx(estimator.score(videos))
    assert report["n_videos"] == 6
    assert set(estimator.tasks_) == {video.task for video in videos}
    assert run("windows", data, "--out", tmp_path / "w", "--quiet") == 0
    assert len(list((tmp_path / "w").iterdir())) == 6
    assert run("init", own, "--out", manifest) == 2
    assert "is there already; --force replaces it." in capsys.readouterr().err
    manifest.unlink()


def test_windows_go_beside_the_manifest(own, run, tmp_path, capsys):
    copy = shutil.copytree(own, tmp_path / "copy")
    shutil.rmtree(copy / "constraints")
    assert run("init", copy) == 0
    assert run("windows", copy, "--quiet") == 0
    assert len(list((copy / "constraints").iterdir())) == 6
    assert all(len(v.windows) for v in load_manifest(copy / "collection.yaml").videos)
    capsys.readouterr()
    assert run("windows", copy, tmp_path) == 2
    assert "--out must name the folder to write" in capsys.readouterr().err


def test_a_folder_without_manifest_says_what_to_do(own, run, only_error, tmp_path):
    assert run("fit", own, "--out", tmp_path / "m") == 2
    assert f"python -m skcrosstask init {own} writes one." in only_error()


def test_new_files_need_no_collection(folder, model, run, tmp_path, capsys):
    known = load_model(model)
    (latte,) = (task for task in known.tasks_ if task.name == "22")
    rows = np.load(folder / "features" / "latte-0.npy")
    np.save(tmp_path / "new.npy", rows)
    np.savez(tmp_path / "new2.npz", a=rows, b=rows)
    expected = known.predict([rows], [latte])[0]
    argv = ["predict", model, tmp_path / "new.npy", f"{tmp_path / 'new2.npz'}:b"]
    for name in ("22", latte.title):
        assert run(*argv, "--task", name, "--out", "-") == 0
        found = list(csv.DictReader(capsys.readouterr().out.splitlines()))
        assert [row["video"] for row in found] == ["new"] * len(expected) + [
            "new2"
        ] * len(expected)
        middles = (expected + 0.5).tolist()
        assert [float(row["time"]) for row in found] == [*middles, *middles]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ("new.npy", "--task must name the task; the model knows 11, 22, 33."),
        (
            "new.npy --task 222",
            "--task: the model knows no task '222'; did you mean '22'",
        ),
        ("no.npy --task 22", "video 'no': features file 'no.npy' is missing."),
        ("no.mp4 --task 22", "video 'no.mp4' is missing."),
        (
            "new.mp4 --task 22",
            "video 'new': is a video file without features; --enc",
        ),
        (
            "new.npy --task 22 --n-train 3",
            "--features and --n-train are for collections",
        ),
        ("new.npy . --task 22", "DATA must be one collection, or files of videos."),
    ],
)
def test_new_files_that_do_not_do(
    argv, message, run, model, tmp_path, monkeypatch, only_error
):
    monkeypatch.chdir(tmp_path)
    np.save("new.npy", np.zeros((30, 8)))
    (tmp_path / "new.mp4").touch()
    assert run("predict", model, *argv.split(), "--out", "-") == 2
    assert message in only_error()


def test_models_of_before_do_not_know_their_tasks(run, model, tmp_path, only_error):
    estimator = load_model(model)
    estimator.tasks_ = ()
    save_model(estimator, tmp_path / "m")
    np.save(tmp_path / "new.npy", np.zeros((30, 8)))
    argv = ["predict", tmp_path / "m", tmp_path / "new.npy", "--task", "22"]
    assert run(*argv, "--out", "-") == 2
    assert "does not know its tasks, as it is of an earlier version" in only_error()


def test_simulated_features(folder, fit, run, tmp_path, capsys):
    simulated = ["--features", "simulated", "--tasks", "22"]
    assert fit(folder, tmp_path / "m", "--quiet", *simulated) == 0
    assert capsys.readouterr().err == "skcrosstask: features are simulated.\n"
    assert load_model(tmp_path / "m").n_features_in_ == 256
    argv = ["predict", tmp_path / "m", folder, "--out", tmp_path / "t", *simulated]
    assert run(*argv) == 0
    assert run("evaluate", tmp_path / "t", folder, *simulated[:2]) == 0
    argv = [*simulated, "--constraints", folder / "constraints"]
    assert fit(folder, tmp_path / "n", *argv) == 2
    assert "simulated features come with windows" in capsys.readouterr().err


def test_simulation_needs_lengths(run, tmp_path, only_error):
    path = tmp_path / "c.json"
    video = {"name": "v", "source": "v.mp4"}
    tasks = {"t": {"steps": ["a"]}}
    path.write_text(json.dumps({"tasks": tasks, "videos": [video]}))
    argv = ["fit", path, "--out", tmp_path / "m", "--features", "simulated"]
    assert run(*argv) == 2
    assert "give the length of 1 video, such as 'v'" in only_error()


def test_fit_goes_on_from_a_model(folder, fit, run, model, tmp_path, capsys):
    out = tmp_path / "m"
    argv = ["fit", folder, "--from", model, "--out", out, "--quiet", "--n-passes", 1]
    assert run(*argv) == 0
    before, after = load_model(model), load_model(out)
    assert after.n_iter_ == before.n_iter_ + 1
    assert not after.warm_start
    assert run(*argv, "--partial-fit", "--tasks", "22") == 0
    more = load_model(out)
    assert len(more.alignments_) == 4
    assert more.tasks_ == before.tasks_
    for name in (model, out):
        assert run("fit", folder, "--from", name, "--out", name, *argv[-3:]) == 0
    assert_array_equal(load_model(model).coef_, after.coef_)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ("--partial-fit", "--partial-fit goes on from a model: name it by --from."),
        ("--from nowhere", "Model file 'nowhere' is missing."),
        (
            "--from nowhere --sharing steps",
            "--sharing has no use with --from: the model",
        ),
        ("--from nowhere --dropout 2", "'dropout' parameter"),
    ],
)
def test_going_on_that_cannot_be(argv, message, run, tmp_path, only_error):
    words = ["fit", tmp_path / "nowhere", "--out", tmp_path / "m", *argv.split()]
    assert run(*words) == 2
    assert message in only_error()


def test_a_fit_that_learnt_nothing_is_not_saved(
    fit, folder, tmp_path, monkeypatch, capsys
):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "skcrosstask.learning.segments._passes.SegmentPasses.epoch", interrupt
    )
    assert fit(folder, tmp_path / "m", "--quiet") == 130
    (*_, last) = capsys.readouterr().err.splitlines()
    assert "before anything was learnt; no model was written." in last
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    "argv",
    [
        ["fit", "no", "--out", "m", "--rate", "0"],
        ["predict", "no", "no", "--out", "t", "--skip-cost", "-1"],
        ["predict", "no", "no", "--out", "t", "--decoding", "beam"],
        ["evaluate", "no", "no", "--rate", "fast"],
        ["init", "no", "--rate", "inf"],
    ],
)
def test_values_are_checked_before_files(argv, run, capsys):
    with pytest.raises(SystemExit, match="2"):
        run(*argv)
    (line,) = capsys.readouterr().err.splitlines()
    assert f"argument {argv[-2]}: " in line


@pytest.fixture
def encoder(tmp_path, monkeypatch):
    """Name of an encoder whose rows the model can read."""
    (tmp_path / "eight.py").write_text(
        "import numpy as np\n"
        "def numbers(pictures):\n"
        "    return np.tile(pictures.mean(axis=(1, 2, 3))[:, None], 8)\n"
    )
    monkeypatch.chdir(tmp_path)
    return "eight:numbers"


def test_video_files_are_encoded(encoder, clips, run, model, tmp_path, capsys):
    encoding = ["--encoder", encoder, "--out", "-", "--rate", "2"]
    assert run("predict", model, clips / "a.mkv", "--task", "22", *encoding) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [(row["task"], row["video"]) for row in rows] == [("22", "a")] * 4
    assert 1.5 <= float(rows[-1]["time"]) <= 3
    tasks = {task.name: {"steps": task.steps} for task in load_model(model).tasks_}
    videos = [{"source": "clips/a.mkv", "task": "22"}, {"name": "absent", "task": "22"}]
    path = tmp_path / "c.json"
    path.write_text(json.dumps({"tasks": tasks, "videos": videos}))
    assert run("predict", model, path, *encoding) == 0
    out, err = capsys.readouterr()
    assert list(csv.DictReader(out.splitlines())) == rows
    assert err == "skcrosstask: left out 1 of 2 videos without features.\n"


def test_video_files_of_other_features(clips, run, model, only_error):
    simple = ["--encoder", "skcrosstask.frames:SimpleEncoder", "--out", "-"]
    argv = ["predict", model, clips / "a.mkv", "--task", "22", "--rate", "2"]
    assert run(*argv, *simple) == 2
    assert "features have 256 columns" in only_error()
