"""What is written is read, and what is wrong is named."""

import csv
import json
from io import StringIO

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.results import StepTable, read_annotations, read_steps
from skcrosstask.results._csv import parse_csv
from skcrosstask.results._json import parse_json

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
NAMES = st.one_of(TEXTS, TEXTS.map("='".__add__), TEXTS.map("-".__add__))
SECONDS = st.floats(0, 1e6)
CHANCES = st.one_of(st.floats(0, 1), st.just(float("nan")))


@st.composite
def tables(draw):
    rows = {}
    for _ in range(draw(st.integers(0, 4))):
        head = (draw(NAMES), draw(NAMES), draw(st.integers(0, 10**6)), draw(NAMES))
        start = draw(SECONDS)
        times = (start, start + draw(st.floats(0.001, 1e3)), start)
        if draw(st.booleans()):
            times = (float("nan"),) * 3
        rows[head[:3]] = (*head, *times, draw(CHANCES), draw(CHANCES))
    return StepTable(rows.values())


@given(table=tables())
def test_round_trip(table):
    assert parse_csv(table.to_csv(), "t.csv")[0] == table
    assert parse_json(table.to_json(), "t.json")[0] == table


@given(text=NAMES)
def test_no_cell_is_a_formula(text):
    written = StringIO(StepTable([(text, "t", 0)]).to_csv(), newline="")
    (row,) = [*csv.reader(written)][1:]
    if row[0][:1] in ("=", "@", "\t", "\r"):
        pytest.fail(f"{row[0]!r} is a formula")
    if row[0][:1] in ("-", "+"):
        assert not set("()|!=*/ ,.") & set(row[0])


def test_other_programs_read_them(table, tmp_path):
    table.to_csv(tmp_path / "t.csv")
    frame = pd.read_csv(tmp_path / "t.csv")
    assert frame["step"].tolist() == [1, 2, 3, 1]
    assert frame["video"].tolist()[-1] == "-x_1-"
    assert frame["end"].isna().tolist() == [False, False, True, False]
    table.to_json(tmp_path / "t.json")
    records = json.loads((tmp_path / "t.json").read_text("utf-8"))
    assert pd.DataFrame(records)["step"].tolist() == [1, 2, 3, 1]
    assert records[1]["text"] == "=SUM(A1)"
    for name in ("t.csv", "t.json"):
        assert read_steps(tmp_path / name) == table


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_files_of_earlier_versions(start, end, write):
    lines = ["task,video,step,time", "", "7,plain,1,2", "7,plain,2,-1"]
    table = read_steps(write("times.csv", start + end.join([*lines, ""])))
    assert [row[:3] for row in table] == [("plain", "7", 0), ("plain", "7", 1)]
    assert table[0].time == 2.5
    assert table == StepTable([table[0], ("plain", "7", 1)])
    path = write("times.csv", start + end.join([*lines, "7,plain,2,1"]))
    with pytest.raises(ValueError, match=r"line 5: step 2 .* in line 4"):
        read_steps(path)


def test_a_row_of_several_lines_is_named_by_its_first(write):
    text = 'task,video,step,time\n7,"two\nlines",1,3\n7,plain,0,3\n'
    with pytest.raises(ValueError, match="line 4: step must be a whole number"):
        read_steps(write("times.csv", text))


def test_columns_in_any_order(write):
    text = "note,step,task,video\nx,2,t,v\n"
    assert read_steps(write("t.csv", text)) == StepTable([("v", "t", 1)])


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("clip,task,step", "column 'clip' is unknown; did you mean 'video'?"),
        (
            "video,task,step,begin,end",
            "column 'begin' is unknown; did you mean 'start'",
        ),
        ("video,task,step,begin,stop", "'begin' is unknown; did you mean 'start'?"),
        ("video,task,step,start,ends", "'ends' is unknown; did you mean 'end'?"),
        ("video,task,step,Start,end", "'Start' is unknown; did you mean 'start'?"),
        ("video,task,step,end,x", "'start' is missing, as .*; 'x' is unknown"),
        ("video,task,step,start", "column 'end' is missing"),
        ("video,task,step,confidense", "did you mean 'confidence'?"),
        ("video,task,x", "step is missing"),
    ],
)
def test_unknown_columns_are_named(header, message, write):
    for read in (read_steps, read_annotations):
        with pytest.raises(ValueError, match=rf"t\.csv, line 1: .*{message}"):
            read(write("t.csv", f"{header}\n"))


def test_columns_that_mean_nothing_here_may_stay(write):
    text = "video,task,step,start,end,begin,name,note\nv,t,1,2,3,x,y,z\n"
    assert read_steps(write("t.csv", text))[0].start == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("v,t,1,x,5,3", "line 2: expected .* got 6"),
        ("v,t,1,x,5,3,,,", "line 2: start 5 is not before end 3"),
        ("v,t,1,x,5,6,2,,", r"line 2: time 2 is outside \[5, 6\)"),
        ("v,t,1,x,five,6,,,", "line 2: start must be a number or empty, got 'five'"),
        ("v,t,1.5,x,,,,,", "line 2: step must be a whole number from 1, got '1.5'"),
        ("v,t,1,x,,,,2,", "line 2: present must be a probability"),
        ("v,t,1,x,,,inf,,", "line 2: time must be seconds"),
        ("v,t,1,x,,,,,\nv,t,1,x,,,,,", "line 3: step 1 .* in line 2"),
    ],
)
def test_faults_of_csv(line, message, write):
    header = StepTable().to_csv()
    with pytest.raises(ValueError, match=message) as caught:
        read_steps(write("t.csv", header + line + "\n"))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("{}", "must be a list"),
        ("[1]", "entry 1: must be an object"),
        ('[{"video": "v", "task": "t"}]', "entry 1: step is missing"),
        ('[{"video": "v", "task": "t", "step": 0}]', "whole number from 1, got 0"),
        ('[{"video": 3, "task": "t", "step": 1}]', "entry 1: video must be a str"),
        ('[{"video": "v", "task": "t", "step": 1, "time": "3"}]', "numbers or null"),
        ('[{"video": "v", "task": "t", "step": 1, "end": 3}]', "key 'start' is miss"),
        ('[{"video": "v", "task": "t", "step": 1, "begin": 3}]', "you mean 'start'"),
        (
            '[{"video": "v", "task": "t", "step": 1},'
            ' {"video": "v", "task": "t", "step": 1}]',
            "entry 2: step 1 .* in entry 1",
        ),
    ],
)
def test_faults_of_json(text, message, write):
    with pytest.raises(ValueError, match=message):
        read_steps(write("t.json", text))


def test_a_file_that_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.csv' is missing"):
        read_steps(tmp_path / "none.csv")


def test_a_long_header_makes_no_long_message(tmp_path):
    path = tmp_path / "times.csv"
    header = "video,task,step,text,start,end,time,present,confidence"
    path.write_text(f"{header},{'x' * 5000}\na,b,0\n", "utf-8")
    with pytest.raises(ValueError, match=r"line 2: expected 10 cells.*; got 3\.$") as e:
        read_steps(path)
    assert len(str(e.value)) < 300


@pytest.mark.parametrize("name", ["v1.vtt", "v1.ffmeta", "v1.EAF", "page.html"])
@pytest.mark.parametrize("read", [read_steps, read_annotations])
def test_what_cannot_be_read_back_says_what_can(name, read, table, tmp_path):
    (tmp_path / name).write_text("WEBVTT\n")
    with pytest.raises(ValueError, match=r"cannot be read back.*\.csv or \.json"):
        read(tmp_path / name)
