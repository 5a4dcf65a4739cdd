import json
from dataclasses import replace

import numpy as np
import pytest

from skcrosstask.baselines import UniformBaseline
from skcrosstask.experiments import _cells as module
from skcrosstask.experiments._cells import (
    Cell,
    CellStore,
    make_estimator,
    over_splits,
    run_cell,
)
from skcrosstask.metrics import mean_average_precision, step_recall

QUICK = (("init_iter", 1), ("max_iter", 1), ("sharing", "words"))
WEAK = Cell("weak", 1, "primary + related", settings=QUICK)


def test_a_cell_is_what_a_user_would_compute(study):
    result = run_cell(study, Cell("uniform", 1))
    tested = [study.videos[i] for i in study.test(1)]
    truth, tasks = [v.annotation for v in tested], [v.task for v in tested]
    predictions = UniformBaseline().predict(tested)
    assert result["predictions"] == [list(times) for times in predictions]
    assert result["recall"] == step_recall(truth, predictions, tasks)
    assert result["average_precision"].keys() == {t.name for t in study.primary}
    assert json.loads(json.dumps(result)) == result


def test_scores_give_the_precision(study):
    result = run_cell(study, WEAK)
    est = make_estimator(WEAK)
    assert est.random_state == 1
    est.fit([study.videos[i] for i in study.train(1, "primary + related")])
    tested = [study.videos[i] for i in study.test(1)]
    expected = mean_average_precision(
        [v.annotation for v in tested],
        est.decision_function(tested),
        [v.task for v in tested],
        average=None,
    )
    assert result["average_precision"] == expected


def test_validation_videos_can_be_tested(study):
    cell = replace(WEAK, test="validation")
    assert cell.tested(study) == study.validation()
    assert len(run_cell(study, cell)["predictions"]) == 2


def test_an_interrupted_fit_is_no_result(study, monkeypatch):
    estimator = make_estimator(WEAK)

    class Interrupted(type(estimator)):
        def fit(self, X, y=None):
            super().fit(X, y)
            self.n_iter_ = 1
            return self

    monkeypatch.setitem(module.SYSTEMS, "weak", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_cell(study, WEAK)


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


def test_placements_rank_frames_at_random(study):
    est, cell = UniformBaseline(), Cell("uniform", 4)
    videos = study.videos[:2]
    one, other = (module._frame_scores(est, videos, cell) for _ in range(2))
    for video, a, b in zip(videos, one, other, strict=True):
        assert a.shape == (video.shape[0], len(video.task.steps))
        np.testing.assert_array_equal(a, b)
