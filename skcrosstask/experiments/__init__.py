"""The paper's tables and figures, as runs that can be resumed."""

from skcrosstask.experiments._report import Report
from skcrosstask.experiments._reproduce import EXPERIMENTS, reproduce
from skcrosstask.experiments._settings import GENERATOR, PAPER

__all__ = ["EXPERIMENTS", "GENERATOR", "PAPER", "Report", "reproduce"]
