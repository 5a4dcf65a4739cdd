"""What a user is told: lines on standard error, a bar on a terminal, a log."""

import logging
import sys
import warnings

import pytest

from skcrosstask._progress import Progress, counted, say, warn, warn_deprecated


def test_counted():
    assert counted(1, "video") == "1 video"
    assert counted(0, "video") == "0 videos"
    assert counted(2, "video", ("has", "have")) == "2 videos have"
    assert counted(1, "video", ("has", "have")) == "1 video has"


def test_say(capsys, caplog):
    with caplog.at_level(logging.INFO, logger="skcrosstask"):
        say("nothing to see", False)
        say("look here")
    assert [record.message for record in caplog.records] == [
        "nothing to see",
        "look here",
    ]
    assert capsys.readouterr() == ("", "[skcrosstask] look here\n")


@pytest.mark.parametrize(("total", "n_lines"), [(1, 1), (7, 7), (10, 10), (253, 10)])
def test_lines_without_a_terminal(capsys, total, n_lines):
    with Progress("reading", total, verbose=1) as progress:
        for _ in range(total):
            progress.advance()
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == n_lines
    videos = "video" if total == 1 else "videos"
    assert lines[-1] == f"[skcrosstask] reading: {total} of {total} {videos}"


def test_silence(capsys):
    with Progress("reading", 3) as progress:
        progress.advance(3)
    assert capsys.readouterr() == ("", "")


def test_bar_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress("reading", 4, noun="file", verbose=1) as progress:
        progress.advance(2, note="half")
        progress.advance(2)
    out, err = capsys.readouterr()
    assert out == ""
    assert "reading" in err
    assert "4/4" in err
    assert progress.done == 4


def test_warnings_point_at_the_caller():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn("mind")
    assert caught[0].filename == __file__
    assert caught[0].category is UserWarning


def test_a_deprecated_name_says_what_to_do():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_deprecated("old", "use new", "0.3")
    assert caught[0].category is FutureWarning
    assert caught[0].filename == __file__
    message = "old is deprecated and will be removed in 0.3: use new."
    assert str(caught[0].message) == message
