"""Passes over whole segments, against plain NumPy; starts, priors and temperatures."""

import itertools

import numpy as np
import pytest
from twins import BEST, RULE, START, best_segments, log_odds, make_passes, video_of

from skcrosstask import Video
from skcrosstask.learning.rows._store import FrameStore
from skcrosstask.learning.segments._closed_form import StepSums, solve_components
from skcrosstask.learning.segments._labels import (
    Labels,
    starting_segments,
    weighted,
)
from skcrosstask.learning.segments._passes import deal
from skcrosstask.learning.segments._rule import correlation_time, position_prior


def learn(rows, matrices, labels, ridge):
    """The closed form from labels (T,) of each video, a row at a time."""
    design = np.concatenate(
        [a[y[y >= 0]] for a, y in zip(matrices, labels, strict=True)]
    )
    target = np.concatenate([x[y >= 0] for x, y in zip(rows, labels, strict=True)])
    gram = design.T @ design + ridge * np.eye(design.shape[1])
    return np.linalg.solve(gram, design.T @ target)


def all_labellings(n_units, n_steps):
    """Each step one segment, in order, background between."""
    cuts = itertools.combinations_with_replacement(range(n_units + 1), 2 * n_steps)
    for bounds in cuts:
        segments = np.reshape(bounds, (-1, 2))
        if (segments[:, 0] < segments[:, 1]).all():
            yield segments


def as_labels(segments, n_units):
    labels = np.full(n_units, -1)
    for k, (first, stop) in enumerate(segments):
        labels[first:stop] = k
    return labels


