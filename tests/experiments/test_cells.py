import json
from dataclasses import replace

import pytest

from skcrosstask.experiments._cells import Cell, CellStore, over_splits

QUICK = (("init_iter", 1), ("max_iter", 1), ("sharing", "words"))
WEAK = Cell("weak", 1, "primary + related", settings=QUICK)


def test_a_cell_reads_well():
    cell = Cell("weak", 0, "related", 1, (("sharing", "words"), ("use_windows", False)))
    text = "weak, sharing words, no windows, related, 1 task, split 1"
    assert str(cell) == text
    assert str(Cell("uniform", 2)) == "uniform, primary, split 3"
    assert "2 tasks, validation" in str(replace(cell, n_tasks=2, test="validation"))
    assert [c.split for c in over_splits(cell, 3)] == [0, 1, 2]


def test_what_is_saved_is_found(study, tmp_path):
    store = CellStore(tmp_path / "cells", study)
    assert store.load(WEAK) is None
    result = {"recall": 0.1 + 0.2, "predictions": [[1, 2]]}
    store.save(WEAK, result)
    assert store.load(WEAK) == result
    (path,) = (tmp_path / "cells").iterdir()
    record = json.loads(path.read_text())
    assert record["cell"]["split"] == 1
    assert dict(record["cell"]["settings"]) == dict(QUICK)
    assert record["protocol"] == {"n_train": 3, "random_state": 0}
    assert record["features"] == "real features"
    assert record["videos"] == [study.timelines[i].name for i in study.test(1)]


@pytest.mark.parametrize(
    "change",
    [
        {"system": "supervised"},
        {"split": 0},
        {"source": "primary"},
        {"n_tasks": 1},
        {"settings": (("dropout", 0.1), *QUICK)},
        {"test": "validation"},
    ],
)
def test_another_cell_is_another_file(change, study, tmp_path):
    store = CellStore(tmp_path, study)
    store.save(WEAK, {"recall": 0.5})
    assert store.load(replace(WEAK, **change)) is None


def test_another_collection_is_another_file(make_study, tmp_path):
    CellStore(tmp_path, make_study()).save(WEAK, {"recall": 0.5})
    other = make_study(generator={"noise": 1.0})
    assert CellStore(tmp_path, other).load(WEAK) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"result": '])
def test_a_broken_file_is_no_result(text, study, tmp_path):
    store = CellStore(tmp_path, study)
    store.path(WEAK).write_text(text)
    assert store.load(WEAK) is None
