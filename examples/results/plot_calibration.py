"""
Can the confidence be trusted?
==============================

``locate`` gives each step a confidence: the probability that it is going on at the time
that is given for it. Of the steps with a confidence around 0.8, about eight in ten
should be right. By default, ``fit`` sees to that, without any annotation.
"""

# %%
# What a fit does about it
# ------------------------
#
# A model takes each row for independent evidence of a step whose looks it knows
# exactly. Neither is so, and where features are faint it is too sure. Therefore ``fit``
# lets models of different videos place the steps in the same third one, and divides the
# log odds by a ``temperature_`` until the mean confidence is the square root of the
# share of steps on which they agree, ``agreement_``. ``predict`` stays the same.
#
# Here are two collections on the same timelines, one with faint features and one with
# clearer ones.

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos, simulate_features

timelines, _ = make_instructional_videos(
    n_videos=40, missing=0, background=0.7, random_state=0
)
lengths = [len(video.features) for video in timelines]
collections = {
    "faint": {"n_features": 64, "words": 0.15, "distraction": 0.2},
    "clearer": {"n_features": 128, "words": 0.25},
}
found = {}
for name, knobs in collections.items():
    videos = simulate_features(timelines, lengths, random_state=0, **knobs)
    train, test = videos[:80], videos[80:]
    truth = {video.name: video.annotation for video in test}
    for calibrate in (False, True):
        estimator = WeaklySupervisedStepEstimator(calibrate=calibrate).fit(train)
        table = estimator.locate(test)
        sure = np.array([row.confidence for row in table])
        right = np.array(
            [
                any(k == row.step and s <= row.time < e for k, s, e in truth[row.video])
                for row in table
            ]
        )
        found[name, calibrate] = sure, right
        print(
            f"{name:8} calibrate={calibrate!s:5}  "
            f"temperature {estimator.temperature_:.1f}  "
            f"mean confidence {sure.mean():.2f}  right {right.mean():.2f}"
        )

# %%
# Reliability diagrams
# --------------------
#
# Steps are grouped by confidence, a tenth of them each. On the diagonal, confidence is
# what it says; below it, the model claims too much. Calibration mends this where
# features are faint. It has no truth to go by, though: on the clearer collection models
# of few videos disagree more often than the model of all of them errs, and it becomes
# too modest. If some of your videos have annotations, draw this diagram for them.

import matplotlib.pyplot as plt

colours = {False: "#D55E00", True: "#0072B2"}
figure, axes = plt.subplots(
    1, 2, sharex=True, sharey=True, figsize=(8, 4.2), layout="constrained"
)
gap = {}
for ax, name in zip(axes, collections, strict=True):
    ax.plot([0, 1], [0, 1], color="0.6", linestyle="--")
    for calibrate, colour in colours.items():
        sure, right = found[name, calibrate]
        groups = np.array_split(np.argsort(sure), 10)
        x = np.array([sure[group].mean() for group in groups])
        y = np.array([right[group].mean() for group in groups])
        gap[name, calibrate] = np.abs(x - y).mean()
        ax.plot(x, y, marker="o", color=colour, label=f"calibrate={calibrate}")
    ax.set(title=f"{name} features", xlabel="confidence", xlim=(0, 1), ylim=(0, 1))
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("share that is right")
axes[0].legend(frameon=False)
plt.show()
