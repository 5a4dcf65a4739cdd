"""Small products of matrices stay in one thread, and nothing else changes."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from skcrosstask.baselines import ActionSetEstimator, DiffracEstimator
from skcrosstask.baselines._threads import threads_for
from skcrosstask.datasets import make_instructional_videos


def blas_threads():
    return {p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"}


@pytest.mark.parametrize(("n", "expected"), [(1000, {1}), (10**9, {2})])
def test_the_callers_setting_holds_for_large_products_and_afterwards(n, expected):
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        if before != {2}:
            pytest.skip("this BLAS has no threads")
        with threads_for(n):
            assert blas_threads() == expected
        assert blas_threads() == before


@pytest.mark.parametrize("est", [DiffracEstimator, ActionSetEstimator])
def test_fits_do_not_depend_on_the_callers_threads(est):
    videos, _ = make_instructional_videos(3, n_tasks=2, random_state=0)
    times = []
    for n_threads in (1, 2):
        with threadpool_limits(n_threads, user_api="blas"):
            times.append(est(max_iter=3, random_state=0).fit(videos).predict(videos))
    for a, b in zip(*times, strict=True):
        np.testing.assert_array_equal(a, b)
