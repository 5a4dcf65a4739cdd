"""Videos with narration to videos with windows, as a transformer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from skcrosstask._data import Narration, Task, Video, naming
from skcrosstask._input import TasksLike, VideosLike, object_array, read_videos
from skcrosstask._progress import Progress, counted, say, warn, warn_deprecated
from skcrosstask._segments import suggest_rate
from skcrosstask._sklearn_compat import HasMethods, Interval, StrOptions, fit_context
from skcrosstask.narration._windows import (
    NarrationMatch,
    WindowOptions,
    match_narration,
    warn_of_unmatched,
)
from skcrosstask.narration.text._fit_text import fit_text

__all__ = ["NarrationAligner"]

# Words may well fade out with the video; seconds after it tell of a mistake, and so
# many times the video of another rate.
_LATE, _FAR = 10.0, 1.5


class NarrationAligner(TransformerMixin, BaseEstimator):
    """Find in what is said where each step of the task may happen.

    A window of words slides over a video's narration. Its similarity to each step
    description, in standard deviations above the step's mean, is summed along the
    best placement of the steps as segments of words, in order and each at least once.
    The time of a step's words is its window.

    Parameters
    ----------
    text : object with ``transform(list of str)``, optional
        Gives one vector per text: an array or a sparse matrix, scaled to length 1 here.
        One that is fitted, or has no ``fit``, such as a sentence encoder, is used as
        it is; wrap a fitted one in :class:`~sklearn.frozen.FrozenEstimator` where
        the aligner is cloned, as in a grid search. Others are cloned and fitted on
        what is said and the steps. By default `TfidfText` beside `WordVectorText`
        with the mean of vectors learned from them.
    window_words : int, default=20
        Words in the sliding window; fewer, but at least 3, in a narration that has
        fewer words per step, where long windows would all be alike.
    stride : int, default=1
        Words from one window to the next; more is faster where vectors are slow.
    background : float, default=0.5
        How far, in standard deviations, the similarity of words to a step must stand
        out for the words to be of it. Less gives longer windows.
    padding : float or (float, float), default=0.0
        Seconds to add before and after a window; negative to take away.
    weak_padding : float, default=0.0
        Seconds to add on both sides of a window that nothing speaks for; of one with
        confidence c, (1 - c) times as many.
    min_length : float, default=1.0
        Shorter windows are widened about their middle to so many seconds.
    min_confidence : float, default=0.0
        Steps of lower confidence get no window, that is, no constraint.
    max_silence : float, default=30.0
        Neither a window of words nor a segment goes on across so many seconds without
        a word.
    units_per_second : float
        Has no effect, and will go: windows are in seconds, and `Video.rate` says how
        many rows a second has.
    n_jobs : int, optional
        Threads that match videos.
    verbose : int, default=0
        1 shows progress on standard error.

    Attributes
    ----------
    text_ : object
        The text features in use.

    See Also
    --------
    narration_windows : The same for one narration.
    skcrosstask.WeaklySupervisedStepEstimator : Learns from the windows.

    Notes
    -----
    The confidence of a window is the probability that the step is spoken of within
    it, over all ordered placements with one place per step, weighted by the exponential
    of the same similarities.

    References
    ----------
    Zhukov et al., CVPR 2019, section 4.2 and supplement B.1.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask import Narration, Task, Video
    >>> from skcrosstask.narration import NarrationAligner
    >>> words = "hello all now grind the coffee wait a bit and pour the milk".split()
    >>> speech = Narration(words, np.arange(13.0)[:, None] + [0, 1])
    >>> latte = Task("latte", ["grind coffee", "pour milk"])
    >>> video = Video(np.zeros((13, 4)), latte, narration=speech)
    >>> aligner = NarrationAligner(window_words=3).fit([video])
    >>> aligner.transform([video])[0].windows
    array([[ 0.,  2.,  7.],
           [ 1.,  9., 13.]])
    >>> aligner.match([video])[0].confidence.shape
    (2,)
    >>> aligner.set_output(transform="pandas").fit_transform([video])
    [Video((13, 4), task 'latte', 2 windows, 13 words)]
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        "text": [HasMethods(["transform"]), None],
        "window_words": [Interval(Integral, 1, None, closed="left")],
        "stride": [Interval(Integral, 1, None, closed="left")],
        "background": [Interval(Real, None, None, closed="neither")],
        "padding": [Real, tuple, list],
        "weak_padding": [Interval(Real, 0, None, closed="left")],
        "min_length": [Interval(Real, 0, None, closed="neither")],
        "min_confidence": [Interval(Real, 0, 1, closed="both")],
        "max_silence": [Interval(Real, 0, None, closed="left")],
        "units_per_second": [
            Interval(Real, 0, None, closed="neither"),
            StrOptions({"deprecated"}),
        ],
        "n_jobs": [Integral, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        text=None,
        *,
        window_words=20,
        stride=1,
        background=0.5,
        padding=0.0,
        weak_padding=0.0,
        min_length=1.0,
        min_confidence=0.0,
        max_silence=30.0,
        units_per_second="deprecated",
        n_jobs=None,
        verbose=0,
    ):
        self.text = text
        self.window_words = window_words
        self.stride = stride
        self.background = background
        self.padding = padding
        self.weak_padding = weak_padding
        self.min_length = min_length
        self.min_confidence = min_confidence
        self.max_silence = max_silence
        self.units_per_second = units_per_second
        self.n_jobs = n_jobs
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: VideosLike, y: TasksLike | None = None) -> Self:
        """Learn the text features from what is said and from the steps.

        Parameters
        ----------
        X : sequence of Video
            Videos, at least one of them with a narration.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task per video, by default each video's own.

        Returns
        -------
        self
            The fitted aligner.

        Raises
        ------
        ValueError
            If no video has a narration, a video has no task, or a parameter is out
            of range.
        """
        self._options()
        videos, tasks = read_videos(X, y)
        spoken = [v.narration for v in videos if v.narration is not None]
        if not spoken:
            raise ValueError(
                f"{videos[0]}: narration is missing, as it is in all of "
                f"{counted(len(videos), 'video')}; give Video(..., "
                "narration=read_narration(path))."
            )
        steps = dict.fromkeys(step for task in tasks for step in task.steps)
        say(
            f"text features of {counted(len(spoken), 'narration')} and "
            f"{counted(len(steps), 'step')}",
            self.verbose,
        )
        self.text_ = fit_text(self.text, spoken, list(steps), self.window_words)
        return self

    def fit_transform(
        self, X: VideosLike, y: TasksLike | None = None, **fit_params: Any
    ) -> list[Video]:
        """Fit, and give the videos windows.

        Parameters
        ----------
        X : sequence of Video
            Videos.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task per video, by default each video's own.
        **fit_params : dict
            Not used.

        Returns
        -------
        list of Video
            See `transform`.
        """
        return self.fit(X, y).transform(X, y)

    def transform(self, X: VideosLike, y: TasksLike | None = None) -> list[Video]:
        """Give videos windows from their narration.

        Parameters
        ----------
        X : sequence of Video or of (T, D) arrays
            Videos.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task per video, by default each video's own.

        Returns
        -------
        list of Video
            The same videos, their windows replaced. A video without narration, or
            whose task is not known here, stays as it is.

        Raises
        ------
        ValueError
            If ``text`` does not return one row per text, or a narration is more than
            half as long again as the video, which then has another rate; the message
            names the video.

        Warns
        -----
        UserWarning
            If a narration goes on for more than ten seconds after the video's end,
            where it is not read; or has no word in common with any step.
        """
        videos, matches = self._match(X, y)
        return [
            video if match is None else replace(video, windows=match.windows)
            for video, match in zip(videos, matches, strict=True)
        ]

    def match(self, X: VideosLike, y: TasksLike | None = None) -> np.ndarray:
        """How the words of videos match the steps: similarity, spans and confidence.

        Parameters
        ----------
        X : sequence of Video
            Videos.
        y : sequence of Task, Task, or mapping of task name to steps, optional
            One task per video, by default each video's own.

        Returns
        -------
        ndarray of shape (n_videos,) of object
            One `NarrationMatch` per video; None for a video without narration or task.
        """
        return object_array(self._match(X, y)[1])

    def _match(
        self, X: VideosLike, y: TasksLike | None
    ) -> tuple[list[Video], Sequence[NarrationMatch | None]]:
        check_is_fitted(self, "text_")
        options = self._options()
        videos = _with_tasks(X, y)
        # Here, since a warning from another thread would not name the caller's line.
        heard = [_heard(video) for video in videos]
        progress = Progress("windows", len(videos), verbose=self.verbose)

        def one(video: Video, narration: Narration | None) -> NarrationMatch | None:
            match = None
            if narration is not None and isinstance(video.task, Task):
                steps, duration = video.task.steps, video.shape[0] / video.rate
                with naming(video):
                    match = match_narration(
                        narration, steps, self.text_, options, duration
                    )
            progress.advance()
            return match

        parallel = Parallel(n_jobs=self.n_jobs, require="sharedmem")
        with progress:
            matches = parallel(map(delayed(one), videos, heard))
        known = [(str(v), m) for v, m in zip(videos, matches, strict=True) if m]
        warn_of_unmatched([name for name, _ in known], [match for _, match in known])
        return videos, matches

    def _options(self) -> WindowOptions:
        if self.units_per_second != "deprecated":
            instead = "windows are in seconds; set the rate of the videos instead"
            warn_deprecated("units_per_second", instead, "0.3")
        padding = np.array(self.padding, dtype=float)
        if padding.shape not in ((), (2,)) or not np.isfinite(padding).all():
            raise ValueError(
                f"padding must be seconds, or (before, after), got {self.padding!r}."
            )
        before, after = np.broadcast_to(padding, (2,)).tolist()
        given = {name: getattr(self, name) for name in WindowOptions._fields}
        return WindowOptions(**{**given, "padding": (before, after)})

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        return tags

    def set_output(self, *, transform: str | None = None) -> Self:
        """Do nothing: videos go out as videos.

        Parameters
        ----------
        transform : str, optional
            Ignored, whatever `sklearn.set_config` says too.

        Returns
        -------
        self
            The aligner.
        """
        return self


