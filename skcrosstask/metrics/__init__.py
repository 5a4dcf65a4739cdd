"""Measures of annotations and predictions, as pure functions of arrays."""

from skcrosstask.metrics._average_precision import mean_average_precision
from skcrosstask.metrics._frame_accuracy import frame_accuracy, frame_labels
from skcrosstask.metrics._hungarian_f1 import hungarian_f1
from skcrosstask.metrics._order_consistency import order_consistency
from skcrosstask.metrics._shares import background_share, missing_share
from skcrosstask.metrics._step_recall import step_recall

__all__ = [
    "background_share",
    "frame_accuracy",
    "frame_labels",
    "hungarian_f1",
    "mean_average_precision",
    "missing_share",
    "order_consistency",
    "step_recall",
]
