"""What epochs of Adam cost in recall, and gain in time, if shards make them apart.

The same number of epochs, one video after the other and in 2 to 16 shards, by the
settings of version 0.1: on real sets, each seed the mean over folds, and on simulated
ones, where a seed draws features and split anew. With ``--scaled``, the learning rate
is also multiplied by the number of shards; with ``--refine``, Adam goes on from the
closed form. Differences to one shard are taken seed by seed.

    python benchmarks/adam_rounds.py --data ../shared/data --scaled
    python benchmarks/adam_rounds.py --speed

With ``--speed``, milliseconds an epoch takes of videos that are made up, whose steps
may be anywhere, with one thread and two.
"""

from __future__ import annotations

import argparse
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from _real_sets import REAL, SIMULATED, Split
from real_data import VERSION_0_1, folds_of, mean_and

from skcrosstask import Video, WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos

SETS = [
    *("cad120 short", "cad120 steps", "openpack operations", "breakfast"),
    *("generated", "crosstask medium"),
]
REFINE = {"max_iter": 5, "calibrate": False}


def recall(split: Split, seed: int, settings: dict, n_shards: int, scaled: bool):
    """Percent of the steps found, mean over folds."""
    found = []
    for train, test in folds_of(split):
        est = WeaklySupervisedStepEstimator(random_state=seed, **settings)
        est.set_params(n_adam_shards=n_shards)
        if scaled:
            # "auto" depends on the rows alone: a fit of one epoch tells it.
            one = est.set_params(n_adam_shards=1).fit(train).learning_rate_
            est.set_params(n_adam_shards=n_shards, learning_rate=one * n_shards)
        found.append(est.fit(train).score(test))
    return 100 * np.mean(found)


def table_of_recall(args: argparse.Namespace, settings: dict) -> Iterator[str]:
    """Lines of the table, set by set."""
    yield "| set | shards | rate | recall, % | against one shard |"
    yield "|---|--:|---|--:|--:|"
    for name in args.sets:
        real = REAL[name](args.data) if name in REAL else None
        splits = [
            real or SIMULATED[name](args.data, seed) for seed in range(args.seeds)
        ]
        alone = None
        for scaled in (False, True) if args.scaled else (False,):
            for n_shards in args.shards[scaled:]:
                runs = np.array(
                    [
                        recall(split, seed, settings, n_shards, scaled)
                        for seed, split in enumerate(splits)
                    ]
                )
                alone = runs if alone is None else alone
                rate = f"x {n_shards}" if scaled else "same"
                change = mean_and(runs - alone, error=True, sign="+")
                yield f"| {name} | {n_shards} | {rate} | {mean_and(runs)} | {change} |"


def seconds(videos: list[Video], n_shards: int, n_jobs: int) -> float:
    """Of an epoch in which steps are placed; the quickest of several."""
    est = WeaklySupervisedStepEstimator(
        condition=False,
        n_passes=0,
        init_iter=0,
        max_iter=30,
        contrast="both",
        use_windows=False,
        random_state=0,
        n_adam_shards=n_shards,
        n_jobs=n_jobs,
    )
    est.fit(videos)
    return min(entry["seconds"] for entry in est.history_)


def table_of_seconds(args: argparse.Namespace) -> Iterator[str]:
    """Lines of a table: one thread, two threads, and how often faster than now."""
    videos, _ = make_instructional_videos(
        args.videos // 8, n_tasks=8, n_features=args.features, random_state=0
    )
    yield "| shards | one thread, ms | two, ms | two against one after the other |"
    yield "|--:|--:|--:|--:|"
    seconds(videos[:8], 2, 2)
    alone = None
    for n_shards in args.shards:
        one, two = (seconds(videos, n_shards, n_jobs) for n_jobs in (1, 2))
        alone = alone or one
        yield f"| {n_shards} | {1e3 * one:.0f} | {1e3 * two:.0f} | {alone / two:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    data = os.environ.get("SKCROSSTASK_DATA", "../shared/data")
    parser.add_argument("--data", type=Path, default=Path(data))
    parser.add_argument("--sets", nargs="+", default=SETS, choices=[*REAL, *SIMULATED])
    parser.add_argument("--shards", nargs="+", type=int, default=[1, 2, 4, 8, 16])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--scaled", action="store_true", help="rates too")
    parser.add_argument("--refine", action="store_true", help="from the closed form")
    parser.add_argument("--speed", action="store_true", help="seconds, not recall")
    parser.add_argument("--videos", type=int, default=800)
    parser.add_argument("--features", type=int, default=1024)
    args = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)
    settings = REFINE if args.refine else VERSION_0_1
    for line in (
        table_of_seconds(args) if args.speed else table_of_recall(args, settings)
    ):
        print(line, flush=True)


if __name__ == "__main__":
    main()
