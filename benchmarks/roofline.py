"""What the trainer must move through memory, against what the machine can move.

Counts the bytes of an epoch: feature rows read, component weights, Adam's moments and
last directions read and written. Copies a large array in the same run for the
bandwidth, counting what is read and what is written.

    python benchmarks/roofline.py
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from _workload import epoch_seconds, make_videos

from skcrosstask.components import StepComponents
from skcrosstask.learning._candidates import windowed_candidates


def copy_bandwidth(n_bytes: int = 1 << 28, repeats: int = 9) -> float:
    """Bytes a second, read and written, of one thread."""
    source, target = np.ones(n_bytes, np.uint8), np.zeros(n_bytes, np.uint8)
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        np.copyto(target, source)
        best = min(best, time.perf_counter() - start)
    return 2 * n_bytes / best


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
    bandwidth = copy_bandwidth()
    print(f"copy: {bandwidth / 1e9:.1f} GB/s read and written, one thread\n")
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
