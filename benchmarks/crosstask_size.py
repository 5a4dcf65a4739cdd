"""A fit of full size: the release's lengths, 3200 features a second, one split.

30 videos of each primary task and all videos of the related tasks, windows as the
released ones are: the default fit, with packed rows in a file and in memory, which
must learn the same bits, and 30 + 30 epochs of the paper's procedure. Passes on one
thread are held against two. The default fit is held against its bound, reading the
files once and the one product of matrices that packs them, each by itself on two
threads. Files are on the disk, and not in the system's memory, when reading starts.

Feature files are simulated into a folder, which is removed at the end: it takes 10 GB
of disk.

    python benchmarks/crosstask_size.py --data ../shared/data --record

With ``--record``, figures go to ``measured/crosstask_size.csv``; to try it out,
take a few ``--videos`` only.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import shutil
import tempfile
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from _measured import add_record, record
from _workload import ONE_UNIT

from skcrosstask import Video, WeaklySupervisedStepEstimator
from skcrosstask.datasets import (
    load_crosstask,
    make_instructional_videos,
    simulate_features,
)
from skcrosstask.learning._shards import one_blas_thread
from skcrosstask.model_selection import TaskShuffleSplit


def settings_of(epochs):
    """Settings by name; the smallest first, since the peak of memory only grows."""
    one_unit = {**ONE_UNIT, "init_iter": epochs, "max_iter": epochs}
    return {
        "in a file": {"max_memory": 0},
        "one thread": {"n_jobs": 1, "calibrate": False},
        "defaults": {},
        "steps": one_unit,
        "both": {**one_unit, "contrast": "both"},
    }


def training_videos(data: Path, folder: Path, n_features: int, n_videos: int | None):
    """Videos of the paper's split, all or the first, with feature files."""
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
    train = train[:n_videos]
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


def forget(files: Sequence[Path]) -> None:
    """Let the system drop what it keeps of files in memory."""
    for path in files:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def bound(files: Sequence[Path], n_directions: int) -> tuple[float, float]:
    """Seconds of reading all files once, and of the product of their rows alone."""
    rows = np.load(files[0])
    projection = np.ones((rows.shape[1], n_directions), np.float32)
    sizes = [np.load(path, mmap_mode="r").shape[0] for path in files]
    whole, longest = sum(sizes), np.resize(rows, (max(sizes), rows.shape[1]))
    forget(files)
    with ThreadPoolExecutor(2) as pool, one_blas_thread():
        start = time.perf_counter()
        assert sum(pool.map(lambda path: len(np.load(path)), files)) == whole
        read = time.perf_counter() - start
        start = time.perf_counter()
        list(pool.map(lambda n: len(longest[:n] @ projection), sizes))
        return read, time.perf_counter() - start


def measure(params: dict, videos: Sequence[Video]) -> tuple[dict, str]:
    """Figures of one fit, and the digest of what it learnt."""
    est = WeaklySupervisedStepEstimator(**params)
    start = time.perf_counter()
    est.fit(videos)
    whole = time.perf_counter() - start
    learning = sum(entry["seconds"] for entry in est.history_)
    first = est.history_[0]["phase"]
    init = sum(e["seconds"] for e in est.history_ if e["phase"] == first)
    return {
        "fit s": whole,
        "reading s": whole - learning,
        "init s": init,
        "alternation s": learning - init,
        "fastest s": min(entry["seconds"] for entry in est.history_[1:]),
        "peak GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9,
    }, hashlib.sha256(est.coef_.tobytes()).hexdigest()[:12]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--folder", type=Path, help="where to make the folder")
    parser.add_argument("--features", type=int, default=3200)
    parser.add_argument("--epochs", type=int, default=30, help="of each phase")
    parser.add_argument("--videos", type=int, help="by default, all of the split")
    add_record(parser)
    args = parser.parse_args()
    small, _ = make_instructional_videos(2, random_state=0)
    known: dict[str, dict] = {}
    hashes = set()
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        start = time.perf_counter()
        videos = training_videos(args.data, Path(name), args.features, args.videos)
        print(f"features written in {time.perf_counter() - start:.0f} s\n")
        files = sorted(Path(name).rglob("*.npy"))
        read, product = bound(files, 256)
        print(f"bound: files read in {read:.1f} s, multiplied in {product:.1f} s\n")
        print("settings    fit s  of it reading  epochs  fastest  peak GB  coef_")
        for name, params in settings_of(args.epochs).items():
            params = {"random_state": 0, "n_jobs": 2, **params}
            # Compiled code is there before the clock starts.
            WeaklySupervisedStepEstimator(**params).fit(small)
            forget(files)
            known[name], learnt = measure(params, videos)
            if params.get("n_passes") is None:
                hashes.add(learnt)
            if name == "defaults":
                known[name] |= {"files read s": read, "product s": product}
            figures = {"settings": name, "videos": len(videos), **known[name]}
            record(args.record, ["settings"], [figures])
            print(
                f"{name:10}{figures['fit s']:7.1f}{figures['reading s']:15.1f}"
                f"{figures['init s'] + figures['alternation s']:8.1f}"
                f"{figures['fastest s']:9.3f}{figures['peak GB']:9.2f}  {learnt}",
                flush=True,
            )
    one, two = known["one thread"]["fastest s"], known["defaults"]["fastest s"]
    times = known["defaults"]["fit s"] / (read + product)
    print(f"\ndefaults: {times:.2f} times the bound")
    print(f"a pass on two threads: {one / two:.2f} times as fast as on one")
    if len(hashes) > 1:
        raise SystemExit("Rows in a file or threads taught other bits.")


if __name__ == "__main__":
    main()
