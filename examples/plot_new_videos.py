"""
Keep learning as new videos arrive
==================================

Videos need not all be there at the start. ``partial_fit`` makes one pass over those it
is given and keeps what was learnt before. Tasks may be new too: their words join those
already known.
"""

# %%
# Eight weeks
# -----------
#
# Each week brings two videos of each task. There are four tasks until the fourth week,
# and eight from the fifth on. Each week's videos are used for ten passes and never
# looked at again.
#
# The first ``init_iter`` passes place the steps at random; in later ones, the model
# places them.

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
# A fit on the videos of all eight weeks sees each of them in every pass, and is better
# for it. If you can keep the videos, fit again from time to time.

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
# The dashed lines show the fit on all videos. Learning the new tasks does not harm the
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
