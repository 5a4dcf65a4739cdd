import csv
import json
import multiprocessing
import re
import shutil
import signal
import sys
import time
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from matplotlib.text import Text

from skcrosstask._cli.reproduce import _EXPERIMENTS
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.experiments import EXPERIMENTS, PAPER, Report, reproduce
from skcrosstask.experiments import _runner as runner_module
from skcrosstask.experiments._five_tasks import _PREFIXES, open_five_tasks
from skcrosstask.experiments._parses import _rank

# Quick fits; everything else is as the paper has it.
QUICK = {"init_iter": 1, "max_iter": 1}
OPTIONS = {"n_splits": 2, "n_train": 3, "settings": QUICK, "verbose": False}
# Training on related tasks alone leaves words of the primary ones unknown.
pytestmark = [
    pytest.mark.filterwarnings("ignore:No component of"),
    # Features are drawn with next to no signal, to be quick.
    pytest.mark.filterwarnings("ignore:the last pass still moved"),
]
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
    assert (results / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_real_features_are_not_called_simulated(featured, tmp_path):
    report = reproduce("windows-ablation", featured, tmp_path, **OPTIONS)
    assert report.note == ""
    assert "paper" in report.table
    assert "imulated" not in (tmp_path / "windows-ablation.md").read_text()
    assert "features" not in rows_of(tmp_path / "windows-ablation.csv")[0]


def test_simulation_can_be_asked_for(featured, tmp_path):
    options = {**OPTIONS, "features": "simulated"}
    assert reproduce("table1", featured, tmp_path, **options).note == ""
    report = reproduce("windows-ablation", featured, tmp_path, **options)
    assert report.note == "simulated features"


def test_a_second_run_reads_what_the_first_wrote(timelines, tmp_path, computed):
    first = reproduce("table3", timelines, tmp_path, **OPTIONS)
    assert len(computed) == 24  # Twelve models, two splits.
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
    assert {(cell.split, cell.n_tasks) for cell in chosen} == {(0, None)}
    # Each row has its own choice, and is tested with it.
    assert len(chosen) == 12
    used = {str(cell): dict(cell.settings) for cell in computed if cell not in chosen}
    assert len(used) == 2
    text = str(report)
    for row, settings in zip(report.table["system"], used.values(), strict=True):
        rate, dropout = settings["learning_rate"], settings["dropout"]
        (line,) = [x for x in text.splitlines() if "Chosen" in x and row in x]
        assert f"learning_rate {rate:g}, dropout {dropout:g}" in line


def test_choice_needs_validation_videos(featured, tmp_path):
    options = {**OPTIONS, "settings": "validated"}
    with pytest.raises(ValueError, match="needs videos in videos_val"):
        reproduce("table3", featured, tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_progress_is_printed(timelines, tmp_path, capsys):
    options = {**OPTIONS, "verbose": True}
    reproduce("windows-ablation", timelines, tmp_path, **options)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert lines[0] == "[skcrosstask] 0 of 4 fits are there"
    assert "[3/4]" in lines[-2]
    assert "left" in lines[-2]
    assert "[4/4]" in lines[-1]
    assert "left" not in lines[-1]


def test_table2_orders_what_must_be_ordered(timelines, results):
    report = reproduce("table2", timelines, results, **OPTIONS)
    average = dict(zip(report.table["system"], report.table["average"], strict=True))
    assert next(iter(average)) == "Uniform"
    assert list(average)[-1] == "Oracle"
    assert average["Oracle"] == max(average.values())
    assert report.table["paper (real features)"] == [
        9.7,
        13.3,
        6.7,
        18.6,
        22.4,
        None,
        31.6,
        None,
        86.0,
    ]


@pytest.fixture
def drawn(monkeypatch):
    """Titles and texts of what is drawn, by experiment."""
    found = {}
    whole = Report._picture

    def picture(report, *form):
        draw = report.draw

        def look(note):
            figure = draw(note)
            found[report.name] = [text.get_text() for text in figure.findobj(Text)]
            return figure

        return whole(replace(report, draw=look), *form)

    monkeypatch.setattr(Report, "_picture", picture)
    return found


def test_one_split_has_no_standard_deviation(timelines, results, drawn):
    report = reproduce("table2", timelines, results, **{**OPTIONS, "n_splits": 1})
    assert report.table["std"] == [None] * 9
    assert {row["std"] for row in rows_of(results / "table2.csv")} == {""}
    assert not any("±" in text for text in drawn["table2"])
    reproduce("table2", timelines, results, **OPTIONS)
    assert any("±" in text for text in drawn["table2"])


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("figure4", "Figure 4: parses of test videos"),
        ("figure5", "Figure 5: gain from sharing"),
        ("figure6", "Figure 6: .*, never seen in training"),
        ("figure7", "Figure 7: recall on unseen tasks"),
        ("sharing-map", "Tasks by the components that they share"),
    ],
)
def test_pictures_have_titles(name, title, timelines, results, drawn):
    reproduce(name, timelines, results, **OPTIONS)
    assert any(re.fullmatch(title, text) for text in drawn[name])


