"""Conditioning: by hand, whitening, invariance, and features of every odd kind."""

import numpy as np
import pytest

from skcrosstask import Video
from skcrosstask.learning.rows import _conditioning
from skcrosstask.learning.rows._conditioning import Conditioning


def learn(arrays, **options):
    options = {"shrinkage": 0.2, "n_directions": 256, **options}
    videos = [Video(a, name=f"v{i}") for i, a in enumerate(arrays)]
    return Conditioning.learn(videos, [len(a) for a in arrays], **options)


def conditioned(arrays, **options):
    found = learn(arrays, **options)
    return [found.apply(a, "video") for a in arrays]


def covariance(arrays):
    rows = np.concatenate([a - a.mean(axis=0) for a in arrays]).astype(float)
    return rows.T @ rows / (len(rows) - len(arrays))


def mixed(seed=0, lengths=(40, 60, 50), n_features=6):
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(n_features, n_features)) * [1, 5, 0.3, 3, 1, 10]
    return [
        rng.normal(size=(n, n_features)) @ mix + 10 * rng.normal(size=n_features)
        for n in lengths
    ]


def test_by_hand():
    # Deviations 1 and 2 within the video, correlation 0: eigenvalues are 1, and with
    # a shrinkage of 3 everything is halved.
    x = np.array([[1.0, 2.0], [1.0, -2.0], [-1.0, 2.0], [-1.0, -2.0]])
    found = conditioned([x * np.sqrt(3 / 4) + [5, 7]], shrinkage=3.0)[0]
    expected = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) * np.sqrt(3 / 4) / 2
    # The basis within equal eigenvalues is arbitrary: lengths and angles are not.
    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=1e-6)


def test_a_mean_takes_one_row_of_freedom():
    # Two rows at +-1 have a variance of 2; and three videos take three of six.
    one = learn([np.array([[4.0], [6.0]])], shrinkage=3.0)
    np.testing.assert_allclose(np.abs(one.projection), [[0.5 / np.sqrt(2)]], rtol=1e-6)
    three = learn([np.array([[0.0], [2.0]])] * 3, shrinkage=3.0)
    np.testing.assert_allclose(three.projection, one.projection, rtol=1e-6)


def test_copies_of_a_feature_are_one_direction():
    column = np.random.default_rng(0).normal(size=(50, 1))
    assert learn([np.repeat(column, 6, axis=1)]).projection.shape == (6, 1)


def test_nothing_varies_in_one_feature():
    found = learn([np.full((5, 1), 3.0)])
    np.testing.assert_array_equal(found.projection, [[0.0]])
    assert not learn([np.ones((5, 3))]).apply(np.ones((5, 3)), "video").any()
    assert learn([np.ones((5, 3))]).projection.shape == (3, 1)


def test_far_from_nothing():
    near = np.random.default_rng(0).normal(size=(400, 2))
    assert not learn([near]).far
    assert not learn([near + np.array([0, 20])]).far
    assert learn([near + np.array([0, 40])]).far


def test_evenly_spaced_units():
    assert _conditioning._spread(10, 0.5).tolist() == [1, 3, 5, 7, 9]
    assert _conditioning._spread(10, 0.01).tolist() == [2, 7]
    assert _conditioning._spread(1, 0.5).tolist() == [0]
    assert _conditioning._spread(4, 1.0).tolist() == [0, 1, 2, 3]


def test_without_shrinkage_it_whitens():
    arrays = mixed()
    found = conditioned(arrays, shrinkage=0.0)
    np.testing.assert_allclose(covariance(found), np.eye(6), atol=1e-3)
    for rows in found:
        np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-3)


def test_shrinkage_leaves_small_directions_small():
    spread = np.diag(covariance(conditioned(mixed(), shrinkage=0.2)))
    assert (spread < 1).all()
    assert (np.diff(spread) < 1e-6).all()


@pytest.mark.parametrize(
    "factor", [1e-3, 1e3, np.array([1e-3, 1e3, 1.0, 7.0, 0.5, 30.0])]
)
def test_units_do_not_matter(factor):
    arrays = mixed()
    before = np.concatenate(conditioned(arrays))
    after = np.concatenate(conditioned([a * factor for a in arrays]))
    np.testing.assert_allclose(after @ after.T, before @ before.T, atol=2e-2)


def test_offsets_of_videos_do_not_matter():
    arrays = mixed()
    before = np.concatenate(conditioned(arrays))
    after = np.concatenate(conditioned([a + 50 * i for i, a in enumerate(arrays)]))
    np.testing.assert_allclose(after @ after.T, before @ before.T, atol=2e-2)


@pytest.mark.parametrize("constant", [0.0, 7.0])
def test_constant_and_duplicated_features(constant):
    arrays = mixed()
    odd = [np.column_stack([a, np.full(len(a), constant), a[:, 0]]) for a in arrays]
    found = conditioned(odd)
    assert all(np.isfinite(rows).all() for rows in found)
    assert found[0].shape[1] == 6


