import numpy as np
import pytest

from skcrosstask import Task, Video
from skcrosstask.datasets import make_instructional_videos, simulate_narration


@pytest.fixture(scope="module")
def videos():
    return make_instructional_videos(6, random_state=0)[0]


def test_words_follow_each_other_within_the_video(videos):
    for video in simulate_narration(videos, early=0.5, random_state=0):
        times = video.narration.times
        assert (times[1:, 0] >= times[:-1, 1] - 1e-9).all()
        assert times[-1, 1] <= video.shape[0]
        np.testing.assert_allclose(np.diff(times), 0.4)


def test_everything_else_stays(videos):
    for before, after in zip(videos, simulate_narration(videos), strict=True):
        assert after.features is before.features
        assert after.task is before.task
        assert after.windows is None
        np.testing.assert_array_equal(after.annotation, before.annotation)


def test_each_step_is_said_at_its_start():
    task = Task("t", ["fry egg", "pour milk"])
    video = Video(np.zeros((60, 1)), task, annotation=[[0, 10, 20], [1, 40, 50]])
    (spoken,) = simulate_narration(
        [video], spoken=1, lead=0, early=0, chatter=0, random_state=0
    )
    words = spoken.narration.words
    starts = spoken.narration.times[:, 0]
    for verb, time in (("fry", 10), ("pour", 40)):
        assert time <= starts[words.index(verb)] < time + 5
    assert len(words) < 25


def test_knobs_do_what_they_say(videos):
    def share(**knobs):
        spoken = simulate_narration(videos, random_state=0, **knobs)
        return sum(len(video.narration.words) for video in spoken)

    assert share(chatter=0) < share(chatter=0.5) < share(chatter=1)
    assert share(spoken=0, early=0, chatter=0) == 0
    assert share(spoken=0, early=1, chatter=0) > 0


def test_the_seed_decides(videos):
    one, same, other = (
        [video.narration.words for video in simulate_narration(videos, random_state=s)]
        for s in (0, 0, 1)
    )
    assert one == same
    assert one != other


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"spoken": 2}, r"spoken must be within \[0, 1\], got 2"),
        ({"early": -1}, "early must be"),
        ({"chatter": 1.1}, "chatter must be"),
        ({"words_per_second": 0}, "words_per_second must be above 0"),
        ({"lead": -1}, "lead at least 0"),
    ],
)
def test_bad_knobs(knobs, message, videos):
    with pytest.raises(ValueError, match=message):
        simulate_narration(videos, **knobs)


@pytest.mark.parametrize("fields", [{"task": None}, {"annotation": None}])
def test_videos_need_task_and_truth(fields, videos):
    video = Video(**{**vars(videos[0]), **fields})
    with pytest.raises(ValueError, match="video 'pancakes-0': a Task and an annot"):
        simulate_narration([video])


def test_one_video_is_no_list_of_videos(videos):
    with pytest.raises(TypeError, match=r"^videos must be a seq.* got Video\('pancak"):
        simulate_narration(videos[0])
