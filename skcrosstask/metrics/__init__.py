"""Measures of annotations and predictions, as pure functions of arrays."""

from skcrosstask.metrics._frame_accuracy import frame_accuracy, frame_labels
from skcrosstask.metrics._order_consistency import order_consistency
from skcrosstask.metrics._shares import background_share, missing_share
from skcrosstask.metrics._step_recall import step_recall

__all__ = [
    "background_share",
    "frame_accuracy",
    "frame_labels",
    "missing_share",
    "order_consistency",
    "step_recall",
]
