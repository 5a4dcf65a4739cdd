"""DrivenModel against the twin that moves every parameter at every step."""

import json
import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from twins import DrivenModel

from skcrosstask.components import Composition

N_FEATURES = 11
N_COMPONENTS = 60
OPTIONS = {"learning_rate": 5e-3, "n_negatives": 5, "seed": 7}


@dataclass
class Example:
    """A video: features (T, D), labels as times, and the times for negatives."""

    features: np.ndarray
    labels: np.ndarray
    pool: np.ndarray
    rows: list[list[int]]

    @property
    def steps(self):
        return Composition.from_rows(self.rows)

    def packed(self, rng):
        """Arguments of `update`: the rows that it can touch, and a few others."""
        n_units = len(self.features)
        spare = rng.choice(n_units, 2, replace=False)
        labelled = self.labels[self.labels >= 0]
        units = np.unique(np.concatenate([labelled, self.pool, spare]))
        place = np.full(n_units, -1)
        place[units] = np.arange(len(units))
        labels = np.where(self.labels < 0, -1, place[self.labels])
        arguments = self.features[units], units, labels, self.steps
        return arguments, {"pool": place[self.pool], "n_units": n_units}


def draw_rows(rng, n_components):
    """Components of the steps of one task.

    One that stood alike in every step would have no gradient over steps but what
    rounding leaves, which Adam blows up in either precision.
    """
    while True:
        n_steps = rng.integers(2, 8)
        rows = [
            sorted(rng.choice(n_components, rng.integers(1, 4), replace=False).tolist())
            for _ in range(n_steps)
        ]
        if not set.intersection(*map(set, rows)):
            return rows


def draw_example(rng, rows):
    n_units, n_steps = int(rng.integers(9, 20)), len(rows)
    features = rng.normal(size=(n_units, N_FEATURES)).astype(np.float32)
    features[:, 4] = 0.0  # Never a gradient: its moments stay 0, and eps guards.
    labels = np.sort(rng.choice(n_units, n_steps, replace=False))
    labels[rng.random(n_steps) < 0.15] = -1
    if n_steps > 2 and rng.random() < 0.3:
        labels[1] = labels[0]
    pool = rng.permutation(n_units)[: rng.integers(3, n_units)]
    return Example(features, labels, pool, rows)


def draw_schedule(seed=0, n_visits=300, n_tasks=20, n_components=N_COMPONENTS):
    """Visits of videos; some tasks come often, one only first, one only last."""
    rng = np.random.default_rng(seed)
    tasks = [draw_rows(rng, n_components) for _ in range(n_tasks)]
    videos = [[draw_example(rng, rows) for _ in range(3)] for rows in tasks]
    videos[2][0].labels[:] = -1
    share = 1.0 / np.arange(1, n_tasks - 1) ** 1.5
    visited = rng.choice(n_tasks - 2, n_visits, p=share / share.sum())
    visited[0], visited[-1] = n_tasks - 2, n_tasks - 1
    return [videos[i][rng.integers(3)] for i in visited]


def train(model, schedule, seed=1):
    rng = np.random.default_rng(seed)
    losses = []
    for example in schedule:
        arguments, options = example.packed(rng)
        losses.append(model.update(*arguments, **options))
    return losses


def train_twin(twin, dense, schedule):
    losses = []
    for video in schedule:
        sharing = twin.sharing_matrix(video.rows, len(dense.theta))
        losses.append(dense.update(video.features, video.labels, sharing, video.pool))
    return losses


def start_at_random(model, dense, seed=2):
    """From zero, a video's bias gradients begin at 0, and Adam follows rounding."""
    rng = np.random.default_rng(seed)
    start = rng.normal(scale=0.1, size=dense.theta.shape).astype(np.float32)
    model.coef[...], model.intercept[...] = start[:, :-1], start[:, -1]
    dense.theta[...] = start


def assert_close(found, expected, rtol=1e-4):
    """As vectors, and each number, less closely, relative to the largest.

    Adam divides by the gradient's own size: where it is all but 0, rounding shows.
    """
    norm, largest = np.linalg.norm(expected), np.abs(expected).max()
    assert np.linalg.norm(found - expected) <= rtol * norm + 1e-9
    np.testing.assert_allclose(found, expected, rtol=0, atol=5 * rtol * largest + 1e-9)


