import csv
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import skcrosstask
from skcrosstask import Task
from skcrosstask._cli import main
from skcrosstask._demo import draw_text_timeline
from skcrosstask._persistence import load_model
from skcrosstask._training import Alternation
from skcrosstask.baselines import UniformBaseline
from skcrosstask.datasets import load_crosstask, make_instructional_videos

IDS = {"pancakes": "11", "latte": "22", "omelette": "33"}
RELATED = "33"
MISSING = "pancakes-3"
HELD_OUT = "latte-3"


@pytest.fixture(scope="module")
def folder(tmp_path_factory, write_release):
    """A folder like the release: two primary tasks, one related, four videos each."""
    root = tmp_path_factory.mktemp("release")
    videos, _ = make_instructional_videos(
        4, n_tasks=3, n_features=8, length=(30, 50), random_state=0
    )
    related = [name for name, number in IDS.items() if number == RELATED]
    write_release(root, videos, IDS, related, held_out=[HELD_OUT])
    (root / "features" / f"{MISSING}.npy").unlink()
    return root


def run(*argv):
    return main([str(word) for word in argv])


def fit(folder, out, *options):
    return run("fit", folder, "--out", out, "--init-iter", 1, "--max-iter", 2, *options)


@pytest.fixture(scope="module")
def model(folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.skct"
    assert fit(folder, path, "--quiet") == 0
    return path


@pytest.fixture
def predictions(folder, model, tmp_path, capsys):
    path = tmp_path / "times.csv"
    assert run("predict", model, folder, "--out", path) == 0
    capsys.readouterr()
    return path


def only_error(capsys):
    """The one line that an error prints, without the name of the program."""
    out, err = capsys.readouterr()
    assert out == ""
    lines = [line for line in err.splitlines() if ": warning: " not in line]
    assert len(lines) == 1
    assert lines[0].startswith("skcrosstask: error: ")
    return lines[0].removeprefix("skcrosstask: error: ")


# The whole way


def test_fit_predict_evaluate(folder, tmp_path, capsys):
    model, times, figures = (tmp_path / name for name in ("m.skct", "t.csv", "f.json"))
    assert fit(folder, model) == 0
    out, err = capsys.readouterr()
    assert "[skcrosstask] align 2: objective" in err
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
    assert titles == ["Make pancakes", "Make latte", "mean"]
    assert len(set(map(len, lines))) == 1

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


def test_predictions_are_those_of_the_estimator(folder, model, predictions):
    with pytest.warns(UserWarning, match="missing"):
        data = load_crosstask(folder, constraints=None)
    videos = [v for v in data.videos if v.name != MISSING]
    expected = [
        {"task": v.task.name, "video": v.name, "step": str(k + 1), "time": str(t)}
        for v, times in zip(videos, load_model(model).predict(videos), strict=True)
        for k, t in enumerate(times)
    ]
    with open(predictions, newline="") as file:
        assert list(csv.DictReader(file)) == expected


def test_predict_to_standard_output(folder, model, predictions, capsys):
    assert run("predict", model, folder, "--out", "-") == 0
    assert capsys.readouterr().out == predictions.read_text()


def test_options_reach_the_estimator(folder, tmp_path):
    path = tmp_path / "model.skct"
    options = "--sharing steps --no-windows --contrast steps --learning-rate 0.02"
    options += " --dropout 0.25 --n-jobs 2 --seed 7 --tasks 11,22 --quiet"
    assert fit(folder, path, *options.split()) == 0
    expected = {
        "sharing": "steps", "use_windows": False, "contrast": "steps",
        "learning_rate": 0.02, "dropout": 0.25, "n_jobs": 2, "random_state": 7,
        "init_iter": 1, "max_iter": 2, "verbose": 0,
    }  # fmt: skip
    estimator = load_model(path)
    assert expected.items() <= estimator.get_params().items()
    assert len(estimator.alignments_) == 7


def test_options_left_out_are_the_estimators(folder, tmp_path, capsys):
    path = tmp_path / "model.skct"
    assert run("fit", folder, "--out", path, "--tasks", "primary") == 0
    defaults = skcrosstask.WeaklySupervisedStepEstimator(random_state=0, verbose=1)
    assert load_model(path).get_params() == defaults.get_params()


def test_quiet_prints_warnings_alone(folder, tmp_path, capsys):
    assert fit(folder, tmp_path / "model.skct", "--quiet", "--tasks", "22") == 0
    assert capsys.readouterr() == ("", "")


def test_windows_are_read_unless_refused(folder, tmp_path):
    coefs = {}
    for name, options in {
        "with": [],
        "named": ["--constraints", folder / "constraints"],
        "without": ["--no-windows"],
        "both": ["--no-windows", "--constraints", tmp_path],
    }.items():
        path = tmp_path / name
        assert fit(folder, path, "--quiet", "--tasks", "22", *options) == 0
        coefs[name] = load_model(path).coef_
    assert_array_equal(coefs["with"], coefs["named"])
    assert_array_equal(coefs["without"], coefs["both"])
    assert not np.array_equal(coefs["with"], coefs["without"])


def test_windows_that_are_asked_for_must_be_there(folder, tmp_path, capsys):
    for empty in (tmp_path, tmp_path / "nowhere"):
        argv = ["--quiet", "--tasks", "22", "--constraints", empty]
        assert fit(folder, tmp_path / "m", *argv) == 2
        message = f"--constraints: '{empty}' holds no windows of these videos, such as"
        assert f"{message} 22_latte-0.csv" in only_error(capsys)
    assert not list(tmp_path.iterdir())
    (tmp_path / "22_latte-0.csv").write_text("1,2,5\n")
    assert fit(folder, tmp_path / "m", *argv[:-1], tmp_path) == 0


def test_a_folder_without_labels_and_related_tasks(folder, tmp_path, capsys):
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


def test_help_says_what_the_folder_holds(capsys):
    with pytest.raises(SystemExit):
        main(["fit", "-h"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "id, title, URL, number of steps, and the steps joined by commas" in shown
    assert "may hold tasks_related.txt" in shown


def test_folders_are_sought_from_here(folder, model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").symlink_to(folder / "features")
    argv = ["predict", model, folder, "--out", "t.csv", "--tasks", "22"]
    assert run(*argv, "--features", "elsewhere") == 0
    assert (tmp_path / "t.csv").read_text().count("\n") == 17


def test_split_keeps_training_and_test_apart(folder, tmp_path, capsys):
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


def test_validation_videos_can_be_left_out(folder, model, capsys):
    argv = ["predict", model, folder, "--out", "-", "--tasks", "22"]
    assert run(*argv) == 0
    assert HELD_OUT in capsys.readouterr().out
    assert run(*argv, "--exclude-validation") == 0
    assert HELD_OUT not in capsys.readouterr().out


def test_interrupted_fit_is_saved(folder, tmp_path, monkeypatch, capsys):
    visit, seen = Alternation._visit, []

    def interrupted(self, numbers, align):
        seen.extend(numbers)
        if len(seen) > 15:
            raise KeyboardInterrupt
        return visit(self, numbers, align=align)

    monkeypatch.setattr("skcrosstask._training._AT_A_TIME", 1)
    monkeypatch.setattr(Alternation, "_visit", interrupted)
    assert fit(folder, tmp_path / "m") == 130
    err = capsys.readouterr().err
    assert "warning: fit was interrupted after 1 of 3 epochs" in err
    assert load_model(tmp_path / "m").n_iter_ == 1


def test_interrupted_elsewhere(folder, model, monkeypatch, capsys, tmp_path):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("skcrosstask._persistence.load_model", interrupt)
    assert run("predict", model, folder, "--out", tmp_path / "t") == 130
    assert capsys.readouterr().err == "skcrosstask: interrupted.\n"


# Evaluation


def test_uniform_needs_lengths(folder, predictions, tmp_path, capsys):
    figures = tmp_path / "figures.json"
    argv = ["evaluate", predictions, folder, "--features", tmp_path, "--json", figures]
    assert run(*argv) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.split()[-1] == "-" for line in lines[1:])
    report = json.loads(figures.read_text())
    assert report["uniform"] is None
    assert report["recall"] > 0


def test_missing_rows_are_steps_left_out(folder, predictions, capsys, tmp_path):
    lines = predictions.read_text().splitlines()
    rows = [line.split(",") for line in lines[1:]]
    variants = {
        "without": [row for row in rows if row[2] != "1"],
        "minus": [[*row[:3], "-1"] if row[2] == "1" else row for row in rows],
    }
    tables = []
    for name, kept in variants.items():
        text = "\n".join([lines[0], "", *map(",".join, kept), ""])
        (tmp_path / name).write_text(text)
        assert run("evaluate", tmp_path / name, folder) == 0
        tables.append(capsys.readouterr().out)
    assert tables[0] == tables[1]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("22,latte-0,1", r"line 2: expected task,video,step,time"),
        ("22,latte-0,1,2,3", r"line 2: expected task,video,step,time"),
        ("22,latte-0,1,2.5", r"line 2: expected .* whole numbers"),
        ("22,latte-0,0,2", r"line 2: steps count from 1"),
        ("22,latte-0,1,-2", r"line 2: steps count from 1"),
        ("22,latte-0,5,2", r"line 2: step 5 is unknown; task 22 has steps 1 to 4"),
        ("22,latte-9,1,2", r"line 2: the data have no video 'latte-9' of task '22'"),
        ("44,latte-0,1,2", r"line 2: the data have no video 'latte-0' of task '44'"),
        ("22,latte-0,1,2\n22,latte-0,1,3", r"line 3: step 1 .* given in line 2"),
        ("33,omelette-0,1,2", r"none of the videos of .* is annotated"),
        ("", r"holds no prediction"),
        ("22,\udcff,1,2", r"line 1: not CSV"),
    ],
)
def test_malformed_predictions(line, message, folder, tmp_path, capsys):
    path = tmp_path / "times.csv"
    text = f"task,video,step,time\n{line}\n"
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert run("evaluate", path, folder) == 2
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 1 + line.startswith("33")
    assert err[-1].startswith("skcrosstask: error: ")
    assert re.search(message, err[-1])


def test_header_is_required(folder, tmp_path, capsys):
    (tmp_path / "times.csv").write_text("22,latte-0,1,2\n")
    assert run("evaluate", tmp_path / "times.csv", folder) == 2
    assert "line 1: the header must be task,video,step,time" in only_error(capsys)


# Tables and figures of the paper


@pytest.fixture(scope="module")
def timelines(tmp_path_factory, write_release):
    """The same tasks without features, which are simulated then."""
    root = tmp_path_factory.mktemp("timelines")
    videos, _ = make_instructional_videos(
        4, n_tasks=3, n_features=8, length=(30, 50), random_state=0
    )
    write_release(root, videos, IDS, ["omelette"], features=False)
    return root


def reproduce(experiment, data, out, *options):
    options = ("--splits", 1, "--n-train", 2, *options)
    return run("reproduce", experiment, "--data", data, "--out", out, *options)


def test_reproduce_prints_the_table_and_says_how_far_it_is(timelines, tmp_path, capsys):
    assert reproduce("windows-ablation", timelines, tmp_path / "new") == 0
    out, err = capsys.readouterr()
    assert out == (tmp_path / "new" / "windows-ablation.md").read_text()
    assert "**Simulated features**" in out
    assert "[2/2] weak, sharing words, no windows" in err
    assert err.endswith(f"skcrosstask: wrote windows-ablation: {tmp_path / 'new'}\n")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {"cells", *(f"windows-ablation.{x}" for x in ("csv", "md", "png"))}
    assert reproduce("windows-ablation", timelines, tmp_path / "new", "--quiet") == 0
    again = capsys.readouterr()
    assert again.out == out
    assert "[skcrosstask]" not in again.err


def test_reproduce_on_real_features(folder, tmp_path, capsys):
    assert reproduce("table3", folder, tmp_path, "--jobs", 2, "--seed", 3) == 0
    out, err = capsys.readouterr()
    assert "imulated" not in out
    assert "seed 3" in out
    assert "1 of 12 files of features are missing" in err


def test_reproduce_seeks_folders_from_here(folder, tmp_path, monkeypatch, capsys):
    (tmp_path / "data").mkdir()
    for name in ("annotations", "tasks_primary.txt", "tasks_related.txt", "videos.csv"):
        (tmp_path / "data" / name).symlink_to(folder / name)
    (tmp_path / "mine").symlink_to(folder / "features")
    monkeypatch.chdir(tmp_path)
    options = ("--features", "mine", "--constraints", folder / "constraints")
    assert reproduce("windows-ablation", "data", "out", *options) == 0
    assert "imulated" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--n-train", 9), "too few to train on n_train=9"),
        (("--task", "war"), "task is only for figure6, not for figure4."),
        (("--constraints", "mine"), "mine' need real features"),
        (("--images", "nowhere"), "Folder of images 'nowhere' does not exist."),
        (("--features", "nowhere"), "nowhere' does not exist"),
        (("--data", "nowhere"), "nowhere"),
    ],
)
def test_reproduce_refuses_before_it_writes(
    options, message, timelines, tmp_path, capsys
):
    assert reproduce("figure4", timelines, tmp_path / "out", *options) == 2
    assert re.search(message, only_error(capsys))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--splits", "0", "--splits: must be a whole number from 1 on, got '0'"),
        ("--n-train", "x", "--n-train: must be a whole number from 1 on, got 'x'"),
        ("--seed", "-1", "--seed: must be a whole number from 0 on, got '-1'"),
        ("--jobs", "0", "--jobs: must be a whole number other than 0, got '0'; -1"),
    ],
)
def test_reproduce_refuses_numbers_by_the_names_of_options(
    option, value, message, timelines, tmp_path, capsys
):
    with pytest.raises(SystemExit, match="2"):
        reproduce("table1", timelines, tmp_path / "out", option, value)
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_reproduce_does_without_matplotlib(timelines, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert reproduce("table1", timelines, tmp_path / "out") == 0
    assert capsys.readouterr().err.count("pip install 'skcrosstask[plot]'") == 1


def test_reproduce_says_how_to_go_on(timelines, tmp_path, monkeypatch, capsys):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("skcrosstask.experiments.reproduce", interrupt)
    assert reproduce("table1", timelines, tmp_path / "out") == 130
    assert "the same command goes on from there" in capsys.readouterr().err


# Mistakes


def test_missing_files_are_named(folder, model, tmp_path, capsys):
    nowhere, out = tmp_path / "nowhere", tmp_path / "out"
    for argv, message in [
        (["fit", nowhere, "--out", out], f"CrossTask folder '{nowhere}' is missing"),
        (["predict", nowhere, folder, "--out", out], f"'{nowhere}' is missing"),
        (["predict", model, nowhere, "--out", out], f"'{nowhere}' is missing"),
        (["evaluate", nowhere, folder], f"'{nowhere}' is missing"),
        (["fit", folder, "--out", nowhere / "m"], f"'{nowhere}' does not exist"),
        (["fit", folder, "--out", tmp_path], "is a folder, not a file"),
        (["predict", model, folder, "--out", nowhere / "t"], "does not exist"),
        (["demo", "--out", nowhere / "t.png"], "does not exist"),
    ]:
        assert run(*argv) == 2
        assert message in only_error(capsys)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--tasks", "99"], "unknown: ['99']"),
        (["--dropout", "2"], "'dropout' parameter"),
        (["--learning-rate", "-1"], "'learning_rate' parameter"),
        (["--seed", "-1"], "'random_state' parameter"),
        (
            ["--tasks", "11,22", "--n-train", "3"],
            "task 11 has 3 videos, too few to train on 3 and test on another: give a "
            "lower --n-train, or --tasks without it.",
        ),
        (["--tasks", "related", "--n-train", "1"], "of primary tasks, and there are"),
    ],
)
def test_bad_values(options, message, folder, tmp_path, capsys):
    options = [*options, "--quiet"]
    assert fit(folder, tmp_path / "m", *options) == 2
    err = capsys.readouterr().err
    assert message in err.splitlines()[-1]
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_no_video_left(folder, tmp_path, capsys):
    argv = ["--features", tmp_path, "--tasks", "22"]
    assert fit(folder, tmp_path / "m", *argv) == 2
    *_, count, error = capsys.readouterr().err.splitlines()
    assert count == "skcrosstask: left out 4 of 4 videos without features."
    assert f"no video of {folder} is left" in error


