"""The features of one video, made in any thread, process or machine."""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from skcrosstask.frames._cache import Cache
from skcrosstask.frames._encoding import Encoding, encode_video

__all__ = ["Made", "Work", "make"]


class Work(NamedTuple):
    """A video to encode.

    Attributes
    ----------
    number : int
        Its place among all.
    source : path
        Its file.
    label : str
        What messages call it.
    name : str
        Name of its features in the folder.
    """

    number: int
    source: str | os.PathLike[str]
    label: str
    name: str


@dataclass
class Made:
    """What became of a video.

    Parameters
    ----------
    number : int
        Its place among all.
    features : ndarray of shape (T, D), optional
        None where they are in the folder, or could not be made.
    complaints : list of str
        What is wrong with the file.
    error : Exception, optional
        Why there are no features.
    """

    number: int
    features: np.ndarray | None = None
    complaints: list[str] = field(default_factory=list)
    error: Exception | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "error": _portable(self.error)}


def make(work: Work, encoding: Encoding, cache: Cache | None) -> Made:
    """Make the features of a video; with a cache they stay there.

    Parameters
    ----------
    work : Work
        The video.
    encoding : Encoding
        How.
    cache : Cache, optional
        Where they are kept.

    Returns
    -------
    Made
        With the error, if it is this video's alone: that a package or room on the disk
        is missing concerns all, and is raised.
    """
    made = Made(work.number)
    try:
        # It may have been made since, if a worker was lost and its work is done again.
        if cache is not None and cache.find(work.name, work.source) is not None:
            return made
        features, made.complaints = encode_video(work.source, work.label, encoding)
    except ImportError:
        raise
    except Exception as error:
        made.error = error
        return made
    if cache is None:
        made.features = features
    else:
        cache.store(work.name, work.source, features)
    return made


def _portable(error: Exception | None) -> Exception | None:
    """The error, or its text if it cannot travel, as some of other packages cannot."""
    try:
        pickle.loads(pickle.dumps(error))
        return error
    except Exception:
        copy = RuntimeError(f"{type(error).__name__}: {error}")
        for note in getattr(error, "__notes__", ()):
            copy.add_note(note)
        return copy
