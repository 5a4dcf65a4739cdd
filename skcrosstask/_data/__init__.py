"""`Task`, `Narration` and `Video`, and how a video's features are read."""

from skcrosstask._data._features import FeaturesFirst, feature_file
from skcrosstask._data._narration import Narration
from skcrosstask._data._rows import Rows
from skcrosstask._data._task import Task
from skcrosstask._data._video import Video, naming, shown_name

__all__ = [
    "FeaturesFirst",
    "Narration",
    "Rows",
    "Task",
    "Video",
    "feature_file",
    "naming",
    "shown_name",
]
