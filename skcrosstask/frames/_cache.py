"""Features kept in a folder, each with a record of what they were made from."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from skcrosstask._files import replacing

__all__ = [
    "Cache",
    "encoder_name",
    "file_identity",
    "recorded_rate",
    "refuse_clashes",
]

_RECORDS = ".records"
# Bytes that are read at the start, the middle and the end of a video file.
_SAMPLE = 1 << 16


def file_identity(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Tell a file from others, wherever it lies: its size and a hash of parts of it.

    Parameters
    ----------
    path : path
        The file, which is not read whole.

    Returns
    -------
    dict
        For JSON.
    """
    size = Path(path).stat().st_size
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for start in (0, size // 2, max(size - _SAMPLE, 0)):
            file.seek(start)
            digest.update(file.read(_SAMPLE))
    return {"bytes": size, "sha256_of_parts": digest.hexdigest()}


def encoder_name(encoder: Any) -> str:
    """Name of a function, or of an object's class with its parameters.

    Parameters
    ----------
    encoder : callable
        Encodes pictures.

    Returns
    -------
    str
    """
    if isinstance(encoder, functools.partial):
        extra = [*map(repr, encoder.args)]
        extra += [f"{key}={value!r}" for key, value in encoder.keywords.items()]
        return f"{encoder_name(encoder.func)}({', '.join(extra)})"
    named = encoder if hasattr(encoder, "__qualname__") else type(encoder)
    name = f"{named.__module__}:{named.__qualname__}"
    if named is encoder or not hasattr(encoder, "get_params"):
        return name
    return f"{name}({encoder.get_params()})"


def recorded_rate(path: str | os.PathLike[str]) -> float | None:
    """Rate at which the features in a file were made.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    float or None
        Rows a second; None if `FrameFeatures` did not write the file.
    """
    path = Path(path)
    record = path.parent / _RECORDS / f"{path.stem}.json"
    try:
        return float(json.loads(record.read_text("utf-8"))["settings"]["rate"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def refuse_clashes(names: Iterable[str]) -> None:
    """Refuse names that are no file names, or the same as another's.

    Parameters
    ----------
    names : iterable of str
        Of videos.

    Raises
    ------
    ValueError
        On the first such name.
    """
    seen = set()
    for name in names:
        if not name or {"/", "\\", "\0"} & {*name} or name.startswith("."):
            raise ValueError(
                f"video {name!r}: its name cannot be a file's name; give it another "
                "one, or pass no folder."
            )
        # Some file systems do not tell capitals.
        if name.casefold() in seen:
            raise ValueError(
                f"video {name!r}: another video has the same name, so that both would "
                "be written to one file; rename one of them."
            )
        seen.add(name.casefold())


class Cache:
    """Files ``<name>.npy`` in a folder, with records in ``.records``.

    Parameters
    ----------
    folder : path
        Made if it is not there.
    settings : mapping
        How features are made, for JSON.
    """

    def __init__(self, folder: str | os.PathLike[str], settings: Mapping[str, Any]):
        self.folder = Path(folder)
        self.settings = dict(settings)
        self._records = self.folder / _RECORDS
        if self.folder.exists() and not self.folder.is_dir():
            raise NotADirectoryError(f"'{self.folder}' is a file, not a folder.")

    def find(self, name: str, source: str | os.PathLike[str]) -> Path | None:
        """File of a video's features, if they are there and whole.

        Parameters
        ----------
        name : str
            The video.
        source : path
            Its file. Where that has changed, the features must be made again.

        Returns
        -------
        Path or None

        Raises
        ------
        ValueError
            If there are features of that name which were made in another way.
        """
        path, record = self.path(name), self._record(name)
        if not path.exists():
            return None
        try:
            known = json.loads(record.read_text("utf-8"))
            made = dict(known["settings"])
        except (OSError, ValueError, KeyError, TypeError):
            raise ValueError(
                f"video {name!r}: '{path}' is there, but nothing tells how it was "
                "made; use another folder, or delete it."
            ) from None
        for key, value in self.settings.items():
            if made.get(key) != value:
                raise ValueError(
                    f"video {name!r}: '{path}' was made with {key} {made.get(key)!r}, "
                    f"not {value!r}; use another folder, or delete it."
                )
        if known.get("source") != file_identity(source):
            return None
        # Records of earlier versions have no sum.
        whole = known.get("crc32") in (None, zlib.crc32(path.read_bytes()))
        return path if whole else None

    def store(
        self, name: str, source: str | os.PathLike[str], features: np.ndarray
    ) -> Path:
        """Write a video's features, whole or not at all.

        Parameters
        ----------
        name : str
            The video.
        source : path
            Its file.
        features : ndarray of shape (T, D)
            What was made from it.

        Returns
        -------
        Path
            The file.
        """
        path, record = self.path(name), self._record(name)
        self._records.mkdir(parents=True, exist_ok=True)
        # In this order, no interruption leaves features beside a record of others.
        path.unlink(missing_ok=True)
        content = io.BytesIO()
        np.save(content, features, allow_pickle=False)
        known = {
            "source": file_identity(source),
            "settings": self.settings,
            "crc32": zlib.crc32(content.getbuffer()),
        }
        with replacing(record) as file:
            file.write(json.dumps(known, indent=1).encode())
        with replacing(path) as file:
            file.write(content.getbuffer())
        return path

    def path(self, name: str) -> Path:
        """File of a video's features, whether or not it is there."""
        return self.folder / f"{name}.npy"

    def _record(self, name: str) -> Path:
        return self._records / f"{name}.json"
