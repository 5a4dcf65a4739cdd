"""Peak memory of a fit beside what it must hold: packed rows and parameters.

Writes 200 feature files of 300 x 3200 float32 to a temporary folder, fits them as
memory maps, and prints the rise of the process's peak over its size before the fit.

    python benchmarks/fit_memory.py
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from pathlib import Path

import numpy as np
import psutil

from skcrosstask import Task, Video, WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.learning._candidates import windowed_candidates


def _n_rows(video, n_negatives, rng):
    t = video.shape[0]
    return len(windowed_candidates(video, video.task, t, True, n_negatives, rng).units)


def write_videos(folder: Path, n_videos: int, n_units: int, n_features: int):
    rng = np.random.default_rng(0)
    tasks = [
        Task(f"task {i}", [f"verb{(i + k) % 9} noun{(i * k) % 30}" for k in range(8)])
        for i in range(20)
    ]
    starts = np.linspace(0, n_units - 9, 8)
    windows = np.column_stack([np.arange(8), starts, starts + 9])
    videos = []
    for i in range(n_videos):
        path = folder / f"{i}.npy"
        np.save(path, rng.standard_normal((n_units, n_features), dtype=np.float32))
        videos.append(Video(path, tasks[i % len(tasks)], windows))
    return videos


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--videos", type=int, default=200)
    parser.add_argument("--contrast", default="both", choices=["steps", "time", "both"])
    args = parser.parse_args()
    # Compiled code and libraries are there before anything is measured.
    small, _ = make_instructional_videos(2, random_state=0)
    epochs = {"init_iter": 1, "max_iter": 1}
    settings = {"condition": False, "n_passes": 0, "random_state": 0, **epochs}
    est = WeaklySupervisedStepEstimator(contrast=args.contrast, **settings)
    est.fit(small).predict(small)
    with tempfile.TemporaryDirectory() as folder:
        videos = write_videos(Path(folder), args.videos, 300, 3200)
        before = psutil.Process().memory_info().rss
        est.fit(videos)
        rise = peak() - before
        n_negatives = 0 if args.contrast == "steps" else est.n_negatives
        rng = np.random.default_rng(0)
        rows = sum(
            len(
                windowed_candidates(
                    video, video.task, video.shape[0], True, n_negatives, rng
                ).units
            )
            for video in videos
        )
    rows *= 3200 * 4
    # Weights, both moments of Adam and the direction of the last move.
    parameters = 4 * est.coef_.nbytes
    print(f"contrast {args.contrast}: {args.videos} videos of 300 x 3200 float32")
    print(f"packed rows {rows / 2**20:8.1f} MiB, parameters {parameters / 2**20:.1f}")
    print(f"peak rise   {rise / 2**20:8.1f} MiB")
    print(f"ratio       {rise / (rows + parameters):8.3f}")


if __name__ == "__main__":
    main()
