import csv

import numpy as np
import pytest

from skcrosstask import load_model
from skcrosstask.datasets import load_crosstask
from skcrosstask.results import read_steps

MISSING = "pancakes-3"
HELD_OUT = "latte-3"


def test_predictions_are_those_of_the_estimator(folder, model, predictions):
    with pytest.warns(UserWarning, match="missing"):
        data = load_crosstask(folder, constraints=None)
    videos = [v for v in data.videos if v.name != MISSING]
    estimator = load_model(model)
    assert read_steps(predictions) == estimator.locate(videos)
    expected = [
        {"task": v.task.name, "video": v.name, "step": str(k + 1), "time": f"{t}.5"}
        for v, times in zip(videos, estimator.predict(videos), strict=True)
        for k, t in enumerate(times)
    ]
    with open(predictions, newline="") as file:
        rows = [
            {name: row[name] for name in expected[0]} for row in csv.DictReader(file)
        ]
    assert rows == expected


@pytest.mark.parametrize(
    ("name", "start"),
    [("t.json", '[\n  {"video": '), ("t", "video,task,"), ("t.CSV", "video,task,")],
)
def test_the_name_says_the_format(name, start, run, folder, model, tmp_path):
    assert run("predict", model, folder, "--out", tmp_path / name) == 0
    assert (tmp_path / name).read_text().startswith(start)


@pytest.mark.parametrize(
    ("name", "suffix", "start"),
    [
        ("vtt", ".vtt", "WEBVTT\n"),
        ("ffmetadata", ".ffmeta", ";FFMETADATA1\n"),
        ("elan", ".eaf", "<?xml"),
    ],
)
def test_a_file_for_each_video(
    name, suffix, start, run, folder, model, tmp_path, only_error
):
    argv = ["predict", model, folder, "--tasks", "22"]
    assert run(*argv, "--out", tmp_path / f"all{suffix}") == 2
    assert "the table holds 4 videos" in only_error()
    assert run(*argv, "--out", tmp_path) == 2
    assert "is a folder, not a file to write; of vtt, ffmetadata" in only_error()
    assert run(*argv, "--out", tmp_path / "steps", "--format", name) == 0
    files = sorted((tmp_path / "steps").iterdir())
    assert [file.name for file in files] == [f"latte-{i}{suffix}" for i in range(4)]
    assert all(file.read_text().startswith(start) for file in files)


def test_predict_to_standard_output(run, folder, model, predictions, capsys):
    assert run("predict", model, folder, "--out", "-") == 0
    assert capsys.readouterr().out == predictions.read_text()


