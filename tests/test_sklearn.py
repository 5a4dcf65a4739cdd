"""The estimators inside scikit-learn's machinery."""

import pickle

import numpy as np
import pytest
import sklearn
from joblib import Parallel, delayed, parallel_backend
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    LeaveOneGroupOut,
    cross_val_predict,
    cross_validate,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import validate_data

from skcrosstask import Task, Video, WeaklySupervisedStepEstimator
from skcrosstask.baselines import (
    RandomOrderBaseline,
    SupervisedStepEstimator,
    UniformBaseline,
)
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.model_selection import TaskShuffleSplit, step_recall_scorer

ESTIMATORS = [
    WeaklySupervisedStepEstimator(init_iter=2, max_iter=2, random_state=0),
    SupervisedStepEstimator(max_iter=3, random_state=0),
    UniformBaseline(),
    RandomOrderBaseline(random_state=0),
]
all_estimators = pytest.mark.parametrize(
    "est", ESTIMATORS, ids=lambda est: type(est).__name__
)


@pytest.fixture(scope="module")
def data():
    return make_instructional_videos(3, n_tasks=4, random_state=0)


class RowAdapter(BaseEstimator):
    """Lets the common checks pass matrices: a row is a video of one frame."""

    def __init__(self, max_iter=1, random_state=0):
        self.max_iter = max_iter
        self.random_state = random_state

    def _videos(self, X, reset):
        X = validate_data(self, X, reset=reset, dtype=np.float64)
        task = Task("row", ["do it"])
        return [Video(row[None], task) for row in X]

    def fit(self, X, y=None):
        self.est_ = WeaklySupervisedStepEstimator(
            init_iter=1, max_iter=self.max_iter, random_state=self.random_state
        ).fit(self._videos(X, reset=True))
        self.n_iter_ = self.est_.n_iter_
        return self

    def predict(self, X):
        sklearn.utils.validation.check_is_fitted(self)
        times = self.est_.predict(self._videos(X, reset=False))
        return np.concatenate(list(times))

    def decision_function(self, X):
        sklearn.utils.validation.check_is_fitted(self)
        scores = self.est_.decision_function(self._videos(X, reset=False))
        return np.concatenate([score[:, 0] for score in scores])


@parametrize_with_checks([RowAdapter()])
def test_common_checks(estimator, check):
    check(estimator)


@all_estimators
def test_clone_and_parameters(est):
    copy = clone(est)
    assert copy.get_params() == est.get_params()
    assert not hasattr(copy, "n_features_in_")
    with pytest.raises(TypeError):
        type(est)(no_such_parameter=1)


@all_estimators
def test_fit_keeps_parameters_and_returns_self(est, data):
    est = clone(est)
    before = est.get_params()
    assert est.fit(*data) is est
    assert est.get_params() == before
    assert est.n_features_in_ == 32


@all_estimators
def test_predict_returns_ordered_times_in_an_object_array(est, data):
    videos, tasks = data
    times = clone(est).fit(videos, tasks).predict(videos, tasks)
    assert times.dtype == object
    assert times.shape == (len(videos),)
    for video, task, entry in zip(videos, tasks, times, strict=True):
        assert entry.dtype == np.int64
        assert entry.shape == (len(task.steps),)
        assert (np.diff(entry) > 0).all()
        assert 0 <= entry[0] <= entry[-1] < video.shape[0]


@all_estimators
def test_score_reads_annotations_and_fit_windows_do_not_matter_to_it(est, data):
    videos, tasks = data
    est = clone(est).fit(videos, tasks)
    assert 0 <= est.score(videos, tasks) <= 1
    bare = [Video(v.features, v.task) for v in videos]
    with pytest.raises(ValueError, match="annotation"):
        est.score(bare)
    assert est.score([*bare, *videos]) == est.score(videos)


@all_estimators
def test_pickle(est, data):
    videos, tasks = data
    est = clone(est).fit(videos, tasks)
    copy = pickle.loads(pickle.dumps(est))
    for a, b in zip(est.predict(videos), copy.predict(videos), strict=True):
        np.testing.assert_array_equal(a, b)


@all_estimators
def test_cross_validate(est, data):
    videos, tasks = data
    scores = cross_validate(
        est, videos, tasks, cv=KFold(3), error_score="raise", return_train_score=True
    )
    assert np.isfinite(scores["test_score"]).all()
    assert np.isfinite(scores["train_score"]).all()


