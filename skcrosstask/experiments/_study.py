"""A collection of videos, and how the protocol splits it."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils import Bunch

from skcrosstask._data import Task, Video
from skcrosstask._progress import counted
from skcrosstask.datasets._crosstask import load_crosstask
from skcrosstask.datasets._manifest import load_manifest
from skcrosstask.datasets._simulate import simulate_features
from skcrosstask.model_selection import TaskShuffleSplit

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["GENERATOR", "Study", "check_not_simulated", "open_crosstask"]

# Hard on purpose: even the supervised model finds fewer than half of the steps.
GENERATOR = {
    "n_features": 256,
    "words": 0.2,
    "step": 0.08,
    "scene": 0.45,
    "context": 0.25,
    "video": 0.25,
    "distraction": 0.1,
    "noise": 1.55,
}

_WITHOUT = "simulated ones, --features simulated, need no folder"


class Study:
    """Videos, the tasks that are tested, and the splits.

    Parameters
    ----------
    videos : sequence of Video
        All videos, each with its task and name.
    lengths : sequence of int
        Length of each.
    primary, related : sequence of Task
        The tasks that are tested, and those that only help to train.
    validation_names : collection of str, default=()
        Videos on which hyper-parameters are chosen; in no other part.
    generator : dict, optional
        Settings of the simulated features, which are drawn when first needed.
        Without it, the videos have real ones.
    n_train : int or None, default=30
        Training videos of a primary task; None trains and tests on all.
    seed : int, default=0
        Decides the splits.
    """

    def __init__(
        self,
        videos: Sequence[Video],
        lengths: Sequence[int],
        primary: Sequence[Task],
        related: Sequence[Task],
        validation_names: frozenset[str] = frozenset(),
        *,
        generator: dict | None = None,
        n_train: int | None = 30,
        seed: int = 0,
    ):
        self.timelines = list(videos)
        self.lengths = [int(n) for n in lengths]
        self.primary = tuple(primary)
        self.related = tuple(related)
        self.validation_names = validation_names
        self.generator = generator
        self.n_train = n_train
        self.seed = seed
        self._splits: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    @property
    def note(self) -> str:
        """What figures and tables must say about the features."""
        return "" if self.generator is None else "simulated features"

    @cached_property
    def videos(self) -> list[Video]:
        """The videos with features; simulated ones are drawn now."""
        if self.generator is None:
            return self.timelines
        return simulate_features(self.timelines, self.lengths, **self.generator)

    @cached_property
    def fingerprint(self) -> str:
        """Tells collections, generators and protocols apart by what they hold."""
        protocol = [self.generator, self.n_train, self.seed]
        digest = hashlib.sha256(json.dumps(protocol).encode())
        digest.update(json.dumps(sorted(self.validation_names)).encode())
        for video, length in zip(self.timelines, self.lengths, strict=True):
            digest.update(f"{video.task}, {video.name}, {length}".encode())
            for rows in (video.annotation, video.windows):
                digest.update(b"none" if rows is None else rows.tobytes())
            if video.rate != 1:
                digest.update(f"rate {video.rate}".encode())
        if self.generator is None:
            # A look at some of the features, which are too large to be read.
            for video in self.timelines[:: max(len(self.timelines) // 50, 1)]:
                digest.update(video.open()[0].tobytes())
        return digest.hexdigest()

    def train(self, split: int, source: str, n_tasks: int | None = None) -> list[int]:
        """Indices of the training videos of a split.

        Parameters
        ----------
        split : int
            Index of the split.
        source : {"primary", "related", "primary + related"}
            Whose videos.
        n_tasks : int, optional
            How many of the related tasks, in the split's random order.

        Returns
        -------
        list of int
            Indices into `videos`.
        """
        names = set()
        if "primary" in source:
            names |= {task.name for task in self.primary}
        if "related" in source:
            names |= {task.name for task in self.related_order(split)[:n_tasks]}
        return [int(i) for i in self._split(split)[0] if self._task(i) in names]

    def test(self, split: int) -> list[int]:
        """Indices of the test videos of a split."""
        return [int(i) for i in self._split(split)[1]]

    def validation(self) -> list[int]:
        """Indices of the validation videos, of primary tasks."""
        names = {task.name for task in self.primary}
        return [
            i
            for i, video in enumerate(self.timelines)
            if video.name in self.validation_names and self._task(i) in names
        ]

    def related_order(self, split: int) -> list[Task]:
        """Related tasks in random order, another for each split."""
        rng = np.random.default_rng([self.seed, split, len(self.related)])
        return [self.related[i] for i in rng.permutation(len(self.related))]

    def _task(self, i: int) -> str:
        return self.timelines[i].task.name  # type: ignore[union-attr]

    def _split(self, split: int) -> tuple[np.ndarray, np.ndarray]:
        if self.n_train is None:
            return np.arange(len(self.timelines)), np.arange(len(self.timelines))
        if split not in self._splits:
            # The first splits are the same, however many are drawn.
            splitter = TaskShuffleSplit(
                split + 1,
                n_train=self.n_train,
                train_only=self.related,
                exclude=self.validation_names,
                random_state=self.seed,
            )
            self._splits.update(enumerate(splitter.split(self.timelines)))
        return self._splits[split]


def open_crosstask(
    data: PathLike,
    *,
    features: PathLike | None = None,
    constraints: PathLike | None = None,
    rate: float | None = None,
    n_train: int = 30,
    seed: int = 0,
) -> Study:
    """CrossTask's release with its features, or with simulated ones.

    Parameters
    ----------
    data : path
        Folder of the release, or one that holds it as ``crosstask_release``; or a
        manifest of other videos.
    features : path or "simulated", optional
        Folder of the features, relative to ``data``. By default ``features``
        where it exists, else features and windows are simulated.
    constraints : path, optional
        Folder of the windows of real features, by default ``constraints``; refused
        where features are simulated, since windows are too.
    rate : float, optional
        Rows a second of real features, and of features that give lengths: by default
        what a manifest says, or else 1.
    n_train : int, default=30
        Training videos of a primary task.
    seed : int, default=0
        Decides the splits.

    Returns
    -------
    Study

    Raises
    ------
    FileNotFoundError
        If the release, or a folder that was asked for, is missing.
    ValueError
        If no primary task has a video with features, a length is not known, or
        ``constraints`` are given for simulated features.
    """
    if (manifest := _manifest_of(Path(data))) is not None:
        release, simulated = _read_manifest(manifest, features, constraints, rate)
        kept = _with_lengths(release, simulated)
        return _study_of(release, kept, simulated, n_train, seed)
    root = _release_in(Path(data))
    if features is None:
        features = "features" if (root / "features").is_dir() else "simulated"
    simulated = features == "simulated"
    if simulated:
        check_not_simulated(constraints)
    constraints = "constraints" if constraints is None else constraints
    if not simulated:
        _require(root / features, root / constraints)
    with warnings.catch_warnings():
        if simulated:
            # Missing features and windows do not matter: both are drawn.
            warnings.simplefilter("ignore", UserWarning)
        release = load_crosstask(
            root,
            # Of real features, simulated ones need the lengths.
            features=_lengths_from(root) if simulated else features,
            constraints=None if simulated else constraints,
            rate=1.0 if rate is None else rate,
        )
    kept = _usable(release, root / features, simulated)
    return _study_of(release, kept, simulated, n_train, seed)


def _study_of(
    release: Bunch, kept: list[int], simulated: bool, n_train: int, seed: int
) -> Study:
    return Study(
        [release.videos[i] for i in kept],
        release.lengths[kept],
        release.primary,
        release.related,
        release.validation_names,
        generator=GENERATOR if simulated else None,
        n_train=n_train,
        seed=seed,
    )


def _read_manifest(
    path: Path,
    features: PathLike | None,
    constraints: PathLike | None,
    rate: float | None,
) -> tuple[Bunch, bool]:
    """What a manifest describes, and whether its features are to be simulated."""
    simulated = features == "simulated"
    if simulated:
        check_not_simulated(constraints)
    with warnings.catch_warnings():
        if simulated:
            warnings.simplefilter("ignore", UserWarning)
        data = load_manifest(
            path,
            features=None if simulated else features,
            constraints=constraints,
            windows=not simulated,
            rate=rate,
        )
    if not simulated and not {v.name for v in data.videos} - {*data.missing_features}:
        raise ValueError(f"{path}: no video has features; {_WITHOUT}.")
    if simulated:
        # They are drawn once a second.
        data.videos = [replace(video, rate=1.0) for video in data.videos]
    return data, simulated


def _manifest_of(data: Path) -> Path | None:
    if _release_in(data) != data:
        return None
    try:
        from skcrosstask.datasets._collections import find_manifest

        return find_manifest(data)
    except FileNotFoundError:
        return None  # what is missing is said of the release


def _release_in(folder: Path) -> Path:
    inner = folder / "crosstask_release"
    if (folder / "tasks_primary.txt").is_file() or not inner.is_dir():
        return folder
    return inner


def _usable(release: Bunch, features: Path, simulated: bool) -> list[int]:
    """Indices of the videos that have features, or are to get simulated ones."""
    kept = _with_lengths(release, simulated)
    tasks = {release.videos[i].task for i in kept}
    if not simulated and tasks.isdisjoint(release.primary):
        raise ValueError(f"No primary video has features in '{features}'; {_WITHOUT}.")
    return kept


def _with_lengths(release: Bunch, simulated: bool) -> list[int]:
    absent = frozenset() if simulated else set(release.missing_features)
    kept = [
        i
        for i, video in enumerate(release.videos)
        if video.name not in absent and video.task is not None
    ]
    unknown = [release.videos[i].name for i in kept if release.lengths[i] < 0]
    if unknown:
        raise ValueError(
            f"Neither features nor frame_counts.csv give the length of "
            f"{counted(len(unknown), 'video')}, such as {unknown[0]!r}."
        )
    return kept


def _require(*folders: Path) -> None:
    for folder in folders:
        if not folder.is_dir():
            raise FileNotFoundError(f"Folder '{folder}' does not exist; {_WITHOUT}.")


def check_not_simulated(constraints: PathLike | None) -> None:
    """Refuse windows that would not be read.

    Parameters
    ----------
    constraints : path or None
        Folder that the user named.

    Raises
    ------
    ValueError
        If there is one.
    """
    if constraints is not None:
        raise ValueError(
            f"constraints '{constraints}' need real features; where features are "
            "simulated, so are the windows."
        )


def _lengths_from(root: Path) -> str | None:
    return "features" if (root / "features").is_dir() else None
