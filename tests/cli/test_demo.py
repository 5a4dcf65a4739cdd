import sys

import numpy as np
import pytest

import skcrosstask
from skcrosstask import Task
from skcrosstask._cli.demo import draw_text_timeline


def percentages(line):
    return [int(word.rstrip("%")) for word in line.split() if word.endswith("%")]


def test_demo(run, tmp_path, capsys):
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


def test_an_unknown_picture_is_refused_before_the_work(run, tmp_path, only_error):
    pytest.importorskip("matplotlib")
    assert run("demo", "--out", tmp_path / "timeline.foo") == 2
    assert "--out: cannot write pictures in the format 'foo'" in only_error()


def test_demo_without_matplotlib(run, tmp_path, monkeypatch, capsys):
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
