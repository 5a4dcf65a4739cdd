import re
import sys

import pytest

from skcrosstask.datasets import make_instructional_videos

IDS = {"pancakes": "11", "latte": "22", "omelette": "33"}


@pytest.fixture(scope="module")
def timelines(tmp_path_factory, write_release):
    """The same tasks without features, which are simulated then."""
    root = tmp_path_factory.mktemp("timelines")
    videos, _ = make_instructional_videos(
        4, n_tasks=3, n_features=8, length=(30, 50), random_state=0
    )
    write_release(root, videos, IDS, ["omelette"], features=False)
    return root


@pytest.fixture
def reproduce(run):
    """Run an experiment on few splits: call it with its name, data, out and options."""
    few = ("--splits", 1, "--n-train", 2)
    return lambda experiment, data, out, *options: run(
        "reproduce", experiment, "--data", data, "--out", out, *few, *options
    )


def test_reproduce_prints_the_table_and_says_how_far_it_is(
    reproduce, timelines, tmp_path, capsys
):
    assert reproduce("windows-ablation", timelines, tmp_path / "new") == 0
    out, err = capsys.readouterr()
    assert out == (tmp_path / "new" / "windows-ablation.md").read_text()
    assert "**Simulated features**" in out
    assert "[2/2] weak, sharing words, no windows" in err
    assert err.endswith(f"skcrosstask: wrote windows-ablation: {tmp_path / 'new'}\n")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {
        "cells",
        *(f"windows-ablation.{x}" for x in ("csv", "md", "tex", "png")),
    }
    assert reproduce("windows-ablation", timelines, tmp_path / "new", "--quiet") == 0
    again = capsys.readouterr()
    assert again.out == out
    assert "[skcrosstask]" not in again.err


def test_reproduce_on_real_features(reproduce, folder, tmp_path, capsys):
    assert reproduce("table3", folder, tmp_path, "--n-jobs", 2, "--seed", 3) == 0
    out, err = capsys.readouterr()
    assert "imulated" not in out
    assert "seed 3" in out
    assert "1 of 12 files of features are missing" in err


def test_reproduce_seeks_folders_from_here(
    reproduce, folder, tmp_path, monkeypatch, capsys
):
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
        (("--images", "nowhere"), "Folder of images 'nowhere' is missing."),
        (("--features", "nowhere"), "nowhere' does not exist"),
        (("--data", "nowhere"), "nowhere"),
    ],
)
def test_reproduce_refuses_before_it_writes(
    only_error, reproduce, options, message, timelines, tmp_path
):
    assert reproduce("figure4", timelines, tmp_path / "out", *options) == 2
    assert re.search(message, only_error())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--splits", "0", "--splits: must be an integer >= 1, got '0'"),
        ("--n-train", "x", "--n-train: must be an integer >= 1, got 'x'"),
        ("--seed", "-1", "--seed: must be an integer >= 0, got '-1'"),
        ("--n-jobs", "0", "--n-jobs: must be an integer other than 0, got '0'; -1"),
        ("--jobs", "0", "--jobs: must be an integer other than 0, got '0'; -1"),
    ],
)
def test_reproduce_refuses_numbers_by_the_names_of_options(
    reproduce, option, value, message, timelines, tmp_path, capsys
):
    with pytest.raises(SystemExit, match="2"):
        reproduce("table1", timelines, tmp_path / "out", option, value)
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_reproduce_does_without_matplotlib(
    reproduce, timelines, tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert reproduce("table1", timelines, tmp_path / "out") == 0
    assert capsys.readouterr().err.count("pip install 'skcrosstask[plot]'") == 1


def test_reproduce_says_how_to_go_on(
    reproduce, timelines, tmp_path, monkeypatch, capsys
):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("skcrosstask.experiments.reproduce", interrupt)
    assert reproduce("table1", timelines, tmp_path / "out") == 130
    assert "run the same command again to continue" in capsys.readouterr().err
