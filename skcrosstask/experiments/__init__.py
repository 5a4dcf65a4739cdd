"""The paper's tables and figures, as runs that can be resumed."""

from skcrosstask.experiments._report import Report
from skcrosstask.experiments._reproduce import EXPERIMENTS, reproduce
from skcrosstask.experiments._settings import PAPER
from skcrosstask.experiments._study import GENERATOR

__all__ = ["EXPERIMENTS", "GENERATOR", "PAPER", "Report", "reproduce"]
