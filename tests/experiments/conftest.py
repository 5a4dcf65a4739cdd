"""A small collection as the experiments see it."""

import pytest

from skcrosstask.datasets import make_instructional_videos
from skcrosstask.experiments._study import Study


@pytest.fixture(scope="session")
def make_study():
    """Maker of a study of four tasks of six videos each, two of them primary."""
    videos, _ = make_instructional_videos(
        6, n_tasks=4, n_features=8, length=(30, 50), random_state=0
    )
    tasks = list(dict.fromkeys(video.task for video in videos))

    def make(videos=videos, **options):
        lengths = [video.shape[0] for video in videos]
        options = {"n_train": 3, **options}
        held_out = frozenset(v.name for v in videos if v.name.endswith("-0"))
        return Study(videos, lengths, tasks[:2], tasks[2:], held_out, **options)

    make.videos = videos
    return make


@pytest.fixture
def study(make_study):
    return make_study()
