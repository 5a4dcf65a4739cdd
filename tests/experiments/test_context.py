from dataclasses import replace

import numpy as np
import pytest

from skcrosstask.baselines import SupervisedStepEstimator, UniformBaseline
from skcrosstask.experiments import PAPER
from skcrosstask.experiments._cells import Cell
from skcrosstask.experiments._context import Context
from skcrosstask.experiments._runner import Runner
from skcrosstask.experiments._settings import GRID

QUICK = {**PAPER, "init_iter": 1, "max_iter": 1}


@pytest.fixture
def context(study, tmp_path):
    return Context(study, Runner(study, tmp_path, verbose=False), QUICK, n_splits=2)


def test_supervised_gets_as_many_epochs_and_no_more_than_it_takes(context):
    context.settings = {**QUICK, "init_iter": 2, "align_dropout": False}
    settings = dict(context.supervised().settings)
    assert settings["max_iter"] == 3
    assert settings["dropout"] == QUICK["dropout"]
    SupervisedStepEstimator(**settings)


def test_recalls_are_those_of_the_estimator(context):
    study = context.study
    recalls = context.recalls({"Uniform": Cell("uniform", 0)}, "task")
    for split in range(2):
        tested = [study.videos[i] for i in study.test(split)]
        expected = UniformBaseline().score(tested)
        assert recalls["Uniform"][split] == pytest.approx(expected)
    by_task = context.recalls({"Uniform": Cell("uniform", 0)})
    assert by_task["Uniform"][0].keys() == {task.name for task in study.primary}


def test_nothing_is_chosen_unless_that_is_wanted(context):
    rows = {"a": context.weak(), "b": Cell("uniform", 0)}
    assert context.tuned(rows) == rows
    assert context.chosen == {}


def test_the_best_on_validation_videos_is_chosen(context, monkeypatch):
    rows = {
        "Uniform": Cell("uniform", 0),
        "Few": replace(context.weak("related", sharing="words"), n_tasks=1),
        "Steps": context.weak(sharing="none"),
    }
    asked = []

    def run(cells):
        asked.extend(cells)
        best = {"words": (3e-5, 0.7), "none": (1e-4, 0.5)}
        found = {}
        for cell in cells:
            settings = dict(cell.settings)
            pair = settings["learning_rate"], settings["dropout"]
            found[cell] = {"recall": float(pair == best[settings["sharing"]])}
        return found

    monkeypatch.setattr(context.runner, "run", run)
    context.validate = True
    tuned = context.tuned(rows)
    assert {(cell.test, cell.split, cell.n_tasks) for cell in asked} == {
        ("validation", 0, None)
    }
    n = np.prod([len(values) for values in GRID.values()])
    assert len(asked) == len(set(asked)) == 2 * n
    assert tuned["Uniform"] == rows["Uniform"]
    assert tuned["Few"].n_tasks == 1
    assert tuned["Few"].test == "test"
    assert dict(tuned["Steps"].settings)["learning_rate"] == 1e-4
    assert context.chosen == {
        "Few": {"learning_rate": 3e-5, "dropout": 0.7},
        "Steps": {"learning_rate": 1e-4, "dropout": 0.5},
    }


def test_splits_in_words(context):
    assert "over 2 splits" in context.over_splits()
    context.n_splits = 1
    assert context.over_splits() == "One split."
