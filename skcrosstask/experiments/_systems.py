"""The systems that are compared, by the names that results bear."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from sklearn.base import BaseEstimator

__all__ = ["make_system", "systems"]

# Files of results hold these names, so they stay; others follow from the class.
_NAMES = {
    "ActionSetEstimator": "action sets",
    "RandomOrderBaseline": "random",
    "SupervisedStepEstimator": "supervised",
}


@cache
def systems() -> dict[str, Callable[..., BaseEstimator]]:
    """All systems: the weakly supervised estimator, and every public baseline.

    A baseline's name is that of its class in words, without Estimator or Baseline.
    """
    # Loaded when the first one is made: much that is done here only reads results.
    from skcrosstask import WeaklySupervisedStepEstimator, baselines

    found: dict[str, Callable[..., BaseEstimator]] = {
        "weak": WeaklySupervisedStepEstimator
    }
    for kind in baselines.__all__:
        words = re.findall("[A-Z][a-z0-9]*", re.sub("(Estimator|Baseline)$", "", kind))
        name = _NAMES.get(kind, " ".join(words).lower())
        found[name] = getattr(baselines, kind)
    return found


def make_system(name: str, **settings: Any) -> BaseEstimator:
    """One of `systems` with these parameters, not fitted."""
    return systems()[name](**settings)