def narration_windows(
    narration: Narration,
    steps: Sequence[str],
    text: Any = None,
    *,
    duration: float | None = None,
    **options: Any,
) -> np.ndarray:
    """Windows in which one narration speaks of the steps of a task.

    Parameters
    ----------
    narration : Narration
        Words with times in seconds.
    steps : sequence of str
        The step descriptions, in order.
    text : object with ``transform(list of str)``, optional
        Text features, as for `NarrationAligner`; if they must be fitted, they are
        fitted on this narration alone.
    duration : float, optional
        Seconds of the video; windows are clipped to it.
    **options : dict
        Further parameters of `NarrationAligner`, such as ``padding``.

    Returns
    -------
    ndarray of shape (n, 3)
        Rows ``step, start, end`` in seconds, steps ascending, at most one per step.
        No row, so no constraint, for a step that shares nothing with the narration,
        is spoken of after the video's end, or is too uncertain.

    Raises
    ------
    TypeError
        If there is no such option, or ``narration`` is not a `Narration`.
    ValueError
        If an option is out of range, or ``text`` returns another number of rows.

    See Also
    --------
    NarrationAligner : The same for many videos, in a pipeline.

    References
    ----------
    Zhukov et al., CVPR 2019, section 4.2 and supplement B.1.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask import Narration
    >>> from skcrosstask.narration import narration_windows
    >>> words = "hello all now grind the coffee wait a bit and pour the milk".split()
    >>> speech = Narration(words, np.arange(13.0)[:, None] + [0, 1])
    >>> narration_windows(speech, ["grind coffee", "pour milk"], window_words=3)
    array([[ 0.,  2.,  7.],
           [ 1.,  9., 13.]])
    """
    if not isinstance(narration, Narration):
        raise TypeError(
            f"narration must be a Narration, as read_narration gives it, got "
            f"{narration!r:.60}."
        )
    aligner = NarrationAligner(text, **options)
    aligner._validate_params()
    checked = aligner._options()
    steps = Task("narration", steps).steps
    text = fit_text(text, [narration], list(steps), checked.window_words)
    match = match_narration(narration, steps, text, checked, duration)
    warn_of_unmatched(["the narration"], [match])
    return match.windows


