"""
How long a step lasts
=====================

``predict`` returns one second for each step. ``predict_segments`` assigns a step, or
background, to each second, and so tells where steps start and end.
"""

# %%
# A label for each second
# -----------------------
#
# The model is the same: it was never told how long steps last, neither in training nor
# now. A second belongs to a step if the step is likelier than background; the steps
# stay in order, each in one piece.

import numpy as np

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos

videos, tasks = make_instructional_videos(n_videos=16, random_state=0)
train, test = videos[:-4], videos[-4:]
estimator = WeaklySupervisedStepEstimator(random_state=0).fit(train)
segments = estimator.predict_segments(test)
print(segments[0])

# %%
# From labels to times
# --------------------

for step, name in enumerate(test[0].task.steps):
    seconds = np.flatnonzero(segments[0] == step)
    print(f"{name:13} {seconds[0]:3} to {seconds[-1] + 1:3} s")

# %%
# How good are they?
# ------------------
#
# Frame accuracy is the share of seconds with the correct label. Most seconds are
# background, so labelling everything as background is the baseline to beat. With
# ``ignore=-1``, only the seconds that belong to a step count.

from skcrosstask.metrics import frame_accuracy, frame_labels

truth = [frame_labels(video.annotation, len(video.features)) for video in test]
nothing = [np.full(len(labels), -1) for labels in truth]
print(f"frame accuracy:           {frame_accuracy(truth, segments):.2f}")
print(f"  all background:         {frame_accuracy(truth, nothing):.2f}")
print(f"  seconds of steps alone: {frame_accuracy(truth, segments, ignore=-1):.2f}")

# %%
# The picture
# -----------
#
# The segments are drawn below the truth. Every step gets a segment of at least one
# second, even "whisk egg", which the third video skips: nothing there looks like it,
# so one second is all that it gets.

import matplotlib.pyplot as plt

from skcrosstask.plotting import StepTimelineDisplay

StepTimelineDisplay.from_predictions(test, segments=segments, windows=False)
plt.show()
