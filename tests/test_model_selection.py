"""Splits by task and the scorer, alone and inside scikit-learn's tools."""

import pickle

import numpy as np
import pytest
import sklearn
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from skcrosstask import Task, Video
from skcrosstask.model_selection import TaskShuffleSplit, step_recall_scorer

TEA = Task("tea", ["boil water", "add tea"])
TOAST = Task("toast", ["cut bread", "toast bread", "add butter"])
CAKE = Task("cake", ["stir"])


def make_videos(counts, length=9):
    """Videos of each task in turn; the steps stand at 0, 1, 2, ..."""
    return [
        Video(
            np.full((length, 2), float(i)),
            task,
            annotation=[[k, k, k + 1] for k in range(len(task.steps))],
            name=f"{task.name}{i}",
        )
        for task, count in counts.items()
        for i in range(count)
    ]


class Shifted(BaseEstimator):
    """Predict step k at time k + shift, without learning anything."""

    def __init__(self, shift=0):
        self.shift = shift

    def fit(self, X, y=None):
        self.n_fitted_ = len(X)
        return self

    def predict(self, X, y=None):
        tasks = [video.task for video in X] if y is None else y
        times = np.empty(len(X), dtype=object)
        times[:] = [np.arange(len(task.steps)) + self.shift for task in tasks]
        return times


