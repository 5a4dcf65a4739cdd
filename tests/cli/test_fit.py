import numpy as np
import pytest
from numpy.testing import assert_array_equal

import skcrosstask
from skcrosstask import load_model
from skcrosstask._cli import main
from skcrosstask.learning.segments._passes import SegmentPasses


def test_options_reach_the_estimator(fit, folder, tmp_path):
    path = tmp_path / "model.skct"
    options = "--sharing steps --no-windows --contrast steps --learning-rate 0.02"
    options += " --dropout 0.25 --n-jobs 2 --seed 7 --tasks 11,22 --quiet"
    options += " --no-condition --init-iter 1 --max-iter 3"
    assert fit(folder, path, *options.split()) == 0
    expected = {
        "sharing": "steps", "use_windows": False, "contrast": "steps",
        "learning_rate": 0.02, "dropout": 0.25, "n_jobs": 2, "random_state": 7,
        "init_iter": 1, "max_iter": 3, "n_passes": 2, "condition": False, "verbose": 0,
    }  # fmt: skip
    estimator = load_model(path)
    assert expected.items() <= estimator.get_params().items()
    assert len(estimator.alignments_) == 7


def test_options_left_out_are_the_estimators(run, folder, tmp_path):
    path = tmp_path / "model.skct"
    assert run("fit", folder, "--out", path, "--tasks", "primary") == 0
    defaults = skcrosstask.WeaklySupervisedStepEstimator(random_state=0, verbose=1)
    assert load_model(path).get_params() == defaults.get_params()


def test_quiet_prints_warnings_alone(fit, folder, tmp_path, capsys):
    assert fit(folder, tmp_path / "model.skct", "--quiet", "--tasks", "22") == 0
    assert capsys.readouterr() == ("", "")


def test_windows_are_read_unless_refused(fit, folder, tmp_path):
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


def test_windows_that_are_asked_for_must_be_there(fit, only_error, folder, tmp_path):
    for empty, message in [
        (tmp_path, "holds no windows of these videos, such as 22_latte-0.csv"),
        (tmp_path / "nowhere", "is missing."),
        (folder / "videos.csv", "is a file; a folder was expected."),
    ]:
        argv = ["--quiet", "--tasks", "22", "--constraints", empty]
        assert fit(folder, tmp_path / "m", *argv) == 2
        error = only_error()
        assert error.startswith("--constraints: ")
        assert f"'{empty}' {message}" in error
    assert not list(tmp_path.iterdir())
    (tmp_path / "22_latte-0.csv").write_text("1,2,5\n")
    assert fit(folder, tmp_path / "m", *argv[:-1], tmp_path) == 0


def test_help_says_what_the_folder_holds(capsys):
    with pytest.raises(SystemExit):
        main(["fit", "-h"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "id, title, URL, number of steps, and the steps joined by commas" in shown
    assert "may hold tasks_related.txt" in shown


def test_interrupted_fit_is_saved(fit, folder, tmp_path, monkeypatch, capsys):
    epoch, seen = SegmentPasses.epoch, []

    def interrupted(self, source):
        seen.append(source)
        if len(seen) > 2:
            raise KeyboardInterrupt
        return epoch(self, source)

    monkeypatch.setattr(SegmentPasses, "epoch", interrupted)
    assert fit(folder, tmp_path / "m") == 130
    err = capsys.readouterr().err
    (line,) = [line for line in err.splitlines() if "interrupted" in line]
    expected = (
        f"interrupted after 2 epochs; --from {tmp_path / 'm'} goes on from there."
    )
    assert line == f"skcrosstask: {expected}"
    assert load_model(tmp_path / "m").n_iter_ == 2


def test_checkpoint(fit, folder, tmp_path, monkeypatch, capsys):
    argv = ["--quiet", "--checkpoint", tmp_path / "c", "--max-iter", 1]
    assert fit(folder, tmp_path / "whole", *argv[:1], *argv[3:]) == 0
    epoch, seen = SegmentPasses.epoch, []

    def interrupted(self, source):
        seen.append(source)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return epoch(self, source)

    monkeypatch.setattr(SegmentPasses, "epoch", interrupted)
    assert fit(folder, tmp_path / "m", *argv) == 130
    err = capsys.readouterr().err
    assert "interrupted after 2 epochs; the same command goes on from there." in err
    # What is not whole is not taken for it.
    assert not (tmp_path / "m").exists()
    assert fit(folder, tmp_path / "m", *argv) == 0
    assert not (tmp_path / "c").exists()
    models = [load_model(tmp_path / name) for name in ("m", "whole")]
    assert_array_equal(models[0].coef_, models[1].coef_)
    assert models[0].agreement_ == models[1].agreement_


def test_checkpoint_is_refused(fit, model, folder, tmp_path, only_error):
    path = tmp_path / "m"
    assert fit(folder, path, "--checkpoint", path) == 2
    assert only_error() == "--checkpoint and --out name the same file."
    argv = ["--checkpoint", tmp_path / "c", "--from", model, "--partial-fit"]
    assert fit(folder, path, *argv) == 2
    assert "--checkpoint has no use with --partial-fit" in only_error()
    (tmp_path / "c").write_text("?")
    assert fit(folder, path, "--quiet", "--tasks", "22", *argv[:2]) == 2
    assert f"checkpoint '{tmp_path / 'c'}': not a checkpoint" in only_error()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--tasks", "99"], "unknown: ['99']; known are 11, 22, 33."),
        (["--tasks", "111"], "unknown: ['111']; did you mean '11'?"),
        (["--dropout", "2"], "'dropout' parameter"),
        (["--learning-rate", "-1"], "'learning_rate' parameter"),
        (
            ["--tasks", "11,22", "--n-train", "3"],
            "task 11 has 3 videos, too few to train on 3 and test on another: lower "
            "--n-train, or leave the task out of --tasks.",
        ),
        (["--tasks", "related", "--n-train", "1"], "of primary tasks, and there are"),
    ],
)
def test_bad_values(fit, options, message, folder, tmp_path, capsys):
    options = [*options, "--quiet"]
    assert fit(folder, tmp_path / "m", *options) == 2
    err = capsys.readouterr().err
    assert message in err.splitlines()[-1]
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_no_video_left(fit, folder, tmp_path, capsys):
    argv = ["--features", tmp_path, "--tasks", "22"]
    assert fit(folder, tmp_path / "m", *argv) == 2
    *_, count, error = capsys.readouterr().err.splitlines()
    assert count == "skcrosstask: left out 4 of 4 videos without features."
    assert f"no video of {folder} is left" in error


@pytest.mark.parametrize(
    ("option", "value"),
    [("--seed", "-1"), ("--max-iter", "-3"), ("--n-train", "0"), ("--n-jobs", "0")],
)
def test_wrong_integers_name_their_option(option, value, run, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        run("fit", tmp_path / "nowhere", "--out", tmp_path / "m", option, value)
    (line,) = capsys.readouterr().err.splitlines()
    assert f"argument {option}: must be an integer" in line


def test_bad_values_come_before_missing_files(fit, tmp_path, only_error):
    assert fit(tmp_path / "nowhere", tmp_path / "m", "--dropout", 2) == 2
    assert "'dropout' parameter" in only_error()
