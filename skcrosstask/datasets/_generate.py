"""Small how-to videos with known truth, for examples and tests."""

from __future__ import annotations

import numpy as np
from sklearn.utils import check_random_state

from skcrosstask._data import Task, Video
from skcrosstask.datasets._appearance import Appearance
from skcrosstask.datasets._timelines import draw_timeline, draw_windows

__all__ = ["make_instructional_videos"]

_TASKS = (
    Task(
        "pancakes",
        ("pour milk", "add egg", "whisk mixture", "pour mixture", "flip pancake"),
    ),
    Task("latte", ("grind coffee", "press coffee", "steam milk", "pour milk")),
    Task("omelette", ("whisk egg", "add salt", "pour egg", "flip omelette")),
    Task("lemonade", ("cut lemon", "squeeze lemon", "add sugar", "stir mixture")),
    Task("cake", ("add sugar", "add egg", "stir mixture", "pour mixture")),
    Task("shelf", ("cut board", "sand board", "paint board", "screw shelf")),
    Task("chair", ("remove screw", "sand chair", "paint chair", "screw leg")),
    Task("tyre", ("lift bike", "remove wheel", "remove tyre", "pump tyre")),
)


def make_instructional_videos(
    n_videos: int = 12,
    *,
    n_tasks: int = 4,
    n_features: int = 32,
    length: int | tuple[int, int] = (60, 180),
    background: float = 0.6,
    missing: float = 0.1,
    swaps: float = 0.05,
    window_noise: float = 0.3,
    window_length: float = 12.0,
    feature_noise: float = 1.0,
    rate: float = 1.0,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[list[Video], list[Task]]:
    """Generate how-to videos of cooking and repair tasks that share words.

    Parameters
    ----------
    n_videos : int, default=12
        Videos of each task.
    n_tasks : int, default=4
        Number of tasks, eight at most.
    n_features : int, default=32
        Number of features D.
    length : int or (int, int), default=(60, 180)
        Whole seconds of the videos, or their range, ends included.
    background : float in [0, 1), default=0.6
        Expected share of time in which no step happens.
    missing : float in [0, 1], default=0.1
        Probability that a video leaves a step out; one is always kept.
    swaps : float in [0, 1], default=0.05
        Probability that a step swaps places with the next.
    window_noise : float in [0, 1], default=0.3
        Probability that a step's window has nothing to do with it.
    window_length : float, default=12.0
        Length of a window in seconds.
    feature_noise : float, default=1.0
        Standard deviation of the noise; that of the words' looks is 0.8.
    rate : float, default=1.0
        Rows of features a second. The timelines in seconds are the same at any rate.
    random_state : int, RandomState instance or None, default=None
        Source of randomness.

    Returns
    -------
    videos : list of Video
        With features, windows, annotation and name; tasks take turns.
    tasks : list of Task
        One per video.

    Raises
    ------
    ValueError
        If a count, probability, length or rate is out of range, or the shortest
        videos have fewer rows than steps.

    Examples
    --------
    >>> from skcrosstask.datasets import make_instructional_videos
    >>> videos, tasks = make_instructional_videos(2, n_tasks=2, random_state=0)
    >>> [video.name for video in videos]
    ['pancakes-0', 'latte-0', 'pancakes-1', 'latte-1']
    >>> tasks[1].steps
    ('grind coffee', 'press coffee', 'steam milk', 'pour milk')
    """
    if isinstance(length, int | float | np.number):
        length = (length, length)
    low, high = length
    _check_knobs(n_videos, n_tasks, n_features, low, high)
    _check_rate(rate, n_tasks, low)
    shares = {"background": background, "missing": missing, "swaps": swaps}
    for name, share in {**shares, "window_noise": window_noise}.items():
        if not 0 <= share <= 1:
            raise ValueError(f"{name} must be within [0, 1], got {share}.")
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max)
    rng = np.random.default_rng(seed)
    strengths = {"words": 0.8, "step": 0.2, "scene": 0.6, "context": 0.4, "video": 0.2}
    looks = Appearance(n_features, **strengths, noise=feature_noise, seed=int(seed))
    narrated = {"length": window_length, "heard": 1 - window_noise}
    videos: list[Video] = []
    tasks: list[Task] = []
    for i in range(n_videos):
        for task in _TASKS[:n_tasks]:
            seconds, n_steps = int(rng.integers(low, high + 1)), len(task.steps)
            truth = draw_timeline(seconds, n_steps, rng, **shares)
            windows = draw_windows(truth, seconds, n_steps, rng, **narrated)
            # Drawn at any rate, so that the timelines that follow are the same.
            features = looks.render(task, truth, seconds, rng)
            if rate != 1:
                own = np.random.default_rng([seed, len(videos)])
                n_units = round(seconds * rate)
                features = looks.render(task, truth, n_units, own, rate)
            name = f"{task.name}-{i}"
            videos.append(Video(features, task, windows, truth, name, rate=rate))
            tasks.append(task)
    return videos, tasks


def _check_knobs(
    n_videos: int, n_tasks: int, n_features: int, low: int, high: int
) -> None:
    if n_videos < 1 or n_features < 1:
        raise ValueError("n_videos and n_features must be at least 1.")
    if not 1 <= n_tasks <= len(_TASKS):
        raise ValueError(f"n_tasks must be 1 to {len(_TASKS)}, got {n_tasks}.")
    longest = max(len(task.steps) for task in _TASKS[:n_tasks])
    if not longest <= low <= high:
        raise ValueError(
            f"length must be at least {longest}, the number of steps, and in order; "
            f"got {low, high}."
        )


def _check_rate(rate: float, n_tasks: int, low: int) -> None:
    if not 0 < rate < np.inf:
        raise ValueError(f"rate must be above 0 rows a second, got {rate}.")
    longest = max(len(task.steps) for task in _TASKS[:n_tasks])
    if round(low * rate) < longest:
        raise ValueError(
            f"{low} s at rate {rate:g} have {round(low * rate)} rows, too few for "
            f"{longest} steps: make length or rate greater."
        )
