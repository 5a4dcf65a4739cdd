"""What every public metric must do: a new one is tested by its line in the registry."""

import inspect

import numpy as np
import pytest

from skcrosstask import Task, metrics

TEA, TIRE = Task("tea", ["boil water", "add tea"]), Task("tire", ["lift", "lower"])
TRUTH = [[[0, 0, 2], [1, 4, 6]], [[0, 1, 3], [1, 3, 5]]]
LABELS = [[0, 0, -1, -1, 1, 1], [-1, 0, 0, 1, 1, -1]]
# What a metric is given, by the name of its argument; all predictions are perfect.
PERFECT = {
    "annotations": TRUTH,
    "predictions": [[1, 5], [2, 4]],
    "scores": [np.equal.outer(labels, [0, 1]).astype(float) for labels in LABELS],
    "true_labels": LABELS,
    "predicted_labels": LABELS,
    "windows": TRUTH,
    "lengths": [6, 6],
    "tasks": [TEA, TIRE],
}
PREDICTED = {"predictions", "scores", "predicted_labels"}


def arguments(name):
    parameters = inspect.signature(getattr(metrics, name)).parameters
    return [p.name for p in parameters.values() if p.kind is not p.KEYWORD_ONLY]


METRICS = [
    name
    for name in metrics.__all__
    if arguments(name)[0] in ("annotations", "true_labels")
    and not name.endswith("_table")
]
every = pytest.mark.parametrize("name", METRICS)


def call(name, /, **changed):
    values = {key: PERFECT[key] for key in arguments(name)}
    return getattr(metrics, name)(**{**values, **changed})


def averaged(names):
    signatures = {name: inspect.signature(getattr(metrics, name)) for name in names}
    return [name for name, s in signatures.items() if "average" in s.parameters]


def test_registry():
    assert len(METRICS) >= 11
    for name in metrics.__all__:
        assert getattr(metrics, name).__name__ == name


@pytest.mark.parametrize("name", [n for n in METRICS if PREDICTED & {*arguments(n)}])
def test_one_for_perfect_predictions(name):
    value = call(name)
    assert set(value.values() if isinstance(value, dict) else [value]) == {1.0}


@every
def test_input_is_left_as_it_is(name):
    values = {key: [np.array(v) for v in PERFECT[key]] for key in arguments(name)[:1]}
    before = {key: [v.copy() for v in rows] for key, rows in values.items()}
    call(name, **values)
    for key, rows in values.items():
        for found, expected in zip(rows, before[key], strict=True):
            np.testing.assert_array_equal(found, expected)


@every
def test_lengths_must_agree(name):
    first, *others = arguments(name)
    for other in others:
        with pytest.raises(ValueError, match=f"2 {first}"):
            call(name, **{other: PERFECT[other][:1]})


@every
def test_one_where_many_are_expected(name):
    for key in arguments(name):
        with pytest.raises(TypeError, match=f"^{key} must be a sequence of"):
            call(name, **{key: 3})


@every
def test_malformed_entries_are_refused_by_name(name):
    first = arguments(name)[0]
    for entry in ([[0, 1]], [["a", 1, 2]], [[np.nan, 1, 2]], np.zeros((1, 1, 1))):
        with pytest.raises(ValueError, match=rf"^{first}\[0\] "):
            call(name, **{first: [entry, PERFECT[first][1]]})


@pytest.mark.parametrize("name", averaged(METRICS))
def test_averages(name):
    with pytest.raises(ValueError, match="average must be one of"):
        call(name, average="harmonic")
    by_task = call(name, average=None)
    if set(by_task) != {"tea", "tire"}:  # by overlap, then by task
        by_task = next(iter(by_task.values()))
    assert set(by_task) == {"tea", "tire"}
