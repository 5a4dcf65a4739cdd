"""Speed of placing steps, beside the textbook's states and NumPy.

The textbook kernel has the 2K + 1 states of the paper's supplement, background and
steps in turn, and is written here in the plainest loops, compiled as ours are. NumPy
works on all steps at once, a time unit after the other. All run in turn on the same
costs, on one thread, and must give the same placements; the best run of each counts.
Then many videos: `align_steps` in a loop beside `align_many` with one and two threads.

    python benchmarks/alignment_speed.py
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

import llvmlite.binding
import numpy as np

from skcrosstask._jit import kernel
from skcrosstask.alignment import align_many, align_steps
from skcrosstask.alignment._align import place_steps
from skcrosstask.alignment._kernels import place_units

SIZES = [(300, 8), (1000, 11), (5000, 20), (100_000, 50)]
# Videos, and from how many to how many time units, and steps.
SETS = [
    (2000, 80, 300, 8),
    (2000, 300, 300, 8),
    (1000, 1000, 1000, 11),
    (100, 5000, 5000, 20),
    (4, 100_000, 100_000, 50),
]


@kernel
def textbook(cost):
    """Times of the steps, by 2K + 1 states: even ones background, odd ones steps."""
    n_units, n_steps = cost.shape
    n_states = 2 * n_steps + 1
    best = np.full((n_units, n_states), np.inf)
    back = np.zeros((n_units, n_states), dtype=np.int8)
    best[0, 0] = 0.0
    best[0, 1] = cost[0, 0]
    for t in range(1, n_units):
        for s in range(n_states):
            if s % 2 == 0:
                # Background: from itself, or from the step before.
                best[t, s] = best[t - 1, s]
                if s > 0 and best[t - 1, s - 1] < best[t, s]:
                    best[t, s] = best[t - 1, s - 1]
                    back[t, s] = 1
            else:
                # A step: from the background before, or from the step before that.
                best[t, s] = best[t - 1, s - 1]
                back[t, s] = 1
                if s > 1 and best[t - 1, s - 2] < best[t, s]:
                    best[t, s] = best[t - 1, s - 2]
                    back[t, s] = 2
                best[t, s] += cost[t, s // 2]
    times = np.empty(n_steps, dtype=np.int64)
    s = n_states - 1
    if best[n_units - 1, s - 1] < best[n_units - 1, s]:
        s -= 1
    for t in range(n_units - 1, -1, -1):
        if s % 2 == 1:
            times[s // 2] = t
        s -= back[t, s]
    return times


def in_numpy(cost):
    """Times of the steps, all steps at once."""
    n_units, n_steps = cost.shape
    best = np.full(n_steps + 1, np.inf)
    best[0] = 0.0
    placed = np.empty(cost.shape, dtype=bool)
    for t in range(n_units):
        place = best[:-1] + cost[t]
        np.less(place, best[1:], out=placed[t])
        np.minimum(place, best[1:], out=best[1:])
    times = np.empty(n_steps, dtype=np.int64)
    t = n_units
    for k in range(n_steps - 1, -1, -1):
        t = np.flatnonzero(placed[:t, k])[-1]
        times[k] = t
    return times


def bare_kernel(cost: np.ndarray) -> Callable[[], np.ndarray]:
    n_steps = cost.shape[1]
    best, placed = np.empty((1, n_steps + 1)), np.empty(cost.shape, dtype=np.bool_)
    times = np.empty(n_steps, dtype=np.int64)

    def run():
        place_units(cost, best, placed, times)
        return times

    return run


def race(runs: dict[str, Callable], seconds: float) -> dict[str, float]:
    """Seconds of each: the best of alternating runs, in warm caches."""
    repeats = {}
    for name, run in runs.items():
        run()
        start = time.perf_counter()
        run()
        # Short runs are too short for the clock.
        repeats[name] = max(1, int(2e-3 / (time.perf_counter() - start)))
    best = dict.fromkeys(runs, np.inf)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for name, run in runs.items():
            # The first of these finds what the one before left in the caches.
            for _ in range(3):
                start = time.perf_counter()
                for _ in range(repeats[name]):
                    run()
                lasted = time.perf_counter() - start
                best[name] = min(best[name], lasted / repeats[name])
    return best


def one_video(n_units: int, n_steps: int, dtype: type, seconds: float):
    cost = np.random.default_rng(0).random((n_units, n_steps)).astype(dtype)
    runs = {
        "place_units": bare_kernel(cost),
        "place_steps": lambda: place_steps(cost)[0],
        "align_steps": lambda: align_steps(cost),
        "2K+1 states": lambda: textbook(cost),
        "NumPy": lambda: in_numpy(cost),
    }
    expected = align_steps(cost)
    for name, run in runs.items():
        assert np.array_equal(run(), expected), name
    return {name: s / cost.size * 1e9 for name, s in race(runs, seconds).items()}


def many_videos(
    n_videos: int, low: int, high: int, n_steps: int, dtype: type, seconds: float
):
    rng = np.random.default_rng(0)
    lengths = rng.integers(low, high + 1, n_videos)
    costs = [rng.random((n, n_steps)).astype(dtype) for n in lengths]
    runs = {
        "loop": lambda: [align_steps(cost) for cost in costs],
        "1 thread": lambda: align_many(costs, n_jobs=1),
        "2 threads": lambda: align_many(costs, n_jobs=2),
    }
    expected = runs["loop"]()
    for name, run in runs.items():
        assert all(map(np.array_equal, run(), expected)), name
    n_cells = sum(cost.size for cost in costs)
    return {name: s / n_cells * 1e9 for name, s in race(runs, seconds).items()}


def machine() -> str:
    features = llvmlite.binding.get_host_cpu_features()
    known = ("avx512f", "avx2", "avx", "sse4.2", "sve", "neon")
    best = next((name for name in known if features.get(name)), "no known vectors")
    return f"{os.cpu_count()} cores, {best}"


def print_row(label: str, cells: list[str]) -> None:
    print(f"{label:<32}" + "".join(f"{cell:>13}" for cell in cells))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=6.0, help="of each comparison")
    seconds = parser.parse_args().seconds
    kinds = [(np.float32, "float32"), (np.float64, "float64")]
    singles = {
        f"T={n_units}, K={n_steps}, {name}": one_video(n_units, n_steps, dtype, seconds)
        for n_units, n_steps in SIZES
        for dtype, name in kinds
    }
    batches = {}
    for n_videos, low, high, n_steps in SETS:
        for dtype, name in kinds:
            units = str(low) if low == high else f"{low}-{high}"
            label = f"{n_videos} x T={units}, K={n_steps}, {name}"
            batches[label] = many_videos(n_videos, low, high, n_steps, dtype, seconds)
    print(f"{machine()}; one thread unless said otherwise\n")
    others = ["align_steps", "2K+1 states", "NumPy"]
    print_row("time, kernel place_units = 1", others)
    for label, ns in singles.items():
        print_row(label, [f"{ns[name] / ns['place_units']:.2f}" for name in others])
    print()
    print_row("speed, loop of align_steps = 1", ["1 thread", "2 threads"])
    for label, ns in batches.items():
        print_row(label, [f"{ns['loop'] / ns[n]:.2f}" for n in list(ns)[1:]])
    for title, table in [("ns a cell", singles), ("ns a cell, batch", batches)]:
        print()
        print_row(title, list(next(iter(table.values()))))
        for label, ns in table.items():
            print_row(label, [f"{value:.3f}" for value in ns.values()])


if __name__ == "__main__":
    main()
