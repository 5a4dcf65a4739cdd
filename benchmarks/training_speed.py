"""Training speed beside the published procedure, on the same videos.

The peer is the procedure of the paper as a PyTorch script would have it, written here
from its description: all rows of a video in memory, dropout on the whole matrix, one
video and one dense Adam step at a time, on the CPU. Both train on the same videos, for
the same epochs, from the paper's loss; they run in turn, each in a process of its own,
and are compared by ratios.

    python -m pip install torch
    python benchmarks/training_speed.py --data ../shared/data --record

Features are simulated on the real timelines, 3200 a second, and take 2.5 GB of disk
while it runs. With ``--record``, figures go to ``measured/training_speed.csv``; to
try it out, take fewer ``--features`` or ``--sides``.
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from _measured import add_record, record
from _workload import ONE_UNIT

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.alignment import align_steps
from skcrosstask.components import StepComponents
from skcrosstask.datasets import (
    load_crosstask,
    make_instructional_videos,
    simulate_features,
)
from skcrosstask.metrics import step_recall

# Narration that is mostly right, so that few videos teach enough to compare recall.
GENERATOR = {"n_features": 3200, "noise": 1.5, "heard": 0.9}
N_PRIMARY, N_RELATED, N_TEST = 10, 2, 20  # videos a task


def choose_videos(data: Path, folder: Path, n_features: int):
    """Training videos of all 83 tasks, test videos of the primary ones."""
    with warnings.catch_warnings():
        # The release comes without features; they are simulated here.
        warnings.simplefilter("ignore", UserWarning)
        release = load_crosstask(data / "crosstask_release")
    primary = {task.name for task in release.primary}
    rng = np.random.default_rng(0)
    train, test = [], []
    for name in {task.name: None for task in release.tasks}:
        own = [i for i, task in enumerate(release.tasks) if task.name == name]
        own = rng.permutation(own).tolist()
        if name in primary:
            train += own[:N_PRIMARY]
            test += own[N_PRIMARY : N_PRIMARY + N_TEST]
        else:
            train += own[:N_RELATED]
    videos = simulate_features(
        [release.videos[i] for i in train + test],
        [release.lengths[i] for i in train + test],
        directory=folder,
        **{**GENERATOR, "n_features": n_features},
    )
    return videos[: len(train)], videos[len(train) :]


def train_ours(videos, test, epochs, seed, rate, contrast="steps", **options):
    settings = {**ONE_UNIT, "contrast": contrast, "random_state": seed, **options}
    small, _ = make_instructional_videos(2, random_state=0)
    # Compiled code is there before the clock starts.
    WeaklySupervisedStepEstimator(init_iter=1, max_iter=1, **settings).fit(small)
    est = WeaklySupervisedStepEstimator(
        init_iter=epochs, max_iter=epochs, learning_rate=rate, **settings
    )
    start = time.perf_counter()
    est.fit(videos)
    whole = time.perf_counter() - start
    seconds = [entry["seconds"] for entry in est.history_]
    return {
        "init": sum(seconds[:epochs]) / epochs / len(videos),
        "align": sum(seconds[epochs:]) / epochs / len(videos),
        "whole": whole,
        "components": len(est.components_),
        "recall": est.score(test),
    }


def train_defaults(videos, test, epochs, seed, rate):
    """The defaults: whole segments of conditioned features, without a rate."""
    small, _ = make_instructional_videos(2, random_state=0)
    WeaklySupervisedStepEstimator().fit(small)
    start = time.perf_counter()
    est = WeaklySupervisedStepEstimator().fit(videos)
    whole = time.perf_counter() - start
    phase = {"start": 0.0, "segments": 0.0}
    for entry in est.history_:
        phase[entry["phase"]] += entry["seconds"] / len(videos)
    return {
        "init": phase["start"],
        "align": phase["segments"] / est.n_passes,
        "whole": whole,
        "components": len(est.components_),
        "recall": est.score(test),
    }


def train_peer(videos, test, epochs, seed, rate):
    """The published procedure: dense in rows, features and components."""
    import torch

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    start = time.perf_counter()
    components = StepComponents().update([video.task for video in videos])
    sharing = {
        video.task: torch.tensor(components.matrix(video.task), dtype=torch.float32)
        for video in [*videos, *test]
    }
    features = [torch.from_numpy(np.array(video.open())) for video in videos]
    outside = [outside_of(video) for video in videos]
    linear = torch.nn.Linear(features[0].shape[1], len(components.names))
    torch.nn.init.zeros_(linear.weight)
    torch.nn.init.zeros_(linear.bias)
    dropout = torch.nn.Dropout(0.5)
    adam = torch.optim.Adam(linear.parameters(), lr=rate)

    def log_probabilities(i):
        scores = linear(dropout(features[i])) @ sharing[videos[i].task].T
        return torch.log_softmax(scores, dim=1)

    seconds = {"init": 0.0, "align": 0.0}
    for phase in seconds:
        phase_start = time.perf_counter()
        for _ in range(epochs):
            for i in rng.permutation(len(videos)):
                if phase == "init":
                    cost = rng.random(outside[i].shape) + outside[i]
                else:
                    with torch.no_grad():
                        cost = -log_probabilities(i).numpy() + 1e4 * outside[i]
                times = align_steps(cost)
                log_p = log_probabilities(i)
                loss = -log_p[times, range(len(times))].sum() / len(log_p)
                adam.zero_grad()
                loss.backward()
                adam.step()
        seconds[phase] = (time.perf_counter() - phase_start) / epochs / len(videos)
    whole = time.perf_counter() - start
    predicted = []
    with torch.no_grad():
        for video in test:
            rows = torch.from_numpy(np.array(video.open()))
            scores = linear(rows) @ sharing[video.task].T
            predicted.append(align_steps(-torch.log_softmax(scores, dim=1).numpy()))
    recall = step_recall(
        [v.annotation for v in test], predicted, [v.task for v in test]
    )
    return {**seconds, "whole": whole, "components": len(components.names),
            "recall": recall}  # fmt: skip


def outside_of(video):
    """Cells outside the windows; a step without one may be anywhere."""
    n_units, n_steps = video.shape[0], len(video.task.steps)
    inside = np.zeros((n_units, n_steps), dtype=bool)
    for step, start, end in video.windows:
        inside[int(np.floor(start)) : int(np.ceil(end)), int(step)] = True
    inside[:, ~inside.any(axis=0)] = True
    return ~inside


SIDES = {
    "ours": train_ours,
    "ours, both": lambda *args: train_ours(*args, contrast="both"),
    "defaults": train_defaults,
    "peer": train_peer,
}


def run(side: str, folder: Path, epochs: int, seed: int, rate: float) -> dict:
    """One side in a process of its own."""
    options = {"side": side, "folder": folder, "epochs": epochs, "seed": seed,
               "rate": rate}  # fmt: skip
    pairs = [(f"--{name}", str(value)) for name, value in options.items()]
    command = [sys.executable, __file__, *(part for pair in pairs for part in pair)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def run_side(args) -> None:
    with (args.folder / "videos.pickle").open("rb") as file:
        train, test = pickle.load(file)
    result = SIDES[args.side](train, test, args.epochs, args.seed, args.rate)
    result["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(result))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5, help="of each phase")
    parser.add_argument("--rate", type=float, default=2e-6)
    parser.add_argument("--features", type=int, default=GENERATOR["n_features"])
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    add_record(parser)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.side:
        return run_side(args)
    results: dict[str, list[dict]] = {side: [] for side in args.sides}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train, test = choose_videos(args.data, folder, args.features)
        with (folder / "videos.pickle").open("wb") as file:
            pickle.dump((train, test), file)
        print(f"{len(train)} videos of 83 tasks, {len(test)} to test, "
              f"D = {args.features}, "
              f"{args.epochs} + {args.epochs} epochs, simulated features")  # fmt: skip
        for seed in range(args.seeds):
            for side, found in results.items():
                found.append(run(side, folder, args.epochs, seed, args.rate))
                print(f"seed {seed}, {side:10}: {1e3 * found[-1]['init']:7.3f} + "
                      f"{1e3 * found[-1]['align']:7.3f} ms a video, recall "
                      f"{100 * found[-1]['recall']:.1f}", flush=True)  # fmt: skip
    n_components = next(iter(results.values()))[0]["components"]
    print(f"\nM = {n_components} components")
    lines = figures_of(results)
    record(args.record, ["side"], lines, seeds=args.seeds)
    show(lines, len(train), args.epochs)


def figures_of(results: dict[str, list[dict]]) -> list[dict]:
    """Means over seeds, side by side; ratios are to the peer, if it ran."""

    def mean(side, key):
        return float(np.mean([found[key] for found in results[side]]))

    lines = []
    for side in results:
        cost = mean(side, "init") + mean(side, "align")
        peer = "peer" in results and mean("peer", "init") + mean("peer", "align")
        lines.append(
            {
                **{"side": side, "ratio": peer / cost if peer else np.nan},
                **{"videos/s": 2 / cost, "init ms": 1e3 * mean(side, "init")},
                **{"align ms": 1e3 * mean(side, "align"), "fit s": mean(side, "whole")},
                "recall": 100 * mean(side, "recall"),
                "peak GB": mean(side, "memory") / 1e9,
            }
        )
    return lines


def show(lines: list[dict], n_videos: int, epochs: int) -> None:
    print(
        "                  ratio  videos/s  init ms  align ms  fit s  recall  peak GB"
    )
    for line in lines:
        print(
            f"{line['side']:15}{line['ratio']:8.1f}{line['videos/s']:10.0f}"
            f"{line['init ms']:9.3f}{line['align ms']:10.3f}{line['fit s']:7.1f}"
            f"{line['recall']:8.1f}{line['peak GB']:9.2f}"
        )
    print(
        f"videos/s and ms: epochs of initialisation and alternation ({epochs} each); "
        f"fit: with reading {n_videos} videos"
    )


if __name__ == "__main__":
    main()