def test_model_that_is_none(folder, tmp_path, capsys):
    (tmp_path / "m").write_text("no model")
    assert run("predict", tmp_path / "m", folder, "--out", "-") == 2
    assert "not a model file, or damaged" in only_error(capsys)


def test_features_of_another_size(folder, model, tmp_path, capsys):
    for i in range(4):
        np.save(tmp_path / f"latte-{i}.npy", np.zeros((30, 5)))
    argv = ["--features", tmp_path, "--tasks", "22", "--out", "-"]
    assert run("predict", model, folder, *argv) == 2
    assert "features have 5 columns" in only_error(capsys)


def test_failed_write_leaves_the_old_predictions(
    folder, model, predictions, monkeypatch, capsys
):
    before = predictions.read_bytes()

    def full_disk(descriptor):
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    assert run("predict", model, folder, "--out", predictions, "--tasks", "22") == 2
    assert only_error(capsys) == "No space left on device"
    assert predictions.read_bytes() == before
    assert list(predictions.parent.iterdir()) == [predictions]


@pytest.mark.parametrize(
    "argv",
    [[], ["walk"], ["fit"], ["fit", "x", "--out", "y", "--learning-rate", "fast"]],
)
def test_wrong_usage_exits_with_2(argv, capsys):
    with pytest.raises(SystemExit) as stop:
        main(argv)
    assert stop.value.code == 2
    assert "error: " in capsys.readouterr().err.splitlines()[-1]


