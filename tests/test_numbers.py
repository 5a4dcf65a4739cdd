"""Numbers at their limits: finite results or a clear error, never silent nan."""

import warnings

import numpy as np
import pytest

from skcrosstask import Task, Video, WeaklySupervisedStepEstimator
from skcrosstask.baselines import (
    ActionSetEstimator,
    DiffracEstimator,
    SupervisedStepEstimator,
)

TASK = Task("latte", ["add coffee", "press coffee", "pour milk"])
RNG = np.random.default_rng(0)
GOOD = RNG.normal(size=(30, 6)).astype(np.float32)
TINY = np.finfo(np.float32).tiny
FEATURES = {
    "usual": [GOOD, GOOD[::-1]],
    "constant": [np.full((30, 6), 3.0)] * 2,
    "zero": [np.zeros((30, 6))] * 2,
    "one video zero": [GOOD, np.zeros((30, 6))],
    "constant in time": [np.tile(GOOD[:1], (30, 1)), np.tile(GOOD[1:2], (30, 1))],
    "columns twice": [np.hstack([GOOD, GOOD])] * 2,
    "one column": [GOOD[:, :1], GOOD[::-1, :1]],
    "a column of zeros": [GOOD * [1, 1, 0, 1, 1, 1]] * 2,
    "large": [GOOD * 1e18] * 2,
    "very large": [GOOD * 1e37] * 2,
    "small": [GOOD * 1e-30] * 2,
    "denormal": [GOOD * TINY / 8] * 2,
    "scales apart": [GOOD * np.logspace(-20, 15, 6)] * 2,
    "float16 at its end": [np.full((30, 6), 65504, np.float16), GOOD.astype("f2")],
    "an outlier": [np.where(GOOD.max() == GOOD, 1e30, GOOD), GOOD],
    "one video": [GOOD],
    "one row more than steps": [GOOD[:4], GOOD[4:8]],
    "as many rows as steps": [GOOD[:3], GOOD[3:6]],
    "one row more, one video": [GOOD[:4]],
    "more columns than rows": [RNG.normal(size=(5, 80)), RNG.normal(size=(6, 80))],
}
ESTIMATORS = {
    "weak": WeaklySupervisedStepEstimator(random_state=0),
    "weak, Adam": WeaklySupervisedStepEstimator(
        n_passes=0, condition=False, init_iter=2, max_iter=2, random_state=0
    ),
    "weak, Adam, conditioned": WeaklySupervisedStepEstimator(
        n_passes=0, init_iter=2, max_iter=2, contrast="both", random_state=0
    ),
    "weak, float16": WeaklySupervisedStepEstimator(
        n_passes=1, store_dtype="float16", random_state=0
    ),
    "weak, fast": WeaklySupervisedStepEstimator(
        n_passes=0, condition=False, max_iter=3, learning_rate=1e30, random_state=0
    ),
    "weak, skipping": WeaklySupervisedStepEstimator(skip_cost="auto", random_state=0),
    "supervised": SupervisedStepEstimator(max_iter=2, random_state=0),
    "supervised, fast": SupervisedStepEstimator(
        max_iter=3, learning_rate=1e30, condition=False, random_state=0
    ),
    "diffrac": DiffracEstimator(max_iter=5, n_init=1, random_state=0),
    "action sets": ActionSetEstimator(max_iter=2, random_state=0),
    "action sets, fast": ActionSetEstimator(
        max_iter=3, learning_rate=1e30, random_state=0
    ),
}


def videos_of(features):
    return [
        Video(
            rows,
            TASK,
            annotation=[[0, 0, 1], [1, 1, 2], [2, 2, 3]],
            name=f"v{i}",
        )
        for i, rows in enumerate(features)
    ]


def assert_finite(est, videos):
    for name in ("coef_", "intercept_", "temperature_"):
        learnt = getattr(est, name, 0.0)
        for numbers in learnt.values() if isinstance(learnt, dict) else [learnt]:
            assert np.isfinite(numbers).all(), name
    for row, video in zip(est.predict(videos), videos, strict=True):
        assert (row >= -1).all()
        assert (row < len(video.open())).all()
        assert (np.diff(row[row >= 0]) > 0).all()
    for name in ("predict_proba", "decision_function"):
        for scores in getattr(est, name, lambda v: [])(videos):
            assert np.isfinite(scores).all(), name
    if hasattr(est, "predict_proba"):
        for proba in est.predict_proba(videos):
            assert proba.min() >= 0
            assert proba.max() <= 1 + 1e-9


@pytest.mark.parametrize("kind", FEATURES)
@pytest.mark.parametrize("which", ESTIMATORS)
def test_finite_or_an_error(which, kind):
    from sklearn.base import clone

    videos = videos_of(FEATURES[kind])
    est = clone(ESTIMATORS[which])
    # Warnings that tell of something are welcome; those of NumPy are not.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("error", RuntimeWarning)
        fault = None
        try:
            est.fit(videos)
        except ValueError as error:
            fault = str(error)
        if fault is not None:
            assert kind != "usual" or "fast" in which, fault
            assert 20 < len(fault) <= 300
            return
        assert_finite(est, videos)
        # Others may be predicted from what was learnt of odd ones.
        n_features = videos[0].shape[1]
        assert_finite(est, videos_of([RNG.normal(size=(20, n_features))]))
