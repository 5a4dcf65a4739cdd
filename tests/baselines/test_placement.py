"""Uniform and random placements: by hand, by chance, and on the real timelines."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skcrosstask import Task, Video
from skcrosstask.baselines import RandomOrderBaseline, UniformBaseline
from skcrosstask.metrics import step_recall

TEA = Task("tea", ["boil water", "add tea", "pour water"])


@pytest.mark.parametrize(
    ("n_units", "expected"),
    [
        (60, [10, 30, 50]),
        (7, [1, 4, 6]),  # 1.17, 3.5, 5.83
        (4, [1, 2, 3]),  # 0.67, 2, 3.33
        (3, [0, 1, 2]),
        (15, [2, 8, 12]),  # halves, rounded to even
    ],
)
def test_uniform_by_hand(n_units, expected):
    assert_array_equal(
        UniformBaseline().predict([np.zeros((n_units, 1))], TEA)[0], expected
    )


@given(st.integers(1, 40), st.integers(0, 200))
def test_uniform_times_ascend_and_are_near_the_middles(n_steps, more):
    n_units = n_steps + more
    task = Task("t", [f"step {k}" for k in range(n_steps)])
    times = UniformBaseline().predict([np.zeros((n_units, 1))], task)[0]
    assert 0 <= times[0] <= times[-1] < n_units
    assert (np.diff(times) > 0).all()
    middles = n_units / n_steps * (np.arange(n_steps) + 0.5)
    assert np.abs(times - middles).max() <= 0.5 + 1e-9


def test_random_placements_are_all_alike():
    n_draws = 4000
    video = np.zeros((5, 1))
    times = RandomOrderBaseline(random_state=0).predict([video] * n_draws, TEA)
    counts = Counter(tuple(entry.tolist()) for entry in times)
    assert set(counts) == set(combinations(range(5), 3))
    # Of 10 placements, each has a tenth: standard deviation 19.
    assert max(abs(n - n_draws / 10) for n in counts.values()) < 5 * 19


def test_random_state():
    videos = [np.zeros((90, 1))] * 3

    def predict(random_state):
        return np.stack(
            RandomOrderBaseline(random_state=random_state).predict(videos, TEA)
        )

    assert_array_equal(predict(0), predict(0))
    assert_array_equal(predict(0), predict(np.random.RandomState(0)))
    assert not np.array_equal(predict(0), predict(1))
    assert not np.array_equal(predict(None), predict(None))
    # A generator goes on, so that repeated predictions differ.
    est = RandomOrderBaseline(random_state=np.random.RandomState(0))
    assert not np.array_equal(*(np.stack(est.predict(videos, TEA)) for _ in "ab"))


@pytest.mark.parametrize("est", [UniformBaseline(), RandomOrderBaseline()])
def test_too_few_units(est):
    videos = [Video(np.zeros((n, 1)), TEA, name=f"of {n}") for n in (3, 2)]
    with pytest.raises(ValueError, match=r"'of 2': 3 steps need at least 3 .* got 2"):
        est.predict(videos)


# The real timelines


def recalls(est, videos):
    """Recall of each task by its title, in percent."""
    tasks = [video.task for video in videos]
    truth = [video.annotation for video in videos]
    found = step_recall(truth, est.fit(videos).predict(videos), tasks, average=None)
    return {task.title: 100 * found[task.name] for task in tasks}


def test_uniform_on_the_release(timelines, primary_table):
    found = recalls(UniformBaseline(), timelines)
    for title, row in primary_table.items():
        assert f"{found[title]:.1f}" == f"{row['uniform']:.1f}", title
    assert f"{np.mean(list(found.values())):.1f}" == "9.8"
    score = UniformBaseline().score(timelines)
    assert 100 * score == pytest.approx(np.mean(list(found.values())))


def test_random_on_the_release(timelines, primary_table):
    draws = [recalls(RandomOrderBaseline(random_state=seed), timelines)
             for seed in range(5)]  # fmt: skip
    for title, row in primary_table.items():
        values = [found[title] for found in draws]
        n_steps = row["videos"] * row["steps"] * (1 - row["missing"] / 100)
        share = row["random"] / 100
        # The column is one draw itself, the mean of five has a fifth of its variance.
        spread = 100 * np.sqrt(share * (1 - share) / n_steps * (1 + 1 / 5))
        assert abs(np.mean(values) - row["random"]) < 3.5 * spread, title
    means = [np.mean(list(found.values())) for found in draws]
    assert np.mean(means) == pytest.approx(8.7, abs=0.2)
