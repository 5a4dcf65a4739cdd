"""Videos that are drawn as they are read, in any process, so that no disk is needed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from skcrosstask import Task, Video

N_STEPS, N_TASKS = 8, 60


@dataclass
class Drawn:
    """Features that are drawn whenever they are read: noise, and steps in turn."""

    seed: int
    task: int
    shape: tuple[int, int]

    def __getitem__(self, index):
        return draw_rows(self.seed, self.task, self.shape)[index]


@lru_cache(maxsize=2)
def draw_rows(seed: int, task: int, shape: tuple[int, int]) -> np.ndarray:
    n_units, n_features = shape
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal(shape, dtype=np.float32)
    looks = np.random.default_rng(10**6 + task)
    means = looks.standard_normal((N_STEPS, n_features), dtype=np.float32)
    cuts = np.sort(rng.choice(n_units, 2 * N_STEPS, replace=False)).reshape(-1, 2)
    for (start, stop), mean in zip(cuts, means, strict=True):
        rows[start:stop] += 0.5 * mean
    return rows


def draw_videos(n_videos: int, n_units: int, n_features: int) -> list[Video]:
    tasks = [
        Task(f"task{i}", [f"verb{(i + k) % 40} noun{i} {k}" for k in range(N_STEPS)])
        for i in range(N_TASKS)
    ]
    return [
        Video(Drawn(i, i % N_TASKS, (n_units, n_features)), tasks[i % N_TASKS])
        for i in range(n_videos)
    ]
