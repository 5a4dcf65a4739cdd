"""All estimators: inside scikit-learn's machinery, and what they have in common."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import sklearn
from joblib import parallel_backend
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    LeaveOneGroupOut,
    cross_val_predict,
    cross_validate,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils import estimator_checks
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from skcrosstask import Task, Video, WeaklySupervisedStepEstimator, baselines
from skcrosstask.baselines import (
    ActionSetEstimator,
    DiffracEstimator,
    OracleBaseline,
    RandomOrderBaseline,
    SupervisedStepEstimator,
    UniformBaseline,
)
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.model_selection import TaskShuffleSplit, step_recall_scorer

QUICK = {"init_iter": 2, "max_iter": 2, "random_state": 0}
LONGER = {
    "SupervisedStepEstimator": {"max_iter": 3},
    "DiffracEstimator": {"max_iter": 4},
}


def quick(kind):
    est = kind()
    wanted = {**QUICK, **LONGER.get(kind.__name__, {})}
    known = est.get_params()
    return est.set_params(**{name: wanted[name] for name in wanted if name in known})


# A new baseline is tested by its line in the registry.
KINDS = [getattr(baselines, name) for name in baselines.__all__]
ESTIMATORS = [quick(kind) for kind in (WeaklySupervisedStepEstimator, *KINDS)]
# What sets some of them apart.
PLACE_BLINDLY = (UniformBaseline, RandomOrderBaseline, OracleBaseline)
KNOW_THEIR_TASKS_ALONE = (DiffracEstimator, ActionSetEstimator)
GRIDS = {
    WeaklySupervisedStepEstimator: {"sharing": ["words", "none"]},
    SupervisedStepEstimator: {"contrast": ["steps", "both"]},
    DiffracEstimator: {"regularization": [None, 1.0], "use_windows": [True, False]},
    ActionSetEstimator: {"decoding": ["ordered", "monte_carlo"]},
    RandomOrderBaseline: {"random_state": [0, 1]},
}


def over(estimators):
    return pytest.mark.parametrize(
        "est", estimators, ids=lambda est: type(est).__name__
    )


all_estimators = over(ESTIMATORS)
that_read_features = over([e for e in ESTIMATORS if not isinstance(e, PLACE_BLINDLY)])


@pytest.fixture(scope="module")
def data():
    return make_instructional_videos(3, n_tasks=4, random_state=0)


def test_none_is_forgotten():
    names = {type(est).__name__ for est in ESTIMATORS}
    assert names == {"WeaklySupervisedStepEstimator", *baselines.__all__}


class RowAdapter(BaseEstimator):
    """Lets the common checks pass matrices: a row is a video of one frame."""

    def __init__(self, est=None):
        self.est = est

    def _videos(self, X, reset):
        X = validate_data(self, X, reset=reset, dtype=np.float64)
        task = Task("row", ["do it"])
        return [Video(row[None], task, annotation=[[0, 0, 1]]) for row in X]

    def fit(self, X, y=None):
        self.est_ = clone(self.est).fit(self._videos(X, reset=True))
        return self

    def predict(self, X):
        check_is_fitted(self)
        return np.concatenate(list(self.est_.predict(self._videos(X, reset=False))))

    @available_if(lambda self: hasattr(self.est, "decision_function"))
    def decision_function(self, X):
        check_is_fitted(self)
        scores = self.est_.decision_function(self._videos(X, reset=False))
        return np.concatenate([score[:, 0] for score in scores])


@estimator_checks.parametrize_with_checks([RowAdapter(est) for est in ESTIMATORS])
def test_common_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    "check",
    [
        "estimator_cloneable", "estimator_repr", "get_params_invariance",
        "mixin_order", "no_attributes_set_in_init", "parameters_default_constructible",
        "set_params", "valid_tag_types",
    ],
)  # fmt: skip
@all_estimators
def test_common_checks_without_data(est, check):
    getattr(estimator_checks, f"check_{check}")(type(est).__name__, clone(est))


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
def test_unseen_tasks_are_predicted_or_refused_by_name(est, data):
    videos, tasks = data
    if isinstance(est, KNOW_THEIR_TASKS_ALONE):
        est = clone(est).fit([v for v in videos if v.task.name != "latte"])
        message = "'latte-0': .*(fit has seen no video|was not seen in training).*alone"
        for method in ("predict", "predict_proba", "decision_function", "score"):
            with pytest.raises(ValueError, match=message):
                getattr(est, method)(videos)
        return
    groups = [task.name for task in tasks]
    scores = cross_validate(
        est, videos, tasks, groups=groups, cv=LeaveOneGroupOut(), error_score="raise"
    )
    assert np.isfinite(scores["test_score"]).all()


@all_estimators
def test_grid_search(est, data):
    search = GridSearchCV(
        est,
        GRIDS.get(type(est), {}),
        cv=TaskShuffleSplit(2, n_train=2, random_state=0),
        scoring={"task": step_recall_scorer(), "micro": step_recall_scorer("micro")},
        refit="task",
        error_score="raise",
    ).fit(*data)
    for average in ("task", "micro"):
        assert np.isfinite(search.cv_results_[f"mean_test_{average}"]).all()
    assert len(search.predict(data[0])) == len(data[0])


@all_estimators
def test_cross_val_predict(est, data):
    times = cross_val_predict(est, *data, cv=KFold(3))
    assert [len(t) for t in times] == [len(task.steps) for task in data[1]]


@all_estimators
def test_nothing_is_taken_for_metadata(est):
    with sklearn.config_context(enable_metadata_routing=True):
        for method in ("fit", "predict", "score"):
            assert not getattr(est.get_metadata_routing(), method).requests


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


def test_metadata_routing(data):
    videos, tasks = data
    groups = [i % 3 for i in range(len(videos))]
    with sklearn.config_context(enable_metadata_routing=True):
        est = WeaklySupervisedStepEstimator(init_iter=1, max_iter=1, random_state=0)
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


# The same for all, whatever is passed


def fitted(est):
    """What a fit leaves, but for the time it took."""
    state = {k: v for k, v in vars(est).items() if k.endswith("_")}
    state["history_"] = [
        {k: v for k, v in entry.items() if k != "seconds"}
        for entry in state.get("history_", [])
    ]
    return state


def assert_same(a, b):
    """Same to the bit, also within lists, dictionaries and arrays of arrays."""
    assert type(a) is type(b)
    if isinstance(a, dict):
        assert list(a) == list(b)
        a, b = list(a.values()), list(b.values())
    if isinstance(a, np.ndarray) and a.dtype.kind == "O":
        a, b = list(a), list(b)
    if isinstance(a, list | tuple):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            assert_same(x, y)
    else:
        np.testing.assert_array_equal(a, b)


def blinded(est, videos):
    """Videos with the fields alone that the estimator may read in fit."""
    if isinstance(est, SupervisedStepEstimator):
        return [replace(v, windows=None) for v in videos]
    if isinstance(est, WeaklySupervisedStepEstimator | DiffracEstimator):
        return [replace(v, annotation=None) for v in videos]
    return [replace(v, windows=None, annotation=None) for v in videos]


def unlabelled(est, videos):
    """Videos with the fields alone that the estimator may read in predict."""
    if isinstance(est, OracleBaseline):
        return [replace(v, windows=None) for v in videos]
    return [replace(v, windows=None, annotation=None) for v in videos]


@all_estimators
def test_fit_and_predict_read_no_more_than_they_say(est, data):
    videos, _ = data
    whole = clone(est).fit(videos)
    blind = clone(est).fit(blinded(est, videos))
    assert_same(fitted(whole), fitted(blind))
    assert_same(whole.predict(videos), blind.predict(unlabelled(est, videos)))


@all_estimators
def test_same_seed_same_bits_whatever_n_jobs(est, data):
    videos, _ = data
    params = est.get_params()
    first, again = clone(est).fit(videos), clone(est)
    if "n_jobs" in params:
        again.set_params(n_jobs=2)
    if "random_state" in params:
        first.set_params(random_state=np.random.RandomState(3)).fit(videos)
        again.set_params(random_state=np.random.RandomState(3))
    assert_same(fitted(first), fitted(again.fit(videos)))
    for method in ("predict", "predict_proba", "decision_function"):
        if hasattr(est, method):
            pair = [getattr(one, method)(videos) for one in (first, again)]
            assert_same(*pair)
            assert pair[0].shape == (len(videos),)
    if "random_state" in params:
        other = clone(est).set_params(random_state=4).fit(videos)
        results = [[fitted(one), one.predict(videos)] for one in (first, other)]
        with pytest.raises(AssertionError):
            assert_same(*results)


@all_estimators
def test_all_kinds_of_input_give_the_same(est, data, tmp_path):
    videos, tasks = data
    expected = clone(est).fit(videos)
    names = {task.name: list(task.steps) for task in tasks}
    files = []
    for video in videos:
        np.save(tmp_path / f"{video.name}.npy", video.features)
        files.append(replace(video, features=tmp_path / f"{video.name}.npy"))
    objects = np.empty(len(videos), dtype=object)
    objects[:] = videos
    doubles = [replace(v, features=v.features.astype(np.float64)) for v in videos]
    kinds = {
        "tasks": (videos, tasks),
        "names": ([replace(v, task=v.task.name) for v in videos], names),
        "object array": (objects, None),
        "files": (files, None),
        "float64": (doubles, None),
    }
    for X, y in kinds.values():
        found = clone(est).fit(X, y)
        assert_same(fitted(found), fitted(expected))
        assert_same(found.predict(X, y), expected.predict(videos))
    if not isinstance(est, OracleBaseline):
        arrays = [v.features for v in videos]
        assert_same(expected.predict(arrays, tasks), expected.predict(videos))


@all_estimators
def test_input_is_left_as_it_was_and_may_be_read_only(est, data):
    videos, _ = data
    copies = [v.features.copy() for v in videos]
    for copy in copies:
        copy.flags.writeable = False
    clone(est).fit(videos).predict(videos)
    for video, copy in zip(videos, copies, strict=True):
        np.testing.assert_array_equal(video.features, copy)
    locked = [replace(v, features=c) for v, c in zip(videos, copies, strict=True)]
    assert len(clone(est).fit(locked).predict(locked)) == len(videos)


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        ([], None, ValueError, "empty"),
        (np.zeros((3, 4)), None, ValueError, r"wrap a single video: \[X\]"),
        (Video(np.zeros((3, 4))), None, TypeError, "wrap a single video"),
        ("videos", None, TypeError, "sequence of videos"),
        ([1, 2], None, TypeError, r"X\[0\]"),
        ([[[0.0] * 9] * 9], None, TypeError, r"X\[0\] must be .*, got a list\.$"),
        ([np.zeros((3, 4))], None, ValueError, "'#0': has no task"),
        ([np.zeros((3, 4))], ["pour"], TypeError, "'#0': y must be a Task"),
        ([np.zeros((3, 4))], "pour", TypeError, "one Task per video"),
        ([np.zeros((3, 4))] * 2, [Task("a", ["b"])], ValueError, "same length: 2"),
        ([np.zeros((3, 4))], {"a": ["b"], "c": ["d"]}, ValueError, "not in the map"),
        ([Video(np.zeros((3, 4)), "z")], {"a": ["b"]}, ValueError, "'z' is not in"),
    ],
)
@all_estimators
def test_bad_calls(est, X, y, error, message, data):
    with pytest.raises(error, match=message):
        clone(est).fit(X, y)
    with pytest.raises(error, match=message):
        clone(est).fit(*data).predict(X, y)


def spoilt(videos, i, **fields):
    return [*videos[:i], replace(videos[i], **fields), *videos[i + 1 :]]


@that_read_features
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_features_that_are_not_finite_are_named(est, value, data):
    videos, _ = data
    features = videos[1].features.copy()
    features[7, 3] = value
    bad = spoilt(videos, 1, features=features)
    message = "'latte-0': features must be finite.*time 7"
    with pytest.raises(ValueError, match=message):
        clone(est).fit(bad)
    est = clone(est).fit(videos)
    for method in ("predict", "predict_proba", "decision_function"):
        with pytest.raises(ValueError, match=message):
            getattr(est, method)(bad)


@all_estimators
def test_bad_videos_are_named(est, data, tmp_path):
    videos, _ = data
    names = {v.task.name: v.task for v in videos}
    gone = replace(videos[1], features=tmp_path / "gone.npy")
    odd = Video(videos[1].features, "latte", annotation=[[9, 1, 2]], name="odd")
    narrow = spoilt(videos, 2, features=np.zeros((50, 7)))
    with pytest.raises(ValueError, match="'omelette-0': features have 7 columns"):
        clone(est).fit(narrow)
    with pytest.raises(FileNotFoundError, match=r"latte-0.*gone\.npy"):
        clone(est).fit([gone])
    est = clone(est).fit(videos)
    if not isinstance(est, PLACE_BLINDLY):
        with pytest.raises(ValueError, match="'omelette-0': features have 7 columns"):
            est.predict(narrow)
    with pytest.raises(FileNotFoundError, match=r"latte-0.*gone\.npy"):
        est.predict([gone])
    for method in (est.predict, est.score):
        with pytest.raises(ValueError, match="'odd': annotation row 0: step 9 is unkn"):
            method([odd], names)
        with pytest.raises(ValueError, match="'omelette-0': has no task"):
            method(spoilt(videos, 2, task=None))


@all_estimators
def test_videos_shorter_than_their_steps_are_named(est, data):
    videos, _ = data
    short = {"features": videos[2].features[:3], "windows": None, "annotation": []}
    bad = spoilt(videos, 2, **short)
    message = "'omelette-0': 4 steps .*need at least 4"
    if isinstance(est, WeaklySupervisedStepEstimator | DiffracEstimator):
        with pytest.raises(ValueError, match=message):
            clone(est).fit(bad)
    with pytest.raises(ValueError, match=message):
        clone(est).fit(videos).predict(bad)


@that_read_features
def test_not_fitted(est, data):
    for method in ("predict", "predict_proba", "decision_function", "score"):
        with pytest.raises(NotFittedError):
            getattr(clone(est), method)(data[0])


@over([e for e in ESTIMATORS if isinstance(e, PLACE_BLINDLY)])
def test_what_learns_nothing_needs_no_fit(est, data):
    videos, _ = data
    check_is_fitted(est)
    assert_same(clone(est).predict(videos), clone(est).fit(videos).predict(videos))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_series_of_videos(library, data):
    frames = pytest.importorskip(library)
    videos, tasks = data
    if library == "pandas":
        X, y = frames.Series(videos), frames.Series(tasks)
    else:
        X = frames.Series([*videos], dtype=frames.Object)
        y = frames.Series([*tasks], dtype=frames.Object)
    est = WeaklySupervisedStepEstimator(init_iter=1, max_iter=1, random_state=0)
    expected = clone(est).fit(videos, tasks).coef_
    np.testing.assert_array_equal(est.fit(X, y).coef_, expected)
    assert len(est.predict(X)) == len(videos)


def test_callbacks(data):
    callback = pytest.importorskip("sklearn.callback")
    assert callback is not None

    class StopAtThree:
        seen = 0

        def setup(self, estimator, context):
            pass

        def on_fit_task_begin(self, estimator, context):
            pass

        def on_fit_task_end(self, estimator, context):
            self.seen += 1
            return self.seen == 3

        def teardown(self, estimator, context):
            pass

    est = WeaklySupervisedStepEstimator(n_passes=9)
    est.set_callbacks(StopAtThree()).fit(*data)
    assert est.n_iter_ == 3
    shorter = WeaklySupervisedStepEstimator(n_passes=2)
    np.testing.assert_array_equal(shorter.fit(*data).coef_, est.coef_)
