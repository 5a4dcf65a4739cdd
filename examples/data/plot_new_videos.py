"""
Keep learning as new videos arrive
==================================

Videos need not all be there at the start. ``partial_fit`` learns from those it is given
and keeps what was learnt before. Tasks may be new too: their words join those already
known.
"""

# %%
# Eight weeks
# -----------
#
# Each week brings two videos of each task. There are four tasks until the fourth week,
# and eight from the fifth on. Each week's videos are used in one call and never looked
# at again: the model places their steps and adds their rows to those it has averaged.
# All figures are means over six generated collections.

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.baselines import UniformBaseline
from skcrosstask.datasets import make_instructional_videos

N_WEEKS, N_TASKS, N_SEEDS = 8, 8, 6
groups = ["tasks of the first week", "tasks of the fifth week"]
by_week = {name: np.full((N_SEEDS, N_WEEKS), np.nan) for name in groups}
at_once = {name: np.zeros(N_SEEDS) for name in groups}
uniform = {name: np.zeros(N_SEEDS) for name in groups}
for seed in range(N_SEEDS):
    videos, tasks = make_instructional_videos(
        n_videos=2 * N_WEEKS + 8, n_tasks=N_TASKS, random_state=seed
    )
    early = {task.name for task in tasks[:4]}
    test = videos[-8 * N_TASKS :]  # the generator takes the tasks in turn
    first = [video for video in test if video.task.name in early]
    fifth = [video for video in test if video.task.name not in early]
    test_of = dict(zip(groups, (first, fifth), strict=True))

    estimator = WeaklySupervisedStepEstimator(calibrate=False)
    seen = []
    for week in range(N_WEEKS):
        new = videos[2 * N_TASKS * week : 2 * N_TASKS * (week + 1)]
        if week < 4:
            new = [video for video in new if video.task.name in early]
        estimator.partial_fit(new)
        seen += new
        for name in groups if week >= 4 else groups[:1]:
            by_week[name][seed, week] = estimator.score(test_of[name])

    again = WeaklySupervisedStepEstimator(calibrate=False).fit(seen)
    for name in groups:
        at_once[name][seed] = again.score(test_of[name])
        uniform[name][seed] = UniformBaseline().score(test_of[name])

# %%
# Was it worth keeping the videos?
# --------------------------------
#
# A fit on the videos of all eight weeks places every step by what all of them taught.
# Week by week, a step that was placed wrongly stays so, and the first weeks have few
# videos to learn from. If you can keep the videos, fit again from time to time.

for name in groups:
    print(
        f"{name}: week by week {by_week[name][:, -1].mean():.2f}, "
        f"all at once {at_once[name].mean():.2f}, "
        f"spread evenly {uniform[name].mean():.2f}"
    )

# %%
# The picture
# -----------
#
# The dashed lines show the fit on all videos. Learning the new tasks does not harm the
# old ones: the words that they share help both.

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
weeks = np.arange(1, N_WEEKS + 1)
for name, colour in zip(groups, ("#0072B2", "#D55E00"), strict=True):
    ax.plot(
        weeks, by_week[name].mean(axis=0), color=colour, marker="o", label=name
    )  # fmt: skip
    ax.axhline(at_once[name].mean(), color=colour, linestyle="--", linewidth=1)
ax.set(xlabel="week", ylabel="step recall", ylim=(0, 1), xlim=(0.8, N_WEEKS + 0.2))
ax.spines[["top", "right"]].set_visible(False)
figure.legend(loc="outside right center", frameon=False)
plt.show()
