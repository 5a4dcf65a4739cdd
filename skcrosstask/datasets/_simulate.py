"""Features and windows drawn on real timelines."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skcrosstask._data import Task, Video
from skcrosstask._files import replacing
from skcrosstask.datasets._appearance import Appearance
from skcrosstask.datasets._timelines import draw_timeline, draw_windows
from skcrosstask.metrics._checks import check_entries

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["simulate_features"]


def simulate_features(
    videos: Sequence[Video],
    lengths: Sequence[float],
    *,
    n_features: int = 256,
    words: float = 0.2,
    step: float = 0.08,
    scene: float = 0.5,
    context: float = 0.25,
    video: float = 0.25,
    distraction: float = 0.1,
    noise: float = 1.5,
    heard: float = 0.45,
    window_length: float = 9.0,
    rate: float = 1.0,
    directory: PathLike | None = None,
    random_state: int = 0,
) -> list[Video]:
    """Draw features and windows on real timelines: simulated features.

    A video's steps happen when its annotation says so; a video without annotation
    gets a hidden timeline, drawn with CrossTask's shares of background and missing
    steps. What a step looks like is made of its words' looks, the same in all
    tasks, and of a look of its own; background shows scenes and, faintly, words of
    the task. The windows' statistics are those of the released windows.

    Parameters
    ----------
    videos : sequence of Video
        Timelines: `task`, `name` and, where known, `annotation`. Features are not
        read.
    lengths : sequence of float
        Seconds of each video.
    n_features : int, default=256
        Number of features D.
    words, step, scene, context, video, distraction : float
        Strengths, on the scale of `noise`: of what words share, what a step has to
        itself, background scenes, the task, the video, and the words that background
        shows.
    noise : float, default=1.5
        Standard deviation of the noise.
    heard : float, default=0.45
        Probability that narration speaks of a present step about when it happens.
    window_length : float, default=9.0
        Length of a window in seconds.
    rate : float, default=1.0
        Rows of features a second.
    directory : path, optional
        Write ``<task>_<name>.npy`` files there instead of keeping arrays.
    random_state : int, default=0
        A video's features depend only on this, the task and the name, so that a
        subset gets the same features as the whole.

    Returns
    -------
    list of Video
        With features (float32), windows and rate; annotations are kept as they were.

    Raises
    ------
    TypeError
        If videos is not a sequence of Videos.
    ValueError
        If there is not one length per video, or a video has no Task, no name, or
        fewer rows than its task has steps.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask import Task, Video
    >>> from skcrosstask.datasets import simulate_features
    >>> latte = Task("latte", ["add coffee", "press coffee", "pour milk"])
    >>> real = Video(np.zeros((1, 1)), latte, annotation=[[0, 3, 9]], name="v1")
    >>> simulated = simulate_features([real], [40], n_features=4)[0]
    >>> simulated.shape, simulated.windows.shape
    ((40, 4), (3, 3))
    """
    videos = check_entries(videos, "videos", Video)
    if len(videos) != len(lengths):
        raise ValueError(f"{len(videos)} videos, but {len(lengths)} lengths.")
    strengths = (words, step, scene, context, video, distraction)
    looks = Appearance(n_features, *strengths, noise, seed=random_state)
    if directory is not None:
        Path(directory).mkdir(parents=True, exist_ok=True)
    simulated = []
    for real, seconds in zip(videos, lengths, strict=True):
        if not isinstance(real.task, Task) or real.name is None:
            raise ValueError(f"{real}: simulation needs a Task and a name.")
        n_steps = len(real.task.steps)
        n_units = round(seconds * rate)
        if n_units < n_steps:
            raise ValueError(f"{real}: length {n_units} is below its {n_steps} steps.")
        key = zlib.crc32(f"{real.task.name}/{real.name}".encode())
        rng = np.random.default_rng([random_state, key])
        truth = real.annotation
        if truth is None:
            truth = draw_timeline(seconds, n_steps, rng)
        windows = draw_windows(
            truth, seconds, n_steps, rng, length=window_length, heard=heard
        )
        rows = looks.render(real.task, truth, n_units, rng, rate)
        features: np.ndarray | Path = rows
        if directory is not None:
            features = Path(directory) / f"{real.task.name}_{real.name}.npy"
            with replacing(features) as file:
                np.save(file, rows)
        simulated.append(replace(real, features=features, windows=windows, rate=rate))
    return simulated
