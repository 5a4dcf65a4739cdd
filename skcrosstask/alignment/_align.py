"""The cheapest ordered placement of a task's steps in a video."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data._order import Pairs, check_order
from skcrosstask.alignment import _checks, _kernels
from skcrosstask.alignment._down_sets import down_sets
from skcrosstask.alignment._partial_order import place_in_partial_order

__all__ = ["Options", "align_checked", "align_steps", "check_options", "place_steps"]

_OCCURRENCES = ("one", "at_least_one")


def align_steps(
    cost: ArrayLike,
    windows: ArrayLike | None = None,
    *,
    occurrences: str = "one",
    background_cost: float = 0.0,
    skip_cost: float | None = None,
    before: Iterable[tuple[int, int]] | None = None,
) -> np.ndarray:
    """Cheapest placement of K ordered steps in T time units.

    Parameters
    ----------
    cost : array-like of shape (T, K)
        Cost of step k at time t (nats when it is a negative log-probability). inf
        forbids a cell. float32 and float64 are read as they are; sums are float64.
    windows : array-like of shape (n, 3) or bool array-like of shape (T, K), optional
        Where the steps may be: rows ``step, start, end`` (steps from 0, times in
        units and not seconds, half-open; the units floor(start), ..., ceil(end) - 1,
        clipped to the video), or the allowed cells. A step may have several rows; a
        step without a row is unconstrained. Windows yield to order: if no ordered
        placement fits inside them, the result has the fewest units outside, and among
        those the least cost.
    occurrences : {"one", "at_least_one"}, default="one"
        Whether a step takes one time unit, or a contiguous segment of one or more.
    background_cost : float, default=0.0
        Cost of a unit that no step takes, before, between or after the steps.
    skip_cost : float, optional
        Cost of leaving a step out; by default all must be placed. With a skip cost
        windows do not yield: a step that does not fit is left out.
    before : iterable of (int, int), optional
        A partial order: step i of each pair (i, j) comes before step j. By default
        the steps come in the order of their numbers; with no pairs, in any order.
        Needs one unit per step.

    Returns
    -------
    ndarray of int64
        With "one", of shape (K,): the time unit of each step, strictly increasing
        (under a partial order, distinct), -1 for a step left out. With
        "at_least_one", of shape (T,): the step of each unit, -1 for background.

    Raises
    ------
    ValueError
        If ``cost`` is not a non-empty matrix or holds nan or -inf; if windows are
        malformed, name an unknown step or hold no unit of the video; if a cost is
        negative or not finite; or, without a skip cost, if T < K, a step is possible
        at no time, or no ordered placement has a finite cost. If ``before`` has a
        cycle or an unknown step, is combined with segments, or leaves too much open:
        more than 20,000 sets of steps that can be over at a time.
    TypeError
        If ``before`` is not made of pairs of integers.

    Notes
    -----
    Time and memory are O(TK). With one unit a step,

        best[t, k] = min(best[t-1, k], best[t-1, k-1] + cost[t, k]).

    Among equal costs each step is as early as possible: the optimal placements form
    a lattice, so one of them is earliest in all its steps (segments: in all their
    starts and ends). With a skip cost, equal costs are settled by the fewest steps
    left out, then from the last step to the first: left out if possible, else as
    early as possible (segments: earliest end, then earliest start).

    Under a partial order, the state is the set of steps that are over, rather than
    their number: O(TSK) time for S such sets, O(TS) memory. K steps without any
    order have 2^K, so that 14 are the most. Equal costs are settled from the last unit
    taken to the first: as early as possible, by the step with the highest number.

    References
    ----------
    Zhukov et al., "Cross-task weakly supervised learning from instructional videos",
    CVPR 2019, section 4.3 and supplement B.2.

    Examples
    --------
    Of the six placements of two steps in four units, times 1 and 2 cost 1 + 0.

    >>> import numpy as np
    >>> from skcrosstask.alignment import align_steps
    >>> cost = np.array([[3, 1], [1, 2], [2, 0], [4, 1.0]])
    >>> align_steps(cost)
    array([1, 2])

    A window [2, 3) for step 0 leaves time 3 for step 1; a window [0, 2) for step 1,
    time 0 for step 0.

    >>> align_steps(cost, windows=[[0, 2, 3]])
    array([2, 3])
    >>> align_steps(cost, windows=[[1, 0, 2]])
    array([0, 1])

    Leaving step 0 out costs less than 1. As segments with background at 1 a unit,
    a last unit of step 1 would cost the same as background: the earlier end wins.

    >>> align_steps(cost, skip_cost=0.5)
    array([-1,  2])
    >>> align_steps(cost, occurrences="at_least_one", background_cost=1.0)
    array([-1,  0,  1, -1])

    Step 2 fits time 0 best. It can go there if only step 0 must come before step 1.

    >>> cost = np.array([[2, 3, 0], [0, 2, 3], [3, 0, 1]])
    >>> align_steps(cost)
    array([0, 1, 2])
    >>> align_steps(cost, before=[(0, 1)])
    array([1, 2, 0])
    """
    options = check_options(occurrences, background_cost, skip_cost)
    if before is None:
        return align_checked(cost, windows, options)
    cost = _checks.as_matrix(cost, "cost")
    return _align_partly_ordered(
        cost, windows, options, check_order(before, cost.shape[1])
    )


class Options(NamedTuple):
    """How steps are placed; the parameters of `align_steps`, checked."""

    occurrences: str
    background_cost: float
    skip_cost: float | None

    @property
    def plain(self) -> bool:
        """Whether each step takes one unit."""
        return self.occurrences == "one" and self.skip_cost is None


def check_options(occurrences: Any, background_cost: Any, skip_cost: Any) -> Options:
    """Options of `align_steps`; a ValueError if one is unknown or out of range."""
    if occurrences not in _OCCURRENCES:
        raise ValueError(
            f"occurrences must be one of {_OCCURRENCES}, got {occurrences!r}."
        )
    background_cost = _check_cost(background_cost, "background_cost")
    if skip_cost is not None:
        skip_cost = _check_cost(skip_cost, "skip_cost")
    return Options(occurrences, background_cost, skip_cost)


def align_checked(
    cost: ArrayLike, windows: ArrayLike | None, options: Options
) -> np.ndarray:
    """`align_steps`, its options checked already."""
    cost = _checks.as_matrix(cost, "cost")
    if options.plain and windows is None:
        times, feasible = place_steps(cost)
        if feasible:
            return times
    # What follows also says what was wrong with the above.
    _checks.refuse_values(cost, "cost", np.inf)
    if options.skip_cost is None:
        hint = "; a skip_cost lets steps be left out"
        _checks.refuse_short(cost.shape[0], cost.shape[1], hint)
    outside = _checks.outside_windows(windows, cost.shape)
    if options.plain:
        # Every placement leaves T - K units to background: its cost is no matter.
        times, feasible = place_steps(cost, outside)
        if not feasible:
            _checks.refuse_infeasible(cost, "cost", np.inf)
        return times
    segments, feasible = _place_segments(
        # float32 would round here.
        cost.astype(np.float64) - options.background_cost,
        outside,
        options.skip_cost,
        options.occurrences == "at_least_one",
    )
    if not feasible:
        _checks.refuse_infeasible(cost, "cost", np.inf)
    if options.occurrences == "one":
        return segments[:, 0].copy()
    labels = np.full(len(cost), -1, dtype=np.int64)
    for step, (first, stop) in enumerate(segments):
        labels[first:stop] = step  # of a step left out, -1:-1 is nothing
    return labels


def place_steps(
    cost: np.ndarray, outside: np.ndarray | None = None
) -> tuple[np.ndarray, bool]:
    """`align_steps` with one unit a step, without checks: for inner loops.

    Parameters
    ----------
    cost : C-contiguous float32 or float64 ndarray of shape (T, K)
        T >= 1, K >= 1; inf forbids a cell.
    outside : C-contiguous bool ndarray of shape (T, K), optional
        Cells outside the windows, which yield to order.

    Returns
    -------
    times : int64 ndarray of shape (K,)
        The time unit of each step; undefined if not feasible.
    feasible : bool
        Whether an ordered placement of finite cost exists, and, without ``outside``,
        no cell is nan or -inf; with it, that is not looked at.

    Examples
    --------
    >>> place_steps(np.array([[3, 1], [1, 2], [2, 0], [4, 1.0]]))
    (array([1, 2]), True)
    """
    n_units, n_steps = cost.shape
    inside = cost if outside is None else np.where(outside, np.inf, cost)
    best = np.empty((1, n_steps + 1))
    placed = np.empty((n_units, n_steps), dtype=np.bool_)
    times = np.empty(n_steps, dtype=np.int64)
    if _kernels.place_units(inside, best, placed, times):
        return times, True
    if outside is None:
        return times, False
    # The windows contradict order, which is rarer: now count what lies outside.
    segments, feasible = _place_segments(cost, outside, None, False)
    return segments[:, 0].copy(), feasible


def best_ordered_segments(score: np.ndarray) -> np.ndarray:
    """Ordered segments of the largest summed score, without checks.

    Parameters
    ----------
    score : C-contiguous float64 ndarray of shape (T, K)
        Log odds of step k over background at time t, finite; T >= K.

    Returns
    -------
    int64 ndarray of shape (K, 2)
        First unit of each step, and the one after its last.
    """
    n_units, n_steps = score.shape
    segments = np.empty((n_steps, 2), dtype=np.int64)
    came = np.empty((n_units, n_steps), dtype=np.uint8)
    _kernels.place_best_segments(score, np.empty((3, n_steps + 1)), came, segments)
    return segments


def _place_segments(
    cost: np.ndarray,
    outside: np.ndarray | None,
    skip_cost: float | None,
    extend: bool,
) -> tuple[np.ndarray, bool]:
    n_units, n_steps = cost.shape
    segments = np.empty((n_steps, 2), dtype=np.int64)
    feasible = _kernels.place_segments(
        *_two_costs(cost, outside, skip_cost),
        extend,
        np.empty((6, n_steps + 1)),
        np.empty((n_units, n_steps), dtype=np.uint8),
        segments,
    )
    return segments, feasible


def _align_partly_ordered(
    cost: np.ndarray, windows: ArrayLike | None, options: Options, before: Pairs
) -> np.ndarray:
    if options.occurrences != "one":
        raise ValueError(
            "before places one time unit a step; segments (occurrences="
            f"{options.occurrences!r}) come in the order of the steps alone."
        )
    n_units, n_steps = cost.shape
    ways = down_sets(before, n_steps)
    _checks.refuse_values(cost, "cost", np.inf)
    if options.skip_cost is None:
        _checks.refuse_short(n_units, n_steps, "; a skip_cost lets steps be left out")
    else:
        cost = cost.astype(np.float64) - options.background_cost
    outside = _checks.outside_windows(windows, cost.shape)
    n_sets = len(ways.starts) - 1
    times = np.empty(n_steps, dtype=np.int64)
    feasible = place_in_partial_order(
        *_two_costs(cost, outside, options.skip_cost),
        (ways.starts, ways.sources, ways.steps),
        np.empty((2, n_sets)),
        np.empty((n_units, n_sets), dtype=np.uint8),
        times,
    )
    if not feasible:
        _checks.refuse_infeasible(cost, "cost", np.inf)
    return times


def _two_costs(
    cost: np.ndarray, outside: np.ndarray | None, skip_cost: float | None
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Major and minor costs of cells, and of leaving a step out."""
    if outside is None:
        major, minor = cost, np.zeros(cost.shape)
    elif skip_cost is None:
        # Fewest units outside, then least cost; forbidden cells stay forbidden.
        major, minor = np.where(cost == np.inf, np.inf, outside), cost
    else:
        # Least cost, then fewest steps left out; windows are walls.
        major, minor = np.where(outside, np.inf, cost), np.zeros(cost.shape)
    skips = (np.inf, 0.0) if skip_cost is None else (skip_cost, 1.0)
    cells = (a.astype(np.float64, copy=False) for a in (major, minor))
    return *cells, *skips  # type: ignore[return-value]


def _check_cost(value: Any, name: str) -> float:
    # Asked of arrays, the same takes longer than placing the steps of a short video.
    if isinstance(value, float) and 0.0 <= value < math.inf:
        return value
    number = np.asarray(value)
    if number.ndim or number.dtype.kind not in "fiu" or not 0 <= number < np.inf:
        raise ValueError(
            f"{name} must be a finite number that is not negative, got {value!r}."
        )
    return float(number)
