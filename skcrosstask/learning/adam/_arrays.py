"""What kernels take: arrays and numbers under names, without any method."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["Dropout", "Loss", "ModelArrays", "Scratch", "StepClassifiers"]


class ModelArrays(NamedTuple):
    """Component classifiers and the state of Adam; kernels change the arrays in place.

    Attributes
    ----------
    coef, intercept : ndarrays of shape (M, D) and (M,) of float32
        Weights, as they were at each component's last move.
    coef_direction, intercept_direction : ndarrays like the weights
        m / (sqrt(v) + eps) of that move, along which a component drifts until its next.
    coef_mean, coef_square, intercept_mean, intercept_square : ndarrays likewise
        Adam's moments m and v.
    n_updates : ndarray of shape (1,) of int64
        Number of Adam steps made.
    last : ndarray of shape (M,) of int64
        Adam step of each component's last move; 0 before its first.
    tails : ndarray of float64
        See `path_tails`.
    rate, beta_1, beta_2, eps : float
        Adam's constants.
    """

    coef: np.ndarray
    intercept: np.ndarray
    coef_direction: np.ndarray
    intercept_direction: np.ndarray
    coef_mean: np.ndarray
    coef_square: np.ndarray
    intercept_mean: np.ndarray
    intercept_square: np.ndarray
    n_updates: np.ndarray
    last: np.ndarray
    tails: np.ndarray
    rate: float
    beta_1: float
    beta_2: float
    eps: float


class Loss(NamedTuple):
    """What the softmax runs over, and how many negatives stand in the one over time."""

    over_steps: bool
    over_time: bool
    n_negatives: int


class Dropout(NamedTuple):
    """A feature goes where its 16 random bits, from `masks`, are below `threshold`."""

    threshold: int
    masks: np.ndarray


class StepClassifiers(NamedTuple):
    """Classifiers of the steps of one task: (K, D) and (K,) of float32."""

    coef: np.ndarray
    bias: np.ndarray


class Scratch(NamedTuple):
    """Memory of `train_step`, for the largest task; its content means nothing."""

    shuffled: np.ndarray
    chosen: np.ndarray
    position: np.ndarray
    rows: np.ndarray
    scores: np.ndarray
    gradient: np.ndarray
    factors: np.ndarray
    step_gradient: np.ndarray
    sums: np.ndarray
