"""Colours of the steps, and matplotlib where it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask._data import Task
from skcrosstask._extras import import_extra

__all__ = ["FAINT", "INK", "MUTED", "PALETTE", "Style", "check_matplotlib"]
__all__ += ["ink_on", "spread", "step_colours"]

# What matplotlib takes by name.
Style = dict[str, Any]

# Okabe and Ito's and Paul Tol's colours, which colour-blind people tell apart,
# ordered so that neighbours differ in lightness too.
PALETTE = (
    "#0072B2", "#E69F00", "#882255", "#44AA99", "#332288", "#CC6677",
    "#117733", "#DDCC77", "#D55E00", "#88CCEE", "#AA4499", "#999933",
)  # fmt: skip
INK, MUTED, FAINT = "#222222", "#6b6b6b", "#efefef"


def check_matplotlib(user: str) -> None:
    """Refuse to draw without matplotlib, and say how to get it.

    Parameters
    ----------
    user : str
        What needs it, for the message.

    Raises
    ------
    ImportError
        If matplotlib cannot be imported.
    """
    import_extra("matplotlib", user, "matplotlib", "matplotlib")


def step_colours(tasks: Sequence[Task]) -> dict[str, str]:
    """Colour of each step description, the same in all tasks.

    Parameters
    ----------
    tasks : sequence of Task
        Repetition does not matter.

    Returns
    -------
    dict of str to str
        Colours repeat where there are more steps than colours, but within a task
        only where it alone has more.

    Examples
    --------
    >>> from skcrosstask import Task
    >>> tasks = [Task("tea", ["pour milk"]), Task("cake", ["add egg", "pour milk"])]
    >>> step_colours(tasks)
    {'pour milk': '#0072B2', 'add egg': '#E69F00'}
    """
    colours: dict[str, str] = {}
    counts = dict.fromkeys(PALETTE, 0)
    for task in dict.fromkeys(tasks):
        taken = [colours[step] for step in task.steps if step in colours]
        for step in task.steps:
            if step not in colours:
                # min keeps the palette's order among the least used.
                free = [c for c in PALETTE if c not in taken] or PALETTE
                colours[step] = min(free, key=counts.__getitem__)
                counts[colours[step]] += 1
                taken.append(colours[step])
    return colours


def ink_on(colour: str) -> str:
    """Black or white, whichever is read more easily on a colour.

    Parameters
    ----------
    colour : str
        As ``#rrggbb``.

    Returns
    -------
    str

    Examples
    --------
    >>> ink_on("#332288"), ink_on("#DDCC77")
    ('white', '#222222')
    """
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    # Relative luminance; at 0.21 the contrast to both is the same.
    return INK if rgb**2.2 @ (0.2126, 0.7152, 0.0722) > 0.21 else "white"


def spread(places: ArrayLike, gap: float, low: float, high: float) -> np.ndarray:
    """Places moved apart, as little as possible, so that labels do not overlap.

    Parameters
    ----------
    places : array-like of shape (n,)
        Wanted places, ascending.
    gap : float
        Least distance of neighbours.
    low, high : float
        Bounds; where they are too tight, the gap shrinks.

    Returns
    -------
    ndarray of shape (n,)

    Examples
    --------
    >>> spread([1.0, 1.0, 8.0], 2.0, 0.0, 10.0)
    array([0., 2., 8.])
    """
    from sklearn.isotonic import isotonic_regression

    places = np.asarray(places, dtype=np.float64)
    n = len(places)
    if n == 0:
        return places
    offsets = np.arange(n) * min(gap, (high - low) / max(n - 1, 1))
    # With the gaps taken off, "apart" means "not decreasing".
    settled = isotonic_regression(places - offsets, y_min=low, y_max=high - offsets[-1])
    return settled + offsets
