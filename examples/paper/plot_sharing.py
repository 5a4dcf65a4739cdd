"""
What sharing brings when videos are scarce
==========================================

A step's classifier is the mean of its components' classifiers. The definition of a
component determines how much is shared: nothing, equal steps, words within a task, or
words across all tasks. A task with few videos gains from those of other tasks.
"""

# %%
# Recall against the number of videos
# -----------------------------------
#
# Eight tasks, 1 to 16 training videos of each, the same test videos throughout; means
# over six generated collections.

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.baselines import UniformBaseline
from skcrosstask.datasets import make_instructional_videos

N_TASKS, N_TEST, N_SEEDS = 8, 8, 6
sizes = [1, 2, 4, 8, 16]
levels = ["none", "steps", "task_words", "words"]
recall = {level: np.zeros((N_SEEDS, len(sizes))) for level in levels}
uniform = []
for seed in range(N_SEEDS):
    videos, _ = make_instructional_videos(
        n_videos=max(sizes) + N_TEST,
        n_tasks=N_TASKS,
        random_state=seed,
    )
    test = videos[-N_TEST * N_TASKS :]
    uniform.append(UniformBaseline().fit(test).score(test))
    for i, size in enumerate(sizes):
        train = videos[: size * N_TASKS]  # tasks take turns
        for level in levels:
            estimator = WeaklySupervisedStepEstimator(sharing=level, calibrate=False)
            recall[level][seed, i] = estimator.fit(train).score(test)

for level in levels:
    print(f"{level:10}", recall[level].mean(axis=0).round(2))

# %%
# The picture
# -----------
#
# On the left is recall; on the right is the gain over sharing nothing, with its
# standard error over the collections. If tasks have two to eight videos each,
# sharing words across tasks is worth at least as much as doubling the number of videos.
# With one, even shared words are seen too rarely; with sixteen, each task can do
# without the others.

import matplotlib.pyplot as plt

colours = ["#882255", "#E69F00", "#44AA99", "#0072B2"]
figure, (left, right) = plt.subplots(
    1, 2, figsize=(9.5, 3.8), layout="constrained"
)  # fmt: skip
for i, (level, colour) in enumerate(zip(levels, colours, strict=True)):
    left.plot(
        sizes,
        recall[level].mean(axis=0),
        color=colour,
        marker="o",
        label=f"sharing={level!r}",
    )
    gain = recall[level] - recall["none"]
    right.errorbar(
        np.array(sizes) * 1.04 ** (i - 2),  # side by side
        gain.mean(axis=0),
        gain.std(axis=0, ddof=1) / np.sqrt(N_SEEDS),
        color=colour,
        marker="o",
        capsize=3,
    )
left.axhline(np.mean(uniform), color="#6b6b6b", linestyle=":", label="uniform")
left.set(title="step recall", ylim=(0, 1))
right.set(title="gain over sharing='none'")
for ax in (left, right):
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, sizes)
    ax.set_xlabel("training videos of each task")
    ax.spines[["top", "right"]].set_visible(False)
handles, names = left.get_legend_handles_labels()
figure.legend(handles, names, loc="outside right center", frameon=False)
plt.show()
