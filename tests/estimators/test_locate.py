"""From scores to a table in seconds."""

import copy
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from skcrosstask import Task, Video, WeaklySupervisedStepEstimator
from skcrosstask.baselines import (
    ActionSetEstimator,
    DiffracEstimator,
    OracleBaseline,
    RandomOrderBaseline,
    SupervisedStepEstimator,
    UniformBaseline,
)
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.results import StepTable


@pytest.fixture(scope="module")
def videos():
    return make_instructional_videos(8, n_tasks=4, random_state=0)[0]


@pytest.fixture(scope="module")
def fitted(videos):
    return WeaklySupervisedStepEstimator(random_state=0).fit(videos[:20])


@pytest.fixture
def est(fitted):
    yield fitted
    fitted.set_params(decoding="posterior", skip_cost=None, n_jobs=None)


def is_hit(row, videos):
    (video,) = (v for v in videos if v.name == row.video)
    segments = video.annotation[video.annotation[:, 0] == row.step, 1:]
    return any(start <= row.time < end for start, end in segments)


DECODINGS = ["posterior", "segments", "one_per_step", "free"]


@pytest.mark.parametrize("skip_cost", [None, "auto", 0.0])
@pytest.mark.parametrize("decoding", DECODINGS)
def test_it_says_what_the_other_methods_say(est, videos, decoding, skip_cost):
    if decoding == "one_per_step" and skip_cost == "auto":
        skip_cost = 0.0
    est.set_params(decoding=decoding, skip_cost=skip_cost)
    new = videos[20:]
    parts = est.locate(new).by_video()
    assert [name for name, _ in parts] == [v.name for v in new]
    present = est.predict_presence(new)
    for video, times, odds in zip(new, est.predict(new), present, strict=True):
        rows = parts[video.name, video.task.name]
        assert [row.text for row in rows] == list(video.task.steps)
        assert [row.step for row in rows] == list(range(len(rows)))
        found = [-1 if row.time != row.time else row.time - 0.5 for row in rows]
        assert found == times.tolist()
        np.testing.assert_allclose([row.present for row in rows], odds)
        placed = [row for row in rows if row.time == row.time]
        for row in placed:
            assert row.start <= row.time < row.end <= len(video.features)
            assert row.confidence <= row.present + 1e-9
        if decoding != "free":
            assert all(a.end <= b.start for a, b in pairwise(placed))


def test_segments_are_those_of_the_best_division(est, videos):
    est.set_params(decoding="segments")
    new = videos[20:]
    parts = est.locate(new).by_video()
    for video, labels in zip(new, est.predict_segments(new), strict=True):
        found = np.full(len(labels), -1)
        for row in parts[video.name, video.task.name]:
            found[int(row.start) : int(row.end)] = row.step
        np.testing.assert_array_equal(found, labels)


@pytest.mark.parametrize("rate", [2.0, 0.5, 29.97])
def test_rows_become_seconds(est, videos, rate):
    new = [replace(v, windows=None, annotation=None, rate=rate) for v in videos[20:]]
    table = est.locate(new)
    times = np.concatenate(list(est.predict(new)))
    np.testing.assert_allclose([row.time for row in table], (times + 0.5) / rate)
    for name in ("start", "end"):
        rows = np.array([getattr(row, name) for row in table]) * rate
        np.testing.assert_allclose(rows, rows.round(), atol=1e-9)
    for row in table:
        assert row.start <= row.time < row.end


def test_confidence_is_how_often_it_is_right():
    shares = []
    for seed in range(3):
        videos = make_instructional_videos(12, n_tasks=5, random_state=seed)[0]
        est = WeaklySupervisedStepEstimator(random_state=0).fit(videos[:40])
        table = est.locate(videos[40:])
        hits = np.array([is_hit(row, videos) for row in table])
        sure = np.array([row.confidence for row in table])
        shares.append((hits.mean(), sure.mean()))
        assert hits[sure > 0.8].mean() > 0.9
        assert hits[sure < 0.2].mean() < 0.3
    hits, sure = np.mean(shares, axis=0)
    assert abs(hits - sure) < 0.08


