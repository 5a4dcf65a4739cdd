"""Discriminative clustering: the objective, its minimum, and the estimator."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import check_grad, minimize_scalar
from sklearn.linear_model import Ridge

from skcrosstask import Task, Video
from skcrosstask.alignment import step_posteriors
from skcrosstask.baselines import DiffracEstimator, UniformBaseline
from skcrosstask.baselines._diffrac_solver import (
    KernelRidge,
    PrimalRidge,
    Vertices,
    frank_wolfe,
)
from skcrosstask.datasets import make_instructional_videos

LENGTHS, N_STEPS, PENALTY = [6, 5, 7], 3, 0.1
both_solvers = pytest.mark.parametrize("solver", [PrimalRidge, KernelRidge])


@pytest.fixture
def rows():
    rows = np.random.default_rng(0).standard_normal((sum(LENGTHS), 4))
    return rows - rows.mean(axis=0)


@pytest.fixture
def vertices():
    return Vertices(LENGTHS, N_STEPS, [None] * len(LENGTHS))


@pytest.fixture(scope="module")
def videos():
    return make_instructional_videos(4, n_tasks=3, random_state=0)[0]


def explicit_objective(rows, labels, penalty=PENALTY):
    """By scikit-learn's ridge regression, which knows nothing of B."""
    ridge = Ridge(alpha=len(rows) * penalty, solver="svd").fit(rows, labels)
    error = ((labels - ridge.predict(rows)) ** 2).sum() / len(rows)
    return error + penalty * (ridge.coef_**2).sum(), ridge


def all_vertices(lengths, n_steps, allowed=None):
    """Stacked units of all labellings, (n, n_videos, K)."""
    starts = np.cumsum([0, *lengths[:-1]])
    per_video = []
    for i, length in enumerate(lengths):
        times = np.array(list(combinations(range(length), n_steps)))
        if allowed is not None and allowed[i] is not None:
            times = times[allowed[i][times, np.arange(n_steps)].all(axis=1)]
        per_video.append(times + starts[i])
    return np.array(list(product(*per_video)))


def quick(**params):
    return DiffracEstimator(**{"max_iter": 20, "random_state": 0, **params})


# The objective


@both_solvers
def test_objective_and_residual_are_those_of_an_explicit_ridge(solver, rows, vertices):
    ridge, rng = solver(rows, PENALTY), np.random.default_rng(1)
    for _ in range(5):
        units = vertices.draw(rng)
        labels = vertices.labels(units)
        expected, explicit = explicit_objective(rows, labels)
        residual = ridge.residual(units)
        assert_allclose(residual, labels - explicit.predict(rows), atol=1e-12)
        assert_allclose(ridge.objective(units), expected)
        assert_allclose(np.vdot(labels, residual) / len(rows), expected)
        assert_allclose(ridge.coef(labels), explicit.coef_)


@both_solvers
def test_gradient_is_twice_the_residual_over_n(solver, rows, vertices):
    # Residuals are linear: those of a mean of vertices are the mean of theirs.
    ridge, rng = solver(rows, PENALTY), np.random.default_rng(2)
    drawn = [vertices.draw(rng) for _ in range(3)]
    labels = np.mean([vertices.labels(units) for units in drawn], axis=0)
    residual = np.mean([ridge.residual(units) for units in drawn], axis=0)

    def objective(flat):
        return explicit_objective(rows, flat.reshape(labels.shape))[0]

    def gradient(flat):
        return (2 * residual / len(rows)).ravel()

    assert check_grad(objective, gradient, labels.ravel(), epsilon=1e-6) < 1e-6


@pytest.mark.parametrize("n_features", [3, 40])
def test_primal_equals_kernel(n_features, vertices):
    rows = np.random.default_rng(3).standard_normal((sum(LENGTHS), n_features))
    rows -= rows.mean(axis=0)
    found = [
        frank_wolfe(
            solver(rows, PENALTY),
            vertices,
            np.random.default_rng(0),
            n_init=2,
            max_iter=15,
            tol=0.0,
        )
        for solver in (PrimalRidge, KernelRidge)
    ]
    assert_allclose(found[0].labels, found[1].labels, atol=1e-8)
    assert_allclose(found[0].residual, found[1].residual, atol=1e-8)
    assert_array_equal(found[0].units, found[1].units)


