"""What the estimator promises: its course, its results, its messages."""

import copy
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from joblib import Parallel, delayed, parallel_backend
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from twins import FIRST, ONE_UNIT, DrivenModel

from skcrosstask import Task, Video, WeaklySupervisedStepEstimator
from skcrosstask.baselines import SupervisedStepEstimator, UniformBaseline
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.learning.adam._alternation import Alternation, step_cost


@pytest.fixture(scope="module")
def videos():
    return make_instructional_videos(4, n_tasks=3, random_state=0)[0]


QUICK = FIRST | {"init_iter": 2, "max_iter": 2}


def quick(**params):
    params = {**QUICK, "random_state": 0, **params}
    return WeaklySupervisedStepEstimator(**params)


def equal_fits(a, b):
    same = np.array_equal(a.coef_, b.coef_) and np.array_equal(
        a.intercept_, b.intercept_
    )
    pairs = zip(a.alignments_, b.alignments_, strict=True)
    return same and all(np.array_equal(x, y) for x, y in pairs)


def close_fits(a, b):
    """Equal but for the rounding of catching all components up between calls."""
    pairs = zip(a.alignments_, b.alignments_, strict=True)
    return np.allclose(a.coef_, b.coef_, rtol=1e-3, atol=1e-6) and all(
        np.array_equal(x, y) for x, y in pairs
    )


# What is learnt


@pytest.mark.parametrize("contrast", ["steps", "time", "both"])
def test_finds_steps_in_new_videos_and_in_new_tasks(contrast):
    # Margins over ten seeds were 0.33 and 0.12 at the least.
    gains, unseen = [], []
    for seed in range(3):
        videos, _ = make_instructional_videos(10, n_tasks=5, random_state=seed)
        new = [v for v in videos if v.task.name == "cake"]
        known = [v for v in videos if v.task.name != "cake"]
        train, test = known[:24], known[24:]
        est = WeaklySupervisedStepEstimator(
            **FIRST | {"contrast": contrast}, random_state=seed
        )
        est.fit(train)
        gains.append(est.score(test) - UniformBaseline().score(test))
        unseen.append(est.score(new) - UniformBaseline().score(new))
    assert np.mean(gains) > 0.25
    assert np.mean(unseen) > 0.05


def test_supervised_is_above_weak(videos):
    test = make_instructional_videos(10, n_tasks=3, random_state=0)[0][12:]
    weak = WeaklySupervisedStepEstimator(**FIRST, random_state=0).fit(videos)
    supervised = SupervisedStepEstimator(**ONE_UNIT, max_iter=30, random_state=0).fit(
        videos
    )
    assert supervised.score(test) > weak.score(test) - 0.02


def test_windows_are_read_by_fit_alone(videos):
    without = [replace(v, windows=None) for v in videos]
    est = quick().fit(videos)
    assert not equal_fits(est, quick().fit(without))
    assert equal_fits(
        quick(use_windows=False).fit(videos), quick(use_windows=False).fit(without)
    )
    for a, b in zip(est.predict(videos), est.predict(without), strict=True):
        np.testing.assert_array_equal(a, b)


def test_alignments_respect_order_and_windows():
    task = Task("t", ["a b", "b c", "c d"])
    rng = np.random.default_rng(0)
    windows = [[0, 2, 6], [1, 5, 9], [2, 7.5, 12]]
    videos = [Video(rng.normal(size=(30, 4)), task, windows) for _ in range(5)]
    for iters in ({"max_iter": 0}, {"max_iter": 2}):
        for times in quick(**iters).fit(videos).alignments_:
            assert (np.diff(times) > 0).all()
            assert (times >= [2, 5, 7]).all()
            assert (times < [6, 9, 12]).all()


def test_windows_that_contradict_order_yield_to_it():
    task = Task("t", ["a", "b"])
    video = Video(np.random.default_rng(0).normal(size=(30, 4)), task,
                  windows=[[0, 20, 25], [1, 5, 9]])  # fmt: skip
    for iters in ({"max_iter": 0}, {"max_iter": 2}):
        for contrast in ("steps", "both"):
            est = quick(contrast=contrast, **iters).fit([video])
            first, second = est.alignments_[0]
            assert first < second
            # One of the two is where narration says, the other cannot be.
            assert (20 <= first < 25) != (5 <= second < 9)


def test_steps_without_a_window_are_free():
    task = Task("t", ["a", "b", "c"])
    rng = np.random.default_rng(0)
    videos = [Video(rng.normal(size=(40, 4)), task, [[1, 20, 24]]) for _ in range(20)]
    times = np.stack(list(quick(max_iter=0).fit(videos).alignments_))
    assert ((times[:, 1] >= 20) & (times[:, 1] < 24)).all()
    assert np.ptp(times[:, 0]) > 5
    assert np.ptp(times[:, 2]) > 5


