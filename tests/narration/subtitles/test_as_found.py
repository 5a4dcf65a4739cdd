"""Subtitles as people have them: the words, and their times, of each kind."""

import json

import numpy as np
import pytest

from skcrosstask.narration import read_narration, read_narrations
from skcrosstask.narration.subtitles import _json_columns

pytest.importorskip("webvtt")
pytest.importorskip("pysubs2")

SRT = "1\n00:00:01,000 --> 00:00:02,000\na b\n\n2\n00:00:03,000 --> 00:00:04,000\nc d\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\na b\n\n00:03.000 --> 00:04.000\nc d\n"
# What the files below say, unless they are given with words and times of their own.
ABCD = ("a b c d", [[1, 1.5], [1.5, 2], [3, 3.5], [3.5, 4]])

CUTS = {"word": "cups", "start": 3, "end": 4}
WHISPERX = [{"word": "add", "start": 1, "end": 2}, {"word": "20"}, {"word": "or"}, CUTS]
HOWTO100M = {"start": [1, 3], "end": [4, 5], "text": ["a b", "c d"]}
ROWS = [[1, 4, "grind the beans"], [3, 6, "grind the beans pour water"], [5, 6, "stir"]]
TTML = (
    '<tt xmlns="http://www.w3.org/{}" xmlns:ttp="http://www.w3.org/ns/ttml#parameter" '
    "{}><body><div>{}</div></body></tt>"
)
SRV3 = (
    '<?xml version="1.0" encoding="utf-8" ?><timedtext format="3"><head/><body>'
    '<w t="0" id="1"/><p t="1000" d="5000" w="1"><s ac="0">a</s><s t="500"> b</s></p>'
    '<p t="1990" d="10" w="1" a="1">\n</p><p t="2000" d="900">[Music]</p>'
    '<p t="3000" d="1000" w="1">c<br/>d</p></body></timedtext>'
)
EVENTS = (
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, "
    "Effect, Text\n"
    "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\k20}a\\N{\\i1}b\n"
    "Comment: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,not said\n"
    "Dialogue: 1,0:00:03.00,0:00:04.00,Default,,0,0,0,,c d\n"
    "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,c d\n"
)
SUBVIEWER = (
    "[INFORMATION]\n[TITLE]latte\n[END INFORMATION]\n[SUBTITLE]\n"
    "00:00:01.00,00:00:02.00\na[br]b\n\n00:00:03.00,00:00:04.00\nc d\n"
)
LONG_GRID = (
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = 8\n'
    "tiers? <exists>\nsize = 2\nitem []:\n    item [1]:\n"
    '        class = "IntervalTier"\n'
    '        name = "phones"\n        xmin = 0\n        xmax = 8\n'
    "        intervals: size = 1\n        intervals [1]:\n            xmin = 0\n"
    '            xmax = 8\n            text = "AH0"\n    item [2]:\n'
    '        class = "IntervalTier"\n        name = "words"\n        xmin = 0\n'
    "        xmax = 8\n        intervals: size = 3\n        intervals [1]:\n"
    '            xmin = 1.0\n            xmax = 2\n            text = "a b"\n'
    "        intervals [2]:\n            xmin = 2\n            xmax = 3\n"
    '            text = "sp"\n        intervals [3]:\n            xmin = 3\n'
    '            xmax = 4\n            text = "c ""d"""\n'
)
SHORT_GRID = (
    'File type = "ooTextFile short"\n"TextGrid"\n\n0\n8\n<exists>\n1\n"IntervalTier"\n'
    '"Mary"\n0\n8\n2\n1\n2\n"a b"\n3\n4\n"c d"\n'
).replace("ooTextFile short", "ooTextFile")