@pytest.mark.parametrize("solver", [PrimalRidge, KernelRidge])
def test_too_little_regularization_is_an_error(solver):
    rows = np.zeros((6, 8))
    with pytest.raises(ValueError, match="regularization is too small"):
        solver(rows, 0.0)


# The minimum


def test_cheapest_vertex_by_brute_force():
    rng = np.random.default_rng(4)
    outside = [rng.random((length, N_STEPS)) < 0.3 for length in LENGTHS]
    outside[1] = None
    vertices = Vertices(LENGTHS, N_STEPS, outside)
    allowed = [None if cells is None else ~cells for cells in outside]
    every = all_vertices(LENGTHS, N_STEPS, allowed)
    assert len(every) > 10
    for _ in range(10):
        cost = rng.standard_normal((sum(LENGTHS), N_STEPS))
        sums = cost[every, np.arange(N_STEPS)].sum(axis=(1, 2))
        assert_array_equal(vertices.cheapest(cost), every[sums.argmin()])


def test_windows_that_contradict_order_yield_as_little_as_they_can():
    rng, n_contradictory = np.random.default_rng(5), 0
    every = all_vertices([7], N_STEPS)[:, 0]
    for _ in range(60):
        outside = rng.random((7, N_STEPS)) < 0.8
        vertices = Vertices([7], N_STEPS, [outside])
        n_outside = outside[every, np.arange(N_STEPS)].sum(axis=1)
        fewest = every[n_outside == n_outside.min()]
        n_contradictory += n_outside.min() > 0
        cost = rng.standard_normal((7, N_STEPS))
        sums = cost[fewest, np.arange(N_STEPS)].sum(axis=1)
        assert_array_equal(vertices.cheapest(cost), fewest[[sums.argmin()]])
        assert (vertices.draw(rng) == fewest).all(axis=1).any()
    assert n_contradictory > 20


@both_solvers
def test_frank_wolfe_takes_the_steps_of_a_slow_twin(solver, rows):
    rng = np.random.default_rng(7)
    outside = [rng.random((length, N_STEPS)) < 0.2 for length in LENGTHS]
    vertices = Vertices(LENGTHS, N_STEPS, outside)
    every = all_vertices(LENGTHS, N_STEPS, [~cells for cells in outside])
    assert len(every) > 100
    found = frank_wolfe(
        solver(rows, PENALTY), vertices, np.random.default_rng(0),
        n_init=3, max_iter=6, tol=0.0,
    )  # fmt: skip
    labels, history, units = slow_frank_wolfe(rows, vertices, every, 3, 6)
    assert_allclose(found.labels, labels, atol=1e-6)
    assert_array_equal(found.units, units)
    for entry, expected in zip(found.history, history, strict=True):
        # A step size is a ratio of differences, of which few digits are left.
        assert_allclose(list(entry.values()), expected, rtol=1e-6, atol=1e-9)


def slow_frank_wolfe(rows, vertices, every, n_init, max_iter):
    """By explicit regressions, numeric line searches and lists of all vertices."""
    rng, columns = np.random.default_rng(0), np.arange(N_STEPS)
    drawn = [vertices.labels(vertices.draw(rng)) for _ in range(n_init)]
    labels, lower, history, roundings = np.mean(drawn, axis=0), 0, [], []
    for iteration in range(max_iter + 1):
        objective, ridge = explicit_objective(rows, labels)
        predicted = ridge.predict(rows)
        # By the squared distance of a vertex to the prediction, of which -2 (X W + b)
        # is all that depends on the vertex.
        costs = (-2 * predicted[every, columns]).sum(axis=(1, 2))
        rounded = every[costs.argmin()]
        value = explicit_objective(rows, vertices.labels(rounded))[0]
        roundings.append((value, rounded))
        gradient = 2 * (labels - predicted) / len(rows)
        linear = gradient[every, columns].sum(axis=(1, 2))
        corner = vertices.labels(every[linear.argmin()])
        gap = (gradient * labels).sum() - linear.min()
        lower = max(lower, objective - gap)
        best, units = min(roundings, key=lambda one: one[0])
        history.append([iteration, objective, objective - lower, best])
        step = minimize_scalar(
            lambda share, a=labels, b=corner: explicit_objective(
                rows, a + share * (b - a)
            )[0],
            bounds=(0, 1), method="bounded", options={"xatol": 1e-9},
        ).x  # fmt: skip
        end, labels = labels, labels + step * (corner - labels)
    return end, history, units


