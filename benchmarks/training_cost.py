"""Cost of an epoch against what it could depend on, one thing changed at a time.

    python benchmarks/training_cost.py --plot docs/_static/training_cost.png

Expected: in proportion to the number of videos, of features D and of steps K (whose
windows hold the rows that are read), and the same whatever the length T and the number
of components M, as long as windows and tasks are what they were.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from _workload import epoch_seconds, make_videos

from skcrosstask import Task, Video

BASE = {"n_videos": 200, "n_units": 300, "n_steps": 8, "n_features": 1600}
CHANGES = {
    "number of videos": ("n_videos", [50, 100, 200, 400]),
    "length T": ("n_units", [150, 300, 600, 1200]),
    "steps K": ("n_steps", [4, 8, 16, 32]),
    "features D": ("n_features", [400, 800, 1600, 3200]),
    "components M": ("n_idle", [50, 300, 1000, 3100]),
}


def idle_video(n_components: int) -> list[Video]:
    """One video whose task has this many components that no other task has."""
    words = [f"idle{i}" for i in range(n_components)]
    # Ten words make a step.
    steps = [" ".join(words[i : i + 10]) for i in range(0, n_components, 10)]
    noise = np.ones((len(steps), BASE["n_features"]), dtype=np.float32)
    return [Video(noise, Task("idle", steps), name="idle")] if steps else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--plot", type=Path, help="picture to write")
    args = parser.parse_args()
    settings = ", ".join(f"{name} {value}" for name, value in BASE.items())
    print(f"{settings}; contrast over steps; ms an epoch")
    found = {}
    for title, (name, values) in CHANGES.items():
        cost = []
        for value in values:
            others = idle_video(value) if name == "n_idle" else []
            changed = {} if others else {name: value}
            init, align, est = epoch_seconds(
                make_videos(**{**BASE, **changed}), 8, others, contrast="steps"
            )
            cost.append((value if changed else len(est.components_), init, align))
        values, cost = [row[0] for row in cost], [row[1:] for row in cost]
        found[title] = values, 1e3 * np.array(cost)
        row = "  ".join(
            f"{v}: {a:.1f} + {b:.1f}"
            for v, (a, b) in zip(values, found[title][1], strict=True)
        )
        print(f"{title:17} {row}", flush=True)
    if args.plot:
        draw(found, args.plot)


def draw(found, path: Path) -> None:
    """One panel a change, both axes logarithmic."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        1, len(found), figsize=(11, 2.8), sharey=True, layout="constrained"
    )
    for ax, (title, (values, cost)) in zip(axes, found.items(), strict=True):
        for phase, column in zip(
            ("initialisation", "alternation"), cost.T, strict=True
        ):
            ax.plot(values, column, "o-", markersize=4, label=phase)
        ax.set(xscale="log", yscale="log", xlabel=title, xticks=values)
        ax.set_xticks([], minor=True)
        ax.set_xticklabels(values)
        ax.grid(color="#eeeeee")
    axes[0].set_ylabel("ms an epoch")
    axes[0].legend(fontsize=8, frameon=False)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
