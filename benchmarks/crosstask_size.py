"""A fit of full size: the release's lengths, 3200 features a second, one split.

30 videos of each primary task and all videos of the related tasks, windows as the
released ones are, 30 + 30 epochs. Feature files are simulated into a folder, which is
removed at the end: it takes 10 GB of disk.

    python benchmarks/crosstask_size.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import (
    load_crosstask,
    make_instructional_videos,
    simulate_features,
)
from skcrosstask.learning._candidates import windowed_candidates
from skcrosstask.model_selection import TaskShuffleSplit


def _n_rows(video, n_negatives, rng):
    t = video.shape[0]
    return len(windowed_candidates(video, video.task, t, True, n_negatives, rng).units)


def training_videos(data: Path, folder: Path, n_features: int):
    """Videos of the paper's split, with feature files."""
    with warnings.catch_warnings():
        # The release comes without features; they are simulated here.
        warnings.simplefilter("ignore", UserWarning)
        release = load_crosstask(data / "crosstask_release")
    cv = TaskShuffleSplit(
        1,
        n_train=30,
        train_only=release.related,
        exclude=release.validation_names,
        random_state=0,
    )
    train, _ = next(cv.split(release.videos, release.tasks))
    lengths = [release.lengths[i] for i in train]
    needed = 4 * n_features * sum(lengths)
    free = shutil.disk_usage(folder).free
    if free < 1.1 * needed:
        raise SystemExit(
            f"{folder}: {needed / 1e9:.1f} GB needed, {free / 1e9:.1f} free"
        )
    print(f"{len(train)} videos, {sum(lengths)} s, {needed / 1e9:.1f} GB of features")
    return simulate_features(
        [release.videos[i] for i in train],
        lengths,
        n_features=n_features,
        directory=folder,
    )


def count_rows(videos, est) -> int:
    """Rows that the fit packed."""
    n_negatives = 0 if est.contrast == "steps" else est.n_negatives
    rng = np.random.default_rng(0)
    return sum(
        len(
            windowed_candidates(
                video, video.task, video.shape[0], True, n_negatives, rng
            ).units
        )
        for video in videos
    )


def fit_default(videos, small, settings) -> None:
    """Time the default, which conditions features and learns in closed form."""
    WeaklySupervisedStepEstimator(**settings).fit(small)
    start = time.perf_counter()
    est = WeaklySupervisedStepEstimator(**settings).fit(videos)
    whole = time.perf_counter() - start
    passes = sum(entry["seconds"] for entry in est.history_)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        f"default: fit {whole:.1f} s, of it passes {passes:.1f}, "
        f"peak {peak / 1e9:.2f} GB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--folder", type=Path, help="where to make the folder")
    parser.add_argument("--features", type=int, default=3200)
    parser.add_argument("--epochs", type=int, default=30, help="of each phase")
    args = parser.parse_args()
    small, _ = make_instructional_videos(2, random_state=0)
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        start = time.perf_counter()
        videos = training_videos(args.data, Path(name), args.features)
        print(f"features written in {time.perf_counter() - start:.0f} s\n")
        print(
            "contrast   fit s  of it read  init  align   rows GB  peak GB  components"
        )
        epochs = {"init_iter": args.epochs, "max_iter": args.epochs}
        common = {"random_state": 0, "n_jobs": 2}
        fit_default(videos, small, common)
        for contrast in ("steps", "both"):
            settings = {"contrast": contrast, "condition": False, "n_passes": 0}
            settings |= common
            # Compiled code is there before the clock starts.
            WeaklySupervisedStepEstimator(max_iter=1, **settings).fit(small)
            est = WeaklySupervisedStepEstimator(**epochs, **settings)
            start = time.perf_counter()
            est.fit(videos)
            whole = time.perf_counter() - start
            phase = {"init": 0.0, "align": 0.0}
            for entry in est.history_:
                phase[entry["phase"]] += entry["seconds"]
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            print(
                f"{contrast:8}{whole:8.1f}{whole - sum(phase.values()):10.1f}"
                f"{phase['init']:8.1f}{phase['align']:7.1f}"
                f"{4 * args.features * count_rows(videos, est) / 1e9:10.2f}"
                f"{peak / 1e9:9.2f}"
                f"{len(est.components_):8}",
                flush=True,
            )


if __name__ == "__main__":
    main()
