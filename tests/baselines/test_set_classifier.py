"""Logistics of frames: loss, gradient, minibatches, optimiser."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import check_grad
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from skcrosstask import Task, Video
from skcrosstask.baselines import _set_classifier
from skcrosstask.baselines._set_classifier import SetClassifier

TASK = Task("t", ["a"])
SETS = [np.array([0, 1]), np.array([1, 2]), np.array([2]), np.array([0, 2])]
LENGTHS = [5, 9, 3, 7]


@pytest.fixture
def videos():
    # The first feature numbers all frames, so that batches can be traced.
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(sum(LENGTHS), 4)).astype(np.float32)
    rows[:, 0] = np.arange(len(rows))
    parts = np.split(rows, np.cumsum(LENGTHS)[:-1])
    return [Video(part, TASK, name=f"v{i}") for i, part in enumerate(parts)]


def classifier(videos, batch_size=8, learning_rate="auto", seed=0):
    rng = np.random.default_rng(seed)
    return SetClassifier(videos, SETS, 3, batch_size, learning_rate, rng)


def all_frames(videos):
    """Frames of all videos and their targets."""
    targets = np.zeros((4, 3), dtype=np.float32)
    for i, members in enumerate(SETS):
        targets[i, members] = 1
    return np.concatenate([v.features for v in videos]), targets.repeat(LENGTHS, axis=0)


def test_loss_is_that_of_scikit_learn(videos):
    model, (rows, targets) = classifier(videos), all_frames(videos)
    loss, _ = model._loss(rows, targets)
    p = 1 / (1 + np.exp(-(rows @ model.coef.T + model.intercept).astype(np.float64)))
    expected = np.mean([log_loss(targets[:, c], p[:, c]) for c in range(3)])
    assert loss == pytest.approx(expected, rel=1e-5)


def test_gradient_by_finite_differences(videos):
    model, (rows, targets) = classifier(videos), all_frames(videos)
    rows = rows.astype(np.float64) / 10

    def unpack(flat):
        model.coef, model.intercept = flat[:12].reshape(3, 4), flat[12:]

    def loss(flat):
        unpack(flat)
        return 3 * model._loss(rows, targets)[0]

    def gradient(flat):
        unpack(flat)
        return np.concatenate([g.ravel() for g in model._loss(rows, targets)[1]])

    for seed in range(3):
        start = np.random.default_rng(seed).normal(size=15)
        assert check_grad(loss, gradient, start, epsilon=1e-6) < 1e-5


@pytest.mark.parametrize("at_once", [1, 3, 16])
def test_an_epoch_reads_each_frame_once_with_the_set_of_its_video(
    videos, at_once, monkeypatch
):
    monkeypatch.setattr(_set_classifier, "_VIDEOS_AT_ONCE", at_once)
    batches = list(classifier(videos)._batches())
    assert max(len(rows) for rows, _ in batches) <= 8
    rows, targets = (np.concatenate(part) for part in zip(*batches, strict=True))
    order = rows[:, 0].argsort()
    expected_rows, expected_targets = all_frames(videos)
    assert_array_equal(rows[order], expected_rows)
    assert_array_equal(targets[order], expected_targets)


def test_videos_and_frames_are_shuffled_anew_in_each_epoch(videos, monkeypatch):
    monkeypatch.setattr(_set_classifier, "_VIDEOS_AT_ONCE", 1)
    model = classifier(videos)
    for _ in range(2):
        frames = np.concatenate([rows[:, 0] for rows, _ in model._batches()])
        owner = np.searchsorted(np.cumsum(LENGTHS), frames, side="right")
        assert (np.diff(owner) != 0).sum() == 3
        assert (np.diff(owner) < 0).any()
        assert (np.diff(frames[owner == 1]) < 0).any()
    again = np.concatenate([rows[:, 0] for rows, _ in model._batches()])
    assert not np.array_equal(frames, again)


def test_starts_at_each_class_share_of_the_frames(videos):
    model = classifier(videos)
    # Class 0 holds in 12 of 24 frames, 1 in 14, 2 in 19.
    expected = np.log(np.array([13, 15, 20]) / np.array([13, 11, 6]))
    assert_allclose(model.intercept, expected, rtol=1e-6)
    assert model.coef.dtype == model.intercept.dtype == np.float32


def test_auto_learning_rate_follows_the_features(videos):
    rows, _ = all_frames(videos)
    rate = classifier(videos).learning_rate
    assert rate == pytest.approx(0.02 / np.abs(rows).sum(axis=1).mean(), rel=1e-5)
    assert classifier(videos, learning_rate=0.5).learning_rate == 0.5
    large = [Video(8 * v.features, TASK) for v in videos]
    a, b = classifier(videos), classifier(large)
    assert b.learning_rate == pytest.approx(rate / 8)
    for model in (a, b):
        model.train(3, lambda entry: None)
    # Scores do not depend on the unit of the features.
    assert_allclose(rows @ a.coef.T, 8 * rows @ b.coef.T, rtol=1e-3, atol=1e-3)


def test_many_passes_end_at_the_logistic_regression():
    rng = np.random.default_rng(3)
    videos = [
        Video(rng.normal(center, 1, (60, 2)), TASK)
        for center in ([0, 0], [1, 0], [0, 1], [1, 1])
    ]
    model, history = classifier(videos, 240, 0.02), []
    model.train(1500, history.append)
    frames = np.concatenate([v.features for v in videos])
    for c in range(3):
        target = np.repeat([c in members for members in SETS], 60)
        expected = LogisticRegression(C=1e9).fit(frames, target)
        assert_allclose(model.coef[c], expected.coef_[0], atol=0.01)
        assert_allclose(model.intercept[c], expected.intercept_[0], atol=0.01)
    assert [entry["epoch"] for entry in history] == list(range(1, 1501))
    losses = [entry["objective"] for entry in history]
    assert losses[-1] < losses[10] < losses[0]
    targets = np.repeat([[c in s for c in range(3)] for s in SETS], 60, axis=0)
    assert losses[-1] == pytest.approx(model._loss(frames, targets)[0], rel=1e-4)