def _heard(video: Video) -> Narration | None:
    """What is said before the video's end; None without a narration and a task."""
    # Bare features, as predict takes them, have neither.
    narration = getattr(video, "narration", None)
    if narration is None or not isinstance(video.task, Task):
        return None
    n_units = video.shape[0]
    end = n_units / video.rate
    n_before = int(np.searchsorted(narration.times[:, 0], end))
    if n_before == len(narration.words):
        return narration
    last = narration.times[-1, 0]
    if last > end + _LATE:
        rows = f"{n_units} rows at rate {video.rate:g}"
        text = f"narration goes on until {last:.0f} s, but {rows} end at {end:.0f} s"
        if last > end * _FAR:
            fitting = suggest_rate(n_units, last)
            raise ValueError(
                f"{video}: {text}; rate={fitting} would fit, unless the narration is "
                "of another video or in other units."
            )
        warn(f"{video}: {text}; is it of another video, or the rate wrong?")
    return Narration(narration.words[:n_before], narration.times[:n_before])


def _with_tasks(X: VideosLike, y: TasksLike | None) -> list[Video]:
    """Videos with their tasks; without y, some may have none, as for predictions."""
    if y is None and all(isinstance(x, Video | np.ndarray) for x in X):
        return list(X)
    return read_videos(X, y)[0]
