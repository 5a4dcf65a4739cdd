"""Videos of noise with windows, to measure cost without caring for recall."""

from __future__ import annotations

import numpy as np

from skcrosstask import Task, Video, WeaklySupervisedStepEstimator


def make_videos(
    n_videos=300,
    *,
    n_units=300,
    n_steps=8,
    n_features=3200,
    n_tasks=60,
    window=9,
    seed=0,
):
    """Tasks of two-word steps from 5 words a task, some of them shared."""
    rng = np.random.default_rng(seed)
    words = [f"word{i}" for i in range(5 * n_tasks)]
    tasks = [
        Task(
            f"task{i}", [" ".join(rng.choice(words, 2, False)) for _ in range(n_steps)]
        )
        for i in range(n_tasks)
    ]
    noise = rng.standard_normal((n_units, n_features), dtype=np.float32)
    videos = []
    for i in range(n_videos):
        starts = np.sort(rng.uniform(0, n_units - window, n_steps))
        windows = [(k, start, start + window) for k, start in enumerate(starts)]
        # The same noise, turned: to draw it anew would take longer than to fit.
        features = np.roll(noise, rng.integers(n_units), axis=0)
        videos.append(Video(features, tasks[i % n_tasks], windows))
    return videos


def epoch_seconds(videos, epochs=4, others=(), **params):
    """Seconds of the fastest epoch of initialisation, and of alternation.

    Components of the `others` are known too, but no visit of the epochs touches them.
    """
    est = WeaklySupervisedStepEstimator(
        condition=False,
        n_passes=0,
        init_iter=epochs,
        max_iter=epochs,
        random_state=0,
        **params,
    )
    if others:
        est.set_params(init_iter=1, max_iter=0).fit(others)
        est.set_params(init_iter=1 + epochs, max_iter=epochs)
        for _ in range(2 * epochs):
            est.partial_fit(videos)
    else:
        est.fit(videos)
    seconds = [entry["seconds"] for entry in est.history_[-2 * epochs :]]
    return min(seconds[:epochs]), min(seconds[epochs:]), est
