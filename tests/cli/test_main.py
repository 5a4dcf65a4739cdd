"""The way from fit to evaluate, and what all commands share."""

import json
import subprocess
import sys

import pytest

import skcrosstask
from skcrosstask import load_model
from skcrosstask._cli import main
from skcrosstask.baselines import UniformBaseline
from skcrosstask.datasets import load_crosstask

RELATED = "33"
MISSING = "pancakes-3"


def test_fit_predict_evaluate(fit, run, folder, tmp_path, capsys):
    model, times, figures = (tmp_path / name for name in ("m.skct", "t.csv", "f.json"))
    assert fit(folder, model) == 0
    out, err = capsys.readouterr()
    assert "[skcrosstask] segments 2: objective" in err
    assert "left out 1 of 12 videos without features" in err
    assert out == f"learnt from 11 videos of 3 tasks: {model}\n"
    assert run("predict", model, folder, "--out", times, "--n-jobs", 2) == 0
    out, err = capsys.readouterr()
    assert out == f"placed the steps of 11 videos: {times}\n"
    assert run("evaluate", times, folder, "--json", figures) == 0
    out, err = capsys.readouterr()
    assert err == "skcrosstask: left out 4 videos without annotation.\n"
    lines = out.splitlines()
    assert lines[0].split() == ["task", "videos", "recall", "%", "uniform", "%"]
    titles = [line.split("  ")[0] for line in lines[1:]]
    assert titles[:-1] == ["Make pancakes", "Make latte", "mean"]
    assert len(set(map(len, lines[:-1]))) == 1
    assert lines[-1].startswith("segments: IoU ")

    report = json.loads(figures.read_text())
    with pytest.warns(UserWarning, match="1 of 8 files of features are missing"):
        data = load_crosstask(folder, tasks="primary")
    videos = [v for v in data.videos if v.name != MISSING]
    estimator = load_model(model)
    assert report["recall"] == pytest.approx(estimator.score(videos))
    assert report["uniform"] == pytest.approx(UniformBaseline().score(videos))
    assert report["n_videos"] == 7
    assert report["tasks"]["11"]["title"] == "Make pancakes"
    assert report["tasks"]["11"]["n_videos"] == 3


def test_a_folder_without_labels_and_related_tasks(fit, run, folder, tmp_path, capsys):
    blocks = (folder / "tasks_primary.txt").read_text()
    (tmp_path / "tasks_primary.txt").write_text(blocks)
    rows = (folder / "videos.csv").read_text().splitlines(keepends=True)
    kept = "".join(row for row in rows if row.split(",")[0] != RELATED)
    (tmp_path / "videos.csv").write_text(kept)
    options = ["--features", folder / "features", "--quiet"]
    assert fit(tmp_path, tmp_path / "m", *options, "--no-windows") == 0
    argv = ["predict", tmp_path / "m", tmp_path, "--out", tmp_path / "t.csv"]
    assert run(*argv, *options[:2]) == 0
    capsys.readouterr()
    assert run("evaluate", tmp_path / "t.csv", tmp_path) == 2
    assert "t.csv is annotated" in capsys.readouterr().err


def test_missing_files_are_named(only_error, run, folder, model, tmp_path):
    nowhere, out = tmp_path / "nowhere", tmp_path / "out"
    for argv, message in [
        (["fit", nowhere, "--out", out], f"Collection '{nowhere}' is missing"),
        (["predict", nowhere, folder, "--out", out], f"'{nowhere}' is missing"),
        (["predict", model, nowhere, "--out", out], f"'{nowhere}' is missing"),
        (["evaluate", nowhere, folder], f"'{nowhere}' is missing"),
        (["fit", folder, "--out", nowhere / "m"], f"'{nowhere}' does not exist"),
        (["fit", folder, "--out", tmp_path], "is a folder, not a file"),
        (["predict", model, folder, "--out", nowhere / "t"], "does not exist"),
        (["demo", "--out", nowhere / "t.png"], "does not exist"),
    ]:
        assert run(*argv) == 2
        assert message in only_error()
    assert not list(tmp_path.iterdir())


