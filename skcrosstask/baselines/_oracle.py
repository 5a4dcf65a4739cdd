"""The best ordered placement given the truth: what order costs."""

from __future__ import annotations

import numpy as np

from skcrosstask._data import Task, Video, naming
from skcrosstask._input import TasksLike, VideosLike, object_array, read_videos
from skcrosstask._segments import refuse_beyond, segment_units
from skcrosstask.alignment import align_steps
from skcrosstask.baselines._placement import UnlearnedBaseline

__all__ = ["OracleBaseline"]


class OracleBaseline(UnlearnedBaseline):
    """Ordered placement that hits the most steps, given the truth.

    Each step gets one time unit, at increasing times, also the steps that do not
    occur. Where a video shows its steps in another order, some are missed: the recall
    bounds that of every method which predicts this way.

    See Also
    --------
    skcrosstask.metrics.order_consistency : The same recall without predictions.

    Notes
    -----
    `predict` and `decision_function` read the annotations, so nothing that they
    return is a prediction in the usual sense. Ties go to the earliest times.

    References
    ----------
    Zhukov et al., CVPR 2019, supplement: order consistency of the primary tasks,
    0.86 on average.

    Examples
    --------
    Step 2 comes before step 1, so that an ordered placement hits two of the three.

    >>> import numpy as np
    >>> from skcrosstask import Task, Video
    >>> from skcrosstask.baselines import OracleBaseline
    >>> tea = Task("tea", ["boil water", "add tea", "pour water"])
    >>> truth = [[0, 1, 3], [2, 4, 6], [1, 7, 9]]
    >>> video = Video(np.zeros((10, 2)), tea, annotation=truth)
    >>> oracle = OracleBaseline().fit([video])
    >>> oracle.predict([video])[0]
    array([1, 2, 4])
    >>> round(oracle.score([video]), 3)
    0.667
    >>> oracle.decision_function([video])[0].shape
    (10, 3)
    """

    def predict(self, X: VideosLike, y: TasksLike | None = None) -> np.ndarray:
        """Ordered times that hit the most annotated steps.

        Parameters
        ----------
        X : sequence of Video
            Videos with an annotation.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task a video, by default each video's own.

        Returns
        -------
        ndarray of shape (n_videos,) of object
            Entry i is an int array (K_i,) of time units, ascending.

        Raises
        ------
        ValueError
            If a video has no annotation, or fewer time units than steps.
        """
        videos, tasks = read_videos(X, y)
        return object_array([_place(v, t) for v, t in zip(videos, tasks, strict=True)])

    def decision_function(
        self, X: VideosLike, y: TasksLike | None = None
    ) -> np.ndarray:
        """Where each step is true.

        Parameters
        ----------
        X : sequence of Video
            Videos with an annotation.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task a video, by default each video's own.

        Returns
        -------
        ndarray of shape (n_videos,) of object
            Entry i is a float32 array (T_i, K_i): 1 where a segment of the step
            touches the time unit, else 0.

        Raises
        ------
        ValueError
            If a video has no annotation.
        """
        videos, tasks = read_videos(X, y)
        return object_array([_truth(v, t) for v, t in zip(videos, tasks, strict=True)])


def _truth(video: Video, task: Task) -> np.ndarray:
    if video.annotation is None:
        raise ValueError(
            f"{video}: the oracle needs an annotation, the video has none."
        )
    n_units = video.shape[0]
    with naming(video):
        refuse_beyond(video.annotation, n_units, video.rate, "annotation")
    truth = np.zeros((n_units, len(task.steps)), dtype=np.float32)
    for step, first, stop in segment_units(video.annotation, n_units, rate=video.rate):
        truth[first:stop, step] = 1
    return truth


def _place(video: Video, task: Task) -> np.ndarray:
    truth = _truth(video, task)
    with naming(video):
        return align_steps(1 - truth)
