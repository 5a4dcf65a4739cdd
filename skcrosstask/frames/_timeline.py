"""When each picture is shown, also where a file's time stamps are wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Timeline"]

# Seconds that a stamp may lie behind the one before it without being a new start.
_JITTER = 0.5
# Nobody shows a still for longer; a stamp that says so is wrong.
_LONGEST_STILL = 600.0


@dataclass
class Timeline:
    """Seconds since the start of the video, which never run backwards.

    Parameters
    ----------
    zero : float
        Time stamp, in seconds, of the start.
    interval : float
        Seconds from one picture to the next, where no stamp tells.
    length : float, optional
        Seconds that the file says it lasts; a stamp far beyond is wrong.

    Examples
    --------
    >>> timeline = Timeline(zero=10.0, interval=0.5)
    >>> [timeline.place(stamp) for stamp in (10.0, 10.5, None, 2.0, 2.25)]
    [0.0, 0.5, 1.0, 1.5, 1.75]
    >>> timeline.n_repaired
    2
    """

    zero: float
    interval: float
    length: float | None = None
    n_repaired: int = field(default=0, init=False)
    _last: float | None = field(default=None, init=False)

    def place(self, stamp: float | None) -> float:
        """Start of the next picture.

        Parameters
        ----------
        stamp : float or None
            What the file says, in seconds.

        Returns
        -------
        float
            Seconds since the start of the video.
        """
        last = self._last
        following = 0.0 if last is None else last + self.interval
        start = following if stamp is None else stamp - self.zero
        if stamp is None:
            self.n_repaired += 1
        elif self._is_broken(start):
            # Time goes on from here as if nothing had happened.
            self.zero += start - following
            start = following
            self.n_repaired += 1
        start = max(start, 0.0 if last is None else last)
        self._last = start
        return start

    def _is_broken(self, start: float) -> bool:
        last = 0.0 if self._last is None else self._last
        end = last + _LONGEST_STILL
        if self.length is not None:
            end = min(end, max(self.length, last) + _JITTER + self.interval)
        return not last - _JITTER <= start <= end
