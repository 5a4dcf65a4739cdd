"""Figures that benchmarks measured, in the files of ``measured/``.

One CSV file a benchmark, one line a thing that was measured: what it is called, its
figures, how many seeds they are means of, and the version and command that made them.
``manual_figures.py`` makes the tables of the manual from these files.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from skcrosstask import __version__
from skcrosstask._files import replacing

__all__ = ["FOLDER", "add_record", "read", "record"]

FOLDER = Path(__file__).parent / "measured"
_MADE = ("seeds", "version", "command")
# Where data lie and results go, which is of no use on another machine.
_PATHS = ("--data", "--folder", "--out", "--record")


def add_record(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--record`` to a benchmark."""
    path = FOLDER / Path(parser.prog).with_suffix(".csv").name
    parser.add_argument(
        "--record",
        type=Path,
        nargs="?",
        const=path,
        metavar="FILE",
        help=f"write the figures there too (FILE: by default measured/{path.name})",
    )


def read(path: Path, n_names: int) -> dict[tuple[str, ...], dict[str, str]]:
    """Lines of a file by what they are called: their first `n_names` columns."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return {tuple(line.values())[:n_names]: line for line in lines}


def record(
    path: Path | None,
    names: Sequence[str],
    lines: Iterable[Mapping[str, object]],
    *,
    seeds: int = 1,
) -> None:
    """Put lines into a file, in place of those of the same names, or into none.

    Parameters
    ----------
    path : path or None
        The file. All its other lines stay.
    names : sequence of str
        Columns that say what was measured.
    lines : iterable of dict
        Values by column: the names, then the figures.
    seeds : int, default=1
        How many seeds the figures are means of.
    """
    if path is None:
        return
    known: dict[tuple[str, ...], Mapping[str, object]] = {**read(path, len(names))}
    for line in lines:
        made = dict(zip(_MADE, (seeds, __version__, _command()), strict=True))
        cells = {name: _text(value) for name, value in {**line, **made}.items()}
        known[tuple(cells[name] for name in names)] = cells
    path.parent.mkdir(exist_ok=True)
    # Some lines have figures that others lack.
    columns = dict.fromkeys(name for line in known.values() for name in line)
    figures = [name for name in columns if name not in _MADE]
    out = io.StringIO()
    writer = csv.DictWriter(out, [*figures, *_MADE], lineterminator="\n")
    writer.writeheader()
    writer.writerows(known[key] for key in sorted(known))
    with replacing(path) as file:
        file.write(out.getvalue().encode())


def _text(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6g}"
    return str(value)


def _command() -> str:
    """The command of this run, without paths."""
    given, kept, skip = sys.argv[1:], [], False
    for arg in given:
        if arg.startswith("--"):
            skip = arg.split("=")[0] in _PATHS
        if not skip:
            kept.append(arg)
    script = f"benchmarks/{Path(sys.argv[0]).name}"
    return shlex.join(["python", script, *kept, "--record"])
