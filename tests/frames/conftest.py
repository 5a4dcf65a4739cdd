"""Clips composed of photographs, with known changes."""

from fractions import Fraction

import av
import numpy as np
import pytest
from sklearn.datasets import load_sample_images

# One stamp a millisecond: any frame rate, also a changing one.
MILLISECOND = Fraction(1, 1000)


@pytest.fixture(scope="session")
def photographs():
    """Two photographs of 160 x 120 pixels."""
    return [image[:360:3, :480:3].copy() for image in load_sample_images().images]


@pytest.fixture(scope="session")
def write_clip():
    """Write pictures that start at the given seconds."""

    def write(path, pictures, starts, *, codec="mpeg4", offset=0.0, sound=None, **to):
        height, width = pictures[0].shape[:2]
        with av.open(str(path), "w", **to) as file:
            stream = file.add_stream(codec, rate=25, width=width, height=height)
            stream.pix_fmt = "yuv420p" if codec != "ffv1" else "yuv444p"
            stream.codec_context.time_base = MILLISECOND
            stream.time_base = MILLISECOND
            stream.codec_context.gop_size = 10
            if sound is not None:
                add_sound(file, *sound)
            for picture, start in zip(pictures, starts, strict=True):
                frame = av.VideoFrame.from_ndarray(picture)
                frame = frame.reformat(format=stream.pix_fmt)
                frame.pts = round((start + offset) * 1000)
                frame.time_base = MILLISECOND
                file.mux(stream.encode(frame))
            file.mux(stream.encode())
        return path

    return write


def add_sound(file, seconds, start=0.0):
    """Add a stream of silence."""
    stream = file.add_stream("aac", rate=8000)
    for i in range(round(seconds * 8000) // 1024):
        samples = np.zeros((1, 1024), np.float32)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate = 8000
        frame.pts = round(start * 8000) + i * 1024
        file.mux(stream.encode(frame))
    file.mux(stream.encode())


@pytest.fixture
def write_sound():
    """Write a second of silence."""

    def write(path, **to):
        with av.open(str(path), "w", **to) as file:
            add_sound(file, 1)

    return write


@pytest.fixture(scope="session")
def greys():
    """Grey pictures, each lighter than the one before, from 20 to 220."""

    def make(n, size=32):
        levels = np.arange(n) * 200 // max(n - 1, 1) + 20
        return [np.full((size, size, 3), level, np.uint8) for level in levels]

    return make


@pytest.fixture
def brightness():
    """Encoder: mean brightness and its spread."""
    return lambda pictures: np.stack(
        [pictures.mean(axis=(1, 2, 3)), pictures.std(axis=(1, 2, 3))], axis=1
    )
