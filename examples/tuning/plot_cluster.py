"""
A fit on a cluster
==================

A fit is a sum over shards of videos. A cluster of Dask computes the shards wherever
there is room, and finds the same bits as one thread here. The picture shows who did
what, and when.
"""

# %%
# Features in files
# -----------------
#
# Workers read features themselves, so these lie in files that all of them can reach.

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos

folder = TemporaryDirectory()
videos, tasks = make_instructional_videos(
    n_videos=16, n_features=256, feature_noise=2.0, random_state=0
)
for i, video in enumerate(videos):
    path = Path(folder.name) / f"{i}.npy"
    np.save(path, video.features)
    videos[i] = replace(video, features=path)

settings = {"n_passes": 4, "calibrate": False, "random_state": 0}
here = WeaklySupervisedStepEstimator(**settings).fit(videos)

# %%
# The cluster
# -----------
#
# Two processes stand for two machines. For a real cluster, give ``Client`` the address
# of its scheduler; nothing else changes. (``LocalCluster`` makes one as well, also on
# Windows, but a script must then begin with ``if __name__ == "__main__":``.) Each
# worker keeps its packed rows in ``store_folder``. Dask remembers what it has run.

from distributed import Client, SubprocessCluster, get_task_stream
from joblib import parallel_config

with (
    SubprocessCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster,
    Client(cluster) as client,
    parallel_config("dask"),
):
    client.wait_for_workers(2)
    # So that workers have loaded their code.
    WeaklySupervisedStepEstimator(n_passes=1, calibrate=False).fit(videos[:4])
    with get_task_stream() as stream:
        there = WeaklySupervisedStepEstimator(
            **settings, store_folder=Path(folder.name) / "rows"
        ).fit(videos)
folder.cleanup()

print("the same bits:", there.coef_.tobytes() == here.coef_.tobytes())
for entry in there.history_:
    print(f"{entry['phase']:10}{entry['seconds']:.2f} s")

# %%
# The picture
# -----------
#
# Each bar is a task of Dask: a shard, or a few at once. They are stacked in the order
# in which they began, for each phase anew. A phase ends when its last shard is done, as
# the next one needs the sums of all. Shards go to whoever is free; the sums are added
# in their own order all the same, which is why the bits do not change.
#
# Shards this small are done in milliseconds, and sending them takes longer. A cluster
# pays from some hundred thousand rows on.

import re

import matplotlib.pyplot as plt

phases = ["sample", "pack", "start", *(f"pass {i + 1}" for i in range(4))]
spans = [
    (span["start"], span["stop"], task["worker"], int(calls[1]))
    for task in stream.data
    if (calls := re.search(r"_(\d+)_calls", str(task["key"])))
    for span in task["startstops"]
    if span["action"] == "compute"
]
begin, *_ = min(spans)
n_shards = sum(n for *_, n in spans) // len(phases)
names = sorted({worker for _, _, worker, _ in spans})
colours = dict(zip(names, ("#0072B2", "#E69F00"), strict=False))

figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
n_done = 0
for start, stop, worker, n in sorted(spans):
    phase, height = divmod(n_done, n_shards)
    if height == 0:
        ax.axvline(start - begin, color="0.8", linewidth=0.8, zorder=0)
        # Short phases lie side by side: their names take turns in height.
        above = n_shards + 0.5 + 1.8 * (phase % 2)
        ax.text(start - begin, above, f" {phases[phase]}", fontsize="small")
    ax.barh(
        height, stop - start, n, start - begin, align="edge",
        color=colours[worker], edgecolor=colours[worker], linewidth=1.5,
    )  # fmt: skip
    n_done += n
for number, colour in enumerate(colours.values(), 1):
    ax.plot([], [], "s", color=colour, label=f"worker {number}")
ax.set(xlabel="seconds", ylabel="shards begun in this phase", ylim=(0, n_shards + 4))
ax.spines[["top", "right"]].set_visible(False)
figure.legend(frameon=False, loc="outside lower center", ncols=2)
plt.show()
