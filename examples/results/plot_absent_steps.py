"""
Steps that a video leaves out
=============================

In CrossTask, three steps in ten are missing. By default every step is placed all the
same. ``predict_presence`` says how likely each one is to be there, and ``skip_cost``
lets predictions leave steps out.
"""

# %%
# How likely is each step to be there?
# ------------------------------------
#
# The probability sums over all ordered placements in which the step has a segment, and
# all in which it has none.

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos

videos, tasks = make_instructional_videos(
    n_videos=40, n_tasks=4, missing=0.3, feature_noise=1.5, random_state=0
)
train, test = videos[:80], videos[80:]
estimator = WeaklySupervisedStepEstimator(random_state=0).fit(train)
presence = np.concatenate(estimator.predict_presence(test))
there = np.concatenate(
    [np.isin(range(len(v.task.steps)), v.annotation[:, 0]) for v in test]
)
print(f"missing: {1 - there.mean():.0%} of {len(there)} steps")
for name, group in (("there", there), ("absent", ~there)):
    print(f"{name:7} mean presence {presence[group].mean():.2f}")

# %%
# Leave them out
# --------------
#
# With ``skip_cost="auto"``, steps that are more likely absent than present get the time
# -1. It only affects prediction, so it can be set after the fit.

estimator.set_params(skip_cost="auto")
kept = np.concatenate(estimator.predict(test)) >= 0
estimator.set_params(skip_cost=None)
print(f"left out: {np.sum(~kept)}, of which absent: {np.sum(~kept & ~there)}")

# %%
# The picture
# -----------
#
# On the left, how presence is distributed; on the right, which share of the absent
# steps is found at the price of how many that are there. The dot is
# ``skip_cost="auto"``. Features are good here. Where they are weak, expect little: a
# step that cannot be seen cannot be missed.

import matplotlib.pyplot as plt
from sklearn.metrics import roc_auc_score, roc_curve

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
bins = np.linspace(0, 1, 21)
left.hist(presence[there], bins, color="#0072B2", alpha=0.7, label="in the video")
left.hist(presence[~there], bins, color="#D55E00", alpha=0.7, label="absent")
left.set(xlabel="presence", ylabel="steps")
left.legend(frameon=False)
area = roc_auc_score(there, presence)
wrongly, found, _ = roc_curve(~there, -presence)
right.plot(wrongly, found, color="#0072B2", label=f"area {area:.2f}")
right.plot([0, 1], [0, 1], color="0.6", linestyle="--")
right.plot(
    np.mean(~kept[there]), np.mean(~kept[~there]), "o", color="#D55E00", label='"auto"'
)
right.set(xlabel="steps there, but left out", ylabel="absent steps left out")
right.legend(frameon=False)
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
plt.show()
