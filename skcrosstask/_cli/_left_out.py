"""Videos that a command leaves out: the options, and the report at the end."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from skcrosstask._cli._shared import note, option, switch
from skcrosstask._files import csv_text, no_formula, refuse_target, replacing
from skcrosstask._progress import counted

if TYPE_CHECKING:
    from skcrosstask._data import Video

__all__ = ["LeftOut", "add_skipping"]

_SHOWN, _LONGEST = 20, 280


def add_skipping(command: ArgumentParser, why: str) -> None:
    """Add ``--skip-broken`` and ``--skipped``."""
    switch(command, "--skip-broken", f"leave out videos that {why}, and say so")
    text = "table of the videos left out: video,file,reason; implies --skip-broken"
    option(command, "--skipped", "FILE", text)


class LeftOut:
    """Collects what fails, where that is not to end the command.

    Parameters
    ----------
    args : Namespace
        With the options of `add_skipping`. A table that could not be written is refused
        at once.

    Attributes
    ----------
    on_error : "raise" or callable
        As `FrameFeatures` and `locate` take it.
    """

    def __init__(self, args: Namespace):
        self._path: str | None = args.skipped
        self._reads_features = args.command != "features"
        self._rows: list[tuple[str, str, str]] = []
        skips = args.skip_broken or self._path is not None
        self.on_error: str | Callable[[Video, Exception], None] = (
            self._add if skips else "raise"
        )
        if self._path is not None:
            refuse_target(self._path)

    def __len__(self) -> int:
        return len(self._rows)

    def _add(self, video: Video, error: Exception) -> None:
        file = video.source
        if self._reads_features and video.features is not None:
            file = video.features
        reason = " ".join(str(error).split())
        # A reason begins with the name, which has a column of its own.
        reason = reason.removeprefix(f"{video}").removeprefix(":").strip()
        self._rows.append((str(video.name), str(file or ""), reason))

    def report(self, n_videos: int) -> None:
        """Tell what was left out, and write the table, even if it is empty."""
        if self._rows:
            note(f"warning: left out {len(self)} of {counted(n_videos, 'video')}:")
        for name, _, reason in self._rows[:_SHOWN]:
            note(f"  {name}: {reason}"[:_LONGEST])
        if len(self) > _SHOWN:
            where = self._path or "--skipped FILE lists all"
            note(f"  and {len(self) - _SHOWN} more: {where}")
        if self._path is not None:
            table = [("video", "file", "reason"), *self._rows]
            text = csv_text([no_formula(cell) for cell in row] for row in table)
            with replacing(self._path) as file:
                file.write(text.encode())
