"""Find when each step of a task happens in how-to videos, without labels."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skcrosstask._data import FeaturesFirst, Narration, Task, Video
    from skcrosstask._extras import show_versions
    from skcrosstask.estimators._model_files import load_model, save_model
    from skcrosstask.estimators._weakly_supervised import WeaklySupervisedStepEstimator

__version__ = "0.2.0"

__all__ = [
    "FeaturesFirst",
    "Narration",
    "Task",
    "Video",
    "WeaklySupervisedStepEstimator",
    "__version__",
    "load_model",
    "save_model",
    "show_versions",
]

# Loaded when first asked for: nobody waits for what they do not use.
_HOMES = {
    "FeaturesFirst": "_data",
    "Narration": "_data",
    "Task": "_data",
    "Video": "_data",
    "WeaklySupervisedStepEstimator": "estimators._weakly_supervised",
    "load_model": "estimators._model_files",
    "save_model": "estimators._model_files",
    "show_versions": "_extras",
}
_SUBMODULES = (
    "alignment",
    "baselines",
    "components",
    "datasets",
    "estimators",
    "experiments",
    "frames",
    "metrics",
    "model_selection",
    "narration",
    "plotting",
    "results",
)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"skcrosstask.{_HOMES[name]}"), name)
    if name in _SUBMODULES:
        return import_module(f"skcrosstask.{name}")
    raise AttributeError(f"module 'skcrosstask' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_SUBMODULES})
