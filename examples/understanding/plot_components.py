"""
What a word has learnt
======================

A step is the mean of its words' classifiers. Nobody labelled a word: "pour" is what
steps with "pour" have in common. Did it become that?
"""

# %%
# A classifier for each word
# --------------------------
#
# ``components_`` names the words, by their stems, and ``coef_`` has a classifier for
# each. There are four tasks, whose steps combine them.

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos

videos, tasks = make_instructional_videos(
    n_videos=20, n_tasks=3, missing=0, random_state=0
)
train, test = videos[:-24], videos[-24:]
estimator = WeaklySupervisedStepEstimator(random_state=0).fit(train)
print(estimator.components_.tolist())
print(estimator.coef_.shape, "words x features")

# %%
# Words against steps
# -------------------
#
# In videos that were not trained on, the rows of each true step are scored by each
# word's classifier. What differs from the video's mean row counts.

steps = [(task, k) for task in dict.fromkeys(tasks) for k in range(len(task.steps))]
scores = np.zeros((len(steps), len(estimator.components_)))
counts = np.zeros(len(steps))
for video in test:
    rows = (video.features - video.features.mean(axis=0)) @ estimator.coef_.T
    for k, start, end in video.annotation:
        i = steps.index((video.task, int(k)))
        scores[i] += rows[int(start) : int(np.ceil(end))].mean(axis=0)
        counts[i] += 1
scores /= counts[:, None]

# %%
# The picture
# -----------
#
# Each row is a step, each column a word; dark where the word's classifier answers to
# the step. Frames mark the words that the step is made of. They answer; few others do.
# A word that always has the same neighbour cannot be told from it: "flip" comes with
# pancakes or omelettes, so it has learnt what these have in common.

import matplotlib.pyplot as plt

from skcrosstask.components import StepComponents

vocabulary = StepComponents().update(list(dict.fromkeys(tasks)))
figure, ax = plt.subplots(figsize=(8, 5.2), layout="constrained")
picture = ax.imshow(scores, cmap="Blues", vmin=0, aspect="auto")
own = np.zeros(scores.shape, dtype=bool)
for i, (task, k) in enumerate(steps):
    used = np.flatnonzero(vocabulary.matrix(task)[k])
    for name in np.array(vocabulary.names)[used]:
        j = int(np.flatnonzero(estimator.components_ == name)[0])
        own[i, j] = True
        frame = plt.Rectangle(
            (j - 0.5, i - 0.5), 1, 1, fill=False, color="#D55E00", linewidth=1.5
        )
        ax.add_patch(frame)
print(f"own words {scores[own].mean():.1f}, other words {scores[~own].mean():.1f}")
words = [vocabulary.words[name][0] for name in estimator.components_]
ax.set_xticks(range(len(words)), words, rotation=60, ha="right")
ax.set_yticks(range(len(steps)), [f"{task.name}: {task.steps[k]}" for task, k in steps])
figure.colorbar(picture, label="mean score (nats)")
plt.show()
