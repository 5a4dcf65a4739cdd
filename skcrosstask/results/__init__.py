"""Where the steps of videos are, in seconds: tables, and files for other programs."""

from skcrosstask.results._annotations import annotate, read_annotations
from skcrosstask.results._reading import read_steps
from skcrosstask.results._row import StepRow
from skcrosstask.results._table import StepTable

__all__ = ["StepRow", "StepTable", "annotate", "read_annotations", "read_steps"]
