"""Parameters of the component classifiers and how they learn."""

from __future__ import annotations

from typing import Any

import numpy as np

from skcrosstask.components import Composition
from skcrosstask.learning._adam import aim, catch_up, path_tails
from skcrosstask.learning._dropout import mask_table, visit_key
from skcrosstask.learning._kernels import (
    BLOCK,
    mix_steps,
    score_rows,
    score_video,
    train_video,
)

__all__ = ["ComponentModel", "linear_scores"]

_SEED_BITS = 2**62 - 1
_ARRAYS = (
    "coef", "intercept", "coef_mean", "coef_square", "intercept_mean",
    "intercept_square", "last",
)  # fmt: skip


class ComponentModel:
    """Linear component classifiers, trained by Adam with dropout on the features.

    A step's score is the mean of its components' scores, g_m(x) = w_m x + b_m. One
    video is one step of Adam. Only the components of the video's task are touched;
    the result is that of dense Adam over all of them (see `learning._adam`).

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

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask.components import Composition
    >>> from skcrosstask.learning import ComponentModel
    >>> model = ComponentModel(2, learning_rate=0.1, contrast="steps").grow(2)
    >>> rows = np.array([[1, 0], [0, 1]], dtype=np.float32)
    >>> steps = Composition.from_rows([[0], [1]])
    >>> for _ in range(20):
    ...     loss = model.update(rows, np.arange(2), np.array([0, 1]), steps)
    >>> model.synchronise().coef.round(1)
    array([[ 1.6, -1.6],
           [-1.6,  1.6]], dtype=float32)
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
        self._moments = tuple(
            np.zeros_like(a) for a in (*self._weights, *self._weights)
        )
        self._moments = self._moments[::2] + self._moments[1::2]
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
        aim(columns, model._directions, model._moments, model._last, model.adam)
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
        catch_up(np.arange(len(self.coef)), *self.arrays)
        return self

    def scores(
        self,
        rows: np.ndarray,
        units: np.ndarray,
        steps: Composition,
        *,
        dropout: bool = False,
    ) -> np.ndarray:
        """Scores of rows, by the components as they are now.

        Parameters
        ----------
        rows : ndarray of shape (n, D) of float32
            Feature rows.
        units : ndarray of shape (n,) of int64
            Their time units, which decide their dropout masks.
        steps : Composition
            The task's steps.
        dropout : bool, default=False
            Whether features are dropped as they are in training.

        Returns
        -------
        ndarray of shape (n, K) of float32
            Equation (1) of the paper.
        """
        out = np.empty((len(rows), steps.n_steps), dtype=np.float32)
        scratch = np.empty((2, self.n_features), dtype=np.float32)
        score_video(
            rows, np.arange(len(rows)), units, self.dropout_rule(dropout),
            visit_key(self.kernel_seed, self.n_updates, 1), steps.arrays, self.arrays,
            (*self._classifiers(steps), scratch), out,
        )  # fmt: skip
        return out

    def update(
        self,
        rows: np.ndarray,
        units: np.ndarray,
        labels: np.ndarray,
        steps: Composition,
        pool: np.ndarray | None = None,
        n_units: int | None = None,
    ) -> float:
        """One Adam step on one video.

        Parameters
        ----------
        rows : ndarray of shape (n, D) of float32
            Rows of the video.
        units : ndarray of shape (n,) of int64
            Their time units.
        labels : ndarray of shape (K,) of int64
            Row of each step, -1 for none.
        steps : Composition
            The task's steps.
        pool : ndarray of int64, optional
            Rows that may serve as negatives in time, by default all.
        n_units : int, optional
            Length T of the video, by which the loss is divided; by default n.

        Returns
        -------
        float
            The video's loss before the step.
        """
        n_units = len(rows) if n_units is None else n_units
        pool = np.arange(len(rows)) if pool is None else pool
        room = self.room(steps.n_steps, len(steps.columns), len(pool))
        return train_video(
            rows, units, labels, pool, n_units, steps.arrays, self._classifiers(steps),
            self.arrays, self.loss, self.dropout_rule(), self.kernel_seed, room,
        )  # fmt: skip

    @property
    def arrays(self) -> tuple[Any, ...]:
        """What kernels take as the model; they change it in place."""
        clock = self._n_updates, self._last
        tails = path_tails(*self.adam[1:3])
        return (
            self._weights, self._directions, self._moments, clock, tails, self.adam
        )  # fmt: skip

    @property
    def loss(self) -> tuple[bool, bool, int]:
        """What kernels take as the loss."""
        return self.over_steps, self.over_time, self.n_negatives

    @property
    def kernel_seed(self) -> int:
        """The seed, as far as kernels can hold it."""
        return self.seed & _SEED_BITS

    def dropout_rule(self, on: bool = True) -> tuple[int, np.ndarray]:
        """What kernels take as the dropout.

        Parameters
        ----------
        on : bool, default=True
            Whether any feature is dropped.

        Returns
        -------
        threshold : int
            A feature goes where its 16 random bits are below.
        masks : ndarray of shape (65536 + D,) of uint16
            The random bits.
        """
        return self.threshold if on else 0, mask_table(self.n_features)

    def room(self, n_steps: int, n_components: int, n_pool: int) -> tuple[Any, ...]:
        """Scratch memory of `train_step`.

        Parameters
        ----------
        n_steps, n_components, n_pool : int
            Steps and components of the largest task, rows of the largest pool.

        Returns
        -------
        tuple
            Arrays of undefined content.
        """
        n_rows, f = n_steps + self.n_negatives, np.float32
        return (
            np.empty(n_pool, np.int64),
            np.empty(n_rows, np.int64),
            np.empty(n_steps, np.int64),
            # Dropout is made for two rows at a time.
            np.empty((n_rows + n_rows % 2, self.n_features), f),
            np.empty((n_rows, n_steps), f),
            np.empty((n_rows, n_steps), f),
            np.empty((n_components, 7), f),
            (np.empty((n_steps, BLOCK), f), np.empty(BLOCK, f)),
        )

    def _classifiers(self, steps: Composition) -> tuple[np.ndarray, np.ndarray]:
        return (
            np.empty((steps.n_steps, self.n_features), dtype=np.float32),
            np.empty(steps.n_steps, dtype=np.float32),
        )

    @property
    def _weights(self) -> tuple[np.ndarray, np.ndarray]:
        return self.coef, self.intercept


def linear_scores(
    features: np.ndarray,
    steps: Composition,
    coef: np.ndarray,
    intercept: np.ndarray,
    block: int = 4096,
) -> np.ndarray:
    """Scores of a whole video, read in blocks of rows.

    Parameters
    ----------
    features : ndarray of shape (T, D)
        Any float type, in memory or mapped.
    steps : Composition
        The task's steps.
    coef, intercept : ndarrays of shape (M, D) and (M,) of float32
        Component classifiers.
    block : int, default=4096
        Rows read at a time.

    Returns
    -------
    ndarray of shape (T, K) of float32
        Equation (1) of the paper.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask.components import Composition
    >>> from skcrosstask.learning import linear_scores
    >>> steps = Composition.from_rows([[0], [0, 1]])
    >>> coef = np.array([[1, 0], [0, 1]], dtype=np.float32)
    >>> linear_scores(np.array([[4.0, 2.0]]), steps, coef, np.zeros(2, np.float32))
    array([[4., 3.]], dtype=float32)
    """
    n_units, n_features = features.shape
    step_coef = np.empty((steps.n_steps, n_features), dtype=np.float32)
    step_bias = np.empty(steps.n_steps, dtype=np.float32)
    mix_steps(steps.arrays, coef, intercept, step_coef, step_bias)
    out = np.empty((n_units, steps.n_steps), dtype=np.float32)
    for start in range(0, n_units, block):
        rows = np.ascontiguousarray(features[start : start + block], dtype=np.float32)
        score_rows(rows, step_coef, step_bias, out[start : start + block])
    return out
