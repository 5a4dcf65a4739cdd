"""Tasks: what is to be done, step by step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from skcrosstask._data._order import Pairs, check_order
from skcrosstask._progress import html_table, short

__all__ = ["Task"]


@dataclass(frozen=True)
class Task:
    """A task and the ordered list of its steps.

    Parameters
    ----------
    name : str
        Identifies the task; the averages of the metrics are taken over it.
    steps : iterable of str
        Step descriptions in the order in which they are expected. Stored as a
        tuple. Words are separated by white space.
    title : str, default=""
        A text for people, such as "Make a Latte".
    before : iterable of (int, int), optional
        A partial order, for tasks whose steps may swap places: step i of each pair
        (i, j) comes before step j; steps count from 0. By default the order is that
        of the list; with no pairs, ``()``, there is none. Read by prediction: training
        takes the steps as listed. Stored as a sorted tuple.

    Raises
    ------
    TypeError
        If the name, the title or a step is not a string, or ``before`` does not hold
        pairs of integers.
    ValueError
        If there is no step, if the name or a step is empty, or if ``before`` names an
        unknown step or has a cycle.

    Examples
    --------
    >>> from skcrosstask import Task
    >>> latte = Task("latte", ["add coffee", "press coffee", "pour milk"])
    >>> latte.steps
    ('add coffee', 'press coffee', 'pour milk')
    >>> latte == Task("latte", ("add coffee", "press coffee", "pour milk"))
    True

    Coffee is pressed after it is added; the milk comes in at any time.

    >>> Task("latte", latte.steps, before=[(0, 1)]).before
    ((0, 1),)
    """

    name: str
    steps: tuple[str, ...]
    title: str = ""
    before: Pairs | None = None

    if TYPE_CHECKING:  # more may be passed than what is stored

        def __init__(
            self,
            name: str,
            steps: Iterable[str],
            title: str = "",
            before: Iterable[tuple[int, int]] | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        for field in ("name", "title"):
            if not isinstance(getattr(self, field), str):
                raise TypeError(
                    f"Task: {field} must be a str, got {short(getattr(self, field))}."
                )
        if not self.name.strip():
            raise ValueError("Task: name is empty.")
        if isinstance(self.steps, str) or not isinstance(self.steps, Iterable):
            raise TypeError(
                f"Task {short(self.name)}: steps must be a list of str, got "
                f"{short(self.steps)}."
            )
        steps = tuple(self.steps)
        if not steps:
            raise ValueError(f"Task {short(self.name)}: steps is empty.")
        for k, step in enumerate(steps):
            if not isinstance(step, str):
                raise TypeError(
                    f"Task {short(self.name)}: step {k} is {short(step)}, not a str."
                )
            if not step.strip():
                raise ValueError(f"Task {short(self.name)}: step {k} is empty.")
        object.__setattr__(self, "steps", steps)
        if self.before is not None:
            try:
                before = check_order(self.before, len(steps))
            except (TypeError, ValueError) as error:
                raise type(error)(f"Task {short(self.name)}: {error}") from None
            object.__setattr__(self, "before", before)

    def __repr__(self) -> str:
        shown = f"name={self.name!r}, steps={self.steps!r}, title={self.title!r}"
        if self.before is not None:
            shown += f", before={self.before!r}"
        return f"Task({shown})"

    def _repr_html_(self) -> str:
        steps = [(str(k), step) for k, step in enumerate(self.steps)]
        return html_table(f"Task {self.title or self.name!r}", ("", "step"), steps)