def bits(model):
    return [a.tobytes() for a in (model.coef, model.intercept, *model._moments)]


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("contrast", ["steps", "time", "both"])
def test_dense_adam(twin, contrast, dropout):
    options = OPTIONS | {"contrast": contrast, "dropout": dropout}
    schedule = draw_schedule()
    model = DrivenModel(N_FEATURES, **options).grow(N_COMPONENTS)
    dense = twin.DenseModel(N_COMPONENTS, N_FEATURES, **options)
    start_at_random(model, dense)
    losses = train(model, schedule)
    expected = train_twin(twin, dense, schedule)
    np.testing.assert_allclose(losses, expected, rtol=2e-4, atol=1e-6)
    assert model.n_updates == len(schedule)
    # Without the catch-up, what was touched rarely would be wrong by far.
    assert np.abs(model.coef - dense.coef).max() > 1e-2
    model.synchronise()
    assert_close(model.coef, dense.coef)
    assert_close(model.intercept, dense.intercept)


@pytest.mark.parametrize("seed", [1, 2])
def test_dense_adam_from_zero(twin, seed):
    schedule = draw_schedule(seed)
    model = DrivenModel(N_FEATURES, **OPTIONS).grow(N_COMPONENTS)
    dense = twin.DenseModel(N_COMPONENTS, N_FEATURES, **OPTIONS)
    train(model, schedule)
    train_twin(twin, dense, schedule)
    model.synchronise()
    # A task's first gradient of a bias is 0 but for rounding, which Adam follows, so
    # biases have no one answer here, and weights a little less of one.
    assert_close(model.coef, dense.coef, rtol=2e-3)


def test_components_are_caught_up_when_read(twin):
    # The first visit's components rest for 298 steps, then are read.
    schedule = draw_schedule()
    model = DrivenModel(N_FEATURES, **OPTIONS).grow(N_COMPONENTS)
    dense = twin.DenseModel(N_COMPONENTS, N_FEATURES, **OPTIONS)
    start_at_random(model, dense)
    train(model, schedule[:-1])
    train_twin(twin, dense, schedule[:-1])
    first = schedule[0]
    units = np.arange(len(first.features))
    weights = twin.sharing_matrix(first.rows, N_COMPONENTS) @ dense.theta
    expected = first.features @ weights[:, :-1].T + weights[:, -1]
    assert_close(model.scores(first.features, units, first.steps), expected)


def test_large_eps(twin):
    # One task: all that moves is in play, and Adam's eps is exact at any size.
    video = draw_schedule()[1]
    for eps in (1e-2, 1e-4):
        options = OPTIONS | {"eps": eps, "betas": (0.8, 0.99)}
        model = DrivenModel(N_FEATURES, **options).grow(N_COMPONENTS)
        dense = twin.DenseModel(N_COMPONENTS, N_FEATURES, **options)
        start_at_random(model, dense)
        train(model, [video] * 40)
        train_twin(twin, dense, [video] * 40)
        assert_close(model.coef, dense.coef)


def test_grow_in_the_middle(twin):
    # A component starts at rest, so it is as if it had been there all along.
    rng = np.random.default_rng(3)
    first = draw_schedule(3, 80, n_components=25)
    second = [draw_example(rng, draw_rows(rng, 40)) for _ in range(60)]
    model = DrivenModel(N_FEATURES, **OPTIONS).grow(25)
    whole = DrivenModel(N_FEATURES, **OPTIONS).grow(40)
    dense = twin.DenseModel(40, N_FEATURES, **OPTIONS)
    start = rng.normal(scale=0.1, size=(25, N_FEATURES)).astype(np.float32)
    model.coef[...] = whole.coef[:25] = dense.theta[:25, :-1] = start
    for part in (first, second):
        train(model.grow(40 if part is second else 25), part)
        train(whole, part)
        train_twin(twin, dense, part)
    model.synchronise()
    whole.synchronise()
    assert model.coef.shape == (40, N_FEATURES)
    assert_close(model.coef, dense.coef)
    np.testing.assert_allclose(model.coef, whole.coef, rtol=0, atol=2e-6)
    np.testing.assert_allclose(model.intercept, whole.intercept, rtol=0, atol=2e-5)


def test_grow_only_grows():
    model = DrivenModel(3).grow(4)
    model.coef[...] = 1.0
    assert model.grow(2) is model
    assert len(model.coef) == len(model.intercept) == 4
    model.grow(6)
    np.testing.assert_array_equal(model.coef[:, 0], [1, 1, 1, 1, 0, 0])


