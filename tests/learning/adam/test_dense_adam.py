"""Adam over all weights."""

import numpy as np

from skcrosstask.learning.adam._dense_adam import DenseAdam


def test_two_steps_by_hand():
    adam, w = DenseAdam(0.1), np.array([1.0, 1.0])
    adam.step([w], [np.array([4.0, -0.5])])
    np.testing.assert_allclose(w, [0.9, 1.1], rtol=1e-6)
    adam.step([w], [np.array([2.0, 0.0])])
    m = np.array([0.9 * 0.4 + 0.2, -0.9 * 0.05]) / 0.19
    v = np.array([0.999 * 0.016 + 0.004, 0.999 * 0.00025]) / (1 - 0.999**2)
    np.testing.assert_allclose(w, [0.9, 1.1] - 0.1 * m / v**0.5, rtol=1e-6)


def test_moments_are_weighted_means_of_all_gradients():
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=(20, 3)) * [1, 100, 0.01]
    adam, w = DenseAdam(0.1), rng.normal(size=3)
    expected = w.copy()
    for n, gradient in enumerate(gradients, start=1):
        adam.step([w], [gradient])
        seen, ages = gradients[:n], np.arange(n)[::-1, None]
        first = (0.9**ages * seen).sum(axis=0) / (0.9**ages).sum()
        second = (0.999**ages * seen**2).sum(axis=0) / (0.999**ages).sum()
        expected -= 0.1 * first / np.sqrt(second)
        np.testing.assert_allclose(w, expected, rtol=1e-5)


def test_each_array_moves_alone_and_keeps_its_kind():
    rng = np.random.default_rng(0)
    weights = [np.ones((2, 3), dtype=np.float32), np.ones(4)]
    alone = [w.copy() for w in weights]
    together, single = DenseAdam(0.01), [DenseAdam(0.01), DenseAdam(0.01)]
    for _ in range(3):
        gradients = [rng.normal(size=w.shape).astype(w.dtype) for w in weights]
        together.step(weights, gradients)
        for adam, w, g in zip(single, alone, gradients, strict=True):
            adam.step([w], [g])
    for w, expected in zip(weights, alone, strict=True):
        assert w.dtype == expected.dtype
        np.testing.assert_array_equal(w, expected)


def test_the_minimum_of_a_bowl_is_found():
    adam, w = DenseAdam(0.05), np.array([3.0, -2.0])
    for _ in range(500):
        adam.step([w], [2 * (w - 1)])
    np.testing.assert_allclose(w, 1, atol=1e-3)
