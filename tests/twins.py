"""What drives kernels in tests the way the package never needs to."""

import numpy as np

from skcrosstask import Task, Video
from skcrosstask.components import StepComponents
from skcrosstask.learning._candidates import whole_candidates
from skcrosstask.learning.adam._dropout import visit_key
from skcrosstask.learning.adam._epoch import VideoRows
from skcrosstask.learning.adam._kernels import load_steps, score_dropped, train_step
from skcrosstask.learning.adam._model import ComponentModel, empty_classifiers
from skcrosstask.learning.rows._store import FrameStore
from skcrosstask.learning.segments._closed_form import step_scores
from skcrosstask.learning.segments._labels import (
    SegmentSource,
    label_best,
    starting_segments,
)
from skcrosstask.learning.segments._passes import SegmentPasses
from skcrosstask.learning.segments._rule import SegmentRule

# One labelled unit per step and Adam from the start, as in the paper.
ONE_UNIT = {"condition": False, "n_passes": 0, "decoding": "one_per_step"}
# The defaults of version 0.1.
FIRST = {**ONE_UNIT, "init_iter": 10, "max_iter": 20, "contrast": "both"}

TASKS = [Task("a", ["pour milk", "stir", "pour tea"]), Task("b", ["stir tea", "drink"])]
RULE = SegmentRule(
    ridge=2.0, n_folds=1, position=0.1, window_penalty=0.5, temperature=1.5
)
START = SegmentSource("start", starting_segments)
BEST = SegmentSource("segments")


def video_of(passes, i):
    """What a Y-step sees of a video, by what the other folds taught."""
    for shard, places in passes.chosen([i]):
        (video,) = shard.videos(passes.known_to(shard), places)
    return video


def log_odds(video):
    """Log odds (T, K) of each step over background, with prior and windows."""
    scores = step_scores(video.rows, video.means)
    return video.rule.weigh(scores, video.candidates.rate, video.candidates.outside)


def best_segments(video):
    """The Y-step of one video, by NumPy's product of matrices."""
    return label_best(log_odds(video))


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


def make_passes(rule=RULE, n_videos=4, length=14, windows=None, n_jobs=None):
    rng = np.random.default_rng(0)
    tasks = [TASKS[i % 2] for i in range(n_videos)]
    rows = [rng.normal(size=(length, 3)).astype(np.float32) for _ in tasks]
    videos = [Video(x, t, windows) for x, t in zip(rows, tasks, strict=True)]
    candidates = [whole_candidates(v, v.task, length, True) for v in videos]
    vocabulary = StepComponents().update(tasks)
    compositions = vocabulary.compose(tasks)
    store = FrameStore(videos, [c.units for c in candidates], 3)
    model = ComponentModel(3).grow(len(vocabulary.names))
    steps = [compositions[t] for t in tasks]
    passes = SegmentPasses(store, candidates, steps, model, rule, n_jobs=n_jobs)
    return passes, rows, [vocabulary.matrix(t) for t in tasks]
