"""Annotated videos with features, real and simulated, and how each set is split.

The real sets come as they were recorded: sensors, relations of objects, features of
frames, narrated words. The simulated ones are features drawn on CrossTask's real
timelines, or videos that are made up throughout.
"""

from __future__ import annotations

import csv
import json
import re
import warnings
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from nltk.stem.porter import PorterStemmer

from skcrosstask import Task, Video
from skcrosstask.datasets import (
    load_crosstask,
    make_instructional_videos,
    simulate_features,
)
from skcrosstask.experiments import GENERATOR
from skcrosstask.model_selection import TaskShuffleSplit

__all__ = ["REAL", "SIMULATED", "Split"]

# On top of the generator's own settings, which are the medium ones.
STRENGTHS: dict[str, dict[str, float]] = {
    "strong": {"noise": 1.0},
    "medium": {},
    "weak": {"words": 0.15, "step": 0.06, "noise": 1.9},
}

_STOP = "a an and for i in is it of on so that the this to we with you 're 's n't"
_STOP_WORDS = frozenset(_STOP.split())


@dataclass
class Split:
    """Videos, and the folds in which they are learnt from and predicted.

    Attributes
    ----------
    videos : list of Video
        With features and, where they are known, annotations.
    folds : list of (train, test)
        Indices of videos.
    """

    videos: list[Video]
    folds: list[tuple[np.ndarray, np.ndarray]]


def cad120(data: Path, field: str, average: int = 5) -> Split:
    """Household tasks, relations of objects; each fold leaves one subject out.

    `field` says which descriptions of the steps are taken: "short" or "steps".
    `average` frames make one row.
    """
    folder = data / "cad120"
    videos, subjects, name_task = [], [], _Tasks()
    for name, entry in _entries(folder).items():
        segments = folder / "segments" / f"{name}.csv"
        if not entry.get(field) or not segments.exists() or not entry["qsr"]:
            continue
        rows = _averages(np.load(folder / "features" / f"{name}.npy"), average)
        truth = _segments(segments) / [1, average, average]
        task = name_task(entry["activity"], entry[field])
        videos.append(_video(name, rows, task, truth))
        subjects.append(entry["subject"])
    return Split(videos, _leave_one_out(subjects))


def openpack(data: Path, field: str, n_folds: int = 5) -> Split:
    """Boxes packed by one worker, sensors on arms and wrist; folds of boxes.

    `field` is "steps", the operations, or "actions", which are finer.
    """
    folder = data / "openpack"
    kind = {"steps": "segments", "actions": "actions"}[field]
    videos, name_task = [], _Tasks()
    for name, entry in _entries(folder).items():
        rows = np.load(folder / "features" / f"{name}.npy")
        truth = _segments(folder / kind / f"{name}.csv")
        task = name_task(entry["task"], entry[field])
        videos.append(_video(name, rows, task, truth))
    return Split(videos, _leave_one_out(np.arange(len(videos)) % n_folds))


def breakfast(data: Path, frame_rate: int = 15) -> Split:
    """Coffee is made: features of frames, averaged by second; one video a fold."""
    folder = data / "breakfast_coffee_sample"
    videos, name_task = [], _Tasks()
    for path in sorted((folder / "groundTruth").iterdir()):
        features = np.loadtxt(folder / "features" / "coffee" / f"{path.name}.txt")
        labels = path.read_text().split()[: len(features)]
        changes = [i for i in range(1, len(labels)) if labels[i] != labels[i - 1]]
        bounds = [0, *changes, len(labels)]
        runs = [
            (labels[first], first, stop)
            for first, stop in pairwise(bounds)
            if labels[first] != "SIL"
        ]
        steps = [label.replace("_", " ") for label, _, _ in runs]
        truth = np.array([(k, a, b) for k, (_, a, b) in enumerate(runs)], float)
        truth /= [1, frame_rate, frame_rate]
        rows = _averages(features[: len(labels)], frame_rate)
        videos.append(_video(path.name, rows, name_task("coffee", steps), truth))
    return Split(videos, _leave_one_out(np.arange(len(videos))))