def test_nothing_varies():
    for arrays in ([np.zeros((5, 3))], [np.ones((1, 3)), np.full((1, 3), 2.0)]):
        found = conditioned(arrays)
        assert all(np.isfinite(rows).all() and not rows.any() for rows in found)


def test_more_features_than_rows():
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(6, 40)) for _ in range(3)]
    found = conditioned(arrays)
    assert found[0].shape == (6, 15)
    # As by the covariance itself, computed whole.
    c = covariance([a / np.sqrt(np.diag(covariance(arrays))) for a in arrays])
    values, vectors = np.linalg.eigh(c)
    p = vectors / np.sqrt(np.maximum(values, 0) + 0.2)
    rows = arrays[0] - arrays[0].mean(axis=0)
    rows = rows / np.sqrt(np.diag(covariance(arrays))) @ p
    np.testing.assert_allclose(found[0] @ found[0].T, rows @ rows.T, rtol=1e-3)


def test_leading_directions():
    full = learn(mixed())
    few = learn(mixed(), n_directions=3)
    assert few.projection.shape == (6, 3)
    same = np.abs(few.projection / full.projection[:, :3])
    np.testing.assert_allclose(same, 1, rtol=1e-3)


def test_up_to_a_width_all_directions_are_found(monkeypatch):
    arrays = mixed()
    expected = learn(arrays, n_directions=2).projection
    monkeypatch.setattr(_conditioning, "_WIDE", 6)
    monkeypatch.setattr(_conditioning, "randomized_svd", None)
    np.testing.assert_array_equal(learn(arrays, n_directions=2).projection, expected)


def test_wide_features_take_the_randomised_way(monkeypatch):
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(8, 60)) * np.linspace(3, 1, 8)[:, None]
    arrays = [
        rng.normal(size=(80, 8)) @ mix + 0.1 * rng.normal(size=(80, 60))
        for _ in range(3)
    ]
    exact = np.concatenate(conditioned(arrays, n_directions=8))
    monkeypatch.setattr(_conditioning, "_WIDE", 30)
    found = np.concatenate(conditioned(arrays, n_directions=8))
    np.testing.assert_allclose(found @ found.T, exact @ exact.T, atol=1e-2)


def test_a_sample_of_rows_will_do(monkeypatch):
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(4, 4))
    arrays = [rng.normal(size=(900, 4)) @ mix for _ in range(20)]
    whole = covariance(conditioned(arrays))
    monkeypatch.setattr(_conditioning, "_MAX_ROWS", 2000)
    np.testing.assert_allclose(covariance(conditioned(arrays)), whole, atol=0.1)


@pytest.mark.parametrize("kind", ["float16", "float32", "mapped"])
def test_kinds_of_arrays(tmp_path, kind):
    arrays = mixed()
    expected = np.concatenate(conditioned(arrays))
    if kind == "mapped":
        for i, a in enumerate(arrays):
            np.save(tmp_path / f"{i}.npy", a)
        arrays = [np.load(tmp_path / f"{i}.npy", mmap_mode="r") for i in range(3)]
    else:
        arrays = [a.astype(kind) for a in arrays]
    found = np.concatenate(conditioned(arrays))
    assert found.dtype == np.float32
    tolerance = 0.2 if kind == "float16" else 1e-2
    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=tolerance)


def test_same_bits_whatever_n_jobs():
    one, two = learn(mixed(), n_jobs=1), learn(mixed(), n_jobs=2)
    np.testing.assert_array_equal(one.projection, two.projection)


def test_not_finite_rows_are_named():
    arrays = mixed()
    arrays[1][3, 2] = np.nan
    with pytest.raises(ValueError, match=r"'v1'.*time 3"):
        learn(arrays)


def test_near_and_far_are_the_same():
    # Near 0, the mean is subtracted after the map instead of before.
    near, far = mixed(), [a + 1e3 for a in mixed()]
    found, distant = learn(near), learn(far)
    assert not found.far
    assert distant.far
    for a, b in zip(near, far, strict=True):
        z = found.apply(a, "video")
        exact = Conditioning(found.projection).apply(a, "video")
        np.testing.assert_allclose(z, exact, atol=1e-4)
        moved = distant.apply(b, "video")
        np.testing.assert_allclose(moved @ moved.T, z @ z.T, atol=2e-2)


def test_not_finite_rows_are_named_when_applied():
    x = mixed()[0]
    found = learn([x])
    x[7, 1] = np.inf
    with pytest.raises(ValueError, match="time 7"):
        found.apply(x, "video 'v'")


def test_without_whitening_they_are_centred_alike():
    arrays = mixed()
    deviation = np.sqrt(np.diag(covariance(arrays)).mean())
    for found, a in zip(conditioned(arrays, whiten=False), arrays, strict=True):
        expected = (a - a.mean(axis=0)) / deviation
        np.testing.assert_allclose(found, expected, atol=1e-4)