def test_figure_5_draws_what_is_measured(timelines, results, drawn):
    report = reproduce("figure5", timelines, results, **OPTIONS)
    assert "Mean over 2 splits." in report.remarks
    columns = ("component", "steps measured")
    measured = dict(zip(*(report.table[name] for name in columns), strict=True))
    several = [name for name, n in measured.items() if n >= 2]
    assert 0 < len(several) < len(measured)
    labels = [text for text in drawn["figure5"] if re.search(r"\(\d+ step", text)]
    numbers = [int(re.search(r"\((\d+)", text)[1]) for text in labels]
    assert numbers == [measured[name] for name in several]


def test_figure_4_tells_what_was_found(timelines, results):
    table = reproduce("figure4", timelines, results, **OPTIONS).table
    rows = zip(table["time"], table["annotated"], table["result"], strict=True)
    for time_, annotated, result in rows:
        ranges = [tuple(map(float, r.split("–"))) for r in annotated.split("; ") if r]
        within = any(np.floor(a) <= time_ < np.ceil(b) for a, b in ranges)
        found = "found" if within else "missed"
        assert result == (found if ranges else "not in the video")
    assert {"found", "missed"} <= set(table["result"])


def test_of_equally_many_found_steps_the_fewest_missed_win():
    assert max([(2, 3), (3, 4), (3, 1)], key=_rank) == (3, 1)


@pytest.mark.parametrize("name", ["table2", "table3", "map"])
def test_bold_is_explained(name, timelines, results):
    text = str(reproduce(name, timelines, results, **OPTIONS))
    assert "Bold in the picture is the best of the compared rows" in text
    apart = "rows, Supervised and Supervised segments (ours) and Oracle apart."
    assert (apart in text) is (name == "table2")


def test_table_1_has_no_average(timelines, results, drawn):
    reproduce("table1", timelines, results, **OPTIONS)
    assert "average" not in drawn["table1"]
    assert "Table 1: shares, %" in drawn["table1"]


def test_figure_6_takes_a_task(timelines, results, collection):
    title = f"Make {list(collection[1])[1]}"
    report = reproduce("figure6", timelines, results, task=title, **OPTIONS)
    assert title in report.title
    lower = reproduce("figure6", timelines, results, task=title.lower(), **OPTIONS)
    assert lower.table == report.table
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


@pytest.fixture
def five_tasks(tmp_path):
    """A folder like that of the five tasks, of two videos each."""
    root = tmp_path / "instruction_videos_5tasks"
    (root / "annotations").mkdir(parents=True)
    lists = {title: ["grip it", "turn it", "let go"] for title in _PREFIXES.values()}
    (root / "tasks.json").write_text(json.dumps(lists))
    for prefix, i in product(_PREFIXES, (1, 2)):
        rows = f"GRIP IT,2.5,6\nTURN IT,8,{11 + i}\nGRIP IT,14,14\nLET GO,20,25.5\n"
        (root / "annotations" / f"{prefix}_000{i}.csv").write_text(rows)
    return root


@pytest.mark.parametrize("within", [True, False])
def test_five_tasks_need_no_release(within, five_tasks, tmp_path):
    data = five_tasks if within else tmp_path
    report = reproduce("five-tasks", data, tmp_path / "out", **OPTIONS)
    assert report.table["system"] == ["Alayrac'16", "Task-specific steps"]
    assert report.table["K = 10, paper (real features)"] == [22.8, 21.8]
    assert report.table["K = 15, paper (real features)"] == [21.0, 21.1]
    assert all(0 < f1 < 100 for k in (10, 15) for f1 in report.table[f"K = {k}"])
    assert "Simulated features" in (tmp_path / "out" / "five-tasks.md").read_text()
    assert (tmp_path / "out" / "five-tasks.png").is_file()


