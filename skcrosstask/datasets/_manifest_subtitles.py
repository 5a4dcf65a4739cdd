"""Subtitles that a manifest names, as the windows of its videos need them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from skcrosstask._data import Narration
from skcrosstask.datasets._collections import find_manifest
from skcrosstask.datasets._manifest import load_manifest
from skcrosstask.datasets._rates import MISSING_FEATURES
from skcrosstask.datasets._subtitle_folder import Subtitles
from skcrosstask.datasets._task_files import TaskList
from skcrosstask.narration.subtitles._reading import read_narrations

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["manifest_subtitles"]


def manifest_subtitles(
    path: PathLike,
    *,
    rate: float | None = None,
    format: str | None = None,
    encoding: str = "utf-8",
    strict: bool = False,
    skip_broken: bool = False,
) -> tuple[TaskList, Subtitles]:
    """Tasks of a manifest, and what is said in its videos.

    Parameters
    ----------
    path : path
        A manifest, or a folder that holds one.
    rate : float, optional
        Rows of features a second, where the manifest says nothing.
    format : str, optional
        Of the subtitles; by default, file names tell it.
    encoding : str, default="utf-8"
        Of the subtitles.
    strict : bool, default=False
        Whether to refuse broken captions, which are mended otherwise.
    skip_broken : bool, default=False
        Whether to leave out files that cannot be read.

    Returns
    -------
    known : TaskList
        Tasks, videos and their lengths in seconds.
    read : Subtitles
        What is said.

    Raises
    ------
    FileNotFoundError
        If the manifest, or a file that it names, is missing.
    ValueError
        If there are no subtitles, or something is malformed.
    """
    manifest = find_manifest(path)
    if manifest is None:
        raise ValueError(f"'{path}' is no manifest: give SUBTITLES and TASKS.")
    with warnings.catch_warnings():
        # Features only give lengths here, so a missing one is not worth a warning.
        warnings.filterwarnings("ignore", MISSING_FEATURES)
        data = load_manifest(manifest, windows=False, rate=rate)
    if not any(data.subtitles):
        raise ValueError(f"{manifest}: no video has subtitles.")
    pairs, lengths, rows, broken = [], {}, {}, []
    narrations: dict[str, Narration] = {}
    files: dict[Path, dict[str, Narration]] = {}
    for video, file, seconds in zip(
        data.videos, data.subtitles, data.lengths, strict=True
    ):
        if video.task is None:
            continue
        pairs.append((video.task.name, video.name))
        if seconds > 0:
            lengths[video.name] = int(seconds)
            rows[video.name] = (video.shape[0], video.rate)
        if file is None:
            continue
        try:
            if file not in files:
                files[file] = read_narrations(
                    file, format=format, encoding=encoding, strict=strict
                )
            narrations |= _of_video(files[file], file, video.name)
        except ValueError as error:
            if not skip_broken:
                raise
            broken.append(str(error))
    known = TaskList(data.catalog, pairs, lengths, rows)
    return known, Subtitles(narrations, [], broken)


def _of_video(
    found: dict[str, Narration], file: Path, name: str
) -> dict[str, Narration]:
    """What a file says of a video, if it says anything."""
    if list(found) == [file.stem]:
        return {name: found[file.stem]}
    return {name: found[name]} if name in found else {}
