"""
An unseen task
==============

If words are shared, a task's step list is enough to find its steps, even without a
single training video of the task: "whisk egg" is made of "whisk" and "egg", which were
learnt from other tasks.
"""

# %%
# Leave one task out
# ------------------
#
# Each fold trains on four tasks and tests on the fifth. The windows of the tested task
# play no part, because its videos are not in the training set and prediction reads
# none. A warning names the steps without any known word; the mean of the task's other
# words stands in for them.

import numpy as np
from sklearn.model_selection import LeaveOneGroupOut, cross_val_score

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.baselines import UniformBaseline
from skcrosstask.datasets import make_instructional_videos

videos, tasks = make_instructional_videos(n_videos=16, n_tasks=5, random_state=0)
names = np.array([task.name for task in tasks])
estimator = WeaklySupervisedStepEstimator(random_state=0)
folds = {"cv": LeaveOneGroupOut(), "groups": names, "error_score": "raise"}
unseen = cross_val_score(estimator, videos, tasks, **folds)
uniform = cross_val_score(UniformBaseline(), videos, tasks, **folds)

# %%
# How well this works depends on how many of the task's words the other tasks have. If
# most are unknown, as for latte, spacing the steps evenly is no worse.


def share_of_known_words(name):
    own = {w for t in tasks if t.name == name for s in t.steps for w in s.split()}
    others = {w for t in tasks if t.name != name for s in t.steps for w in s.split()}
    return len(own & others) / len(own)


left_out = np.unique(names)  # the order of LeaveOneGroupOut
for name, recall, even in zip(left_out, unseen, uniform, strict=True):
    known = share_of_known_words(name)
    print(f"{name:9} words known {known:4.0%}  recall {recall:.2f}  uniform {even:.2f}")

# %%
# A new recipe
# ------------
#
# The step list may even be written after training. Here no video of a cake is in the
# training set; the words "egg", "pour" and "mixture" come from pancakes, "sugar" and
# "stir" from lemonade, "add" from both.

import matplotlib.pyplot as plt

from skcrosstask import Task
from skcrosstask.plotting import StepTimelineDisplay

train = [video for video in videos if video.task.name != "cake"]
cakes = [video for video in videos if video.task.name == "cake"]
estimator.fit(train)
cake = Task("cake", ["add sugar", "add egg", "stir mixture", "pour mixture"])
print(f"recall of {len(cakes)} cakes: {estimator.score(cakes, cake):.2f}")
StepTimelineDisplay.from_estimator(estimator, cakes[:4], cake, windows=False)
plt.show()
