"""Texts as a learned pooling of their words' vectors."""

from __future__ import annotations

import time
from collections.abc import Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from skcrosstask._progress import counted, say, warn
from skcrosstask._sklearn_compat import Interval, fit_context
from skcrosstask.learning.adam._dense_adam import DenseAdam
from skcrosstask.narration.text._aggregation_corpus import Corpus, known_words
from skcrosstask.narration.text._aggregation_network import (
    WEIGHTS,
    Weights,
    forward,
    initial_weights,
    loss_gradient,
)
from skcrosstask.narration.text._cooccurrence import learn_word_vectors
from skcrosstask.narration.text._paragraphs import check_articles
from skcrosstask.narration.text._texts import TextTransformer, check_texts, tokenize
from skcrosstask.narration.text._word_vectors import WordVectors, as_word_vectors

if TYPE_CHECKING:
    from skcrosstask._input import PathLike

__all__ = ["LearnedAggregation"]

_N_ROWS = 4096


class LearnedAggregation(TextTransformer):
    """Texts as a pooling of word vectors learned from paragraphs.

    A linear layer on each word's vector, the maximum of each filter over the words
    and a linear map, scaled to length 1. It is trained so that a sentence is nearer
    to those of its paragraph than to those of the article's other paragraphs, by a
    margin of the cosine.

    Parameters
    ----------
    vectors : path, dict of str to array, WordVectors or None, default=None
        Word vectors, as for `WordVectorText`; None learns them from the articles.
    n_filters : int, default=600
        Outputs of the layer on words. Twice the dimensions of the vectors let
        training start from the largest and the smallest value of each.
    n_components : int, default=300
        Length of a text's vector.
    margin : float, default=0.1
        By how much the cosines should differ.
    max_iter : int, default=30
        Passes over the articles.
    learning_rate : float, default=0.001
        Step size of Adam.
    batch_size : int, default=8
        Articles per step.
    dropout : float, default=0.5
        Share of the filters that each training step leaves out.
    validation_fraction : float, default=0.1
        Share of the articles held out to watch the loss; the weights of the epoch
        with the least held-out loss are kept. With 0, those of the last epoch are.
    n_iter_no_change : int, default=5
        Training stops after this many epochs without a lower held-out loss.
    random_state : int, RandomState instance or None, default=None
        Decides the first weights, the order and the held-out articles.
    verbose : int, default=0
        Whether to show each epoch's losses and the time left, on standard error.

    Attributes
    ----------
    vectors_ : WordVectors
        The word vectors.
    weights_ : dict of str to ndarray
        ``filters``, ``filter_bias``, ``mixing``, ``mixing_bias``.
    history_ : list of dict
        For each epoch, its number ``epoch``, mean margin losses ``loss`` (over the
        epoch's steps) and ``validation_loss``, and ``seconds`` since the start.
        Epoch 0 is before training.
    n_iter_ : int
        Epochs made.
    n_features_out_ : int
        Length of a text's vector.

    See Also
    --------
    read_paragraphs : Articles from a file.

    References
    ----------
    Zhukov et al., CVPR 2019, supplement B.1.

    Examples
    --------
    >>> from skcrosstask.narration import LearnedAggregation
    >>> articles = [
    ...     [["Pour the milk.", "Stir milk."], ["Cut the bread.", "Toast bread."]],
    ...     [["Stir the milk.", "Pour it."], ["Toast it.", "Cut bread."]],
    ... ]
    >>> text = LearnedAggregation(n_filters=8, n_components=8, random_state=0)
    >>> text.fit(articles).transform(["pour milk", "toast"]).shape
    (2, 8)
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text.save(Path(folder) / "text.npz")
    ...     again = LearnedAggregation.load(Path(folder) / "text.npz")
    >>> bool((again.transform(["toast"]) == text.transform(["toast"])).all())
    True
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        "vectors": "no_validation",
        "n_filters": [Interval(Integral, 1, None, closed="left")],
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "margin": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        vectors: PathLike | dict[str, Any] | WordVectors | None = None,
        *,
        n_filters: int = 600,
        n_components: int = 300,
        margin: float = 0.1,
        max_iter: int = 30,
        learning_rate: float = 1e-3,
        batch_size: int = 8,
        dropout: float = 0.5,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.vectors = vectors
        self.n_filters = n_filters
        self.n_components = n_components
        self.margin = margin
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.dropout = dropout
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Sequence[Sequence[Sequence[str]]], y: Any = None) -> Self:
        """Learn the pooling.

        If interrupted, it keeps what was learned and warns.

        Parameters
        ----------
        X : sequence of articles
            An article is a list of paragraphs, a paragraph a list of sentences.
        y : None
            Ignored.

        Returns
        -------
        self
            The fitted transformer.

        Raises
        ------
        TypeError
            If X is not such lists; the message names the place.
        ValueError
            If no article has two paragraphs, one of them of two sentences.
        """
        if isinstance(X, list | tuple) and X and isinstance(X[0], str):
            raise TypeError(
                "LearnedAggregation learns from articles, lists of paragraphs of "
                f"sentences, not from texts such as {X[0]!r:.60}. Fit it on articles, "
                "or load it, before it is used; where it is cloned, as in a grid "
                "search, wrap it in sklearn.frozen.FrozenEstimator."
            )
        # The matrices are small: more threads would wait for each other, and round
        # otherwise on another machine.
        with threadpool_limits(1, user_api="blas"):
            return self._fit(check_articles(X))

    def _fit(self, articles: list[list[list[str]]]) -> Self:
        rng = check_random_state(self.random_state)
        order = rng.permutation(len(articles))
        n_held = min(round(self.validation_fraction * len(order)), len(order) - 1)
        held, kept = order[:n_held], np.sort(order[n_held:])
        self.vectors_ = self._open_vectors([articles[a] for a in kept])
        corpus = Corpus(articles, self.vectors_)
        training = [int(a) for a in kept if corpus.teaches(a)]
        validation = [int(a) for a in np.sort(held) if corpus.teaches(a)]
        if not training:
            raise ValueError(
                "X: no article has two paragraphs with words, one of two sentences."
            )
        self.weights_ = initial_weights(
            self.vectors_.n_dimensions, self.n_filters, self.n_components, rng
        )
        self.n_features_out_ = int(self.n_components)
        self.history_: list[dict[str, Any]] = []
        self.n_iter_ = 0
        try:
            self._train(corpus, training, validation, rng)
        except KeyboardInterrupt:
            warn(
                f"fit was interrupted after {counted(self.n_iter_, 'epoch')}; the "
                "pooling holds what it had learned."
            )
        return self

    def transform(self, X: Sequence[str]) -> np.ndarray:
        """Vectors of texts.

        Parameters
        ----------
        X : sequence of str
            Texts.

        Returns
        -------
        ndarray of shape (n_texts, n_components) of float32
            Rows of length 1, or 0 for a text without a word that is known or like a
            known one.

        Raises
        ------
        TypeError
            If a text is not a string.
        """
        check_is_fitted(self, "weights_")
        tokens = [tokenize(text) for text in check_texts(X)]
        vectors, ids = known_words(tokens, self.vectors_)
        out = np.zeros((len(tokens), self.n_features_out_), dtype=np.float32)
        full = np.array([i for i, row in enumerate(ids) if len(row)], dtype=np.int64)
        for start in range(0, len(full), _N_ROWS):
            part = full[start : start + _N_ROWS]
            words = np.concatenate([ids[i] for i in part])
            ends = np.cumsum([len(ids[i]) for i in part])
            used, words = np.unique(words, return_inverse=True)
            out[part] = forward(self.weights_, vectors[used], words.ravel(), ends)[0]
        return out

    def save(self, path: PathLike) -> None:
        """Write the fitted pooling to a file that holds data and no code.

        Parameters
        ----------
        path : path
            The file, ``.npz`` by convention. Word vectors that were read from a file
            are not written; give them to `load` again.

        Raises
        ------
        NotFittedError
            Before fit.
        """
        from skcrosstask.narration.text._aggregation_files import save_aggregation

        check_is_fitted(self, "weights_")
        save_aggregation(self, path)

    @classmethod
    def load(cls, path: PathLike, *, vectors: Any = None) -> LearnedAggregation:
        """Read a pooling that `save` wrote.

        Parameters
        ----------
        path : path
            The file. Nothing in it is ever run.
        vectors : path, dict or WordVectors, optional
            The word vectors it was trained on, where they were read from a file.

        Returns
        -------
        LearnedAggregation
            Fitted.

        Raises
        ------
        ValueError
            If the file is not such a file, or the vectors do not fit.
        """
        from skcrosstask.narration.text._aggregation_files import load_aggregation

        return load_aggregation(cls(vectors), path)

    def _open_vectors(self, articles: list[list[list[str]]]) -> WordVectors:
        if self.vectors is not None:
            return as_word_vectors(self.vectors)
        # A paragraph is a text, so that windows reach beyond a sentence's end.
        return learn_word_vectors(" ".join(part) for text in articles for part in text)

    def _train(
        self,
        corpus: Corpus,
        training: list[int],
        validation: list[int],
        rng: np.random.RandomState,
    ) -> None:
        adam = DenseAdam(self.learning_rate)
        began = time.perf_counter()
        weights = {name: w.copy() for name, w in self.weights_.items()}
        best, n_worse = np.inf, 0
        for epoch in range(self.max_iter + 1):
            if epoch == 0:
                loss = self._loss(corpus, training, weights)
            else:
                with np.errstate(over="ignore", invalid="ignore"):
                    order = rng.permutation(training)
                    loss = self._pass(corpus, order, weights, adam, rng)
                if not all(np.isfinite(w).all() for w in weights.values()):
                    raise ValueError(
                        "Training diverged: weights are no longer finite; lower "
                        "learning_rate."
                    )
            held_out = self._loss(corpus, validation, weights)
            self._note(epoch, loss, held_out, time.perf_counter() - began)
            # Without held-out articles, each epoch is better than the one before.
            watched = held_out if validation else -float(epoch)
            n_worse = 0 if watched < best else n_worse + 1
            if n_worse == 0:
                best = watched
                self.weights_ = {name: w.copy() for name, w in weights.items()}
            if n_worse >= self.n_iter_no_change:
                break

    def _pass(
        self,
        corpus: Corpus,
        articles: np.ndarray,
        weights: Weights,
        adam: DenseAdam,
        rng: np.random.RandomState,
    ) -> float:
        """Train on each article once; mean loss on the way."""
        loss, n_terms = 0.0, 0
        moved = [weights[name] for name in WEIGHTS]
        for batch in corpus.batches(articles, self.batch_size):
            part, n, gradient = loss_gradient(
                weights, batch, self.margin, mask=self._mask(rng)
            )
            adam.step(moved, [gradient[name] for name in WEIGHTS])
            loss, n_terms = loss + part, n_terms + n
        return loss / n_terms

    def _mask(self, rng: np.random.RandomState) -> np.ndarray | None:
        if self.dropout == 0:
            return None
        kept = rng.uniform(size=self.n_filters) >= self.dropout
        # Scaled up, so that transform needs no scaling.
        return (kept / (1.0 - self.dropout)).astype(np.float32)

    def _loss(self, corpus: Corpus, articles: list[int], weights: Weights) -> float:
        loss, n_terms = 0.0, 0
        for batch in corpus.batches(articles, self.batch_size):
            part, n, _ = loss_gradient(weights, batch, self.margin, gradient=False)
            loss, n_terms = loss + part, n_terms + n
        return loss / n_terms if n_terms else float("nan")

    def _note(self, epoch: int, loss: float, held_out: float, seconds: float) -> None:
        self.n_iter_ = epoch
        self.history_.append(
            dict(epoch=epoch, loss=loss, validation_loss=held_out, seconds=seconds)  # noqa: C408
        )
        # The first epoch waits for the kernels to be compiled.
        began = self.history_[min(epoch, 1)]["seconds"]
        left = (seconds - began) / max(epoch - 1, 1) * (self.max_iter - epoch)
        say(
            f"epoch {epoch} of {self.max_iter}: loss {loss:.5f}, "
            f"held out {held_out:.5f}, {seconds:.1f} s"
            + (f", at most {left:.0f} s to go" if epoch > 1 else ""),
            self.verbose,
        )