# Name of the file, content, words, times.
WHOLE = [
    ("a.srt", SRT, *ABCD),
    (
        "hours.srt",
        SRT.replace("00:00:0", "100:00:0"),
        "a b c d",
        [
            [360001, 360001.5],
            [360001.5, 360002],
            [360003, 360003.5],
            [360003.5, 360004],
        ],
    ),
    (
        "late.vtt",
        VTT.replace(" 00:0", " 123:00:0").replace("\n00:0", "\n123:00:0"),
        "a b c d",
        [
            [442801, 442801.5],
            [442801.5, 442802],
            [442803, 442803.5],
            [442803.5, 442804],
        ],
    ),
    ("dots.srt", SRT.replace(",", "."), *ABCD),
    ("twice.vtt", VTT + "\n00:03.000 --> 00:04.000\nc d\n", *ABCD),
    ("longer.vtt", VTT + "\n00:03.000 --> 00:03.500\nc  d\n", *ABCD),
    (
        "marked.vtt",
        VTT.replace("a b", "<v Bob><i>a</i> &#98;").replace(
            "c d", "♪ c ♪\n- MARY: d\n[Music]"
        ),
        *ABCD,
    ),
    ("utf16.srt", SRT.encode("utf-16"), *ABCD),
    ("markless.srt", SRT.encode("utf-16-le"), *ABCD),
    ("markless.vtt", VTT.encode("utf-16-be"), *ABCD),
    (
        "whisperx.json",
        json.dumps(
            {
                "segments": [
                    {"start": 1, "end": 9, "text": "add 20 or cups", "words": WHISPERX},
                ]
            }
        ),
        "add 20 or cups",
        [[1, 2], [2, 2.5], [2.5, 3], [3, 4]],
    ),
    (
        "edges.json",
        json.dumps(
            {
                "segments": [
                    {
                        "start": 1,
                        "end": 9,
                        "text": "2 of 3",
                        "words": [
                            {"word": "2"},
                            {"word": "of", "start": 3, "end": 4},
                            {"word": "3"},
                        ],
                    },
                ]
            }
        ),
        "2 of 3",
        [[1, 3], [3, 4], [4, 9]],
    ),
    (
        "crowded.json",
        json.dumps(
            {
                "segments": [
                    {
                        "start": 1,
                        "end": 4,
                        "text": "2 of 3",
                        "words": [
                            {"word": "at", "start": 1, "end": 3},
                            {"word": "3"},
                            {"word": "pm", "start": 3, "end": 4},
                        ],
                    },
                ]
            }
        ),
        "at 3 pm",
        [[1, 2.999], [2.999, 3], [3, 4]],
    ),
    (
        "youcook.json",
        json.dumps({"youcook": HOWTO100M}),
        "a b c d",
        [[1, 2], [2, 3], [3, 4], [4, 5]],
    ),
    (
        "rolling.json",
        json.dumps(ROWS),
        "grind the beans pour water stir",
        [[1, 1.769], [1.769, 2.231], [2.231, 3], [3, 3.889], [3.889, 5], [5, 6]],
    ),
    ("copies.csv", "1,2,a b\n1,2,a b\n3,4,c d\n3,4,c d\n", *ABCD),
    ("a.srv3", SRV3, *ABCD),
    (
        "a.en.srv2",
        '<timedtext><window id="1"/><text t="1000" d="1000" w="1">a b</text>'
        '<text t="3000" d="1000">c d</text></timedtext>',
        *ABCD,
    ),
    (
        "a.srv1",
        '<transcript><text start="1" dur="1">a &amp;#98;</text>'
        '<text start="3" dur="1.0">c d</text></transcript>',
        *ABCD,
    ),
    ("a.xml", SRV3, *ABCD),
    (
        "clock.ttml",
        TTML.format(
            "ns/ttml",
            "",
            '<p begin="00:00:01.000" end="00:00:02">a'
            '<br/>b</p><p begin="3s" dur="1000ms"><span>c</span> d</p>',
        ),
        *ABCD,
    ),
    (
        "ticks.dfxp",
        TTML.format(
            "2006/10/ttaf1",
            'ttp:tickRate="100"',
            '<p begin="100t" end="200t">a b</p><p begin="300t" end="400t">c d</p>',
        ),
        *ABCD,
    ),
    (
        "frames.ttml",
        TTML.format(
            "ns/ttml",
            'ttp:frameRate="25"',
            '<p begin="25f" '
            'end="00:00:02:00">a b</p><p begin="00:00:03:00" end="100f">c d</p>',
        ),
        *ABCD,
    ),
    (
        "words.xml",
        TTML.format(
            "ns/ttml",
            "",
            '<p begin="1s" end="2s"><span begin="0s">a'
            '</span> <span begin="0.5s">b</span></p><p begin="3s" end="4s">c d</p>',
        ),
        *ABCD,
    ),
    ("a.ass", EVENTS, *ABCD),
    ("a.ssa", EVENTS.replace("Layer", "Marked").replace(": 0,", ": Marked=0,"), *ABCD),
    ("frames.sub", "{1}{1}25\n{25}{50}{y:i}a|b\n{75}{100}c d\n", *ABCD),
    ("subviewer.sub", SUBVIEWER, *ABCD),
    ("a.sbv", SUBVIEWER[SUBVIEWER.index("00:") :].replace("[br]", "\n"), *ABCD),
    (
        "a.smi",
        "<SAMI><BODY><SYNC Start=1000><P Class=EN>a<br>b<SYNC Start=2000><P>&nbsp;"
        "<SYNC Start=3000><P>c d<SYNC Start=4000><P>&nbsp;</BODY></SAMI>",
        *ABCD,
    ),
    (
        "a.lrc",
        "[ar:x]\n[offset:500]\n[00:01.50]a b\n[00:02.50]\n[00:03.50]<00:03.50>c "
        "<00:04.00>d <00:04.50>\n",
        *ABCD,
    ),
    (
        "again.lrc",
        "[00:01.00][00:03.00]a b\n[00:02.00][00:04.00]\n",
        "a b a b",
        ABCD[1],
    ),
    (
        "long.TextGrid",
        LONG_GRID,
        'a b c "d"',
        [[1, 1.5], [1.5, 2], [3, 3.25], [3.25, 4]],
    ),
    ("short.TextGrid", SHORT_GRID, *ABCD),
    ("utf16.TextGrid", SHORT_GRID.encode("utf-16"), *ABCD),
]

