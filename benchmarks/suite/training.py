"""Time, memory and recall of fits: a faster fit that finds less is no gain."""

import numpy as np

from skcrosstask import Task, Video, WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos


def noise_videos(n_videos=60, n_units=300, n_steps=8, n_features=3200):
    """Videos of noise with windows of nine seconds."""
    rng = np.random.default_rng(0)
    words = [f"word{i}" for i in range(80)]
    tasks = [
        Task(
            f"task{i}", [" ".join(rng.choice(words, 2, False)) for _ in range(n_steps)]
        )
        for i in range(20)
    ]
    noise = rng.standard_normal((n_units, n_features), dtype=np.float32)
    videos = []
    for i in range(n_videos):
        starts = np.sort(rng.uniform(0, n_units - 9, n_steps))
        windows = [(k, start, start + 9) for k, start in enumerate(starts)]
        features = np.roll(noise, rng.integers(n_units), axis=0)
        videos.append(Video(features, tasks[i % len(tasks)], windows))
    return videos


class Fit:
    """Fits at the size of the paper's features."""

    params = (["steps", "both"], ["float32", "float16"])
    param_names = ("contrast", "store_dtype")

    def setup(self, contrast, store_dtype):
        """Videos; kernels are compiled before the clock starts."""
        self.videos = noise_videos()
        self.est = WeaklySupervisedStepEstimator(
            contrast=contrast, store_dtype=store_dtype, init_iter=2, max_iter=2,
            condition=False, n_passes=0, random_state=0,
        )  # fmt: skip
        self.est.fit(self.videos[:2])

    def time_fit(self, contrast, store_dtype):
        """A fit, reading included."""
        self.est.fit(self.videos)

    def track_microseconds_a_visit(self, contrast, store_dtype):
        """Of the alternation."""
        self.est.fit(self.videos)
        return 1e6 * self.est.history_[-1]["seconds"] / len(self.videos)

    def peakmem_fit(self, contrast, store_dtype):
        """A fit with its videos."""
        self.est.fit(self.videos)

    track_microseconds_a_visit.unit = "us"


class Recall:
    """Generated videos: recall on new ones, and the time of fit and prediction."""

    params = ("steps", "time", "both")
    param_names = ("contrast",)

    def setup(self, contrast):
        """Videos, and a fitted estimator."""
        videos, _ = make_instructional_videos(n_videos=12, random_state=0)
        self.train, self.test = videos[: -len(videos) // 3], videos[-len(videos) // 3 :]
        self.est = WeaklySupervisedStepEstimator(contrast=contrast, random_state=0)
        self.est.fit(self.train)

    def track_recall(self, contrast):
        """Mean of three seeds."""
        return 100 * np.mean(
            [
                self.est.set_params(random_state=seed).fit(self.train).score(self.test)
                for seed in range(3)
            ]
        )

    def time_fit(self, contrast):
        """A small fit."""
        self.est.fit(self.train)

    def time_predict(self, contrast):
        """Prediction of all test videos."""
        self.est.predict(self.test)

    track_recall.unit = "%"
