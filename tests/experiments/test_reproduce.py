import csv
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from skcrosstask._cli_options import _EXPERIMENTS
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.experiments import EXPERIMENTS, PAPER, reproduce
from skcrosstask.experiments import _runner as runner_module

# Quick fits; everything else is as the paper has it.
QUICK = {"init_iter": 1, "max_iter": 1}
OPTIONS = {"n_splits": 2, "n_train": 3, "settings": QUICK, "verbose": False}
# Training on related tasks alone leaves words of the primary ones unknown.
pytestmark = pytest.mark.filterwarnings("ignore:No component of")
ON_RELEASE = [name for name in EXPERIMENTS if name != "five-tasks"]


@pytest.fixture(scope="module")
def collection():
    videos, _ = make_instructional_videos(
        6, n_tasks=4, n_features=8, length=(30, 50), random_state=0
    )
    names = list(dict.fromkeys(video.task.name for video in videos))
    return videos, {name: str(11 * (i + 1)) for i, name in enumerate(names)}


@pytest.fixture(scope="module")
def timelines(tmp_path_factory, write_release, collection):
    """Two primary and two related tasks without features."""
    root = tmp_path_factory.mktemp("timelines")
    videos, ids = collection
    held_out = [video.name for video in videos if video.name.endswith("0")]
    write_release(
        root, videos, ids, list(ids)[2:], held_out=held_out[:2], features=False
    )
    return root


@pytest.fixture(scope="module")
def featured(tmp_path_factory, write_release, collection):
    """The same with features and windows."""
    root = tmp_path_factory.mktemp("featured")
    videos, ids = collection
    write_release(root, videos, ids, list(ids)[2:])
    return root


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """One folder of results, so that experiments share their fits."""
    return tmp_path_factory.mktemp("results")


