"""What a pass costs on many machines, by simulation and by arithmetic.

Measures what one shard takes here: the work on it, the bytes of the task and of its
result, and what is done where ``fit`` was called. Then it simulates clusters, task by
task: one link, over which one message goes at a time, and workers that hold one task
while the next one travels. The arithmetic of the manual is the largest of three: the
work over the workers, the bytes over the link, and what is done alone. Videos come in
turn from all tasks, or sorted by task, where a shard has fewer steps and messages are
small. Packed rows that do not fit into the workers' memory are read in each pass. With
``--dask``, a cluster of two processes on this machine is held against its simulation:
what it takes beyond that is Dask's own work for each task, which clusters pay too.

    python -m pip install -e '.[bench,dask]'
    python benchmarks/cluster_cost.py --dask
"""

from __future__ import annotations

import argparse
import heapq
import pickle
import tempfile
import time
from typing import NamedTuple

import numpy as np
from _drawn import draw_videos

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.learning.segments._kernels import add_sums
from skcrosstask.learning.segments._labels import SegmentSource
from skcrosstask.learning.segments._passes import SegmentPasses
from skcrosstask.learning.segments._shard import label_shard

# Rows of shards, and of collections at one a second.
SHARD = 2**15
ROWS = {"CrossTask": 1.35e6, "COIN": 1.7e6, "HowTo100M": 484e6}


class Costs(NamedTuple):
    """Seconds and bytes of one shard, and seconds of the closed form of a pass."""

    work: float
    task: int
    result: int
    add: float
    solve: float


def fastest(function):
    """Seconds of the fastest of three calls."""
    found = []
    for _ in range(3):
        start = time.perf_counter()
        function()
        found.append(time.perf_counter() - start)
    return min(found)


def learnt_passes(videos) -> SegmentPasses:
    """Passes that know their rows, after two of them."""
    kept = []
    epoch = SegmentPasses.epoch

    def keep(self, source):
        kept.append(self)
        return epoch(self, source)

    SegmentPasses.epoch = keep
    try:
        est = WeaklySupervisedStepEstimator(n_passes=2, calibrate=False, n_jobs=1)
        est.fit(videos)
    finally:
        SegmentPasses.epoch = epoch
    return kept[-1]


def measure(passes: SegmentPasses) -> Costs:
    """What a shard of full size takes."""
    source = SegmentSource("segments")
    shard, chosen = max(passes.chosen(passes.members), key=lambda work: len(work[1]))
    task = shard, passes.known_to(shard), chosen, source
    found = label_shard(*task)
    folds, steps, _ = passes._pairs(shard)
    counts = np.zeros((int(folds.max()) + 1, passes.steps.matrix.shape[0]))
    sums = np.zeros((*counts.shape, found.sums.shape[1]))
    share = SHARD / shard.rows.offsets[-1]
    whole = fastest(lambda: passes.epoch(source))
    work = fastest(lambda: label_shard(*task))
    n_shards = passes.store.n_rows / shard.rows.offsets[-1]
    return Costs(
        work * share,
        int(len(pickle.dumps(task)) * share),
        int(len(pickle.dumps(found)) * share),
        fastest(lambda: add_sums(folds, steps, found.counts, found.sums, counts, sums)),
        max(whole - n_shards * work, 0.0),
    )


def simulate(n_workers: int, n_shards: int, costs: Costs, bandwidth: float) -> float:
    """Seconds of a pass, event by event."""
    link = adds = 0.0  # when the link, and who adds, are free again
    # When each worker wants a message, what kind, and when it ends its last task.
    events = [(0.0, i, "task") for i in range(min(n_workers, n_shards))]
    ends, sent = [0.0] * n_workers, 0
    while events:
        now, i, kind = heapq.heappop(events)
        if kind == "task":
            if sent == n_shards:
                continue
            sent += 1
            link = max(now, link) + costs.task / bandwidth
            start = max(link, ends[i])
            ends[i] = start + costs.work
            heapq.heappush(events, (ends[i], i, "result"))
            heapq.heappush(events, (start, i, "task"))  # the next may come meanwhile
        else:
            link = max(now, link) + costs.result / bandwidth
            adds = max(adds, link) + costs.add
    return adds + costs.solve


