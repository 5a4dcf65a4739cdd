"""One video through an encoder, batch by batch."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from skcrosstask.frames._decoding import decode
from skcrosstask.frames._pictures import Still
from skcrosstask.frames._sampling import sample

__all__ = ["Encoder", "Encoding", "encode_video"]

# uint8 (n, H, W, 3), or (n, n_frames, H, W, 3), to (n, D).
Encoder = Callable[[np.ndarray], ArrayLike]


@dataclass(frozen=True)
class Encoding:
    """How videos are encoded.

    It can travel to other processes. There, all videos meet one and the same encoder.

    Parameters
    ----------
    encoder : callable
        Takes uint8 pictures of shape (n, H, W, 3), or (n, n_frames, H, W, 3) where
        there are several a row, and returns (n, D) numbers.
    rate : float
        Rows a second.
    size : int
        Side of the pictures.
    batch_size : int
        Rows that the encoder gets at a time, at most.
    n_frames : int, default=1
        Pictures a row.
    """

    encoder: Encoder
    rate: float
    size: int
    batch_size: int
    n_frames: int = 1
    # Many encoders cannot run twice at a time.
    lock: threading.Lock = field(default_factory=threading.Lock)
    # Set when nobody waits for the result any more.
    stop: threading.Event = field(default_factory=threading.Event)

    # Tells it from others, wherever it travels.
    key: str = field(default_factory=secrets.token_hex)

    def __reduce__(self) -> tuple:
        settings = self.rate, self.size, self.batch_size, self.n_frames
        return _arrived, (self.key, self.encoder, *settings)


# The one that came last to this process; its encoder may have loaded a network since.
_last: list[Encoding] = []
_lock = threading.Lock()


def _arrived(
    key: str, encoder: Encoder, rate: float, size: int, batch_size: int, n_frames: int
) -> Encoding:
    """What travelled, once for all videos that arrive with it."""
    with _lock:
        if not _last or _last[0].key != key:
            _last[:] = [Encoding(encoder, rate, size, batch_size, n_frames, key=key)]
        return _last[0]


def encode_video(
    source: str | os.PathLike[str], label: str, encoding: Encoding
) -> tuple[np.ndarray, list[str]]:
    """Features of a video file.

    Parameters
    ----------
    source : path
        The file.
    label : str
        What messages call the video.
    encoding : Encoding
        How.

    Returns
    -------
    features : ndarray of shape (T, D) of float16 or float32
        One row a time unit.
    complaints : list of str
        What is wrong with the file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    VideoFileError
        If no picture can be decoded.
    ValueError
        If the encoder does not return (n, D) finite numbers.
    """
    complaints: list[str] = []
    stills = decode(source, label, complaints)
    parts: list[np.ndarray] = []
    for batch in _batches(sample(stills, encoding.rate, encoding.n_frames), encoding):
        if encoding.stop.is_set():
            raise InterruptedError(f"{label}: stopped.")
        row = sum(map(len, parts))
        encoded = _encode(batch, encoding, f"rows {row} onwards of {label}")
        parts.append(_checked(encoded, len(batch), label))
        if parts[-1].shape[1] != parts[0].shape[1]:
            raise ValueError(
                f"{label}: the encoder returned {parts[0].shape[1]} numbers a row, "
                f"then {parts[-1].shape[1]}."
            )
    return np.concatenate(parts), complaints


def _encode(batch: np.ndarray, encoding: Encoding, what: str) -> ArrayLike:
    pictures = batch[:, 0] if encoding.n_frames == 1 else batch
    with encoding.lock:
        try:
            return encoding.encoder(pictures)
        except Exception as error:
            error.add_note(f"The encoder was given {what}.")
            raise


def _batches(stills: Iterator[Still], encoding: Encoding) -> Iterator[np.ndarray]:
    """Arrays (n, n_frames, size, size, 3); what does not fill a row is dropped."""
    n_frames, size = encoding.n_frames, encoding.size
    shape = (encoding.batch_size, n_frames, size, size, 3)
    # A new array each time, which the encoder may keep or change.
    batch, n = np.empty(shape, dtype=np.uint8), 0
    shown: Still | None = None
    for still in stills:
        if still is not shown:  # else one that stays on the screen
            shown, picture = still, still.square(size)
        batch[n // n_frames, n % n_frames] = picture
        n += 1
        if n == len(batch) * n_frames:
            yield batch
            batch, n = np.empty(shape, dtype=np.uint8), 0
    if n >= n_frames:
        yield batch[: n // n_frames]


def _checked(encoded: ArrayLike, n: int, label: str) -> np.ndarray:
    try:
        features = np.asarray(encoded)
    except Exception as error:  # such as a tensor on a GPU, or one with gradients
        raise ValueError(
            f"{label}: the encoder must return an array (n, D), got a "
            f"{type(encoded).__name__} that cannot be one: {str(error)[:120]}"
        ) from None
    if features.ndim != 2 or len(features) != n or 0 in features.shape:
        raise ValueError(
            f"{label}: the encoder must return an array (n, D), here ({n}, D), got "
            f"shape {features.shape}."
        )
    if features.dtype.kind not in "fiub":
        raise ValueError(
            f"{label}: the encoder must return real numbers, got dtype "
            f"{features.dtype}."
        )
    if features.dtype != np.float16:
        features = features.astype(np.float32)
    if not np.isfinite(features).all():
        raise ValueError(f"{label}: the encoder returned values that are not finite.")
    return features.copy()
