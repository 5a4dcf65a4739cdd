import json
import re

import numpy as np
import pytest

from skcrosstask.datasets import load_crosstask
from skcrosstask.results import StepRow, StepTable, read_steps


def test_uniform_needs_lengths(run, folder, predictions, tmp_path, capsys):
    figures = tmp_path / "figures.json"
    argv = ["evaluate", predictions, folder, "--features", tmp_path, "--json", figures]
    assert run(*argv) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.split()[-1] == "-" for line in lines[1:-1])
    report = json.loads(figures.read_text())
    assert report["uniform"] is None
    assert report["recall"] > 0
    assert 0 < report["iou"] < 1


def test_truth_long_after_the_end_is_refused(
    run, folder, predictions, tmp_path, only_error
):
    text = "video,task,step,start,end\nlatte-0,22,1,4,300\n"
    (tmp_path / "truth.csv").write_text(text)
    argv = ["evaluate", predictions, folder, "--annotations", tmp_path / "truth.csv"]
    assert run(*argv) == 2
    assert "truth.csv: video 'latte-0': 300 s is long after its end" in only_error()


def write_old(path, table):
    """The format of earlier versions: rows of one second, -1 if left out."""
    lines = ["task,video,step,time", ""]
    for row in table:
        time = -1 if row.time != row.time else int(row.time)
        lines.append(f"{row.task},{row.video},{row.step + 1},{time}")
    path.write_text("\n".join([*lines, ""]))


def test_missing_rows_are_steps_left_out(run, folder, predictions, capsys, tmp_path):
    table = read_steps(predictions)
    some = StepTable(row for row in table if row.step)
    left_out = StepTable(row if row.step else StepRow(*row[:4]) for row in table)
    some.to_csv(tmp_path / "some.csv")
    left_out.to_json(tmp_path / "out.json")
    write_old(tmp_path / "old.csv", left_out)
    printed = []
    for name in ("some.csv", "out.json", "old.csv"):
        assert run("evaluate", tmp_path / name, folder) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    # Without ends, nothing overlaps.
    assert printed[0].splitlines()[:-1] == printed[2].splitlines()


def test_without_best_moments_the_middles_count(run, folder, tmp_path, capsys):
    data = load_crosstask(folder, features=None, constraints=None, tasks="primary")
    lines = ["video,task,step,start,end"]
    for video in data.videos:
        if video.annotation is not None:
            # Wider on both sides, so that only the middle is surely right.
            wider = np.minimum(video.annotation[:, 1], 5.0)
            lines += [
                f"{video.name},{video.task.name},{int(k) + 1},{start - w},{end + w}"
                for (k, start, end), w in zip(video.annotation, wider, strict=True)
            ]
    times = tmp_path / "times.csv"
    times.write_text("\n".join(dict.fromkeys(lines)) + "\n")
    figures = tmp_path / "figures.json"
    assert run("evaluate", times, folder, "--json", figures) == 0
    assert json.loads(figures.read_text())["recall"] == 1


def test_truth_overlaps_with_itself(run, folder, tmp_path, capsys):
    data = load_crosstask(folder, features=None, constraints=None, tasks="primary")
    rows = [
        StepRow(v.name, v.task.name, int(k), "", start, end, (start + end) / 2)
        for v in data.videos
        for k, start, end in v.annotation
    ]
    StepTable(rows).to_csv(tmp_path / "t.csv")
    figures = tmp_path / "f.json"
    assert run("evaluate", tmp_path / "t.csv", folder, "--json", figures) == 0
    report = json.loads(figures.read_text())
    assert report["iou"] == 1
    assert report["f1"] == {"0.1": 1, "0.25": 1, "0.5": 1}
    assert report["recall"] == 1
    # A shift by as much as a segment is long leaves nothing.
    late = [row._replace(start=row.end, end=2 * row.end - row.start) for row in rows]
    StepTable(row._replace(time=row.start) for row in late).to_csv(tmp_path / "t.csv")
    assert run("evaluate", tmp_path / "t.csv", folder, "--json", figures) == 0
    assert json.loads(figures.read_text())["iou"] == 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("22,latte-0,1", r"line 2: expected 4 cells"),
        ("22,latte-0,1,2,3", r"line 2: expected 4 cells"),
        ("22,latte-0,1,2.5", r"line 2: time must be a whole number from 0"),
        ("22,latte-0,0,2", r"line 2: step must be a whole number from 1"),
        ("22,latte-0,1,-2", r"line 2: time must be a whole number from 0"),
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
    assert "line 1: the header must be video,task,step,text" in only_error()
