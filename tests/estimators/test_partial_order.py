"""Prediction under partial orders, and each step by itself."""

import copy
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from twins import FIRST

from skcrosstask import Task, WeaklySupervisedStepEstimator
from skcrosstask.alignment import align_steps
from skcrosstask.baselines import DiffracEstimator
from skcrosstask.datasets import make_instructional_videos

DECODINGS = ["posterior", "one_per_step", "segments", "free"]


def swap(video, step=1):
    """The same video, with a step and the next one the other way round."""
    truth = video.annotation.copy()
    (one,), (two,) = (np.flatnonzero(truth[:, 0] == k) for k in (step, step + 1))
    start, cut, end = int(truth[one, 1]), int(truth[two, 1]), int(truth[two, 2])
    rows = np.r_[:start, cut:end, start:cut, end : len(video.features)]
    truth[one, 1:] += end - cut
    truth[two, 1:] -= cut - start
    return replace(video, features=video.features[rows], annotation=truth)


def either_way(task, step=1):
    """The task, with a step and the next one in any order."""
    n_steps = len(task.steps)
    pairs = {(i, j) for j in range(n_steps) for i in range(j)} - {(step, step + 1)}
    return Task(task.name, task.steps, before=pairs)


def swapped_videos(seed):
    """Videos of four tasks; in every other one, steps 1 and 2 are swapped."""
    videos, _ = make_instructional_videos(16, missing=0, swaps=0, random_state=seed)
    return [
        replace(swap(v) if i // 4 % 2 else v, windows=None)
        for i, v in enumerate(videos)
    ]


@pytest.fixture(scope="module")
def videos():
    return swapped_videos(0)


@pytest.fixture(scope="module")
def fitted(videos):
    return WeaklySupervisedStepEstimator().fit(videos[:32])


@pytest.fixture(scope="module")
def first_fitted(videos):
    est = WeaklySupervisedStepEstimator(**FIRST, random_state=0)
    return est.fit(videos[:32])


@pytest.fixture(params=["segments", "one unit"])
def either(request, fitted, first_fitted):
    """A fit of segments, and one of one unit per step, with parameters restored."""
    est = fitted if request.param == "segments" else first_fitted
    before = est.get_params()
    yield est
    est.set_params(**before)


@pytest.mark.parametrize("params", [{}, {"decoding": "segments"}])
def test_swapped_steps_are_found(params):
    # Gains over ten seeds were 0.072 at the least, 0.10 on average.
    gains = []
    for seed in range(3):
        videos = swapped_videos(seed)
        est = WeaklySupervisedStepEstimator(**params).fit(videos[:32])
        test = videos[32:]
        tasks = [either_way(v.task) for v in test]
        gains.append(est.score(test, tasks) - est.score(test))
    assert min(gains) > 0.05
    assert np.mean(gains) > 0.08


@pytest.mark.parametrize("decoding", DECODINGS)
def test_the_listed_order_as_pairs(videos, either, decoding):
    either.set_params(decoding=decoding)
    test = videos[32:36]
    tasks = [
        replace(v.task, before=[(k, k + 1) for k in range(len(v.task.steps) - 1)])
        for v in test
    ]
    for method in ("predict", "predict_proba", "predict_segments"):
        function = getattr(either, method)
        for a, b in zip(function(test), function(test, tasks), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("skip_cost", [None, 1.0])
@pytest.mark.parametrize("decoding", DECODINGS[:3])
def test_predictions_keep_to_the_pairs(videos, either, decoding, skip_cost):
    either.set_params(decoding=decoding, skip_cost=skip_cost)
    for video in videos[32:48]:
        task = replace(video.task, before=[(0, 1), (2, 3)])
        times = either.predict([video], task)[0]
        placed = times[times >= 0]
        assert len(placed) == len(set(placed))
        assert skip_cost is not None or len(placed) == len(times)
        for i, j in task.before:
            assert min(times[i], times[j]) < 0 or times[i] < times[j]
        labels = either.predict_segments([video], task)[0]
        starts = labels[np.flatnonzero(np.diff(labels, prepend=-1))]
        starts = list(starts[starts >= 0])
        assert len(starts) == len(set(starts))  # one segment a step
        for i, j in task.before:
            if i in starts and j in starts:
                assert starts.index(i) < starts.index(j)


def test_probabilities_under_a_partial_order(videos, either):
    task = either_way(videos[32].task)
    (proba,) = either.predict_proba(videos[32:33], task)
    np.testing.assert_allclose(proba.sum(axis=0), 1)
    listed = either.predict_proba(videos[32:33])[0]
    assert np.abs(proba - listed).max() > 1e-3


def test_free_takes_the_best_unit_of_each_step(videos, fitted, first_fitted):
    for est, task in ((fitted, None), (fitted, videos[1].task), (first_fitted, None)):
        test = [v for v in videos[32:] if task is None or v.task == task]
        before = est.get_params()
        proba = est.predict_proba(test)
        found = est.set_params(decoding="free").predict(test)
        scores = est.decision_function(test)
        est.set_params(**before)
        for times, p, s in zip(found, proba, scores, strict=True):
            best = p if est is fitted else s  # contrast "both" decodes scores
            np.testing.assert_array_equal(times, best.argmax(axis=0))


def test_free_needs_no_order(videos, either):
    many = Task("many", [f"pour milk {k}" for k in range(20)], before=())
    with pytest.raises(ValueError, match="20 steps too free"):
        either.predict(videos[:1], many)
    either.set_params(decoding="free")
    times = either.predict(videos[:1], many)[0]
    assert ((times >= 0) & (times < len(videos[0].features))).all()


@pytest.mark.parametrize("decoding", DECODINGS)
def test_absent_steps_are_left_out(decoding):
    videos, _ = make_instructional_videos(16, missing=0.4, swaps=0, random_state=0)
    est = WeaklySupervisedStepEstimator(decoding=decoding).fit(videos[:32])
    test = videos[32:]
    tasks = [either_way(v.task) for v in test]
    truth = [np.isin(np.arange(len(v.task.steps)), v.annotation[:, 0]) for v in test]
    truth = np.concatenate(truth)
    present = np.concatenate(list(est.predict_presence(test, tasks)))
    assert roc_auc_score(truth, present) > 0.8
    if decoding != "one_per_step":
        est.set_params(skip_cost="auto")
        placed = np.concatenate(list(est.predict(test, tasks))) >= 0
        np.testing.assert_array_equal(placed, present > 0.5)
        assert not placed.all()


@pytest.mark.parametrize("decoding", DECODINGS[1:])
def test_a_low_skip_cost_leaves_steps_out(videos, first_fitted, decoding):
    est = copy.copy(first_fitted).set_params(decoding=decoding)
    tasks = [either_way(v.task) for v in videos[:8]]
    est.set_params(skip_cost=1.0)
    low = np.concatenate(list(est.predict(videos[:8], tasks)))
    est.set_params(skip_cost=1e6)
    high = np.concatenate(list(est.predict(videos[:8], tasks)))
    assert (high >= 0).all()
    assert decoding == "segments" or (low == -1).any()
    # Too short for all steps: some are left out, rather than an error raised.
    if decoding != "free":
        assert (est.predict([videos[0].features[:3]], tasks[0])[0] == -1).sum() == 2


def test_training_takes_the_steps_as_listed(videos):
    tasks = [replace(v.task, before=()) for v in videos[:8]]
    a = WeaklySupervisedStepEstimator().fit(videos[:8])
    b = WeaklySupervisedStepEstimator().fit(videos[:8], tasks)
    np.testing.assert_array_equal(a.coef_, b.coef_)


def test_baselines_keep_to_the_pairs(videos):
    tasks = [either_way(v.task) for v in videos[:8]]
    est = DiffracEstimator().fit(videos[:8], tasks)
    scores = est.decision_function(videos[:8], tasks)
    found = est.predict(videos[:8], tasks)
    for times, score, task in zip(found, scores, tasks, strict=True):
        np.testing.assert_array_equal(times, align_steps(-score, before=task.before))
    for proba in est.predict_proba(videos[:8], tasks):
        np.testing.assert_allclose(proba.sum(axis=0), 1)
