"""
From subtitles to predictions
=============================

People say what they are doing. Subtitles therefore tell roughly when each step happens,
which is enough to learn what the steps look like. New videos then need no subtitles.
"""

# %%
# One subtitle file per video
# ---------------------------
#
# Here both the videos and the subtitles are generated: small talk, and a mention of
# most steps as they begin. Yours would come with the videos, from YouTube for instance,
# or from a speech recogniser.

import random
import tempfile
from pathlib import Path

from skcrosstask.datasets import make_instructional_videos

SMALL_TALK = [
    "hello everybody and welcome back",
    "my grandmother always made it like this",
    "it has been raining here all week long",
    "take your time, there is no need to hurry",
    "let me know in the comments what you think",
    "sorry about the noise, that is the dog next door",
]


def write_subtitles(path, video, draw):
    """Write WebVTT with a text every seven seconds, or as a step begins."""
    begins = {int(start): int(step) for step, start, _ in video.annotation}
    cues, quiet_until = ["WEBVTT"], 0
    for t in range(len(video.features) - 4):
        if t in begins and draw.random() < 0.85:
            text = f"and now we {video.task.steps[begins[t]]}, just like that"
        elif t >= quiet_until:
            text = draw.choice(SMALL_TALK)
        else:
            continue
        quiet_until = t + 7
        clock = [f"00:{s // 60:02}:{s % 60:02}.000" for s in (t, t + 4)]
        cues.append(f"{clock[0]} --> {clock[1]}\n{text}")
    path.write_text("\n\n".join(cues))


generated, _ = make_instructional_videos(
    n_videos=24, n_tasks=4, feature_noise=1.5, random_state=0
)
train, test = generated[:16], generated[16:]
folder = Path(tempfile.mkdtemp())
draw = random.Random(0)
for video in train:
    write_subtitles(folder / f"{video.name}.vtt", video, draw)
cues = (folder / "omelette-0.vtt").read_text().split("\n\n")
print("\n\n".join(cues[5:8]))

# %%
# Words with times
# ----------------
#
# ``read_narration`` gives each word a time. The videos get features, a task and a
# narration, but no windows; the truth is there only to be looked at later.

import shutil

from skcrosstask import Video
from skcrosstask.narration import read_narration

videos = [
    Video(
        video.features,
        task=video.task,
        annotation=video.annotation,
        name=video.name,
        narration=read_narration(folder / f"{video.name}.vtt"),
    )
    for video in train
]
shutil.rmtree(folder)
said = videos[2].narration
for word, (start, end) in list(zip(said.words, said.times, strict=True))[:5]:
    print(f"{start:5.1f} to {end:4.1f} s: {word}")

# %%
# Where each step may happen
# --------------------------
#
# ``NarrationAligner`` finds, in order, the words that mention each step. People speak
# before they act, so each window is extended by five seconds at its end.

import matplotlib.pyplot as plt

from skcrosstask.narration import NarrationAligner
from skcrosstask.plotting import NarrationDisplay

aligner = NarrationAligner(padding=(0, 5)).fit(videos)
NarrationDisplay.from_estimator(aligner, videos[2])

# %%
# Dark areas are where the words resemble a step, frames are the windows, and green is
# the truth. The last step is never mentioned. It still gets a window, with low
# confidence; ``min_confidence`` would drop it. Learning copes as long as windows are
# right more often than not.
#
# Learn, and predict in new videos
# --------------------------------
#
# In a pipeline, the aligner comes before the estimator. The test videos have no
# narration and pass through it unchanged.

from sklearn.pipeline import make_pipeline

from skcrosstask import WeaklySupervisedStepEstimator

pipeline = make_pipeline(
    NarrationAligner(padding=(0, 5)), WeaklySupervisedStepEstimator(random_state=0)
).fit(videos)
order_alone = WeaklySupervisedStepEstimator(use_windows=False, random_state=0)
recall = {
    "subtitles and order": pipeline.score(test),
    "order alone": order_alone.fit(videos).score(test),
}
for name, value in recall.items():
    print(f"learnt from {name}: recall {value:.2f}")

# %%
# Some new videos
# ---------------

from skcrosstask.plotting import StepTimelineDisplay

new = test[:4]
StepTimelineDisplay.from_predictions(new, pipeline.predict(new), windows=False)
plt.show()