@pytest.mark.parametrize("name", ["features", "constraints"])
def test_five_tasks_are_always_simulated(name, five_tasks, tmp_path):
    with pytest.raises(ValueError, match=f"^{name} .*simulated"):
        reproduce("five-tasks", five_tasks, tmp_path, **{**OPTIONS, name: tmp_path})


def test_five_tasks_name_the_number_of_steps(five_tasks, tmp_path, capsys):
    options = {**OPTIONS, "n_splits": 1, "verbose": True}
    report = reproduce("five-tasks", five_tasks, tmp_path / "out", **options)
    lines = [line for line in capsys.readouterr().err.splitlines() if "/2]" in line]
    assert [line.split("] ")[2][:6] for line in lines] == ["K = 10"] * 2 + [
        "K = 15"
    ] * 2
    assert report.remarks[0].startswith("One draw of the features")


def test_five_tasks_differ_by_seed(five_tasks, tmp_path):
    tables = [
        reproduce(
            "five-tasks", five_tasks, tmp_path / "out", random_state=seed, **OPTIONS
        ).table
        for seed in (0, 0, 7)
    ]
    assert tables[0] == tables[1] != tables[2]


@pytest.mark.parametrize("n_steps", [10, 15])
def test_five_tasks_are_read(data_dir, n_steps):
    study, truth = open_five_tasks(data_dir, n_steps)
    assert len(study.timelines) == len(truth) == 148
    assert {len(task.steps) for task in study.primary} == {n_steps}
    for video, rows in zip(study.timelines, truth, strict=True):
        # What is annotated of discovered steps is what is annotated of true ones.
        true = {(a, b) for _, a, b in rows}
        assert {(a, b) for _, a, b in video.annotation} <= true
    tire = study.primary[0]
    true_steps = [step for step in tire.steps if not step.startswith("spurious")]
    assert len(true_steps) == min(11, n_steps)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"experiment": "table9"}, "experiment must be one of table1, "),
        ({"n_splits": 0}, "n_splits must be at least 1, got 0"),
        ({"n_train": 0}, "n_train must be at least 1, got 0"),
        ({"settings": "best"}, "settings must be 'paper', 'validated' or a dict"),
        ({"settings": {"epochs": 3}}, "no parameter 'epochs'"),
        ({"settings": {"dropout": 2}}, "'dropout' parameter"),
        ({"settings": {"sharing": "words"}}, "sharing is set by the experiments"),
        ({"settings": {"stemmer": str.lower}}, "stemmer must be a number, a str"),
        ({"n_jobs": 0}, "n_jobs must not be 0"),
        ({"random_state": -1}, "random_state must be at least 0, got -1"),
        ({"n_train": 50}, "too few to train on n_train=50"),
        ({"experiment": "figure6", "task": "Make war"}, "task is named 'Make war'"),
        ({"task": "Make war"}, "task is only for figure6, not for windows-abl"),
        ({"images": "."}, "images is only for figure4, not for windows-abl"),
        ({"constraints": "mine"}, "constraints 'mine' need real features"),
        ({"features": "simulated", "constraints": "mine"}, "so are the windows"),
    ],
)
def test_bad_input(change, message, timelines, tmp_path):
    options = {"experiment": "windows-ablation", **OPTIONS, **change}
    with pytest.raises(ValueError, match=message):
        reproduce(data=timelines, out=tmp_path, **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["data", "features", "constraints", "images"])
def test_missing_folders_are_named(name, featured, tmp_path):
    options = {"data": featured, **OPTIONS, name: "nowhere"}
    with pytest.raises(FileNotFoundError, match="nowhere"):
        reproduce("figure4", out=tmp_path, **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["results", "results/of/mine"])
def test_results_need_a_folder(place, timelines, tmp_path):
    (tmp_path / "results").write_text("")
    with pytest.raises(NotADirectoryError, match="results' is a file"):
        reproduce("table1", timelines, tmp_path / place, **OPTIONS)


def test_results_need_a_folder_that_can_be_made(timelines, tmp_path, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path)
    with pytest.raises(PermissionError, match=f"written to '{tmp_path}' for results"):
        reproduce("table1", timelines, tmp_path / "results", **OPTIONS)


