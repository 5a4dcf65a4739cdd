"""Parameters of the component classifiers and how they learn."""

from __future__ import annotations

from typing import Any

import numpy as np

from skcrosstask._data import Rows
from skcrosstask.components import Composition
from skcrosstask.learning.adam._adam import aim, catch_up, path_tails
from skcrosstask.learning.adam._arrays import (
    Dropout,
    Loss,
    ModelArrays,
    Scratch,
    StepClassifiers,
)
from skcrosstask.learning.adam._dropout import mask_table
from skcrosstask.learning.adam._kernels import BLOCK, mix_steps, score_rows

__all__ = ["ComponentModel", "empty_classifiers", "linear_scores"]

_SEED_BITS = 2**62 - 1
_MOMENTS = ("coef_mean", "coef_square", "intercept_mean", "intercept_square")
_ARRAYS = ("coef", "intercept", *_MOMENTS, "last")


class ComponentModel:
    """Linear component classifiers, trained by Adam with dropout on the features.

    A step's score is the mean of its components' scores, g_m(x) = w_m x + b_m. One
    video is one step of Adam. Only the components of the video's task are touched;
    the result is that of dense Adam over all of them (see `learning.adam._adam`).

    Parameters
    ----------
    n_features : int
        Number of features D.
    learning_rate : float, default=1e-3
        Adam's step size.
    dropout : float in [0, 1), default=0.0
        Probability that a feature of a row is set to 0 in training; kept to 16 bits.
    contrast : {"steps", "time", "both"}, default="both"
        Whether a labelled step is set against the other steps at its time (the
        paper), against other times of its video, or both.
    n_negatives : int, default=96
        How many random times of the video stand in the softmax over time.
    betas : tuple of float, default=(0.9, 0.999)
        Decay of Adam's moments.
    eps : float, default=1e-8
        Adam's guard against division by zero.
    seed : int, default=0
        Of dropout masks and negatives.

    Attributes
    ----------
    coef : ndarray of shape (M, D) of float32
        Component weights; exact after `synchronise`.
    intercept : ndarray of shape (M,) of float32
        Component biases.

    References
    ----------
    Zhukov et al., CVPR 2019, sections 4.1, 4.2 and 4.4; Kingma and Ba, "Adam",
    2014.
    """

    def __init__(
        self,
        n_features: int,
        *,
        learning_rate: float = 1e-3,
        dropout: float = 0.0,
        contrast: str = "both",
        n_negatives: int = 96,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        seed: int = 0,
    ):
        self.n_features = n_features
        self.adam = (float(learning_rate), float(betas[0]), float(betas[1]), float(eps))
        self.threshold = min(round(dropout * 65536), 65535)
        self.over_steps = contrast in ("steps", "both")
        self.over_time = contrast in ("time", "both")
        self.n_negatives = n_negatives if self.over_time else 0
        self.seed = int(seed)
        self.coef: np.ndarray = np.zeros((0, n_features), dtype=np.float32)
        self.intercept: np.ndarray = np.zeros(0, dtype=np.float32)
        # Means and squares of the gradients of coef, then of the intercept.
        self._moments = tuple(
            np.zeros_like(a) for a in (self.coef, self.coef, *2 * (self.intercept,))
        )
        self._directions = tuple(np.zeros_like(a) for a in self._weights)
        self._last: np.ndarray = np.zeros(0, dtype=np.int64)
        self._n_updates = np.zeros(1, dtype=np.int64)

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """All that decides scores and further training, as plain data.

        Returns
        -------
        settings : dict
            Numbers and booleans by name.
        arrays : dict of str to ndarray
            Parameters, Adam's moments and its clock; not copies.
        """
        settings = {
            "adam": list(self.adam),
            "dropout_threshold": self.threshold,
            "over_steps": self.over_steps,
            "over_time": self.over_time,
            "n_negatives": self.n_negatives,
            "n_updates": self.n_updates,
            "seed": self.seed,
        }
        values = [self.coef, self.intercept, *self._moments, self._last]
        return settings, dict(zip(_ARRAYS, values, strict=True))

    @classmethod
    def from_state(
        cls, settings: dict[str, Any], arrays: dict[str, np.ndarray]
    ) -> ComponentModel:
        """Inverse of `state`; the arrays are kept, not copied."""
        model = cls(arrays["coef"].shape[1], seed=settings["seed"])
        model.adam = tuple(settings["adam"])
        model.threshold = settings["dropout_threshold"]
        model.over_steps = settings["over_steps"]
        model.over_time = settings["over_time"]
        model.n_negatives = settings["n_negatives"]
        model._n_updates[0] = settings["n_updates"]
        model.coef, model.intercept, *moments, model._last = (
            arrays[name] for name in _ARRAYS
        )
        model._moments = tuple(moments)
        model._directions = tuple(np.zeros_like(a) for a in model._weights)
        columns = np.arange(len(model._last))
        aim(columns, model.arrays)
        return model

    @property
    def n_updates(self) -> int:
        """Number of Adam steps made so far."""
        return int(self._n_updates[0])

    def grow(self, n_components: int) -> ComponentModel:
        """Add components, with zero weights, until there are `n_components`.

        Parameters
        ----------
        n_components : int
            Number of components M; fewer than there are change nothing.

        Returns
        -------
        ComponentModel
            The object itself.
        """
        more = n_components - len(self.coef)
        if more > 0:
            self.synchronise()
            # Before its first gradient dense Adam leaves a component at rest.
            self.coef, self.intercept, self._last, *others = (
                np.concatenate([a, np.zeros((more, *a.shape[1:]), dtype=a.dtype)])
                for a in (
                    self.coef,
                    self.intercept,
                    self._last,
                    *self._directions,
                    *self._moments,
                )
            )
            self._directions, self._moments = tuple(others[:2]), tuple(others[2:])
        return self

    def synchronise(self) -> ComponentModel:
        """Catch all components up with the present step of dense Adam.

        Returns
        -------
        ComponentModel
            The object itself.
        """
        catch_up(np.arange(len(self.coef)), self.arrays)
        return self

    def advance(self, n_updates: int) -> ComponentModel:
        """Let steps of dense Adam pass without a gradient, until it made so many.

        Parameters
        ----------
        n_updates : int
            No fewer than there were.

        Returns
        -------
        ComponentModel
            The object itself, synchronised.
        """
        self._n_updates[0] = n_updates
        return self.synchronise()

    def replace(
        self, columns: np.ndarray, arrays: dict[str, np.ndarray], n_updates: int
    ) -> None:
        """Give components what others learnt of them up to a step of Adam.

        Parameters
        ----------
        columns : ndarray of int
            Which components.
        arrays : dict of str to ndarray
            Their parameters and moments, as of `state`.
        n_updates : int
            The step, now that of this model.
        """
        _, own = self.state()
        for name, array in arrays.items():
            own[name][columns] = array
        self._last[columns] = self._n_updates[0] = n_updates
        aim(columns, self.arrays)

    @property
    def arrays(self) -> ModelArrays:
        """What kernels take as the model; they change it in place."""
        arrays = *self._weights, *self._directions, *self._moments
        clock = self._n_updates, self._last, path_tails(*self.adam[1:3])
        return ModelArrays._make((*arrays, *clock, *self.adam))

    @property
    def loss(self) -> Loss:
        """What kernels take as the loss."""
        return Loss(self.over_steps, self.over_time, self.n_negatives)

    @property
    def kernel_seed(self) -> int:
        """The seed, as far as kernels can hold it."""
        return self.seed & _SEED_BITS

    def dropout(self, on: bool = True) -> Dropout:
        """What kernels take as the dropout; nothing is dropped where it is not on."""
        return Dropout(self.threshold if on else 0, mask_table(self.n_features))

    def scratch(self, n_steps: int, n_components: int, n_pool: int) -> Scratch:
        """Memory of `train_step`.

        Parameters
        ----------
        n_steps, n_components, n_pool : int
            Steps and components of the largest task, rows of the largest pool.

        Returns
        -------
        Scratch
            Arrays of undefined content.
        """
        n_rows, f = n_steps + self.n_negatives, np.float32
        return Scratch(
            shuffled=np.empty(n_pool, np.int64),
            chosen=np.empty(n_rows, np.int64),
            position=np.empty(n_steps, np.int64),
            # Dropout is made for two rows at a time.
            rows=np.empty((n_rows + n_rows % 2, self.n_features), f),
            scores=np.empty((n_rows, n_steps), f),
            gradient=np.empty((n_rows, n_steps), f),
            factors=np.empty((n_components, 7), f),
            step_gradient=np.empty((n_steps, BLOCK), f),
            sums=np.empty(BLOCK, f),
        )

    @property
    def _weights(self) -> tuple[np.ndarray, np.ndarray]:
        return self.coef, self.intercept


