"""The start page's picture, which must read on a telephone.

``python docs/_start_picture.py`` draws it anew into ``docs/_static/start.png``.
"""

from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos

_COLOURS = ("#0072B2", "#D98E00", "#2E8B77", "#882255", "#808000")


def draw_start(path):
    """Fit on generated videos, and draw what is found in a new one.

    Parameters
    ----------
    path : path
        Where the picture goes.
    """
    videos, _ = make_instructional_videos(n_videos=16, random_state=0)
    train, (video, *_) = videos[:-4], videos[-4:]
    estimator = WeaklySupervisedStepEstimator(random_state=0).fit(train)
    lanes = {
        "found": [(row.step, row.start, row.end) for row in estimator.locate([video])],
        "truth": [(int(k), start, end) for k, start, end in video.annotation],
    }
    figure, axes = plt.subplots(
        2, 1, figsize=(5.4, 3.0), height_ratios=(2, 1), layout="constrained"
    )
    chances = estimator.predict_proba([video])[0]
    top, bottom = axes
    for k, step in enumerate(video.task.steps):
        hill = chances[:, k] / chances[:, k].max()
        top.fill_between(
            range(len(hill)), k, k - 0.8 * hill, color=_COLOURS[k], alpha=0.8
        )
        top.text(
            -2, k - 0.1, step, color=_COLOURS[k], ha="right", size=13, weight="bold"
        )
    top.set_ylim(len(video.task.steps) - 0.8, -1)
    for y, (name, segments) in enumerate(lanes.items()):
        for k, start, end in segments:
            bottom.barh(y, end - start, left=start, height=0.7, color=_COLOURS[k])
        bottom.text(-2, y, name, ha="right", va="center", size=13)
    bottom.set_ylim(1.5, -0.5)
    bottom.set_xlabel("seconds", size=12)
    bottom.tick_params(labelsize=12)
    for ax in axes:
        ax.set_xlim(0, len(video.features))
        ax.set_yticks([])
        ax.spines[["left", "top", "right"]].set_visible(False)
    top.spines["bottom"].set_visible(False)
    top.set_xticks([])
    figure.savefig(path, dpi=200, facecolor="white")
    plt.close(figure)


if __name__ == "__main__":
    draw_start(Path(__file__).parent / "_static" / "start.png")
