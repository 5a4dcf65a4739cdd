"""What rows are worth: by hand, by definition, and on processes whose time is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.learning.segments import _rule as _segment_rule
from skcrosstask.learning.segments._rule import (
    SegmentRule,
    correlation_time,
    position_prior,
    temperature_at,
)


class Store:
    """Rows of some videos."""

    def __init__(self, videos):
        self.videos = videos
        self.read = []

    def rows(self, i):
        self.read.append(i)
        return self.videos[i]


def rule(**fields):
    defaults = {"ridge": 1.0, "n_folds": 2, "position": 0.0, "window_penalty": 0.0}
    return SegmentRule(**{**defaults, "temperature": 1.0, **fields})


def test_prior_by_hand():
    # Two steps in four units: middles at 1/4 and 3/4, units at 1/8, 3/8, 5/8, 7/8.
    distances = np.array([[1, 5], [1, 3], [3, 1], [5, 1]]) / 8
    expected = -3.0 / 2 * (distances / 0.15) ** 2
    np.testing.assert_allclose(position_prior((4, 2), 3.0), expected)
    assert not position_prior((4, 2), 0.0).any()


def test_weigh_by_hand():
    scores = np.array([[2.0, 4.0], [6.0, 8.0]])
    outside = np.array([[True, False], [False, True]])
    plain = rule(temperature=2.0, window_penalty=3.0)
    found = plain.weigh(scores, 1.0, outside)
    np.testing.assert_allclose(found, [[1 - 3, 2], [3, 4 - 3]])
    np.testing.assert_allclose(plain.weigh(scores, 1.0), scores / 2)
    # At four rows a second, a row has a quarter of the penalty and of the prior.
    fast = rule(window_penalty=3.0, position=0.5).weigh(scores, 4.0, outside)
    expected = scores + position_prior((2, 2), 0.5) / 4 - outside * 3 / 4
    np.testing.assert_allclose(fast, expected)


def test_temperature_of_another_rate():
    assert temperature_at(4.0, 2.0, 2.0) == 4.0
    assert temperature_at(1.0, 1.0, 5.0) == 1.0
    # Correlation 3/4 a row is 9/16 over two rows.
    assert temperature_at(4.0, 1.0, 0.5) == pytest.approx(1 / (1 - 9 / 16))
    assert temperature_at(1 / (1 - 9 / 16), 0.5, 1.0) == pytest.approx(4.0)
    weighed = rule(temperature=4.0, rate=1.0).weigh(np.ones((1, 1)), 0.5)
    assert weighed[0, 0] == pytest.approx(7 / 16)


@given(st.floats(1.0, 50.0), st.floats(0.1, 30.0))
def test_a_rate_and_back(temperature, rate):
    there = temperature_at(temperature, 1.0, rate)
    assert there >= 1
    assert temperature_at(there, rate, 1.0) == pytest.approx(temperature, rel=1e-6)


def by_definition(videos, bound=0.05, longest=200):
    """Sum of autocorrelations, pooled over videos, with plain loops."""

    def covariance(lag):
        total, n = 0.0, 0
        for rows in videos:
            for t in range(lag, len(rows)):
                total += float(rows[t].astype(float) @ rows[t - lag].astype(float))
                n += 1
        return total / max(n, 1)

    total = 1.0
    for lag in range(1, longest):
        correlation = covariance(lag) / covariance(0)
        if correlation < bound:
            break
        total += correlation
    return total


def autoregressive(seed, n_units, share, n_features=4):
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(n_units, n_features)).astype(np.float32)
    for t in range(1, n_units):
        noise[t] = share * noise[t - 1] + np.sqrt(1 - share**2) * noise[t]
    return noise


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_correlation_time(share):
    videos = [autoregressive(i, 30 + 40 * i, share) for i in range(4)]
    found = correlation_time(Store(videos), len(videos))
    assert found == pytest.approx(by_definition(videos), rel=1e-5)
    long = [autoregressive(9, 20_000, share)]
    # 1 / (1 - share) less what lags under 5 % would add.
    assert correlation_time(Store(long), 1) == pytest.approx(1 / (1 - share), rel=0.12)


def test_correlation_time_ends():
    # Rows that are alike forever count up to lag 199; nothing at all counts as one.
    assert correlation_time(Store([np.ones((1000, 1))]), 1) == pytest.approx(200.0)
    assert correlation_time(Store([np.zeros((9, 2))]), 1) == 1.0
    assert correlation_time(Store([np.ones((3, 1))]), 1) == pytest.approx(3.0)


def test_few_videos_are_enough(monkeypatch):
    monkeypatch.setattr(_segment_rule, "_SAMPLED", 3)
    store = Store([np.eye(2)] * 7)
    correlation_time(store, 7)
    assert store.read == [0, 3, 6]