# Help, and the demonstration


@pytest.mark.parametrize("command", [None, "demo", "fit", "predict", "evaluate"])
def test_help_has_an_example(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["-h"] if command is None else [command, "-h"])
    assert stop.value.code == 0
    assert f"python -m skcrosstask {command or 'fit'} " in capsys.readouterr().out


def test_runs_as_a_module():
    argv = [sys.executable, "-m", "skcrosstask", "--version"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == f"skcrosstask {skcrosstask.__version__}\n"
    assert done.stderr == ""


def percentages(line):
    return [int(word.rstrip("%")) for word in line.split() if word.endswith("%")]


def test_demo(tmp_path, capsys):
    pytest.importorskip("matplotlib").use("Agg")
    path = tmp_path / "timeline.png"
    assert run("demo", "--out", path, "--seed", 1) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert path.read_bytes().startswith(b"\x89PNG")
    assert str(path) in out
    for start in ("  videos of the 7 tasks", "  a task never seen: omelette"):
        (line,) = [line for line in out.splitlines() if line.startswith(start)]
        uniform, learnt = percentages(line)
        assert learnt > uniform + 20


def test_demo_without_matplotlib(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    path = tmp_path / "timeline.png"
    assert run("demo", "--out", path) == 0
    out = capsys.readouterr().out
    assert "pip install matplotlib" in out
    assert not path.exists()
    assert sum(line.rstrip().endswith(" s") for line in out.splitlines()) == 3


def test_text_timeline_of_a_short_video():
    task = Task("tea", ["boil", "pour tea"])
    video = skcrosstask.Video(np.zeros((3, 1)), task, None, [[1, 1, 3]], "v")
    expected = "v, 3 s\n  boil     ......\n  pour tea ..==^="
    assert draw_text_timeline(video, [-1, 2], width=6) == expected