def test_interrupted_elsewhere(run, folder, model, monkeypatch, capsys, tmp_path):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("skcrosstask.load_model", interrupt)
    assert run("predict", model, folder, "--out", tmp_path / "t") == 130
    assert capsys.readouterr().err == "skcrosstask: interrupted.\n"


@pytest.mark.parametrize(
    "argv",
    [[], ["walk"], ["fit"], ["fit", "x", "--out", "y", "--learning-rate", "fast"]],
)
def test_wrong_usage_exits_with_2(argv, capsys):
    with pytest.raises(SystemExit) as stop:
        main(argv)
    assert stop.value.code == 2
    assert "error: " in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (
            "fit x --taks pizza",
            "no option '--taks'; did you mean '--tasks'? See {} fit",
        ),
        ("fit x --out m --n-trian=3", "mean '--n-train'? See skcrosstask fit -h"),
        ("predict m x --otu t.csv", "mean '--out'? See skcrosstask predict -h"),
        ("fit x --out m --zzz", "there is no option '--zzz'; see skcrosstask fit -h"),
        ("fit x y --out m", "unrecognized arguments: 'y'; see skcrosstask fit -h"),
        (
            "fitt x",
            "there is no command 'fitt'; did you mean 'fit'? See skcrosstask -h",
        ),
        ("walk x", "known are demo, init, features, windows, fit, predict, evaluate"),
    ],
)
def test_misspelled_words_are_guessed(argv, message, capsys):
    with pytest.raises(SystemExit) as stop:
        main(argv.split())
    assert stop.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("skcrosstask: error: ")
    assert message.format("skcrosstask") in line


def test_no_command_prints_a_short_help(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "place the steps in videos" in err
    assert "examples" not in err
    assert len(err.splitlines()) < 30


def test_what_is_there_is_not_called_missing(
    only_error, run, folder, model, predictions, tmp_path, capsys
):
    file = folder / "videos.csv"
    (tmp_path / "empty").mkdir()
    (tmp_path / "collection.yaml").write_text("tasks:\n")
    mistyped = tmp_path / "collection.yml"
    for argv, message in [
        (["evaluate", folder, folder], f"'{folder}' is a folder; a file was expected"),
        (["init", file], f"'{file}' is a file; a folder was expected"),
        (["predict", tmp_path, folder, "--out", "-"], "is a folder; a file was"),
        (["fit", folder, "--from", folder, "--out", tmp_path / "m"], "is a folder"),
        (
            ["fit", folder, "--features", file, "--out", tmp_path / "m"],
            f"--features: folder '{file}' is a file; a folder was expected",
        ),
        (
            ["evaluate", predictions, folder, "--annotations", folder],
            f"'{folder}' is a folder; a file was expected",
        ),
        (["fit", mistyped, "--out", tmp_path / "m"], "collection.yaml'?"),
        (["features", mistyped], "collection.yaml'?"),
        (["evaluate", predictions, mistyped], "collection.yaml'?"),
        (["features", tmp_path / "empty"], "empty': no video is in this folder; known"),
        (["evaluate", tmp_path / "v.vtt", folder], ".vtt files are written but cannot"),
    ]:
        assert run(*argv) == 2
        error = only_error()
        assert message in error
        assert len(error) < 280


@pytest.mark.parametrize(
    "command",
    [None, "demo", "fit", "predict", "evaluate", "windows", "reproduce"],
)
def test_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["-h"] if command is None else [command, "-h"])
    assert stop.value.code == 0
    assert f"python -m skcrosstask {command or 'fit'} " in capsys.readouterr().out


def test_runs_as_a_module(run):
    argv = [sys.executable, "-m", "skcrosstask", "--version"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == f"skcrosstask {skcrosstask.__version__}\n"
    assert done.stderr == ""


@pytest.mark.parametrize("argv", [["-h"], ["fit", "-h"], ["reproduce", "--jobs", "0"]])
def test_parser_does_without_numpy(argv):
    code = (
        "import sys; from skcrosstask._cli import main\n"
        f"try: main({argv})\n"
        "except SystemExit: print('numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "False"


def test_wrong_usage_takes_one_line(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["fit", "nowhere", "--out", "m", "--max-iter", "-3"])
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        "skcrosstask: error: argument --max-iter: must be an integer >= 0, got '-3'; "
        "see skcrosstask fit -h"
    )
