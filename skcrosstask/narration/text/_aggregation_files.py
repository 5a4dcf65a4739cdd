"""Learned aggregations as files that hold data and no code."""

from __future__ import annotations

import json
import os
import zipfile
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from skcrosstask._files import replacing
from skcrosstask._input import PathLike
from skcrosstask.narration.text._aggregation_network import WEIGHTS
from skcrosstask.narration.text._word_vectors import WordVectors, as_word_vectors

if TYPE_CHECKING:
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
    arrays: dict[str, Any] = dict(aggregation.weights_)
    arrays["head"] = np.frombuffer(text.encode(), dtype=np.uint8)
    if in_memory:
        arrays["word_vectors"] = vectors.vectors
    with replacing(path) as file:
        np.savez(file, **arrays)


def load_aggregation(
    aggregation: LearnedAggregation, path: PathLike
) -> LearnedAggregation:
    """Fill an aggregation with what was saved; its vectors, if set, are used."""
    name = os.fspath(path)
    with open(path, "rb") as file:
        try:
            head, arrays = _read(file)
        except Exception as error:
            # A hostile or damaged archive fails in any of zipfile's, zlib's and
            # NumPy's many ways.
            raise ValueError(
                f"{name}: not a saved LearnedAggregation: {error}"
            ) from None
    try:
        _fill(aggregation, head, arrays)
    except KeyError as error:
        raise ValueError(f"{name}: {error} is missing.") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{name}: {error}") from None
    return aggregation


def _read(file: IO[bytes]) -> tuple[Any, dict[str, np.ndarray]]:
    # A lone .npy file is no archive, though NumPy would read it.
    with zipfile.ZipFile(file):
        file.seek(0)
    with np.load(file, allow_pickle=False) as archive:
        arrays = {key: archive[key] for key in archive.files}
    return json.loads(arrays.pop("head").tobytes().decode()), arrays


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
