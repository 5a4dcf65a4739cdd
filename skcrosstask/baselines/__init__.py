"""Systems to compare with, each with the same fit, predict and score."""

from skcrosstask.baselines._action_sets import ActionSetEstimator
from skcrosstask.baselines._diffrac import DiffracEstimator
from skcrosstask.baselines._oracle import OracleBaseline
from skcrosstask.baselines._placement import RandomOrderBaseline, UniformBaseline
from skcrosstask.estimators._supervised import SupervisedStepEstimator

__all__ = [
    "ActionSetEstimator",
    "DiffracEstimator",
    "OracleBaseline",
    "RandomOrderBaseline",
    "SupervisedStepEstimator",
    "UniformBaseline",
]