def youcook2(
    data: Path, n_features: int = 256, n_folds: int = 5, spread: float = 4.0
) -> Split:
    """Cooking videos, each with its own steps; what is said around each second.

    Stems of the narrated words are hashed to `n_features`, weighted by how rare they
    are, and spread over time by a Gaussian of `spread` seconds.
    """
    folder = data / "youcook2_narrations"
    said, steps = defaultdict(list), defaultdict(list)
    for row in _table(folder / "narrations.csv"):
        said[row["video_id"]].append((float(row["start_seconds"]), row["sentence"]))
    for row in _table(folder / "segments.csv"):
        bounds = float(row["start_seconds"]), float(row["end_seconds"])
        steps[row["video_id"]].append((*bounds, row["description"]))
    stem = cache(PorterStemmer().stem)
    stems = {
        name: [[stem(w) for w in _words(text) if w not in _STOP_WORDS] for _, text in r]
        for name, r in said.items()
    }
    n_videos_with = Counter(
        word for r in stems.values() for word in {word for row in r for word in row}
    )
    videos = []
    for name in sorted(steps):
        segments = sorted(steps[name])
        starts = [start for start, _ in said[name]]
        last = starts[-1] + 5 if starts else 0
        n_units = int(np.ceil(max(segments[-1][1], last)))
        if n_units < len(segments):
            continue
        rows, times = np.zeros((n_units, n_features)), np.arange(n_units) + 0.5
        stops = [*starts[1:], n_units]
        for start, stop, words in zip(starts, stops, stems.get(name, []), strict=True):
            middle = start + min(stop - start, 6) / 2
            near = np.exp(-0.5 * ((times - middle) / spread) ** 2)
            for word in words:
                code = zlib.crc32(word.encode())
                rarity = np.log(len(stems) / n_videos_with[word])
                rows[:, code % n_features] += near * rarity * (1 - 2 * (code >> 31))
        task = Task(name, [_telling(text) for _, _, text in segments])
        truth = np.array([(k, a, b) for k, (a, b, _) in enumerate(segments)], float)
        videos.append(_video(name, rows, task, truth))
    return Split(videos, _leave_one_out(np.arange(len(videos)) % n_folds))


def crosstask(
    data: Path,
    seed: int,
    strength: str = "medium",
    *,
    fill: float | None = None,
    windows: bool = True,
    related: bool = False,
    n_train: int = 30,
    n_test: int = 15,
) -> Split:
    """Features simulated on CrossTask's real timelines of the primary tasks.

    Trains on `n_train` videos a task, and on all of the related tasks if wanted, and
    tests on up to `n_test` others a task. `fill` cuts background out until segments
    fill that share of each video; as they are, segments fill about a quarter.
    """
    release = _release(data, related)
    cv = TaskShuffleSplit(
        1,
        n_train=n_train,
        train_only=release.related if related else (),
        exclude=release.validation_names,
        random_state=seed,
    )
    train, test = next(cv.split(release.videos, release.tasks))
    taken, kept = Counter(), []
    for i in np.random.default_rng(seed).permutation(test):
        name = release.videos[i].task.name
        if taken[name] < n_test:
            taken[name] += 1
            kept.append(i)
    chosen = [(release.videos[i], int(release.lengths[i])) for i in (*train, *kept)]
    if fill is not None:
        chosen = [_filled(video, n_units, fill) for video, n_units in chosen]
    settings = {**GENERATOR, **STRENGTHS[strength]}
    timelines, lengths = zip(*chosen, strict=True)
    videos = simulate_features(timelines, lengths, **settings, random_state=seed)
    everything = np.arange(len(videos))
    return Split(
        videos if windows else [replace(video, windows=None) for video in videos],
        [(everything[: len(train)], everything[len(train) :])],
    )


def generated(data: Path, seed: int, *, windows: bool = True) -> Split:
    """Videos of `make_instructional_videos`: half to learn from, half to test on."""
    videos, _ = make_instructional_videos(24, n_tasks=8, random_state=seed)
    if not windows:
        videos = [replace(video, windows=None) for video in videos]
    everything, half = np.arange(len(videos)), len(videos) // 2
    return Split(videos, [(everything[:half], everything[half:])])


