"""Pictures of predictions and of training, in scikit-learn's Display convention."""

from skcrosstask.plotting._history import HistoryDisplay
from skcrosstask.plotting._timeline import StepTimelineDisplay

__all__ = ["HistoryDisplay", "StepTimelineDisplay"]
