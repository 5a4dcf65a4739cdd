"""Features as people have them: arrays, files, URLs, and what gives rows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from skcrosstask._data._rows import FLOATS, Rows

__all__ = ["FeaturesFirst", "feature_file", "keep_features", "open_features"]


@dataclass(frozen=True, eq=False)
class FeaturesFirst:
    """Features stored the other way round: one column a time unit.

    Parameters
    ----------
    features : array-like of shape (D, T), or path
        All that `Video` takes as features, but for the order of the axes.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask import FeaturesFirst, Video
    >>> Video(FeaturesFirst(np.zeros((8, 60)))).shape
    (60, 8)
    """

    features: Any

    def __str__(self) -> str:
        if isinstance(self.features, str | os.PathLike):
            return os.fspath(self.features)
        return str(tuple(self.features.shape))


def keep_features(features: Any, owner: str) -> Any:
    """What a video keeps of the features that it is given.

    Parameters
    ----------
    features : array-like, path, FeaturesFirst, or object with shape and row slices
        Whatever a user has.
    owner : str
        Names the video in messages.

    Returns
    -------
    object
        An array of floats if it was an array-like in memory, else the same object.

    Raises
    ------
    ValueError
        If the shape or type shows that it is not (T, D) real numbers.
    """
    if isinstance(features, FeaturesFirst):
        return FeaturesFirst(keep_features(features.features, owner))
    if isinstance(features, str | os.PathLike):
        return features
    if _gives_rows(features):
        _check(features, owner)
        return features
    try:
        array = features if isinstance(features, np.ndarray) else np.array(features)
    except ValueError as error:
        raise ValueError(f"{owner}: features are not a (T, D) array: {error}") from None
    _check(array, owner)
    return array if array.dtype in FLOATS else array.astype(np.float32)


def open_features(features: Any, owner: str) -> np.ndarray | Rows:
    """Array, memory map or reader of what a video keeps.

    Parameters
    ----------
    features : object
        As `keep_features` returns it.
    owner : str
        Names the video in messages.

    Returns
    -------
    ndarray or Rows of shape (T, D)
    """
    if isinstance(features, FeaturesFirst):
        inner = open_features(features.features, owner)
        if isinstance(inner, np.ndarray):
            return inner.T
        return Rows(inner.source, features_first=True, owner=owner)
    if isinstance(features, np.ndarray):
        return features
    if isinstance(features, str | os.PathLike):
        from skcrosstask._data._feature_files import open_file

        features = open_file(features, owner)
        _check(features, owner)
        if isinstance(features, np.ndarray) and features.dtype in FLOATS:
            return features
    try:
        return Rows(features, owner=owner)
    except Exception as error:  # whatever it is made of, such as a file that is closed
        raise ValueError(f"{owner}: features cannot be read: {error}") from error


def feature_file(features: Any) -> tuple[Path, str] | None:
    """File of features and what tells apart others of that file; None if no file.

    Parameters
    ----------
    features : object
        Those of a video. An address is fetched.
    """
    if isinstance(features, FeaturesFirst):
        found = feature_file(features.features)
        return None if found is None else (found[0], f"{found[1]} features first")
    if not isinstance(features, str | os.PathLike):
        return None
    from skcrosstask._data._feature_files import is_url, local_file, split_member

    path, member = split_member(features)
    return (local_file(path) if is_url(path) else Path(path)), member or ""


def _gives_rows(features: Any) -> bool:
    """Whether rows can be had by slices; a table has its own idea of them."""
    return (
        hasattr(features, "shape")
        and hasattr(features, "__getitem__")
        and not isinstance(features, np.ndarray | np.generic)
        and not hasattr(features, "to_numpy")
    )


def _check(features: Any, owner: str) -> None:
    shape = tuple(features.shape)
    dtype = getattr(features, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind not in "fiub":
        raise ValueError(f"{owner}: features must be real numbers, got dtype {dtype}.")
    if len(shape) != 2:
        raise ValueError(
            f"{owner}: features must have shape (T, D), got shape {shape}."
        )
    if 0 in shape:
        raise ValueError(f"{owner}: features are empty, shape {shape}.")