def test_folders_are_sought_from_here(run, folder, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").symlink_to(folder / "features")
    argv = ["predict", model, folder, "--out", "t.csv", "--tasks", "22"]
    assert run(*argv, "--features", "elsewhere") == 0
    assert (tmp_path / "t.csv").read_text().count("\n") == 17


def test_split_keeps_training_and_test_apart(fit, run, folder, tmp_path, capsys):
    options = ["--n-train", 1, "--seed", 3, "--exclude-validation"]
    assert fit(folder, tmp_path / "m", *options) == 0
    # One video of each primary task, and all of the related one.
    assert "learnt from 6 videos of 3 tasks" in capsys.readouterr().out
    argv = ["predict", tmp_path / "m", folder, "--out", tmp_path / "t", *options]
    assert run(*argv) == 0
    with open(tmp_path / "t", newline="") as file:
        named = {row["video"] for row in csv.DictReader(file)}
    assert len(named) == 4
    assert not named & {MISSING, HELD_OUT}
    assert {name.split("-")[0] for name in named} == {"pancakes", "latte"}


def test_validation_videos_can_be_left_out(run, folder, model, capsys):
    argv = ["predict", model, folder, "--out", "-", "--tasks", "22"]
    assert run(*argv) == 0
    assert HELD_OUT in capsys.readouterr().out
    assert run(*argv, "--exclude-validation") == 0
    assert HELD_OUT not in capsys.readouterr().out


def test_model_that_is_none(only_error, run, folder, tmp_path):
    (tmp_path / "m").write_text("no model")
    assert run("predict", tmp_path / "m", folder, "--out", "-") == 2
    assert "not a model file, or damaged" in only_error()


def test_features_of_another_size(only_error, run, folder, model, tmp_path):
    for i in range(4):
        np.save(tmp_path / f"latte-{i}.npy", np.zeros((30, 5)))
    argv = ["--features", tmp_path, "--tasks", "22", "--out", "-"]
    assert run("predict", model, folder, *argv) == 2
    assert "features have 5 columns" in only_error()


def test_failed_write_leaves_the_old_predictions(
    only_error, run, folder, model, predictions, monkeypatch
):
    before = predictions.read_bytes()

    def full_disk(descriptor):
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    assert run("predict", model, folder, "--out", predictions, "--tasks", "22") == 2
    assert only_error() == "No space left on device"
    assert predictions.read_bytes() == before
    assert list(predictions.parent.iterdir()) == [predictions]


def test_decoding_can_be_chosen(run, model, folder, tmp_path, capsys):
    texts = {}
    for name, options in {
        "default": [],
        "segments": ["--decoding", "segments"],
        "skipped": ["--skip-cost", "auto"],
        "all": ["--skip-cost", "none"],
    }.items():
        out = tmp_path / f"{name}.csv"
        assert run("predict", model, folder, "--out", out, *options) == 0
        texts[name] = out.read_text()
    assert texts["segments"] != texts["default"]
    assert texts["all"] == texts["default"]
    assert ",,," not in texts["default"]
    capsys.readouterr()
    bad = ["--decoding", "beam"]
    with pytest.raises(SystemExit, match="2"):
        run("predict", model, folder, "--out", tmp_path / "t", *bad)
    assert "argument --decoding: invalid choice: 'beam'" in capsys.readouterr().err


def test_resume(run, folder, model, predictions, tmp_path, capsys):
    out, journal = tmp_path / "t.csv", tmp_path / "t.csv.journal"
    journal.write_text("steps\n")
    assert run("predict", model, folder, "--out", out, "--resume") == 2
    assert f"error: '{journal}' is not a journal" in capsys.readouterr().err
    journal.unlink()
    assert run("predict", model, folder, "--out", out, "--resume") == 0
    assert out.read_text() == predictions.read_text()
    assert not journal.exists()


def test_resume_needs_a_file(run, folder, model, only_error):
    assert run("predict", model, folder, "--out", "-", "--resume") == 2
    assert "give --out a name" in only_error()


def test_skip_broken(run, folder, model, tmp_path, capsys):
    good, bad = tmp_path / "good.npy", tmp_path / "bad.npy"
    np.save(good, np.random.default_rng(0).normal(size=(40, 8)))
    bad.write_text("no array")
    words = ("predict", model, good, bad, "--task", "22", "--out", tmp_path / "t.csv")
    assert run(*words, "--skip-broken") == 0
    assert {row.video for row in read_steps(tmp_path / "t.csv")} == {"good"}
    told = capsys.readouterr()
    assert "placed the steps of 1 video:" in told.out
    assert "warning: left out 1 of 2 videos:\nskcrosstask:   bad: feat" in told.err
    table = tmp_path / "skipped.csv"
    assert run(*words, "--skipped", table) == 0
    assert table.read_text().startswith(f"video,file,reason\nbad,{bad},features file")


def test_video_files_that_cannot_be_encoded_are_skipped(
    run, folder, model, tmp_path, capsys
):
    good, bad = tmp_path / "good.npy", tmp_path / "bad.mp4"
    np.save(good, np.random.default_rng(0).normal(size=(40, 8)))
    bad.write_text("no video")
    words = ("--task", "22", "--out", tmp_path / "t.csv")
    words += ("--encoder", "skcrosstask.frames:SimpleEncoder")
    assert run("predict", model, good, bad, *words) == 2
    assert "error: video 'bad': " in capsys.readouterr().err
    assert run("predict", model, bad, good, *words, "--skip-broken") == 0
    told = capsys.readouterr()
    assert "placed the steps of 1 video:" in told.out
    assert "left out 1 of 2 videos:\nskcrosstask:   bad: " in told.err
    assert {row.video for row in read_steps(tmp_path / "t.csv")} == {"good"}
    assert run("predict", model, bad, *words, "--skip-broken") == 2
    told = capsys.readouterr().err.splitlines()
    assert told[0].endswith("left out 1 of 1 video:")
    assert told[-1].endswith("error: no video is left to predict.")


@pytest.mark.parametrize("name", ["t.txt", "t.xlsx", "run.5"])
def test_an_unknown_ending_is_refused_before_work(
    name, run, folder, model, tmp_path, only_error, monkeypatch
):
    monkeypatch.setattr("skcrosstask.load_model", None)
    assert run("predict", model, folder, "--out", tmp_path / name) == 2
    assert "known are .csv, .json, .vtt" in only_error()
    assert not list(tmp_path.iterdir())


def test_an_unknown_ending_with_a_format(run, folder, model, tmp_path):
    out = tmp_path / "t.txt"
    assert run("predict", model, folder, "--out", out, "--format", "csv") == 0
    assert out.read_text().startswith("video,task,")


def test_a_new_task_from_its_steps(run, model, tmp_path, capsys):
    steps, features, out = (tmp_path / n for n in ("cocoa.txt", "new.npy", "t.csv"))
    steps.write_text("# how to\nheat milk\n\n  stir cocoa \n")
    np.save(features, np.random.default_rng(0).normal(size=(40, 8)))
    argv = ["predict", model, features, "--steps", steps, "--out", out]
    assert run(*argv) == 0
    found = [(row.video, row.task, row.text) for row in read_steps(out)]
    assert found == [("new", "cocoa", "heat milk"), ("new", "cocoa", "stir cocoa")]
    assert run(*argv, "--task", "drink") == 0
    assert {row.task for row in read_steps(out)} == {"drink"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("# none\n", "has no step; write one a line"),
        (None, "is missing"),
        (b"\xff\xfe\x00", "is not UTF-8"),
    ],
)
def test_a_bad_list_of_steps(content, message, run, model, tmp_path, only_error):
    steps, features = tmp_path / "cocoa.txt", tmp_path / "new.npy"
    np.save(features, np.zeros((40, 8)))
    if content is not None:
        steps.write_bytes(content if isinstance(content, bytes) else content.encode())
    out = tmp_path / "t.csv"
    assert run("predict", model, features, "--steps", steps, "--out", out) == 2
    error = only_error()
    assert message in error
    assert "cocoa.txt" in error
    assert not out.exists()


def test_steps_of_a_collection_that_has_its_tasks(
    run, folder, model, tmp_path, only_error
):
    (tmp_path / "s.txt").write_text("heat milk\n")
    argv = ["predict", model, folder, "--out", tmp_path / "t.csv"]
    assert run(*argv, "--steps", tmp_path / "s.txt") == 2
    assert "all videos of" in only_error()


def test_an_unknown_task_points_to_the_steps(run, model, tmp_path, only_error):
    np.save(tmp_path / "new.npy", np.zeros((40, 8)))
    argv = ["predict", model, tmp_path / "new.npy", "--out", tmp_path / "t.csv"]
    for options, start in [
        (["--task", "cocoa"], "the model knows no task 'cocoa'"),
        ([], "--task must name the task"),
    ]:
        assert run(*argv, *options) == 2
        error = only_error()
        assert start in error
        assert "--steps FILE" in error
        assert len(error) < 270
