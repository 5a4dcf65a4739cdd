"""The command `init`: a manifest of what a folder holds."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skcrosstask._cli._selection import positive
from skcrosstask._cli._shared import add_command, note, option, switch
from skcrosstask._files import refuse_target, replacing
from skcrosstask._progress import counted

if TYPE_CHECKING:
    from skcrosstask.datasets._folder_manifest import FoundTask

__all__ = ["add_parser", "run"]

_DETAILS = """\
FOLDER holds video files, subtitles and features (.npy, .npz), as far as there are any;
files of one stem belong to one video. Its folders are the tasks, save those named
videos, clips, features, subtitles and captions; without such folders, all videos show
one task. The steps of a task are read from steps.txt in its folder, one a line;
where there is no such file, fill them in.

All other commands read the manifest, and folders constraints and annotations beside it
with files <task>_<video>.csv.

example:
  python -m skcrosstask init my_videos --task latte
"""
_SUFFIXES = (".yaml", ".yml", ".json", ".csv")


def add_parser(commands: Any) -> None:
    """Add the command to those of a parser."""
    summary = "write a manifest of a folder of videos"
    command = add_command(commands, "init", summary, _DETAILS, run)
    option(command, "folder", "FOLDER", "see below")
    text = "manifest to write: .yaml, .json or .csv (default: FOLDER/collection.yaml)"
    option(command, "--out", "FILE", text)
    text = "task of videos that are in no task's folder (default: %(default)s)"
    option(command, "--task", "NAME", text, default="task")
    text = "rows of features a second"
    option(command, "--rate", "X", text, type=positive)
    switch(command, "--force", "replace a manifest that is there")


def run(args: Namespace) -> int:
    """Look through a folder, and write what was found."""
    from skcrosstask.datasets._folder_manifest import scan_folder
    from skcrosstask.datasets._manifest_text import format_manifest

    out = Path(args.folder) / "collection.yaml" if args.out is None else Path(args.out)
    _refuse(out, force=args.force)
    tasks, videos = scan_folder(args.folder, args.task)
    text = format_manifest(out, tasks, videos, args.rate)
    with replacing(out) as file:
        file.write(text.encode())
    n_tasks = counted(len(tasks), "task")
    print(f"found {counted(len(videos), 'video')} of {n_tasks}: {out}")
    _ask_for_steps(tasks, text, out)
    return 0


def _refuse(out: Path, *, force: bool) -> None:
    if out.suffix.lower() not in _SUFFIXES:
        raise ValueError(f"--out: '{out}' must end in .yaml, .json or .csv.")
    if out.suffix.lower() in (".yaml", ".yml") and find_spec("yaml") is None:
        raise ImportError(
            "YAML needs PyYAML: python -m pip install 'skcrosstask[manifest]'; or give "
            "--out collection.json."
        )
    if out.absolute().parent.is_dir():
        refuse_target(out)
    if out.exists() and not force:
        raise FileExistsError(f"'{out}' is there already; --force replaces it.")


def _ask_for_steps(tasks: Sequence[FoundTask], text: str, out: Path) -> None:
    """Say what the user has to fill in, and where."""
    empty = [task.name for task in tasks if not task.steps]
    if not empty:
        return
    more = f" and {len(empty) - 3} more" if len(empty) > 3 else ""
    names = ", ".join(map(repr, empty[:3])) + more
    lines = text.splitlines()
    at = next((i for i, line in enumerate(lines, 1) if "List the steps" in line), None)
    place = f"'{out}'" if at is None else f"'{out}', line {at}"
    what = f"the steps of {counted(len(empty), 'task')} ({names}) in {place}"
    note(f"fill in {what}; or write steps.txt, and init again with --force.")
