"""Features drawn on given timelines."""

import numpy as np
import pytest

from skcrosstask import Task, Video
from skcrosstask.datasets import simulate_features
from skcrosstask.metrics import window_scores

LATTE = Task("latte", ["grind coffee", "steam milk", "pour milk"])
COCOA = Task("cocoa", ["warm milk", "pour cocoa"])
BLANK = np.zeros((1, 1))


def timeline(name, task=LATTE, annotation=((0, 5, 15), (2, 30, 38))):
    return Video(BLANK, task, annotation=annotation, name=name)


def test_timelines_stay_and_features_come():
    (video,) = simulate_features([timeline("a")], [50], n_features=6)
    assert video.shape == (50, 6)
    assert video.features.dtype == np.float32
    np.testing.assert_array_equal(video.annotation, [[0, 5, 15], [2, 30, 38]])
    assert video.windows[:, 0].tolist() == [0, 1, 2]
    np.testing.assert_allclose(np.diff(video.windows[:, 1:]), 9)


def test_without_annotation_none_is_made_up():
    (video,) = simulate_features([timeline("a", annotation=None)], [50])
    assert video.annotation is None
    assert len(video.windows) == 3


def test_a_subset_has_the_features_of_the_whole():
    videos = [timeline("a"), timeline("b"), timeline("a", COCOA, [[0, 3, 9]])]
    whole = simulate_features(videos, [50, 60, 70], n_features=4)
    part = simulate_features(videos[1:2], [60], n_features=4)
    np.testing.assert_array_equal(whole[1].features, part[0].features)
    np.testing.assert_array_equal(whole[1].windows, part[0].windows)
    assert not np.array_equal(whole[0].features, whole[2].features[:50])
    other = simulate_features(videos, [50, 60, 70], n_features=4, random_state=1)
    assert not np.array_equal(whole[0].features, other[0].features)


def test_steps_that_share_a_word_look_alike():
    # Without anything else, a step looks like its words: half of "pour milk" is milk.
    loud = {"words": 1, "step": 0, "scene": 0, "context": 0, "video": 0}
    rows = []
    for task, step in ((LATTE, 1), (LATTE, 2), (COCOA, 1), (LATTE, 0)):
        (video,) = simulate_features(
            [timeline("a", task, [[step, 0, 50]])], [50], n_features=512, noise=1e-3,
            distraction=0, **loud,
        )  # fmt: skip
        mean = np.asarray(video.features, float).mean(axis=0)
        rows.append(mean / np.linalg.norm(mean))
    steam_milk, pour_milk, pour_cocoa, grind_coffee = rows
    assert steam_milk @ pour_milk > 0.3
    assert pour_milk @ pour_cocoa > 0.3
    assert abs(steam_milk @ grind_coffee) < 0.2
    assert abs(steam_milk @ pour_cocoa) < 0.2


def test_files_hold_the_same(tmp_path):
    here = simulate_features([timeline("a")], [50], n_features=4)
    there = simulate_features([timeline("a")], [50], n_features=4, directory=tmp_path)
    assert there[0].features == tmp_path / "latte_a.npy"
    np.testing.assert_array_equal(there[0].open(), here[0].features)


def test_windows_on_the_release_miss_as_many_steps_as_the_released_ones(
    primary_release,
):
    lengths = primary_release.lengths
    videos = simulate_features(primary_release.videos, lengths, n_features=1)
    scores = window_scores([v.annotation for v in videos], [v.windows for v in videos])
    assert scores["outside"] == pytest.approx(0.61, abs=0.02)
    assert scores["mean_length"] == pytest.approx(9.0, abs=0.1)


@pytest.mark.parametrize(
    ("videos", "lengths", "message"),
    [
        ([timeline("a")], [], "1 videos, but 0 lengths"),
        ([timeline("a")], [2], "video 'a': length 2 is below its 3 steps"),
        ([timeline(None)], [50], "needs a Task and a name"),
        ([timeline("a", "latte")], [50], "video 'a': simulation needs a Task"),
    ],
)
def test_bad_input(videos, lengths, message):
    with pytest.raises(ValueError, match=message):
        simulate_features(videos, lengths)


def test_one_video_is_no_list_of_videos():
    with pytest.raises(TypeError, match=r"^videos must be a sequence of Video"):
        simulate_features(timeline("a"), [50])
