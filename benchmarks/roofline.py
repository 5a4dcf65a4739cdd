"""What training must move and multiply, against what the machine can.

The defaults: packing a row is one product of matrices, held against that product by
itself; a pass reads each packed row, held against finding the largest number of as
many, on one thread and on two.

The paper's procedure: the bytes of an epoch of Adam, which are feature rows read, and
component weights, moments and last directions read and written, held against copying
a large array in the same run.

    python benchmarks/roofline.py
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from _workload import epoch_seconds, make_videos

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.components import StepComponents
from skcrosstask.learning._candidates import windowed_candidates
from skcrosstask.learning._shards import one_blas_thread
from skcrosstask.learning.rows._conditioning import Conditioning


def fastest(work: Callable[[], object], repeats: int = 9) -> float:
    """Seconds of the fastest of some runs."""
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def copy_bandwidth(n_bytes: int = 1 << 28) -> float:
    """Bytes a second, read and written, of one thread."""
    source, target = np.ones(n_bytes, np.uint8), np.zeros(n_bytes, np.uint8)
    return 2 * n_bytes / fastest(lambda: np.copyto(target, source))


def read_seconds(shape: tuple[int, int], n_threads: int) -> float:
    """Seconds in which threads find the largest of so many numbers."""
    parts = np.array_split(np.ones(shape, np.float32), 32)
    with ThreadPoolExecutor(n_threads) as pool:
        return fastest(lambda: list(pool.map(np.max, parts)))


def show_packing(videos, n_directions: int = 256) -> None:
    """Rows to few directions, against one product of matrices."""
    lengths = [video.shape[0] for video in videos]
    rows = videos[0].features
    with one_blas_thread():
        condition = Conditioning.learn(
            videos, lengths, shrinkage=0.1, n_directions=n_directions
        )
        product = fastest(lambda: rows @ condition.projection)
        packing = fastest(lambda: condition.apply(rows, "a video"))
    flop = 2 * rows.size * condition.projection.shape[1]
    print(
        f"packing: {1e6 * packing / len(rows):.2f} us per row, "
        f"{flop / packing / 1e9:.0f} GFLOP/s, {product / packing:.0%} of the product"
    )


def show_passes(videos) -> None:
    """Passes over packed rows, against reading these."""
    shape = sum(video.shape[0] for video in videos), videos[0].shape[1]
    print("\nthreads  ms per pass  ns per row   GB/s  of reading")
    for n_jobs in (1, 2):
        est = WeaklySupervisedStepEstimator(n_passes=8, calibrate=False, n_jobs=n_jobs)
        passes = est.fit(videos).history_[1:]
        seconds = min(entry["seconds"] for entry in passes)
        print(
            f"{n_jobs:7}{1e3 * seconds:13.1f}{1e9 * seconds / shape[0]:12.0f}"
            f"{4 * shape[0] * shape[1] / seconds / 1e9:7.1f}"
            f"{read_seconds(shape, n_jobs) / seconds:12.0%}"
        )


def count_bytes(videos, contrast: str, n_negatives: int) -> dict[str, dict[str, int]]:
    """Bytes of an epoch, by what they are."""
    d = 4 * videos[0].shape[1]
    tasks = [video.task for video in videos]
    steps = StepComponents().update(tasks).compose(tasks)
    rng = np.random.default_rng(0)
    n = n_negatives if contrast != "steps" else 0
    aligned = sum(
        windowed_candidates(video, video.task, video.shape[0], True, n, rng).n_alignable
        for video in videos
    )
    trained = sum(steps[task].n_steps + n for task in tasks)
    components = sum(len(steps[task].columns) for task in tasks)
    # Loading reads weights and directions; moving reads and writes four arrays.
    model = components * d * (2 + 4 + 4)
    init = {"rows": trained * d, "components": model}
    return {"init": init, "align": init | {"rows": (trained + aligned) * d}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--videos", type=int, default=600)
    args = parser.parse_args()
    videos = make_videos(args.videos)
    show_packing(videos)
    show_passes(make_videos(4 * args.videos, n_features=256))
    bandwidth = copy_bandwidth()
    print(f"\ncopy: {bandwidth / 1e9:.1f} GB/s read and written, one thread\n")
    print("contrast phase  us/video   MB/video (rows + components)   GB/s  of copy")
    for contrast in ("steps", "both"):
        init, align, est = epoch_seconds(videos, contrast=contrast)
        counts = count_bytes(videos, contrast, est.n_negatives)
        for phase, seconds in (("init", init), ("align", align)):
            part = {name: b / len(videos) / 1e6 for name, b in counts[phase].items()}
            speed = sum(counts[phase].values()) / seconds
            print(
                f"{contrast:9}{phase:6}{1e6 * seconds / len(videos):9.0f}"
                f"{sum(part.values()):11.2f} ({part['rows']:.2f} + "
                f"{part['components']:.2f}){speed / 1e9:17.1f}{speed / bandwidth:9.0%}"
            )
    print(f"copy: {copy_bandwidth() / 1e9:.1f} GB/s at the end")


if __name__ == "__main__":
    main()
