"""Measures of annotations and predictions, as pure functions of arrays."""

from skcrosstask.metrics._average_precision import mean_average_precision
from skcrosstask.metrics._edit_score import edit_score
from skcrosstask.metrics._frame_accuracy import frame_accuracy, frame_labels
from skcrosstask.metrics._hungarian_f1 import hungarian_f1
from skcrosstask.metrics._order_consistency import order_consistency
from skcrosstask.metrics._overlap import iod_score, iou_score
from skcrosstask.metrics._segmental_f1 import segmental_f1
from skcrosstask.metrics._shares import background_share, missing_share
from skcrosstask.metrics._step_recall import step_recall
from skcrosstask.metrics._step_times import argmax_times, segment_centres
from skcrosstask.metrics._tables import recall_table, task_table
from skcrosstask.metrics._window_scores import window_scores

__all__ = [
    "argmax_times",
    "background_share",
    "edit_score",
    "frame_accuracy",
    "frame_labels",
    "hungarian_f1",
    "iod_score",
    "iou_score",
    "mean_average_precision",
    "missing_share",
    "order_consistency",
    "recall_table",
    "segment_centres",
    "segmental_f1",
    "step_recall",
    "task_table",
    "window_scores",
]
