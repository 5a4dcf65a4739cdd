"""How sure to be: agreement of models, and the temperature that follows from it."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import BEST, START, make_passes, video_of

from skcrosstask.learning.segments import _calibration
from skcrosstask.learning.segments._calibration import Odds, calibrate, soften
from skcrosstask.learning.segments._closed_form import step_scores
from skcrosstask.learning.segments._rule import position_prior

FLAT = np.zeros((6, 1))


def test_running_by_hand():
    # Three units of which the second weighs 3: runs 1 | 3 | 1 | 13 | 31 | 131.
    odds = Odds(np.log([[1.0], [3.0], [1.0]]), FLAT[:3])
    total = 1 + 3 + 1 + 3 + 3 + 3
    np.testing.assert_allclose(odds.running(1.0)[:, 0] * total, [7, 12, 7])
    assert odds.place() == [1]
    # At twice the temperature, 3 becomes its root.
    total = 2 + 4 * np.sqrt(3)
    np.testing.assert_allclose(odds.running(2.0)[1], 4 * np.sqrt(3) / total)


def test_the_prior_is_not_softened():
    prior = np.log([[1.0], [3.0], [1.0]])
    cold, hot = (Odds(FLAT[:3], prior).running(c) for c in (1.0, 16.0))
    np.testing.assert_array_equal(cold, hot)


@settings(max_examples=20, deadline=None)
@given(st.floats(1.3, 12.0), st.integers(0, 20))
def test_soften_finds_the_temperature(temperature, seed):
    rng = np.random.default_rng(seed)
    odds = [Odds(8 * rng.normal(size=(20, 2)), np.zeros((20, 2))) for _ in range(5)]
    sure = [
        video.running(temperature)[video.place(), np.arange(2)].mean() for video in odds
    ]
    assert soften(odds, np.mean(sure)) == pytest.approx(temperature, rel=0.01)


def test_soften_keeps_to_its_range():
    odds = [Odds(np.eye(6)[:, :1] * 9, FLAT)]
    assert soften(odds, 1.0) == 1.0
    assert soften(odds, 0.0) == pytest.approx(16.0)


def test_too_few_videos_are_left_as_they_are():
    passes, *_ = make_passes(n_videos=4)
    agreement, temperature = calibrate(passes, [START, BEST])
    assert np.isnan(agreement)
    assert temperature == 1.0


def test_five_videos_are_enough():
    passes, *_ = make_passes(n_videos=5)
    for source in (START, BEST):
        passes.epoch(source)
    agreement, temperature = calibrate(passes, [START, BEST])
    assert 0 <= agreement <= 1
    assert 1 <= temperature <= 16


def test_odds_are_of_rows_and_prior():
    passes, *_ = make_passes(n_videos=5)
    passes.rule = passes.rule._replace(position=2.0, temperature=3.0)
    video = video_of(passes, 1)
    video.means = np.random.default_rng(0).normal(size=video.means.shape)
    odds = Odds.of(video)
    expected = step_scores(video.rows, video.means) / 3.0
    np.testing.assert_allclose(odds.scores, expected, atol=1e-5)
    np.testing.assert_allclose(odds.prior, position_prior(expected.shape, 2.0))


def test_half_of_the_hits():
    # One model puts the second step elsewhere, into what the other takes for long.
    prior = 5 * np.random.default_rng(0).normal(size=(12, 2))
    scores = np.full((2, 12, 2), -9.0)
    scores[:, 2:4, 0] = 9.0
    scores[0, 6:11, 1] = 4.0
    scores[1, 9:12, 1] = 4.0

    def odds_of(shard, model, chosen):
        return [Odds(scores[model] - prior, prior)]

    with mock.patch.object(_calibration, "_odds", odds_of):
        found = _calibration._hits(None, 0, 1, [0])
    # At 8, the first is outside 9 to 11; at 10, the second is within 6 to 10.
    assert found.tolist() == [1.0, 0.5]


def test_within_is_half_open():
    found = _calibration._within(np.array([2, 4, 5, 1]), np.tile([2, 5], (4, 1)))
    assert found.tolist() == [1.0, 1.0, 0.0, 0.0]


def test_few_are_chosen_evenly(monkeypatch):
    assert _calibration._spread(np.arange(5)).tolist() == [0, 1, 2, 3, 4]
    monkeypatch.setattr(_calibration, "_JUDGED", 3)
    assert _calibration._spread(np.arange(10, 17)).tolist() == [10, 13, 16]


@pytest.mark.parametrize(
    ("n_videos", "judged", "turns"), [(10, 4, 2), (10, 5, 3), (5, 100, 5)]
)
def test_turns_until_enough_are_judged(n_videos, judged, turns, monkeypatch):
    passes, *_ = make_passes(n_videos=n_videos)
    seen = []

    def judge(passes, sources, turn):
        seen.append(turn)
        return np.ones(1)

    passes.epoch(START)
    monkeypatch.setattr(_calibration, "_JUDGED", judged)
    monkeypatch.setattr(_calibration, "_judge", judge)
    calibrate(passes, [START])
    assert seen == list(range(turns))


def test_a_hundred_are_judged(monkeypatch):
    turns, softened = [], []

    def judge(passes, sources, turn):
        turns.append(turn)
        return np.full(4, 0.25)

    def soften_them(odds, confidence, n_jobs):
        softened.extend([len(odds), confidence])
        return 2.0

    passes, *_ = make_passes(n_videos=250)
    monkeypatch.setattr(_calibration, "_judge", judge)
    monkeypatch.setattr(_calibration, "soften", soften_them)
    assert calibrate(passes, []) == (0.25, 2.0)
    assert turns == [0, 1]
    assert softened == [100, 0.5]


def test_models_are_taught_by_what_they_do_not_judge(monkeypatch):
    passes, *_ = make_passes(n_videos=10)
    taught, parts = [], []
    among = type(passes).among

    def remember(passes, members):
        parts.append(sorted(members))
        return among(passes, members)

    def hits(shard, one, other, chosen):
        taught.extend((*parts[-2:], i) for i in shard.numbers[chosen])
        return np.ones(1)

    monkeypatch.setattr(type(passes), "among", remember)
    monkeypatch.setattr(_calibration, "_hits", hits)
    for turn in range(5):
        _calibration._judge(passes, [START], turn)
    assert sorted(i for *_, i in taught) == list(range(10))
    for one, other, i in taught:
        assert len(one) == len(other) == 4
        assert len({*one, *other, i}) == 9


def test_models_of_noise_do_not_agree():
    passes, *_ = make_passes(n_videos=40, length=30)
    for source in (START, BEST, BEST):
        passes.epoch(source)
    coef = passes.model.coef.copy()
    agreement, temperature = calibrate(passes, [START, BEST, BEST])
    assert 0 < agreement < 0.6
    assert temperature >= 1
    np.testing.assert_array_equal(passes.model.coef, coef)


def test_same_bits_whatever_n_jobs():
    found = set()
    for n_jobs in (None, 2):
        passes, *_ = make_passes(n_videos=11, n_jobs=n_jobs)
        passes.epoch(START)
        passes.epoch(BEST)
        found.add(calibrate(passes, [START, BEST]))
    assert len(found) == 1


def test_models_of_a_part_know_nothing_of_the_others():
    passes, rows, _ = make_passes(n_videos=6)
    part = passes.among([0, 2, 4])
    part.epoch(START)
    for i in (1, 3, 5):
        rows[i][...] = 1e3
        passes.store.rows(i)[...] = 1e3
    other = passes.among([0, 2, 4])
    other.epoch(START)
    np.testing.assert_array_equal(part.model.coef, other.model.coef)
    assert not passes.model.coef.any()