@all_estimators
@pytest.mark.filterwarnings("ignore:No component of:UserWarning")
def test_unseen_tasks_by_leave_one_group_out(est, data):
    videos, tasks = data
    groups = [task.name for task in tasks]
    scores = cross_validate(
        est, videos, tasks, groups=groups, cv=LeaveOneGroupOut(), error_score="raise"
    )
    assert np.isfinite(scores["test_score"]).all()


def test_grid_search(data):
    grid = GridSearchCV(
        WeaklySupervisedStepEstimator(init_iter=1, max_iter=1, random_state=0),
        {
            "sharing": ["words", "none"],
            "contrast": ["steps", "both"],
            "learning_rate": ["auto", 1e-3],
        },
        cv=TaskShuffleSplit(2, n_train=2, random_state=0),
        scoring={"task": step_recall_scorer(), "micro": step_recall_scorer("micro")},
        refit="task",
        error_score="raise",
    ).fit(*data)
    assert grid.best_params_["contrast"] in ("steps", "both")
    assert np.isfinite(grid.cv_results_["mean_test_micro"]).all()
    assert len(grid.predict(data[0])) == len(data[0])


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_joblib_backends_give_the_same_scores(data, backend):
    search = GridSearchCV(
        WeaklySupervisedStepEstimator(init_iter=1, max_iter=1, random_state=0),
        {"contrast": ["steps", "both"]},
        cv=2, error_score="raise",
    )  # fmt: skip
    alone = clone(search).fit(*data).cv_results_["mean_test_score"]
    with parallel_backend(backend, n_jobs=2):
        shared = clone(search).set_params(n_jobs=2).fit(*data)
    np.testing.assert_array_equal(alone, shared.cv_results_["mean_test_score"])


def test_memory_mapped_by_loky_is_read_only_and_fits(data):
    videos, _ = data
    # joblib maps large arrays into its workers, read-only.
    big = [Video(np.tile(v.features, (1, 40)), v.task) for v in videos]
    est = WeaklySupervisedStepEstimator(init_iter=1, max_iter=1, random_state=0)
    here = clone(est).fit(big).coef_
    with parallel_backend("loky", n_jobs=2):
        there = Parallel(max_nbytes=1000)(delayed(_fit_coef)(est, big) for _ in "ab")
    for coef in there:
        np.testing.assert_array_equal(coef, here)


def _fit_coef(est, videos):
    return clone(est).fit(videos).coef_


class Scaler(TransformerMixin, BaseEstimator):
    """Divides features by their training mean norm, video by video."""

    def fit(self, X, y=None):
        self.scale_ = np.mean([np.abs(v.features).mean() for v in X])
        return self

    def transform(self, X):
        return [
            Video(v.features / self.scale_, v.task, v.windows, v.annotation, v.name)
            for v in X
        ]


def test_pipeline(data):
    videos, tasks = data
    pipeline = make_pipeline(
        Scaler(), WeaklySupervisedStepEstimator(init_iter=2, max_iter=2, random_state=0)
    )
    pipeline.fit(videos, tasks)
    assert len(pipeline.predict(videos)) == len(videos)
    assert 0 <= pipeline.score(videos, tasks) <= 1
    scores = cross_validate(pipeline, videos, tasks, cv=2, error_score="raise")
    assert np.isfinite(scores["test_score"]).all()


def test_cross_val_predict(data):
    videos, tasks = data
    est = WeaklySupervisedStepEstimator(init_iter=1, max_iter=1, random_state=0)
    times = cross_val_predict(est, videos, tasks, cv=KFold(2))
    assert [len(t) for t in times] == [len(task.steps) for task in tasks]


def test_metadata_routing(data):
    videos, tasks = data
    groups = [i % 3 for i in range(len(videos))]
    with sklearn.config_context(enable_metadata_routing=True):
        est = WeaklySupervisedStepEstimator(init_iter=1, max_iter=1, random_state=0)
        # X and y are data: nothing of fit, predict or score is taken for metadata.
        for method in ("fit", "predict", "score"):
            assert not getattr(est.get_metadata_routing(), method).requests
        search = GridSearchCV(
            Pipeline([("scale", Scaler()), ("est", est)]),
            {"est__sharing": ["words", "steps"]},
            cv=LeaveOneGroupOut(),
            scoring=step_recall_scorer(),
            error_score="raise",
        )
        search.fit(videos, tasks, groups=groups)
        assert np.isfinite(search.cv_results_["mean_test_score"]).all()
        with pytest.raises(TypeError, match="sample_weight"):
            search.fit(videos, tasks, groups=groups, sample_weight=[1] * len(videos))