def test_the_y_step_lowers_the_objective_when_dropout_is_off(videos):
    class Watching(Alternation):
        def _visit(self, indices, align):
            (i,), old = indices, self.labels
            steps, video = self.compositions[i], self.candidates[i]
            units = video.units[: video.n_alignable]
            rows = self.store.rows(i)[: video.n_alignable]
            driven = DrivenModel.from_state(*copy.deepcopy(self.model.state()))
            cost = step_cost(driven.scores(rows, units, steps), self.decode)
            loss = super()._visit(indices, align)
            if align:
                before, after = (
                    cost[np.searchsorted(units, labels[i]), np.arange(steps.n_steps)]
                    for labels in (old, self.labels)
                )
                drops.append(before.sum() - after.sum())
            return loss

    drops: list[float] = []
    est = quick(dropout=0.0, align_dropout=False, contrast="steps")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("skcrosstask.estimators._component.Alternation", Watching)
        patch.setattr("skcrosstask.learning.adam._alternation._AT_A_TIME", 1)
        est.set_params(max_iter=5).fit(videos)
    assert len(drops) == 5 * len(videos)
    assert min(drops) > -1e-4
    assert max(drops) > 0
    objective = [entry["objective"] for entry in est.history_]
    assert objective[-1] < objective[0]


# The course of a fit


def test_history_and_iterations(videos):
    est = quick(init_iter=2, max_iter=3).fit(videos)
    assert est.n_iter_ == 5
    assert [e["phase"] for e in est.history_] == ["init"] * 2 + ["align"] * 3
    assert [e["epoch"] for e in est.history_] == [1, 2, 1, 2, 3]
    assert all(e["seconds"] >= 0 and e["objective"] > 0 for e in est.history_)


def test_fitted_shapes(videos):
    est = quick().fit(videos)
    assert est.coef_.shape == (len(est.components_), 32)
    assert est.coef_.dtype == est.intercept_.dtype == np.float32
    assert est.intercept_.shape == est.components_.shape
    assert est.components_.tolist() == sorted(est.components_)
    assert len(est.alignments_) == len(videos)


def test_same_seed_same_bits_whatever_n_jobs(videos):
    one = quick().fit(videos)
    two = quick(n_jobs=2).fit(videos)
    assert equal_fits(one, two)
    assert not equal_fits(one, quick(random_state=1).fit(videos))
    for name in ("predict", "predict_proba", "decision_function", "predict_segments"):
        pairs = zip(getattr(one, name)(videos), getattr(two, name)(videos), strict=True)
        for a, b in pairs:
            np.testing.assert_array_equal(a, b)


