"""Whether videos have the rate they are said to have, by what else is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from skcrosstask._progress import counted, warn
from skcrosstask._segments import is_far_beyond, suggest_rate

__all__ = ["MISSING_FEATURES", "RateCheck", "check_rates", "last_times"]

# How both loaders warn of them, where only lengths are wanted.
MISSING_FEATURES = ".* files of (features|constraints) are missing, such as "
# So many videos whose steps all end before this share of their rows are suspicious.
_FEW, _EARLY = 5, 0.6


def check_rates(
    n_rows: Mapping[str, int],
    rates: Mapping[str, float],
    seconds: Mapping[str, float],
    ends: Mapping[str, float],
    *,
    source: str = "frame_counts.csv",
    place: str = "",
) -> None:
    """Refuse rates that most videos do not have.

    Parameters
    ----------
    n_rows : mapping of str to int
        Rows of each video with features, by its name.
    rates : mapping of str to float
        Their rows a second, as the user has it.
    seconds : mapping of str to float
        How long videos are, where that is known; names without features may be there.
    ends : mapping of str to float
        How long they are at the least: when the last step ends, as `last_times` says.
    source : str, default="frame_counts.csv"
        What says how long they are.
    place : str, default=""
        What messages start with, such as the file that gives the rates.

    Raises
    ------
    ValueError
        If more than half of the videos that can be compared differ by more than 10 %
        and more than 5 s: the message says which rate would fit.

    Warns
    -----
    UserWarning
        If fewer do; or if all steps of five videos or more end so early that the rate
        seems too low; or if videos of known length have steps long after their end.

    Examples
    --------
    >>> check_rates({"v": 118}, {"v": 2.0}, {"v": 60}, {})
    >>> check_rates({"v": 118}, {"v": 1.0}, {"v": 60}, {})
    Traceback (most recent call last):
    ...
    ValueError: 1 of 1 video differs in length from frame_counts.csv, such as 'v': 118
    rows at rate 1 are 118 s, but it has 60 s; rate=2 would fit.
    """
    known = [name for name in n_rows if name in seconds or name in ends]
    off = [name for name in known if _differs(name, n_rows, rates, seconds, ends)]
    if off:
        exact = [name for name in off if name in seconds]
        # Of ends, the one that leaves the fewest rates.
        worst = max(off, key=lambda name: ends.get(name, 0.0) / n_rows[name])
        name = exact[0] if exact else worst
        text = _describe(name, n_rows[name], rates[name], seconds, ends)
        total = counted(len(known), "video", ("differs", "differ"))
        whom = source if exact else "annotations or windows"
        fault = f"{len(off)} of {total} in length from {whom}, such as {name!r}: {text}"
        if 2 * len(off) > len(known):
            shares = [n_rows[n] / seconds[n] for n in exact]
            fitting = (
                suggest_rate(float(np.median(shares)), 1.0, whole=True)
                if exact
                else suggest_rate(n_rows[worst], ends[worst])
            )
            raise ValueError(f"{place}{fault}; rate={fitting} would fit.")
        warn(f"{place}{fault}.")
    _warn_of_late_ends([n for n in known if n not in off], n_rows, rates, ends, place)
    if not off and not any(name in seconds for name in known):
        _warn_of_early_ends(known, n_rows, rates, ends, place)


def last_times(*segments: Sequence[np.ndarray | None]) -> list[float]:
    """When the last step of each video ends, by annotations and windows.

    Parameters
    ----------
    *segments : sequence of ndarray of shape (n, 3), or None
        Annotations, and windows, of the videos.

    Returns
    -------
    list of float
        Seconds; 0 where nothing is known.
    """
    return [
        max((float(s[:, 2].max(initial=0.0)) for s in of if s is not None), default=0.0)
        for of in zip(*segments, strict=True)
    ]


class RateCheck:
    """What tells whether the videos of a manifest have their rates."""

    def __init__(self) -> None:
        self._n_rows: dict[str, int] = {}
        self._rates: dict[str, float] = {}
        self._seconds: dict[str, float] = {}
        self._ends: dict[str, float] = {}

    def add(
        self,
        name: str,
        n_rows: int,
        rate: float,
        annotation: np.ndarray | None,
        windows: np.ndarray | None,
        made: float | None,
    ) -> None:
        """Remember a video.

        Parameters
        ----------
        name : str
            Its name.
        n_rows : int
            Its rows.
        rate : float
            Its rows a second, as the user has it.
        annotation, windows : ndarray of shape (n, 3), or None
            In seconds, as they are in their files.
        made : float or None
            Rate at which its features were made, where that is known.
        """
        if windows is not None:
            # A window may be open: beyond the rows, only its start says anything.
            windows = windows.copy()
            ends = np.minimum(windows[:, 2], n_rows / rate)
            windows[:, 2] = np.maximum(windows[:, 1], ends)
        (end,) = last_times([annotation], [windows])
        self._n_rows[name], self._rates[name] = n_rows, rate
        if made is not None:
            self._seconds[name] = round(n_rows / made, 2)
        if end > 0:
            self._ends[name] = max(end, self._ends.get(name, 0.0))

    def check(self, place: str) -> None:
        """Refuse wrong rates, as `check_rates` does.

        Parameters
        ----------
        place : str
            What messages start with.
        """
        known = (self._n_rows, self._rates, self._seconds, self._ends)
        check_rates(*known, source="the record of their features", place=place)


def _differs(
    name: str,
    n_rows: Mapping[str, int],
    rates: Mapping[str, float],
    seconds: Mapping[str, float],
    ends: Mapping[str, float],
) -> bool:
    if name not in seconds:
        return is_far_beyond(ends[name], n_rows[name], rates[name])
    found, true = n_rows[name] / rates[name], seconds[name]
    return abs(found - true) > max(0.1 * true, 5.0)


def _describe(
    name: str,
    n_rows: int,
    rate: float,
    seconds: Mapping[str, float],
    ends: Mapping[str, float],
) -> str:
    text = f"{n_rows} rows at rate {rate:g} are {n_rows / rate:.4g} s"
    if name in seconds:
        return f"{text}, but it has {seconds[name]:g} s"
    return f"{text}, but they end at {ends[name]:g} s"


def _warn_of_late_ends(
    known: Sequence[str],
    n_rows: Mapping[str, int],
    rates: Mapping[str, float],
    ends: Mapping[str, float],
    place: str,
) -> None:
    """Warn of times that are wrong, as the rates are right."""
    late = [n for n in known if is_far_beyond(ends.get(n, 0.0), n_rows[n], rates[n])]
    if late:
        name = late[0]
        total = counted(len(known), "video", ("goes", "go"))
        warn(
            f"{place}annotations or windows of {len(late)} of {total} on long after "
            f"the end, such as {name!r}: it has {n_rows[name] / rates[name]:.4g} s, "
            f"and they end at {ends[name]:g} s; what is later is cut off."
        )


def _warn_of_early_ends(
    known: Sequence[str],
    n_rows: Mapping[str, int],
    rates: Mapping[str, float],
    ends: Mapping[str, float],
    place: str,
) -> None:
    known = [name for name in known if ends[name] > 0]
    if len(known) < _FEW:
        return
    latest = max(known, key=lambda name: ends[name] * rates[name] / n_rows[name])
    share = ends[latest] * rates[latest] / n_rows[latest]
    if share < _EARLY:
        fitting = suggest_rate(n_rows[latest], ends[latest])
        warn(
            f"{place}All steps of {counted(len(known), 'video')} end before "
            f"{share:.0%} of their rows: is the rate right? rate={fitting} would fit."
        )
