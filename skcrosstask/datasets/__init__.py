"""Readers of instructional-video data sets, generators with known truth, studies."""

from skcrosstask.datasets._crosstask import load_crosstask
from skcrosstask.datasets._describe import describe
from skcrosstask.datasets._generate import make_instructional_videos
from skcrosstask.datasets._manifest import load_manifest
from skcrosstask.datasets._related_tasks import find_related_tasks
from skcrosstask.datasets._sharing_map import sharing_map
from skcrosstask.datasets._simulate import simulate_features
from skcrosstask.datasets._speech import simulate_narration

__all__ = [
    "describe",
    "find_related_tasks",
    "load_crosstask",
    "load_manifest",
    "make_instructional_videos",
    "sharing_map",
    "simulate_features",
    "simulate_narration",
]
