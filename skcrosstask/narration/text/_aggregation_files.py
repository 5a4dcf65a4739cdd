"""Learned aggregations as files that hold data and no code."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrosstask._files import read_archive, write_archive
from skcrosstask.narration.text._aggregation_network import WEIGHTS
from skcrosstask.narration.text._word_vectors import WordVectors, as_word_vectors

if TYPE_CHECKING:
    from skcrosstask._input import PathLike
    from skcrosstask.narration.text._learned_aggregation import LearnedAggregation

__all__ = ["load_aggregation", "save_aggregation"]

_FORMAT, _VERSION = "skcrosstask learned aggregation", 1
_PARAMETERS = (
    "n_filters",
    "n_components",
    "margin",
    "max_iter",
    "learning_rate",
    "batch_size",
    "dropout",
    "validation_fraction",
    "n_iter_no_change",
)


def save_aggregation(aggregation: LearnedAggregation, path: PathLike) -> None:
    """Write weights, word vectors that are in memory, and a JSON of the rest."""
    vectors = aggregation.vectors_
    in_memory = vectors.in_memory
    head = {
        "format": _FORMAT,
        "version": _VERSION,
        "parameters": {name: getattr(aggregation, name) for name in _PARAMETERS},
        "history": aggregation.history_,
        "words": vectors.words if in_memory else None,
        "n_dimensions": vectors.n_dimensions,
    }
    # Reading gives back numbers of Python, whatever kind was set.
    text = json.dumps(head, default=lambda number: number.item())
    arrays = dict(aggregation.weights_)
    if in_memory:
        arrays["word_vectors"] = vectors.vectors
    write_archive(path, text, arrays, "head")


def load_aggregation(
    aggregation: LearnedAggregation, path: PathLike
) -> LearnedAggregation:
    """Fill an aggregation with what was saved; its vectors, if set, are used."""
    name = os.fspath(path)
    try:
        head, arrays = read_archive(path, "head", "saved LearnedAggregation")
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    try:
        _fill(aggregation, head, arrays)
    except KeyError as error:
        raise ValueError(f"{name}: {error} is missing.") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{name}: {error}") from None
    return aggregation


def _fill(
    aggregation: LearnedAggregation, head: Any, arrays: dict[str, np.ndarray]
) -> None:
    if not isinstance(head, dict) or head.get("format") != _FORMAT:
        raise ValueError("not a saved LearnedAggregation.")
    if head.get("version") != _VERSION:
        raise ValueError(f"version {head.get('version')!r}; {_VERSION} was expected.")
    parameters = head["parameters"]
    if set(parameters) != set(_PARAMETERS):
        raise ValueError(f"parameters must be {', '.join(_PARAMETERS)}.")
    aggregation.set_params(**parameters)
    aggregation._validate_params()
    history = head["history"]
    if not isinstance(history, list) or not all(isinstance(e, dict) for e in history):
        raise ValueError("history must be a list of epochs.")
    vectors = _vectors(aggregation, head, arrays)
    f, c = aggregation.n_filters, aggregation.n_components
    shapes = ((vectors.n_dimensions, f), (f,), (f, c), (c,))
    aggregation.weights_ = {
        key: _weights(arrays[key], key, shape)
        for key, shape in zip(WEIGHTS, shapes, strict=True)
    }
    aggregation.vectors_ = vectors
    aggregation.history_ = history
    aggregation.n_iter_ = max(len(history) - 1, 0)
    aggregation.n_features_out_ = int(c)


def _weights(weights: np.ndarray, key: str, shape: tuple[int, ...]) -> np.ndarray:
    if weights.shape != shape or weights.dtype.kind != "f":
        raise ValueError(f"{key} must be numbers of shape {shape}.")
    with np.errstate(over="ignore"):
        weights = weights.astype(np.float32)
    if not np.isfinite(weights).all():
        raise ValueError(f"{key} is not finite.")
    return weights


def _vectors(
    aggregation: LearnedAggregation, head: dict[str, Any], arrays: dict[str, np.ndarray]
) -> WordVectors:
    if aggregation.vectors is not None:
        vectors = as_word_vectors(aggregation.vectors)
        if vectors.n_dimensions != head["n_dimensions"]:
            raise ValueError(
                f"word vectors of {head['n_dimensions']} dimensions were expected, "
                f"got {vectors.n_dimensions}."
            )
        return vectors
    if head["words"] is None:
        raise ValueError("its word vectors are in a file of their own; give vectors.")
    if not isinstance(head["words"], list):
        raise ValueError("words must be a list.")
    return WordVectors(head["words"], arrays["word_vectors"])
