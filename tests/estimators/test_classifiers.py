"""The part of a model that some tasks need."""

import pickle

import numpy as np
import pytest

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos


@pytest.mark.parametrize("options", [{}, {"n_passes": 0, "max_iter": 1}])
def test_a_narrow_scorer_finds_the_same(options):
    videos, tasks = make_instructional_videos(2, n_features=64, random_state=0)
    known = list(dict.fromkeys(tasks))
    est = WeaklySupervisedStepEstimator(calibrate=False, random_state=0, **options)
    score = est.fit(videos)._scorer(known)
    for video, task in zip(videos, tasks, strict=True):
        narrow = score.narrow([task, task])
        assert narrow(video, task).tobytes() == score(video, task).tobytes()
        assert set(narrow.compositions) == {task}
        n_rows = len(narrow.classifiers.coef)
        assert n_rows == len(score.compositions[task].columns) < len(est.coef_)
        assert len(pickle.dumps(narrow)) < len(pickle.dumps(score))
    both = score.narrow(known)
    np.testing.assert_array_equal(both.classifiers.coef, score.classifiers.coef)
