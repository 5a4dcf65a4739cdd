"""Rounds of Adam: the mean of epochs apart, the same bits from whoever makes them."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joblib import parallel_config
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from twins import ONE_UNIT

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.baselines import SupervisedStepEstimator
from skcrosstask.components import StepComponents
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.learning._candidates import windowed_candidates
from skcrosstask.learning.adam import _rounds as _adam_rounds
from skcrosstask.learning.adam._alternation import Alternation
from skcrosstask.learning.adam._labels import Alignment, RandomPlacement
from skcrosstask.learning.adam._model import ComponentModel
from skcrosstask.learning.adam._rounds import AdamRounds, Average
from skcrosstask.learning.adam._shard import train_shard
from skcrosstask.learning.rows._store import FrameStore

ADAM = {**ONE_UNIT, "init_iter": 1, "max_iter": 2, "contrast": "both", "n_negatives": 4}
AVERAGED = ["coef", "coef_mean", "coef_square", "intercept"]


@pytest.fixture(scope="module")
def videos():
    return make_instructional_videos(
        4, n_tasks=3, n_features=8, length=(20, 60), random_state=0
    )[0]


class Setting:
    """What an alternation takes, of some videos, with a model of all components."""

    def __init__(self, videos, numbers=None, dtype="float32"):
        tasks = [video.task for video in videos]
        vocabulary = StepComponents("words", "porter")
        vocabulary.update(tasks)
        compositions = vocabulary.compose(tasks)
        self.model = ComponentModel(8, dropout=0.5, n_negatives=4, seed=3)
        self.model.grow(len(vocabulary.names))
        rng = np.random.default_rng(1)
        known = [
            windowed_candidates(v, v.task, len(v.features), True, 4, rng)
            for v in videos
        ]
        self.numbers = np.arange(len(videos)) if numbers is None else numbers
        self.candidates = [known[i] for i in self.numbers]
        self.compositions = [compositions[tasks[i]] for i in self.numbers]
        self.store = FrameStore(
            [videos[i] for i in self.numbers],
            [c.units for c in self.candidates],
            8,
            dtype=dtype,
        )
        self.rng = np.random.default_rng(2)

    def course(self, made, **options):
        arguments = self.store, self.candidates, self.compositions, self.rng
        options = {"decode": "time", "align_dropout": True, **options}
        return made(self.model, *arguments, **options)


def phases(candidates):
    return [RandomPlacement(candidates), Alignment(), Alignment()]


def slow_round(videos, model, shards, order, labels, source):
    """Each shard by the plain alternation, on all components; means by hand."""
    n_updates = model.n_updates + max(map(len, shards))
    after, learnt, total = [], [], 0.0
    for i, numbers in enumerate(shards):
        own = Setting(videos, numbers)
        settings, arrays = pickle.loads(pickle.dumps(model.state()))
        if i:
            settings["seed"] = int(np.random.SeedSequence([3, i]).generate_state(1)[0])
        own.model = ComponentModel.from_state(settings, arrays)
        course = own.course(Alternation)
        place = [list(numbers).index(j) for j in order if j in numbers]
        drawn = np.concatenate([labels[j] for j in numbers])
        total += course.follow(np.array(place), drawn, source)
        own.model._n_updates[0] = n_updates
        learnt.append(own.model.synchronise().state()[1])
        ends = np.cumsum([c.n_steps for c in own.candidates])[:-1]
        after += np.split(course.state()["labels"], ends)
    settings, arrays = pickle.loads(pickle.dumps(model.state()))
    whole = Setting(videos)
    for c in range(len(arrays["coef"])):
        visits = [sum(c in whole.compositions[j].columns for j in s) for s in shards]
        if not sum(visits):
            continue
        for name in [n for n in arrays if n != "last"]:
            rows = [
                v * found[name][c].astype(float)
                for v, found in zip(visits, learnt, strict=True)
            ]
            arrays[name][c] = sum(rows) / sum(visits)
        arrays["last"][c] = n_updates
    settings["n_updates"] = n_updates
    return ComponentModel.from_state(settings, arrays), after, total / len(order)


@pytest.mark.parametrize("n_shards", [2, 3, 100])
def test_rounds_are_those_of_a_slow_twin(videos, n_shards):
    videos = videos[:11]  # so that some shards have more videos than others
    setting, rng = Setting(videos), np.random.default_rng(2)
    setting.model.grow(len(setting.model.coef) + 2)  # components of no video
    rounds = setting.course(AdamRounds, n_shards=n_shards)
    shards = [shard.numbers for shard in rounds.shards]
    assert len(shards) == min(n_shards, len(setting.store.shards))
    assert_array_equal(np.concatenate(shards), np.arange(len(videos)))
    twin = ComponentModel.from_state(*pickle.loads(pickle.dumps(setting.model.state())))
    labels = None
    ends = np.cumsum([c.n_steps for c in setting.candidates])[:-1]
    for source in phases(setting.candidates):
        entry = rounds.epoch(source)
        order, drawn = rng.permutation(len(videos)), source.draw(rng)
        labels = labels if drawn is None else np.split(drawn, ends)
        twin, labels, objective = slow_round(
            videos, twin, shards, order, labels, source
        )
        assert entry["objective"] == pytest.approx(objective, rel=1e-12)
        assert_array_equal(rounds.state()["labels"], np.concatenate(labels))
        assert setting.model.n_updates == twin.n_updates
        for name, array in twin.state()[1].items():
            assert_array_equal(setting.model.state()[1][name], array, name)
        assert not setting.model.coef[-2:].any()
        assert not setting.model.state()[1]["last"][-2:].any()


def test_a_round_of_one_shard_is_an_epoch(videos):
    one, other = Setting(videos), Setting(videos)
    rounds, epochs = one.course(AdamRounds, n_shards=1), other.course(Alternation)
    for source in (RandomPlacement(one.candidates), Alignment()):
        entry, expected = rounds.epoch(source), epochs.epoch(source)
        other.model.synchronise()
        assert entry["objective"] == expected["objective"]
        assert_array_equal(np.concatenate(rounds.labels), np.concatenate(epochs.labels))
        assert_array_equal(one.model.coef, other.model.coef)


def test_shards_draw_different_dropout(videos):
    seeds = {_adam_rounds._seed_of(ComponentModel(2, seed=5), i) for i in range(50)}
    assert len(seeds) == 50
    assert 5 in seeds


@given(st.data())
def test_averages_are_weighted_by_visits(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    n_shards, n = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 6))
    average, dense = Average(n), np.zeros((n_shards, n))
    values = rng.normal(size=(n_shards, n, 3)).astype(np.float32)
    for i in range(n_shards):
        columns = np.flatnonzero(rng.random(n) < 0.6)
        visits = rng.integers(1, 2**20, len(columns))
        dense[i, columns] = visits
        found = {"coef": values[i, columns], "intercept": values[i, columns, 0]}
        average.add(columns, visits, found)
    columns, means = average.result()
    assert_array_equal(columns, np.flatnonzero(dense.any(axis=0)))
    if not len(columns):
        return
    expected = np.einsum("sc,scd->cd", dense, values)[columns]
    expected /= dense.sum(axis=0)[columns, None]
    np.testing.assert_allclose(means["coef"], expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(means["intercept"], means["coef"][:, 0])
    # Between what the shards found, and what one alone found to the bit.
    seen = np.where(dense[..., None] > 0, values, np.nan)[:, columns]
    assert (means["coef"] >= np.nanmin(seen, axis=0)).all()
    assert (means["coef"] <= np.nanmax(seen, axis=0)).all()


def fit(videos, cls=WeaklySupervisedStepEstimator, **options):
    return cls(random_state=0, **{**ADAM, **options}).fit(videos)


def bits(est):
    labels = np.concatenate(est.alignments_).tobytes()
    return est.coef_.tobytes() + est.intercept_.tobytes() + labels


def test_one_shard_is_as_ever(videos):
    assert bits(fit(videos, n_adam_shards=1)) == bits(fit(videos))
    assert bits(fit(videos, n_adam_shards=2)) != bits(fit(videos))
    assert bits(fit(videos, n_adam_shards=2)) != bits(fit(videos, n_adam_shards=3))


KINDS = {
    "weak": {},
    "half": {"store_dtype": "float16"},
    "refined": {"condition": True, "n_passes": 1, "init_iter": 0, "calibrate": False},
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bits_from_threads_and_processes(videos, kind, tmp_path):
    options = {**KINDS[kind], "n_adam_shards": 3}
    expected = bits(fit(videos, **options))
    assert bits(fit(videos, **options, n_jobs=2)) == expected
    assert bits(fit(videos, **options, n_jobs=2, max_memory=0)) == expected
    with parallel_config("loky", n_jobs=2):
        assert bits(fit(videos, **options)) == expected
        for _ in range(2):  # packed, and found again
            assert bits(fit(videos, **options, store_folder=tmp_path)) == expected
    assert list(tmp_path.glob("rows-*.npy"))


def test_annotated_videos_too(videos):
    options = {"n_passes": 0, "max_iter": 2, "n_adam_shards": 3}
    one = SupervisedStepEstimator(random_state=0, **options).fit(videos)
    with parallel_config("loky", n_jobs=2):
        other = SupervisedStepEstimator(random_state=0, **options).fit(videos)
    assert bits(one) == bits(other)


def test_calls_of_partial_fit_are_rounds(videos):
    options = {"n_adam_shards": 3, "contrast": "steps"}
    est = WeaklySupervisedStepEstimator(random_state=0, **{**ADAM, **options})
    for _ in range(3):
        est.partial_fit(videos)
    assert bits(est) == bits(fit(videos, **options))


def test_an_interrupted_round_leaves_the_model_of_the_last(videos, monkeypatch):
    options, count = {"n_adam_shards": 3, "init_iter": 0}, []

    def interrupted(*task):
        count.append(task)
        if len(count) == 5:  # in the second round
            raise KeyboardInterrupt
        return train_shard(*task)

    monkeypatch.setattr(_adam_rounds, "train_shard", interrupted)
    with pytest.warns(UserWarning, match="after 1 of 2 epochs"):
        found = fit(videos, **options)
    monkeypatch.undo()
    assert bits(found) == bits(fit(videos, **options, max_iter=1))


def test_divergence_is_an_error(videos):
    with (
        pytest.raises(ValueError, match="Training diverged"),
        np.errstate(all="ignore"),
    ):
        fit(videos, n_adam_shards=2, learning_rate=1e38, max_iter=9)


@pytest.mark.parametrize("wrong", [0, -1, 2.0, "2", None])
def test_numbers_of_shards_that_are_none(videos, wrong):
    message = r"'n_adam_shards' parameter .* must be an int in the range \[1, inf\)"
    for cls in (WeaklySupervisedStepEstimator, SupervisedStepEstimator):
        with pytest.raises(ValueError, match=message):
            cls(n_adam_shards=wrong).fit(videos)


def test_it_is_a_parameter_like_others(videos):
    est = WeaklySupervisedStepEstimator(random_state=0, **ADAM)
    search = GridSearchCV(est, {"n_adam_shards": [1, 2]}, cv=2, error_score="raise")
    search.fit(videos, [video.task for video in videos])
    assert clone(est.set_params(n_adam_shards=2)).n_adam_shards == 2
