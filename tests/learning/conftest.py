"""A plain twin of training: float64, dense Adam over all parameters, whole videos.

It shares no code with the package; only the numbers that decide dropout masks and
negatives are the same, computed here with whole arrays of 64-bit integers.
"""

from types import SimpleNamespace

import numpy as np
import pytest

LOW = np.uint64(0xFFFFFFFF)


def scramble(x):
    """Hash of 32-bit numbers held in uint64; products wrap, which & LOW forgives."""
    x = np.atleast_1d(np.asarray(x, dtype=np.uint64))
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = ((x ^ (x >> np.uint64(shift))) * np.uint64(factor)) & LOW
    return x ^ (x >> np.uint64(16))


def visit_key(seed, visit, purpose):
    """62 bits for one visit of a video: purpose 0 trains, 1 aligns."""
    key = (seed + (2 * visit + purpose) * 0x9E3779B97F4A7C15) % 2**62
    return key ^ (key >> 31)


def hashes(key, units, n):
    """Numbers 0..n-1 of each time unit, shape (len(units), n)."""
    low = np.array([(key ^ int(unit)) % 2**32 for unit in units], dtype=np.uint64)
    rows = scramble(scramble(low) ^ np.uint64(key >> 31))
    counter = np.arange(n, dtype=np.uint64) * np.uint64(0x9E3779B9)
    return scramble((rows[:, None] + counter) & LOW)


def dropout_mask(key, units, n_features, threshold):
    """1 / share kept where a feature is kept, else 0; shape (len(units), D)."""
    if threshold == 0:
        return np.ones((len(units), n_features))
    table = np.random.RandomState(0).permutation(65536)
    low = np.array([(key ^ int(unit)) % 2**32 for unit in units], dtype=np.uint64)
    starts = scramble(scramble(low) ^ np.uint64(key >> 31)) % np.uint64(65536)
    places = starts[:, None].astype(np.int64) + np.arange(n_features)
    return (table[places % 65536] >= threshold) * (65536 / (65536 - threshold))


def draw_negatives(key, pool, n_negatives):
    """The first n_negatives of a shuffled pool."""
    pool = list(pool)
    n = min(n_negatives, len(pool))
    for i, bits in enumerate(hashes(key, [-1], n)[0]):
        j = i + int(bits) * (len(pool) - i) // 2**32
        pool[i], pool[j] = pool[j], pool[i]
    return pool[:n]


def softmax(scores, axis):
    # Rows outside the sum score -inf; a softmax over none of them is not used.
    top = scores.max(axis=axis, keepdims=True)
    grown = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    return grown / np.maximum(grown.sum(axis=axis, keepdims=True), 1e-300)


def dense_loss(scores, labels, member, contrast):
    """Loss and its gradient in the scores (T, K) of a whole video.

    labels hold times, -1 for none; member (T,) says which times the softmax over
    time runs over.
    """
    n_units = len(scores)
    truth = np.zeros(scores.shape)
    for k, t in enumerate(labels):
        if t >= 0:
            truth[t, k] = 1.0
    loss, gradient = 0.0, np.zeros(scores.shape)
    if contrast in ("steps", "both"):
        p = softmax(scores, axis=1)
        loss -= np.log(p[truth > 0]).sum()
        gradient += truth.sum(axis=1, keepdims=True) * p - truth
    if contrast in ("time", "both"):
        p = softmax(np.where(member[:, None], scores, -np.inf), axis=0)
        loss -= np.log(p[truth > 0]).sum()
        gradient += truth.sum(axis=0) * p - truth
    return loss / n_units, gradient / n_units


class DenseModel:
    """ComponentModel done plainly: theta = (coef, intercept) moves as a whole."""

    def __init__(
        self, n_components, n_features, *, learning_rate=1e-3, dropout=0.0,
        contrast="both", n_negatives=96, betas=(0.9, 0.999), eps=1e-8, seed=0,
    ):  # fmt: skip
        self.rate, self.betas, self.eps, self.seed = learning_rate, betas, eps, seed
        self.contrast, self.threshold = contrast, round(dropout * 65536)
        self.n_negatives = 0 if contrast == "steps" else n_negatives
        self.theta = np.zeros((n_components, n_features + 1))
        self.m, self.v = np.zeros_like(self.theta), np.zeros_like(self.theta)
        self.n_updates = 0

    @property
    def coef(self):
        return self.theta[:, :-1]

    @property
    def intercept(self):
        return self.theta[:, -1]

    def update(self, features, labels, sharing, pool=None):
        """One visit: features (T, D), labels as times, rows of A (K, M)."""
        n_units, n_features = features.shape
        key = visit_key(self.seed, self.n_updates, 0)
        pool = range(n_units) if pool is None else pool
        member = np.zeros(n_units, dtype=bool)
        member[[t for t in labels if t >= 0]] = True
        member[draw_negatives(key, pool, self.n_negatives)] = True
        mask = dropout_mask(key, range(n_units), n_features, self.threshold)
        x = np.column_stack([features * mask, np.ones(n_units)])
        loss, slope = dense_loss(x @ (sharing @ self.theta).T, labels, member,
                                 self.contrast)  # fmt: skip
        self.step(sharing.T @ slope.T @ x)
        return loss

    def step(self, gradient):
        """Dense Adam, as Kingma and Ba write it."""
        self.n_updates += 1
        beta_1, beta_2 = self.betas
        self.m = beta_1 * self.m + (1 - beta_1) * gradient
        self.v = beta_2 * self.v + (1 - beta_2) * gradient**2
        m_hat = self.m / (1 - beta_1**self.n_updates)
        v_hat = self.v / (1 - beta_2**self.n_updates)
        self.theta = self.theta - self.rate * m_hat / (np.sqrt(v_hat) + self.eps)


def sharing_matrix(rows, n_components):
    """A of one task from the components of each step."""
    dense = np.zeros((len(rows), n_components))
    for k, row in enumerate(rows):
        dense[k, row] = 1 / len(row)
    return dense


@pytest.fixture(scope="session")
def twin():
    """The twin and the functions that it is made of."""
    return SimpleNamespace(
        DenseModel=DenseModel,
        dense_loss=dense_loss,
        draw_negatives=draw_negatives,
        dropout_mask=dropout_mask,
        sharing_matrix=sharing_matrix,
        visit_key=visit_key,
    )
