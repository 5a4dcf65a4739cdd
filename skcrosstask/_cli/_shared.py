"""What several commands share: how options are added, checked and reported."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = [
    "INTERRUPTED",
    "PROG",
    "add_command",
    "add_n_jobs",
    "add_parameters",
    "add_seed",
    "note",
    "option",
    "parameters",
    "picture_format",
    "switch",
    "whole_number",
]

PROG = "skcrosstask"
INTERRUPTED = 130


def note(text: str) -> None:
    """Tell the user something on standard error."""
    print(f"{PROG}: {text}", file=sys.stderr)


def add_command(
    commands: Any, name: str, summary: str, details: str, run: Callable[..., int]
) -> argparse.ArgumentParser:
    """Add a command that calls ``run`` with its arguments; ``details`` end its help."""
    command = commands.add_parser(
        name,
        help=summary,
        description=f"{summary.capitalize()}.",
        epilog=details,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def add_parameters(command: argparse.ArgumentParser, title: str) -> Any:
    """Add a group of options that are constructor parameters."""
    # An option that is not given is not set: the defaults are the estimator's.
    return command.add_argument_group(title, argument_default=argparse.SUPPRESS)


def option(group: Any, name: str, metavar: str | None, help: str, **more: Any) -> None:
    """Add an option or an argument that has a value."""
    group.add_argument(name, metavar=metavar, help=help, **more)


def switch(group: Any, name: str, help: str, **more: Any) -> None:
    """Add an option without a value."""
    group.add_argument(name, help=help, **{"action": "store_true", **more})


def add_n_jobs(group: Any, what: str = "threads") -> None:
    """Add ``--n-jobs``, and ``--jobs``, its name in earlier versions."""
    absent = argparse.SUPPRESS
    reading: dict[str, Any] = {"type": _n_jobs, "default": absent}
    option(group, "--n-jobs", "N", f"{what}; -1 uses all processors", **reading)
    option(group, "--jobs", None, absent, dest="n_jobs", **reading)


def add_seed(group: Any, what: str) -> None:
    """Add ``--seed``."""
    text = f"random seed for {what} (default: %(default)s)"
    option(group, "--seed", "N", text, type=whole_number(0), default=0)


def parameters(args: argparse.Namespace, names: str) -> dict[str, Any]:
    """Options among ``names`` that were given, as keyword arguments."""
    return {name: getattr(args, name) for name in names.split() if hasattr(args, name)}


def picture_format(path: str, name: str) -> str:
    """Format of a picture that the option ``name`` asks for, if it can be drawn."""
    from skcrosstask.plotting._style import check_matplotlib

    check_matplotlib(name)
    from matplotlib.backend_bases import FigureCanvasBase

    known = FigureCanvasBase.get_supported_filetypes()
    suffix = Path(path).suffix.removeprefix(".").lower()
    if suffix not in known:
        raise ValueError(
            f"{name}: cannot write pictures in the format {suffix!r}; known formats "
            f"are {', '.join(sorted(known))}."
        )
    return suffix


def whole_number(lowest: int) -> Callable[[str], int]:
    """Return a converter to integers that are at least ``lowest``."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d+", text) or int(text) < lowest:
            raise argparse.ArgumentTypeError(
                f"must be an integer >= {lowest}, got {text!r}."
            )
        return int(text)

    return read


def _n_jobs(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(
            f"must be an integer other than 0, got {text!r}; -1 uses all processors."
        )
    return int(text)
