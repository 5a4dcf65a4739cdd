"""F-step: the component model, its training and the rows that it reads."""

from skcrosstask.learning._model import ComponentModel, linear_scores
from skcrosstask.learning._store import FrameStore, read_rows

__all__ = [
    "ComponentModel",
    "FrameStore",
    "linear_scores",
    "read_rows",
]
