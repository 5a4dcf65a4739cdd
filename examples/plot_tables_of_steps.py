"""
Tables of steps
===============

``predict`` returns rows of features. ``locate`` returns a table with the names of the
steps, their start, end and best moment in seconds, and how certain they are.
"""

# %%
# A table
# -------
#
# The features of these videos come twice a second; ``rate`` says so.

from dataclasses import replace

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos

videos, tasks = make_instructional_videos(n_videos=20, random_state=0)
train, test = videos[:-40], videos[-40:]
estimator = WeaklySupervisedStepEstimator(random_state=0).fit(train)

unknown = [replace(video, annotation=None, windows=None, rate=2) for video in test]
table = estimator.locate(unknown)
print(table.to_frame().head().round(2).to_string())

# %%
# In a notebook, the table shows itself with a bar for each video:

table

# %%
# Files for other programs
# ------------------------
#
# CSV and JSON hold all videos. Chapters are for one video a file. Here are those of the
# first.

first = next(iter(table.by_video().values()))
print(first.to_vtt())

# %%
# ``table.to_vtt("chapters")`` writes one file for each video into a folder, and
# ``to_ffmetadata``, ``to_elan`` and the command ``predict --out`` do so too.

# %%
# Can the confidence be trusted?
# ------------------------------
#
# ``confidence`` is the probability that the step is going on at its best moment. These
# videos are generated, so the truth is known: among the steps with a confidence around
# 0.8, about as many should be right.

import matplotlib.pyplot as plt

truth = {video.name: video.annotation for video in test}
sure = np.array([row.confidence for row in table])
right = np.array(
    [
        any(k == row.step and s <= 2 * row.time < e for k, s, e in truth[row.video])
        for row in table
    ]
)
print(f"mean confidence {sure.mean():.2f}, right {right.mean():.2f}")

edges = np.array([0, 0.25, 0.5, 0.75, 0.9, 1])
group = np.digitize(sure, edges[1:-1])
shown = np.unique(group)
figure, ax = plt.subplots(figsize=(4, 4))
ax.plot([0, 1], [0, 1], color="0.6", linestyle="--")
ax.scatter(
    [sure[group == i].mean() for i in shown],
    [right[group == i].mean() for i in shown],
    s=[4 * np.sum(group == i) for i in shown],
)
ax.set_xlabel("mean confidence")
ax.set_ylabel("share that is right")
plt.show()
