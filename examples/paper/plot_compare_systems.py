"""
Eight systems under one protocol
================================

Every system in the paper's main table is an estimator for the same videos, so a single
loop compares them: same splits, same recall, one table.
"""

# %%
# What each system knows
# ----------------------
#
# All of them know the ordered steps of each task. Beyond that they differ:
#
# - ``uniform`` spaces the steps evenly and does not look at the videos;
# - ``action sets`` (Richard et al., 2018) learns from the set of steps of each task,
#   not from their order;
# - ``DIFFRAC`` (Alayrac et al., 2016) clusters each task separately, using windows;
# - ``paper`` (Zhukov et al., 2019) also learns from windows, by the published
#   procedure, with classifiers of the words that steps of all tasks share;
# - ``weak, alone`` and ``weak, shared`` are the defaults of this package, with
#   classifiers of steps or of shared words;
# - ``supervised`` learns from the annotated segments of the training videos;
# - ``oracle`` reads those of the test videos and gives the best parse that keeps the
#   steps in order.
#
# The last two are bounds, not competitors.

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
    "paper": WeaklySupervisedStepEstimator(
        condition=False,
        n_passes=0,
        init_iter=30,
        max_iter=30,
        decoding="one_per_step",
        random_state=0,
    ),
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
# The table shows means over the splits; next to the average is its standard deviation.
# The best result for each task is in bold. With three videos per task, the weakly
# supervised models are ahead of clustering, and sharing words closes much of the gap
# between classifiers of steps and the supervised bound. Sets of steps tell little when
# all videos of a task have the same set: action sets stay at chance. For one split,
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