@both_solvers
def test_frank_wolfe_descends_and_its_gap_bounds_the_minimum(solver, rows, vertices):
    ridge = solver(rows, PENALTY)
    found = frank_wolfe(
        ridge, vertices, np.random.default_rng(0), n_init=3, max_iter=300, tol=0.0
    )
    objective = np.array([entry["objective"] for entry in found.history])
    gap = np.array([entry["duality_gap"] for entry in found.history])
    assert (np.diff(objective) <= 1e-14).all()
    assert (np.diff(gap) <= 1e-14).all()
    assert (gap >= 0).all()
    # The last value is an upper bound of the minimum over the hull.
    assert (objective - gap <= objective[-1] + 1e-14).all()
    assert gap[-1] < 0.01 * gap[0]
    # The relaxed optimum is below every labelling, the best rounding among them.
    every = all_vertices(LENGTHS, N_STEPS)
    assert len(every) == 20 * 10 * 35
    values = [ridge.objective(units) for units in every]
    assert objective[-1] < min(values)
    rounded = np.array([entry["rounded_objective"] for entry in found.history])
    assert (np.diff(rounded) <= 0).all()
    assert min(values) <= rounded[-1] <= np.median(values)
    assert_allclose(ridge.objective(found.units), rounded[-1])
    # What is kept is consistent with itself.
    assert_allclose(explicit_objective(rows, found.labels)[0], objective[-1])
    assert_allclose(found.labels.sum(axis=0), len(LENGTHS))


def test_equals_the_best_of_all_labellings_where_relaxation_has_no_slack():
    # Each step looks like itself and nothing else, so a mixture of labellings fits
    # worse than the true one, save for the little that the penalty leaves over.
    lengths, truth = [5, 6], np.array([[1, 3], [2 + 5, 4 + 5]])
    rows = Vertices(lengths, 2, [None, None]).labels(truth)
    rows -= rows.mean(axis=0)
    ridge, vertices = PrimalRidge(rows, 1e-5), Vertices(lengths, 2, [None, None])
    every = all_vertices(lengths, 2)
    values = np.array([ridge.objective(units) for units in every])
    second, first = np.sort(values)[1::-1]
    assert second > 100 * first
    for seed in range(5):
        found = frank_wolfe(
            ridge, vertices, np.random.default_rng(seed),
            n_init=2, max_iter=1000, tol=1e-3,
        )  # fmt: skip
        end = found.history[-1]
        assert_allclose(end["objective"], first, rtol=2e-3)
        assert_allclose(end["rounded_objective"], first)
        assert_array_equal(found.units, truth)
        assert_allclose(found.labels, vertices.labels(truth), atol=0.01)


def test_stops_at_the_duality_gap(rows, vertices):
    args = PrimalRidge(rows, PENALTY), vertices
    loose, tight = (
        frank_wolfe(
            *args, np.random.default_rng(0), n_init=2, max_iter=500, tol=tol
        ).history
        for tol in (0.5, 0.05)
    )
    assert len(loose) < len(tight) < 500
    for history, tol in ((loose, 0.5), (tight, 0.05)):
        met = [e["duality_gap"] <= tol * e["objective"] for e in history]
        assert met == [False] * (len(history) - 1) + [True]


# The estimator


