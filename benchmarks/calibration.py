"""How far the confidence of the defaults is from how often they are right.

    python benchmarks/calibration.py --data ../shared/data --out table.md
    python benchmarks/calibration.py --sets medium breakfast --record

For each set: the share of steps of which the predicted time is right, the mean
confidence at that time without and with calibration, and the expected calibration
error of both (ten bins of equal width), over steps that are in the video. Agreement is
what calibration goes by. Where steps may be absent, the area under the ROC of
`predict_presence`, that of a model learnt from annotations, and F1 of "is present"
beside that of taking every step for present. With ``--record``, figures go to
``measured/calibration.csv``.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from _measured import add_record, record
from _real_sets import REAL, SIMULATED, Split
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import f1_score, roc_auc_score

from skcrosstask import Video, WeaklySupervisedStepEstimator
from skcrosstask.baselines import SupervisedStepEstimator

FIGURES = [
    *("right", "plain", "calibrated", "agreement", "ECE plain", "ECE calibrated"),
    *("AUC", "AUC supervised", "F1", "F1 always"),
]


class Found(NamedTuple):
    """What is found of each step of some videos.

    Attributes
    ----------
    there : ndarray of shape (n,) of bool
        Whether the step is in the video.
    hit : ndarray of shape (n,) of bool
        Whether the predicted time is right.
    present, confidence, plain : ndarray of shape (n,)
        Probabilities: that it is there; that it runs at the predicted time, if it is
        there; and that without calibration.
    """

    there: np.ndarray
    hit: np.ndarray
    present: np.ndarray
    confidence: np.ndarray
    plain: np.ndarray


def calibration_error(confidence: np.ndarray, hit: np.ndarray, n_bins: int = 10):
    """Expected calibration error, over bins of equal width."""
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    return sum(
        (bins == b).mean() * abs(confidence[bins == b].mean() - hit[bins == b].mean())
        for b in np.unique(bins)
    )


def find(estimator, videos: Sequence[Video]) -> Found:
    """Steps of videos by an estimator, beside the truth."""
    table, softened = estimator.locate(videos), estimator.temperature_
    estimator.temperature_ = 1.0
    plain = estimator.locate(videos)
    estimator.temperature_ = softened
    truth = {video.name: video.annotation for video in videos}
    there, hit = [], []
    for row in table:
        segments = truth[row.video][truth[row.video][:, 0] == row.step]
        there.append(len(segments) > 0)
        # As in recall, a row is right where it touches the segment.
        hit.append(
            (
                (segments[:, 1] < row.time + 0.5) & (segments[:, 2] > row.time - 0.5)
            ).any()
        )
    present = np.array([row.present for row in table])
    chances = (np.array([r.confidence for r in t]) / present for t in (table, plain))
    return Found(np.array(there), np.array(hit), present, *chances)


def figures_of(split: Split, seed: int) -> dict[str, float]:
    """Figures of one set, by name; without those of absent steps if there are none."""
    weak, annotated, agreement = [], [], []
    for train, test in split.folds:
        videos = [split.videos[i] for i in train]
        new = [split.videos[i] for i in test]
        estimator = WeaklySupervisedStepEstimator(random_state=seed).fit(videos)
        agreement.append(estimator.agreement_)
        weak.append(find(estimator, new))
        known = [video for video in videos if video.annotation is not None]
        annotated.append(find(SupervisedStepEstimator().fit(known), new))
    found, supervised = (
        Found(*map(np.concatenate, zip(*folds, strict=True)))
        for folds in (weak, annotated)
    )
    there = found.there
    hit = found.hit[there]
    chances = found.plain[there], found.confidence[there]
    numbers = [hit.mean(), *(c.mean() for c in chances), np.mean(agreement)]
    numbers += [calibration_error(c, hit) for c in chances]
    if not there.all():
        numbers += [roc_auc_score(there, f.present) for f in (found, supervised)]
        taken = found.present > 0.5, np.ones(len(there))
        numbers += [f1_score(there, t) for t in taken]
    # Where no model had videos enough to be calibrated, agreement is not a number.
    return dict(zip(FIGURES, map(float, numbers), strict=False))


def main() -> None:
    """Print the table, a row as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", nargs="*", help="parts of names (default: all)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    add_record(parser)
    args = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    lines = []
    for name in [*REAL, *SIMULATED]:
        if args.sets and not any(part in name for part in args.sets):
            continue
        split = REAL[name](args.data) if name in REAL else None
        split = SIMULATED[name](args.data, args.seed) if split is None else split
        figures = figures_of(split, args.seed)
        record(args.record, ["set"], [{"set": name, **figures}])
        cells = [f"{figures[f]:.3f}" if f in figures else "" for f in FIGURES]
        lines.append("| " + " | ".join([name, *cells]) + " |")
        print(lines[-1], flush=True)
    header = ["set", *FIGURES]
    head = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    if args.out is not None:
        args.out.write_text("\n".join([*head, *lines, ""]))


if __name__ == "__main__":
    main()
