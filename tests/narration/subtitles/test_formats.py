"""What every format must do: a new one is tested by its line in the registry."""

import bz2
import gzip
import lzma
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skcrosstask.narration import read_narration, read_narrations
from skcrosstask.narration.subtitles._formats import FORMATS

ROLLING = """\
WEBVTT
Kind: captions
Language: en

NOTE not said

00:00:00.000 --> 00:00:02.790 align:start position:0%
~
hello<00:00:00.480><c> all</c><00:00:01.200><c> now</c>

00:00:02.790 --> 00:00:02.800 align:start position:0%
hello all now
~

00:00:02.800 --> 00:00:05.000 align:start position:0%
hello all now
grind<00:00:03.200><c> coffee</c><00:00:04.000><c> &amp;</c><00:00:04.200><c> salt</c>
""".replace("~", " ")
SRT = """\
1
00:00:01,000 --> 00:00:03,000
<i>Pour</i> the milk
[Music]

2
00:00:04,000 --> 00:00:05,000
- JOHN: Stir!
"""
# Richer than the examples of the formats.
RICH = {
    "vtt": ROLLING,
    "srt": SRT,
    "csv": 'video,start,end,text\nv,1,2,"a, b"\nv,3,4,c\n',
    "tsv": "start\tduration\ttext\n1\t2\tx\n",
    "json": '{"segments": [{"start": 0, "end": 2.5, "text": " a b", "words": '
    '[{"word": " a", "start": 0.1, "end": 1}, {"word": " b", "start": 1, "end": 2}]}]}',
}
RICH_JSON = [
    RICH["json"],
    '{"events": [{"tStartMs": 5, "dDurationMs": 99, "segs": [{"utf8": "a"}, '
    '{"utf8": " b", "tOffsetMs": 40}]}]}',
    '{"chunks": [{"timestamp": [0.5, 2], "text": " a b"}]}',
    '{"transcription": [{"offsets": {"from": 5, "to": 90}, "text": " a b"}]}',
]
BITS = [
    "", "-->", "00:", "9" * 20, "\n", " ", "<", "<00:00:09.000>", "\ufeff", "\u2028",
    "\x00", "NaN", "1e999", '"', "{", "}", "-1", "WEBVTT", "NOTE", "²", ",", "null",
    "<p>", "t=", "[00:1.0]", "{1}", "&#0;", "1e9", "-00:01", "Dialogue: 0,", "->",
]  # fmt: skip
hastily = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=50,
)
bits = st.sampled_from(BITS)
damage = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), bits), max_size=4)


@pytest.fixture(params=FORMATS)
def name(request):
    """Name of a format, skipped where its library is not installed."""
    for library in ("webvtt", "pysubs2"):
        pytest.importorskip(library)
    return request.param


def test_example_is_read(write, name):
    speech = read_narration(write(f"a.{name}", FORMATS[name].example))
    assert speech.words == ("pour", "milk", "stir")
    np.testing.assert_allclose(speech.times, [[2, 3], [3, 4], [6, 7.5]])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end(write, name, newline, encoding):
    text = FORMATS[name].example.replace("milk", "küßt").replace("stir", "牛奶")
    path = write(f"a.{name}", text.replace("\n", newline).encode(encoding))
    assert read_narration(path).words == ("pour", "küßt", "牛奶")


def test_format_may_be_given_or_shouted(write, name):
    text = FORMATS[name].example
    expected = ("pour", "milk", "stir")
    assert read_narration(write("a.txt", text), format=name).words == expected
    assert read_narration(write(f"A.{name.upper()}", text)).words == expected
    assert read_narrations(write(f"v1.{name}", text))["v1"].words == expected


@pytest.mark.parametrize("content", ["", " \n", "\ufeff \n", "}{", b"\xff\xfea"])
def test_what_is_no_such_file_is_refused_by_name(write, name, content):
    path = write(f"a.{name}", content)
    with pytest.raises(ValueError, match=rf"a\.{name}[,:] "):
        read_narration(path)


@pytest.mark.parametrize(("name", "library"), [("srt", "webvtt"), ("ass", "pysubs2")])
def test_the_extra_is_named_if_it_is_missing(write, monkeypatch, name, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=r"pip install 'skcrosstask\[subtitles\]'"):
        read_narration(write(f"a.{name}", FORMATS[name].example))


@pytest.mark.parametrize("module", [gzip, bz2, lzma])
def test_compressed(write, name, module):
    suffix = {gzip: "gz", bz2: "bz2", lzma: "xz"}[module]
    content = module.compress(FORMATS[name].example.encode())
    path = write(f"v1.{name}.{suffix}", content)
    assert read_narrations(path)["v1"].words == ("pour", "milk", "stir")
    with pytest.raises(ValueError, match="cannot be unpacked"):
        read_narration(write(f"cut.{name}.{suffix}", content[:-9]))


FILES = [
    *((name, kind.example) for name, kind in FORMATS.items()),
    *RICH.items(),
    *(("json", text) for text in RICH_JSON),
]


def _read_or_refuse(path):
    """Any file gives a narration, or a short error that names it."""
    try:
        speech = read_narration(path)
    except ValueError as error:
        message = str(error)
    else:
        message = str(path)
        assert (np.diff(speech.times[:, 0]) >= 0).all()
    assert message.startswith(str(path))
    assert len(message) <= 300


@pytest.mark.filterwarnings("ignore:.*strict=True refuses it")
@hastily
@given(st.sampled_from(FILES), damage)
def test_damaged_files_are_read_or_refused_by_name(write, file, damage):
    pytest.importorskip("webvtt")
    kind, text = file
    for place, n, bit in damage:
        start = int(place * len(text))
        text = text[:start] + bit + text[start + n :]
    _read_or_refuse(write(f"a.{kind}", text))


@pytest.mark.filterwarnings("ignore:.*strict=True refuses it")
@hastily
@given(
    content=st.one_of(st.binary(), st.text().map(lambda x: x.encode(errors="replace")))
)
def test_any_bytes_are_read_or_refused_by_name(write, name, content):
    _read_or_refuse(write(f"a.{name}", content))


@pytest.mark.parametrize(
    "times", ["00:00:01,000 --> -100:02,000", "-100:02,000 --> 00:00:03,000"]
)
def test_a_hundred_minutes_below_zero_are_named_with_their_line(tmp_path, times):
    path = tmp_path / "a.srt"
    path.write_text(f"1\n{times}\nhello\n", "utf-8")
    with pytest.raises(ValueError, match=r"a\.srt, line 2: "):
        read_narration(path, strict=True)


@pytest.mark.filterwarnings("ignore:.*strict=True refuses it")
@hastily
@given(places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), bits), max_size=4))
def test_each_example_may_be_damaged(write, name, places):
    text = FORMATS[name].example
    for place, n, bit in places:
        start = int(place * len(text))
        text = text[:start] + bit + text[start + n :]
    _read_or_refuse(write(f"a.{name}", text))