@pytest.fixture
def computed(monkeypatch):
    """Cells that are computed, not read."""
    cells = []
    whole = runner_module.run_cell

    def run_cell(study, cell):
        cells.append(cell)
        return whole(study, cell)

    monkeypatch.setattr(runner_module, "run_cell", run_cell)
    return cells


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", ON_RELEASE)
def test_every_experiment_writes_three_files(name, timelines, results):
    report = reproduce(name, timelines, results, **OPTIONS)
    rows = rows_of(results / f"{name}.csv")
    assert len(rows) == len(next(iter(report.table.values())))
    assert rows
    text = (results / f"{name}.md").read_text()
    assert text == str(report)
    simulated = name not in ("table1", "sharing-map")
    assert ("Simulated features" in text) is simulated
    assert all(row.get("features") == "simulated" for row in rows) is simulated
    if name != "table1":
        assert (results / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_real_features_are_not_called_simulated(featured, tmp_path):
    report = reproduce("windows-ablation", featured, tmp_path, **OPTIONS)
    assert report.note == ""
    assert "imulated" not in (tmp_path / "windows-ablation.md").read_text()
    assert "features" not in rows_of(tmp_path / "windows-ablation.csv")[0]


def test_simulation_can_be_asked_for(featured, tmp_path):
    options = {**OPTIONS, "features": "simulated"}
    assert reproduce("table1", featured, tmp_path, **options).note == ""
    report = reproduce("windows-ablation", featured, tmp_path, **options)
    assert report.note == "simulated features"


def test_a_second_run_reads_what_the_first_wrote(timelines, tmp_path, computed):
    first = reproduce("table3", timelines, tmp_path, **OPTIONS)
    assert len(computed) == 12  # Six models, two splits.
    computed.clear()
    again = reproduce("table3", timelines, tmp_path, **OPTIONS)
    assert computed == []
    assert again.table == first.table


def test_only_what_is_missing_or_broken_is_computed(timelines, tmp_path, computed):
    first = reproduce("table3", timelines, tmp_path, **OPTIONS)
    files = sorted((tmp_path / "cells").iterdir())
    files[0].unlink()
    files[1].write_text(files[1].read_text()[:-30])
    files[2].write_text("[]")
    computed.clear()
    again = reproduce("table3", timelines, tmp_path, **OPTIONS)
    assert len(computed) == 3
    assert again.table == first.table


@pytest.mark.parametrize(
    "change",
    [{"random_state": 1}, {"n_train": 2}, {"settings": {**QUICK, "dropout": 0.1}}],
)
def test_other_settings_are_other_cells(change, timelines, tmp_path, computed):
    reproduce("windows-ablation", timelines, tmp_path, **OPTIONS)
    computed.clear()
    reproduce("windows-ablation", timelines, tmp_path, **{**OPTIONS, **change})
    assert len(computed) == 4


def test_threads_change_nothing(timelines, tmp_path):
    one = reproduce("windows-ablation", timelines, tmp_path / "1", **OPTIONS)
    two = reproduce("windows-ablation", timelines, tmp_path / "2", n_jobs=2, **OPTIONS)
    assert one.table == two.table


def test_more_splits_keep_the_first_ones(timelines, tmp_path, computed):
    reproduce("windows-ablation", timelines, tmp_path, **OPTIONS)
    computed.clear()
    reproduce("windows-ablation", timelines, tmp_path, **{**OPTIONS, "n_splits": 3})
    assert {cell.split for cell in computed} == {2}


def test_hyper_parameters_are_chosen_on_validation_videos(
    timelines, tmp_path, computed
):
    options = {**OPTIONS, "n_splits": 1, "settings": "validated"}
    report = reproduce("windows-ablation", timelines, tmp_path, **options)
    chosen = [cell for cell in computed if cell.test == "validation"]
    assert len({dict(cell.settings)["learning_rate"] for cell in chosen}) == 3
    assert "Chosen on the validation videos" in report.remarks[-1]


def test_progress_is_printed(timelines, tmp_path, capsys):
    options = {**OPTIONS, "verbose": True}
    reproduce("windows-ablation", timelines, tmp_path, **options)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "[skcrosstask] 0 of 4 fits are there"
    assert "[4/4]" in lines[-1]
    assert "left" in lines[-1]


def test_table2_orders_what_must_be_ordered(timelines, results):
    report = reproduce("table2", timelines, results, **OPTIONS)
    average = dict(zip(report.table["system"], report.table["average"], strict=True))
    assert next(iter(average)) == "Uniform"
    assert list(average)[-1] == "Oracle"
    assert average["Oracle"] == max(average.values())
    assert report.table["paper"] == [9.7, 13.3, 6.7, 18.6, 22.4, 31.6, 86.0]


def test_figure_6_takes_a_task(timelines, results, collection):
    title = f"Make {list(collection[1])[1]}"
    report = reproduce("figure6", timelines, results, task=title, **OPTIONS)
    assert title in report.title
    with pytest.raises(ValueError, match="No primary task is named 'Make war'"):
        reproduce("figure6", timelines, results, task="Make war", **OPTIONS)


def test_figure_4_shows_frames(timelines, results, tmp_path):
    import matplotlib.image

    report = reproduce("figure4", timelines, results, **OPTIONS)
    video, second = report.table["video"][0], report.table["time"][0]
    (tmp_path / video).mkdir()
    image = np.zeros((9, 16, 3))
    image[..., 0] = 1
    matplotlib.image.imsave(tmp_path / video / f"{second}.png", image)
    before = (results / "figure4.png").read_bytes()
    reproduce("figure4", timelines, results, images=tmp_path, **OPTIONS)
    assert (results / "figure4.png").read_bytes() != before


def test_five_tasks(data_dir, tmp_path):
    report = reproduce("five-tasks", data_dir, tmp_path, **{**OPTIONS, "n_splits": 1})
    assert report.table["paper"] == [22.8, 21.8, 21.0, 21.1]
    assert all(0 < f1 < 100 for f1 in report.table["F1"])
    assert "Simulated features" in str(report)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"experiment": "table9"}, "experiment must be one of table1, "),
        ({"n_splits": 0}, "n_splits must be at least 1, got 0"),
        ({"n_train": 0}, "n_train must be at least 1, got 0"),
        ({"settings": "best"}, "settings must be 'paper', 'validated' or a dict"),
        ({"settings": {"epochs": 3}}, "epochs"),
    ],
)
def test_bad_input(change, message, timelines, tmp_path):
    options = {"experiment": "windows-ablation", **OPTIONS, **change}
    with pytest.raises(ValueError, match=message):
        reproduce(data=timelines, out=tmp_path, **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "change", [{"data": "nowhere"}, {"features": "nowhere"}, {"constraints": "no"}]
)
def test_missing_folders_are_named(change, featured, tmp_path):
    options = {"data": featured, **OPTIONS, **change}
    with pytest.raises(FileNotFoundError, match="no"):
        reproduce("table1", out=tmp_path, **options)


def test_the_command_line_knows_all_experiments():
    assert _EXPERIMENTS == EXPERIMENTS
    assert PAPER["learning_rate"] == 1e-5


RUN = """
import sys
from skcrosstask.experiments import reproduce
reproduce("table3", sys.argv[1], sys.argv[2], n_splits=2, n_train=3, n_jobs=2,
          settings={"init_iter": 1, "max_iter": 1}, verbose=False)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_run_goes_on_where_it_stopped(timelines, tmp_path):
    whole = reproduce("table3", timelines, tmp_path / "whole", **OPTIONS)
    cells = tmp_path / "killed" / "cells"
    arguments = [sys.executable, "-c", RUN, str(timelines), str(tmp_path / "killed")]
    known = set()
    for _ in range(3):
        process = subprocess.Popen(arguments)
        while process.poll() is None:
            if cells.is_dir() and set(cells.glob("*.json")) - known:
                os.kill(process.pid, signal.SIGKILL)
                break
            time.sleep(0.005)
        process.wait()
        now = {path: path.stat().st_mtime_ns for path in cells.glob("*.json")}
        assert known <= now.keys()
        known = set(now)
    assert len(known) >= 3
    subprocess.run(arguments, check=True)
    for suffix in ("csv", "md"):
        name = f"table3.{suffix}"
        assert (tmp_path / "killed" / name).read_text() == (
            tmp_path / "whole" / name
        ).read_text()
    assert whole.table["model"] == ["step-based", "component-based"]