def linear_scores(
    features: np.ndarray | Rows,
    steps: Composition,
    coef: np.ndarray,
    intercept: np.ndarray,
    block: int = 4096,
    *,
    centred: bool = False,
) -> np.ndarray:
    """Scores of a whole video, read in blocks of rows.

    Parameters
    ----------
    features : ndarray or Rows of shape (T, D)
        Any float type, in memory or mapped.
    steps : Composition
        The task's steps.
    coef, intercept : ndarrays of shape (M, D) and (M,) of float32
        Component classifiers.
    block : int, default=4096
        Rows read at a time.
    centred : bool, default=False
        Whether the video's mean row is subtracted from its rows.

    Returns
    -------
    ndarray of shape (T, K) of float32
        Equation (1) of the paper.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask.components import Composition
    >>> from skcrosstask.learning.adam._model import linear_scores
    >>> steps = Composition.from_rows([[0], [0, 1]])
    >>> coef = np.array([[1, 0], [0, 1]], dtype=np.float32)
    >>> linear_scores(np.array([[4.0, 2.0]]), steps, coef, np.zeros(2, np.float32))
    array([[4., 3.]], dtype=float32)
    """
    n_units, n_features = features.shape
    mixed = empty_classifiers(steps.n_steps, n_features)
    mix_steps(steps.arrays, coef, intercept, mixed)
    out = np.empty((n_units, steps.n_steps), dtype=np.float32)
    # Near the mean, so that float32 has digits left for what differs from it.
    centre = None
    if centred:
        with np.errstate(invalid="ignore", over="ignore"):
            centre = features[:block].mean(axis=0, dtype=np.float64)
    for start in range(0, n_units, block):
        rows = np.ascontiguousarray(features[start : start + block], dtype=np.float32)
        # Who reads the scores sees that rows were not finite.
        with np.errstate(invalid="ignore", over="ignore"):
            if centre is not None:
                rows = rows - centre.astype(np.float32)
        score_rows(rows, mixed, out[start : start + block])
    if centred:
        with np.errstate(invalid="ignore"):
            means = out.mean(axis=0, dtype=np.float64) - mixed.bias
            out -= means.astype(np.float32)
    return out


def empty_classifiers(n_steps: int, n_features: int) -> StepClassifiers:
    """Room for the classifiers of so many steps."""
    return StepClassifiers(
        np.empty((n_steps, n_features), dtype=np.float32),
        np.empty(n_steps, dtype=np.float32),
    )
