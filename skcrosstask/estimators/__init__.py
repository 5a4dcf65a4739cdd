"""Estimators that learn component classifiers, and their files."""

from skcrosstask.estimators._model_files import load_model, save_model
from skcrosstask.estimators._supervised import SupervisedStepEstimator
from skcrosstask.estimators._weakly_supervised import WeaklySupervisedStepEstimator

__all__ = [
    "SupervisedStepEstimator",
    "WeaklySupervisedStepEstimator",
    "load_model",
    "save_model",
]
