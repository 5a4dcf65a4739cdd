"""How sure to be: agreement of models, and the temperature that follows from it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import BEST, START, make_passes

from skcrosstask.learning._calibration import Odds, calibrate, soften

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
