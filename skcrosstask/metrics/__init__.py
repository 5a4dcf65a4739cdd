"""Measures of annotations and predictions, as pure functions of arrays."""

# The registry: a line here makes a function public, and the common tests find it.
from skcrosstask.metrics._average_precision import (
    mean_average_precision as mean_average_precision,
)
from skcrosstask.metrics._edit_score import edit_score as edit_score
from skcrosstask.metrics._frame_accuracy import frame_accuracy as frame_accuracy
from skcrosstask.metrics._frame_accuracy import frame_labels as frame_labels
from skcrosstask.metrics._hungarian_f1 import hungarian_f1 as hungarian_f1
from skcrosstask.metrics._order_consistency import (
    order_consistency as order_consistency,
)
from skcrosstask.metrics._overlap import iod_score as iod_score
from skcrosstask.metrics._overlap import iou_score as iou_score
from skcrosstask.metrics._segmental_f1 import segmental_f1 as segmental_f1
from skcrosstask.metrics._shares import background_share as background_share
from skcrosstask.metrics._shares import missing_share as missing_share
from skcrosstask.metrics._step_recall import step_recall as step_recall
from skcrosstask.metrics._step_times import argmax_times as argmax_times
from skcrosstask.metrics._step_times import segment_centres as segment_centres
from skcrosstask.metrics._tables import recall_table as recall_table
from skcrosstask.metrics._tables import task_table as task_table
from skcrosstask.metrics._window_scores import window_scores as window_scores

__all__ = sorted(name for name in globals() if not name.startswith("_"))
