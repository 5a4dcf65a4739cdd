"""Whether memory stays flat over hundreds of fits.

In one process, again and again: a fit of whole segments, one of Adam, of rows in a
folder and in a temporary file, with a checkpoint, further videos by `partial_fit`,
predictions, and a model file written and read. Prints what is resident after 20 rounds
and after 200, and fails if that is more by over 5 %. Fits are small, so that a leak of
one array a fit shows.

    python benchmarks/soak.py
    python benchmarks/soak.py --rounds 1000

When it was written: 308.0 MB after 20 rounds, 309.0 MB after 200, 1.003 times as much.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from pathlib import Path

import psutil

from skcrosstask import WeaklySupervisedStepEstimator, load_model, save_model
from skcrosstask.baselines import SupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos

_WARM, _LIMIT = 20, 1.05


class Round:
    """All that a round does, on videos of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.going_on = WeaklySupervisedStepEstimator(random_state=0, calibrate=False)
        self.adam = WeaklySupervisedStepEstimator(
            random_state=0, condition=False, n_passes=0, init_iter=1, max_iter=1
        )

    def run(self, seed: int) -> None:
        videos, _ = make_instructional_videos(
            4, n_tasks=3, n_features=32, length=(40, 80), random_state=seed
        )
        checkpoint = self.folder / "fit.ckpt"
        for options in (
            {"n_passes": 2, "max_iter": 1, "checkpoint": checkpoint},
            {"n_passes": 1, "store_folder": self.folder / "rows"},
            {"n_passes": 1, "max_memory": 0},
            {"n_passes": 0, "init_iter": 1, "max_iter": 2},
        ):
            est = WeaklySupervisedStepEstimator(random_state=0, **options).fit(videos)
        checkpoint.unlink()
        for path in (self.folder / "rows").iterdir():
            path.unlink()
        SupervisedStepEstimator().fit(videos).predict(videos)
        self.going_on.partial_fit(videos)
        self.adam.partial_fit(videos)
        save_model(self.going_on, self.folder / "model.skct")
        loaded = load_model(self.folder / "model.skct")
        for fitted in (est, loaded):
            fitted.predict(videos)
            fitted.predict_proba(videos)
            fitted.locate(videos)


def resident() -> float:
    """Bytes that the process has in memory."""
    gc.collect()
    return float(psutil.Process().memory_info().rss)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    args = parser.parse_args()

    begin, warm = time.perf_counter(), 0.0
    with tempfile.TemporaryDirectory() as folder:
        one = Round(Path(folder))
        for i in range(args.rounds):
            one.run(seed=i)
            if i + 1 == _WARM:
                warm = resident()
            if (i + 1) % _WARM == 0:
                mb, seconds = resident() / 1e6, time.perf_counter() - begin
                print(f"{i + 1} rounds: {mb:.1f} MB, {seconds:.0f} s", flush=True)
    ratio = resident() / warm
    print(f"after {args.rounds} rounds, {ratio:.3f} times what it was after {_WARM}")
    raise SystemExit(ratio > _LIMIT)


if __name__ == "__main__":
    main()
