"""F1 of discovered steps: cases worked by hand, brute force, properties."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.metrics import hungarian_f1

# Discovered step 0 is true step 1, in both videos; step 1 is true step 0 in one.
ANNOTATIONS = [[[0, 0, 2], [1, 5, 9]], [[1, 3, 6], [0, 7, 8]]]
PREDICTIONS = [[6, 1], [4, 2]]


class TestByHand:
    def test_best_matching(self):
        # 3 hits of 4 times, 4 pairs of a video and a true step.
        assert hungarian_f1(ANNOTATIONS, PREDICTIONS) == pytest.approx(2 * 3 / (4 + 4))

    def test_harmonic_mean_of_precision_and_recall(self):
        # More is discovered than is true: 3 hits of 6, 3 of 4.
        found = [[9, 6, 1], [9, 4, 2]]
        precision, recall = 3 / 6, 3 / 4
        f1 = 2 * precision * recall / (precision + recall)
        assert hungarian_f1(ANNOTATIONS, found) == pytest.approx(f1)

    def test_fewer_discovered_than_true(self):
        found = hungarian_f1(ANNOTATIONS, [[6], [4]])
        assert found == pytest.approx(2 * 2 / (2 + 4))

    def test_one_matching_serves_all_videos_of_a_task(self):
        # Each video alone has a matching with two hits; both together have two.
        annotations = [[[0, 0, 1], [1, 1, 2]], [[1, 0, 1], [0, 1, 2]]]
        predictions = [[0, 1], [0, 1]]
        assert hungarian_f1(annotations, predictions) == 0.5
        assert hungarian_f1(annotations, predictions, ["a", "b"]) == 1

    def test_matching_that_does_not_begin_with_the_most_hits(self):
        # Pairs' hits [[3, 2], [2, 0]]: the best two are 2 + 2, not 3 + 0.
        both = [[0, 0, 2], [1, 0, 1]]
        annotations = [both, both, [[0, 0, 1]]]
        predictions = [[0, 1], [0, 1], [0, 9]]
        found = hungarian_f1(annotations, predictions)
        assert found == pytest.approx(2 * 4 / (6 + 5))

    def test_steps_left_out_are_not_placed(self):
        assert hungarian_f1([[[0, 0, 1]]], [[0, -1]]) == 1

    def test_mean_over_tasks_and_each_task(self):
        tasks = ["a", "b"]
        each = hungarian_f1(ANNOTATIONS, PREDICTIONS, tasks, average=None)
        assert each == pytest.approx({"a": 1, "b": 2 * 1 / (2 + 2)})
        assert hungarian_f1(ANNOTATIONS, PREDICTIONS, tasks) == pytest.approx(3 / 4)

    def test_tasks_are_in_alphabetical_order(self):
        found = hungarian_f1(ANNOTATIONS, PREDICTIONS, ["tire", "tea"], average=None)
        assert list(found) == ["tea", "tire"]

    def test_tasks_without_a_step_are_left_out(self):
        found = hungarian_f1([None, [[0, 0, 1]]], [[0], [0]], ["a", "b"], average=None)
        assert found == {"b": 1}

    def test_step_with_two_segments_is_one(self):
        assert hungarian_f1([[[0, 0, 1], [0, 4, 5]]], [[4]]) == 1

    def test_nothing_placed(self):
        assert hungarian_f1([[[0, 0, 1]]], [[-1, -1]]) == 0
        assert hungarian_f1([[[0, 0, 1]]], [[]]) == 0


@st.composite
def discoveries(draw):
    """Annotations of up to 3 true steps and times of up to 4 discovered ones."""
    n_true, n_found = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    row = st.tuples(
        st.integers(0, n_true - 1), st.integers(0, 6), st.sampled_from([0.5, 1, 3])
    )
    annotations, predictions = [], []
    for _ in range(draw(st.integers(1, 4))):
        rows = draw(st.lists(row, max_size=4))
        annotations.append([(k, s, s + d) for k, s, d in rows])
        times = st.lists(st.integers(-1, 8), min_size=n_found, max_size=n_found)
        predictions.append(draw(times))
    return annotations, predictions


def brute_force(annotations, predictions):
    """Highest F1 over all one-to-one maps of discovered to true steps."""
    n_true = 1 + max(k for rows in annotations for k, _, _ in rows)
    present = sum(len({k for k, _, _ in rows}) for rows in annotations)
    placed = sum(time >= 0 for times in predictions for time in times)
    n_found, best = len(predictions[0]), 0
    # True steps beyond the last stand for none.
    for match in permutations(range(n_true + n_found), n_found):
        hits = 0
        for rows, times in zip(annotations, predictions, strict=True):
            for true, time in zip(match, times, strict=True):
                spans = [(s, e) for k, s, e in rows if k == true]
                hits += any(time in range(int(s), int(np.ceil(e))) for s, e in spans)
        best = max(best, 2 * hits / (placed + present))
    return best


@given(discoveries())
def test_equals_brute_force(videos):
    annotations, predictions = videos
    if any(annotations):
        found = hungarian_f1(annotations, predictions)
        assert found == pytest.approx(brute_force(annotations, predictions))


@given(discoveries(), st.randoms(use_true_random=False))
def test_order_of_discovered_steps_plays_no_role(videos, random):
    annotations, predictions = videos
    if any(annotations):
        order = list(range(len(predictions[0])))
        random.shuffle(order)
        shuffled = [[times[k] for k in order] for times in predictions]
        found = hungarian_f1(annotations, shuffled)
        assert found == pytest.approx(hungarian_f1(annotations, predictions))


class TestErrors:
    @pytest.mark.parametrize(
        ("annotations", "predictions", "tasks", "message"),
        [
            ([None], [[1], [2]], None, "1 annotations, 2 predictions"),
            ([[[0, 1, 2]]], [[1]], ["a", "b"], "1 annotations, 2 tasks"),
            ([[[0, 1, 2]], None], [[1], [1, 2]], None, "'all' differ in their number"),
            ([[[0, 1, 2]]], [[0.5]], None, r"predictions\[0\] must be whole"),
            ([[[0, 1, 2]]], [[-2]], None, "or -1 for a step"),
            ([[[0, 3, 2]]], [[1]], None, r"annotations\[0\] row 0 is reversed"),
            ([None], [[1]], None, "no step is present"),
            ([], [], None, "no step is present"),
        ],
    )
    def test_values(self, annotations, predictions, tasks, message):
        with pytest.raises(ValueError, match=message):
            hungarian_f1(annotations, predictions, tasks)

    def test_average(self):
        with pytest.raises(ValueError, match="average must be one of"):
            hungarian_f1(ANNOTATIONS, PREDICTIONS, average="video")

    def test_task_type(self):
        with pytest.raises(TypeError, match=r"tasks\[0\] must be a Task or a str"):
            hungarian_f1(ANNOTATIONS, PREDICTIONS, [None, "a"])
