"""Encoders of pictures, as commands name them, and features made by them."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from skcrosstask._cli._shared import option

if TYPE_CHECKING:
    from skcrosstask._data import Video

__all__ = ["DEFAULT_ENCODER", "add_encoder", "encode", "load_encoder"]

DEFAULT_ENCODER = "skcrosstask.frames:SimpleEncoder"


def add_encoder(command: ArgumentParser, text: str, default: str | None = None) -> None:
    """Add ``--encoder``."""
    option(command, "--encoder", "MODULE:NAME", text, default=default)


def load_encoder(name: str) -> Callable[..., Any]:
    """What MODULE:NAME stands for; a class is called for an object."""
    module_name, _, path = name.partition(":")
    if not module_name or not path:
        raise ValueError(f"--encoder must be MODULE:NAME, got {name!r}.")
    with _importing_from_here():
        try:
            encoder: Any = import_module(module_name)
            for part in path.split("."):
                encoder = getattr(encoder, part)
        except (ImportError, AttributeError) as error:
            raise ValueError(f"--encoder {name}: {error}.") from None
        if isinstance(encoder, type):
            try:
                encoder = encoder()
            except TypeError as error:
                raise ValueError(f"--encoder {name}: {error!s:.150}.") from None
    if not callable(encoder):
        kind = type(encoder).__name__
        raise ValueError(f"--encoder {name}: not a function, but a {kind}.")
    return encoder


@contextmanager
def _importing_from_here() -> Iterator[None]:
    """Find modules in the current folder, as ``python -m`` does."""
    here = os.getcwd()
    sys.path.insert(0, here)
    try:
        yield
    finally:
        sys.path.remove(here)


def encode(videos: Sequence[Video], name: str, **settings: Any) -> list[Video]:
    """Videos with features from their files, each at its own rate.

    Parameters
    ----------
    videos : sequence of Video
        With ``source``.
    name : str
        Of the encoder, MODULE:NAME.
    **settings
        Parameters of `FrameFeatures`.

    Returns
    -------
    list of Video
        In their order, without those that are left out.
    """
    from skcrosstask.frames import FrameFeatures

    encoder = load_encoder(name)
    features: dict[tuple[str | None, Any], Any] = {}
    for rate in dict.fromkeys(video.rate for video in videos):
        group = [video for video in videos if video.rate == rate]
        made = FrameFeatures(encoder, rate=rate, **settings).transform(group)
        features |= {(v.name, v.source): v.features for v in made}
    return [
        replace(video, features=features[video.name, video.source])
        for video in videos
        if (video.name, video.source) in features
    ]
