"""
Seven systems under one protocol
================================

Every system of the paper's main table is an estimator over the same videos, so one
loop compares them: the same splits, the same recall, and one table.
"""

# %%
# What each system is given
# -------------------------
#
# All know the ordered steps of each task. Beyond that they differ:
#
# - ``uniform`` spreads the steps evenly and looks at no video;
# - ``action sets`` (Richard et al., 2018) learns from which steps a task has, not from
#   their order;
# - ``DIFFRAC`` (Alayrac et al., 2016) clusters each task by itself, with its windows;
# - ``weak, alone`` and ``weak, shared`` learn from windows too, with classifiers of
#   steps or of the words that steps of all tasks share;
# - ``supervised`` learns from the annotated segments of the training videos;
# - ``oracle`` reads those of the test videos, and parses them as well as a parse that
#   keeps to the order of the steps can.
#
# The last two are bounds, not rivals.

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.baselines import (
    ActionSetEstimator,
    DiffracEstimator,
    OracleBaseline,
    SupervisedStepEstimator,
    UniformBaseline,
)

systems = {
    "uniform": UniformBaseline(),
    "action sets": ActionSetEstimator(random_state=0),
    "DIFFRAC": DiffracEstimator(),
    "weak, alone": WeaklySupervisedStepEstimator(sharing="none", random_state=0),
    "weak, shared": WeaklySupervisedStepEstimator(random_state=0),
    "supervised": SupervisedStepEstimator(random_state=0),
    "oracle": OracleBaseline(),
}
bounds = ["supervised", "oracle"]

# %%
# One loop
# --------
#
# Three splits with three training videos of each task. ``average=None`` gives the
# recall of each task.

import numpy as np

from skcrosstask.datasets import make_instructional_videos
from skcrosstask.metrics import step_recall
from skcrosstask.model_selection import TaskShuffleSplit

videos, tasks = make_instructional_videos(
    n_videos=10,
    n_tasks=8,
    feature_noise=1.5,
    random_state=0,
)
splits = list(TaskShuffleSplit(n_splits=3, n_train=3, random_state=0).split(videos))
recalls = {name: [] for name in systems}
for train, test in splits:
    held_out = [videos[i] for i in test]
    truth = [video.annotation for video in held_out]
    for name, system in systems.items():
        system.fit([videos[i] for i in train])
        times = system.predict(held_out)
        of_tasks = [tasks[i] for i in test]
        recalls[name].append(step_recall(truth, times, of_tasks, average=None))

# %%
# One table
# ---------
#
# Means over the splits; beside the average, its standard deviation. The best of each
# task is in bold. With three videos a task, sharing words brings the weakly supervised
# model more than its whole lead over clustering. Sets of steps tell little where all
# videos of a task have the same: action sets stay at chance. Of a single split,
# ``RecallTableDisplay.from_estimators`` draws the table from the fitted estimators.

import matplotlib.pyplot as plt

from skcrosstask.plotting import RecallTableDisplay

means = {
    name: {task: np.mean([row[task] for row in rows]) for task in rows[0]}
    for name, rows in recalls.items()
}
averages = {
    name: [np.mean(list(row.values())) for row in rows]
    for name, rows in recalls.items()
}
for name, values in averages.items():
    print(f"{name:13} {np.mean(values):.2f} ± {np.std(values):.2f}")
spreads = {name: np.std(values) for name, values in averages.items()}
RecallTableDisplay(means, spreads=spreads, bounds=bounds).plot(title="Step recall, %")
plt.show()
