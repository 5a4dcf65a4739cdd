"""Step recall: cases worked by hand, properties, and the release's figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import comb

from skcrosstask import Task
from skcrosstask._segments import segment_units
from skcrosstask.metrics import step_recall

TEA = Task("tea", ["boil water", "add tea", "pour water"])
TOAST = Task("toast", ["cut bread", "toast bread"])

ANNOTATIONS = [
    [[0, 1.5, 3.0], [1, 5.0, 6.2]],  # units 1-2 and 5-6
    [[2, 0.0, 1.0]],
    [[0, 4, 6], [0, 8, 9], [1, 2, 4]],
]
PREDICTIONS = [[1, 7, 9], [3, 4, 0], [8, -1]]
TASKS = [TEA, TEA, TOAST]


class TestByHand:
    @pytest.mark.parametrize(
        ("average", "expected"),
        [
            ("task", (2 / 3 + 1 / 2) / 2),
            ("video", (1 / 2 + 1 + 1 / 2) / 3),
            ("micro", 3 / 5),
        ],
    )
    def test_averages(self, average, expected):
        found = step_recall(ANNOTATIONS, PREDICTIONS, TASKS, average=average)
        assert isinstance(found, float)
        assert found == pytest.approx(expected)

    def test_each_task(self):
        found = step_recall(ANNOTATIONS, PREDICTIONS, TASKS, average=None)
        assert found == pytest.approx({"tea": 2 / 3, "toast": 1 / 2})

    def test_task_names_do(self):
        named = [task.name for task in TASKS]
        assert step_recall(ANNOTATIONS, PREDICTIONS, named) == pytest.approx(7 / 12)

    def test_without_tasks_all_are_one(self):
        assert step_recall(ANNOTATIONS, PREDICTIONS) == pytest.approx(3 / 5)
        found = step_recall(ANNOTATIONS, PREDICTIONS, average=None)
        assert found == {"all": pytest.approx(3 / 5)}

    @pytest.mark.parametrize(
        ("time", "hit"), [(1, False), (2, True), (4, True), (5, False), (-1, False)]
    )
    def test_units_that_the_segment_touches(self, time, hit):
        assert step_recall([[[0, 2.9, 4.1]]], [[time]]) == hit

    def test_whole_end_is_outside(self):
        assert step_recall([[[0, 2, 4]]], [[4]]) == 0

    def test_videos_and_tasks_without_steps_are_left_out(self):
        annotations = [[[0, 0, 1]], None, np.empty((0, 3)), []]
        predictions, tasks = [[0, 1]] * 4, ["a", "a", "b", "c"]
        for average in ("task", "video", "micro"):
            assert step_recall(annotations, predictions, tasks, average=average) == 1
        assert step_recall(annotations, predictions, tasks, average=None) == {"a": 1}

    def test_overlapping_segments_of_a_step_count_once(self):
        annotation = [[0, 1, 5], [0, 3, 8], [1, 20, 21]]
        assert step_recall([annotation], [[4, 0]]) == 0.5

    def test_object_array_as_predict_returns_it(self):
        predictions = np.empty(3, dtype=object)
        predictions[:] = [np.array(p) for p in PREDICTIONS]
        assert step_recall(ANNOTATIONS, predictions, TASKS) == pytest.approx(7 / 12)


@st.composite
def parses(draw):
    """Annotations, predictions and tasks of a few videos."""
    videos = []
    for _ in range(draw(st.integers(1, 5))):
        n_steps = draw(st.integers(1, 4))
        unit = st.integers(0, 12)
        row = st.tuples(st.integers(0, n_steps - 1), unit, st.integers(1, 5))
        rows = [(k, s / 2, (s + d) / 2) for k, s, d in draw(st.lists(row, max_size=5))]
        times = draw(st.lists(st.integers(-1, 9), min_size=n_steps, max_size=n_steps))
        videos.append((rows, times, draw(st.sampled_from("ab"))))
    return videos


@given(parses())
def test_equals_the_definition(videos):
    hits, present = {}, {}
    for rows, times, task in videos:
        for step in {k for k, _, _ in rows}:
            spans = [range(int(s), int(np.ceil(e))) for k, s, e in rows if k == step]
            hit = any(times[step] in span for span in spans)
            present[task] = present.get(task, 0) + 1
            hits[task] = hits.get(task, 0) + hit
    arguments = list(zip(*videos, strict=True))
    if not present:
        with pytest.raises(ValueError, match="no step is present"):
            step_recall(*arguments)
        return
    expected = {task: hits[task] / present[task] for task in present}
    assert step_recall(*arguments, average=None) == pytest.approx(expected)
    mean = np.mean(list(expected.values()))
    assert step_recall(*arguments) == pytest.approx(mean)
    micro = sum(hits.values()) / sum(present.values())
    assert step_recall(*arguments, average="micro") == pytest.approx(micro)


class TestErrors:
    @pytest.mark.parametrize(
        ("annotations", "predictions", "tasks", "message"),
        [
            ([None], [[1], [2]], None, "1 annotations, 2 predictions"),
            ([[[0, 1, 2]]], [[1]], ["a", "b"], "1 annotations, 2 tasks"),
            ([[[0, np.nan, 2]]], [[1]], None, r"annotations\[0\] holds NaN"),
            ([[[0, 1, 2]]], [[np.nan]], None, r"predictions\[0\] holds NaN"),
            ([[[0, 1, 2]]], [[1.5]], None, "whole numbers"),
            ([[[0, 1, 2]]], [[np.inf]], None, "whole numbers"),
            ([[[0, 1, 2]]], [[-2]], None, "whole numbers from 0, or -1"),
            ([[[0, 1, 2]]], [["early"]], None, "whole numbers"),
            ([[[0, 1, 2]]], [[[1]]], None, r"shape \(K,\)"),
            ([[[0, 1]]], [[1]], None, r"annotations\[0\] must have shape"),
            ([[[-1, 1, 2]]], [[1]], None, "steps must be whole numbers"),
            ([[[0.5, 1, 2]]], [[1]], None, "steps must be whole numbers"),
            ([[[0, 2, 2]]], [[1]], None, "row 0 is reversed or empty"),
            ([None, [[2, 1, 2]]], [[1], [1, 2]], None, r"\[1\] holds step 2.* 2 steps"),
            ([[[0, 1, 2]]], [[1]], [TEA], "1 entries, but its task 'tea' has 3"),
            ([None, []], [[1], [1]], None, "no step is present"),
            ([], [], None, "no step is present"),
        ],
    )
    def test_values(self, annotations, predictions, tasks, message):
        with pytest.raises(ValueError, match=message):
            step_recall(annotations, predictions, tasks)

    @pytest.mark.parametrize("average", ["macro", 1, ["task"]])
    def test_average(self, average):
        with pytest.raises(ValueError, match="average must be one of"):
            step_recall(ANNOTATIONS, PREDICTIONS, average=average)

    def test_task_type(self):
        with pytest.raises(TypeError, match=r"tasks\[0\] must be a Task or a str"):
            step_recall([[[0, 1, 2]]], [[1]], [None])


def uniform(length, n_steps):
    """Step k at T / K (k + 1/2), rounded."""
    return np.rint(length / n_steps * (np.arange(n_steps) + 0.5)).astype(int)


class TestRelease:
    def test_uniform(self, primary_release, primary_table):
        data = primary_release
        predictions = [
            uniform(length, len(task.steps))
            for length, task in zip(data.lengths, data.tasks, strict=True)
        ]
        annotations = [video.annotation for video in data.videos]
        found = step_recall(annotations, predictions, data.tasks, average=None)
        for task in data.primary:
            recall = primary_table[task.title]["uniform"]
            assert f"{100 * found[task.name]:.1f}" == f"{recall:.1f}", task.title
        mean = step_recall(annotations, predictions, data.tasks)
        assert f"{100 * mean:.1f}" == "9.8"

    def test_random(self, primary_release, primary_table):
        # One run's mean over tasks has a standard deviation of 0.002, the expected
        # one is 0.0872; the column was drawn, too.
        data, rng = primary_release, np.random.default_rng(0)
        annotations = [video.annotation for video in data.videos]
        runs = [
            step_recall(
                annotations,
                [
                    np.sort(rng.choice(length, len(task.steps), replace=False))
                    for length, task in zip(data.lengths, data.tasks, strict=True)
                ],
                data.tasks,
            )
            for _ in range(5)
        ]
        expected = expected_random_recall(data)
        mean = np.mean(list(expected.values()))
        assert mean == pytest.approx(0.0872, abs=5e-5)
        assert np.mean(runs) == pytest.approx(mean, abs=0.003)
        for task in data.primary:
            recall = primary_table[task.title]["random"]
            assert 100 * expected[task.name] == pytest.approx(recall, abs=1), task.title


def expected_random_recall(data):
    """Expected recall of K distinct time units drawn at random and sorted."""
    hits, present = {}, {}
    for video, length in zip(data.videos, data.lengths, strict=True):
        name, n_steps = video.task.name, len(video.task.steps)
        t, k = np.arange(length)[:, None], np.arange(n_steps)
        # k units before t, the others after it.
        draws = comb(t, k) * comb(length - 1 - t, n_steps - 1 - k)
        true = np.zeros((length, n_steps), dtype=bool)
        for step, first, stop in segment_units(video.annotation, length):
            true[first:stop, step] = True
        expected = (draws * true).sum() / comb(length, n_steps)
        hits[name] = hits.get(name, 0) + expected
        present[name] = present.get(name, 0) + true.any(axis=0).sum()
    return {name: hits[name] / present[name] for name in hits}