def test_results_is_the_default_folder(timelines, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reproduce("table1", timelines, **OPTIONS)
    assert (tmp_path / "results" / "table1.csv").is_file()


def test_annotations_are_needed_before_the_work(timelines, tmp_path):
    shutil.copytree(timelines, tmp_path / "bare")
    shutil.rmtree(tmp_path / "bare" / "annotations")
    with pytest.raises(ValueError, match="bare' holds no annotations"):
        reproduce("table3", tmp_path / "bare", tmp_path / "out", **OPTIONS)
    reproduce("sharing-map", tmp_path / "bare", tmp_path / "out", **OPTIONS)


def test_features_of_other_videos_are_not_enough(featured, timelines, tmp_path):
    (tmp_path / "empty").mkdir()
    options = {**OPTIONS, "features": tmp_path / "empty"}
    message = "No primary video has features in '.*empty'; .*--features simulated"
    with (
        pytest.warns(UserWarning, match="24 of 24 files"),
        pytest.raises(ValueError, match=message),
    ):
        reproduce("table3", featured, tmp_path / "out", **options)


def test_without_matplotlib_there_is_no_picture(timelines, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.warns(UserWarning, match=r"table1.png is .* 'skcrosstask\[plot\]'"):
        reproduce("table1", timelines, tmp_path, **OPTIONS)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["table1.csv", "table1.md", "table1.tex"]


def test_wrong_pictures_are_refused(timelines, tmp_path):
    with pytest.raises(ValueError, match=r"picture must be one of .*got 'gif'"):
        reproduce("table1", timelines, tmp_path, picture="gif", **OPTIONS)
    with pytest.raises(ValueError, match="dpi must be from 1 to 2400, got 0"):
        reproduce("table1", timelines, tmp_path, dpi=0, **OPTIONS)
    assert list(tmp_path.iterdir()) == []


def test_missing_features_are_reported(write_release, collection, tmp_path):
    videos, ids = collection
    root = tmp_path / "some"
    write_release(root, videos, ids, list(ids)[2:])
    (root / "features" / f"{videos[0].name}.npy").unlink()
    with pytest.warns(UserWarning, match="1 of 24 files of features are missing"):
        report = reproduce("table1", root, tmp_path / "out", **OPTIONS)
    assert sum(report.table["videos"]) == 23


def test_the_command_line_knows_all_experiments():
    assert _EXPERIMENTS == EXPERIMENTS
    assert PAPER["learning_rate"] == 1e-5


def test_figure_7_draws_any_number_of_splits(timelines, results):
    report = reproduce("figure7", timelines, results, **{**OPTIONS, "n_splits": 3})
    rows = ["1", "2", "Uniform", "Trained on target"]
    assert report.table["training tasks"] == rows


# Stopping and going on

# Sixty cells, so that ten kills leave some to be done.
MANY = {**OPTIONS, "n_splits": 10}


def start(timelines, out):
    """The run in a process of its own, forked from one that has imported all."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["skcrosstask.experiments"])
    arguments = ("table3", timelines, out)
    process = context.Process(target=reproduce, args=arguments, kwargs=MANY)
    process.start()
    return process


def finished(out):
    return {path: path.stat().st_mtime_ns for path in (out / "cells").glob("*.json")}


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_run_killed_ten_times_gives_the_same_table(timelines, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    begin = time.perf_counter()
    reproduce("table3", timelines, whole, **MANY)
    one_cell = (time.perf_counter() - begin) / len(finished(whole))
    rng = np.random.default_rng(0)
    known = {}
    for i in range(10):
        process = start(timelines, killed)
        # At any moment of the start, or of the cell after the next.
        while i % 2 and process.is_alive() and len(finished(killed)) == len(known):
            time.sleep(0.001)
        time.sleep(rng.uniform(0, one_cell if i % 2 else 0.3))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        now = finished(killed)
        # What was finished is not computed again.
        assert known.items() <= now.items()
        known = now
    assert 5 <= len(known) < len(finished(whole))
    process = start(timelines, killed)
    process.join()
    assert process.exitcode == 0
    assert known.items() <= finished(killed).items()
    for suffix in ("csv", "md"):
        one, other = (folder / f"table3.{suffix}" for folder in (whole, killed))
        assert one.read_bytes() == other.read_bytes()
