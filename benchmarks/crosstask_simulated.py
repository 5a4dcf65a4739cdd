"""The method on CrossTask's real timelines, with simulated features.

Loads the release (tasks, annotations, lengths), draws features and windows on the
real timelines, trains on 30 videos of each primary task and, where the row says so,
on all videos of the related tasks, and prints recall on the rest of the primary
videos, the validation videos left out.

    python benchmarks/crosstask_simulated.py --data ../shared/data

The features are simulated: the figures compare methods with each other, not with the
paper.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.baselines import SupervisedStepEstimator, UniformBaseline
from skcrosstask.datasets import load_crosstask, simulate_features
from skcrosstask.experiments import GENERATOR
from skcrosstask.model_selection import TaskShuffleSplit

# The paper's procedure: raw features, one unit per step, Adam alone.
PAPER = {
    "condition": False,
    "n_passes": 0,
    "init_iter": 30,
    "max_iter": 30,
    "decoding": "one_per_step",
}


def weak(**params):
    return lambda seed: WeaklySupervisedStepEstimator(random_state=seed, **params)


# Name, estimator for a seed, whether the related tasks are used.
ROWS = [
    ("uniform", lambda seed: UniformBaseline(), False),
    ("paper, no sharing", weak(sharing="none", **PAPER), False),
    ("paper, shared words", weak(**PAPER), False),
    ("paper, words + related", weak(**PAPER), True),
    ("  contrast in time", weak(contrast="time", **PAPER), True),
    ("default, no sharing", weak(sharing="none"), False),
    ("default, shared steps", weak(sharing="steps"), False),
    ("default, shared words", weak(), False),
    ("default, words + related", weak(), True),
    ("  no windows", weak(use_windows=False), True),
    ("supervised", lambda seed: SupervisedStepEstimator(random_state=seed), False),
]


def simulated_release(data: Path):
    with warnings.catch_warnings():
        # The release comes without features; they are simulated here.
        warnings.simplefilter("ignore", UserWarning)
        release = load_crosstask(data / "crosstask_release")
    release.videos = simulate_features(release.videos, release.lengths, **GENERATOR)
    return release


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--splits", type=int, default=3)
    args = parser.parse_args()

    start = time.perf_counter()
    release = simulated_release(args.data)
    settings = ", ".join(f"{name} {value:g}" for name, value in GENERATOR.items())
    print(f"simulated features: {settings}")
    print(f"{len(release.videos)} videos in {time.perf_counter() - start:.0f} s")
    cv = TaskShuffleSplit(
        args.splits,
        n_train=30,
        train_only=release.related,
        exclude=release.validation_names,
        random_state=0,
    )
    primary = {task.name for task in release.primary}
    recall: list[list[float]] = [[] for _ in ROWS]
    seconds: list[list[float]] = [[] for _ in ROWS]
    splits = cv.split(release.videos, release.tasks)
    for seed, (train, test) in enumerate(splits):
        held_out = [release.videos[i] for i in test]
        for row, (name, make, use_related) in enumerate(ROWS):
            videos = [
                release.videos[i]
                for i in train
                if use_related or release.tasks[i].name in primary
            ]
            start = time.perf_counter()
            est = make(seed).fit(videos)
            seconds[row].append(time.perf_counter() - start)
            recall[row].append(100 * est.score(held_out))
            print(f"split {seed + 1}: {name:24s} {recall[row][-1]:5.1f}", flush=True)

    print(f"\nRecall, %, simulated features, {args.splits} splits of 30 videos a task")
    for (name, _, _), values, times in zip(ROWS, recall, seconds, strict=True):
        print(
            f"{name:24s} {np.mean(values):5.1f} ± {np.std(values):3.1f}"
            f"   fit {np.mean(times):5.1f} s"
        )


if __name__ == "__main__":
    main()