# Besides, where the flaw is and what it is called.
BROKEN = [
    (
        "a.srt",
        SRT.replace("a b", "a --> b"),
        "line 3: --> within a text",
        "a --> b c d",
        [[1, 1.2], [1.2, 1.8], [1.8, 2], *ABCD[1][2:]],
    ),
    (
        "a.vtt",
        VTT.replace("a b", "a --> b"),
        "line 4: --> within a text",
        "a --> b c d",
        [[1, 1.2], [1.2, 1.8], [1.8, 2], *ABCD[1][2:]],
    ),
    ("a.srt", SRT.replace("\n\n2\n", "\n"), "line 4: an empty line and", *ABCD),
    ("a.srt", SRT.replace("\n\n2\n", "\n2\n"), "line 5: an empty line and", *ABCD),
    ("a.srt", SRT.replace("1\n", "", 1), "line 1: an empty line and", *ABCD),
    ("a.srt", SRT.replace("\n2\n", "\ntwo\n"), "line 6: an empty line and", *ABCD),
    ("a.vtt", VTT.replace("\n\n00:03", "\n00:03"), "line 5: an empty line", *ABCD),
    ("a.vtt", VTT.replace("\n\n00:03", "\n2\n00:03"), "line 6: an empty line", *ABCD),
    ("a.vtt", VTT.replace("\n\n", "\n", 1), "line 2: an empty line", *ABCD),
    ("a.srt", SRT.replace("00:00:0", "0:0"), "line 2: times unlike", *ABCD),
    ("a.srt", SRT.replace(",000", ""), "line 2: times unlike", *ABCD),
    ("a.vtt", VTT.replace(".000", ",000"), "line 3: times unlike", *ABCD),
    ("a.srt", SRT.replace(" --> ", " -> "), "line 2: times joined by -->", *ABCD),
    ("a.vtt", VTT.replace(" --> ", " → "), "line 3: times joined by -->", *ABCD),
    (
        "a.srt",
        SRT.replace("00:00:02", "00:00:00"),
        "line 2: ends before it starts",
        "a b c d",
        [[1, 2], [2, 3], *ABCD[1][2:]],
    ),
    (
        "a.srt",
        SRT.replace("00:00:01,", "-00:00:01,"),
        "line 2: starts before 0",
        "a b c d",
        [[0, 1], [1, 2], *ABCD[1][2:]],
    ),
    (
        "a.srt",
        SRT.replace("00:00:03,000", "00:00:0x"),
        "line 6: no times in '00:00:0x -",
        "a b",
        ABCD[1][:2],
    ),
    ("a.srt", SRT + "\n3\n00:00:05,0", "line 10: times joined by -->", *ABCD),
    (
        "a.srt",
        SRT.replace("a", "é").encode("cp1252"),
        "line 3: not utf-8",
        "é b c d",
        ABCD[1],
    ),
    ("a.ass", EVENTS + "Dialogue: 0,bad\n", "line 7: no times and text", *ABCD),
    (
        "a.sbv",
        "0:00:01.0,0:00:02.0\na b\n\n0:00:03.0,0:00:\n\n0:00:03.0,0:00:04.0\nc d",
        "line 4: start,end was expected",
        *ABCD,
    ),
    (
        "a.lrc",
        "[00:01.00]a b\n[00:02.00]\n[00:x]y\n[00:03.00]c d\n[00:04.00]",
        "line 3: [mm:ss.ff] was expected",
        *ABCD,
    ),
]


@pytest.mark.parametrize(
    ("name", "content", "words", "times"), WHOLE, ids=[row[0] for row in WHOLE]
)
def test_words_and_times(write, name, content, words, times):
    speech = read_narration(write(name, content), strict=True)
    assert " ".join(speech.words) == words
    np.testing.assert_allclose(speech.times, times, atol=1e-3)


