"""Types of what users pass, the same in all signatures."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data import Task, Video

__all__ = ["Annotations", "PathLike", "PerVideo", "TasksLike", "VideosLike"]

PathLike = str | os.PathLike[str]
# X of fit, predict and score: videos or their (T, D) features.
VideosLike = Sequence[Video | np.ndarray] | np.ndarray
# y: one task a video, one for all, or steps by task name.
TasksLike = Task | Sequence[Task] | np.ndarray | Mapping[str, Task | Iterable[str]]
# One array a video, as predict returns them; of annotations, None where unknown.
PerVideo = Sequence[ArrayLike] | np.ndarray
Annotations = Sequence[ArrayLike | None] | np.ndarray
