"""
Your own videos
===============

Features come from arrays or ``.npy`` files, step lists from anywhere. This example
writes a few files, fits on them, and saves the model for later.
"""

# %%
# Features as files
# -----------------
#
# There is one ``.npy`` file per video, with one row per second. Here the files are
# generated; yours would come from a video or image network. A file is memory-mapped
# when its rows are needed, so a collection may be larger than memory.

import tempfile
from pathlib import Path

import numpy as np

from skcrosstask.datasets import make_instructional_videos

folder = Path(tempfile.mkdtemp())
generated, _ = make_instructional_videos(n_videos=8, n_tasks=2, random_state=0)
for video in generated:
    np.save(folder / f"{video.name}.npy", video.features)
print(sorted(path.name for path in folder.glob("*.npy"))[:3], "...")

# %%
# Tasks as a mapping
# ------------------
#
# A video may just name its task; the steps of each task are then given once. Tasks
# share words, so write the steps as short phrases: "pour milk".

from skcrosstask import Video

tasks = {
    "pancakes": [
        "pour milk",
        "add egg",
        "whisk mixture",
        "pour mixture",
        "flip pancake",
    ],
    "latte": ["grind coffee", "press coffee", "steam milk", "pour milk"],
}
videos = [
    Video(
        folder / f"{source.name}.npy",
        task=source.task.name,
        # Rows "step, start, end": steps from 0, times in seconds. Both are optional.
        windows=source.windows,
        annotation=source.annotation,
        name=source.name,
    )
    for source in generated
]
print(videos[0], videos[0].shape)

# %%
# Fit, and predict from a bare array
# ----------------------------------

from skcrosstask import Task, WeaklySupervisedStepEstimator

train, test = videos[:-4], videos[-4:]
estimator = WeaklySupervisedStepEstimator(random_state=0).fit(train, tasks)
print(f"step recall: {estimator.score(test, tasks):.2f}")

array = np.load(folder / f"{test[0].name}.npy")
print(estimator.predict([array], Task("pancakes", tasks["pancakes"])))

# %%
# Save the model
# --------------
#
# The file holds numbers and names, no code, so it is safe to load a stranger's model.

from skcrosstask import load_model, save_model

save_model(estimator, folder / "cooking.skct")
restored = load_model(folder / "cooking.skct")
same = all(
    np.array_equal(old, new)
    for old, new in zip(
        estimator.predict(test, tasks), restored.predict(test, tasks), strict=True
    )
)
print("same predictions:", same)

# %%
# Use the restored model
# ----------------------

import shutil

import matplotlib.pyplot as plt

from skcrosstask.plotting import StepTimelineDisplay

StepTimelineDisplay.from_estimator(restored, test, tasks)
shutil.rmtree(folder)
plt.show()