@pytest.mark.parametrize(("name", "content", "flaw", "words", "times"), BROKEN)
def test_what_is_broken_is_mended_with_a_warning(
    write, name, content, flaw, words, times
):
    path = write(name, content)
    with pytest.warns(UserWarning, match="strict=True refuses") as warned:
        speech = read_narration(path)
    assert str(warned[0].message).startswith(f"{path}, {flaw}")
    assert len(warned) == 1
    assert " ".join(speech.words) == words
    np.testing.assert_allclose(speech.times, times, atol=1e-3)
    with pytest.raises(ValueError, match=r".") as refused:
        read_narration(path, strict=True)
    assert str(refused.value).startswith(f"{path}, {flaw}")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.sub", "{25}{50}a\n", "frames without a rate; write {1}{1}25"),
        ("a.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><tt/>", "line 1: document types are"),
        ("a.srv3", "<timedtext>\n<p>", "line 2: not XML"),
        ("a.srv3", '<timedtext><p d="1">a</p></timedtext>', "p 0: tStartMs is missing"),
        (
            "a.srv1",
            '<transcript><text start="x">a</text></transcript>',
            "text 0: start",
        ),
        ("a.ttml", "<html/>", "tt, transcript, timedtext was expected, got 'html'"),
        ("a.ttml", TTML.format("x", "", '<p begin="soon">a</p>'), "p 0: 'soon' is not"),
        ("a.ttml", TTML.format("x", 'ttp:frameRate="0"', ""), "frameRate or tickRate"),
        ("a.lrc", "[offset:soon]\n[00:01.00]a", "line 1: offset must be milliseconds"),
        ("a.sbv", "a\n0:00:01.0,0:00:02.0\nb", "line 1: start,end was expected"),
        ("a.TextGrid", SHORT_GRID[:-12], "the file is cut short"),
        ("a.TextGrid", SHORT_GRID.replace("Interval", "Some"), "line 8: a tier was"),
        ("a.TextGrid", SHORT_GRID.replace("\n2\n1\n", "\n2.5\n1\n"), "a count was"),
        (
            "a.json",
            '{"v": {"start": [1], "end": [2], "text": []}}',
            "video 'v': start, ",
        ),
        ("a.csv.gz", "start,text\n1,a\n", "cannot be unpacked as gz"),
        ("a.csv.bz2", "start,text\n1,a\n", "cannot be unpacked as bz2"),
        ("a.csv.xz", "start,text\n1,a\n", "cannot be unpacked as xz"),
    ],
)
def test_what_cannot_be_mended(write, name, content, message):
    path = write(name, content)
    with pytest.raises(ValueError, match=r".") as refused:
        read_narration(path)
    assert str(refused.value).startswith(str(path))
    assert message in str(refused.value)


def test_howto100m(write):
    videos = {"v1": HOWTO100M, "v2": {**HOWTO100M, "text": [float("nan"), "e"]}}
    path = write("raw_caption.json", json.dumps(videos))
    speeches = read_narrations(path)
    assert {name: said.words for name, said in speeches.items()} == {
        "v1": ("a", "b", "c", "d"),
        "v2": ("e",),
    }
    assert speeches["v1"].times.tolist() == [[1, 2], [2, 3], [3, 4], [4, 5]]
    with pytest.raises(ValueError, match="holds 2 videos"):
        read_narration(path)
    assert list(read_narrations(path, videos={"v2", "v3"})) == ["v2"]
    assert read_narrations(path, videos={"v3"}) == {}
    for n in (20, 60, 90):
        cut = write("cut.json", path.read_bytes()[:n])
        with pytest.raises(ValueError, match=r"cut\.json"):
            read_narrations(cut)


def test_howto100m_in_pieces(write, monkeypatch):
    """Names and texts may be cut anywhere by what is read at once."""
    monkeypatch.setattr(_json_columns, "_CHUNK", 3)
    videos = {f'v"{{}}{i}': HOWTO100M for i in range(4)}
    path = write("raw.json", json.dumps(videos, indent=1).encode("utf-16"))
    speeches = read_narrations(path)
    assert list(speeches) == list(videos)
    assert {speech.words for speech in speeches.values()} == {("a", "b", "c", "d")}


def test_words_said_twice_are_no_copies(write):
    rows = "1,3,stir\n2,4,stir\n3,5,stir it\n4,6,now\n5,7,pour\n6,8,mix\n"
    said = read_narration(write("a.csv", rows)).words
    assert said == ("stir", "stir", "stir", "it", "now", "pour", "mix")
