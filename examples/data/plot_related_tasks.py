"""
Related tasks, from step lists alone
====================================

To help with the tasks you have, for which other tasks should you collect videos? Step
lists answer this before there is a single video: related tasks share words, and
therefore classifiers.
"""

# %%
# Candidates
# ----------
#
# Two tasks need help. There are eight candidates, one of which is a near-duplicate.

from skcrosstask import Task

latte = Task("latte", ["grind coffee", "press coffee", "steam milk", "pour milk"])
tyre = Task("tyre", ["lift bike", "remove wheel", "remove tyre", "pump tyre"])
candidates = [
    Task("pancakes", ["pour milk", "add egg", "whisk mixture", "flip pancake"]),
    Task("espresso", ["grind coffee", "fill filter", "press coffee", "lock filter"]),
    Task("cappuccino", ["grind coffee", "press coffee", "steam milk", "pour foam"]),
    Task("cocoa", ["heat milk", "add cocoa", "stir milk"]),
    Task("flat bike tyre", ["remove wheel", "patch tyre", "pump tyre"]),
    Task("bike chain", ["lift bike", "remove wheel", "remove chain", "oil chain"]),
    Task("lemonade", ["cut lemon", "squeeze lemon", "add sugar", "stir mixture"]),
    Task("shelf", ["cut board", "sand board", "paint board", "screw shelf"]),
]

# %%
# The search
# ----------
#
# Texts are compared by the cosine of their TF-IDF vectors: words that few tasks have
# weigh more. If you pass whole articles as ``texts``, those are compared instead.
# Candidates that share no word are never returned.

from skcrosstask.datasets import find_related_tasks

found = find_related_tasks([latte, tyre], candidates, n_related=4)
for name, related in found.related.items():
    print(f"{name}:")
    for task, score in zip(related, found.scores[name], strict=True):
        print(f"  {score:.2f}  {task.name}")

# %%
# Near-duplicates
# ---------------
#
# If two tasks differ only in name, a search for one finds the same videos as a search
# for the other. Candidates that share too many search results are therefore left out.

results = {
    "latte": ["v1", "v2", "v3", "v4"],
    "cappuccino": ["v2", "v3", "v5", "v6"],
    "espresso": ["v7", "v8", "v9"],
}
kept = find_related_tasks([latte], candidates, n_related=4, videos=results)
print("without duplicates:", [task.name for task in kept.related["latte"]])

# %%
# A map
# -----
#
# On the map, tasks that share many of their words are close together. Coffee and bikes
# have a corner each. A task that shares few words with any other is far from all of
# them, as far as a plane allows. Its position then means little, and the distances say
# more.

import matplotlib.pyplot as plt
import numpy as np

from skcrosstask.datasets import sharing_map
from skcrosstask.plotting import SharingMapDisplay

tasks = [latte, tyre, *candidates]
places = sharing_map(tasks)
nearest = (places.distances + 2 * np.eye(len(tasks))).argmin(axis=1)
for i, j in enumerate(nearest):
    n_words = places.n_shared[i, j]
    print(f"{tasks[i].name:14} nearest: {tasks[j].name:14} shared words: {n_words}")
SharingMapDisplay.from_tasks(tasks, title="Tasks by the words that they share")
plt.show()
