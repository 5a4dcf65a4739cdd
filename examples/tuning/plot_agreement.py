"""
How good is it, without a single label?
=======================================

A fit without annotations has nothing to be scored by. But models that learnt from
different videos can be asked about the same new one: where they agree, they are mostly
right. ``agreement_`` is the share of the steps on which they do.
"""

# %%
# Easy and hard collections
# -------------------------
#
# Each collection has features and windows of its own quality. ``fit`` finds the
# agreement; recall is measured on videos that were held out, which have annotations.

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos

collections, agreement, recall = [], [], []
for seed, noise in enumerate(np.linspace(0.5, 4, 12)):
    videos, _ = make_instructional_videos(
        n_videos=20, n_tasks=3, feature_noise=noise, random_state=seed
    )
    estimator = WeaklySupervisedStepEstimator(random_state=0).fit(videos[:36])
    collections.append(noise)
    agreement.append(estimator.agreement_)
    recall.append(estimator.score(videos[36:]))
    print(f"noise {noise:.1f}: agreement {agreement[-1]:.2f}, recall {recall[-1]:.2f}")
correlation = np.corrcoef(agreement, recall)[0, 1]
print(f"correlation {correlation:.2f}")

# %%
# What it can be used for
# -----------------------
#
# If right answers agree and wrong ones do not, a model is right with a probability of
# the square root of the agreement: the dashed line. Errors that all models make, such
# as those of the windows or of the order, agree too, so the agreement is no recall. It
# orders collections, features and settings from bad to good, which is what tuning
# needs.

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(5, 4), layout="constrained")
points = ax.scatter(agreement, recall, c=collections, cmap="viridis", s=60, zorder=2)
line = np.linspace(0, 1, 100)
ax.plot(line, np.sqrt(line), color="0.6", linestyle="--", label="square root")
ax.set(xlabel="agreement_, no labels", ylabel="recall, held-out videos")
ax.set(xlim=(0, 1), ylim=(0, 1))
ax.spines[["top", "right"]].set_visible(False)
ax.legend(frameon=False, loc="lower right")
figure.colorbar(points, label="noise of the features")
plt.show()