class TestTaskShuffleSplit:
    def test_counts(self):
        X = make_videos({TEA: 5, TOAST: 7, CAKE: 4})
        cv = TaskShuffleSplit(4, n_train=3, train_only=[CAKE], random_state=0)
        splits = list(cv.split(X))
        assert len(splits) == cv.get_n_splits(X) == 4
        for train, test in splits:
            names = [X[i].task.name for i in train]
            assert [names.count(n) for n in ("tea", "toast", "cake")] == [3, 3, 4]
            tested = [X[i].task.name for i in test]
            assert [tested.count(n) for n in ("tea", "toast", "cake")] == [2, 4, 0]
            assert sorted([*train, *test]) == list(range(16))
        assert len({tuple(train) for train, _ in splits}) > 1

    def test_random_state(self):
        X = make_videos({TEA: 20})

        def draw(state):
            cv = TaskShuffleSplit(3, n_train=4, random_state=state)
            return [train.tolist() for train, _ in cv.split(X)]

        assert draw(0) == draw(0) == draw(np.random.RandomState(0))
        assert draw(0) != draw(1)
        shared = np.random.RandomState(0)
        assert draw(shared) != draw(shared)

    def test_excluded_videos_are_nowhere(self):
        X = make_videos({TEA: 6, CAKE: 2})
        cv = TaskShuffleSplit(
            5, n_train=2, train_only="cake", exclude=["tea1", "cake0", "elsewhere"]
        )
        for train, test in cv.split(X):
            names = {X[i].name for i in [*train, *test]}
            assert len(names) == 6
            assert not names & {"tea1", "cake0"}

    def test_tested_video_does_not_train_under_another_task(self):
        X = make_videos({TEA: 3})
        X += [Video(v.features, CAKE, name=v.name) for v in X]
        cv = TaskShuffleSplit(5, n_train=1, train_only=[CAKE])
        for train, test in cv.split(X):
            assert len(train) == len(test) == 2
            assert not {X[i].name for i in train} & {X[i].name for i in test}

    def test_the_file_names_a_video_to_exclude(self):
        X = [Video(f"{i}/v{i}.npy", TEA) for i in range(5)]
        split = TaskShuffleSplit(n_train=2, exclude="v3").split(X)
        assert not any(3 in part for part in next(split))

    def test_unnamed_videos_are_distinct(self):
        X = [Video(np.zeros((4, 2)), TEA) for _ in range(5)]
        train, test = next(TaskShuffleSplit(n_train=2).split(X))
        assert (len(train), len(test)) == (2, 3)

    def test_tasks_from_y(self):
        X = [np.zeros((4, 2))] * 6
        y = [TEA, TEA, TEA, "toast", "toast", "toast"]
        for train, test in TaskShuffleSplit(3, n_train=2).split(X, y):
            assert sum(train < 3) == 2
            assert sum(test < 3) == 1

    def test_y_overrules_the_videos(self):
        X = make_videos({TEA: 4})
        y = [TEA, TEA, CAKE, CAKE]
        _, test = next(TaskShuffleSplit(n_train=1).split(X, y))
        assert sum(test < 2) == 1

    @pytest.mark.parametrize(
        ("counts", "parameters", "message"),
        [
            ({TEA: 4, TOAST: 3}, {"n_train": 3}, "'toast' has 3 videos, too few"),
            ({TEA: 4}, {}, "'tea' has 4 videos.*n_train=30"),
            ({TEA: 4}, {"n_train": 3, "exclude": ["tea0"]}, "'tea' has 3 videos"),
            ({TEA: 4}, {"train_only": [TEA]}, "No task is left to test"),
            ({}, {}, "No task is left to test"),
            ({TEA: 4}, {"n_train": 0}, "n_train must be an int from 1"),
            ({TEA: 4}, {"n_train": 0.5}, "n_train must be an int from 1"),
            ({TEA: 4}, {"n_splits": 0, "n_train": 1}, "n_splits must be an int"),
        ],
    )
    def test_errors(self, counts, parameters, message):
        with pytest.raises(ValueError, match=message):
            next(TaskShuffleSplit(**parameters).split(make_videos(counts)))

    def test_video_without_task(self):
        X = [*make_videos({TEA: 3}), Video(np.zeros((4, 2)), name="lost")]
        with pytest.raises(ValueError, match="Video lost has no task"):
            next(TaskShuffleSplit(n_train=1).split(X))
        with pytest.raises(ValueError, match="4 videos, but y has 3"):
            next(TaskShuffleSplit(n_train=1).split(X, [TEA] * 3))

    def test_repr_and_copies(self):
        cv = TaskShuffleSplit(2, n_train=5, train_only=("a",), random_state=1)
        shown = repr(cv)
        assert shown.startswith("TaskShuffleSplit(")
        assert "n_train=5" in shown
        X = make_videos({TEA: 8})
        for copy in (pickle.loads(pickle.dumps(cv)), clone(cv, safe=False)):
            for ours, theirs in zip(cv.split(X), copy.split(X), strict=True):
                np.testing.assert_array_equal(ours[1], theirs[1])


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 8)), unique=True),
    st.integers(1, 2),
    st.sets(st.integers(0, 8)),
    st.integers(0, 99),
)
def test_split_never_leaks(pairs, n_train, excluded, seed):
    tasks = {name: Task(name, ["do"]) for name in "abc"}
    X = [Video(np.zeros((2, 1)), tasks[t], name=f"v{i}") for t, i in pairs]
    exclude = {f"v{i}" for i in excluded}
    cv = TaskShuffleSplit(
        2, n_train=n_train, train_only="c", exclude=exclude, random_state=seed
    )
    try:
        splits = list(cv.split(X))
    except ValueError:
        return
    for train, test in splits:
        names = [{X[i].name for i in part} for part in (train, test)]
        assert not names[0] & names[1]
        assert not (names[0] | names[1]) & exclude
        assert all(X[i].task.name != "c" for i in test)
        assert len(test)


