"""Whether a run of the experiments that is killed again and again gives its table.

Runs `reproduce table3` once undisturbed, then again in another folder, where the
process is killed (SIGKILL) at random moments and started anew, and compares the tables
byte for byte. Cells that were finished must not be computed again.

    python benchmarks/kill_and_resume.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np


def start(args: argparse.Namespace, out: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "skcrosstask", "reproduce", "table3", "--quiet"]
    command += ["--data", args.data, "--splits", str(args.splits), "--n-jobs", "2"]
    command += ["--out", str(out)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def finished(out: Path) -> dict[str, int]:
    return {p.name: p.stat().st_mtime_ns for p in (out / "cells").glob("*.json")}


def undisturbed(args: argparse.Namespace, out: Path) -> tuple[float, float]:
    """Seconds until the first cell is there, and in all."""
    begin = time.perf_counter()
    process, first = start(args, out), None
    while process.poll() is None:
        if first is None and finished(out):
            first = time.perf_counter() - begin
        time.sleep(0.02)
    if process.returncode != 0 or first is None:
        raise SystemExit("the undisturbed run failed")
    return first, time.perf_counter() - begin


def kill_and_resume(
    args: argparse.Namespace, out: Path, first: float, last: float
) -> int:
    """Kill after random delays; number of cells that were computed twice."""
    # Some kills come while features are drawn, more while cells are computed.
    latest = first + 2 * (last - first) / args.kills
    rng = np.random.default_rng(args.seed)
    known: dict[str, int] = {}
    again = 0
    for i in range(args.kills):
        process = start(args, out)
        delay = rng.uniform(first / 2, latest)
        try:
            process.wait(delay)
            how = f"ended by itself with {process.returncode}"
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            how = f"killed after {delay:.1f} s"
        now = finished(out)
        again += sum(now.get(name) != stamp for name, stamp in known.items())
        known = now
        print(f"{i + 1}: {how}, {len(known)} cells are there", flush=True)
    if start(args, out).wait() != 0:
        raise SystemExit("the last run failed")
    return again + sum(finished(out).get(n) != stamp for n, stamp in known.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        whole, killed = Path(folder) / "whole", Path(folder) / "killed"
        first, seconds = undisturbed(args, whole)
        print(
            f"undisturbed: {len(finished(whole))} cells in {seconds:.0f} s", flush=True
        )
        again = kill_and_resume(args, killed, first, seconds)
        equal = all(
            (whole / name).read_bytes() == (killed / name).read_bytes()
            for name in ("table3.csv", "table3.md")
        )
    print(f"cells computed again although finished: {again}")
    print(f"tables {'are equal' if equal else 'DIFFER'}, simulated features")
    raise SystemExit(0 if equal and not again else 1)


if __name__ == "__main__":
    main()
