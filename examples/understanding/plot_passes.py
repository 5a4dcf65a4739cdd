"""
How the labels settle, pass by pass
===================================

Where are the steps, and what do they look like? Each question is easy once the other is
answered, so a fit takes turns. This example watches the labels of one training video.
"""

# %%
# Stop after each pass
# --------------------
#
# Nothing is random in the default fit. A fit with ``n_passes=2`` therefore is the first
# half of one with four, and fits of different length show the course of one. The
# features are noisy here, and a third of the windows are wrong.

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.metrics import frame_accuracy, frame_labels

videos, tasks = make_instructional_videos(
    n_videos=8, n_tasks=3, feature_noise=1.5, missing=0, random_state=1
)
passes = [1, 2, 3, 4]
fits = [
    WeaklySupervisedStepEstimator(n_passes=n, calibrate=False).fit(videos)
    for n in passes
]
truth = [frame_labels(video.annotation, len(video.features)) for video in videos]
found = [fit.predict_segments(videos) for fit in fits]
for n, labels in zip(passes, found, strict=True):
    print(
        f"pass {n}: {frame_accuracy(truth, labels, ignore=-1):.2f} of the steps' time"
    )

# %%
# What moves
# ----------
#
# ``history_`` says what share of the steps each pass has moved to a place that has
# nothing in common with the one before.

for entry in fits[-1].history_:
    moved = entry.get("moved", np.nan)
    print(f"{entry['phase']:9} moved {moved:4.0%}  objective {entry['objective']:.2f}")

# %%
# The picture
# -----------
#
# One video, from top to bottom: the windows, from which the fit starts; the segments
# after each pass; the truth, which the fit never sees. Background is left white.

import matplotlib.pyplot as plt
from matplotlib.colors import ListedColormap

right = [
    [np.mean(a == b) for a, b in zip(truth, labels, strict=True)]
    for labels in (found[0], found[-1])
]
shown = int(np.argmax(np.subtract(right[1], right[0])))
video = videos[shown]
n_seconds, steps = len(video.features), video.task.steps
windows = np.full(n_seconds, -1)
for step, start, end in video.windows:
    windows[int(start) : int(end)] = step
rows = {
    "windows": windows,
    **{f"pass {n}": labels[shown] for n, labels in zip(passes, found, strict=True)},
    "truth": truth[shown],
}
colours = ["white", "#0072B2", "#E69F00", "#44AA99", "#882255", "#999933"]
figure, axes = plt.subplots(
    len(rows), 1, sharex=True, figsize=(8, 4), layout="constrained"
)
for ax, (name, labels) in zip(axes, rows.items(), strict=True):
    ax.imshow(
        np.asarray(labels)[None],
        cmap=ListedColormap(colours[: len(steps) + 1]),
        vmin=-1.5,
        vmax=len(steps) - 0.5,
        aspect="auto",
        interpolation="nearest",
        extent=(0, n_seconds, 0, 1),
    )
    ax.set_ylabel(name, rotation=0, ha="right", va="center")
    ax.set_yticks([])
axes[-1].set_xlabel("time (s)")
handles = [plt.Rectangle((0, 0), 1, 1, color=c) for c in colours[1:]]
figure.legend(
    handles[: len(steps)], steps, loc="outside upper center", ncols=3, frameon=False
)
plt.show()
