"""All that the package uses of scikit-learn's private or newest parts, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sklearn.base import _fit_context as fit_context
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # before scikit-learn 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands in where scikit-learn has no callbacks."""


__all__ = [
    "CallbackSupportMixin",
    "HasMethods",
    "Interval",
    "StrOptions",
    "fit_context",
    "fit_tasks",
]


def fit_tasks(estimator: Any, n_tasks: int) -> Iterator[int]:
    """Count the parts of a fit, telling scikit-learn's callbacks, which may end it.

    Parameters
    ----------
    estimator : CallbackSupportMixin
        Whose `fit` this is.
    n_tasks : int
        Number of parts.

    Yields
    ------
    int
        Index of the part that is to be done now.
    """
    if not hasattr(estimator, "_init_callback_context"):
        yield from range(n_tasks)
        return
    whole = estimator._init_callback_context(max_subtasks=n_tasks)
    whole.call_on_fit_task_begin(estimator=estimator)
    for i in range(n_tasks):
        part = whole.subcontext()
        part.call_on_fit_task_begin(estimator=estimator)
        yield i
        if part.call_on_fit_task_end(estimator=estimator):
            break
    whole.call_on_fit_task_end(estimator=estimator)
