"""What the metrics of label sequences share: input, extremes, invariance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask import Task, Video
from skcrosstask.metrics import (
    edit_score,
    frame_accuracy,
    frame_labels,
    iod_score,
    iou_score,
    missing_share,
    order_consistency,
    recall_table,
    segmental_f1,
    step_recall,
    task_table,
    window_scores,
)


def segment_iou(*labels, **options):
    return iou_score(*labels, unit="segment", **options)


def f1(*labels, **options):
    return segmental_f1(*labels, **options)[0.5]


METRICS = (frame_accuracy, iou_score, segment_iou, iod_score, edit_score, f1)
every = pytest.mark.parametrize("metric", METRICS)


@st.composite
def pairs(draw):
    """True and predicted labels of some videos."""
    videos = []
    for length in draw(st.lists(st.integers(1, 8), min_size=1, max_size=3)):
        labels = st.lists(st.integers(-1, 2), min_size=length, max_size=length)
        videos.append((draw(labels), draw(labels)))
    return [list(side) for side in zip(*videos, strict=True)]


@every
@given(labels=pairs(), times=st.integers(2, 4))
def test_rate_of_frames_plays_no_role(metric, labels, times):
    finer = [[np.repeat(video, times) for video in side] for side in labels]
    assert metric(*finer) == pytest.approx(metric(*labels))


@every
@given(labels=pairs())
def test_numbers_of_labels_play_no_role(metric, labels):
    other = [[[7 - 2 * x for x in video] for video in side] for side in labels]
    assert metric(*other) == pytest.approx(metric(*labels))
    if any(x != -1 for video in labels[0] for x in video):
        steps = metric(*labels, ignore=-1)
        assert metric(*other, ignore=[9]) == pytest.approx(steps)


@every
@given(labels=pairs())
def test_one_for_the_truth_alone_and_never_beyond(metric, labels):
    truth, found = labels
    assert metric(truth, truth) == 1
    assert 0 <= metric(truth, found) <= 1
    wrong = [[x + 9 for x in video] for video in truth]
    assert metric(truth, wrong) == 0


@every
@pytest.mark.parametrize(
    ("truth", "found", "tasks", "message"),
    [
        ([[0]], [[0], [1]], None, "1 true_labels, 2 predicted_labels"),
        ([[0]], [[0]], ["a", "b"], "1 true_labels, 2 tasks"),
        ([[0], [0, 1]], [[0], [0]], None, "Video 1 has 2 true labels, but 1"),
        ([[np.nan]], [[0]], None, r"true_labels\[0\] must be whole"),
        ([[0]], [[0.5]], None, r"predicted_labels\[0\] must be whole"),
        ([[0]], [["early"]], None, r"predicted_labels\[0\] must be whole"),
        ([[[0]]], [[0]], None, r"true_labels\[0\] must have shape \(T,\)"),
        ([], [], None, "left to count"),
        ([[]], [[]], None, "left to count"),
    ],
)
def test_errors(metric, truth, found, tasks, message):
    with pytest.raises(ValueError, match=message):
        metric(truth, found, tasks)


@every
def test_options_that_are_not_known(metric):
    with pytest.raises(ValueError, match="average must be one of"):
        metric([[0]], [[0]], average="macro")
    with pytest.raises(ValueError, match="ignore must be whole numbers"):
        metric([[0]], [[0]], ignore="background")
    with pytest.raises(TypeError, match=r"tasks\[0\] must be a Task or a str"):
        metric([[0]], [[0]], [3])


@every
def test_tasks_and_their_names(metric):
    tasks = [Task("tea", ["boil water"]), Task("tire", ["lift car"])]
    truth, found = [[0, 1], [0, 1]], [[0, 1], [5, 6]]
    for given_ in (tasks, ["tea", "tire"]):
        assert metric(truth, found, given_, average=None) == {"tea": 1, "tire": 0}
        assert metric(truth, found, given_, average="task") == 0.5


TEA = Task("tea", ["boil water"])
TRUTH, TIMES = [[[0, 1, 2]]] * 3, [[1]] * 3


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        (lambda: step_recall(TRUTH, TIMES, "tea"), "^tasks must be a seq.*got 'tea'"),
        (lambda: step_recall(TRUTH, TIMES, TEA), "^tasks must be a sequence of Task"),
        (lambda: step_recall(TRUTH, None), "^predictions must be a sequence of ent"),
        (lambda: missing_share(TRUTH, TEA), "^tasks must be a sequence of Task"),
        (lambda: missing_share(TRUTH, ["tea"] * 3), r"^tasks\[0\] must be a Task"),
        (lambda: segmental_f1([[0]], [[0]], overlaps=0.5), "^overlaps must be a seq"),
        (lambda: recall_table(TRUTH, [TIMES]), "^predictions must be a mapping of"),
        (lambda: task_table([0.5]), "^figures must be a mapping of systems"),
        (lambda: task_table({"a": 0.5}), r"^figures\['a'\] must be a mapping of tasks"),
    ],
)
def test_one_where_many_are_expected(metric, message):
    with pytest.raises(TypeError, match=message):
        metric()


@pytest.mark.parametrize("length", [-3, 2.5, np.inf, "long"])
def test_frame_labels_refuse_a_length_that_is_none(length):
    with pytest.raises(ValueError, match=r"^n_units must be a whole number from 0"):
        frame_labels([[0, 1, 2]], length)


def test_messages_are_short():
    videos = [Video(np.zeros((90, 900)), TEA, name="v1")] * 2
    with pytest.raises(ValueError, match=r"must be rows .* got Video\('v1'") as error:
        window_scores(videos, videos)
    assert len(str(error.value)) < 120
    with pytest.raises(ValueError, match="whole numbers") as error:
        step_recall([[[0, 1, 2]]], [[0.5] * 500])
    assert len(str(error.value)) < 200


class TestAnnotations:
    @pytest.mark.parametrize(
        ("rows", "message"),
        [
            ([["first", 1, 2]], r"annotations\[0\] must be rows of step, start, end"),
            ([[0, -1, 2]], r"annotations\[0\] row 0 starts before 0: -1"),
        ],
    )
    def test_errors(self, rows, message):
        with pytest.raises(ValueError, match=message):
            step_recall([rows], [[1]])
        with pytest.raises(ValueError, match=message):
            order_consistency([rows], [Task("tea", ["boil water"])])
