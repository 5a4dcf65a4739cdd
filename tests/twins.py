"""What drives kernels in tests the way the package never needs to."""

import numpy as np

from skcrosstask.learning._dropout import visit_key
from skcrosstask.learning._epoch import VideoRows
from skcrosstask.learning._kernels import load_steps, score_dropped, train_step
from skcrosstask.learning._model import ComponentModel, empty_classifiers

# One labelled unit per step and Adam from the start, as in the paper.
ONE_UNIT = {"condition": False, "n_passes": 0, "decoding": "one_per_step"}
# The defaults of version 0.1.
FIRST = {**ONE_UNIT, "init_iter": 10, "max_iter": 20, "contrast": "both"}


class DrivenModel(ComponentModel):
    """A model that makes single Adam steps, and scores rows under dropout."""

    def update(self, rows, units, labels, steps, pool=None, n_units=None):
        """One Adam step on one video; returns its loss before the step."""
        n_units = len(rows) if n_units is None else n_units
        pool = np.arange(len(rows)) if pool is None else pool
        scratch = self.scratch(steps.n_steps, len(steps.columns), len(pool))
        mixed = empty_classifiers(steps.n_steps, self.n_features)
        video = VideoRows(rows, units, pool, n_units)
        arrays, rule = (labels, steps.arrays, mixed, self.arrays), self.dropout()
        load_steps(steps.arrays, self.arrays, mixed)
        return train_step(video, *arrays, self.loss, rule, self.kernel_seed, scratch)

    def scores(self, rows, units, steps, *, dropout=False):
        """Scores (n, K) of rows, by the components as they are now."""
        out = np.empty((len(rows), steps.n_steps), dtype=np.float32)
        mixed = empty_classifiers(steps.n_steps, self.n_features)
        pair = np.empty((2, self.n_features), dtype=np.float32)
        key = visit_key(self.kernel_seed, self.n_updates, 1)
        load_steps(steps.arrays, self.arrays, mixed)
        everything = np.arange(len(rows))
        rule = self.dropout(dropout)
        score_dropped(rows, everything, units, rule, key, mixed, pair, out)
        return out