class TestScorer:
    def test_equals_recall(self):
        X = make_videos({TEA: 1, TOAST: 1})
        assert step_recall_scorer()(Shifted(0), X) == 1
        assert step_recall_scorer()(Shifted(1), X) == 0

    @pytest.mark.parametrize(
        ("average", "expected"), [("task", 1 / 2), ("video", 1 / 4), ("micro", 1 / 7)]
    )
    def test_averages(self, average, expected):
        class One(Shifted):
            def predict(self, X, y=None):
                return [np.arange(len(v.task.steps)) + (v.task != CAKE) for v in X]

        X = make_videos({TEA: 3, CAKE: 1})
        assert step_recall_scorer(average)(One(), X) == pytest.approx(expected)

    def test_videos_without_annotation_are_skipped(self):
        X = [*make_videos({TEA: 2}), Video(np.zeros((9, 2)), TOAST)]
        assert step_recall_scorer()(Shifted(), X, [TEA, TEA, TOAST]) == 1

    def test_no_annotation(self):
        with pytest.raises(ValueError, match="no video has an annotation"):
            step_recall_scorer()(Shifted(), [Video(np.zeros((9, 2)), TEA)])

    def test_y_gives_the_tasks(self):
        X = [Video(v.features, annotation=v.annotation) for v in make_videos({TEA: 2})]
        assert step_recall_scorer()(Shifted(), X, [TEA, TEA]) == 1
        with pytest.raises(ValueError, match="2 videos, but y has 1"):
            step_recall_scorer()(Shifted(), X, [TEA])

    @pytest.mark.parametrize("average", [None, "macro", ("task",)])
    def test_bad_average(self, average):
        with pytest.raises(ValueError, match="average must be one of"):
            step_recall_scorer(average)

    def test_copies(self):
        scorer = step_recall_scorer("video")
        for copy in (pickle.loads(pickle.dumps(scorer)), clone(scorer, safe=False)):
            assert repr(copy) == "step_recall_scorer(average='video')"
            assert copy(Shifted(), make_videos({TEA: 1})) == 1


class TestInsideScikitLearn:
    X = make_videos({TEA: 5, TOAST: 6})
    y = tuple(video.task for video in X)
    cv = TaskShuffleSplit(3, n_train=2, random_state=0)

    def test_cross_validate(self):
        found = cross_validate(
            Shifted(),
            self.X,
            self.y,
            cv=self.cv,
            scoring={
                "task": step_recall_scorer(),
                "micro": step_recall_scorer("micro"),
            },
            return_indices=True,
            error_score="raise",
        )
        assert found["test_task"].tolist() == found["test_micro"].tolist() == [1] * 3
        assert [len(test) for test in found["indices"]["test"]] == [7] * 3

    @pytest.mark.parametrize("routing", [False, True])
    def test_grid_search(self, routing):
        with sklearn.config_context(enable_metadata_routing=routing):
            search = GridSearchCV(
                Shifted(),
                {"shift": [1, 0, 2]},
                scoring=step_recall_scorer(),
                cv=self.cv,
                error_score="raise",
            )
            search = clone(search).fit(self.X, self.y)
        assert search.best_params_ == {"shift": 0}
        assert search.n_splits_ == 3
        assert search.cv_results_["mean_test_score"].tolist() == [0, 1, 0]

    def test_grid_search_with_several_scores(self):
        search = GridSearchCV(
            Shifted(),
            {"shift": [0, 1]},
            scoring={"a": step_recall_scorer(), "b": step_recall_scorer("video")},
            refit="b",
            cv=self.cv,
            error_score="raise",
        ).fit(self.X, self.y)
        assert search.best_score_ == 1
        assert "mean_test_a" in search.cv_results_

    def test_pipeline(self):
        # Its predict takes no y.
        pipe = Pipeline([("same", FunctionTransformer()), ("model", Shifted())])
        found = cross_validate(
            pipe,
            self.X,
            self.y,
            cv=self.cv,
            scoring=step_recall_scorer(),
            error_score="raise",
        )
        assert found["test_score"].tolist() == [1] * 3


class TestRelease:
    def test_protocol(self, release):
        cv = TaskShuffleSplit(
            3,
            train_only=release.related,
            exclude=release.validation_names,
            random_state=0,
        )
        related = set(release.related)
        for train, test in cv.split(release.videos, release.tasks):
            assert len(test) == 2750 - 360 - 18 * 30
            primary = [i for i in train if release.tasks[i] not in related]
            assert len(primary) == 18 * 30
            # 12 related rows name a validation video; others name a tested one.
            assert 1950 - 89 <= len(train) - len(primary) <= 1950 - 12
            names = [{release.videos[i].name for i in part} for part in (train, test)]
            assert not names[0] & names[1]
            assert not (names[0] | names[1]) & release.validation_names

    def test_all_videos_without_the_validation_set_aside(self, primary_release):
        train, test = next(TaskShuffleSplit(1).split(primary_release.videos))
        assert (len(train), len(test)) == (540, 2210)