def test_finds_steps_in_new_videos():
    # Margins over ten seeds were 0.34 at the least, 0.43 on average.
    gains = []
    for seed in range(3):
        videos, _ = make_instructional_videos(14, n_tasks=4, random_state=seed)
        est = DiffracEstimator(random_state=seed).fit(videos[:36])
        test = videos[36:]
        gains.append(est.score(test) - UniformBaseline().score(test))
    assert min(gains) > 0.2


def test_windows_are_respected_and_may_be_left_unread(videos):
    fitted = quick().fit(videos)
    free = quick(use_windows=False).fit(videos)
    bare = quick().fit([replace(v, windows=None) for v in videos])
    n_outside = 0
    for i, video in enumerate(videos):
        allowed = np.ones((video.shape[0], len(video.task.steps)), dtype=bool)
        for step in np.unique(video.windows[:, 0]).astype(int):
            allowed[:, step] = False
        for step, start, end in video.windows:
            allowed[int(np.floor(start)) : int(np.ceil(end)), int(step)] = True
        possible = step_posteriors(np.zeros(allowed.shape), allowed) > 0
        columns = np.arange(allowed.shape[1])
        assert possible[fitted.alignments_[i], columns].all()
        n_outside += (~possible[free.alignments_[i], columns]).sum()
        assert_array_equal(free.alignments_[i], bare.alignments_[i])
    assert n_outside > 0


def test_fitted_attributes(videos):
    est = quick().fit(videos)
    names = {video.task.name for video in videos}
    assert set(est.coef_) == set(est.intercept_) == set(est.duality_gaps_) == names
    assert est.n_features_in_ == 32
    assert est.n_iter_ == 20
    assert est.alignments_.shape == (len(videos),)
    for video, times in zip(videos, est.alignments_, strict=True):
        assert est.coef_[video.task.name].shape == (len(video.task.steps), 32)
        assert est.intercept_[video.task.name].shape == (len(video.task.steps),)
        assert times.dtype == np.int64
        assert times.shape == (len(video.task.steps),)
        assert (np.diff(times) > 0).all()
        assert 0 <= times[0] <= times[-1] < video.shape[0]
    for name in names:
        entries = [entry for entry in est.history_ if entry["phase"] == name]
        assert [entry["epoch"] for entry in entries] == list(range(len(entries)))
        assert entries[-1]["duality_gap"] == est.duality_gaps_[name]


def test_predictions_follow_from_the_classifiers(videos):
    est = quick().fit(videos)
    times, scores = est.predict(videos), est.decision_function(videos)
    posteriors = est.predict_proba(videos)
    assert times.dtype == scores.dtype == posteriors.dtype == object
    for i, video in enumerate(videos):
        name = video.task.name
        expected = video.features @ est.coef_[name].T + est.intercept_[name]
        assert_allclose(scores[i], expected)
        variance = est.noise_variance_[name]
        expected = step_posteriors(scores[i], temperature=variance)
        assert_array_equal(posteriors[i], expected)
        assert (np.diff(times[i]) > 0).all()
        columns = np.arange(len(times[i]))
        uniform = UniformBaseline().predict([video])[0]
        reached = scores[i][times[i], columns].sum()
        assert reached >= scores[i][uniform, columns].sum()


def test_regularization_is_one_over_the_number_of_labels(videos):
    latte = [video for video in videos if video.task.name == "latte"]
    est = quick().fit(latte)
    same = quick(regularization=1 / (4 * 4)).fit(latte)
    assert_array_equal(est.coef_["latte"], same.coef_["latte"])
    other = quick(regularization=1.0).fit(latte)
    assert np.linalg.norm(other.coef_["latte"]) < np.linalg.norm(est.coef_["latte"])


@pytest.mark.parametrize(("n_features", "expected"), [(8, "primal"), (400, "kernel")])
def test_solver_is_chosen_by_size_and_does_not_matter(n_features, expected):
    videos, _ = make_instructional_videos(
        3, n_tasks=1, n_features=n_features, length=(40, 60), random_state=0
    )
    fits = {s: quick(solver=s).fit(videos) for s in ("auto", "primal", "kernel")}
    for name in fits["auto"].coef_:
        assert_array_equal(fits["auto"].coef_[name], fits[expected].coef_[name])
        assert_allclose(
            fits["primal"].coef_[name], fits["kernel"].coef_[name], atol=1e-4
        )
        assert_allclose(
            fits["primal"].intercept_[name], fits["kernel"].intercept_[name], atol=1e-3
        )