def test_same_bits_in_a_new_process(videos):
    code = (
        "from skcrosstask import WeaklySupervisedStepEstimator as E\n"
        "from skcrosstask.datasets import make_instructional_videos as make\n"
        f"est = E(**{QUICK}, random_state=0, n_jobs=2)\n"
        "est.fit(make(4, n_tasks=3, random_state=0)[0])\n"
        "print(est.coef_.tobytes().hex())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode().strip() == quick().fit(videos).coef_.tobytes().hex()


def test_long_videos_keep_a_pool_of_negatives():
    task = Task("t", ["a", "b"])
    rng = np.random.default_rng(0)
    windows = [[0, 10, 20], [1, 600, 620]]
    video = Video(rng.normal(size=(900, 3)), task, windows)
    est = quick(n_negatives=8).fit([video])
    candidates = est._candidates(video, task, 900, 8)
    assert len(candidates.pool) == 32
    assert 30 <= len(candidates.units) <= 62
    assert set(candidates.units[: candidates.n_alignable]) == {
        *range(10, 20),
        *range(600, 620),
    }


def test_partial_fit_takes_the_course_of_fit(videos):
    whole = quick(init_iter=2, max_iter=3).fit(videos)
    parts = quick(init_iter=2, max_iter=3)
    for _ in range(5):
        assert parts.partial_fit(videos) is parts
    assert close_fits(whole, parts)
    assert [e["phase"] for e in parts.history_] == [e["phase"] for e in whole.history_]


def test_partial_fit_takes_new_tasks_and_words(videos):
    est = quick(init_iter=1).partial_fit(videos)
    known = len(est.components_)
    new = Task("toast", ["slice bread", "pour milk"])
    rng = np.random.default_rng(1)
    more = [Video(rng.normal(size=(40, 32)), new) for _ in range(3)]
    before = est.coef_.copy()
    est.partial_fit(more)
    assert est.components_[known:].tolist() == ["bread", "slice"]
    assert est.components_[:known].tolist() == sorted(est.components_[:known])
    assert est.coef_.shape == (known + 2, 32)
    assert np.abs(est.coef_[known:]).max() > 0
    assert not np.array_equal(before, est.coef_[:known])
    assert len(est.predict(videos)) == len(videos)


def test_warm_start_goes_on_without_initialisation(videos):
    est = quick(warm_start=True).fit(videos)
    first = est.coef_.copy()
    est.fit(videos)
    assert [e["phase"] for e in est.history_] == ["init"] * 2 + ["align"] * 4
    assert est.n_iter_ == 6
    assert not np.array_equal(first, est.coef_)
    # As long a fit in one go ends at the same place.
    assert close_fits(est, quick(max_iter=4).fit(videos))
    cold = quick().fit(videos)
    assert np.array_equal(cold.fit(videos).coef_, first)


@pytest.mark.parametrize("visits", [1, 17])
def test_interrupt_leaves_a_usable_estimator(videos, monkeypatch, visits):
    visit, count = Alternation._visit, [0]

    def interrupted(self, *args, **kwargs):
        count[0] += 1
        if count[0] == visits:
            raise KeyboardInterrupt
        return visit(self, *args, **kwargs)

    monkeypatch.setattr(Alternation, "_visit", interrupted)
    monkeypatch.setattr("skcrosstask.learning.adam._alternation._AT_A_TIME", 1)
    est = quick()
    with pytest.warns(UserWarning, match=rf"after {visits // 12} of 4 epochs"):
        est.fit(videos)
    monkeypatch.undo()
    assert est.n_iter_ == visits // 12
    assert np.isfinite(est.score(videos))
    assert np.isfinite(est.coef_).all()
    est.set_params(warm_start=True).fit(videos)
    assert est.n_iter_ == visits // 12 + 2


def test_verbose_prints_a_line_an_epoch(videos, capsys):
    quick(verbose=1).fit(videos)
    out, err = capsys.readouterr()
    assert out == ""
    assert sum("objective" in line for line in err.splitlines()) == 4
    assert any("12 of 12 videos" in line for line in err.splitlines())
    quick().fit(videos)
    assert capsys.readouterr() == ("", "")


# Where rows are kept


def test_half_precision_learns_the_same(videos):
    full, half = quick().fit(videos), quick(store_dtype="float16").fit(videos)
    assert not np.array_equal(full.coef_, half.coef_)
    # Adam divides by the gradient's size, so small differences do not stay small.
    assert np.corrcoef(full.coef_.ravel(), half.coef_.ravel())[0, 1] > 0.98
    assert abs(full.score(videos) - half.score(videos)) < 0.1


def test_rows_on_disk_change_nothing(videos, tmp_path):
    expected = quick().fit(videos).coef_
    for options in ({"max_memory": 0}, {"store_folder": tmp_path / "rows"}):
        found = quick(**options).fit(videos).coef_
        np.testing.assert_array_equal(found, expected)
    assert len(list((tmp_path / "rows").glob("*.npy"))) == 1


def test_memory_mapped_by_loky_is_read_only_and_fits(videos):
    # joblib maps large arrays into its workers, read-only.
    big = [Video(np.tile(v.features, (1, 40)), v.task) for v in videos]
    est = quick()
    here = clone(est).fit(big).coef_
    with parallel_backend("loky", n_jobs=2):
        there = Parallel(max_nbytes=1000)(delayed(_fit_coef)(est, big) for _ in "ab")
    for coef in there:
        np.testing.assert_array_equal(coef, here)


def _fit_coef(est, videos):
    return clone(est).fit(videos).coef_


# Prediction


def test_posterior_and_decision_function(videos):
    est = quick().fit(videos)
    scores, posterior = est.decision_function(videos), est.predict_proba(videos)
    for video, score, p in zip(videos, scores, posterior, strict=True):
        assert score.shape == p.shape == (video.shape[0], len(video.task.steps))
        np.testing.assert_allclose(p.sum(axis=0), 1, atol=1e-9)
        a = est._vocabulary.matrix(video.task)
        expected = (video.features @ est.coef_.T + est.intercept_) @ a.T
        np.testing.assert_allclose(score, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("contrast", ["steps", "time", "both"])
def test_segments_are_contiguous_and_hold_the_predicted_time(videos, contrast):
    est = quick(decoding="segments", contrast=contrast).fit(videos)
    for video, labels, times in zip(
        videos, est.predict_segments(videos), est.predict(videos), strict=True
    ):
        assert labels.shape == (video.shape[0],)
        for k, t in enumerate(times):
            units = np.flatnonzero(labels == k)
            assert labels[t] == k
            assert np.array_equal(units, np.arange(units[0], units[-1] + 1))
        shown = labels[labels >= 0]
        assert (np.diff(shown) >= 0).all()


def test_skip_cost_leaves_steps_out(videos):
    est = quick(skip_cost=0.0).fit(videos)
    assert any((times == -1).any() for times in est.predict(videos))
    short = Video(videos[0].features[:2], videos[0].task)
    assert est.predict([short])[0].shape == (5,)
    est.set_params(skip_cost=1e6)
    assert all((times >= 0).all() for times in est.predict(videos))


def test_unknown_words_warn_once_by_name(videos):
    est = quick().fit(videos)
    odd = Task("odd", ["pour milk", "frobnicate gizmo", "zap"])
    new = [Video(v.features, odd) for v in videos[:3]]
    with pytest.warns(UserWarning, match="'frobnicate gizmo' of task 'odd'") as caught:
        times = est.predict(new)
    assert len(caught) == 1
    assert "'zap'" in str(caught[0].message)
    assert all((np.diff(t) > 0).all() for t in times)


@pytest.mark.parametrize("contrast", ["steps", "both"])
@pytest.mark.filterwarnings("ignore:No component of")
def test_steps_that_look_alike_are_spread_out(videos, contrast):
    est = quick(contrast=contrast).fit(videos)
    est.coef_[:] = 0
    strange = Task("strange", ["zap gizmo", "frob it", "quux", "blorb"])
    new = Video(videos[0].features[:40], strange)
    assert est.predict([new])[0].tolist() == pytest.approx([5, 15, 25, 35], abs=1)


def test_what_is_seen_outweighs_the_spread(videos):
    est = quick(sharing="words").fit(videos)
    twice = Task("twice", ["pour milk", "pour milk"])
    new = Video(videos[0].features, twice)
    score = est.decision_function([new])[0][:, 0]
    assert sorted(est.predict([new])[0]) == sorted(np.argsort(-score)[:2])


# What may be passed


def test_plain_arrays_with_tasks_and_mappings(videos):
    arrays = [v.features for v in videos]
    tasks = [v.task for v in videos]
    est = quick(use_windows=False)
    expected = est.fit(videos).coef_
    np.testing.assert_array_equal(est.fit(arrays, tasks).coef_, expected)
    names = {t.name: list(t.steps) for t in tasks}
    named = [Video(v.features, v.task.name) for v in videos]
    np.testing.assert_array_equal(est.fit(named, names).coef_, expected)
    objects = np.empty(len(arrays), dtype=object)
    objects[:] = arrays
    np.testing.assert_array_equal(est.fit(objects, tasks).coef_, expected)
    one = est.fit(arrays, {"only": ["pour milk", "stir"]})
    assert [len(t) for t in one.alignments_] == [2] * len(arrays)
    assert len(est.predict(arrays, Task("only", ["pour milk"]))[0]) == 1


def test_windows_outside_the_video_are_named(videos):
    outside = [videos[0], replace(videos[1], windows=[[0, 900, 950]])]
    with pytest.raises(ValueError, match="'latte-0'"):
        quick().fit(outside)


@pytest.mark.parametrize(
    "params",
    [
        {"sharing": "letters"},
        {"stemmer": "lancaster"},
        {"dropout": 1.0},
        {"learning_rate": 0.0},
        {"learning_rate": "fast"},
        {"contrast": "space"},
        {"n_negatives": 0},
        {"init_iter": -1},
        {"decoding": "beam"},
        {"skip_cost": -1.0},
    ],
)
def test_bad_parameters(videos, params):
    with pytest.raises(ValueError, match=next(iter(params))):
        quick(**params).fit(videos)


def test_not_fitted(videos):
    with pytest.raises(NotFittedError):
        quick().predict_segments(videos)


def test_another_width_of_features_says_why():
    rng = np.random.default_rng(0)
    task = Task("tea", ["boil water", "pour water"])
    videos = [Video(rng.normal(size=(n, 8)), task, name=f"v{n}") for n in (30, 34)]
    est = WeaklySupervisedStepEstimator().fit(videos)
    width = "is expecting 8 features as input; "
    for shape, hint in [((8, 40), "stored (D, T), wrap"), ((40, 9), "the encoder of")]:
        with pytest.raises(ValueError, match=r"^video 'new': features have") as caught:
            est.predict([Video(rng.normal(size=shape), task, name="new")])
        assert f"{width}" in str(caught.value)
        assert hint in str(caught.value)
        assert len(str(caught.value)) < 300
    turned = [Video(v.features.T, task, name=v.name) for v in videos]
    with pytest.raises(ValueError, match=r"'v34'.*wrap them in FeaturesFirst"):
        WeaklySupervisedStepEstimator().fit(turned)
