"""Fitted estimators as files that hold data and no code."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from skcrosstask._data import Task
from skcrosstask._files import read_archive, require_file, write_archive
from skcrosstask._input import PathLike, object_array
from skcrosstask.components import StepComponents
from skcrosstask.estimators._component import ComponentEstimator
from skcrosstask.estimators._model_checks import (
    CLASSES,
    FORMAT,
    LAYOUT,
    LEFT_OUT,
    OF_ONE_RUN,
    VERSION,
    check_content,
    expect,
    read_tasks,
    upgrade,
)
from skcrosstask.learning.adam._model import ComponentModel
from skcrosstask.learning.rows._conditioning import Conditioning
from skcrosstask.learning.segments._closed_form import StepSums

__all__ = ["load_model", "save_model"]


def save_model(estimator: ComponentEstimator, path: PathLike) -> None:
    """Write a fitted estimator to a file, from which it can predict and go on.

    The file appears whole or not at all: an older one of that name stays until the
    new one is complete.

    Parameters
    ----------
    estimator : WeaklySupervisedStepEstimator or SupervisedStepEstimator
        A fitted estimator.
    path : path
        Where to write, customarily ``*.skct``.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    TypeError
        If it is of another class.
    ValueError
        If its stemmer is a function, which only running code could bring back; if
        ``random_state`` is a RandomState instance, which others may share (set it
        to an int or None: what was learnt does not change); or if something that
        was learnt is not finite.
    FileNotFoundError
        If the folder does not exist.

    See Also
    --------
    load_model : Read the file.

    Notes
    -----
    ``store_folder``, ``checkpoint``, ``word_vectors`` and ``coef_init`` are not
    stored, and are None in what `load_model` returns. Set ``word_vectors`` again for
    words never seen: the file holds all else that they need.

    The file is a NumPy ``.npz`` archive, a zip of ``.npy`` members, without pickled
    objects. M components, D features, N training videos with S steps in all:

    - ``projection`` (D, R), float32: the map to conditioned features, (0, D) where
      they are not conditioned, and then R is D;
    - ``coef``, ``coef_mean``, ``coef_square`` (M, R) and ``intercept``,
      ``intercept_mean``, ``intercept_square`` (M,), float32: the classifiers and
      Adam's first and second moments;
    - ``seen_matrix`` (K, M), ``seen_counts`` (K,) and ``seen_sums`` (K, R), float64:
      what K different steps are made of, how many rows showed each, and their sums;
    - ``last`` (M,), int64: the Adam step of each component's last move;
    - ``alignments`` (S,), int64: ``alignments_`` one after the other, and
      ``alignment_ends`` (N,), int64: where each of them ends;
    - ``document``, uint8: one JSON object in UTF-8 with ``format``, ``version``,
      ``class``, constructor ``parameters``, ``vocabulary`` (sharing, stemmer, and the
      components' names and words), ``model`` (Adam's constants and count, dropout,
      contrast, seed), ``temperature`` and ``far`` (of conditioned rows), ``rate``
      (of those rows), ``rng`` (the state of the bit generator, PCG64), ``seed``,
      ``temperature_``, ``agreement_``, ``learning_rate_``, ``n_iter_``,
      ``n_features_in_``, ``history_`` and ``tasks`` (name, steps, title and before of
      each of ``tasks_``).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skcrosstask import WeaklySupervisedStepEstimator
    >>> from skcrosstask import load_model, save_model
    >>> from skcrosstask.datasets import make_instructional_videos
    >>> videos, tasks = make_instructional_videos(n_videos=2, random_state=0)
    >>> est = WeaklySupervisedStepEstimator(random_state=0).fit(videos, tasks)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_model(est, Path(folder) / "model.skct")
    ...     again = load_model(Path(folder) / "model.skct")
    >>> bool((again.predict(videos)[0] == est.predict(videos)[0]).all())
    True
    """
    name = type(estimator).__name__
    if CLASSES.get(name) is not type(estimator):
        raise TypeError(f"save_model takes one of {sorted(CLASSES)}, got a {name}.")
    check_is_fitted(estimator, "coef_")
    if getattr(estimator, "_model", None) is None:
        raise NotFittedError(f"This {name}'s last fit failed before it began.")
    try:
        document, arrays = _describe(estimator)
        # What load_model would refuse is better refused while it can be mended.
        check_content(document, arrays)
    except ValueError as error:
        raise ValueError(f"This {name} cannot be saved: {error}") from None
    text = json.dumps(document, allow_nan=False)
    write_archive(path, text, arrays, "document")


def load_model(path: PathLike) -> ComponentEstimator:
    """Read an estimator that `save_model` wrote.

    No code in the file is run, whoever made it, and every field is checked.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    WeaklySupervisedStepEstimator or SupervisedStepEstimator
        It predicts to the bit what the saved one predicts, given its ``word_vectors``
        again if it has any, and `partial_fit`, or
        `fit` with ``warm_start=True``, goes on to the bit as the saved one would.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        If there is no such file, or it is a folder.
    ValueError
        If it is not a model file, is damaged, is of an unknown version, or a field
        is not what it should be; the message names the file and the field.

    See Also
    --------
    save_model : Write the file; its notes describe the format.

    Examples
    --------
    >>> from skcrosstask import load_model
    >>> load_model("no_such.skct")
    Traceback (most recent call last):
    ...
    FileNotFoundError: Model file 'no_such.skct' is missing.
    """
    require_file(path, "Model file")
    try:
        later = ("projection", "seen")  # than version 1
        first = [name for name in LAYOUT if not name.startswith(later)]
        document, arrays = read_archive(path, "document", "model file", (LAYOUT, first))
        upgrade(document, arrays)
        check_content(document, arrays)
        return _rebuild(document, arrays)
    except ValueError as error:
        raise ValueError(f"Model file '{path}': {error}") from None


def _describe(estimator: Any) -> tuple[dict, dict[str, np.ndarray]]:
    settings, arrays = estimator._model.state()
    conditioning = estimator._conditioning
    arrays |= _learnt_arrays(estimator, arrays["coef"], arrays["intercept"])
    vocabulary, agreement = estimator._vocabulary, estimator.agreement_
    document = {
        "format": FORMAT,
        "version": VERSION,
        "class": type(estimator).__name__,
        "parameters": {
            name: _plain(name, value)
            for name, value in estimator.get_params().items()
            if name not in OF_ONE_RUN
        },
        "vocabulary": {
            "sharing": vocabulary.sharing,
            "stemmer": _plain("stemmer", vocabulary.stemmer),
            "components": list(vocabulary.names),
            "words": [vocabulary.words.get(name, []) for name in vocabulary.names],
        },
        "model": settings,
        "rng": estimator._rng.bit_generator.state,
        "seed": estimator._seed,
        "temperature": float(estimator._temperature),
        "rate": estimator._rate,
        "far": conditioning is not None and conditioning.far,
        "temperature_": float(estimator.temperature_),
        "agreement_": None if np.isnan(agreement) else float(agreement),
        "learning_rate_": estimator.learning_rate_,
        "n_iter_": estimator.n_iter_,
        "n_features_in_": int(estimator.n_features_in_),
        "history_": estimator.history_,
        "tasks": [_describe_task(task) for task in estimator.tasks_],
    }
    return document, arrays


def _describe_task(task: Task) -> dict[str, Any]:
    before = None if task.before is None else [list(pair) for pair in task.before]
    steps = list(task.steps)
    return {"name": task.name, "steps": steps, "title": task.title, "before": before}


def _learnt_arrays(
    estimator: Any, coef: np.ndarray, intercept: np.ndarray
) -> dict[str, np.ndarray]:
    """What was learnt beside the classifiers, which must be as fit left them."""
    conditioning = estimator._conditioning
    n_components, n_directions = coef.shape
    projection, raw = np.empty((0, n_directions), np.float32), coef
    if conditioning is not None:
        projection, raw = conditioning.projection, conditioning.to_raw(coef)
    expect(
        np.array_equal(estimator.coef_, raw, equal_nan=True)
        and np.array_equal(estimator.intercept_, intercept, equal_nan=True),
        "coef_",
        "and intercept_ must be those that fit left",
    )
    seen = estimator._seen
    if seen is None:
        nothing = csr_array((0, n_components))
        seen = StepSums(nothing, np.empty(0), np.empty((0, n_directions)))
    labels = [np.asarray(row, dtype=np.int64) for row in estimator.alignments_]
    return {
        "projection": projection,
        "seen_matrix": seen.matrix.toarray(),
        "seen_counts": seen.counts,
        "seen_sums": seen.sums,
        "alignments": np.concatenate(labels),
        "alignment_ends": np.cumsum([len(row) for row in labels], dtype=np.int64),
    }


def _plain(name: str, value: Any) -> Any:
    """A parameter's value as JSON knows it."""
    if name in LEFT_OUT:
        return None
    value = value.item() if isinstance(value, np.generic) else value
    if callable(value):
        raise ValueError(
            f"{name} is a function ({value!r}), and a model file holds no code. Stem "
            "the words of the tasks beforehand and set stemmer=None."
        )
    if isinstance(value, np.random.RandomState):
        raise ValueError(
            f"{name} is a RandomState instance, which others may share; set it to an "
            f"int or None first: set_params({name}=None)."
        )
    return value


