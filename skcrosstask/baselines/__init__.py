"""Systems to compare with, each with the same fit, predict and score."""

from skcrosstask.baselines._placement import RandomOrderBaseline, UniformBaseline
from skcrosstask.baselines._supervised import SupervisedStepEstimator

__all__ = ["RandomOrderBaseline", "SupervisedStepEstimator", "UniformBaseline"]
