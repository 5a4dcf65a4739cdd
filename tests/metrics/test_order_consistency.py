"""Order consistency against brute force and the published column."""

import time
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask import Task
from skcrosstask.metrics import order_consistency, step_recall

TEA = Task("tea", ["boil water", "add tea", "pour water"])


class TestByHand:
    def test_in_order(self):
        annotation = [[0, 0, 2], [1, 2, 3], [2, 5, 6]]
        assert order_consistency([annotation], [TEA], [6]) == 1

    def test_swapped_steps(self):
        annotation = [[0, 0, 2], [2, 2, 3], [1, 5, 6]]
        assert order_consistency([annotation], [TEA]) == pytest.approx(2 / 3)

    def test_repeated_step_can_mend_the_order(self):
        annotation = [[0, 0, 2], [2, 2, 3], [1, 5, 6], [2, 8, 9]]
        assert order_consistency([annotation], [TEA]) == 1

    def test_steps_within_one_unit_cannot_both_be_hit(self):
        annotation = [[0, 3.1, 3.4], [1, 3.5, 3.9]]
        assert order_consistency([annotation], [TEA]) == 0.5

    def test_absent_steps_need_a_unit(self):
        annotation = [[0, 3, 4], [2, 4, 5]]
        assert order_consistency([annotation], [TEA]) == 0.5

    def test_video_without_room_at_its_end(self):
        annotation = [[0, 4, 5]]
        assert order_consistency([annotation], [TEA]) == 1
        assert order_consistency([annotation], [TEA], [7]) == 1
        assert order_consistency([annotation], [TEA], [6]) == 0

    def test_averages(self):
        pair = Task("pair", ["a", "b"])
        annotations = [[[1, 0, 1], [0, 1, 2]], [[0, 0, 1]], [[0, 1, 2], [1, 2, 3]]]
        tasks = [pair, TEA, TEA]
        found = {
            average: order_consistency(annotations, tasks, average=average)
            for average in ("task", "video", "micro", None)
        }
        assert found.pop(None) == {"pair": 1 / 2, "tea": 1}
        expected = {"task": 3 / 4, "video": 5 / 6, "micro": 4 / 5}
        assert found == pytest.approx(expected)

    def test_pair_in_the_wrong_order_at_the_start(self):
        # Step 1 at unit 0 leaves no earlier unit for step 0, nor step 0 at 1.
        pair = Task("pair", ["a", "b"])
        assert order_consistency([[[1, 0, 1], [0, 1, 2]]], [pair], [2]) == 0


@st.composite
def annotated_videos(draw):
    n_steps = draw(st.integers(1, 4))
    length = draw(st.integers(n_steps, 8))
    row = st.tuples(
        st.integers(0, n_steps - 1), st.integers(0, length - 1), st.integers(1, 3)
    )
    rows = draw(st.lists(row, min_size=1, max_size=5))
    return n_steps, length, [(k, s, min(s + d, length)) for k, s, d in rows]


@given(annotated_videos())
def test_equals_brute_force(video):
    n_steps, length, rows = video
    task = Task("task", [f"step{k}" for k in range(n_steps)])
    best = max(
        step_recall([rows], [times]) for times in combinations(range(length), n_steps)
    )
    assert order_consistency([rows], [task], [length]) == pytest.approx(best)


class TestErrors:
    def test_too_short(self):
        with pytest.raises(ValueError, match="Video 0 has 2 time units, too few for 3"):
            order_consistency([[[0, 0, 1]]], [TEA], [2])

    def test_nothing_present(self):
        with pytest.raises(ValueError, match="no step is present"):
            order_consistency([None, []], [TEA, TEA])

    def test_arguments(self):
        with pytest.raises(TypeError, match="must be a Task"):
            order_consistency([[[0, 0, 1]]], ["tea"])
        with pytest.raises(ValueError, match="1 annotations, 2 lengths"):
            order_consistency([[[0, 0, 1]]], [TEA], [3, 4])
        with pytest.raises(ValueError, match=r"lengths\[0\] must be"):
            order_consistency([[[0, 0, 1]]], [TEA], [-1])
        with pytest.raises(ValueError, match="average must be"):
            order_consistency([[[0, 0, 1]]], [TEA], average="all")


def test_release(primary_release, primary_table):
    data = primary_release
    annotations = [video.annotation for video in data.videos]
    start = time.perf_counter()
    found = order_consistency(annotations, data.tasks, data.lengths, average=None)
    assert time.perf_counter() - start < 5
    for task in data.primary:
        consistency = primary_table[task.title]["consistency"]
        assert f"{found[task.name]:.2f}" == f"{consistency:.2f}", task.title
    assert np.mean(list(found.values())) == pytest.approx(0.864, abs=5e-4)
