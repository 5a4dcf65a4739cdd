"""
Steps that may swap places
==========================

Milk and egg go into the bowl in either order. A task can say so: ``before`` lists which
steps must come before which, and prediction keeps to that and no more.
"""

# %%
# An order that is too strict
# ---------------------------
#
# In these videos neighbouring steps often swap. The model learns from the list as it
# stands, and is then asked twice: with the tasks as listed, and with the same steps in
# no order at all, ``before=()``. Pairs of step numbers, ``before=[(0, 2), (1, 2)]``,
# would say that steps 0 and 1 come before step 2, and nothing more.

import numpy as np

from skcrosstask import Task, WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos


def any_order(task):
    return Task(task.name, task.steps, before=())


videos, tasks = make_instructional_videos(
    n_videos=24, n_tasks=4, swaps=0.3, missing=0, random_state=0
)
train, test = videos[:-32], videos[-32:]
estimator = WeaklySupervisedStepEstimator(random_state=0).fit(train)
orders = {
    "as listed": [video.task for video in test],
    "in any order": [any_order(video.task) for video in test],
}
for name, order in orders.items():
    print(f"{name:12} recall {estimator.score(test, order):.2f}")

# %%
# When does it pay?
# -----------------
#
# Where steps do swap, order misleads. Where they do not, it tells apart steps that look
# alike, the more so the fainter the features are. Means over three collections each:

shares = [0.0, 0.1, 0.2, 0.3]
gain = {}
for noise in (1.0, 2.0, 3.0):
    gain[noise] = np.zeros((3, len(shares)))
    for seed, i in np.ndindex(3, len(shares)):
        more, _ = make_instructional_videos(
            n_videos=16,
            feature_noise=noise,
            swaps=shares[i],
            missing=0,
            random_state=seed,
        )
        fit = WeaklySupervisedStepEstimator(calibrate=False).fit(more[:40])
        free = fit.score(more[40:], [any_order(video.task) for video in more[40:]])
        gain[noise][seed, i] = free - fit.score(more[40:])
    print(f"noise {noise}:", gain[noise].mean(axis=0).round(2))

# %%
# The picture
# -----------
#
# On the left a video in which two steps are swapped: the truth, and what is found with
# each order. On the right, the gain in recall from dropping the order.

import matplotlib.pyplot as plt

hits = {
    name: [
        sum(
            any(s <= t < e for j, s, e in video.annotation if j == k)
            for k, t in enumerate(times)
        )
        for video, times in zip(test, estimator.predict(test, order), strict=True)
    ]
    for name, order in orders.items()
}
shown = int(np.argmax(np.subtract(hits["in any order"], hits["as listed"])))
video = test[shown]
colours = ["#0072B2", "#E69F00", "#44AA99", "#882255", "#999933"]
figure, (left, right) = plt.subplots(
    1, 2, figsize=(10, 3.6), width_ratios=(3, 2), layout="constrained"
)
for k, start, end in video.annotation:
    left.barh(0, end - start, left=start, color=colours[int(k)], alpha=0.5)
for row, order in enumerate(orders.values(), start=1):
    for k, t in enumerate(estimator.predict([video], order[shown])[0]):
        left.plot(t + 0.5, row, "o", markersize=14, color=colours[k])
        left.text(t + 0.5, row, k + 1, color="w", ha="center", va="center", size=8)
left.set_yticks(range(3), ["truth", *orders])
left.invert_yaxis()
left.set(xlabel="time (s)", xlim=(0, len(video.features)))
handles = [plt.Rectangle((0, 0), 1, 1, color=c) for c in colours]
left.legend(
    handles[: len(video.task.steps)],
    [f"{k + 1} {step}" for k, step in enumerate(video.task.steps)],
    loc="lower center",
    bbox_to_anchor=(0.5, 1),
    ncols=3,
    frameon=False,
    fontsize="small",
)
for (noise, values), colour in zip(
    gain.items(), ("#0072B2", "#E69F00", "#D55E00"), strict=True
):
    mean = values.mean(axis=0)
    right.plot(shares, mean, marker="o", color=colour, label=f"noise {noise:g}")
right.axhline(0, color="0.6", linewidth=1)
right.set(xlabel="share of swaps", ylabel="gain without order")
right.legend(frameon=False)
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
plt.show()
