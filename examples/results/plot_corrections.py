"""
Correct a few videos, and learn from them
=========================================

The viewer shows predictions and takes corrections. A few corrected videos are
annotations, and :class:`~skcrosstask.baselines.SupervisedStepEstimator` learns from
those. How many does it take, and does it matter which?
"""

# %%
# Predict
# -------
#
# The features are faint and most windows are wrong, so predictions have room for
# correction. Held-out videos measure it.

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos

videos, _ = make_instructional_videos(
    n_videos=30, n_tasks=4, feature_noise=2.5, window_noise=0.6, random_state=0
)
train, test = videos[:60], videos[60:]
estimator = WeaklySupervisedStepEstimator(random_state=0).fit(train)
table = estimator.locate(train)
print(f"recall before any correction: {estimator.score(test):.2f}")

# %%
# Correct
# -------
#
# ``table.to_html("page.html", videos=train)`` writes the viewer; "Least confident
# first" sorts its videos. What it downloads is a table like this one. Here the
# annotations stand in for a person with a mouse.

from skcrosstask.results import StepRow, StepTable, annotate


def corrected(video):
    """Rows of a video as the viewer would download them."""
    return [
        StepRow(video.name, video.task.name, int(k), video.task.steps[int(k)], s, e)
        for k, s, e in video.annotation
    ]


print(StepTable(corrected(train[0])).to_frame().dropna(axis=1).round(1).to_string())

# %%
# Learn from them
# ---------------
#
# The first videos to be corrected are either the least confident ones or any. All
# others keep the predicted segments as their annotations.

import tempfile
from pathlib import Path

from skcrosstask.baselines import SupervisedStepEstimator

confidence = {
    key: np.nanmean([row.confidence for row in rows])
    for key, rows in table.by_video().items()
}
rng = np.random.default_rng(0)
orders = {
    "least confident first": [
        np.argsort([confidence[v.name, v.task.name] for v in train])
    ],
    "in any order": [rng.permutation(len(train)) for _ in range(5)],
}
counts = [0, 5, 10, 20, 40, 60]
recall = {name: np.zeros((len(order), len(counts))) for name, order in orders.items()}
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "corrected.csv"
    for name, lists in orders.items():
        for i, order in enumerate(lists):
            for j, count in enumerate(counts):
                done = set(order[:count])
                rows = [
                    row
                    for n, (video, found) in enumerate(
                        zip(train, table.by_video().values(), strict=True)
                    )
                    for row in (corrected(video) if n in done else found)
                ]
                StepTable(rows).to_csv(path)
                learnt = SupervisedStepEstimator().fit(annotate(train, path))
                recall[name][i, j] = learnt.score(test)
for name, values in recall.items():
    print(f"{name:22}", values.mean(axis=0).round(2))

# %%
# The picture
# -----------
#
# Recall on videos that nobody has corrected. Twenty of sixty corrections bring more
# than half of what all of them do, since each word occurs in many videos. Which videos
# come first hardly matters here: the least confident ones are quicker to find errors
# in, but a right annotation teaches whether or not there was an error.

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
for (name, values), colour in zip(recall.items(), ("#0072B2", "#D55E00"), strict=True):
    ax.plot(counts, values.mean(axis=0), marker="o", color=colour, label=name)
ax.axhline(estimator.score(test), color="0.5", linestyle=":", label="weakly supervised")
ax.set(xlabel=f"corrected videos, of {len(train)}", ylabel="step recall")
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False)
plt.show()
