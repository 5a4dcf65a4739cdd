"""What was found so far, so that who was interrupted goes on from there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from skcrosstask.results._places import StepPlaces

__all__ = ["Journal"]

_FORMAT = 1


class Journal:
    """A file of places of steps, to which each video adds a line.

    A line that a crash left unfinished does not count.

    Parameters
    ----------
    path : path
        The file; it is made if it is not there.
    model : str
        Fingerprint of who finds the places.

    Attributes
    ----------
    found : dict of str to StepPlaces
        What the file holds, by the videos' keys.

    Raises
    ------
    ValueError
        If the file is of another model, or no journal.
    """

    def __init__(self, path: str | os.PathLike[str], model: str):
        self.path = Path(path)
        self.found: dict[str, StepPlaces] = {}
        head = {"journal": _FORMAT, "model": model}
        lines = self._whole_lines()
        if not lines:
            self._append([head])
            return
        try:
            first, *rest = [json.loads(line) for line in lines]
            if first.keys() != head.keys():
                raise ValueError("no head")
            places = {each["video"]: _as_places(each["places"]) for each in rest}
        except (ValueError, TypeError, KeyError, AttributeError):
            raise ValueError(
                f"'{self.path}' is not a journal, or damaged; delete it to start anew."
            ) from None
        if first != head:
            raise ValueError(
                f"journal '{self.path}' is of another model, or of other parameters; "
                "delete it to start anew."
            )
        self.found = places

    def add(self, found: Mapping[str, StepPlaces]) -> None:
        """Keep what was found in some videos, by their keys."""
        self.found.update(found)
        self._append(
            [
                {"video": key, "places": [column.tolist() for column in places]}
                for key, places in found.items()
            ]
        )

    def _whole_lines(self) -> list[bytes]:
        """Finished lines; what a crash left behind them is cut off."""
        if not self.path.exists():
            return []
        text = self.path.read_bytes()
        whole = text.rfind(b"\n") + 1
        if whole < len(text) and (whole or text.startswith(b'{"journal"'[: len(text)])):
            os.truncate(self.path, whole)
        elif whole < len(text):
            return [text]  # no journal: left as it is
        return text[:whole].splitlines()

    def _append(self, documents: list[dict[str, Any]]) -> None:
        lines = "".join(json.dumps(document) + "\n" for document in documents)
        with open(self.path, "ab") as file:
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())


def _as_places(columns: list) -> StepPlaces:
    units, chances = columns[:3], columns[3:]
    return StepPlaces(
        *(np.array(column, dtype=np.int64) for column in units),
        *(np.array(column, dtype=np.float64) for column in chances),
    )
