"""Scores of rows and of whole videos, against matrix products."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import DrivenModel

from skcrosstask.components import Composition
from skcrosstask.learning.adam._model import linear_scores


def random_task(rng, n_steps, n_components=12):
    return [
        rng.choice(n_components, rng.integers(1, 4), replace=False).tolist()
        for _ in range(n_steps)
    ]


def random_weights(rng, n_features, n_components=12):
    coef = rng.normal(size=(n_components, n_features)).astype(np.float32)
    return coef, rng.normal(size=n_components).astype(np.float32)


def product(features, average, coef, intercept):
    weights = average @ coef.astype(np.float64)
    return np.asarray(features, dtype=np.float64) @ weights.T + average @ intercept


@pytest.mark.parametrize("n_features", [1, 5, 64])
@pytest.mark.parametrize("n_steps", range(1, 10))
def test_every_number_of_steps(twin, n_steps, n_features):
    # Steps are scored four at a time, and what is left over one by one.
    rng = np.random.default_rng(n_steps)
    task = random_task(rng, n_steps)
    steps = Composition.from_rows(task)
    coef, intercept = random_weights(rng, n_features)
    rows = rng.normal(size=(7, n_features)).astype(np.float32)
    expected = product(rows, twin.sharing_matrix(task, 12), coef, intercept)
    model = DrivenModel(n_features).grow(12)
    model.coef[...], model.intercept[...] = coef, intercept
    found = model.scores(rows, np.arange(7), steps)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    whole = linear_scores(rows, steps, coef, intercept)
    np.testing.assert_array_equal(whole, found)


@given(n_units=st.integers(1, 30), block=st.integers(1, 35), n_steps=st.integers(1, 6))
@settings(max_examples=50, deadline=None)
def test_blocks(n_units, block, n_steps):
    rng = np.random.default_rng(n_units)
    steps = Composition.from_rows(random_task(rng, n_steps))
    weights = random_weights(rng, 3)
    features = rng.normal(size=(n_units, 3))
    whole = linear_scores(features, steps, *weights, block=n_units)
    assert whole.shape == (n_units, n_steps)
    np.testing.assert_array_equal(
        linear_scores(features, steps, *weights, block=block), whole
    )


def test_long_video(twin):
    rng = np.random.default_rng(0)
    task = random_task(rng, 2)
    weights = random_weights(rng, 2)
    features = rng.normal(size=(4097, 2))
    expected = product(features, twin.sharing_matrix(task, 12), *weights)
    found = linear_scores(features, Composition.from_rows(task), *weights)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4"])
@pytest.mark.parametrize("layout", ["C", "F", "strided", "mapped", "read-only"])
def test_kinds_of_arrays(tmp_path, dtype, layout):
    rng = np.random.default_rng(1)
    steps = Composition.from_rows(random_task(rng, 5))
    weights = random_weights(rng, 6)
    features = rng.normal(size=(20, 6)).astype(dtype)
    expected = linear_scores(features.astype(np.float32), steps, *weights)
    if layout == "F":
        features = np.asfortranarray(features)
    elif layout == "strided":
        features = np.repeat(features, 2, axis=1)[:, ::2]
    elif layout == "mapped":
        np.save(tmp_path / "features.npy", features)
        features = np.load(tmp_path / "features.npy", mmap_mode="r")
    elif layout == "read-only":
        features.flags.writeable = False
        for array in (*weights, *steps.arrays):
            array.flags.writeable = False
    found = linear_scores(features, steps, *weights, block=8)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)


def test_tasks_in_turn():
    # Room is kept from visit to visit: a shorter task must not read a longer one's.
    rng = np.random.default_rng(2)
    weights = random_weights(rng, 4)
    rows = rng.normal(size=(5, 4)).astype(np.float32)
    model = DrivenModel(4).grow(12)
    model.coef[...], model.intercept[...] = weights
    for n_steps in (3, 8, 2, 8, 9, 1):
        steps = Composition.from_rows(random_task(rng, n_steps))
        found = model.scores(rows, np.arange(5), steps)
        np.testing.assert_array_equal(found, linear_scores(rows, steps, *weights))
