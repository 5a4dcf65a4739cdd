"""Placements and posteriors."""

import numpy as np

from skcrosstask.alignment import align_many, align_steps, step_posteriors


class Alignment:
    """One matrix of costs."""

    params = ((300, 8), (1000, 11), (5000, 20), (100_000, 50))
    param_names = ("shape",)

    def setup(self, shape):
        """Random costs; kernels are compiled before the clock starts."""
        self.cost = np.random.default_rng(0).random(shape, dtype=np.float32)
        align_steps(self.cost)
        step_posteriors(-self.cost[:100])

    def time_align_steps(self, shape):
        """One unit a step."""
        align_steps(self.cost)

    def time_align_segments(self, shape):
        """One segment a step."""
        align_steps(self.cost, occurrences="at_least_one", background_cost=0.1)

    def time_step_posteriors(self, shape):
        """Forward and backward sums."""
        step_posteriors(-self.cost)


class Batch:
    """Many short videos."""

    params = (1, 2)
    param_names = ("n_jobs",)

    def setup(self, n_jobs):
        """As many videos as CrossTask has of the primary tasks."""
        rng = np.random.default_rng(0)
        lengths = rng.integers(80, 300, 2000)
        self.costs = [rng.random((n, 8), dtype=np.float32) for n in lengths]
        align_many(self.costs[:4], n_jobs=n_jobs)

    def time_align_many(self, n_jobs):
        """One unit a step."""
        align_many(self.costs, n_jobs=n_jobs)
