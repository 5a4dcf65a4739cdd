"""
Learn on as new videos come
===========================

Videos need not all be there at the start. ``partial_fit`` makes one pass over those at
hand and keeps what was learnt before. Tasks may be new too: their words join those that
are known.
"""

# %%
# Eight weeks
# -----------
#
# Each week brings two videos of each task. Until the fourth week there are four tasks,
# from the fifth on there are eight. Each week's videos are passed over ten times and
# are then not looked at again.
#
# The first passes place the steps at random (``init_iter`` of them); later ones let the
# model place them.

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.baselines import UniformBaseline
from skcrosstask.datasets import make_instructional_videos

N_WEEKS, N_TASKS = 8, 8
videos, tasks = make_instructional_videos(
    n_videos=2 * N_WEEKS + 8, n_tasks=N_TASKS, random_state=0
)
early = {task.name for task in tasks[:4]}
test = videos[-8 * N_TASKS :]  # the generator takes the tasks in turn
test_of = {
    "tasks of the first week": [v for v in test if v.task.name in early],
    "tasks of the fifth week": [v for v in test if v.task.name not in early],
}

estimator = WeaklySupervisedStepEstimator(random_state=0)
recall = {name: {} for name in test_of}
seen = []
for week in range(1, N_WEEKS + 1):
    new = videos[2 * N_TASKS * (week - 1) : 2 * N_TASKS * week]
    if week < 5:
        new = [video for video in new if video.task.name in early]
    for _ in range(10):
        estimator.partial_fit(new)
    seen += new
    for name, some in test_of.items():
        if week >= 5 or name == "tasks of the first week":
            recall[name][week] = estimator.score(some)
    print(f"week {week}: {len(new):2} new videos, {len(estimator.components_)} words")

# %%
# Was it worth keeping the videos?
# --------------------------------
#
# A fit on all videos of the eight weeks sees each of them in every pass, and is better
# for it. Where the videos can be kept, fit again now and then.

again = WeaklySupervisedStepEstimator(random_state=0).fit(seen)
for name, some in test_of.items():
    print(
        f"{name}: week by week {recall[name][N_WEEKS]:.2f}, "
        f"all at once {again.score(some):.2f}, "
        f"spread evenly {UniformBaseline().score(some):.2f}"
    )

# %%
# The picture
# -----------
#
# The dashed lines are the fit on all videos. What the new tasks teach does not harm the
# old ones.

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
for (name, some), colour in zip(test_of.items(), ("#0072B2", "#D55E00"), strict=True):
    weeks, values = zip(*recall[name].items(), strict=True)
    ax.plot(weeks, values, color=colour, marker="o", label=name)
    ax.axhline(again.score(some), color=colour, linestyle="--", linewidth=1)
ax.set(xlabel="week", ylabel="step recall", ylim=(0, 1), xlim=(0.8, N_WEEKS + 0.2))
ax.spines[["top", "right"]].set_visible(False)
figure.legend(loc="outside right center", frameon=False)
plt.show()
