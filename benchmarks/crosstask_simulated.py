"""The method on CrossTask's real timelines, with simulated features.

Loads the release (tasks, annotations, lengths), draws features and windows on the
real timelines, trains on 30 videos of each primary task and, where the row says so,
on all videos of the related tasks, and prints recall on the rest of the primary
videos, the validation videos left out.

    python benchmarks/crosstask_simulated.py --data ../shared/data --record

The features are simulated: the figures compare methods with each other, not with the
paper. With ``--record``, they go to ``measured/crosstask_simulated.csv``.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
from _measured import add_record, record
from _workload import ONE_UNIT

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.baselines import SupervisedStepEstimator, UniformBaseline
from skcrosstask.datasets import load_crosstask, simulate_features
from skcrosstask.experiments import GENERATOR
from skcrosstask.model_selection import TaskShuffleSplit


def segments(**params):
    return lambda seed: WeaklySupervisedStepEstimator(random_state=seed, **params)


def weak(**params):
    """One unit per step, by Adam alone."""
    return segments(**ONE_UNIT, init_iter=10, max_iter=20, **params)


# Name, estimator for a seed, whether the related tasks are used.
ROWS = [
    ("uniform", lambda seed: UniformBaseline(), False),
    ("no sharing", weak(sharing="none", contrast="steps"), False),
    ("shared steps", weak(sharing="steps", contrast="steps"), False),
    ("shared words", weak(contrast="steps"), False),
    ("shared words + related", weak(contrast="steps"), True),
    (
        "shared words + related, no dropout in Y",
        weak(contrast="steps", align_dropout=False),
        True,
    ),
    ("contrast in time too", weak(contrast="both"), True),
    (
        "contrast in time too, no dropout in Y",
        weak(contrast="both", align_dropout=False),
        True,
    ),
    ("contrast in time alone", weak(contrast="time"), True),
    ("segments, no sharing", segments(sharing="none"), False),
    ("segments, shared steps", segments(sharing="steps"), False),
    ("segments", segments(), False),
    ("segments + related", segments(), True),
    ("segments + related, not conditioned", segments(condition=False), True),
    ("segments + related, then Adam", segments(max_iter=5), True),
    ("supervised", lambda seed: SupervisedStepEstimator(), False),
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
    parser.add_argument("--rows", nargs="+", help="parts of names (default: all)")
    add_record(parser)
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
    wanted = args.rows or [""]
    rows = [row for row in ROWS if any(part in row[0] for part in wanted)]
    primary = {task.name for task in release.primary}
    recall: list[list[float]] = [[] for _ in rows]
    seconds: list[list[float]] = [[] for _ in rows]
    splits = cv.split(release.videos, release.tasks)
    for seed, (train, test) in enumerate(splits):
        held_out = [release.videos[i] for i in test]
        for row, (name, make, use_related) in enumerate(rows):
            videos = [
                release.videos[i]
                for i in train
                if use_related or release.tasks[i].name in primary
            ]
            start = time.perf_counter()
            est = make(seed).fit(videos)
            seconds[row].append(time.perf_counter() - start)
            recall[row].append(100 * est.score(held_out))
            print(f"split {seed + 1}: {name:40s} {recall[row][-1]:5.1f}", flush=True)

    print(f"\nRecall, %, simulated features, {args.splits} splits of 30 videos a task")
    for (name, _, _), values, times in zip(rows, recall, seconds, strict=True):
        spread = float(np.std(values)) if len(values) > 1 else np.nan
        figures = {"recall": float(np.mean(values)), "deviation": spread}
        record(args.record, ["row"], [{"row": name, **figures}], seeds=args.splits)
        print(
            f"{name:40s} {np.mean(values):5.1f} ± {np.std(values):3.1f}"
            f"   fit {np.mean(times):5.1f} s"
        )


if __name__ == "__main__":
    main()
