"""
GridSearchCV, for new videos or for new tasks
=============================================

The estimator is a scikit-learn estimator: videos take the place of X and tasks that of
y. Its parameters can be searched like those of any other. What the folds hold out
determines what the parameters are good for: new videos of known tasks, or unseen tasks.
"""

# %%
# The same grid, twice
# --------------------
#
# - ``sharing``: what steps have in common: words, whole steps or nothing;
# - ``shrinkage``: how much the whitening of the features is held back.
#
# ``TaskShuffleSplit`` trains on nine videos of each task and tests on the others;
# scikit-learn's ``LeaveOneGroupOut``, with the tasks as groups, tests on a task without
# any training video. ``error_score="raise"`` shows errors instead of a row of nan.

import warnings

from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.model_selection import TaskShuffleSplit

videos, tasks = make_instructional_videos(n_videos=12, n_tasks=5, random_state=0)
grid = {"sharing": ["words", "steps", "none"], "shrinkage": [0.01, 0.1, 1.0]}
folds = {
    "new videos": TaskShuffleSplit(n_splits=5, n_train=9, random_state=0),
    "new tasks": LeaveOneGroupOut(),
}

# The estimator warns about steps of new tasks none of whose words was in training.
warnings.filterwarnings("ignore", message="No component of")
searches = {}
for name, cv in folds.items():
    search = GridSearchCV(
        WeaklySupervisedStepEstimator(calibrate=False),
        grid,
        cv=cv,
        error_score="raise",
    )
    searches[name] = search.fit(videos, tasks, groups=[task.name for task in tasks])
    print(f"{name}: recall {search.best_score_:.2f} with {search.best_params_}")

# %%
# The whole grid
# --------------
#
# For new videos of known tasks, shrinkage and sharing make little difference. For new
# tasks, sharing is everything: without it, nothing is known about their steps. Error
# bars are standard errors over the folds.

import matplotlib.pyplot as plt
import numpy as np

colours = {"words": "#0072B2", "steps": "#E69F00", "none": "#882255"}
figure, axes = plt.subplots(
    1, 2, sharey=True, figsize=(8, 3.6), layout="constrained"
)  # fmt: skip
for ax, (name, search) in zip(axes, searches.items(), strict=True):
    results = search.cv_results_
    for i, (sharing, colour) in enumerate(colours.items()):
        rows = results["param_sharing"] == sharing
        ax.errorbar(
            # Side by side, so that the bars do not overlap.
            results["param_shrinkage"][rows].astype(float) * 1.06 ** (i - 1),
            results["mean_test_score"][rows],
            results["std_test_score"][rows] / np.sqrt(search.n_splits_),
            color=colour,
            marker="o",
            capsize=3,
            label=f"sharing={sharing!r}",
        )
    ax.set(title=name, xlabel="shrinkage", xscale="log", ylim=(0, 1))
    ax.set_xticks(grid["shrinkage"], grid["shrinkage"])
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("step recall")
figure.legend(
    *axes[0].get_legend_handles_labels(), loc="outside right center", frameon=False
)
plt.show()
