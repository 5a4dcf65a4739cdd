"""What makes one fit the same as another: class, parameters, videos, and the start."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import joblib
import numpy as np

from skcrosstask import __version__
from skcrosstask._data import Task, Video
from skcrosstask._progress import counted
from skcrosstask.learning.rows._store_files import feature_identity

__all__ = ["difference", "identity_of_fit"]

# Parameters that change nothing of what is learnt.
_IDLE = {
    *("n_jobs", "verbose", "store_folder", "max_memory", "checkpoint", "warm_start"),
    *("word_vectors", "decoding", "skip_cost"),
}
_PARTS = ("task", "features", "rate", "windows", "annotation")


def identity_of_fit(
    estimator: Any, videos: Sequence[Video], tasks: Sequence[Task], fresh: bool
) -> dict[str, Any]:
    """All that decides what a fit learns, as JSON knows it.

    Parameters
    ----------
    estimator : ComponentEstimator
        As it is before `fit` changes it.
    videos : sequence of Video
        Files count as their path, size and time of change, arrays as their content.
    tasks : sequence of Task
        Their tasks.
    fresh : bool
        Whether `fit` forgets what was learnt before.

    Returns
    -------
    dict
        Functions among the parameters count as their names.

    Raises
    ------
    ValueError
        If ``random_state`` is an instance, which only this process knows.
    """
    if isinstance(estimator.random_state, np.random.RandomState):
        raise ValueError(
            "checkpoint needs random_state to be an int or None, not a RandomState "
            "instance, which ends with this process."
        )
    parameters = {
        name: _plain(value)
        for name, value in estimator.get_params().items()
        if name not in _IDLE
    }
    return {
        "class": type(estimator).__name__,
        "version": __version__,
        "parameters": parameters,
        "start": None if fresh else _start_of(estimator),
        "videos": [
            [str(video), *_video_parts(video, task, estimator._reads_annotation)]
            for video, task in zip(videos, tasks, strict=True)
        ],
    }


def difference(found: Any, here: dict[str, Any]) -> str:
    """What first differs between two fits; nothing if they are the same.

    Parameters
    ----------
    found : object
        The other one's identity, from a file.
    here : dict
        This one's.

    Returns
    -------
    str
        For a message.
    """
    if not isinstance(found, dict) or found.keys() != here.keys():
        return "it does not say which"
    if found["class"] != here["class"]:
        return f"it is of a {found['class']}, not of a {here['class']}"
    if found["version"] != here["version"]:
        return f"release {found['version']} wrote it, and this is {here['version']}"
    for name, value in here["parameters"].items():
        other = found["parameters"].get(name)
        if other != value:
            return f"{name} was {_short(other)}, and is {_short(value)}"
    if found["start"] != here["start"]:
        return "warm_start goes on from another model than it did"
    return _difference_of_videos(found["videos"], here["videos"])


def _difference_of_videos(found: list, here: list) -> str:
    for i, (old, new) in enumerate(zip(found, here, strict=False)):
        if old[0] != new[0]:
            return f"video {i + 1} was {_short(old[0])}, and is {_short(new[0])}"
        for part, one, other in zip(_PARTS, old[1:], new[1:], strict=True):
            if one != other:
                return f"the {part} of {_short(new[0])} changed"
    if len(found) != len(here):
        return f"it had {counted(len(found), 'video')}, not {len(here)}"
    return ""


def _video_parts(video: Video, task: Task, annotation: bool) -> list[str]:
    steps = json.dumps([task.name, task.steps])
    shown = video.annotation if annotation else None
    return [
        _digest(steps.encode()),
        _digest(feature_identity(video).encode()),
        repr(float(video.rate)),
        *("" if a is None else _digest(a.tobytes()) for a in (video.windows, shown)),
    ]


def _start_of(estimator: Any) -> str:
    """Digest of all that a warm start goes on from."""
    settings, arrays = estimator._model.state()
    known = [settings, estimator._rng.bit_generator.state, estimator._vocabulary.names]
    parts = [json.dumps(known).encode(), *(a.tobytes() for a in arrays.values())]
    return _digest(b"".join(parts))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return f"a mapping of digest {joblib.hash(dict(value))}"
    if callable(value):
        named = value if hasattr(value, "__qualname__") else type(value)
        return f"{getattr(named, '__module__', '')}:{named.__qualname__}"
    return value.item() if isinstance(value, np.generic) else value


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
