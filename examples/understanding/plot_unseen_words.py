"""
Words that training never had
=============================

A new task may say "beat" where training said "whisk". Stems have nothing in common, but
vectors of words do: ``word_vectors`` lets the classifier of a known word stand in for
one that means much the same.
"""

# %%
# A small world in which meaning shows
# ------------------------------------
#
# Words have vectors, and what a word looks like follows from its vector, as far as the
# noise allows. Real vectors come from text (:class:`~skcrosstask.narration.WordVectors`
# reads the usual files), or from a model that knows both text and images. The timelines
# are the generator's.

from dataclasses import replace

import numpy as np

from skcrosstask.datasets import make_instructional_videos
from skcrosstask.metrics import frame_labels

rng = np.random.default_rng(0)
timelines, tasks = make_instructional_videos(
    n_videos=8, n_tasks=8, missing=0, swaps=0, random_state=0
)
words = sorted({w for task in tasks for step in task.steps for w in step.split()})
vectors = {word: rng.standard_normal(6) for word in words}
looks = rng.standard_normal((6, 24)) / 2


def film(video):
    """Features of a video: the looks of its steps' words, and noise."""
    labels = frame_labels(video.annotation, len(video.features))
    rows = 1.2 * rng.standard_normal((len(labels), 24))
    for k, step in enumerate(video.task.steps):
        meaning = np.mean([vectors[word] for word in step.split()], axis=0)
        rows[labels == k] += meaning @ looks
    return replace(video, features=rows)


videos = [film(video) for video in timelines]

# %%
# The same steps in other words
# -----------------------------
#
# The model learns from all tasks but pancakes. Their steps are then told in words that
# it knows, and in words that it does not. The vector of a new word is near that of the
# word that it replaces.

from skcrosstask import Task, WeaklySupervisedStepEstimator
from skcrosstask.baselines import UniformBaseline

synonyms = {
    "pour": "tip", "milk": "cream", "add": "drop", "egg": "yolk",
    "whisk": "beat", "mixture": "batter", "flip": "turn",
}  # fmt: skip
for known, new in synonyms.items():
    vectors[new] = vectors[known] + 0.3 * rng.standard_normal(6)

train = [video for video in videos if video.task.name != "pancakes"]
test = [video for video in videos if video.task.name == "pancakes"]
plain = test[0].task
other = Task(
    "crêpes",
    [" ".join(synonyms.get(w, w) for w in step.split()) for step in plain.steps],
)
print(plain.steps, other.steps, sep="\n")

# %%
# Without vectors, the steps of crêpes are unknown, and a warning says so: all look the
# same, and the order alone places them.

import warnings

estimator = WeaklySupervisedStepEstimator(random_state=0).fit(train)
recall = {"evenly spaced": UniformBaseline().fit(train).score(test)}
with warnings.catch_warnings():
    warnings.simplefilter("ignore", UserWarning)
    recall["new words"] = estimator.score(test, other)
    recall["known words"] = estimator.score(test, plain)
    estimator.set_params(word_vectors=vectors)
    recall["new words,\nwith vectors"] = estimator.score(test, other)
for name, value in recall.items():
    print(f"{' '.join(name.split()):24} {value:.2f}")

# %%
# The picture
# -----------
#
# On the left, how near the vectors of new words are to those of known ones. On the
# right, what that is worth. "Known words" is the bound: pancakes told in words that
# other tasks have taught, apart from "flip", which omelettes have too.

import matplotlib.pyplot as plt

unit = {w: v / np.linalg.norm(v) for w, v in vectors.items()}
cosine = [[unit[new] @ unit[known] for known in synonyms] for new in synonyms.values()]
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
picture = left.imshow(cosine, cmap="RdBu", vmin=-1, vmax=1)
left.set_xticks(range(len(synonyms)), synonyms, rotation=45, ha="right")
left.set_yticks(range(len(synonyms)), synonyms.values())
left.set(title="new words against known ones")
figure.colorbar(picture, ax=left, label="cosine", shrink=0.8)
bars = right.barh(list(recall), list(recall.values()), color="#0072B2")
bars[0].set_color("0.7")
right.bar_label(bars, fmt="%.2f", padding=3)
right.set(title="step recall", xlim=(0, 1))
right.invert_yaxis()
right.spines[["top", "right"]].set_visible(False)
plt.show()
