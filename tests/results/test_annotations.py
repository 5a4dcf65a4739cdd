import numpy as np
import pytest

from skcrosstask.baselines import SupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.metrics import step_recall
from skcrosstask.results import StepRow, StepTable, annotate, read_annotations

HEADER = "video,task,step,text,start,end,time,present,confidence\n"


def write(tmp_path, text):
    path = tmp_path / "corrected.csv"
    path.write_text(HEADER + text)
    return path


def test_several_segments_a_step_in_order_of_time(tmp_path):
    text = "v,t,2,b,8,9,,,\nv,t,1,a,5,6.5,,,\nv,t,1,a,1,2,,,\nv,t,3,c,,,,0.1,\n"
    found = read_annotations(write(tmp_path, text))
    assert list(found) == [("v", "t")]
    np.testing.assert_array_equal(found["v", "t"], [[0, 1, 2], [0, 5, 6.5], [1, 8, 9]])


def test_video_without_any_step(tmp_path):
    found = read_annotations(write(tmp_path, "v,t,1,a,,,,,\n"))
    assert found["v", "t"].shape == (0, 3)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("v,t,1,a,,,3.0,,", "step 1 of video 'v' has a moment but no start and end"),
        ("v,t,1,a,5,4,,,", "line 2: start 5 is not before end 4"),
        ("v,t,1,a,x,4,,,", "line 2: start must be a number"),
    ],
)
def test_malformed(tmp_path, line, message):
    with pytest.raises(ValueError, match=message):
        read_annotations(write(tmp_path, line + "\n"))


def test_annotate_leaves_others_alone(tmp_path):
    videos, tasks = make_instructional_videos(2, n_features=4, random_state=0)
    name, task = videos[0].name, tasks[0].name
    corrected = annotate(videos, write(tmp_path, f"{name},{task},2,b,3,4,,,\n"))
    np.testing.assert_array_equal(corrected[0].annotation, [[1, 3, 4]])
    assert corrected[1] is videos[1]
    with pytest.raises(ValueError, match=r"name none of the videos.*'other'"):
        annotate(videos, write(tmp_path, f"other,{task},2,b,3,4,,,\n"))
    with pytest.raises(ValueError, match=rf"video '{name}': annotation row 0: step 98"):
        annotate(videos, write(tmp_path, f"{name},{task},99,b,3,4,,,\n"))


def test_supervised_fit_and_recall_from_a_file_of_steps(tmp_path):
    videos, tasks = make_instructional_videos(
        6, n_features=8, length=(40, 60), random_state=0
    )
    table = StepTable(
        StepRow(video.name, task.name, int(step), task.steps[int(step)], start, end)
        for video, task in zip(videos, tasks, strict=True)
        for step, start, end in video.annotation
    )
    table.to_csv(tmp_path / "corrected.csv")
    corrected = annotate(videos, tmp_path / "corrected.csv")
    fits = [SupervisedStepEstimator().fit(some) for some in (videos, corrected)]
    np.testing.assert_allclose(fits[0].coef_, fits[1].coef_)
    found = fits[1].predict(corrected)
    truth = [video.annotation for video in corrected]
    assert step_recall(truth, found, tasks) == fits[0].score(videos) > 0