def _rebuild(document: dict, arrays: dict) -> ComponentEstimator:
    estimator: Any = CLASSES[document["class"]](**document["parameters"])
    vocabulary = StepComponents(
        document["vocabulary"]["sharing"], document["vocabulary"]["stemmer"]
    )
    vocabulary.names = document["vocabulary"]["components"]
    words = document["vocabulary"]["words"]
    vocabulary.words = dict(zip(vocabulary.names, words, strict=True))
    vocabulary._index = {name: m for m, name in enumerate(vocabulary.names)}
    model = ComponentModel.from_state(document["model"], arrays)
    rng = np.random.Generator(np.random.PCG64(0))
    rng.bit_generator.state = document["rng"]
    labels = np.split(arrays["alignments"], arrays["alignment_ends"][:-1])
    for name in ("learning_rate_", "n_iter_", "n_features_in_", "history_"):
        setattr(estimator, name, document[name])
    estimator.tasks_ = read_tasks(document["tasks"])
    estimator._seed = document["seed"]
    estimator._rng, estimator._vocabulary, estimator._model = rng, vocabulary, model
    estimator._temperature = document["temperature"]
    estimator.temperature_ = document["temperature_"]
    agreement = document["agreement_"]
    estimator.agreement_ = np.nan if agreement is None else agreement
    estimator._rate = document["rate"]
    projection = arrays["projection"]
    estimator._conditioning = (
        Conditioning(projection, document["far"]) if len(projection) else None
    )
    steps = csr_array(arrays["seen_matrix"])
    seen = StepSums(steps, arrays["seen_counts"], arrays["seen_sums"])
    estimator._seen = seen if len(seen.counts) else None
    estimator.components_ = np.array(vocabulary.names, dtype=str)
    estimator._show_classifiers()
    estimator.alignments_ = object_array([row.copy() for row in labels])
    return estimator