def test_deterministic_and_each_task_on_its_own(videos):
    est = quick().fit(videos)
    again = quick(n_jobs=2).fit(videos)
    alone = quick().fit([v for v in videos if v.task.name == "latte"])
    other = quick(random_state=1).fit(videos)
    for name, coef in est.coef_.items():
        assert_array_equal(coef, again.coef_[name])
        assert not np.array_equal(coef, other.coef_[name])
    assert_array_equal(est.coef_["latte"], alone.coef_["latte"])
    for a, b in zip(est.predict(videos), again.predict(videos), strict=True):
        assert_array_equal(a, b)


def test_offset_of_the_features_does_not_matter(videos):
    est = quick().fit(videos)
    # A power of two, so that float32 keeps most of the digits.
    moved = [replace(v, features=v.features + np.float32(16)) for v in videos]
    for a, b in zip(
        est.decision_function(videos),
        quick().fit(moved).decision_function(moved),
        strict=True,
    ):
        assert_allclose(a, b, atol=1e-3)


def test_features_in_files_and_in_half_precision(videos, tmp_path):
    stored = []
    for video in videos:
        np.save(tmp_path / f"{video.name}.npy", video.features.astype(np.float16))
        stored.append(replace(video, features=tmp_path / f"{video.name}.npy"))
    short = [replace(v, features=v.features.astype(np.float16)) for v in videos]
    a, b = quick().fit(stored), quick().fit(short)
    for name in a.coef_:
        assert_array_equal(a.coef_[name], b.coef_[name])


def test_a_start_without_steps_and_videos_without_choice():
    task = Task("t", ["a", "b"])
    rng = np.random.default_rng(0)
    videos = [Video(rng.standard_normal((2, 3)), task, name=n) for n in "uv"]
    est = quick(max_iter=0).fit(videos)
    assert est.n_iter_ == 0
    for times in (*est.alignments_, *quick().fit(videos).predict(videos)):
        assert_array_equal(times, [0, 1])


def test_verbose_prints_a_line_a_task(videos, capsys):
    quick(verbose=1).fit(videos)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split()[1] for line in lines] == ["pancakes:", "latte:", "omelette:"]


# Bad input


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"regularization": 0}, "regularization"),
        ({"max_iter": -1}, "max_iter"),
        ({"tol": -0.1}, "tol"),
        ({"n_init": 0}, "n_init"),
        ({"solver": "svd"}, "solver"),
        ({"use_windows": "yes"}, "use_windows"),
    ],
)
def test_bad_parameters(params, message, videos):
    with pytest.raises(ValueError, match=message):
        DiffracEstimator(**params).fit(videos)


def test_bad_videos():
    task = Task("t", ["a", "b", "c"])
    good = Video(np.ones((6, 2)), task, name="good")
    cases = {
        "video 'late': windows: 19 s is long after": Video(
            np.ones((6, 2)), task, windows=[[0, 19, 22]], name="late"
        ),
        "video 'twin': two tasks are named 't'": Video(
            np.ones((6, 2)), Task("t", ["a", "b"]), name="twin"
        ),
    }
    for message, bad in cases.items():
        with pytest.raises(ValueError, match=message):
            quick().fit([good, bad])


def test_predicts_known_tasks_alone(videos):
    latte = [video for video in videos if video.task.name == "latte"]
    est = quick().fit(latte)
    with pytest.raises(ValueError, match=r"no video of task 'pancakes'.*'latte'"):
        est.predict(videos)
    changed = Task("latte", ["grind coffee", "pour milk"])
    with pytest.raises(ValueError, match="steps of task 'latte' are not those of fit"):
        est.predict([v.features for v in latte], changed)
