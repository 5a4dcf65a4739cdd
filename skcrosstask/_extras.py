"""Packages that only some users need: how they are had, and which are there."""

from __future__ import annotations

import platform
import re
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

__all__ = ["import_extra", "show_versions"]


def import_extra(module: str, user: str, name: str, install: str) -> Any:
    """Import a package that only an extra installs, or say how to get it.

    Parameters
    ----------
    module : str
        What to import.
    user : str
        What needs it, for the message.
    name : str
        What people call the package.
    install : str
        What pip must be told, and maybe a way round.

    Returns
    -------
    module

    Raises
    ------
    ImportError
        If it cannot be imported.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{user} needs {name}; install it with: pip install {install}"
        ) from error


def show_versions() -> None:
    """Print the versions of Python, this package and all that it may use.

    Paste the output into a report of a bug.

    See Also
    --------
    sklearn.show_versions : The same of scikit-learn, with its threads.

    Examples
    --------
    >>> from skcrosstask import show_versions
    >>> show_versions()
    skcrosstask    ...
    python         ...
    """
    found = {
        "skcrosstask": version("skcrosstask"),
        "python": sys.version.replace("\n", " "),
        "platform": platform.platform(),
        **{name: _version(name) for name in _wanted()},
    }
    width = max(map(len, found)) + 2
    for name, text in found.items():
        print(f"{name:{width}}{text}")


def _wanted() -> list[str]:
    """Dependencies as the package itself states them, extras that users need too."""
    named = []
    for requirement in requires("skcrosstask") or []:
        name, _, condition = requirement.partition(";")
        extra = re.search(r"extra == ['\"](\w+)['\"]", condition)
        if extra is None or extra[1] not in ("test", "docs", "bench", "dev"):
            match = re.match(r"[\w.-]+", name)
            assert match is not None
            named.append(match[0])
    return list(dict.fromkeys(n for n in named if n != "skcrosstask"))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
