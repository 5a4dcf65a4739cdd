"""Adam that moves all weights at every step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["DenseAdam"]


class DenseAdam:
    """Adam over a few arrays of weights.

    Parameters
    ----------
    rate : float
        Step size.
    beta_1, beta_2 : float
        Decay of the moments.
    eps : float
        Added to the root of the second moment.

    References
    ----------
    Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.
    """

    def __init__(
        self, rate: float, beta_1: float = 0.9, beta_2: float = 0.999, eps: float = 1e-8
    ) -> None:
        self.rate, self.betas, self.eps = rate, (beta_1, beta_2), eps
        self.n_steps = 0
        self.moments: list[tuple[np.ndarray, np.ndarray]] = []

    def step(
        self, weights: Sequence[np.ndarray], gradients: Sequence[np.ndarray]
    ) -> None:
        """Move the weights, in place; the same arrays in the same order each time."""
        if not self.moments:
            self.moments = [(np.zeros_like(w), np.zeros_like(w)) for w in weights]
        self.n_steps += 1
        beta_1, beta_2 = self.betas
        rate = self.rate / (1.0 - beta_1**self.n_steps)
        scale = (1.0 - beta_2**self.n_steps) ** -0.5
        for w, g, (m, v) in zip(weights, gradients, self.moments, strict=True):
            m += (1.0 - beta_1) * (g - m)
            v += (1.0 - beta_2) * (g * g - v)
            w -= rate * m / (scale * np.sqrt(v) + self.eps)
