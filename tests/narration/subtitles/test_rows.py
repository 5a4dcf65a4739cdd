"""Tables and JSON of rows."""

import pytest

from skcrosstask.narration import read_narration


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "start,text\n1,a\nx,b\n", "a.csv, line 3: start: 'x' is not a time"),
        ("a.csv", "start,text\n1,a\n2,b,c\n", "line 3: 2 fields were expected, got 3"),
        ("a.csv", 'start,text\n1,"a\nb"\n-2,b\n', "line 4: times must be finite"),
        ("a.csv", "start,text\nnan,a\n", "line 2: times must be finite"),
        ("a.csv", "9" * 400 + ":00:00,a\n", "line 1: times must be finite"),
        ("a.csv", "1,2\n3\n", "line 2: 2 fields were expected, got 1"),
        ("a.csv", b"\xff\xfea", "line 1: not utf-16"),
        ("a.csv", "start,end,text\n3,2,a\n", "line 2: ends before it starts"),
        ("a.csv", "start,text\n,a\n", "line 2: start is missing"),
        ("a.csv", 'start,text\n1,"a\n', "line 2"),
        ("a.csv", "when,text\n1,a\n", "line 1: columns start and text were expected"),
        ("a.csv", "strat,text\n1,a\n", "'strat' is unknown; did you mean 'start'"),
        ("a.csv", "video,start,text\nv1,1,a\nv2,1,b\n", "holds 2 videos"),
        ("a.csv", b"start,text\n1,a\n2,\xff\n", "line 3: not utf-8"),
        ("a.json", '[\n{"start": 1,\n}]', "line 3: not JSON"),
        ("a.json", '{"words": []}', "a list of rows or an object with segments"),
        ("a.json", "[1]", "row 0: start, end and text"),
        ("a.json", '[{"start": 1}]', "row 0: text must be a string, got None"),
        ("a.json", '[[true, "a"]]', "row 0: start: True is not a time"),
        ("a.json", '[[NaN, "a"]]', "row 0: times must be finite"),
        ("a.json", '[[1e999, "a"]]', "row 0: times must be finite"),
        ("a.json", '[[1, -1, "a"]]', "row 0: ends before it starts"),
        ("a.json", "[" * 100_000, "not JSON of rows"),
        ("a.json", "[[" + "1" * 5000 + ', "a"]]', "not JSON of rows"),
        ("a.json", "[[1" + "0" * 400 + ', "a"]]', "row 0: start: 10+ is not a time"),
        ("a.json", "[]", "no text with a time"),
        ("a.json", '{"segments": []}', "no text with a time"),
        ("a.json", " ", "the file is empty"),
        ("a.txt", "a", "format 'txt' is unknown"),
    ],
)
def test_broken_tables(write, name, content, message):
    with pytest.raises(ValueError, match=message):
        read_narration(write(name, content), strict=True)
