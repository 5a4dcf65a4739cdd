"""Pictures of a video file with their times, by PyAV."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skcrosstask._extras import import_extra
from skcrosstask._progress import counted
from skcrosstask.frames._pictures import Still
from skcrosstask.frames._timeline import Timeline

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.video.stream import VideoStream

__all__ = ["VideoFileError", "check_av", "check_file", "decode"]

# FFmpeg opens these as videos of one picture, or as animated text.
_NOT_VIDEOS = {"image2": "an image", "tty": "a text"}
# Seconds between pictures of files that do not tell, or tell nonsense.
_INTERVAL, _SHORTEST = 1 / 25, 1 / 250
# Sound may go on a little after the last picture.
_SLACK = 1.0


class VideoFileError(ValueError):
    """A file that is no video, or has no picture that can be decoded."""


def check_av(user: str) -> None:
    """Refuse to decode without PyAV, and say how to get it.

    Parameters
    ----------
    user : str
        What needs it, for the message.

    Raises
    ------
    ImportError
        If PyAV cannot be imported.
    """
    import_extra("av", user, "PyAV", "av")


def check_file(path: str | os.PathLike[str], label: str) -> None:
    """Refuse what is no file, or is empty.

    Parameters
    ----------
    path : path
        The video file.
    label : str
        What messages call the video.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    VideoFileError
        If it is a folder or has no bytes.
    """
    path = Path(path)
    if path.is_dir():
        raise VideoFileError(f"{label}: '{path}' is a folder, not a video file.")
    if not path.is_file():
        raise FileNotFoundError(f"{label}: video file '{path}' is missing.")
    if path.stat().st_size == 0:
        raise VideoFileError(
            f"{label}: video file '{path}' is empty; copy or download it again."
        )


def decode(
    path: str | os.PathLike[str], label: str, complaints: list[str]
) -> Iterator[tuple[float, float, Still]]:
    """Pictures in the order in which they are shown.

    Parameters
    ----------
    path : path
        The video file.
    label : str
        What messages call the video.
    complaints : list of str
        What is wrong with the file is appended, unless it is an error.

    Yields
    ------
    start, end : float
        Seconds since the start of the file, which is where its first stream starts.
    still : Still
        The picture.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    VideoFileError
        If no picture can be decoded.
    """
    check_file(path, label)
    with _opened(path, label) as container:
        stream = _video_stream(container, label, path)
        length = _stated_length(container, stream)
        interval = float(1 / (stream.average_rate or 1000))
        interval = interval if interval >= _SHORTEST else _INTERVAL
        aspect = float(stream.sample_aspect_ratio or 1)
        timeline = Timeline(_zero(container, stream), interval, length)
        end, gaps = 0.0, 0.0
        n = 0
        for frame, after_damage in _frames(container, stream):
            base = float(frame.time_base or stream.time_base or 0)
            start = timeline.place(None if frame.pts is None else frame.pts * base)
            if after_damage:
                gaps += max(start - end, 0.0)
            end = start + (frame.duration * base or interval)
            n += 1
            yield start, end, Still(frame, aspect)
    if n == 0:
        raise VideoFileError(
            f"{label}: no picture of '{path}' can be decoded; the file is damaged or "
            "incomplete. Copy or download it again, or leave it out."
        )
    complaints += _complaints(label, timeline, end, gaps)


def _complaints(
    label: str, timeline: Timeline, end: float, gaps: float
) -> Iterator[str]:
    lost = (timeline.length or 0.0) - end
    if lost > _SLACK:
        yield (
            f"{label}: the last {lost:.1f} s are lost: pictures end at {end:.1f} s, "
            f"but the file says that it lasts {timeline.length:.1f} s. It may be "
            "truncated."
        )
    if gaps > 0:
        yield (
            f"{label}: {gaps:.1f} s within the video are damaged; the picture before "
            "stands in for them."
        )
    if timeline.n_repaired:
        yield (
            f"{label}: time stamps are missing or jump at "
            f"{counted(timeline.n_repaired, 'picture')}; times there are estimated "
            "from the frame rate."
        )


@contextmanager
def _opened(path: str | os.PathLike[str], label: str) -> Iterator[InputContainer]:
    import av

    try:
        container = av.open(os.fspath(path), metadata_errors="ignore")
    except (av.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise VideoFileError(
            f"{label}: '{path}' cannot be opened as a video: {reason}. It is damaged, "
            "incomplete, or something else."
        ) from None
    with container:
        format = container.format.name
        kind = "an image" if format.endswith("_pipe") else _NOT_VIDEOS.get(format)
        if kind is not None:
            raise VideoFileError(f"{label}: '{path}' is {kind}, not a video.")
        yield container


def _video_stream(
    container: InputContainer, label: str, path: str | os.PathLike[str]
) -> VideoStream:
    streams = [s for s in container.streams.video if not _is_cover(s)]
    if not streams:
        types = sorted({s.type for s in container.streams})
        kinds = ["a cover" if kind == "video" else str(kind) for kind in types]
        raise VideoFileError(
            f"{label}: '{path}' has no video stream, only {', '.join(kinds) or 'none'}."
        )
    stream = streams[0]
    if stream.codec_context is None:
        raise VideoFileError(f"{label}: the codec of '{path}' is unknown to FFmpeg.")
    stream.thread_type = "AUTO"
    return stream


def _is_cover(stream: VideoStream) -> bool:
    """Whether it is the picture on the cover of a piece of music."""
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.attached_pic)


def _frames(
    container: InputContainer, stream: VideoStream
) -> Iterator[tuple[VideoFrame, bool]]:
    """Decode what can be decoded; True beside the first frame after damage."""
    import av

    damaged = False
    for packet in _packets(container, stream):
        try:
            frames: Any = packet.decode()
        except av.FFmpegError:
            damaged = True
            continue
        for frame in frames:
            yield frame, damaged
            damaged = False


def _packets(container: InputContainer, stream: VideoStream) -> Iterator[Any]:
    """Packets until the file ends or cannot be read on."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            yield next(packets)
        except (StopIteration, av.FFmpegError):
            return


def _zero(container: InputContainer, stream: VideoStream) -> float:
    """Time stamp, in seconds, at which players start."""
    begin = (container.start_time or 0) / 1e6
    if stream.start_time is None or stream.time_base is None:
        return begin
    first = float(stream.start_time * stream.time_base)
    # What lies before 0 is sound that readies its decoder, and is not played.
    return first if container.start_time is None else min(max(begin, 0.0), first)


def _stated_length(container: InputContainer, stream: VideoStream) -> float | None:
    """Seconds from the start of the file to the end of the stream, if it tells."""
    if stream.duration and stream.time_base:
        last = (stream.start_time or 0) + stream.duration
        return last * float(stream.time_base) - _zero(container, stream)
    try:  # Matroska's, such as 00:01:02.500000000
        hours, minutes, seconds = stream.metadata["DURATION"].split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except (KeyError, ValueError):
        return container.duration / 1e6 if container.duration else None
