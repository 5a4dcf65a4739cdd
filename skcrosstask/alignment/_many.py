"""The cheapest ordered placements of many videos, in threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, repeat

import numpy as np
from joblib import effective_n_jobs
from numpy.typing import ArrayLike

from skcrosstask.alignment import _kernels
from skcrosstask.alignment._align import Options, align_checked, check_options

__all__ = ["align_many"]

_PLAIN_DTYPES = (np.dtype(np.float32), np.dtype(np.float64))
# Videos that compiled code takes at a time: the type of its argument.
_AT_ONCE = 32
# A thread that is done early finds another part to do.
_PARTS_PER_JOB = 2


def align_many(
    costs: Sequence[ArrayLike],
    windows: Sequence[ArrayLike | None] | None = None,
    *,
    occurrences: str = "one",
    background_cost: float = 0.0,
    skip_cost: float | None = None,
    n_jobs: int | None = None,
) -> list[np.ndarray]:
    """Cheapest placements of ordered steps in many videos.

    The same as `align_steps` video by video, with less overhead and in threads; the
    steps of each are in the order of their numbers.

    Parameters
    ----------
    costs : sequence of N array-likes of shape (T_i, K_i)
        Costs of video i: step k at time t (nats when they are negative
        log-probabilities). inf forbids a cell. Lengths, steps and types may differ.
    windows : sequence of N array-likes or None, optional
        Windows of each video, as in `align_steps`: rows ``step, start, end`` (times
        in units) of shape (n_i, 3), or the allowed cells, bool of shape (T_i, K_i).
        None for a video, or for all, constrains nothing.
    occurrences : {"one", "at_least_one"}, default="one"
        Whether a step takes one time unit, or a contiguous segment of one or more.
    background_cost : float, default=0.0
        Cost of a unit that no step takes.
    skip_cost : float, optional
        Cost of leaving a step out; by default all must be placed.
    n_jobs : int, optional
        Threads, as in joblib; None is one, -1 one a core. The results do not depend
        on it.

    Returns
    -------
    list of N int64 ndarrays
        With "one", entry i has shape (K_i,): the time unit of each step, -1 for a
        step left out. With "at_least_one", shape (T_i,): the step of each unit, -1
        for background.

    Raises
    ------
    ValueError
        If `align_steps` refuses a video: the message starts with the first such
        entry, ``costs[i]:``. If there are not as many windows as costs, or an option
        is out of range.

    See Also
    --------
    align_steps : One video; says how ties and windows are settled.

    Notes
    -----
    With one unit a step and neither windows nor a skip cost, compiled code takes
    several C-contiguous float arrays at a time. Threads release the interpreter's
    lock while they place steps.

    References
    ----------
    Zhukov et al., "Cross-task weakly supervised learning from instructional videos",
    CVPR 2019, section 4.3 and supplement B.2.

    Examples
    --------
    A video of four units and two steps, and one of three units and one step.

    >>> from skcrosstask.alignment import align_many
    >>> costs = [[[3, 1], [1, 2], [2, 0], [4, 1]], [[5], [2], [3]]]
    >>> align_many(costs, n_jobs=2)
    [array([1, 2]), array([1])]
    >>> align_many(costs, windows=[[[0, 2, 3]], None])
    [array([2, 3]), array([1])]
    """
    options = check_options(occurrences, background_cost, skip_cost)
    costs = _listed(costs, "costs")
    windows = [None] * len(costs) if windows is None else _listed(windows, "windows")
    if len(windows) != len(costs):
        raise ValueError(
            f"windows must have one entry for each of the {len(costs)} costs, got "
            f"{len(windows)}."
        )
    n_jobs = effective_n_jobs(n_jobs)
    parts = _parts(len(costs), n_jobs)
    part_costs = [costs[part] for part in parts]
    part_windows = [windows[part] for part in parts]
    results: Iterator[tuple[list[np.ndarray], str | None]]
    if n_jobs == 1:
        results = map(_align_part, part_costs, part_windows, repeat(options))
    else:
        # joblib's threads take as long to start as thousands of videos do to place.
        with ThreadPoolExecutor(n_jobs) as pool:
            results = pool.map(_align_part, part_costs, part_windows, repeat(options))
    found: list[np.ndarray] = []
    # In their order, so that the first entry that is wrong is named.
    for placed, error in results:
        found += placed
        if error is not None:
            raise ValueError(f"costs[{len(found)}]: {error}")
    return found


def _listed(entries: Sequence, name: str) -> list:
    try:
        return list(entries)
    except TypeError:
        raise ValueError(
            f"{name} must be a sequence with one entry a video, got {entries!r}."
        ) from None


def _parts(n_videos: int, n_jobs: int) -> list[slice]:
    n_parts = 1 if n_jobs == 1 else n_jobs * _PARTS_PER_JOB
    bounds = [n_videos * i // n_parts for i in range(n_parts + 1)]
    return [slice(start, stop) for start, stop in pairwise(bounds) if start < stop]


def _align_part(
    costs: list, windows: list, options: Options
) -> tuple[list[np.ndarray], str | None]:
    """Placements up to the first bad video, and what is wrong with that one."""
    found: list = [None] * len(costs)
    if options.plain:
        _place_plain(costs, windows, found)
    for i, times in enumerate(found):
        if times is None:
            try:
                found[i] = align_checked(costs[i], windows[i], options)
            except ValueError as error:
                return found[:i], str(error)
    return found, None


def _place_plain(costs: list, windows: list, found: list) -> None:
    """Fill in what compiled code can place without more ado."""
    numbers: dict[tuple, list[int]] = {}
    for i, cost in enumerate(costs):
        if windows[i] is None and _is_plain(cost):
            numbers.setdefault((cost.dtype, cost.flags.writeable), []).append(i)
    for same_type in numbers.values():
        matrices = [costs[i] for i in same_type]
        times, feasible = _place_same_type(matrices)
        for i, row, good in zip(same_type, times, feasible, strict=True):
            if good:
                found[i] = row[: costs[i].shape[1]]


def _place_same_type(costs: list[np.ndarray]) -> tuple[np.ndarray, list[bool]]:
    n_videos = len(costs)
    most_steps = max(cost.shape[1] for cost in costs)
    best = np.empty((1, most_steps + 1))
    placed = np.empty(max(cost.size for cost in costs), dtype=np.bool_)
    costs = costs + [costs[0][:1, :1]] * (-n_videos % _AT_ONCE)
    times = np.empty((len(costs), most_steps), dtype=np.int64)
    feasible = np.empty(len(costs), dtype=np.bool_)
    for first in range(0, n_videos, _AT_ONCE):
        now = slice(first, first + _AT_ONCE)
        _kernels.place_units_each(
            tuple(costs[now]), best, placed, times[now], feasible[now]
        )
    return times[:n_videos], feasible[:n_videos].tolist()


def _is_plain(cost: ArrayLike) -> bool:
    return (
        type(cost) is np.ndarray
        and cost.dtype in _PLAIN_DTYPES
        and cost.ndim == 2
        and cost.size > 0
        and cost.flags.c_contiguous
        and cost.flags.aligned
    )
