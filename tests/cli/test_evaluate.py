import json
import re

import pytest


def test_uniform_needs_lengths(run, folder, predictions, tmp_path, capsys):
    figures = tmp_path / "figures.json"
    argv = ["evaluate", predictions, folder, "--features", tmp_path, "--json", figures]
    assert run(*argv) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.split()[-1] == "-" for line in lines[1:])
    report = json.loads(figures.read_text())
    assert report["uniform"] is None
    assert report["recall"] > 0


def test_missing_rows_are_steps_left_out(run, folder, predictions, capsys, tmp_path):
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
        ("22,\udcff,1,2", r"line 2: not UTF-8"),
        ('22,"a"b,1,2', r"line 2: not CSV"),
    ],
)
def test_malformed_predictions(run, line, message, folder, tmp_path, capsys):
    path = tmp_path / "times.csv"
    text = f"task,video,step,time\n{line}\n"
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert run("evaluate", path, folder) == 2
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 1 + line.startswith("33")
    assert err[-1].startswith("skcrosstask: error: ")
    assert re.search(message, err[-1])


def test_header_is_required(only_error, run, folder, tmp_path):
    (tmp_path / "times.csv").write_text("22,latte-0,1,2\n")
    assert run("evaluate", tmp_path / "times.csv", folder) == 2
    assert "line 1: the header must be task,video,step,time" in only_error()
