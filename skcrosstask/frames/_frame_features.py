"""Videos with a source to videos with features, as a transformer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from skcrosstask._data import Video
from skcrosstask._progress import Progress, counted, say, warn, warn_left_out
from skcrosstask._sklearn_compat import Interval, StrOptions, fit_context
from skcrosstask.frames._cache import Cache, encoder_name, refuse_clashes
from skcrosstask.frames._decoding import VideoFileError, check_av, check_file
from skcrosstask.frames._encoding import Encoding
from skcrosstask.frames._simple_encoder import SimpleEncoder
from skcrosstask.frames._work import Made, Work, make
from skcrosstask.learning._shards import run_tasks, shares_memory

__all__ = ["FrameFeatures"]

_Source = str | os.PathLike[str]
# Features, their file, or why there are none; None while they are to be made.
_Found = np.ndarray | Path | Exception | None


class FrameFeatures(TransformerMixin, BaseEstimator):
    """Make features from video files with any encoder of pictures.

    Row t of the features covers the seconds ``[t / rate, (t + 1) / rate)`` and is made
    from the picture that is on the screen in the middle of them, whatever the frame
    rate of the file, constant or not. Time 0 is where the file starts, which is the
    start of the earliest of its streams.

    Pictures are turned upright, scaled so that their shorter side is ``size``, and
    cropped around the middle to a square.

    Parameters
    ----------
    encoder : callable, optional
        Takes uint8 pictures of shape (n, size, size, 3), red, green, blue, and returns
        an array (n, D) of finite numbers. With several pictures a row it takes
        (n, n_frames, size, size, 3). It is never called twice at a time. By default
        `SimpleEncoder`, which is weak.
    rate : float, default=1.0
        Rows a second.
    size : int, default=224
        Side of the pictures in pixels, at least 16.
    batch_size : int, default=32
        Rows that the encoder gets at a time, at most; all are of one video. Memory is
        in proportion to it, not to the length of videos.
    folder : path, optional
        Where features are kept, as ``<name>.npy``, made if need be. They are made again
        only if the video file has changed. Every video is written as soon as it is
        done, so that an interrupted run can be resumed. By default they are kept in
        memory.
    n_jobs : int, optional
        Threads, each of which decodes a video; processes or a cluster under
        ``joblib.parallel_config``. The result is the same for any number and backend.
    n_frames : int, optional
        Pictures a row, in the middles of equal parts of it, for encoders of motion. By
        default the encoder's attribute ``n_frames``, or 1.
    on_error : {"raise", "skip"} or callable, default="raise"
        What to do with a video that is missing or cannot be decoded or encoded: raise
        the error, or leave the video out, and say so in one warning at the end. A
        function is called instead at the end, with each video that is left out and its
        error. If all fail, and one of them in the encoder, its error is raised.
    verbose : bool or int, default=0
        Whether to tell the progress on standard error.

    See Also
    --------
    SimpleEncoder : The encoder that needs no download.

    Notes
    -----
    Features in ``folder`` are told apart by the name of the encoder (module and name of
    a function; class and parameters of an object), the rate, the size and the number
    of pictures. If the encoder changes under the same name, use another folder.

    Workers in other processes write into ``folder``, which all must see; without one,
    features come back as arrays. The encoder travels to them with each video: let a
    large network be loaded when the encoder is first called, which happens once in each
    process.

    Examples
    --------
    Three seconds of video, red then green, as PyAV writes them:

    >>> import av, numpy as np, tempfile
    >>> from pathlib import Path
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "clip.mkv"
    >>> red = np.full((48, 64, 3), [200, 0, 0], dtype=np.uint8)
    >>> with av.open(path, "w") as file:
    ...     stream = file.add_stream("ffv1", rate=10, width=64, height=48)
    ...     for i in range(30):
    ...         picture = red if i < 20 else red[..., [1, 0, 2]]
    ...         frame = av.VideoFrame.from_ndarray(picture).reformat(format="yuv444p")
    ...         file.mux(stream.encode(frame))
    ...     file.mux(stream.encode())

    The mean colour is an encoder.

    >>> from skcrosstask import Video
    >>> from skcrosstask.frames import FrameFeatures
    >>> def colour(pictures):
    ...     return pictures.mean(axis=(1, 2))
    >>> videos = [Video(None, source=path, name="a")]
    >>> video, = FrameFeatures(colour).fit(videos).transform(videos)
    >>> video
    Video('a', (3, 3))
    >>> video.features.argmax(axis=1)
    array([0, 0, 1])
    >>> folder.cleanup()
    """

    _parameter_constraints: dict = {  # noqa: RUF012
        "encoder": [callable, None],
        "rate": [Interval(Real, 0, None, closed="neither")],
        "size": [Interval(Integral, 16, None, closed="left")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "folder": [str, os.PathLike, None],
        "n_jobs": [Integral, None],
        "n_frames": [Interval(Integral, 1, None, closed="left"), None],
        "on_error": [StrOptions({"raise", "skip"}), callable],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        encoder=None,
        *,
        rate=1.0,
        size=224,
        batch_size=32,
        folder=None,
        n_jobs=None,
        n_frames=None,
        on_error="raise",
        verbose=0,
    ):
        self.encoder = encoder
        self.rate = rate
        self.size = size
        self.batch_size = batch_size
        self.folder = folder
        self.n_jobs = n_jobs
        self.n_frames = n_frames
        self.on_error = on_error
        self.verbose = verbose

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.no_validation = True
        return tags

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Sequence[Video | _Source], y: object = None) -> Self:
        """Check the parameters; there is nothing to learn.

        Parameters
        ----------
        X : sequence of Video or of paths
            Not read.
        y : ignored
            Not used.

        Returns
        -------
        self : FrameFeatures
            Itself, unchanged.
        """
        return self

    def transform(self, X: Sequence[Video | _Source]) -> list[Video]:
        """Make the features of videos.

        Parameters
        ----------
        X : sequence of Video or of paths
            Videos with a ``source``, or the paths of video files.

        Returns
        -------
        list of Video
            The same with features, an array or the path of the file in ``folder``, and
            their rate; all else is kept. Unless ``on_error="raise"``, without those
            that fail.

        Raises
        ------
        ImportError
            If PyAV is not there.
        FileNotFoundError
            If a video file is missing.
        ValueError
            If a file is no video or nothing of it can be decoded, if two videos
            would be written to one file, or if the encoder does not return (n, D)
            finite numbers. The message names the video.

        Warns
        -----
        UserWarning
            If parts of a video are lost, or its time stamps are wrong. The features are
            of what is left. With ``on_error="skip"``, also of what is left out.
        """
        self._validate_params()
        check_av("FrameFeatures")
        videos = [_as_video(x, i) for i, x in enumerate(_as_list(X))]
        encoding = self._encoding()
        cache = self._cache(encoding)
        if cache is not None:
            refuse_clashes(map(_name, videos))
        found = self._plan(videos, cache)
        if n_kept := sum(isinstance(each, Path) for each in found):
            say(f"{counted(n_kept, 'video')} made before", self.verbose)
        self._make(videos, found, encoding, cache)
        self._report(videos, found)
        done = [
            replace(video, features=each, rate=self.rate)
            for video, each in zip(videos, found, strict=True)
            if not isinstance(each, Exception)
        ]
        _check_widths(done)
        return done

    def _encoding(self) -> Encoding:
        encoder = SimpleEncoder() if self.encoder is None else self.encoder
        n_frames = self.n_frames or getattr(encoder, "n_frames", 1)
        return Encoding(encoder, self.rate, self.size, self.batch_size, n_frames)

    def _cache(self, encoding: Encoding) -> Cache | None:
        if self.folder is None:
            return None
        settings = {
            "encoder": encoder_name(encoding.encoder),
            "rate": float(self.rate),
            "size": int(self.size),
            "n_frames": int(encoding.n_frames),
        }
        return Cache(self.folder, settings)

    def _plan(self, videos: list[Video], cache: Cache | None) -> list[_Found]:
        """What there is of each video; mistakes are found before any work."""
        found: list[_Found] = []
        for video in videos:
            kept = None
            try:
                check_file(_source(video), str(video))
                if cache is not None:
                    kept = cache.find(_name(video), _source(video))
            except (OSError, VideoFileError) as error:
                if self.on_error == "raise":
                    raise
                found.append(error)
            else:
                found.append(kept)
        return found

    def _make(
        self,
        videos: list[Video],
        found: list[_Found],
        encoding: Encoding,
        cache: Cache | None,
    ) -> None:
        """Make what is not there, and add it to what there is."""
        rest = [i for i, each in enumerate(found) if each is None]
        results = run_tasks(
            make,
            self._tasks(videos, rest, encoding, cache),
            self.n_jobs,
            in_order=False,
        )
        progress = Progress("encoding", max(len(rest), 1), verbose=self.verbose)
        try:
            with progress:
                for made in results if rest else ():
                    video = videos[made.number]
                    for complaint in made.complaints:
                        warn(complaint)
                    if made.error is not None and self.on_error == "raise":
                        raise made.error
                    found[made.number] = _outcome(made, video, cache)
                    progress.advance(note=str(video))
        finally:
            # Threads that are still decoding must neither go on nor write.
            encoding.stop.set()
            results.close()

    def _tasks(
        self,
        videos: list[Video],
        numbers: list[int],
        encoding: Encoding,
        cache: Cache | None,
    ) -> Iterator[tuple[Work, Encoding, Cache | None]]:
        """Arguments of `make`; workers may be at home in another folder."""
        here = shares_memory(self.n_jobs)
        if cache is not None:
            cache = Cache(cache.folder.absolute(), cache.settings)
        for i in numbers:
            video = videos[i]
            source = _source(video) if here else os.path.abspath(_source(video))
            yield Work(i, source, str(video), _name(video)), encoding, cache

    def _report(self, videos: list[Video], found: list[_Found]) -> None:
        """Tell what was left out, and why."""
        broken = [
            (video, error)
            for video, error in zip(videos, found, strict=True)
            if isinstance(error, Exception)
        ]
        if len(broken) == len(videos):
            for _, error in broken:
                # No video's fault, but the encoder's.
                if not isinstance(error, OSError | VideoFileError):
                    raise error
        if callable(self.on_error):
            for video, error in broken:
                self.on_error(video, error)
        else:
            warn_left_out([_reason(*each) for each in broken], len(videos))


def _outcome(made: Made, video: Video, cache: Cache | None) -> _Found:
    if made.error is not None or cache is None:
        return made.error or made.features
    path = cache.path(_name(video))
    if not path.exists():
        raise FileNotFoundError(
            f"{video}: a worker wrote its features, but '{path}' is not here; give a "
            "folder that all machines see."
        )
    return path


def _reason(video: Video, error: Exception) -> str:
    text = str(error)
    return text if text.startswith(str(video)) else f"{video}: {text}"


def _as_list(X: Sequence[Video | _Source]) -> list[Video | _Source]:
    if isinstance(X, Video | str | os.PathLike):
        raise TypeError("X must be a sequence of videos; wrap a single one: [video].")
    videos = list(X)
    if not videos:
        raise ValueError("X is empty: at least one video is needed.")
    return videos


def _as_video(x: Video | _Source, i: int) -> Video:
    if isinstance(x, str | os.PathLike):
        return Video(None, source=x, name=Path(x).stem)
    if not isinstance(x, Video):
        kind: Any = type(x).__name__
        raise TypeError(f"X[{i}] must be a Video or a path, got a {kind}.")
    if x.source is None:
        raise ValueError(f"{x}: has no source, the video file to make features from.")
    return x


def _source(video: Video) -> _Source:
    assert video.source is not None
    return video.source


def _name(video: Video) -> str:
    return video.name if video.name is not None else Path(_source(video)).stem


def _check_widths(videos: list[Video]) -> None:
    """Refuse features of different encoders, which one model cannot read."""
    for video in videos:
        if video.shape[1] != videos[0].shape[1]:
            raise ValueError(
                f"{video}: has {video.shape[1]} features a row, but {videos[0]} has "
                f"{videos[0].shape[1]}; the encoder must return as many for each video."
            )
