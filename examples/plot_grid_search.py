"""
Choose parameters with GridSearchCV
===================================

The estimator is a scikit-learn estimator: videos take the place of X and tasks that of
y. So its parameters can be searched like any other's.
"""

# %%
# A grid over three choices
# -------------------------
#
# - ``sharing``: what steps have in common, words or nothing;
# - ``contrast``: whether a step's time is set against the other steps at that time
#   (the paper's loss), or against other times of the video as well;
# - ``dropout``: how many features are hidden in training.
#
# Folds are drawn so that each has all tasks. ``error_score="raise"`` shows what goes
# wrong, instead of a row of nan.

from sklearn.model_selection import GridSearchCV, StratifiedKFold

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.model_selection import step_recall_scorer

videos, tasks = make_instructional_videos(
    n_videos=10, feature_noise=2.0, random_state=0
)
names = [task.name for task in tasks]
folds = StratifiedKFold(4, shuffle=True, random_state=0)
search = GridSearchCV(
    WeaklySupervisedStepEstimator(random_state=0),
    {
        "sharing": ["words", "none"],
        "contrast": ["steps", "both"],
        "dropout": [0.0, 0.3, 0.6],
    },
    scoring=step_recall_scorer(),
    cv=list(folds.split(names, names)),
    error_score="raise",
)
search.fit(videos, tasks)
print("best:", search.best_params_)
print(f"recall in cross-validation: {search.best_score_:.2f}")

# %%
# New videos
# ----------
#
# The best combination was fitted again on all videos. The score above is that of the
# winner and so a little optimistic; new videos of the same kind tell more.

more, more_tasks = make_instructional_videos(
    n_videos=20, feature_noise=2.0, random_state=0
)
unseen = slice(len(videos), None)  # the first ones are those of the search
print(f"recall on new videos: {search.score(more[unseen], more_tasks[unseen]):.2f}")

# %%
# The whole grid
# --------------

import matplotlib.pyplot as plt
import numpy as np

results = search.cv_results_
figure, axes = plt.subplots(
    1, 2, sharey=True, figsize=(8, 3.4), layout="constrained"
)  # fmt: skip
for ax, contrast in zip(axes, ("steps", "both"), strict=True):
    for sharing, colour in (("words", "#0072B2"), ("none", "#D55E00")):
        rows = (results["param_sharing"] == sharing) & (
            results["param_contrast"] == contrast
        )
        ax.errorbar(
            results["param_dropout"][rows].astype(float),
            results["mean_test_score"][rows],
            results["std_test_score"][rows] / np.sqrt(search.n_splits_),
            color=colour,
            marker="o",
            capsize=3,
            label=f"sharing={sharing!r}",
        )
    ax.set(title=f"contrast={contrast!r}", xlabel="dropout", xticks=[0, 0.3, 0.6])
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("step recall")
axes[1].legend(frameon=False)
plt.show()
