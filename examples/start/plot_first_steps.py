"""
First steps: find when each step happens
========================================

A task is an ordered list of steps; a video is an array of features, one row per second.
From videos, step lists and rough hints from narration, the estimator learns what the
steps look like, and finds them in videos that it has not seen.
"""

# %%
# Videos with known truth
# -----------------------
#
# The generator makes videos of four tasks that share words: "pour milk" is a step of
# both pancakes and latte, and "whisk" occurs in pancakes and omelette. Each video comes
# with *windows*, where narration suggests that a step may happen (about a third of them
# are wrong), and with an *annotation*, the truth, which only ``score`` reads.

from skcrosstask.datasets import make_instructional_videos

videos, tasks = make_instructional_videos(n_videos=16, random_state=0)
print(tasks[0].name, tasks[0].steps)
print(videos[0].shape, "seconds x features")

# %%
# Fit and score
# -------------
#
# The last four videos are held out for testing. scikit-learn's usual split functions
# work as well, because videos and tasks are plain lists.

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.baselines import UniformBaseline

train, test = videos[:-4], videos[-4:]
estimator = WeaklySupervisedStepEstimator(random_state=0).fit(train)
print(f"step recall, learnt:  {estimator.score(test):.2f}")
print(f"step recall, uniform: {UniformBaseline().fit(train).score(test):.2f}")

# %%
# ``predict`` returns one second for each step, in order; ``predict_proba`` tells how
# certain that is; ``predict_segments`` assigns a step, or background, to each second.

print("seconds of the steps:", estimator.predict(test)[0])

# %%
# The picture
# -----------
#
# A pin connects each predicted second to its marker, which is filled if the second lies
# in a true segment and shows the position of the step, counting from 1. The hills are
# posteriors, all of one height: broad and faint if the model is in doubt. Windows are
# drawn below; prediction did not read them.

import matplotlib.pyplot as plt

from skcrosstask.plotting import HistoryDisplay, StepTimelineDisplay

StepTimelineDisplay.from_estimator(estimator, test)

# %%
# How training went
# -----------------
#
# At the start, each step is spread over its windows, as far as order allows; then each
# pass places every step as a segment and learns what its words look like. The objective
# falls as the segments fit better.

HistoryDisplay.from_estimator(estimator)
plt.show()
