"""Passes over shards as compiled, against one video at a time in NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import BEST, RULE, best_segments

from skcrosstask import Video
from skcrosstask._data import Task
from skcrosstask.learning._candidates import whole_candidates
from skcrosstask.learning.rows._store import FrameStore
from skcrosstask.learning.segments._kernels import add_sums
from skcrosstask.learning.segments._shard import (
    Shard,
    ShardModel,
    ShardPairs,
    label_shard,
)


def make_shard(seed, dtype="float32", n_videos=5, n_directions=7):
    """Videos of several lengths, tasks, rates and windows."""
    rng = np.random.default_rng(seed)
    steps, videos = [], []
    for i in range(n_videos):
        n_steps = int(rng.integers(1, 7))
        n_units = n_steps + int(rng.integers(0, 15))
        rate = float(rng.choice([0.5, 1.0, 2.0]))
        task = Task(f"task {i}", [f"step {k}" for k in range(n_steps)])
        windows = None
        if rng.random() < 0.5:
            windows = [[int(rng.integers(n_steps)), 0, 1 + rng.random() / rate]]
        rows = rng.normal(size=(n_units, n_directions))
        videos.append(Video(rows, task, windows, rate=rate))
        steps.append(rng.integers(0, 8, n_steps))  # the same one may come twice
    candidates = [whole_candidates(v, v.task, len(v.features), True) for v in videos]
    for known, video in zip(candidates, videos, strict=True):
        known.rate = video.rate
    units = [c.units for c in candidates]
    store = FrameStore(videos, units, n_directions, dtype=dtype)
    everything = np.arange(n_videos)
    shard = Shard(everything, candidates, steps, store.shard(everything))
    folds = rng.integers(0, 3, n_videos)
    pairs = ShardPairs.of(shard, folds)
    means = rng.normal(size=(len(pairs.folds), n_directions)).astype(np.float32)
    return shard, pairs, ShardModel(RULE, pairs.places, means)


def label_slowly(shard, pairs, model, chosen):
    counts, sums = np.zeros(len(pairs.folds)), np.zeros(model.means.shape)
    segments, gain = [], 0.0
    for j, video in zip(chosen, shard.videos(model, chosen), strict=True):
        found = best_segments(video)
        segments.append(found.segments)
        gain += found.value
        share = RULE.rate / video.candidates.rate
        places = shard.of_video(pairs.places, j)
        for place, (first, stop) in zip(places, found.segments, strict=True):
            counts[place] += share * (stop - first)
            sums[place] += share * video.rows[first:stop].sum(axis=0, dtype=float)
    return counts, sums, segments, gain


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@given(seed=st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_a_shard_at_once_is_one_video_after_the_other(dtype, seed):
    shard, pairs, model = make_shard(seed, dtype)
    chosen = np.flatnonzero(np.random.default_rng(seed).random(5) < 0.7)
    found = label_shard(shard, model, chosen, BEST)
    counts, sums, segments, gain = label_slowly(shard, pairs, model, chosen)
    np.testing.assert_allclose(found.gain, gain, rtol=1e-4, atol=1e-4)
    assert len(found.segments) == len(chosen)
    for one, other in zip(found.segments, segments, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(found.counts, counts, rtol=1e-12)
    np.testing.assert_allclose(found.sums, sums, rtol=1e-6, atol=1e-6)


def test_pairs_have_the_fold_and_the_step_of_each_video():
    shard, pairs, _ = make_shard(3)
    folds = np.array([2, 0, 1, 2, 0])
    pairs = ShardPairs.of(shard, folds)
    for j, ids in enumerate(shard.ids):
        places = shard.of_video(pairs.places, j)
        assert (pairs.folds[places] == folds[j]).all()
        np.testing.assert_array_equal(pairs.steps[places], shard.steps[ids])


def test_by_hand():
    # One direction: the step with mean 2 has log odds 2 z - 2, above 0 for z > 1.
    task = Task("a", ["pour"])
    video = Video(np.array([[0.0], [3.0], [2.0], [-1.0]]), task)
    known = whole_candidates(video, task, 4, True)
    store = FrameStore([video], [known.units], 1)
    shard = Shard(np.array([0]), [known], [np.array([5])], store.shard(np.array([0])))
    rule = RULE._replace(position=0.0, temperature=1.0)
    places = ShardPairs.of(shard, np.array([0])).places
    model = ShardModel(rule, places, np.array([[2.0]], np.float32))
    found = label_shard(shard, model, np.array([0]), BEST)
    assert found.segments[0].tolist() == [[1, 3]]
    assert (found.gain, found.counts[0], found.sums[0, 0]) == (6.0, 2.0, 5.0)


def test_sums_are_added_by_fold_and_step():
    counts, sums = np.ones((2, 3)), np.ones((2, 3, 2))
    folds, steps = np.array([0, 1]), np.array([2, 0])
    add_sums(
        folds, steps, np.array([4.0, 5]), np.arange(4.0).reshape(2, 2), counts, sums
    )
    assert counts.tolist() == [[1, 1, 5], [6, 1, 1]]
    assert sums[0, 2].tolist() == [1, 2]
    assert sums[1, 0].tolist() == [3, 4]
    assert sums.sum() == 12 + 6
