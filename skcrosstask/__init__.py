"""Find when each step of a task happens in how-to videos, without labels."""

from skcrosstask._data import Narration, Task, Video
from skcrosstask._estimator import WeaklySupervisedStepEstimator
from skcrosstask._persistence import load_model, save_model

__version__ = "0.1.0"

__all__ = [
    "Narration",
    "Task",
    "Video",
    "WeaklySupervisedStepEstimator",
    "__version__",
    "load_model",
    "save_model",
]
