"""
What sharing brings when videos are scarce
==========================================

A step's classifier is the mean of its components' classifiers. What a component is
decides how much is shared: nothing, equal steps, words within a task, or words across
all tasks. The fewer videos a task has, the more it gains from the others.
"""

# %%
# Recall against the number of videos
# -----------------------------------
#
# Eight tasks, 1 to 16 training videos of each, the same test videos for all; means
# over five generated collections.

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.baselines import UniformBaseline
from skcrosstask.datasets import make_instructional_videos

N_TASKS, N_TEST, N_SEEDS = 8, 8, 5
sizes = [1, 2, 4, 8, 16]
levels = ["none", "steps", "task_words", "words"]
recall = {level: np.zeros((N_SEEDS, len(sizes))) for level in levels}
uniform = []
for seed in range(N_SEEDS):
    videos, _ = make_instructional_videos(
        n_videos=max(sizes) + N_TEST,
        n_tasks=N_TASKS,
        feature_noise=1.5,
        random_state=seed,
    )
    test = videos[-N_TEST * N_TASKS :]
    uniform.append(UniformBaseline().fit(test).score(test))
    for i, size in enumerate(sizes):
        train = videos[: size * N_TASKS]  # tasks take turns
        for level in levels:
            estimator = WeaklySupervisedStepEstimator(sharing=level, random_state=seed)
            recall[level][seed, i] = estimator.fit(train).score(test)

for level in levels:
    print(f"{level:10}", recall[level].mean(axis=0).round(2))

# %%
# The picture
# -----------
#
# Bands are one standard deviation over the five collections.

import matplotlib.pyplot as plt

colours = ["#882255", "#E69F00", "#44AA99", "#0072B2"]
figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for level, colour in zip(levels, colours, strict=True):
    mean, deviation = recall[level].mean(axis=0), recall[level].std(axis=0)
    ax.plot(sizes, mean, color=colour, marker="o", label=f"sharing={level!r}")
    ax.fill_between(
        sizes, mean - deviation, mean + deviation, color=colour, alpha=0.12, linewidth=0
    )
ax.axhline(np.mean(uniform), color="#6b6b6b", linestyle=":", label="uniform")
ax.set_xscale("log", base=2)
ax.set_xticks(sizes, sizes)
ax.set(xlabel="training videos of each task", ylabel="step recall")
ax.spines[["top", "right"]].set_visible(False)
handles, names = ax.get_legend_handles_labels()
figure.legend(handles[::-1], names[::-1], loc="outside right center", frameon=False)
plt.show()
