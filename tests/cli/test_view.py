import json
import re
from math import nan

import pytest

from skcrosstask.results import StepTable, read_steps


@pytest.fixture
def page(tmp_path):
    return tmp_path / "page.html"


def videos_of(page):
    text = page.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="data">(.*?)</script>', text)[1])["videos"]


def test_steps_alone_and_with_the_data(run, folder, predictions, page, capsys):
    assert run("view", predictions, "--out", page) == 0
    assert re.fullmatch(rf"shows \d+ videos: {page}\n", capsys.readouterr().out)
    alone = videos_of(page)
    assert all(not video["truth"] for video in alone)
    assert run("view", predictions, folder, "--out", page, "--title", "Mine") == 0
    known = videos_of(page)
    assert [v["name"] for v in known] == [v["name"] for v in alone]
    assert any(v["truth"] for v in known)
    assert any(v["windows"] for v in known)
    assert all(v["duration"] for v in known)
    assert "<title>Mine</title>" in page.read_text()
    assert not capsys.readouterr().err


def test_by_a_model(run, folder, model, page):
    assert run("view", "--model", model, folder, "--out", page) == 0
    for video in videos_of(page):
        assert all(end > start for _, start, end, *_ in video["rows"])


def test_videos_that_are_not_in_the_data_are_counted(run, folder, page, capsys):
    steps = page.with_name("steps.csv")
    steps.write_text("video,task,step,start,end\nstrange,22,1,2,3\n")
    assert run("view", steps, folder, "--out", page) == 0
    assert "1 of 1 video" in capsys.readouterr().err
    assert videos_of(page)[0]["name"] == "strange"


def test_a_step_may_have_two_segments(run, page):
    steps = page.with_name("steps.csv")
    steps.write_text("video,task,step,start,end\nv,22,1,2,3\nv,22,1,5,6\n")
    assert run("view", steps, "--out", page) == 0
    assert len(videos_of(page)[0]["rows"]) == 2


def test_no_input_is_replaced(run, predictions, only_error):
    before = predictions.read_bytes()
    assert run("view", predictions, "--out", predictions) == 2
    assert "is not a page of view" in only_error()
    assert predictions.read_bytes() == before


@pytest.mark.parametrize(
    "given", [[], ["--model", "m.skct"], ["--model", "m", "a", "b"]]
)
def test_one_kind_of_input(run, given, page, only_error):
    assert run("view", *given, "--out", page) == 2
    assert only_error() == "view takes a file of steps, or --model MODEL and DATA."
    assert not page.exists()


def test_data_alone(run, folder, page, only_error):
    assert run("view", folder, "--out", page) == 2
    assert "is a folder, not a file of steps: give the one" in only_error()


def test_empty_table(run, page, only_error):
    steps = page.with_name("steps.csv")
    steps.write_text("video,task,step\n")
    assert run("view", steps, "--out", page) == 2
    assert only_error() == f"{steps} holds no step."


def test_evaluate_against_corrected_annotations(run, folder, predictions, capsys):
    rows = read_steps(predictions)
    corrected = predictions.with_name("corrected.csv")
    # The truth is put where the prediction is, and so all of it is found.
    StepTable(row._replace(present=nan) for row in rows).to_csv(corrected)
    assert run("evaluate", predictions, folder, "--annotations", corrected) == 0
    mean = capsys.readouterr().out.splitlines()[-1].split()
    assert mean[2] == "100.0"


def test_a_page_has_the_suffix_of_one(run, predictions, tmp_path, only_error):
    assert run("view", predictions, "--out", tmp_path / "page.txt") == 2
    assert "must end in .html or .htm" in only_error()
    assert run("view", predictions, "--out", tmp_path / "page.HTML") == 0
