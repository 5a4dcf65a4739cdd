"""One fit by threads, processes and a cluster: the same bits, and what each costs.

Each way runs in a process of its own: one thread, two threads, two processes of loky,
and a Dask cluster of two processes on this machine, of which the last run kills one in
the middle of the fit. Videos are drawn as they are read, so that no disk is needed; the
packed rows take half of ``--limit`` at the most, and go to files beyond that.

    python -m pip install -e '.[bench,dask]'
    python benchmarks/scale_out.py
    python benchmarks/scale_out.py --videos 20000 --features 64 --limit 2e8 --ways two

With ``--record``, figures go to ``measured/scale_out.csv``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
from _drawn import draw_videos
from _measured import add_record, record
from joblib import parallel_config

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.learning.segments._passes import SegmentPasses


class Watch:
    """Peak of the memory of this process, and of its largest child."""

    def __init__(self):
        self.here = self.child = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._over.set()
        self._thread.join()

    def _look(self):
        me = psutil.Process()
        while not self._over.wait(0.02):
            self.here = max(self.here, me.memory_info().rss)
            for child in me.children(recursive=True):
                try:
                    self.child = max(self.child, child.memory_info().rss)
                except psutil.Error:
                    continue


@contextmanager
def cluster(kill: bool = False):
    """A Dask cluster of two processes; one may be killed in the second pass."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        ) as workers,
        Client(workers) as client,
        parallel_config("dask"),
    ):
        client.run(compile_kernels)
        if kill:
            kill_in_second_pass(next(iter(client.run(os.getpid).values())))
        yield


def kill_in_second_pass(pid: int) -> None:
    epoch, passes = SegmentPasses.epoch, []

    def killing(self, source):
        passes.append(source.phase)
        if len(passes) == 2:
            threading.Timer(0.1, os.kill, (pid, signal.SIGKILL)).start()
        return epoch(self, source)

    SegmentPasses.epoch = killing


@contextmanager
def processes():
    with parallel_config("loky", n_jobs=2):
        yield


def compile_kernels() -> None:
    videos, _ = make_instructional_videos(6, random_state=0)
    WeaklySupervisedStepEstimator(n_passes=1).fit(videos)


def run_way(args) -> None:
    """One way, in this process; prints what it found."""
    videos = draw_videos(args.videos, args.units, args.features)
    options = {"max_memory": args.limit / 2}
    compile_kernels()
    with tempfile.TemporaryDirectory(dir=args.folder) as folder, Watch() as watch:
        way = args.way
        if way in ("loky", "dask", "killed"):
            options["store_folder"] = folder
            where = processes() if way == "loky" else cluster(way == "killed")
        else:
            where = parallel_config("threading", n_jobs=1 if way == "one" else 2)
        with where:
            start = time.perf_counter()
            est = WeaklySupervisedStepEstimator(random_state=0, **options).fit(videos)
            seconds = time.perf_counter() - start
    bits = est.coef_.tobytes() + repr((est.temperature_, est.agreement_)).encode()
    found = {
        "hash": hashlib.sha256(bits).hexdigest()[:12],
        "fit": seconds,
        "passes": sum(entry["seconds"] for entry in est.history_),
        "pass": min(entry["seconds"] for entry in est.history_[1:]),
        "here": watch.here,
        "child": watch.child,
    }
    print(json.dumps(found))


WAYS = {
    "one": "one thread",
    "two": "two threads",
    "loky": "loky, two processes",
    "dask": "Dask, two processes",
    "killed": "Dask, one killed",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--videos", type=int, default=800)
    parser.add_argument("--units", type=int, default=300)
    parser.add_argument("--features", type=int, default=256)
    parser.add_argument("--limit", type=float, default=4e9, help="bytes")
    parser.add_argument("--folder", type=Path, help="where workers keep rows")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    add_record(parser)
    args = parser.parse_args()
    if args.way:
        return run_way(args)
    print(f"{args.videos} videos of {args.units} rows of {args.features} features")
    print("                      fit s  passes  fastest  peak here GB  worker GB  hash")
    given = [arg for arg in sys.argv[1:] if arg not in ("--ways", *WAYS)]
    hashes = set()
    for way in args.ways:
        command = [sys.executable, __file__, *given, "--way", way]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        hashes.add(found["hash"])
        names = {"videos": args.videos, "features": args.features, "way": WAYS[way]}
        figures = {"fit s": found["fit"], "passes s": found["passes"]}
        figures |= {"fastest pass s": found["pass"]}
        figures |= {"peak GB": found["here"] / 1e9, "worker GB": found["child"] / 1e9}
        record(args.record, list(names), [{**names, **figures, "hash": found["hash"]}])
        print(
            f"{WAYS[way]:20}{found['fit']:7.1f}{found['passes']:8.2f}"
            f"{found['pass']:9.3f}"
            f"{found['here'] / 1e9:14.2f}{found['child'] / 1e9:11.2f}  {found['hash']}",
            flush=True,
        )
    if len(hashes) > 1:
        raise SystemExit("The hashes differ.")


if __name__ == "__main__":
    main()
