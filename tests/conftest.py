"""Fixtures that several rooms' tests use."""

import os
from pathlib import Path

import numpy as np
import pytest

from skcrosstask.datasets import load_crosstask


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of the data beside the project; SKCROSSTASK_DATA overrides it."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("SKCROSSTASK_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"no data in {folder}; set SKCROSSTASK_DATA")
    return folder


@pytest.fixture(scope="session")
def release_dir(data_dir) -> Path:
    """Folder of the CrossTask release."""
    folder = data_dir / "crosstask_release"
    if not folder.is_dir():
        pytest.skip(f"no CrossTask release in {folder}")
    return folder


@pytest.fixture(scope="session")
def release(release_dir):
    """All of the release: tasks and timelines, without features and windows."""
    return load_crosstask(release_dir, features=None, constraints=None)


@pytest.fixture(scope="session")
def primary_release(release_dir):
    """The annotated part of the release."""
    return load_crosstask(release_dir, features=None, constraints=None, tasks="primary")


@pytest.fixture(scope="session")
def write_release():
    """Writer of a folder like the release: call it with a folder and videos."""
    return _write_release


def _write_release(root, videos, ids, related=(), *, held_out=(), features=True):
    """Write videos as the release does; related tasks have no annotation.

    ``ids`` are the numbers of the tasks by name, ``related`` those that only help,
    ``held_out`` names of validation videos. Without features, lengths are written
    instead.
    """
    for name in ("annotations", "constraints", "features")[: 3 if features else 1]:
        (root / name).mkdir(parents=True)
    blocks = {"primary": [], "related": []}
    for task in dict.fromkeys(video.task for video in videos):
        lines = [ids[task.name], f"Make {task.name}", "url", str(len(task.steps))]
        block = "\n".join([*lines, ",".join(task.steps), "", ""])
        blocks["related" if task.name in related else "primary"].append(block)
    for kind, texts in blocks.items():
        (root / f"tasks_{kind}.txt").write_text("".join(texts))
    rows = [f"{ids[video.task.name]},{video.name},url\n" for video in videos]
    (root / "videos.csv").write_text("".join(rows))
    validation = [row for row in rows if row.split(",")[1] in held_out]
    (root / "videos_val.csv").write_text("".join(validation))
    for video in videos:
        number = ids[video.task.name]
        if features:
            np.save(root / "features" / f"{video.name}.npy", video.features)
            _write_segments(root / "constraints", number, video, video.windows)
        if video.task.name not in related:
            _write_segments(root / "annotations", number, video, video.annotation)
    if not features:
        counts = "".join(f"{video.name},{video.shape[0]}\n" for video in videos)
        (root / "frame_counts.csv").write_text(counts)


def _write_segments(folder, number, video, rows):
    text = "".join(f"{int(s) + 1},{a:.2f},{b:.2f}\n" for s, a, b in rows)
    (folder / f"{number}_{video.name}.csv").write_text(text)
