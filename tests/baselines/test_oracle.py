"""The best ordered placement of the truth: by hand, by brute force, published."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skcrosstask import Task, Video
from skcrosstask.baselines import (
    OracleBaseline,
    SupervisedStepEstimator,
    UniformBaseline,
)
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.metrics import order_consistency, step_recall

TEA = Task("tea", ["boil water", "add tea", "pour water"])


def video(n_units, annotation, task=TEA, name="v"):
    return Video(np.zeros((n_units, 1)), task, annotation=annotation, name=name)


@pytest.mark.parametrize(
    ("n_units", "annotation", "times", "recall"),
    [
        # In order: the earliest unit of each segment.
        (9, [[0, 1, 3], [1, 4, 6], [2, 7, 9]], [1, 4, 7], 1),
        # Swapped: one of the two is missed.
        (9, [[0, 1, 3], [2, 4, 6], [1, 7, 9]], [1, 2, 4], 2 / 3),
        # Step 2 again, at the end.
        (12, [[0, 1, 3], [2, 4, 6], [1, 7, 9], [2, 10, 11]], [1, 7, 10], 1),
        # The absent step 1 needs a unit between the others.
        (9, [[0, 3, 4], [2, 4, 5]], [0, 1, 4], 1 / 2),
        # One unit cannot show two steps.
        (5, [[0, 2.1, 2.4], [1, 2.5, 2.9]], [0, 2, 3], 1 / 2),
        # A segment that goes on after the end of the video.
        (5, [[0, 1, 2], [2, 4.5, 9]], [1, 2, 4], 1),
    ],
)
def test_by_hand(n_units, annotation, times, recall):
    one = video(n_units, annotation)
    found = OracleBaseline().predict([one])[0]
    assert found.dtype == np.int64
    assert_array_equal(found, times)
    assert OracleBaseline().score([one]) == pytest.approx(recall)


@st.composite
def annotated_videos(draw):
    n_steps = draw(st.integers(1, 4))
    length = draw(st.integers(n_steps, 8))
    row = st.tuples(
        st.integers(0, n_steps - 1), st.floats(0, length - 1), st.floats(0.1, 3)
    )
    rows = draw(st.lists(row, min_size=1, max_size=5))
    task = Task("task", [f"step {k}" for k in range(n_steps)])
    return video(length, [(k, s, s + d) for k, s, d in rows], task)


@given(annotated_videos())
def test_no_placement_hits_more(one):
    n_units, n_steps = one.shape[0], len(one.task.steps)
    found = OracleBaseline().predict([one])[0]
    every = [np.array(times) for times in combinations(range(n_units), n_steps)]
    recalls = [step_recall([one.annotation], [times]) for times in every]
    assert any(np.array_equal(found, times) for times in every)
    assert step_recall([one.annotation], [found]) == max(recalls)


def test_truth_of_each_unit():
    one = video(5, [[0, 1.5, 3.2], [2, 4, 9], [0, 0, 1]])
    (truth,) = OracleBaseline().decision_function([one])
    assert truth.dtype == np.float32
    assert_array_equal(truth.T, [[1, 1, 1, 1, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1]])


def test_nothing_that_keeps_order_is_above():
    videos, tasks = make_instructional_videos(6, swaps=0.5, random_state=0)
    oracle = OracleBaseline().fit(videos).score(videos)
    lengths = [one.shape[0] for one in videos]
    truth = [one.annotation for one in videos]
    assert oracle == pytest.approx(order_consistency(truth, tasks, lengths))
    assert oracle < 1
    for other in (UniformBaseline(), SupervisedStepEstimator(random_state=0)):
        assert other.fit(videos).score(videos) <= oracle + 1e-12


def test_on_the_release_recall_is_the_published_order_consistency(
    timelines, primary_table
):
    oracle = OracleBaseline().fit(timelines)
    tasks = [one.task for one in timelines]
    found = step_recall(
        [one.annotation for one in timelines],
        oracle.predict(timelines),
        tasks,
        average=None,
    )
    assert len(found) == len(primary_table) == 18
    for task in dict.fromkeys(tasks):
        expected = primary_table[task.title]["consistency"]
        assert f"{found[task.name]:.2f}" == f"{expected:.2f}", task.title
    assert np.mean(list(found.values())) == pytest.approx(0.864, abs=5e-4)
    assert oracle.score(timelines) == pytest.approx(np.mean(list(found.values())))


def test_errors_name_the_video():
    with pytest.raises(ValueError, match="'bare': the oracle needs an annotation"):
        OracleBaseline().predict([video(5, None, name="bare")])
    with pytest.raises(ValueError, match="'short': 3 steps need at least 3"):
        OracleBaseline().predict([video(2, [[0, 0, 1]], name="short")])
