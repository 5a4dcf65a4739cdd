"""Pages quote figures as benchmarks recorded them, in benchmarks/measured."""

import importlib
import re
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"

pytestmark = pytest.mark.skipif(
    not BENCHMARKS.is_dir() or not (ROOT / "docs").is_dir(),
    reason="no benchmarks or manual beside the tests",
)


@pytest.fixture
def module(monkeypatch):
    """Imports a module of the benchmarks, for the time of a test."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        path = getattr(sys.modules[name], "__file__", None) or ""
        if path.startswith(str(BENCHMARKS)):
            del sys.modules[name]


@pytest.fixture
def manual(module):
    return module("manual_figures")


@pytest.fixture
def record(module, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["benchmarks/some.py"])
    return module("_measured").record


@pytest.fixture
def pages(manual, tmp_path):
    """A copy of the pages that quote figures."""
    found = manual.Measured()
    quoting = {table.page for table in found.tables()}
    for page in quoting | {sentence.page for sentence in manual.sentences_of(found)}:
        (tmp_path / page).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / page).write_bytes((ROOT / page).read_bytes())
    return tmp_path


def change(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_pages_quote_what_was_measured(manual):
    assert "\n".join(manual.differences()) == ""


@pytest.mark.parametrize(
    ("page", "cell", "name"),
    [
        ("README.md", r"\| YouCook2.*\*\*([\d.]+)\*\*", "YouCook2"),
        ("docs/user_guide/defaults.rst", r'"hard windows".*"([\d.]+)"', "hard windows"),
        ("docs/user_guide/defaults.rst", r'"generated", "(\d\.\d+)"', "generated"),
        ("benchmarks/README.md", r"\| published.* ([\d.]+) \|", "published"),
    ],
)
def test_a_wrong_figure_is_named(manual, pages, page, cell, name):
    path = pages / page
    text = path.read_text("utf-8")
    start, stop = re.search(cell, text).span(1)
    path.write_text(f"{text[:start]}77.7{text[stop:]}", "utf-8")
    (said,) = manual.differences(pages)
    assert page in said
    assert name in said
    assert "77.7" in said
    assert text[start:stop] in said
    assert re.search(r"benchmarks/measured/\w+\.csv", said)
    assert re.search(r"by: python benchmarks/\w+\.py .*--record", said)
    manual.write(pages)
    assert path.read_text("utf-8") == text


def test_a_wrong_sentence_is_named(manual, pages):
    change(pages / "README.md", "two hundred times as", "nine hundred times as")
    (said,) = manual.differences(pages)
    assert said.startswith("README.md: does not say 'about two hundred times as ")
    assert "python benchmarks/training_speed.py" in said


def test_a_missing_row_or_table_is_named(manual, pages):
    change(pages / "README.md", "| openpack, actions", "\n| openpack, actions")
    change(pages / "docs/user_guide/defaults.rst", "Recall on real", "Reca1l on real")
    said = list(manual.differences(pages))
    assert [line.split(",")[0] for line in said] == [
        "README.md",
        "docs/user_guide/defaults.rst",
    ]
    with pytest.raises(SystemExit, match=r"defaults.rst has no '.. csv-table:: Recall"):
        manual.write(pages)


def test_a_missing_figure_names_the_command(manual, tmp_path):
    with pytest.raises(SystemExit, match=r"run python benchmarks/\w+\.py --record"):
        list(manual.differences(ROOT, tmp_path))


def test_files_name_commands_without_machines(module):
    measured = module("_measured")
    files = sorted(measured.FOLDER.glob("*.csv"))
    assert len(files) >= 6
    for path in files:
        lines = measured.read(path, 99).values()
        assert lines
        for line in lines:
            assert re.fullmatch(r"\d+\.\d+\.\d+", line["version"])
            assert int(line["seeds"]) > 0
            script, options = re.fullmatch(
                r"python (benchmarks/\w+\.py) (.*)", line["command"]
            ).groups()
            assert (ROOT / script).is_file()
            assert "/" not in options
            assert options.endswith("--record")


def test_all_rows_of_a_set_are_of_the_same_seeds(module):
    measured = module("_measured")
    seeds = {}
    for (name, _), line in measured.read(measured.FOLDER / "real_data.csv", 2).items():
        seeds.setdefault(name, set()).add(line["seeds"])
    assert len(seeds) == 18
    assert {name: found for name, found in seeds.items() if len(found) > 1} == {}


def test_only_lines_of_the_same_names_are_replaced(record, module, tmp_path):
    path = tmp_path / "new" / "some.csv"
    for name, row, recall in [("b", "x", 1.0), ("a", "y", 2.0), ("b", "x", 1 / 3)]:
        record(path, ["set", "row"], [{"set": name, "row": row, "recall": recall}])
    record(path, ["set", "row"], [{"set": "a", "row": "z", "more": float("nan")}])
    lines = module("_measured").read(path, 2)
    assert {key: line["recall"] for key, line in lines.items()} == {
        ("a", "y"): "2",
        ("a", "z"): "",
        ("b", "x"): "0.333333",
    }
    header = path.read_text("utf-8").split("\n")[0]
    assert header == "set,row,recall,more,seeds,version,command"


def test_nothing_is_recorded_without_a_file(record):
    record(None, ["set"], [{"set": "a"}])


def test_a_file_is_replaced_as_a_whole(record, module, monkeypatch, tmp_path):
    path = tmp_path / "some.csv"
    record(path, ["set"], [{"set": "a", "recall": 1}])
    before = path.read_bytes()

    def fail(*names):
        raise OSError("full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="full"):
        record(path, ["set"], [{"set": "b", "recall": 2}])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_command_has_no_paths(record, module, monkeypatch, tmp_path):
    given = ["--data", "/a/b", "--sets", "x y", "z", "--out=/c", "--record", "/d"]
    monkeypatch.setattr(sys, "argv", ["/e/some.py", *given, "--seeds", "2"])
    record(tmp_path / "some.csv", ["set"], [{"set": "a"}])
    (line,) = module("_measured").read(tmp_path / "some.csv", 1).values()
    assert line["command"] == (
        "python benchmarks/some.py --sets 'x y' z --seeds 2 --record"
    )


def test_recall_is_recorded_with_its_spread(module):
    real = module("real_data")
    runs = {
        real.EVEN: real.Runs(np.array([10.0, 20.0]), 0.5),
        "default": real.Runs(np.array([30.0, 50.0]), 2.0),
        "hard windows": "no windows",
    }
    even, default = real.figures_of("a set", runs)
    assert (even["row"], even["gain"], even["gain error"]) == (real.EVEN, 0, 0)
    assert (default["set"], default["n"], default["seconds"]) == ("a set", 2, 2)
    assert (default["recall"], default["gain"]) == (40, 25)
    assert default["deviation"] == pytest.approx(200**0.5)
    assert default["gain error"] == pytest.approx(5)


def test_speed_is_recorded_beside_the_peer(module):
    found = {"init": 0.5, "align": 1.5, "whole": 9.0, "recall": 0.3, "memory": 2e9}
    slow = {**found, "init": 1.5, "align": 4.5}
    speed = module("training_speed")
    ours, peer = speed.figures_of({"ours": [found, found], "peer": [slow, slow]})
    assert (ours["ratio"], peer["ratio"]) == (3, 1)
    assert (ours["videos/s"], ours["align ms"]) == (1, 1500)
    assert (ours["recall"], ours["peak GB"]) == (30, 2)
    (alone,) = speed.figures_of({"ours": [found]})
    assert np.isnan(alone["ratio"])
