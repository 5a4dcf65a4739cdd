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
# The table as a picture
# ----------------------
#
# Three videos of the table: each step from start to end, with its best moment, and the
# fainter the less confident. A step whose confidence is low is worth a look, or may not
# be there at all. Whether to trust the confidence is another example's topic
# (:ref:`sphx_glr_auto_examples_results_plot_calibration.py`).

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

shown = list(table.by_video().values())[:3]
figure, axes = plt.subplots(3, 1, figsize=(8, 6), layout="constrained")
for ax, rows in zip(axes, shown, strict=True):
    for row in rows:
        length = row.end - row.start
        alpha = 0.15 + 0.85 * row.confidence
        ax.barh(row.step, length, left=row.start, color="#0072B2", alpha=alpha)
        ax.plot(row.time, row.step, "k|", markersize=12)
        ax.text(
            row.end + 0.7, row.step, f"{row.confidence:.0%}", va="center", size="small"
        )
    ax.set_yticks([row.step for row in rows], [row.text for row in rows])
    ax.set_title(rows[0].video, loc="left", size="medium")
    ax.invert_yaxis()
    ax.spines[["top", "right"]].set_visible(False)
axes[-1].set_xlabel("time (s)")
plt.show()
