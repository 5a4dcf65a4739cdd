"""Pictures of predictions and of training, in scikit-learn's Display convention."""

from skcrosstask.plotting._component_gain import ComponentGainDisplay
from skcrosstask.plotting._history import HistoryDisplay
from skcrosstask.plotting._narration import NarrationDisplay
from skcrosstask.plotting._recall_table import RecallTableDisplay
from skcrosstask.plotting._sharing_map import SharingMapDisplay
from skcrosstask.plotting._step_origin import StepOriginDisplay
from skcrosstask.plotting._timeline import StepTimelineDisplay
from skcrosstask.plotting._transfer_curve import TransferCurveDisplay

__all__ = [
    "ComponentGainDisplay",
    "HistoryDisplay",
    "NarrationDisplay",
    "RecallTableDisplay",
    "SharingMapDisplay",
    "StepOriginDisplay",
    "StepTimelineDisplay",
    "TransferCurveDisplay",
]