def test_start_without_windows_is_equal_parts():
    passes, rows, matrices = make_passes()
    passes.epoch(START)
    labels = [np.arange(14) * len(a) // 14 for a in matrices]
    expected = learn(rows, matrices, labels, RULE.ridge)
    np.testing.assert_allclose(passes.model.coef, expected, rtol=1e-5, atol=1e-6)


def test_start_within_windows():
    passes, _, _ = make_passes(windows=[[0, 2, 4], [1, 6, 7]], n_videos=2)
    weights = starting_segments(video_of(passes, 1)).weights
    expected = np.zeros((14, 2))
    expected[2:4, 0], expected[6, 1] = 0.5, 1.0
    np.testing.assert_allclose(weights, expected, atol=1e-12)


@pytest.mark.parametrize("windows", [None, [[0, 0, 3], [1, 2, 6]]])
def test_y_step_is_the_best_of_all_labellings(windows):
    passes, rows, matrices = make_passes(length=8, windows=windows, n_videos=2)
    passes.epoch(START)
    coef = passes.model.coef.astype(float)
    for i, (x, a) in enumerate(zip(rows, matrices, strict=True)):
        q = a @ coef
        odds = (x @ q.T - (q**2).sum(axis=1) / 2) / RULE.temperature
        middles = (np.arange(len(a)) + 0.5) / len(a)
        away = ((np.arange(8)[:, None] + 0.5) / 8 - middles) / 0.15
        odds = odds - RULE.position * away**2 / 2
        for step, start, stop in windows or []:
            outside = np.ones(8, bool)
            outside[start:stop] = False
            odds[outside, step] -= RULE.window_penalty

        def value(segments, odds=odds):
            return sum(odds[s:e, k].sum() for k, (s, e) in enumerate(segments))

        best = max(all_labellings(8, len(a)), key=value)
        found = best_segments(video_of(passes, i))
        assert found.value == pytest.approx(value(best), rel=1e-4)
        np.testing.assert_array_equal(found.segments, best)


def test_a_pass_is_y_then_f():
    passes, rows, matrices = make_passes()
    passes.epoch(START)
    passes.epoch(BEST)
    labels = [as_labels(extent, 14) for extent in passes.segments]
    expected = learn(rows, matrices, labels, RULE.ridge)
    np.testing.assert_allclose(passes.model.coef, expected, rtol=1e-4, atol=1e-6)
    for extent, times in zip(passes.segments, passes.labels, strict=True):
        assert ((extent[:, 0] <= times) & (times < extent[:, 1])).all()
        assert (np.diff(extent.ravel()) >= 0).all()


def penalised_cost(passes, rows, matrices):
    """What both steps lower: squared distances of rows to their means, 0 for
    background, plus the ridge; halved."""
    coef = passes.model.coef.astype(float)
    total = RULE.ridge * (coef**2).sum()
    for x, a, extent in zip(rows, matrices, passes.segments, strict=True):
        labels = as_labels(extent, len(x))
        q = np.vstack([a @ coef, np.zeros(3)])
        total += ((x - q[labels]) ** 2).sum()
    return total / 2


def test_the_objective_never_rises():
    # Without prior, windows, temperature and folds, both steps lower the same cost.
    rule = RULE._replace(position=0.0, window_penalty=0.0, temperature=1.0)
    passes, rows, matrices = make_passes(rule, n_videos=10, length=30)
    passes.epoch(START)
    costs = [penalised_cost(passes, rows, matrices)]
    for _ in range(8):
        passes.epoch(BEST)
        costs.append(penalised_cost(passes, rows, matrices))
    assert (np.diff(costs) < 1e-4).all()
    assert costs[-1] < costs[0] - 1


def test_a_video_is_labelled_by_the_other_folds():
    passes, rows, matrices = make_passes(RULE._replace(n_folds=2))
    passes.epoch(START)
    equal = [np.arange(14) * len(a) // 14 for a in matrices]
    others = learn(rows[:2], matrices[:2], equal[:2], RULE.ridge)  # one of each task
    q = matrices[2] @ others
    odds = (rows[2] @ q.T - (q**2).sum(axis=1) / 2) / RULE.temperature
    odds = odds + position_prior(odds.shape, RULE.position)
    np.testing.assert_allclose(
        log_odds(video_of(passes, 2)), odds, rtol=1e-4, atol=1e-5
    )


def test_what_was_seen_counts():
    passes, _, _ = make_passes()
    passes.epoch(START)
    seen = passes.totals
    again, _, _ = make_passes()
    again._seen = seen
    again.epoch(START)
    doubled = StepSums(seen.matrix, 2 * seen.counts, 2 * seen.sums)
    expected = solve_components(doubled, RULE.ridge)
    np.testing.assert_allclose(again.model.coef, expected, rtol=1e-4, atol=1e-6)


def test_same_bits_whatever_n_jobs():
    coefs = []
    for n_jobs in (None, 2):
        passes, _, _ = make_passes(RULE._replace(n_folds=3), n_videos=9, n_jobs=n_jobs)
        for source in (START, BEST, BEST):
            passes.epoch(source)
        coefs.append(passes.model.coef.copy())
    np.testing.assert_array_equal(*coefs)


def test_position_prior():
    prior = position_prior((10, 2), 0.5)
    # A step's middle is at 0.25 of the video; unit 0 at 0.05, 4/3 deviations away.
    assert prior[0, 0] == pytest.approx(-0.25 * (4 / 3) ** 2)
    assert prior[2, 0] == pytest.approx(0.0, abs=1e-12)
    assert not position_prior((10, 2), 0.0).any()


@pytest.mark.parametrize(("keep", "expected"), [(0.0, 1.0), (0.5, 1.94), (0.9, 9.5)])
def test_correlation_time(keep, expected):
    # Of a first-order process, correlations are keep ** lag; those below 0.05 stay out.
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(4, 3000, 3))
    for t in range(1, 3000):
        rows[:, t] = keep * rows[:, t - 1] + np.sqrt(1 - keep**2) * rows[:, t]
    videos = [Video(x) for x in rows]
    store = FrameStore(videos, [np.arange(3000)] * 4, 3)
    assert correlation_time(store, 4) == pytest.approx(expected, rel=0.1)


def test_correlation_time_of_nothing():
    store = FrameStore([Video(np.zeros((5, 2)))], [np.arange(5)], 2)
    assert correlation_time(store, 1) == 1.0


def test_it_settles():
    passes, _, _ = make_passes(n_videos=6, length=20)
    passes.epoch(START)
    n_passes = 0
    while not passes.settled:
        before = passes.model.coef.copy()
        passes.epoch(BEST)
        n_passes += 1
        assert n_passes < 50
    np.testing.assert_array_equal(passes.model.coef, before)


def test_moved_is_the_share_of_steps_elsewhere():
    passes, *_ = make_passes()
    passes.epoch(START)
    assert passes.epoch(BEST)["moved"] == 1.0  # of another kind than the start
    before = passes.segments
    moved = passes.epoch(BEST)["moved"]
    apart = [
        set(range(*one)).isdisjoint(range(*other))
        for old, new in zip(before, passes.segments, strict=True)
        for one, other in zip(old, new, strict=True)
    ]
    assert moved == np.mean(apart)


def test_each_fold_has_videos_of_each_task():
    first, second = object(), object()
    parts = deal([first, second] * 10, range(20), 2)  # in turn, as the parts would be
    for task in (0, 1):
        assert np.bincount(parts[task::2]).tolist() == [5, 5]
    assert deal([first] * 4, [1, 3], 2).tolist() == [0, 0, 0, 1]


def test_sums_of_segments_are_those_of_their_weights():
    rows = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32)
    segments = np.array([[0, 2], [-1, -1], [5, 9]])
    weights = np.zeros((9, 3))
    weights[:2, 0] = weights[5:, 2] = 1
    for one, other in zip(
        Labels(segments, 0.0).sums_of(rows),
        weighted(weights).sums_of(rows),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    np.testing.assert_array_equal(weighted(weights).segments, segments)
