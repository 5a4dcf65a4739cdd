"""Fixtures that several rooms' tests use."""

import os
from pathlib import Path

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
