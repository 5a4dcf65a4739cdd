"""Fixtures of the baselines' tests."""

import numpy as np
import pytest

from skcrosstask import Video


@pytest.fixture(scope="session")
def timelines(primary_release):
    """The primary videos of the release with features that nothing reads."""
    data = primary_release
    return [
        Video(np.zeros((length, 1)), video.task, None, video.annotation, video.name)
        for video, length in zip(data.videos, data.lengths, strict=True)
    ]