def test_only_the_confidence_is_softened(est, videos):
    plain = est.locate(videos[20:])
    hot = copy.copy(est)
    hot.temperature_ = 8.0
    soft = hot.locate(videos[20:])
    for one, other in zip(plain, soft, strict=True):
        assert one[:-1] == other[:-1]  # all but the confidence
        assert other.confidence <= other.present
    sure, softened = ([row.confidence for row in table] for table in (plain, soft))
    assert np.mean(softened) < np.mean(sure) - 0.1


def test_the_same_whatever_the_number_of_threads(est, videos):
    table = est.locate(videos[20:])
    assert est.set_params(n_jobs=2).locate(videos[20:]) == table
    alone = [row for video in videos[20:] for row in est.locate([video])]
    assert StepTable(alone) == table


def test_partial_order(est, videos):
    video = videos[20]
    loose = Task("loose", video.task.steps, before=())
    for decoding in ("posterior", "segments"):
        rows = est.set_params(decoding=decoding).locate([video], loose)
        by_time = sorted(rows, key=lambda row: row.time)
        assert all(a.end <= b.start for a, b in pairwise(by_time))


def test_one_unit_a_step(videos):
    est = WeaklySupervisedStepEstimator(n_passes=0, max_iter=2, random_state=0)
    est.fit(videos[:8])
    table, times = est.locate(videos[20:]), est.predict(videos[20:])
    proba = est.predict_proba(videos[20:])
    sure = [p[t, np.arange(len(t))] for p, t in zip(proba, times, strict=True)]
    np.testing.assert_allclose([r.confidence for r in table], np.concatenate(sure))
    assert all(row.present != row.present for row in table)
    assert any(row.end - row.start > 1 for row in table)


def test_supervised(videos):
    table = SupervisedStepEstimator().fit(videos[:20]).locate(videos[20:])
    assert np.mean([is_hit(row, videos) for row in table]) > 0.7
    assert np.isfinite([row.present for row in table]).all()


@pytest.mark.parametrize(
    "baseline",
    [UniformBaseline(), RandomOrderBaseline(random_state=0), OracleBaseline()],
)
def test_baselines_give_their_unit_and_no_probability(baseline, videos):
    new = [
        replace(v, rate=2.0, windows=None, annotation=v.annotation / [1, 2, 2])
        for v in videos[20:22]
    ]
    table = baseline.fit(new).locate(new)
    times = np.concatenate(list(baseline.predict(new)))
    assert [row.start for row in table] == (times / 2).tolist()
    assert [row.end for row in table] == (times / 2 + 0.5).tolist()
    assert all(row.present != row.present for row in table)
    assert all(row.confidence != row.confidence for row in table)


@pytest.mark.parametrize("baseline", [DiffracEstimator(), ActionSetEstimator()])
def test_learnt_baselines_are_as_sure_as_their_posterior(baseline, videos):
    same = [v for v in videos if v.task.name == videos[0].task.name]
    baseline.fit(same[:6])
    table, proba = baseline.locate(same[6:]), baseline.predict_proba(same[6:])
    (times,) = {tuple(t) for t in baseline.predict(same[6:7])}
    for row, time in zip(table, times, strict=False):
        if time >= 0:
            assert row.confidence == pytest.approx(proba[0][time, row.step])
        else:
            assert row.confidence != row.confidence


def test_names_of_what_has_none(tmp_path):
    steps = Task("t", ["a"])
    features = np.zeros((4, 1))
    np.save(tmp_path / "it's.npy", features)
    data = [features, features, Video(tmp_path / "it's.npy")]
    table = UniformBaseline().fit(data, steps).locate(data, steps)
    assert [row.video for row in table] == ["#0", "#1", "it's"]


def test_videos_that_are_too_short_are_named(est, videos):
    short = Video(np.zeros((2, videos[0].shape[1])), videos[0].task, name="brief")
    with pytest.raises(ValueError, match="'brief'"):
        est.locate([short])


def test_two_videos_of_one_name_are_warned_of(est, videos):
    twins = [replace(video, name="v1") for video in videos[20:]]
    twins = [v for v in twins if v.task == twins[0].task][:2]
    assert len(twins) == 2
    with pytest.warns(UserWarning, match="two videos of task .* are named 'v1'"):
        table = est.locate(twins)
    assert len(table) == 2 * len(twins[0].task.steps)
    est.locate([twins[0], *videos[:2]])  # no warning
