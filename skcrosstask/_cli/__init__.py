"""Command line: one module per command, over the public API."""

from __future__ import annotations

import argparse
import os
import re
import sys
import warnings
from collections.abc import Mapping, Sequence
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
from skcrosstask._progress import guess, short

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


# Where messages name parameters of Python, the options that set them.
_AS_OPTIONS = (
    (r"\bstrict=True\b", "--strict"),
    (r"\bgive (the file's|its) encoding\b", "give --encoding"),
)
# Characters, with the name of the program before them.
_LONGEST = 275


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # argparse would print the whole usage, which hides the mistake.
        text = message.rstrip(".")
        joint = " See" if text.endswith("?") else "; see"
        self.exit(2, f"{PROG}: error: {text}{joint} {self.prog} -h\n")


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
    args = _parse(sys.argv[1:] if argv is None else argv)
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


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    """Arguments; an unknown word is refused before anything that others lack."""
    parser, commands = _make_parser()
    if not argv:
        parser.epilog = "COMMAND -h lists the options of a command."
        parser.print_help(sys.stderr)
        parser.error("no COMMAND is given")
    at = next((i for i, word in enumerate(argv) if not word.startswith("-")), None)
    if at is None:
        return parser.parse_args(argv)
    name = argv[at]
    if name not in commands:
        meant = guess(name, commands, some=len(commands))
        parser.error(f"there is no command {short(name, 40)}{meant}")
    _refuse_unknown(commands[name], argv[at + 1 :])
    args, rest = parser.parse_known_args(argv)
    if rest:
        commands[name].error(f"unrecognized arguments: {short(' '.join(rest))}")
    return args


def _refuse_unknown(command: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Refuse options that a command does not have; the closest one is named."""
    known = command._option_string_actions
    shown = [
        name
        for name, action in known.items()
        if name.startswith("--") and action.help != argparse.SUPPRESS
    ]
    for word in words:
        if word == "--":
            return
        option = word.partition("=")[0]
        # argparse takes beginnings too, and nothing with a space for an option.
        is_option = option.startswith("--") and " " not in word
        if is_option and not any(name.startswith(option) for name in known):
            meant = guess(option, shown)
            meant = meant if meant.endswith("?") else ""
            command.error(f"there is no option {short(option, 40)}{meant}")


def _make_parser() -> tuple[_Parser, Mapping[str, argparse.ArgumentParser]]:
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
    return parser, commands.choices


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
    for python, option in _AS_OPTIONS:
        text = re.sub(python, option, text)
    if len(text) <= _LONGEST:
        return text
    # The beginning says where, the end what.
    return f"{text[: _LONGEST // 2]} ... {text[5 - _LONGEST // 2 :]}"
