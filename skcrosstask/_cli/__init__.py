"""Command line: one module per command, over the public API."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from typing import NoReturn, TextIO

from skcrosstask import __version__
from skcrosstask._cli import (
    demo,
    evaluate,
    features,
    fit,
    init,
    predict,
    reproduce,
    view,
    windows,
)
from skcrosstask._cli._shared import INTERRUPTED, PROG, note

__all__ = ["main"]

_COMMANDS = (demo, init, features, windows, fit, predict, evaluate, view, reproduce)
_EXAMPLES = """\
examples:
  python -m skcrosstask demo
  python -m skcrosstask init my_videos
  python -m skcrosstask windows subtitles crosstask_release --out constraints
  python -m skcrosstask fit crosstask_release --out model.skct \\
      --features crosstask_features --constraints crosstask_constraints \\
      --tasks primary --n-train 30
  python -m skcrosstask predict model.skct crosstask_release --out times.csv \\
      --features crosstask_features --tasks primary --n-train 30
  python -m skcrosstask evaluate times.csv crosstask_release

COMMAND -h lists the options of a command.
"""


# Characters, with the name of the program before them.
_LONGEST = 275


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # argparse would print the whole usage, which hides the mistake.
        self.exit(2, f"{PROG}: error: {message.rstrip('.')}; see {self.prog} -h\n")


def main(argv: list[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : list of str, optional
        Arguments, by default those of the process.

    Returns
    -------
    int
        0 on success, 2 for a user's mistake, which one line on standard error
        explains, and 130 after Ctrl-C.
    """
    args = _make_parser().parse_args(argv)
    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = _print_warning
        try:
            return args.run(args)
        except BrokenPipeError:
            # The reader of the output has left; a flush at exit must not fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except (ImportError, OSError, ValueError) as error:
            note(f"error: {_message(error)}")
            return 2
        except KeyboardInterrupt:
            note("interrupted.")
            return INTERRUPTED


def _make_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROG,
        description="Find when each step of a task happens in how-to videos.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"{PROG} {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser


def _print_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    note(f"warning: {_message(message)}")


def _message(error: object) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        parts = [f"{error.filename}: {error.strerror}"]
    else:
        parts = [str(error), *getattr(error, "__notes__", ())]
    text = " ".join(" ".join(parts).split())
    if len(text) <= _LONGEST:
        return text
    # The beginning says where, the end what.
    return f"{text[: _LONGEST // 2]} ... {text[5 - _LONGEST // 2 :]}"
