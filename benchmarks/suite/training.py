"""Time, memory and recall of fits: a faster fit that finds less is no gain."""

import numpy as np

from skcrosstask import Task, Video, WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos

# The paper's procedure learns one unit per step of features as they are, by Adam alone.
ONE_UNIT = {"condition": False, "n_passes": 0, "decoding": "one_per_step"}


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


class Defaults:
    """Fits and prediction as they are by default."""

    params = (1, 2)
    param_names = ("n_jobs",)

    def setup(self, n_jobs):
        """Videos, and a fitted estimator, which compiles kernels."""
        self.videos = noise_videos(300, n_features=512)
        self.est = WeaklySupervisedStepEstimator(
            calibrate=False, n_jobs=n_jobs, random_state=0
        ).fit(self.videos)

    def time_fit(self, n_jobs):
        """A fit, reading and conditioning included."""
        self.est.fit(self.videos)

    def time_calibrated_fit(self, n_jobs):
        """The same, with models of parts of the videos."""
        self.est.set_params(calibrate=True).fit(self.videos)

    def time_predict(self, n_jobs):
        """Prediction of all videos."""
        self.est.predict(self.videos)

    def track_milliseconds_a_pass(self, n_jobs):
        """Of the fastest pass."""
        seconds = [entry["seconds"] for entry in self.est.fit(self.videos).history_]
        return 1e3 * min(seconds[1:])

    def peakmem_fit(self, n_jobs):
        """A fit with its videos."""
        self.est.fit(self.videos)

    track_milliseconds_a_pass.unit = "ms"


class Fit:
    """Fits at the size of the paper's features."""

    params = (["steps", "both"], ["float32", "float16"])
    param_names = ("contrast", "store_dtype")

    def setup(self, contrast, store_dtype):
        """Videos; kernels are compiled before the clock starts."""
        self.videos = noise_videos()
        self.est = WeaklySupervisedStepEstimator(
            **ONE_UNIT,
            contrast=contrast,
            store_dtype=store_dtype,
            init_iter=2,
            max_iter=2,
            random_state=0,
        )
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

    params = ("defaults", "steps", "time", "both")
    param_names = ("settings",)

    def setup(self, settings):
        """Videos, and a fitted estimator."""
        videos, _ = make_instructional_videos(n_videos=12, random_state=0)
        self.train, self.test = videos[: -len(videos) // 3], videos[-len(videos) // 3 :]
        adam = {**ONE_UNIT, "init_iter": 10, "max_iter": 20, "contrast": settings}
        params = {} if settings == "defaults" else adam
        self.est = WeaklySupervisedStepEstimator(**params, random_state=0)
        self.est.fit(self.train)

    def track_recall(self, settings):
        """Mean of three seeds."""
        return 100 * np.mean(
            [
                self.est.set_params(random_state=seed).fit(self.train).score(self.test)
                for seed in range(3)
            ]
        )

    def time_fit(self, settings):
        """A small fit."""
        self.est.fit(self.train)

    def time_predict(self, settings):
        """Prediction of all test videos."""
        self.est.predict(self.test)

    track_recall.unit = "%"
