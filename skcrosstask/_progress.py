"""What a user is told while something runs: on standard error, never standard output.

With ``verbose``, lines appear there, or a bar where it is a terminal. Whether or not,
the logger "skcrosstask" is told the same.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterable, Sequence
from html import escape
from types import TracebackType
from typing import Any, Self

__all__ = [
    "Progress",
    "counted",
    "guess",
    "html_table",
    "say",
    "short",
    "warn",
    "warn_deprecated",
    "warn_left_out",
]

_LOGGER = logging.getLogger("skcrosstask")
# A count without a terminal: this many lines.
_N_LINES = 10
# Reasons that one warning gives.
_N_REASONS = 5
_MOST_BITS = 4096


def counted(number: int, noun: str, verbs: tuple[str, str] | None = None) -> str:
    """Number and noun, in the plural but for 1; maybe with a verb in both forms."""
    text = f"{number} {noun}" if number == 1 else f"{number} {noun}s"
    return text if verbs is None else f"{text} {verbs[number != 1]}"


def short(value: object, most: int = 80) -> str:
    """What a message shows of a value that a stranger may have made very long.

    Parameters
    ----------
    value : object
        Text is shown in quotes, all else as Python writes it.
    most : int, default=80
        Characters, about.

    Returns
    -------
    str

    Examples
    --------
    >>> short("latte"), short("9" * 5000, 12)
    ("'latte'", "'99999...999'")
    """
    # Python refuses to write out integers of many digits.
    huge = isinstance(value, int) and value.bit_length() > _MOST_BITS
    text = "a huge number" if huge else repr(value)
    if len(text) <= most:
        return text
    return f"{text[: most // 2]}...{text[len(text) - most // 3 :]}"


def guess(name: str, known: Iterable[str], *, some: int = 6) -> str:
    """End of a sentence about an unknown name: what may have been meant.

    Parameters
    ----------
    name : str
        What was given.
    known : iterable of str
        What would do.
    some : int, default=6
        How many of them to list where none is close.

    Returns
    -------
    str
        It begins with a semicolon; empty where nothing is known.

    Examples
    --------
    >>> guess("late", ["latte", "tea"]), guess("x", ["latte", "tea"], some=1)
    ("; did you mean 'latte'?", '; known are latte, ....')
    """
    import difflib

    known = list(known)
    lower = {text.casefold(): text for text in reversed(known)}
    if close := difflib.get_close_matches(name.casefold(), lower, n=1):
        return f"; did you mean {short(lower[close[0]])}?"
    listed = ", ".join(f"{text:.20}" for text in known[:some])
    more = ", ..." if len(known) > some else ""
    return f"; known are {listed}{more}." if known else ""


def say(text: str, verbose: bool | int = True) -> None:
    """Log a line, and print it on standard error where it is wanted.

    Parameters
    ----------
    text : str
        The line.
    verbose : bool or int, default=True
        Whether to print it.
    """
    _LOGGER.info(text)
    if verbose:
        print(f"[skcrosstask] {text}", file=sys.stderr, flush=True)


def warn(text: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line of the user's code that led here.

    Parameters
    ----------
    text : str
        The warning.
    category : type of Warning, default=UserWarning
        Its class.
    """
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and _is_within(frame.f_globals["__name__"]):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, category, stacklevel=level)


def warn_deprecated(name: str, instead: str, removed_in: str) -> None:
    """Warn of a name that will go.

    Parameters
    ----------
    name : str
        What is deprecated, such as "units_per_second".
    instead : str
        What to do, such as "set the rate of the videos".
    removed_in : str
        Release that will not have it any more.
    """
    warn(
        f"{name} is deprecated and will be removed in {removed_in}: {instead}.",
        FutureWarning,
    )


def warn_left_out(reasons: Sequence[str], n_videos: int) -> None:
    """Report, once, the videos that were left out.

    Parameters
    ----------
    reasons : sequence of str
        Each names a video, and says what is wrong with it.
    n_videos : int
        How many there were.
    """
    if not reasons:
        return
    shown = "; ".join(reason.rstrip(".") for reason in reasons[:_N_REASONS])
    rest = len(reasons) - _N_REASONS
    warn(
        f"left out {len(reasons)} of {counted(n_videos, 'video')}: {shown}"
        + (f"; and {rest} more." if rest > 0 else ".")
    )


def _is_within(module: str) -> bool:
    """Whether a module is this package's or of what calls it: nobody's own code."""
    return module.partition(".")[0] in ("skcrosstask", "sklearn", "contextlib")


class Progress:
    """A count of things done: a bar on a terminal, else a line now and then.

    Parameters
    ----------
    doing : str
        What is done, such as "reading".
    total : int
        How many things there are.
    noun : str, default="video"
        What they are.
    verbose : bool or int, default=False
        Whether anything is shown.
    """

    def __init__(
        self,
        doing: str,
        total: int,
        *,
        noun: str = "video",
        verbose: bool | int = False,
    ):
        self.doing, self.total, self.noun = doing, total, noun
        self.verbose = bool(verbose)
        self.done = 0
        self._bar: Any = None

    def __enter__(self) -> Self:
        if self.verbose and sys.stderr.isatty():
            # nltk depends on tqdm, so it is there.
            from tqdm import tqdm

            self._bar = tqdm(total=self.total, desc=self.doing, unit=self.noun)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def advance(self, n: int = 1, note: str = "") -> None:
        """Count more things as done.

        Parameters
        ----------
        n : int, default=1
            How many.
        note : str, default=""
            To stand beside the count.
        """
        before, self.done = self.done, self.done + n
        if self._bar is not None:
            self._bar.set_postfix_str(note, refresh=False)
            self._bar.update(n)
            return
        lines = max(min(_N_LINES, self.total), 1)
        if self.done * lines // self.total > before * lines // self.total:
            count = f"{self.done} of {counted(self.total, self.noun)}"
            say(f"{self.doing}: {count}{note and ', ' + note}", self.verbose)


def html_table(caption: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Table for a notebook, in the colours of its page.

    Parameters
    ----------
    caption : str
        Stands above it.
    head : iterable of str
        Names of the columns.
    rows : iterable of iterables of str
        The cells; like the other texts they are escaped.

    Returns
    -------
    str
        HTML.
    """

    def line(cells: Iterable[str], tag: str) -> str:
        style = ' style="text-align:left"'
        inner = "".join(f"<{tag}{style}>{escape(cell)}</{tag}>" for cell in cells)
        return f"<tr>{inner}</tr>"

    top = f"<thead>{line(head, 'th')}</thead>"
    body = "".join(line(cells, "td") for cells in rows)
    title = f'<caption style="text-align:left">{escape(caption)}</caption>'
    # In the old mode of some pages, tables do not inherit the colour.
    return f'<table style="color:inherit">{title}{top}<tbody>{body}</tbody></table>'
