"""Dropout masks: how many features stay, and what a mask depends on."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import DrivenModel

from skcrosstask.components import Composition
from skcrosstask.learning.adam._dropout import drop_row, mask_table, visit_key

KEY = 0x2545F4914F6CDD1D


def dropped(rows, key, units, threshold):
    out = np.full(rows.shape, np.nan, dtype=np.float32)
    table = mask_table(rows.shape[1])
    for row, unit, target in zip(rows, units, out, strict=True):
        drop_row(row, table, key, unit, threshold, target)
    return out


def masks(key, units, n_features, threshold):
    ones = np.ones((len(units), n_features), dtype=np.float32)
    return dropped(ones, key, units, threshold) > 0


@given(
    key=st.integers(0, 2**62 - 1),
    unit=st.integers(0, 2**40),
    n_features=st.integers(1, 12),
    threshold=st.integers(0, 65535),
)
@settings(max_examples=100, deadline=None)
def test_twin(twin, key, unit, n_features, threshold):
    row = np.arange(1, n_features + 1, dtype=np.float32)[None]
    found = dropped(row, key, [unit], threshold)
    expected = row * twin.dropout_mask(key, [unit], n_features, threshold)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_float16_bits(twin):
    # All numbers that float16 has, subnormal ones too.
    bits = np.arange(2**16, dtype=np.uint16)
    bits = bits[np.isfinite(bits.view(np.float16))].reshape(128, -1)
    mask = twin.dropout_mask(KEY, range(128), bits.shape[1], 20000)
    expected = bits.view(np.float16).astype(np.float32) * mask
    found = dropped(bits, KEY, range(128), 20000)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("n_features", [1, 2, 3, 6, 7])
def test_nothing_is_dropped_at_zero(n_features):
    rows = np.random.default_rng(0).normal(size=(3, n_features)).astype(np.float32)
    np.testing.assert_array_equal(dropped(rows, KEY, range(3), 0), rows)


@pytest.mark.parametrize("n_features", [1, 2, 101])
@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.9])
def test_share_kept(rate, n_features):
    units = range(max(300, 4000 // n_features))
    kept = masks(KEY, units, n_features, round(rate * 65536))
    # Five standard deviations of a binomial, for the whole and for its halves.
    for part in (kept, kept[:, : n_features // 2 + 1], kept[:, n_features // 2 :]):
        margin = 5 * math.sqrt(rate * (1 - rate) / part.size)
        assert abs(part.mean() - (1 - rate)) < margin
    per_feature = kept.mean(axis=0)
    margin = 6 * math.sqrt(rate * (1 - rate) / len(kept))
    assert np.abs(per_feature - (1 - rate)).max() < margin


def test_mean_is_kept():
    rng = np.random.default_rng(0)
    row = rng.normal(size=41).astype(np.float32)
    threshold = round(0.4 * 65536)
    rows = np.repeat(row[None], 500, axis=0)
    mean = dropped(rows, KEY, range(500), threshold).mean(axis=0)
    # One feature's standard deviation is |x| sqrt(p / (1 - p)).
    margin = 5 * np.abs(row) * math.sqrt(0.4 / 0.6 / 500)
    assert (np.abs(mean - row) < margin).all()
    survivors = dropped(rows[:1], KEY, [0], threshold)[0]
    on = survivors != 0
    scale = 65536 / (65536 - threshold)
    np.testing.assert_allclose(survivors[on], row[on] * scale, rtol=1e-6)


def test_halves_and_neighbours_are_unrelated():
    # One hash serves two features, and counters differ by one: no trace of either.
    kept = masks(KEY, range(64), 130, 32768)
    for a, b in (
        (kept[:, :65], kept[:, 65:]),
        (kept[:, :-1], kept[:, 1:]),
        (kept[:-1], kept[1:]),
    ):
        assert abs((a == b).mean() - 0.5) < 5 * 0.5 / math.sqrt(a.size)


def test_times_and_visits_differ(twin):
    kept = masks(KEY, range(300), 64, 32768)
    assert len({mask.tobytes() for mask in kept}) == 300
    first = {}
    for visit in range(50):
        for purpose in (0, 1):
            key = twin.visit_key(3, visit, purpose)
            first[visit, purpose] = masks(key, [0], 64, 32768).tobytes()
    assert len(set(first.values())) == 100


@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1, 2**62, 2**70])
def test_keys(twin, seed):
    model = DrivenModel(2, seed=seed).grow(1)
    steps = Composition.from_rows([[0]])
    rows = np.ones((2, 2), dtype=np.float32)
    for visit in range(4):
        for purpose in (0, 1):
            key = visit_key(model.seed % 2**62, visit, purpose)
            assert 0 <= key < 2**62
            assert key == twin.visit_key(seed, visit, purpose)
        model.update(rows, np.arange(2), np.array([0]), steps)


STEPS = Composition.from_rows([[0, 1], [2], [1, 3]])


def model_at_random(n_features, **options):
    rng = np.random.default_rng(5)
    model = DrivenModel(n_features, **options).grow(4)
    model.coef[...] = rng.normal(size=model.coef.shape)
    model.intercept[...] = rng.normal(size=4)
    return model


@pytest.mark.parametrize("n_features", [1, 8, 13])
def test_scores_with_dropout(twin, n_features):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(9, n_features)).astype(np.float32)
    units = rng.permutation(1000)[:9]
    model = model_at_random(n_features, dropout=0.3, seed=11)
    mask = twin.dropout_mask(twin.visit_key(11, 0, 1), units, n_features, 19661)
    average = twin.sharing_matrix([[0, 1], [2], [1, 3]], 4)
    expected = (rows * mask) @ (average @ model.coef).T + average @ model.intercept
    found = model.scores(rows, units, STEPS, dropout=True)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    # A mask belongs to a time, whichever other rows are read and in which order.
    chosen = [7, 2, 5]
    again = model.scores(rows[chosen], units[chosen], STEPS, dropout=True)
    np.testing.assert_array_equal(again, found[chosen])


def test_scores_off_and_on():
    rows = np.ones((6, 32), dtype=np.float32)
    units = np.arange(6)
    model = model_at_random(32, dropout=0.5)
    plain = model.scores(rows, units, STEPS)
    assert (plain == plain[0]).all()
    noisy = model.scores(rows, units, STEPS, dropout=True)
    assert len(np.unique(noisy[:, 0])) == 6
    # Reading scores does not count as a visit; training does.
    np.testing.assert_array_equal(model.scores(rows, units, STEPS, dropout=True), noisy)
    model.update(rows, units, np.array([-1, -1, -1]), STEPS)
    assert (model.scores(rows, units, STEPS, dropout=True) != noisy).all()
    without = model_at_random(32, dropout=0.0)
    np.testing.assert_array_equal(
        without.scores(rows, units, STEPS, dropout=True), plain
    )


@pytest.mark.parametrize("rate", [1 - 2**-16, 1 - 2**-20])
def test_dropout_near_one(rate):
    # Kept to 16 bits, it must not become 1, which would leave nothing to scale.
    model = model_at_random(40, dropout=rate)
    assert model.threshold == 65535
    scores = model.scores(
        np.ones((5, 40), np.float32), np.arange(5), STEPS, dropout=True
    )
    assert np.isfinite(scores).all()