def test_no_label_at_all(twin):
    # The moments decay as under dense Adam, and the visit counts.
    schedule = draw_schedule(n_visits=30)
    empty = schedule[5]
    empty.labels = np.full_like(empty.labels, -1)
    model = DrivenModel(N_FEATURES, **OPTIONS).grow(N_COMPONENTS)
    dense = twin.DenseModel(N_COMPONENTS, N_FEATURES, **OPTIONS)
    start_at_random(model, dense)
    losses = train(model, [*schedule, empty, empty])
    train_twin(twin, dense, [*schedule, empty, empty])
    assert losses[-2:] == [0.0, 0.0]
    assert_close(model.synchronise().coef, dense.coef)


def test_one_step_has_no_rival():
    # Softmax over one step is 1: a gradient of 0, not of rounding blown up by Adam.
    rng = np.random.default_rng(0)
    model = DrivenModel(3, contrast="steps").grow(2)
    steps = Composition.from_rows([[0, 1]])
    for n_units in (7, 10, 49):
        rows = rng.normal(size=(n_units, 3)).astype(np.float32)
        for _ in range(5):
            assert model.update(rows, np.arange(n_units), np.array([3]), steps) == 0.0
    assert not model.synchronise().coef.any()
    assert not model.intercept.any()


def test_bias_rests_over_time():
    # A softmax over times does not see what is the same at all times.
    model = DrivenModel(N_FEATURES, **OPTIONS, contrast="time").grow(N_COMPONENTS)
    train(model, draw_schedule(n_visits=30))
    assert not model.synchronise().intercept.any()


@pytest.mark.parametrize("contrast", ["steps", "time", "both"])
def test_objective_decreases(contrast):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(30, 6)).astype(np.float32)
    steps = Composition.from_rows([[0, 1], [1, 2], [3]])
    # As many negatives as rows: the objective is the same at each visit.
    model = DrivenModel(6, contrast=contrast, n_negatives=30, learning_rate=1e-2)
    model.grow(4)
    losses = [
        model.update(rows, np.arange(30), np.array([2, 11, 25]), steps)
        for _ in range(60)
    ]
    assert (np.diff(losses) < 0).all()
    assert losses[-1] < 0.6 * losses[0]
    scores = model.scores(rows, np.arange(30), steps)
    if contrast != "time":
        assert scores[[2, 11, 25]].argmax(axis=1).tolist() == [0, 1, 2]
    if contrast != "steps":
        assert scores.argmax(axis=0).tolist() == [2, 11, 25]


def test_pickle_continues():
    schedule = draw_schedule(n_visits=60)
    model = DrivenModel(N_FEATURES, **OPTIONS, dropout=0.4).grow(N_COMPONENTS)
    train(model, schedule[:40])
    copy = pickle.loads(pickle.dumps(model))
    losses = [train(m, schedule[40:]) for m in (model, copy)]
    assert losses[0] == losses[1]
    assert bits(model.synchronise()) == bits(copy.synchronise())


def test_state_continues():
    schedule = draw_schedule(n_visits=60)
    model = DrivenModel(N_FEATURES, **OPTIONS, dropout=0.4).grow(N_COMPONENTS)
    train(model, schedule[:40])
    settings, arrays = model.state()
    assert arrays["coef"] is model.coef
    copied = {name: array.copy() for name, array in arrays.items()}
    copy = DrivenModel.from_state(json.loads(json.dumps(settings)), copied)
    assert bits(copy) == bits(model)
    losses = [train(m, schedule[40:]) for m in (model, copy)]
    assert losses[0] == losses[1]
    assert bits(model.synchronise()) == bits(copy.synchronise())
    assert copy.state()[0] == model.state()[0]


def test_seeds():
    schedule = draw_schedule(n_visits=40)
    for options in ({"dropout": 0.4, "contrast": "steps"}, {"contrast": "time"}):
        trained = []
        for seed in (0, 0, 1, 2**62 + 5):
            settings = OPTIONS | options | {"seed": seed}
            model = DrivenModel(N_FEATURES, **settings).grow(N_COMPONENTS)
            train(model, schedule)
            trained.append(bits(model))
        assert trained[0] == trained[1]
        assert trained[0] != trained[2]
        assert trained[0] != trained[3]


def test_rows_of_a_visit_do_not_matter():
    # The same labelled rows among different others, and another order of rows.
    schedule = draw_schedule(n_visits=40)
    options = OPTIONS | {"dropout": 0.4, "contrast": "steps"}
    models = [DrivenModel(N_FEATURES, **options).grow(N_COMPONENTS) for _ in "ab"]
    for seed, model in enumerate(models):
        train(model, schedule, seed)
    assert bits(models[0]) == bits(models[1])
