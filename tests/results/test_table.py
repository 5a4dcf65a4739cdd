"""Rows of steps, and what cannot be one."""

import pickle
import re

import pandas as pd
import polars as pl
import pytest

from skcrosstask.results import StepRow, StepTable


def test_it_is_a_sequence(table):
    assert len(table) == 4
    assert table[-1].video == "-x_1-"
    assert table[:2] == StepTable(list(table)[:2])
    assert next(reversed(table)) == table[-1]
    assert table == StepTable(table)
    assert hash(table) == hash(StepTable(table))
    assert table != table[1:]
    assert table != "table"
    assert pickle.loads(pickle.dumps(table)) == table
    assert repr(table) == "StepTable(4 steps, 2 videos)"


def test_it_cannot_be_changed(table):
    with pytest.raises(AttributeError, match="cannot be changed"):
        table.rows = ()
    with pytest.raises(TypeError):
        table[0] = table[1]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"video": None}, TypeError, "row 0: video must be a str"),
        ({"step": 1.0}, TypeError, "step must be an int"),
        ({"step": -1}, ValueError, "steps count from 0"),
        ({"present": "0.5"}, TypeError, "present must be a number"),
        ({"start": float("nan")}, ValueError, "must both be there"),
        ({"end": 2.0}, ValueError, "start 2 is not before end 2"),
        ({"time": 4.0}, ValueError, r"time 4 is outside \[2, 4\)"),
        ({"start": -1.0}, ValueError, "start must be seconds from 0"),
        ({"end": float("inf")}, ValueError, "end must be seconds from 0"),
        ({"confidence": 1.5}, ValueError, "confidence must be a probability"),
    ],
)
def test_what_is_no_row(change, error, message):
    row = StepRow("v", "t", 0, "x", 2.0, 4.0, 3.0, 1.0, 1.0)
    StepTable([row])
    with pytest.raises(error, match=message):
        StepTable([row._replace(**change)])


def test_frames(table):
    frame = table.to_frame()
    assert list(frame) == list(StepRow._fields)
    assert frame["step"].tolist() == [0, 1, 2, 0]
    assert frame.dtypes.iloc[4:].eq("float64").all()
    assert StepTable(frame.itertuples(index=False, name=None)) == table
    assert pl.DataFrame(map(StepRow._asdict, table)).shape == (4, 9)
    assert list(StepTable().to_frame()) == list(StepRow._fields)
    assert isinstance(frame, pd.DataFrame)


def test_in_a_notebook(table):
    text = table._repr_html_()
    assert "<b>" not in text
    assert text.count("<tr>") == 5
    assert text.count("<span") == 3
    assert "3723.1" in text
    long = StepTable(("v", "t", k, "<x>", k, k + 1.0, k + 0.5) for k in range(99))
    text = long._repr_html_()
    assert text.count("<tr>") == 12
    assert "<x>" not in text
    assert len(text) < 40_000
    # On light and dark ground: no colour is set but the pieces'.
    assert set(re.findall(r"[;\"](?:background|color):(\w+)", text)) == {
        "hsl",
        "inherit",
    }
    assert "<tbody></tbody>" in StepTable()._repr_html_()
