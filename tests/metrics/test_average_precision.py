"""Mean average precision: cases worked by hand, scikit-learn's, properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from skcrosstask import Task
from skcrosstask.metrics import frame_labels, mean_average_precision

TEA = Task("tea", ["boil water", "add tea"])

# Ranks of the true units: first and third; second; first and second.
ANNOTATIONS = [[[0, 1, 3], [1, 3, 4]], [[0, 0.5, 1.5]]]
SCORES = [
    [[0.2, 0.0], [0.9, 0.8], [0.4, 0.1], [0.5, 0.5]],
    [[0.9, 0.3], [0.8, 0.2]],
]


class TestByHand:
    def test_each_task(self):
        found = mean_average_precision(
            ANNOTATIONS, SCORES, ["tea", "toast"], average=None
        )
        tea = ((1 / 1 + 2 / 3) / 2 + 1 / 2) / 2
        assert found == pytest.approx({"tea": tea, "toast": 1})

    def test_mean_over_tasks(self):
        found = mean_average_precision(ANNOTATIONS, SCORES, ["tea", "toast"])
        assert isinstance(found, float)
        assert found == pytest.approx((2 / 3 + 1) / 2)

    def test_units_of_one_task_are_ranked_together(self):
        # Step 0 is true at 0.9, 0.9, 0.8 and 0.4 of 0.9, 0.9, 0.8, 0.5, 0.4, 0.2.
        # Step 1 is true at 0.5, the second of six.
        first = (2 * 2 / 2 + 3 / 3 + 4 / 5) / 4
        found = mean_average_precision(ANNOTATIONS, SCORES, [TEA, TEA])
        assert found == pytest.approx((first + 1 / 2) / 2)

    def test_equal_scores_share_a_rank(self):
        for rows in ([[0, 0, 1]], [[0, 2, 3]]):
            assert mean_average_precision([rows], [np.zeros((4, 1))]) == 0.25

    def test_without_tasks_all_are_one(self):
        found = mean_average_precision(ANNOTATIONS, SCORES, average=None)
        assert found == {"all": mean_average_precision(ANNOTATIONS, SCORES)}

    def test_steps_that_no_video_shows_are_left_out(self):
        scores = np.column_stack([[0.1, 0.9], [0.5, 0.5]])
        assert mean_average_precision([[[0, 1, 2]], None], [scores, scores]) == 0.5

    def test_tasks_are_in_alphabetical_order(self):
        found = mean_average_precision(
            ANNOTATIONS, SCORES, ["tire", "tea"], average=None
        )
        assert list(found) == ["tea", "tire"]

    def test_tasks_without_a_step_are_left_out(self):
        found = mean_average_precision(
            [None, [[0, 0, 1]]], [[[1.0]], [[1.0]]], ["a", "b"], average=None
        )
        assert found == {"b": 1}

    def test_segments_are_clipped(self):
        assert mean_average_precision([[[0, 1, 99]]], [[[0.0], [1.0]]]) == 1

    def test_infinite_scores_are_scores(self):
        scores = [[-np.inf], [-np.inf], [0.0], [np.inf]]
        assert mean_average_precision([[[0, 0, 1]]], [scores]) == 0.25

    def test_whole_scores_without_a_sign(self):
        scores = np.array([[0], [3], [1]], dtype=np.uint8)
        assert mean_average_precision([[[0, 1, 2]]], [scores]) == 1


@st.composite
def ranked(draw):
    """Annotations and scores with ties, of videos of one task."""
    n_steps = draw(st.integers(1, 3))
    annotations, scores = [], []
    for _ in range(draw(st.integers(1, 3))):
        length = draw(st.integers(1, 8))
        row = st.tuples(
            st.integers(0, n_steps - 1), st.integers(0, length - 1), st.integers(1, 4)
        )
        annotations.append([(k, s, s + d) for k, s, d in draw(st.lists(row))])
        values = st.lists(st.integers(-2, 2), min_size=n_steps, max_size=n_steps)
        scores.append(draw(st.lists(values, min_size=length, max_size=length)))
    return n_steps, annotations, scores


def of_scikit_learn(n_steps, annotations, scores):
    truth = [
        np.column_stack(
            [
                frame_labels([row for row in rows if row[0] == k], len(score)) >= 0
                for k in range(n_steps)
            ]
        )
        for rows, score in zip(annotations, scores, strict=True)
    ]
    truth, score = np.concatenate(truth), np.concatenate(scores)
    shown = truth.any(axis=0)
    if shown.any():
        return average_precision_score(truth[:, shown], score[:, shown])
    return None


@given(ranked())
def test_equals_scikit_learn(videos):
    expected = of_scikit_learn(*videos)
    if expected is None:
        with pytest.raises(ValueError, match="no step is present"):
            mean_average_precision(*videos[1:])
    else:
        assert mean_average_precision(*videos[1:]) == pytest.approx(expected)


@given(ranked())
def test_ranks_alone_count(videos):
    _, annotations, scores = videos
    if any(annotations):
        found = mean_average_precision(annotations, scores)
        risen = [np.exp(score) for score in scores]
        assert 0 < found <= 1
        assert mean_average_precision(annotations, risen) == found


class TestErrors:
    @pytest.mark.parametrize(
        ("annotations", "scores", "tasks", "message"),
        [
            ([None], [[[1]], [[2]]], None, "1 annotations, 2 scores"),
            ([[[0, 1, 2]]], [[[1]]], ["a", "b"], "1 annotations, 2 tasks"),
            ([[[0, 0, 1]]], [[[np.nan]]], None, r"scores\[0\] holds NaN"),
            ([[[0, 0, 1]]], [[1, 2]], None, r"scores\[0\] must have shape \(T, K\)"),
            ([[[0, 0, 1]]], [np.empty((0, 2))], None, r"shape \(0, 2\)"),
            ([[[0, 0, 1]]], [[["high"]]], None, r"scores\[0\] must be numbers"),
            ([None, [[1, 0, 1]]], [[[1]], [[1]]], None, r"annotations\[1\] holds step"),
            ([[[0, 2, 1]]], [[[1]]], None, r"annotations\[0\] row 0 is reversed"),
            ([[[0, 0, 1]], None], [[[1]], [[1, 2]]], None, r"'all' differ.*\[1, 2\]"),
            ([None], [[[1]]], None, "no step is present"),
            ([], [], None, "no step is present"),
        ],
    )
    def test_values(self, annotations, scores, tasks, message):
        with pytest.raises(ValueError, match=message):
            mean_average_precision(annotations, scores, tasks)

    def test_average(self):
        with pytest.raises(ValueError, match="average must be one of"):
            mean_average_precision(ANNOTATIONS, SCORES, average="micro")

    def test_task_type(self):
        with pytest.raises(TypeError, match=r"tasks\[1\] must be a Task or a str"):
            mean_average_precision(ANNOTATIONS, SCORES, ["a", 3])
