"""Where the steps are: ordered placements by dynamic programming."""

from skcrosstask.alignment._align import align_steps
from skcrosstask.alignment._many import align_many
from skcrosstask.alignment._posteriors import sample_alignment, step_posteriors
from skcrosstask.alignment._segment_posteriors import segment_posteriors

__all__ = [
    "align_many",
    "align_steps",
    "sample_alignment",
    "segment_posteriors",
    "step_posteriors",
]
