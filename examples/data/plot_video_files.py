"""
From video files to chapters
============================

All you have is a folder of videos, and perhaps their subtitles. A few commands lead
from there to a table of steps in seconds, to chapters in a video, and to a page on
which you can look at the steps and correct them.
"""

# %%
# Three clips, whose steps are known
# ----------------------------------
#
# Yours would come from a camera. These show walks in a garden, composed of parts of two
# photographs: each step lasts a few seconds, and between steps there is nothing to see.
# No real video is as easy.

import tempfile
from pathlib import Path

import av
import numpy as np
from sklearn.datasets import load_sample_images

temple, flower = load_sample_images().images
views = {
    "admire roof": temple[:120, 80:240],
    "enter temple": temple[200:320, 220:380],
    "smell flower": flower[160:280, 240:400],
    "touch leaf": flower[:120, :160],
}
steps = list(views)
nothing = np.full((120, 160, 3), 90, dtype=np.uint8)
rng = np.random.default_rng(0)


def draw_times():
    """Start and end of each step, in seconds."""
    edges = np.cumsum(rng.integers(4, 10, size=2 * len(steps)))
    return edges.reshape(-1, 2)


def write_clip(path, times):
    """Write a clip of five pictures a second, each a little noisy."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("h264", rate=5, width=160, height=120)
        stream.pix_fmt = "yuv420p"
        for i in range(5 * (times.max() + 5)):
            now = np.flatnonzero((times[:, 0] <= i / 5) & (i / 5 < times[:, 1]))
            picture = views[steps[now[0]]] if len(now) else nothing
            noisy = picture + rng.normal(0, 12, picture.shape)
            picture = np.clip(noisy, 0, 255).astype(np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        file.mux(stream.encode())


folder = tempfile.TemporaryDirectory()
home = Path(folder.name)
walks = home / "walks"
walks.mkdir()
times = {name: draw_times() for name in ("monday", "tuesday", "friday")}
for name, of_clip in times.items():
    write_clip(walks / f"{name}.mp4", of_clip)

# %%
# What is said, and the steps
# ---------------------------
#
# Subtitles are named like their video. People often speak of a step a little before or
# after they do it. ``steps.txt`` lists the steps in order. Beside the videos, this is
# all that is learnt from.

spoken = {
    "admire roof": "just admire that old roof",
    "enter temple": "now we enter the temple",
    "smell flower": "come and smell this flower",
    "touch leaf": "you can touch every leaf",
}


def stamp(seconds):
    return f"00:{int(seconds) // 60:02}:{int(seconds) % 60:02},000"


for name, of_clip in times.items():
    starts = np.maximum(of_clip[:, 0] + rng.integers(-3, 4, size=len(steps)), 0)
    cues = [
        f"{i}\n{stamp(start)} --> {stamp(start + 2)}\n{spoken[step]}\n"
        for i, (step, start) in enumerate(zip(steps, starts, strict=True), 1)
    ]
    (walks / f"{name}.srt").write_text("\n".join(cues))
(walks / "steps.txt").write_text("\n".join(steps))
print((walks / "monday.srt").read_text()[:70])

# %%
# Describe the folder
# -------------------
#
# ``init`` writes down which files belong together. All other commands read that file,
# and you may edit it.

import contextlib
import shlex

from skcrosstask._cli import main


def run(command):
    """Run what you would type in that folder after ``python -m skcrosstask``."""
    with contextlib.chdir(home):
        assert main(shlex.split(command)) == 0


run("init walks --task walk")
print((home / "walks/collection.yaml").read_text())

# %%
# Features
# --------
#
# A row of numbers for each second, made by an encoder of pictures. The built-in one is
# weak, but can tell a temple from a flower; ``--encoder`` takes any network. The rows
# go to ``walks/features``, where the other commands look for them.

run("features walks --quiet")

# %%
# Windows
# -------
#
# The subtitles say where a step may happen: steps counted from 1, and seconds.

run("windows walks --padding 3 --quiet")
print((home / "walks/constraints/walk_monday.csv").read_text())

# %%
# Fit
# ---
#
# The model learns what each step looks like, from all videos at once.

run("fit walks --out walk.skct --quiet")

# %%
# Predict, and compare with the truth
# -----------------------------------
#
# If some videos are annotated, you can see how good the model is. Files count steps
# from 1, and their times are seconds. Recall is the share of steps whose predicted
# moment lies within the truth; beside it stands that of evenly spread steps.

(walks / "annotations").mkdir()
for name, of_clip in times.items():
    rows = [f"{i},{start},{end}\n" for i, (start, end) in enumerate(of_clip, 1)]
    (walks / "annotations" / f"walk_{name}.csv").write_text("".join(rows))
run("predict walk.skct walks --out times.csv")
print((home / "times.csv").read_text()[:280])
run("evaluate times.csv walks --json recall.json")

# %%
# Chapters of a new video
# -----------------------
#
# The model knows its task, so that a new video needs neither subtitles nor a manifest.
# Its steps become chapters, which players list. They can be put into the video without
# encoding it anew, as here, or by
# ``ffmpeg -i sunday.mp4 -i sunday.ffmeta -map_chapters 1 -codec copy sunday.mkv``.
# In MP4, a chapter always lasts until the next one; Matroska keeps both of its ends.

times["sunday"] = draw_times()
write_clip(home / "sunday.mp4", times["sunday"])
run(
    "predict walk.skct sunday.mp4 --encoder skcrosstask.frames:SimpleEncoder "
    "--out sunday.ffmeta"
)
with (
    av.open(home / "sunday.mp4") as old,
    av.open(home / "sunday.ffmeta", format="ffmetadata") as steps_found,
    av.open(home / "sunday.mkv", "w") as new,
):
    new.set_chapters(steps_found.chapters())
    stream = new.add_stream_from_template(old.streams.video[0])
    for packet in old.demux(old.streams.video[0]):
        if packet.dts is not None:
            packet.stream = stream
            new.mux(packet)

with av.open(home / "sunday.mkv") as file:
    chapters = file.chapters()
for chapter, (start, end) in zip(chapters, times["sunday"], strict=True):
    found = [float(chapter[edge] * chapter["time_base"]) for edge in ("start", "end")]
    title = chapter["metadata"]["title"]
    print(f"{title:12}  {found[0]:4.1f} to {found[1]:4.1f} s; truth {start} to {end} s")

# %%
# Look, and correct
# -----------------
#
# The page needs no network and no server. It plays the clips beside their steps; drag
# an edge to correct it, and download what you corrected.

run("view times.csv walks --out walks.html")
page = (home / "walks.html").read_text(encoding="utf-8")

# %%
# The same in Python
# ------------------
#
# Functions read what commands write. Here, they draw how the model places the steps.

import json

import matplotlib.pyplot as plt

from skcrosstask import load_model
from skcrosstask.datasets import load_manifest
from skcrosstask.plotting import StepTimelineDisplay

recall = json.loads((home / "recall.json").read_text())["recall"]
data = load_manifest(walks / "collection.yaml", mmap=False)
StepTimelineDisplay.from_estimator(load_model(home / "walk.skct"), data.videos)
folder.cleanup()
plt.show()
