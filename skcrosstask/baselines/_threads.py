"""How many threads a product of matrices deserves."""

from __future__ import annotations

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

__all__ = ["threads_for"]

# Multiplications from which on threads repay their start.
_LARGE = 10**8


def threads_for(n_multiplications: int) -> threadpool_limits:
    """Context in which products of this size are not split among threads in vain.

    Small products gain nothing from threads on an idle machine, and wait for them
    many times as long on a busy one.

    Parameters
    ----------
    n_multiplications : int
        Of one typical product in the context.

    Returns
    -------
    threadpool_limits
        Restores the number of threads at its end.
    """
    return threadpool_limits(
        None if n_multiplications >= _LARGE else 1, user_api="blas"
    )