# Loaders of sets: of the data folder; of simulated ones, of that and a seed.
REAL: dict[str, Callable[[Path], Split]] = {
    "cad120 short": partial(cad120, field="short"),
    "cad120 steps": partial(cad120, field="steps"),
    "openpack operations": partial(openpack, field="steps"),
    "openpack actions": partial(openpack, field="actions"),
    "breakfast": breakfast,
    "youcook2": youcook2,
}
SIMULATED: dict[str, Callable[[Path, int], Split]] = {
    "generated": generated,
    "generated, no windows": partial(generated, windows=False),
    **{f"crosstask {name}": partial(crosstask, strength=name) for name in STRENGTHS},
    **{
        f"crosstask {name}, fill .5": partial(crosstask, strength=name, fill=0.5)
        for name in STRENGTHS
    },
    "crosstask medium, no windows": partial(crosstask, windows=False),
    **{
        f"crosstask {name}, related": partial(crosstask, strength=name, related=True)
        for name in STRENGTHS
    },
}


class _Tasks:
    """Makes a task of a name and steps; other steps of the same name get a number."""

    def __init__(self):
        self._known = defaultdict(list)

    def __call__(self, name: str, steps: Sequence[str]) -> Task:
        known, steps = self._known[name], tuple(steps)
        if steps not in known:
            known.append(steps)
        number = known.index(steps)
        return Task(f"{name}/{number}" if number else name, steps)


def _entries(folder: Path) -> dict[str, dict]:
    return json.loads((folder / "videos.json").read_text())["videos"]


def _table(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def _segments(path: Path) -> np.ndarray:
    return np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)


def _averages(rows: np.ndarray, n: int) -> np.ndarray:
    """Means of n rows each; the last may be of fewer."""
    starts = np.arange(0, len(rows), n)
    sizes = np.diff([*starts, len(rows)])
    return np.add.reduceat(rows.astype(float), starts, axis=0) / sizes[:, None]


def _video(name: str, rows: np.ndarray, task: Task, truth: np.ndarray) -> Video:
    truth[:, 2] = np.minimum(truth[:, 2], len(rows))
    return Video(rows.astype(np.float32), task, annotation=truth, name=name)


def _leave_one_out(groups: Sequence[Hashable]) -> list[tuple[np.ndarray, np.ndarray]]:
    groups = np.asarray(groups)
    return [
        (np.flatnonzero(groups != group), np.flatnonzero(groups == group))
        for group in dict.fromkeys(groups.tolist())
    ]


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def _telling(text: str) -> str:
    """The text without stop words, if anything is left of it."""
    words = [word for word in text.lower().split() if word not in _STOP_WORDS]
    return " ".join(words) or text


@cache
def _release(data: Path, related: bool):
    with warnings.catch_warnings():
        # The release comes without features; they are simulated here.
        warnings.simplefilter("ignore", UserWarning)
        return load_crosstask(
            data / "crosstask_release", tasks="all" if related else "primary"
        )


def _filled(video: Video, n_units: int, fill: float) -> tuple[Video, int]:
    """A timeline without so much background, evenly cut, and its length."""
    bounds = [
        (k, int(start), min(int(np.ceil(stop)), n_units))
        for k, start, stop in video.annotation
    ]
    kept = np.zeros(n_units, bool)
    for _, start, stop in bounds:
        kept[start:stop] = True
    background = np.flatnonzero(~kept)
    wanted = max(
        round(kept.sum() * (1 - fill) / fill),
        len(video.task.steps) + 1 - int(kept.sum()),
    )
    if wanted < len(background):
        background = background[np.linspace(0, len(background) - 1, wanted).astype(int)]
    kept[background] = True
    new = np.concatenate([[0], np.cumsum(kept)])
    rows = [(k, new[start], new[stop]) for k, start, stop in bounds]
    truth = np.array([row for row in rows if row[2] > row[1]], float)
    return replace(video, annotation=truth), int(kept.sum())
