"""Fixtures that several rooms' tests use."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from skcrosstask.datasets import load_crosstask

# Of the primary tasks: published and measured, shares and recalls in percent.
_COLUMNS = (
    "videos", "steps", "missing", "background", "consistency", "uniform", "random"
)  # fmt: skip
_ROWS = {
    "Make Kimchi Fried Rice": (120, 6, 21, 69, 0.69, 3.9, 5.4),
    "Make Bread and Butter Pickles": (106, 11, 48, 75, 0.85, 7.6, 7.3),
    "Make Banana Ice Cream": (170, 5, 38, 80, 0.98, 6.5, 7.2),
    "Grill Steak": (228, 11, 46, 75, 0.95, 7.4, 7.0),
    "Jack Up a Car": (89, 3, 39, 81, 1.00, 18.4, 13.1),
    "Make Jello Shots": (182, 6, 21, 72, 0.87, 6.9, 7.5),
    "Change a Tire": (99, 11, 27, 62, 0.97, 14.2, 10.7),
    "Make Lemonade": (131, 8, 28, 69, 0.80, 9.4, 8.5),
    "Add Oil to Your Car": (137, 8, 33, 85, 0.92, 3.1, 2.9),
    "Make a Latte": (157, 6, 43, 71, 0.89, 11.2, 11.1),
    "Build Simple Floating Shelves": (153, 5, 34, 58, 0.96, 22.4, 18.3),
    "Make Taco Salad": (170, 8, 41, 79, 0.66, 5.4, 5.2),
    "Make French Toast": (252, 10, 23, 68, 0.80, 9.4, 7.7),
    "Make Irish Coffee": (185, 5, 13, 74, 0.77, 7.7, 7.9),
    "Make French Strawberry Cake": (86, 9, 25, 63, 0.82, 8.8, 8.5),
    "Make Pancakes": (182, 8, 19, 69, 0.89, 9.4, 8.0),
    "Make Meringue": (154, 6, 23, 67, 0.98, 20.0, 13.9),
    "Make Kerala Fish Curry": (149, 7, 25, 69, 0.74, 5.1, 5.1),
}


# How long an example takes depends on the machine and on what it compiles.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


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
def primary_table() -> dict[str, dict[str, float]]:
    """Figures of each primary task by its title."""
    return {
        title: dict(zip(_COLUMNS, row, strict=True)) for title, row in _ROWS.items()
    }


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


@pytest.fixture
def write(tmp_path):
    """Writer of a small file: call it with a name and its content."""

    def write_file(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file
