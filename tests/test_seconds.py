"""Collections at other rates than one row a second: seconds outside, rows inside."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import cross_validate

from skcrosstask import (
    Task,
    Video,
    WeaklySupervisedStepEstimator,
    load_model,
    metrics,
    save_model,
)
from skcrosstask.baselines import (
    ActionSetEstimator,
    DiffracEstimator,
    OracleBaseline,
    RandomOrderBaseline,
    SupervisedStepEstimator,
    UniformBaseline,
)
from skcrosstask.datasets import (
    describe,
    make_instructional_videos,
    simulate_features,
    simulate_narration,
)
from skcrosstask.learning._candidates import cells_outside
from skcrosstask.model_selection import step_recall_scorer
from skcrosstask.narration import NarrationAligner

N_TRAIN = 28
LATTE = Task("latte", ["grind coffee", "steam milk", "pour milk"])


def widened(segments):
    """Edges at whole multiples of two seconds, which are rows of all rates here."""
    steps, starts, ends = segments.T
    starts, ends = 2 * np.floor(starts / 2), 2 * np.ceil(ends / 2)
    return np.column_stack([steps, starts, np.maximum(ends, starts + 2)])


def at_rate(video, rate):
    """The video with each row repeated; the times in seconds stay."""
    features = np.repeat(video.features, int(rate / 0.5), axis=0)
    return replace(video, features=features, rate=rate)


@pytest.fixture(scope="module")
def collections():
    """The same videos at a row in two seconds, one a second and two a second."""
    # So noisy that some steps are missed.
    videos, _ = make_instructional_videos(
        10, length=(80, 240), rate=0.5, feature_noise=1.5, random_state=0
    )
    slow = [
        replace(v, annotation=widened(v.annotation), windows=widened(v.windows))
        for v in videos
    ]
    return {rate: [at_rate(v, rate) for v in slow] for rate in (0.5, 1.0, 2.0)}


# The second number is how far recall may be from that at one row a second, on twelve
# videos: one step of them is about 0.02.
SYSTEMS = {
    "weak": (lambda: WeaklySupervisedStepEstimator(random_state=0), 0.03),
    "no windows": (
        lambda: WeaklySupervisedStepEstimator(use_windows=False, random_state=0),
        0.03,
    ),
    "skipping": (
        lambda: WeaklySupervisedStepEstimator(skip_cost="auto", random_state=0),
        0.03,
    ),
    "supervised": (lambda: SupervisedStepEstimator(random_state=0), 0.03),
    "diffrac": (lambda: DiffracEstimator(random_state=0), 0.06),
    "action sets": (lambda: ActionSetEstimator(random_state=0), 0.1),
    "monte carlo": (
        lambda: ActionSetEstimator(decoding="monte_carlo", random_state=0),
        0.15,
    ),
    "uniform": (UniformBaseline, 0.06),
    "random": (lambda: RandomOrderBaseline(random_state=0), 0.15),
    "oracle": (OracleBaseline, 0.03),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_recall_is_that_of_one_row_a_second(name, collections):
    make, margin = SYSTEMS[name]
    recall = {
        rate: make().fit(videos[:N_TRAIN]).score(videos[N_TRAIN:])
        for rate, videos in collections.items()
    }
    assert recall[0.5] == pytest.approx(recall[1.0], abs=margin)
    assert recall[2.0] == pytest.approx(recall[1.0], abs=margin)


def test_learnt_at_one_rate_and_used_at_another(collections, tmp_path):
    est = WeaklySupervisedStepEstimator(random_state=0).fit(collections[2.0][:N_TRAIN])
    save_model(est, tmp_path / "model.skct")
    loaded = load_model(tmp_path / "model.skct")
    expected = est.score(collections[2.0][N_TRAIN:])
    presence = est.predict_presence(collections[2.0][N_TRAIN:])
    for rate in (0.5, 1.0):
        videos = collections[rate][N_TRAIN:]
        assert est.score(videos) == pytest.approx(expected, abs=0.04)
        found = est.predict_presence(videos)
        assert_allclose(np.concatenate(found), np.concatenate(presence), atol=0.2)
        for one, other in zip(found, loaded.predict_presence(videos), strict=True):
            assert_array_equal(one, other)


def test_rates_may_differ_within_a_collection(collections):
    videos = collections[1.0]
    mixed = [collections[(0.5, 1.0, 2.0)[i % 3]][i] for i in range(len(videos))]
    for make, _ in (SYSTEMS["weak"], SYSTEMS["supervised"]):
        plain = make().fit(videos[:N_TRAIN]).score(videos[N_TRAIN:])
        found = make().fit(mixed[:N_TRAIN]).score(mixed[N_TRAIN:])
        assert found == pytest.approx(plain, abs=0.1)


def test_every_score_of_an_estimator_knows_the_rates(collections):
    videos = collections[2.0][:16]
    oracle = OracleBaseline().fit(videos)
    predictions = oracle.predict(videos)
    truth, tasks = [v.annotation for v in videos], [v.task for v in videos]
    expected = metrics.step_recall(truth, predictions, tasks, rates=2.0)
    assert oracle.score(videos) == step_recall_scorer()(oracle, videos) == expected
    assert expected > 0.9 > metrics.step_recall(truth, predictions, tasks)
    scores = cross_validate(OracleBaseline(), videos, cv=2, error_score="raise")
    assert scores["test_score"].min() > 0.9


@pytest.fixture
def truth(collections):
    """By rate: annotations, predictions, scores, tasks, and labels by frame."""
    rng = np.random.default_rng(0)
    slow = collections[0.5][:12]
    times = UniformBaseline().predict(slow)
    scores = [rng.normal(size=(v.shape[0], len(v.task.steps))) for v in slow]
    tasks, annotations = [v.task for v in slow], [v.annotation for v in slow]
    return {
        n / 2: (
            annotations,
            [n * row + n // 2 for row in times],
            [np.repeat(s, n, axis=0) for s in scores],
            tasks,
            [n * v.shape[0] for v in slow],
        )
        for n in (1, 2, 4)
    }


@pytest.mark.parametrize("name", ["step_recall", "hungarian_f1"])
def test_metrics_of_times_are_those_of_seconds(name, truth):
    found = {
        rate: getattr(metrics, name)(annotations, times, tasks, rates=rate)
        for rate, (annotations, times, _, tasks, _) in truth.items()
    }
    assert found[0.5] == found[1.0] == found[2.0]
    annotations, times, _, tasks, _ = truth[2.0]
    rates = [2.0] * len(tasks)
    assert getattr(metrics, name)(annotations, times, tasks, rates=rates) == found[2.0]
    assert getattr(metrics, name)(annotations, times, tasks) != found[2.0]


def test_metrics_of_frames_are_those_of_seconds(truth):
    found = {
        rate: (
            metrics.mean_average_precision(annotations, scores, tasks, rates=rate),
            metrics.background_share(annotations, lengths, tasks, rates=rate),
        )
        for rate, (annotations, _, scores, tasks, lengths) in truth.items()
    }
    assert_allclose(found[0.5], found[1.0], rtol=1e-12)
    assert_allclose(found[2.0], found[1.0], rtol=1e-12)
    labels = {
        rate: [
            metrics.frame_labels(a, n, rate=rate)
            for a, n in zip(annotations, lengths, strict=True)
        ]
        for rate, (annotations, *_, lengths) in truth.items()
    }
    for slow, fast in zip(labels[0.5], labels[2.0], strict=True):
        assert_array_equal(np.repeat(slow, 4), fast)


def test_order_and_tables_know_the_rates(truth):
    consistency = [
        metrics.order_consistency(annotations, tasks, lengths, rates=rate)
        for rate, (annotations, _, _, tasks, lengths) in truth.items()
    ]
    assert_allclose(consistency, consistency[1], atol=0.02)
    tables = [
        metrics.recall_table(annotations, {"uniform": times}, tasks, rates=rate)
        for rate, (annotations, times, _, tasks, _) in truth.items()
    ]
    assert tables[0] == tables[1] == tables[2]


@pytest.mark.parametrize("rates", [0, -1.0, np.inf, np.nan, "fast", [1.0, 2.0], None])
def test_rates_that_are_none(rates):
    with pytest.raises(ValueError, match="rates must be"):
        metrics.step_recall([[[0, 1, 2]]], [[1]], rates=rates)


def test_windows_are_the_same_cells(collections):
    for slow, fast in zip(collections[0.5], collections[2.0], strict=True):
        cells = [
            cells_outside(v, v.task, v.shape[0], use_windows=True) for v in (slow, fast)
        ]
        assert_array_equal(np.repeat(cells[0], 4, axis=0), cells[1])


def test_tenths_of_seconds_at_thirty_rows_a_second():
    windows = [[0, 0.1, 0.3], [1, 0.7, 1.1]]
    video = Video(np.zeros((60, 2)), LATTE, windows=windows, rate=30)
    inside = ~cells_outside(video, LATTE, 60, use_windows=True)
    # 0.1 s, 0.7 s and 1.1 s are no floats, and 1.1 * 30 is more than 33.
    assert np.flatnonzero(inside[:, 0]).tolist() == list(range(3, 9))
    assert np.flatnonzero(inside[:, 1]).tolist() == list(range(21, 33))
    assert inside[:, 2].all()


# Times that another rate would fit


def test_an_annotation_far_beyond_the_rows_says_which_rate_would_fit():
    video = Video(np.zeros((30, 2)), LATTE, annotation=[[0, 5, 56]], name="v")
    message = (
        r"^video 'v': annotation: 56 s is long after the end, since 30 rows at rate 1 "
        r"last 30 s; rate=0\.5 would fit\.$"
    )
    supervised = SupervisedStepEstimator()
    for call in (
        UniformBaseline().fit([video]).score,
        OracleBaseline().fit([video]).predict,
        supervised.fit,
        supervised.set_params(n_passes=0, max_iter=1).fit,
        lambda videos: step_recall_scorer()(UniformBaseline().fit(videos), videos),
        describe,
    ):
        with pytest.raises(ValueError, match=message):
            call([video])
    assert UniformBaseline().fit([video]).score([replace(video, rate=0.5)]) == 1


def test_windows_far_beyond_the_rows_say_which_rate_would_fit():
    rows = np.random.default_rng(0).normal(size=(30, 2))
    video = Video(rows, LATTE, windows=[[0, 5, 9], [2, 50, 56]], name="v")
    for est in (WeaklySupervisedStepEstimator(), DiffracEstimator()):
        with pytest.raises(ValueError, match=r"'v': windows: 50 s .*rate=0\.5 would"):
            est.fit([video])
    assert WeaklySupervisedStepEstimator(use_windows=False).fit([video])


def test_windows_a_little_beyond_the_end_say_nothing():
    video = Video(np.zeros((30, 2)), LATTE, windows=[[0, 5, 9], [2, 31, 40]])
    alone = replace(video, windows=[[0, 5, 9]])
    for one in (video, replace(video, windows=[[0, 5, 9], [2, 30, 31]])):
        cells = cells_outside(one, LATTE, 30, use_windows=True)
        assert_array_equal(cells, cells_outside(alone, LATTE, 30, use_windows=True))
    late = replace(video, windows=[[2, 31, 40]])
    assert cells_outside(late, LATTE, 30, use_windows=True) is None
    # Only where it starts tells, for it may be open.
    endless = replace(video, windows=[[0, 5, 9], [2, 20, 1e9]])
    assert not cells_outside(endless, LATTE, 30, use_windows=True)[20:, 2].any()


# Generated data


@pytest.mark.parametrize("rate", [0.5, 2.0, 2.5])
def test_generated_timelines_are_the_same_at_any_rate(rate):
    plain, _ = make_instructional_videos(3, random_state=1)
    videos, _ = make_instructional_videos(3, random_state=1, rate=rate)
    for one, other in zip(plain, videos, strict=True):
        assert_array_equal(one.annotation, other.annotation)
        assert_array_equal(one.windows, other.windows)
        assert other.rate == rate
        assert other.shape[0] == round(one.shape[0] * rate)
    real = simulate_features(plain, [v.shape[0] for v in plain], n_features=4)
    drawn = simulate_features(
        plain, [v.shape[0] for v in plain], n_features=4, rate=rate
    )
    for one, other in zip(real, drawn, strict=True):
        assert_array_equal(one.windows, other.windows)
        assert other.shape == (round(one.shape[0] * rate), 4)
        assert other.rate == rate


def test_a_generated_collection_at_two_rows_a_second_is_learnt():
    videos, _ = make_instructional_videos(8, random_state=0, rate=2.0)
    est = WeaklySupervisedStepEstimator(random_state=0).fit(videos[:24])
    assert est.score(videos[24:]) > 0.8


def test_rate_too_low_for_the_steps():
    with pytest.raises(ValueError, match=r"20 s at rate 0.1 have 2 rows, too few for"):
        make_instructional_videos(1, length=20, rate=0.1)
    with pytest.raises(ValueError, match="rate must be above 0"):
        make_instructional_videos(1, rate=0)


def test_narration_and_its_windows_are_in_seconds():
    plain, _ = make_instructional_videos(2, random_state=0)
    fast, _ = make_instructional_videos(2, random_state=0, rate=2.0)
    plain, fast = (simulate_narration(v, random_state=0) for v in (plain, fast))
    aligner = NarrationAligner().fit(plain)
    found = aligner.transform(fast)
    for one, other in zip(aligner.transform(plain), found, strict=True):
        assert_array_equal(one.narration.times, other.narration.times)
        assert_array_equal(one.windows, other.windows)


def test_figures_of_a_collection_are_in_seconds(collections):
    totals = {rate: describe(videos).totals for rate, videos in collections.items()}
    for name, value in totals[1.0].items():
        assert totals[0.5][name] == pytest.approx(value, abs=0.02), name
        assert totals[2.0][name] == pytest.approx(value, abs=0.02), name
