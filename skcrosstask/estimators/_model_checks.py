"""What a model file must hold, and the complaints if it does not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from skcrosstask._data import Task
from skcrosstask._files import difference
from skcrosstask._progress import short
from skcrosstask.components import SHARING, STEMMERS
from skcrosstask.estimators._component import ComponentEstimator
from skcrosstask.estimators._supervised import SupervisedStepEstimator
from skcrosstask.estimators._weakly_supervised import WeaklySupervisedStepEstimator

__all__ = [
    "CLASSES",
    "FORMAT",
    "LAYOUT",
    "LEFT_OUT",
    "OF_ONE_RUN",
    "VERSION",
    "check_content",
    "expect",
    "read_tasks",
    "upgrade",
]

FORMAT, VERSION = "skcrosstask model", 3
# A file chooses among these; nothing is ever imported by a name that a file gives.
CLASSES: dict[str, type[ComponentEstimator]] = {
    "WeaklySupervisedStepEstimator": WeaklySupervisedStepEstimator,
    "SupervisedStepEstimator": SupervisedStepEstimator,
}
_KEYS = {
    *("format", "version", "class", "parameters", "vocabulary", "model", "rng", "seed"),
    *("temperature", "far", "learning_rate_", "n_iter_", "n_features_in_", "history_"),
    *("temperature_", "agreement_", "rate", "tasks"),
}
_MODEL_KEYS = {
    *("adam", "dropout_threshold", "over_steps", "over_time", "n_negatives"),
    *("n_updates", "seed"),
}
# What earlier versions did, where there is a choice since.
_FIRST = {"condition": False, "n_passes": 0}
_BEFORE = {1: _FIRST, 2: {}}
# Types and shapes: M components, D features, R directions of conditioned features (or
# the features themselves), N videos, S placed steps in all, K different steps. The
# projection is empty where features are not conditioned, what was seen without passes.
LAYOUT = {
    "coef": (np.float32, "MR"),
    "coef_mean": (np.float32, "MR"),
    "coef_square": (np.float32, "MR"),
    "projection": (np.float32, "PR"),
    "seen_matrix": (np.float64, "KM"),
    "seen_counts": (np.float64, "K"),
    "seen_sums": (np.float64, "KR"),
    "intercept": (np.float32, "M"),
    "intercept_mean": (np.float32, "M"),
    "intercept_square": (np.float32, "M"),
    "last": (np.int64, "M"),
    "alignments": (np.int64, "S"),
    "alignment_ends": (np.int64, "N"),
}
# Parameters that a file does not hold: a folder of this machine, which others may not
# have or not want, and what is code, or may be large, and is the user's anyway.
LEFT_OUT = ("store_folder", "word_vectors", "coef_init")
_MOST_JOBS = 1024
# Characters of a parameter, whose message may repeat it.
_LONGEST = 40
# Parameters that have no meaning beyond one fit, and no place in a file.
OF_ONE_RUN = {"checkpoint"}
_SCALARS = (str, bool, int, float, type(None))


def upgrade(document: Any, arrays: dict[str, np.ndarray]) -> None:
    """Turn what a file of an earlier version holds into what one of this version would.

    Parameters
    ----------
    document : object
        What was read from the JSON; changed in place.
    arrays : dict of str to ndarray
        The file's arrays; changed in place.
    """
    version = document.get("version") if isinstance(document, dict) else None
    if type(version) is not int or version not in _BEFORE:
        return
    if version == 1:
        _upgrade_first(document, arrays)
    # Before there were rates, rows were seconds.
    document |= {"version": VERSION, "rate": 1.0, "tasks": []}
    document |= {"temperature_": 1.0, "agreement_": None}
    parameters = document.get("parameters")
    known = CLASSES.get(str(document.get("class")))
    if isinstance(parameters, dict) and known is not None:
        for name, value in (known().get_params() | _BEFORE[version]).items():
            if name not in OF_ONE_RUN:
                parameters.setdefault(name, value)


def _upgrade_first(document: dict, arrays: dict[str, np.ndarray]) -> None:
    document |= {"temperature": 1.0, "far": False}
    vocabulary = document.get("vocabulary")
    if isinstance(vocabulary, dict) and isinstance(vocabulary.get("components"), list):
        # Stems, or texts: the nearest to words that such a file has.
        names = vocabulary["components"]
        vocabulary["words"] = [str(name).split() for name in names]
    coef = arrays.get("coef", np.empty((0, 0)))
    arrays["projection"] = np.empty((0, coef.shape[-1]), np.float32)
    arrays["seen_matrix"] = np.empty((0, len(coef)))
    arrays["seen_counts"] = np.empty(0)
    arrays["seen_sums"] = np.empty((0, coef.shape[-1]))


def check_content(document: Any, arrays: dict[str, np.ndarray]) -> None:
    """Refuse a document and arrays that do not make an estimator.

    Parameters
    ----------
    document : object
        What was read from the JSON.
    arrays : dict of str to ndarray
        The arrays named by `LAYOUT`; put in native byte order in place.

    Raises
    ------
    ValueError
        Naming the field.
    """
    _check_head(document)
    parameters = document["parameters"]
    estimator_class = CLASSES[document["class"]]
    names = set(estimator_class._get_param_names()) - OF_ONE_RUN
    _check_keys(parameters, names, "parameters")
    for name, value in parameters.items():
        good = _is_scalar(value) and len(str(value)) <= _LONGEST
        expect(good, f"parameters: {name}", "must be a finite scalar, and short")
    # A stranger's file must not say where this machine writes, or with what force.
    for name in LEFT_OUT:
        expect(parameters.get(name) is None, f"parameters: {name}", "must be null")
    n_jobs = parameters["n_jobs"]
    modest = n_jobs is None or (_is_scalar(n_jobs) and abs(n_jobs) <= _MOST_JOBS)
    expect(modest, "parameters: n_jobs", f"must be null or at most {_MOST_JOBS}")
    estimator_class(**parameters)._validate_params()
    _check_vocabulary(document["vocabulary"])
    _check_model(document["model"])
    _check_rng(document["rng"])
    _check_history(document["history_"])
    read_tasks(document["tasks"])
    expect(_is_count(document["seed"]), "seed", "must be a whole number from 0")
    expect(_is_count(document["n_iter_"]), "n_iter_", "must be a whole number from 0")
    expect(
        _is_count(document["n_features_in_"], 1),
        "n_features_in_",
        "must be a whole number from 1",
    )
    expect(isinstance(document["far"], bool), "far", "must be a boolean")
    for name in ("temperature", "rate", "temperature_", "learning_rate_"):
        expect(_is_positive(document[name]), name, "must be above 0")
    agreement = document["agreement_"]
    expect(
        agreement is None or (_is_scalar(agreement) and 0 <= agreement <= 1),
        "agreement_",
        "must be null or from 0 to 1",
    )
    _check_arrays(document, arrays)


def _check_head(document: Any) -> None:
    expect(isinstance(document, dict), "document", "must be a JSON object")
    known = document.get("format")
    expect(known == FORMAT, "format", f"must be {FORMAT!r}, got {short(known)}")
    version = document.get("version")
    expect(
        _is_count(version) and version == VERSION,
        "version",
        f"is {short(version)}; this release of skcrosstask reads version {VERSION}",
    )
    _check_keys(document, _KEYS, "document")
    name = document["class"]
    expect(
        isinstance(name, str) and name in CLASSES,
        "class",
        f"must be one of {sorted(CLASSES)}, got {short(name)}",
    )


def _check_vocabulary(vocabulary: Any) -> None:
    keys = {"sharing", "stemmer", "components", "words"}
    _check_keys(vocabulary, keys, "vocabulary")
    for name, choices in (("sharing", SHARING), ("stemmer", (*STEMMERS, None))):
        known = vocabulary[name] in choices
        expect(known, f"vocabulary: {name}", f"must be one of {choices}")
    names = vocabulary["components"]
    expect(
        isinstance(names, list)
        and all(isinstance(name, str) for name in names)
        and 0 < len(set(names)) == len(names),
        "vocabulary: components",
        "must be distinct names",
    )
    words = vocabulary["words"]
    expect(
        isinstance(words, list)
        and len(words) == len(names)
        and all(isinstance(own, list) for own in words)
        and all(isinstance(word, str) for own in words for word in own),
        "vocabulary: words",
        "must be one list of words for each component",
    )


def _check_model(model: Any) -> None:
    _check_keys(model, _MODEL_KEYS, "model")
    adam = model["adam"]
    expect(
        isinstance(adam, list)
        and len(adam) == 4
        and all(isinstance(x, float) and math.isfinite(x) for x in adam)
        and adam[0] > 0 <= adam[1] < math.sqrt(max(adam[2], 0)) < 1
        and adam[3] > 0,
        "model: adam",
        "must be a learning rate, two betas and an epsilon",
    )
    for name in ("over_steps", "over_time"):
        expect(isinstance(model[name], bool), f"model: {name}", "must be a boolean")
    expect(
        model["over_steps"] or model["over_time"],
        "model: over_steps",
        "or over_time must be true",
    )
    lowest = int(model["over_time"])
    for name, low, high in [
        ("dropout_threshold", 0, 65535),
        ("n_negatives", lowest, 1 << 31),
        ("n_updates", 0, 1 << 53),
        ("seed", 0, 1 << 53),
    ]:
        expect(
            _is_count(model[name], low, high),
            f"model: {name}",
            f"must be a whole number from {low} to {high}",
        )


def _check_rng(rng: Any) -> None:
    _check_keys(rng, {"bit_generator", "state", "has_uint32", "uinteger"}, "rng")
    _check_keys(rng["state"], {"state", "inc"}, "rng: state")
    good = rng["bit_generator"] == "PCG64"
    good &= all(_is_count(rng["state"][k], 0, (1 << 128) - 1) for k in rng["state"])
    good &= _is_count(rng["has_uint32"], 0, 1)
    good &= _is_count(rng["uinteger"], 0, (1 << 32) - 1)
    expect(good, "rng", "must be the state of a PCG64 bit generator")


def _check_history(history: Any) -> None:
    expect(isinstance(history, list), "history_", "must be a list")
    for i, entry in enumerate(history):
        field = f"history_ entry {i}"
        expect(isinstance(entry, dict), field, "must be a JSON object")
        numbers = {"objective", "seconds"} | ({"moved"} & set(entry))
        _check_keys(entry, {"phase", "epoch"} | numbers, field)
        expect(
            isinstance(entry["phase"], str)
            and _is_count(entry["epoch"], 1)
            and all(
                _is_scalar(entry[k]) and isinstance(entry[k], float) for k in numbers
            ),
            field,
            "must be a phase, an epoch from 1, an objective, seconds and what moved",
        )


def read_tasks(described: Any) -> tuple[Task, ...]:
    """Tasks of a document; a ValueError if they are none.

    Parameters
    ----------
    described : object
        What the JSON says of them.
    """
    expect(isinstance(described, list), "tasks", "must be a list")
    tasks = []
    for i, entry in enumerate(described):
        field = f"tasks entry {i}"
        _check_keys(entry, {"name", "steps", "title", "before"}, field)
        before = entry["before"]
        expect(isinstance(entry["steps"], list), field, "must have a list of steps")
        pairs = before is None or isinstance(before, list)
        expect(pairs, field, "must have pairs of steps in before, or null")
        try:
            tasks.append(Task(**entry))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{field}: {error}") from None
    return tuple(tasks)


def _check_arrays(document: dict, arrays: dict[str, np.ndarray]) -> None:
    sizes = {
        "M": len(document["vocabulary"]["components"]),
        "P": document["n_features_in_"] if len(arrays["projection"]) else 0,
        "R": document["n_features_in_"],
        "K": arrays["seen_counts"].size,
        "N": arrays["alignment_ends"].size,
        "S": arrays["alignments"].size,
    }
    if sizes["P"] and arrays["projection"].ndim == 2:
        sizes["R"] = arrays["projection"].shape[1]
    for name, (dtype, letters) in LAYOUT.items():
        array, shape = arrays[name], tuple(sizes[letter] for letter in letters)
        expect(
            array.dtype.newbyteorder("=") == dtype and array.shape == shape,
            name,
            f"must be {np.dtype(dtype)} of shape {shape}, got {array.dtype} of "
            f"shape {array.shape}",
        )
        expect(np.isfinite(array).all(), name, "must be finite")
        arrays[name] = np.ascontiguousarray(array, dtype=dtype)
    for name in ("coef_square", "intercept_square"):
        expect((arrays[name] >= 0).all(), name, "must not be negative")
    last, ends = arrays["last"], arrays["alignment_ends"]
    made = document["model"]["n_updates"]
    in_time = ((last >= 0) & (last <= made)).all()
    expect(in_time, "last", f"must be within 0 and n_updates, {made}")
    expect((arrays["alignments"] >= -1).all(), "alignments", "must be from -1")
    expect(
        len(ends)
        and (np.diff(ends, prepend=0) >= 0).all()
        and ends[-1] == len(arrays["alignments"]),
        "alignment_ends",
        "must ascend to the size of alignments",
    )


def _check_keys(found: Any, expected: set[str], field: str) -> None:
    expect(isinstance(found, dict), field, "must be a JSON object")
    if set(found) != expected:
        more = difference(map(str, found), expected)
        raise ValueError(f"{field} must have the keys of its version: {more}.")


def _is_scalar(value: Any) -> bool:
    finite = not isinstance(value, float) or math.isfinite(value)
    return isinstance(value, _SCALARS) and finite


def _is_count(value: Any, low: int = 0, high: int = (1 << 63) - 1) -> bool:
    return type(value) is int and low <= value <= high


def _is_positive(value: Any) -> bool:
    return isinstance(value, float) and 0 < value < math.inf


def expect(good: Any, field: str, rule: str) -> None:
    """Raise a ValueError that names the field, unless all is good."""
    if not good:
        raise ValueError(f"{field} {rule}.")
