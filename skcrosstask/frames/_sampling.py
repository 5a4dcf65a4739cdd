"""Which picture each row shows: by time, never by count."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TypeVar

__all__ = ["sample"]

Picture = TypeVar("Picture")


def sample(
    pictures: Iterable[tuple[float, float, Picture]], rate: float, n_frames: int = 1
) -> Iterator[Picture]:
    """Pictures that are on the screen at the sampled times.

    Row t covers ``[t / rate, (t + 1) / rate)`` and is sampled in the middle of each of
    its ``n_frames`` equal parts. A row is there if the video is not over by its middle.

    Parameters
    ----------
    pictures : iterable of (start, end, picture)
        In the order of their starts, in seconds. A picture stays on the screen until
        the next one starts.
    rate : float
        Rows a second.
    n_frames : int, default=1
        Pictures a row.

    Yields
    ------
    picture
        The first is also shown before its start, the last until the video's end.
        After the last whole row, up to half a row may follow.

    Examples
    --------
    >>> list(sample([(0, 1, "a"), (1, 3, "b"), (3, 4, "c")], rate=1))
    ['a', 'b', 'b', 'c']
    >>> list(sample([(0, 1, "a"), (1, 3, "b"), (3, 4, "c")], rate=0.5, n_frames=2))
    ['a', 'b', 'b', 'c']
    """

    def time(i: int) -> float:
        row, part = divmod(i, n_frames)
        return (row + (part + 0.5) / n_frames) / rate

    shown, over, n = None, 0.0, 0
    for start, end, picture in pictures:
        if shown is not None:
            while time(n) < start:
                yield shown
                n += 1
        shown, over = picture, max(over, end)
    if shown is None:
        return
    n_rows = max(math.ceil(over * rate - 0.5), 1)
    for _ in range(n, n_rows * n_frames):
        yield shown