def arithmetic(n_workers: int, n_shards: int, costs: Costs, bandwidth: float) -> float:
    """Seconds of a pass, as the manual has it."""
    rounds = -(-n_shards // n_workers)
    message = (costs.task + costs.result) / bandwidth
    return max(rounds * costs.work, n_shards * message, n_shards * costs.add) + (
        costs.solve
    )


def dask_pass(videos) -> float:
    """Seconds of the fastest pass on two processes."""
    from distributed import Client, LocalCluster
    from joblib import parallel_config

    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster),
        parallel_config("dask"),
    ):
        est = WeaklySupervisedStepEstimator(
            n_passes=6, calibrate=False, store_folder=folder
        ).fit(videos)
    return min(entry["seconds"] for entry in est.history_[1:])


def dask_work(videos, passes: SegmentPasses, costs: Costs, bandwidth: float) -> float:
    """Seconds of Dask's own work for each task."""
    n_shards = len(passes.shards)
    share = passes.store.n_rows / n_shards / SHARD
    here = costs._replace(work=costs.work * share)
    guess = simulate(2, n_shards, here, bandwidth)
    seconds = dask_pass(videos)
    own = max(seconds - guess, 0.0) / n_shards
    print(
        f"Dask, two processes: {seconds:.3f} s a pass of {n_shards} shards, simulated "
        f"{guess:.3f} s: {1e3 * own:.1f} ms of its own per task"
    )
    return own


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--videos", type=int, default=3600)
    parser.add_argument("--features", type=int, default=256)
    parser.add_argument("--bandwidth", type=float, default=300e6, help="bytes a second")
    parser.add_argument("--disk", type=float, default=500e6, help="bytes a second")
    parser.add_argument("--memory", type=float, default=8e9, help="bytes of a worker")
    parser.add_argument("--workers", type=int, nargs="+", default=[2, 32, 512])
    parser.add_argument("--dask", action="store_true")
    args = parser.parse_args()
    videos = draw_videos(args.videos, 300, args.features)
    by_task = sorted(videos, key=lambda video: video.task.name)
    head = "seconds a pass   workers  simulated  arithmetic"
    for order, given in (("by task", by_task), ("in turn", videos)):
        passes = learnt_passes(given)
        costs = measure(passes)
        print(
            f"\n{order}, {SHARD} rows: work {1e3 * costs.work:.1f} ms, task "
            f"{costs.task / 1e6:.2f} MB, result {costs.result / 1e6:.2f} MB, adding "
            f"{1e3 * costs.add:.2f} ms; closed form {1e3 * costs.solve:.0f} ms"
        )
        own = None
        if args.dask:
            own = dask_work(given, passes, costs, args.bandwidth)
        print(head if own is None else f"{head}  with Dask's own")
        for name, rows in ROWS.items():
            show(name, int(rows / SHARD), costs, own, args)


def show(name, n_shards: int, costs: Costs, own: float | None, args) -> None:
    """Print what a pass over a collection takes on each number of workers."""
    packed = 2 * SHARD * args.features  # float16
    for n in args.workers:
        outside = n_shards * packed > n * args.memory
        read = packed / args.disk if outside else 0.0
        here = costs._replace(work=costs.work + read)
        whole = simulate(n, n_shards, here, args.bandwidth)
        guess = arithmetic(n, n_shards, here, args.bandwidth)
        dask = ""
        if own is not None:
            busy = here._replace(add=here.add + own)
            dask = f"{simulate(n, n_shards, busy, args.bandwidth):17.2f}"
        print(f"{name:17}{n:7}{whole:11.2f}{guess:12.2f}{dask}")


if __name__ == "__main__":
    main()
