"""Readers of instructional-video data sets, and generators with known truth."""

from skcrosstask.datasets._crosstask import load_crosstask
from skcrosstask.datasets._generate import make_instructional_videos
from skcrosstask.datasets._simulate import simulate_features

__all__ = ["load_crosstask", "make_instructional_videos", "simulate_features"]
