"""
Related tasks, from step lists alone
====================================

Which tasks are worth collecting videos of, to help with those at hand? Step lists
answer that before a single video is there: related tasks share words, and so do their
classifiers.
"""

# %%
# Candidates
# ----------
#
# Two tasks need help. Eight others could be collected; one of them is a near duplicate.

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
# weigh more. Given whole articles as ``texts``, it compares those. Candidates of which
# no word is shared are never named.

from skcrosstask.datasets import find_related_tasks

found = find_related_tasks([latte, tyre], candidates, n_related=4)
for name, related in found.related.items():
    print(f"{name}:")
    for task, score in zip(related, found.scores[name], strict=True):
        print(f"  {score:.2f}  {task.name}")

# %%
# Near duplicates
# ---------------
#
# A task that is the same but in name brings no video that a search for the first would
# not bring. So those that share too many of the videos found are left out.

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
# The same from above: tasks are near to those with which they share many of their
# words. Coffee and bikes have a corner each. What shares few words with anything is far
# from all, as far as a plane allows: there the place means little, and the distances
# say more.

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
