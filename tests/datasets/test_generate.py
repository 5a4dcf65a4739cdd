"""Generated videos: truth, windows, knobs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.datasets import make_instructional_videos
from skcrosstask.metrics import (
    background_share,
    missing_share,
    order_consistency,
    window_scores,
)

SHARE = st.floats(0, 1)


@given(
    st.integers(0, 50),
    st.floats(0, 0.95),
    SHARE,
    SHARE,
    SHARE,
    st.integers(5, 60),
    st.floats(0.5, 80),
)
def test_whatever_the_knobs_videos_are_whole(
    seed, background, missing, swaps, window_noise, length, window_length
):
    videos, tasks = make_instructional_videos(
        1, n_tasks=3, n_features=2, length=length, background=background,
        missing=missing, swaps=swaps, window_noise=window_noise,
        window_length=window_length, random_state=seed,
    )  # fmt: skip
    for video, task in zip(videos, tasks, strict=True):
        assert video.task is task
        assert video.shape == (length, 2)
        assert len(video.annotation) >= 1
        starts, ends = video.annotation[:, 1:].T
        assert (starts[1:] >= ends[:-1] - 1e-9).all()
        assert ends[-1] <= length
        assert (np.diff(video.windows[:, 1]) >= 0).all()
        assert video.windows[:, 2].max() <= length + 1e-9


def truth_of(videos):
    return [video.annotation for video in videos], [video.task for video in videos]


def test_shares_are_as_asked():
    videos, _ = make_instructional_videos(
        200, n_features=1, background=0.5, missing=0.3, swaps=0, random_state=0
    )
    truth, tasks = truth_of(videos)
    lengths = [video.shape[0] for video in videos]
    # A random step of each video is kept whatever the knob says.
    expected = np.mean([0.3 * (1 - 1 / len(task.steps)) for task in tasks])
    assert missing_share(truth, tasks) == pytest.approx(expected, abs=0.02)
    # Whole units that a segment touches make the background less than asked.
    assert 0.4 < background_share(truth, lengths, tasks) <= 0.5
    assert order_consistency(truth, tasks) == 1


def test_swaps_break_the_order():
    videos, _ = make_instructional_videos(
        50, n_features=1, swaps=0.5, missing=0, random_state=0
    )
    assert order_consistency(*truth_of(videos)) < 0.9


def test_window_noise_takes_windows_from_their_steps():
    outside = []
    for noise in (0.0, 0.5, 1.0):
        videos, _ = make_instructional_videos(
            50, n_features=1, window_noise=noise, random_state=0
        )
        windows = [video.windows for video in videos]
        outside.append(window_scores(truth_of(videos)[0], windows)["outside"])
    assert outside == sorted(outside)
    assert outside[0] < 0.3 < 0.6 < outside[2]


def test_the_seed_decides():
    one, same, other = (
        make_instructional_videos(1, random_state=seed)[0][0].features
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one[:60], other[:60])


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"n_videos": 0}, "n_videos and n_features must be at least 1"),
        ({"n_tasks": 9}, "n_tasks must be 1 to 8, got 9"),
        ({"missing": 1.5}, r"missing must be within \[0, 1\]"),
        ({"length": 4}, "length must be at least 5"),
        ({"length": (60, 50)}, "in order"),
    ],
)
def test_bad_knobs(knobs, message):
    with pytest.raises(ValueError, match=message):
        make_instructional_videos(**knobs)
