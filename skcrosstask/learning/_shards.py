"""Work on shards of videos: the same bits from threads, processes or a cluster.

A task is a function of a module and its arguments, and returns what it found: it may
run anywhere, and be done again where a worker was lost.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager, nullcontext
from functools import cache
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from joblib import Parallel, delayed
from joblib.parallel import get_active_backend
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

__all__ = ["deal_shards", "one_blas_thread", "run_tasks", "shares_memory"]

# Rows of a shard: of no more than so many, and no more than this share of them all, so
# that small collections too keep several workers busy.
_MOST_ROWS, _SHARE = 2**15, 1 / 32

_Found = TypeVar("_Found")


def deal_shards(lengths: Sequence[int] | np.ndarray) -> list[np.ndarray]:
    """Deal videos to shards of about as many rows, by their lengths alone.

    Parameters
    ----------
    lengths : sequence of int
        Rows of each video.

    Returns
    -------
    list of ndarray of int
        Consecutive videos; a longer video is a shard of its own.

    Examples
    --------
    >>> from skcrosstask.learning._shards import deal_shards
    >>> [len(shard) for shard in deal_shards([10_000] * 7)]
    [1, 1, 1, 1, 1, 1, 1]
    >>> len(deal_shards([100] * 6400))
    32
    """
    sizes = np.asarray(lengths, dtype=np.int64)
    size = min(_MOST_ROWS, max(int(sizes.sum() * _SHARE), 1))
    # By its middle, each video has a place on the row of all rows.
    place = (np.cumsum(sizes) - (sizes + 1) // 2) // size
    return np.split(np.arange(len(sizes)), np.flatnonzero(np.diff(place)) + 1)


def run_tasks(
    function: Callable[..., _Found],
    tasks: Iterable[tuple],
    n_jobs: int | None,
    *,
    here: bool = False,
    in_order: bool = True,
) -> Generator[_Found, None, None]:
    """Results of a function of many tasks.

    Parameters
    ----------
    function : callable
        Stateless: of its arguments alone, found by name in its module.
    tasks : iterable of tuple
        Arguments of each call; taken as they are needed.
    n_jobs : int, optional
        As for ``joblib.Parallel``. Threads, unless ``joblib.parallel_config`` says
        otherwise.
    here : bool, default=False
        Whether tasks need this process's memory: then threads, in any case.
    in_order : bool, default=True
        Whether results come in the order of the tasks, or each when it is there.

    Yields
    ------
    object
        As they are done; where the backend gives no result before the last, then.
    """
    backend, n_workers = _workers(n_jobs, here)
    with one_blas_thread():
        if n_workers == 1:
            yield from itertools.starmap(function, tasks)
        elif getattr(backend, "supports_sharedmem", False):
            yield from _in_threads(function, tasks, n_workers, in_order)
        else:
            streams = getattr(backend, "supports_return_generator", False)
            stream = "generator" if in_order else "generator_unordered"
            parallel = Parallel(n_jobs, return_as=stream if streams else "list")
            found = parallel(delayed(_alone)(function, task) for task in tasks)
            with closing(found) if streams else nullcontext():
                yield from found


def shares_memory(n_jobs: int | None) -> bool:
    """Whether tasks see this process's memory: threads do, workers elsewhere do not."""
    backend, n_workers = _workers(n_jobs)
    return n_workers == 1 or bool(getattr(backend, "supports_sharedmem", False))


def _workers(n_jobs: int | None, here: bool = False) -> tuple[Any, int]:
    """Who works on tasks, and how many they are."""
    where = {"require": "sharedmem"} if here else {"prefer": "threads"}
    backend, configured = get_active_backend(**where)
    n = configured if n_jobs is None else n_jobs
    return backend, backend.effective_n_jobs(1 if n is None else n)


def _in_threads(
    function: Callable[..., _Found],
    tasks: Iterable[tuple],
    n_threads: int,
    in_order: bool,
) -> Iterator[_Found]:
    # joblib looks every hundredth of a second whether its threads are done, which may
    # be as long as a pass takes.
    waiting: deque[Future[_Found]] = deque()
    pool = ThreadPoolExecutor(n_threads)
    try:
        for task in tasks:
            waiting.append(pool.submit(function, *task))
            if len(waiting) > 2 * n_threads:
                yield _next(waiting, in_order)
        while waiting:
            yield _next(waiting, in_order)
    finally:
        pool.shutdown(cancel_futures=True)


def _next(waiting: deque[Future[_Found]], in_order: bool) -> _Found:
    first = waiting[0]
    if not in_order:
        first = min(wait(waiting, None, FIRST_COMPLETED).done, key=waiting.index)
    waiting.remove(first)
    return first.result()


def _alone(function: Callable[..., _Found], task: tuple) -> _Found:
    with one_blas_thread():
        return function(*task)


_lock, _inside, _limiter = Lock(), 0, None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Products of matrices in one thread.

    Those of several would fight with the threads of tasks, and may sum in another
    order. The setting is that of the whole process: the first to come makes it, and the
    last to go takes it back.
    """
    global _inside, _limiter
    with _lock:
        if not _inside:
            _limiter = _pools().limit(limits=1, user_api="blas")
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                limiter, _limiter = _limiter, None
                limiter.restore_original_limits()


@cache
def _pools() -> Any:
    """The libraries of this process; to find them takes longer than to set them."""
    return ThreadpoolController()
