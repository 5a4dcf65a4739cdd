"""Packages that extras install, and what a report of a bug says of the machine."""

import re
from importlib.metadata import version

from skcrosstask import show_versions


def test_everything_that_users_may_need_is_listed(capsys):
    show_versions()
    found = dict(line.split(None, 1) for line in capsys.readouterr().out.splitlines())
    assert found["skcrosstask"] == version("skcrosstask")
    assert re.match(r"3\.\d+", found["python"])
    for name in ("numpy", "scikit-learn", "numba", "nltk", "matplotlib", "av"):
        assert found[name] == version(name)
    assert "pytest" not in found


def test_what_is_missing_is_said(capsys, monkeypatch):
    monkeypatch.setattr(
        "skcrosstask._extras.requires",
        lambda _: [
            "numpy>=1",
            "no-such-thing>=2 ; extra == 'plot'",
            "x ; extra=='dev'",
        ],
    )
    show_versions()
    assert "no-such-thing  not installed\n" in capsys.readouterr().out
