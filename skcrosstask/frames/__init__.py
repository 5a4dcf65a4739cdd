"""From video files to features, one row a time unit, by any encoder of pictures."""

from skcrosstask.frames._frame_features import FrameFeatures
from skcrosstask.frames._simple_encoder import SimpleEncoder

__all__ = ["FrameFeatures", "SimpleEncoder"]
