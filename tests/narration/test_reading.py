"""Subtitles and transcripts as words with times."""

import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skcrosstask.narration import read_narration, read_narrations
from skcrosstask.narration._reading import clean

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


@pytest.fixture
def _library():
    pytest.importorskip("webvtt")


@pytest.mark.usefixtures("_library")
def test_rolling_captions_are_read_once_at_the_times_of_their_words(write):
    speech = read_narration(write("a.vtt", ROLLING))
    assert speech.words == ("hello", "all", "now", "grind", "coffee", "&", "salt")
    np.testing.assert_allclose(
        speech.times,
        [[0, 0.48], [0.48, 1.2], [1.2, 2.79], [2.8, 3.2], [3.2, 4], [4, 4.2], [4.2, 5]],
    )


@pytest.mark.usefixtures("_library")
def test_automatic_captions_as_youtube_writes_them(write):
    """Three captions a line: spoken, at rest for 10 ms, pushed up by the next."""
    lines = [
        (12.0, "so", [(12.4, "today"), (12.8, "we're"), (13.2, "making")]),
        (14.5, "a", [(14.6, "latte"), (15.3, "first")]),
        (17.0, "[Music]", []),
        (24.0, "grind", [(24.5, "the"), (24.7, "beans")]),
        (26.0, "grind", [(26.5, "the"), (26.7, "beans")]),
    ]

    def clock(seconds):
        return f"{int(seconds) // 3600:02d}:00:{seconds % 60:06.3f}"

    blocks, above = ["WEBVTT\nKind: captions\nLanguage: en\n"], " "
    starts = [start for start, *_ in lines] + [29.0]
    for (start, first, rest), following in zip(lines, starts[1:], strict=True):
        spoken = first + "".join(f"<{clock(t)}><c> {word}</c>" for t, word in rest)
        shown = " ".join([first, *(word for _, word in rest)])
        place = " align:start position:0%"
        blocks += [
            f"{clock(start)} --> {clock(following - 0.01)}{place}\n{above}\n{spoken}\n",
            f"{clock(following - 0.01)} --> {clock(following)}{place}\n{shown}\n \n",
        ]
        above = shown
    speech = read_narration(write("a.en.vtt", "\n".join(blocks)))
    said = "so today we're making a latte first grind the beans grind the beans"
    assert " ".join(speech.words) == said
    spoken_at = [12, 12.4, 12.8, 13.2, 14.5, 14.6, 15.3, 24, 24.5, 24.7, 26, 26.5, 26.7]
    np.testing.assert_allclose(speech.times[:, 0], spoken_at)
    ends = [*spoken_at[1:4], 14.49, *spoken_at[5:7], 16.99, *spoken_at[8:10], 25.99]
    np.testing.assert_allclose(speech.times[:10, 1], ends[:10])
    assert speech.times[-1, 1] == pytest.approx(28.99)


@pytest.mark.usefixtures("_library")
def test_older_automatic_captions_with_colours(write):
    text = (
        "WEBVTT\nKind: captions\n\nSTYLE\n::cue(c.colorE5E5E5) { color: white }\n\n"
        "00:01.000 --> 00:03.000 align:start\n"
        "pour<c.colorE5E5E5><00:00:01.500><c> the</c></c><00:00:02.000><c> milk</c>\n"
    )
    speech = read_narration(write("a.vtt", text))
    assert speech.words == ("pour", "the", "milk")
    assert speech.times.tolist() == [[1, 1.5], [1.5, 2], [2, 3]]


@pytest.mark.usefixtures("_library")
def test_subtitles_out_of_order_overlapping_and_hours_long(write):
    times = [
        ("99:59:58,000", "100:00:01,500"),
        ("00:00:05,000", "00:00:09,000"),
        ("00:00:01,000", "00:00:08,000"),
        ("00:00:05,000", "00:00:05,000"),
    ]
    text = "".join(
        f"{i}\n{a} --> {b}\n{word}\n\n"
        for i, ((a, b), word) in enumerate(zip(times, "dbac", strict=True))
    )
    speech = read_narration(write("a.srt", text))
    assert speech.words == ("a", "b", "c", "d")
    edges = [[1, 5], [5, 7], [7, 9], [359998, 360001.5]]
    assert speech.times.tolist() == edges


@pytest.mark.usefixtures("_library")
def test_word_times_that_make_no_sense_do_no_harm(write):
    text = (
        "WEBVTT\n\n00:10.000 --> 00:20.000\n"
        "a<00:00:30.000> b<00:00:05.000> c <1:2:3:4> <3>\n"
    )
    speech = read_narration(write("a.vtt", text))
    assert sorted(speech.words) == ["a", "b", "c"]


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["a.srt", "a.vtt"])
def test_subtitles_in_any_encoding_with_any_line_end(write, name, newline, encoding):
    words = ("牛奶倒入", "küßt", "أضف", "الحليب", "दूध")
    text = f"1 \n00:00:01,000 --> 00:00:09,000\n{' '.join(words[:3])}\n"
    text += f"{' '.join(words[3:])}\n\n"
    if name == "a.vtt":
        text = "WEBVTT\n\n" + text.replace(",", ".")
    content = text.replace("\n", newline).encode(encoding)
    assert read_narration(write(name, content)).words == words


@pytest.mark.usefixtures("_library")
def test_rolling_lines_without_word_times(write):
    blocks = [("a b", ""), ("a b", "c d"), ("c d", "e f")]
    text = "\n".join(
        f"{i + 1}\n00:00:0{i},000 --> 00:00:0{i + 1},500\n{up}\n{low}\n"
        for i, (up, low) in enumerate(blocks)
    )
    speech = read_narration(write("a.srt", text))
    assert " ".join(speech.words) == "a b c d e f"
    np.testing.assert_allclose(speech.times[::2, 0], [0, 1, 2])


@pytest.mark.usefixtures("_library")
def test_a_line_said_again_later_is_kept(write):
    said = ["stir", "stir", "pour", "wait", "cut", "mix", "fry", "eat"]
    text = "".join(
        f"{i + 1}\n00:00:{i:02d},000 --> 00:00:{i + 1:02d},000\n{word}\n\n"
        for i, word in enumerate(said)
    )
    assert read_narration(write("a.srt", text)).words == tuple(said)


@pytest.mark.usefixtures("_library")
def test_srt(write):
    speech = read_narration(write("a.srt", SRT.replace("\n", "\r\n")))
    assert speech.words == ("Pour", "the", "milk", "Stir!")
    shares = 1 + 2 * np.array([0, 4, 7, 11]) / 11
    np.testing.assert_allclose(speech.times[:3, 0], shares[:3])
    np.testing.assert_allclose(speech.times[:3, 1], shares[1:])
    assert speech.times[3].tolist() == [4, 5]


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.srt", SRT.replace("00:00:05,000", "00:00:0x"), "a.srt, line 7: no times"),
        ("a.srt", SRT.replace("00:00:05", "00:00:03"), "line 7: ends before it start"),
        ("a.srt", "\npour milk\n", "line 2: no line with -->"),
        (
            "a.srt",
            "00:00:01,000 --> 00:00:02,000\nhi\n",
            "line 1: a number was expected",
        ),
        ("a.vtt", SRT, "line 1: WEBVTT was expected"),
        ("a.vtt", "WEBVTT\n\n00:01 --> 00:02\nhi\n", "line 3: no times"),
        ("a.srt", "\n\nx\n00:00:01,000 --> 00:00:02,000\na\n", "line 3: a number was"),
        ("a.srt", SRT.replace("2\n", "two\n"), "line 7: its text cannot be read"),
        ("a.srt", SRT.replace("2\n", ""), "line 6: its text cannot be read"),
        ("a.srt", SRT.replace("00:00:04", "00:75:04"), "line 7: no times"),
        ("a.srt", SRT.replace("00:00:04", "9" * 20 + ":00:04"), "line 7: no times"),
        ("a.vtt", "WEBVTT\n\n12345678901:00:01.000 --> 00:02.000\na\n", "line 3: no t"),
        ("a.vtt", "WEBVTT\n\nNOTE nothing\n", "no text with a time"),
        ("a.vtt", "", "the file is empty"),
        ("a.vtt", "\ufeff \n", "the file is empty"),
    ],
)
def test_broken_subtitles(write, name, content, message):
    with pytest.raises(ValueError, match=message):
        read_narration(write(name, content))


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize(
    "broken",
    [
        "00:00:04.000 -> 00:00:05.000",
        "00:00:04.000 –> 00:00:05.000 align:start position:0%",
        "00:00:04.000 → 00:00:05.000",
        "00:00:04.000 --&gt; 00:00:05.000",
        "00:00:04.000 00:00:05.000",
        "00:00:04 -- 00:00:05",
        "0:04 -> 0:05",
        "00:00:04.0",
        "00:04.000 -",
    ],
)
@pytest.mark.parametrize("name", ["a.vtt", "a.srt"])
def test_a_broken_time_line_between_good_ones(write, name, broken):
    text = (
        f"1\n00:00:01.000 --> 00:00:02.000\na\n\n2\n{broken}\nb\n\n"
        "3\n00:00:06.000 --> 00:00:07.000\nc\n"
    )
    line = 6
    if name == "a.vtt":
        text, line = "WEBVTT\n\n" + text, 8
    else:
        text = text.replace(".", ",")
    with pytest.raises(ValueError, match=f"{name}, line {line}: times joined by -->"):
        read_narration(write(name, text))


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize(
    "said",
    [
        "at 10:30 we start",
        "10:30",
        "1:30 - 2:15",
        "John 3:16, 3:17",
        "it took 00:00:05.100 -> 00:00:06.000",
        "5:30.",
    ],
)
def test_times_may_be_said(write, said):
    text = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{said}\n"
    assert " ".join(read_narration(write("a.vtt", text)).words) == said
    text = f"1\n00:00:01,000 --> 00:00:02,000\n{said}\n"
    assert " ".join(read_narration(write("a.srt", text)).words) == said


@pytest.mark.usefixtures("_library")
def test_times_in_comments_say_nothing(write):
    text = "WEBVTT\n\nNOTE\n00:03.000 -> 00:04.000\n\n00:01.000 --> 00:02.000\nhi\n"
    assert read_narration(write("a.vtt", text)).words == ("hi",)


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n00:00:05,0", 6),
        ("a.srt", "1\n00:00:01,000 -> 00:00:02,000\na\n", 2),
        ("a.vtt", "WEBVTT\n\n00:01.000 -> 00:02.000\na\n", 3),
    ],
)
def test_cut_off_or_broken_at_once(write, name, content, line):
    with pytest.raises(ValueError, match=f"{name}, line {line}: times joined by -->"):
        read_narration(write(name, content))


@pytest.mark.usefixtures("_library")
@pytest.mark.parametrize("cut", ["00:", "00:00:05", "00:00:05,", "0:0"])
def test_cut_off_within_a_time(write, cut):
    text = f"1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n{cut}\n\n"
    with pytest.raises(ValueError, match=r"a\.srt, line 6: "):
        read_narration(write("a.srt", text))
    text = f"WEBVTT\n\n00:01.000 --> 00:02.000\na\n\n{cut.replace(',', '.')}"
    with pytest.raises(ValueError, match=r"a\.vtt, line 6: "):
        read_narration(write("a.vtt", text))
    text = f"1\n00:00:01,000 --> 00:00:02,000\na\n\nb\n{cut.strip(',')}\n"
    assert len(read_narration(write("b.srt", text)).words) == 3


def test_the_extra_is_named_if_it_is_missing(write, monkeypatch):
    monkeypatch.setitem(sys.modules, "webvtt", None)
    with pytest.raises(ImportError, match=r"pip install 'skcrosstask\[subtitles\]'"):
        read_narration(write("a.srt", SRT))


def test_tables_in_any_layout_say_the_same(write):
    tables = {
        "a.csv": 'start,end,text\n1,2,"pour, now"\n3,4.5,stir\n',
        "b.csv": '1,2,"pour, now"\n3,4.5,stir\n',
        "c.tsv": "text\tbegin\tduration\npour, now\t0:00:01\t1\nstir\t00:03\t1.5\n",
        "d.tsv": "start_ms\tend_ms\ttext\n1000\t2000\tpour, now\n3000\t4500\tstir\n",
        "e.json": '[[1, 2, "pour, now"], {"start": 3, "end": 4.5, "text": "stir"}]',
        "f.json": '[{"text":"pour, now","start":"1","duration":1}, [3,4.5,"stir"]]',
    }
    for name, table in tables.items():
        speech = read_narration(write(name, table))
        assert speech.words == ("pour,", "now", "stir"), name
        edges = [[1, 1.625], [1.625, 2], [3, 4.5]]
        np.testing.assert_allclose(speech.times, edges, err_msg=name)


def test_missing_ends_and_disorder(write):
    speech = read_narration(write("a.csv", "start,text\n9,c d\n4,bb\n1,a\n4,b\n"))
    assert speech.words == ("a", "bb", "b", "c", "d")
    np.testing.assert_allclose(
        speech.times, [[1, 4], [4, 4 + 10 / 3], [4 + 10 / 3, 9], [9, 9.4], [9.4, 9.8]]
    )


def test_overlapping_texts_end_as_the_next_starts(write):
    speech = read_narration(write("a.csv", "0,9,a\n2,3,b\n"))
    assert speech.times.tolist() == [[0, 2], [2, 3]]


def test_text_of_other_languages_and_encodings_stays_as_it_is(write):
    rows = "start,text\n1,Die Häufchen – küßt\n2,牛奶 倒入 (加糖)\n3,أضف الحليب\n"
    words = ("Die", "Häufchen", "–", "küßt", "牛奶", "倒入", "(加糖)", "أضف", "الحليب")
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert read_narration(write("a.csv", rows.encode(encoding))).words == words
    latin = write("b.csv", "start,text\n1,küßt\n".encode("latin-1"))
    assert read_narration(latin, encoding="latin-1").words == ("küßt",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[Music]", ""),
        ("(applause)", ""),
        ("- (laughs)\nso", "so"),
        ("♪ la la ♪", "la la"),
        (">> add salt", "add salt"),
        (">> MARY ANN: add salt", "add salt"),
        ("DR. NO2: add", "add"),
        ("<v Bob>add</v> &lt;b&gt;", "add <b>"),
        ("{\\an8}add <b>salt</b>", "add salt"),
        ("heat (to 180) [Music] now", "heat (to 180) now"),
        ("5 < 6 and 7 > 3", "5 < 6 and 7 > 3"),
        ("I: add", "I: add"),
        ("Step 1: add -- salt", "Step 1: add -- salt"),
        ("\u200bpour\u200bmilk\ufeff", "pour milk"),
        ("\u202bأضف\u202c الحليب&rlm;", "أضف الحليب"),
        ("می\u200cریزم", "می\u200cریزم"),
        ("but\u00adter &nbsp;", "butter"),
    ],
)
def test_clean(text, words):
    assert clean(text) == words


@pytest.mark.parametrize("read", [read_narration, read_narrations])
def test_no_file_at_all(tmp_path, read):
    with pytest.raises(FileNotFoundError, match="gone: there is no such file or fold"):
        read(tmp_path / "gone")
    with pytest.raises(FileNotFoundError, match=r"gone\.vtt: there is no such file"):
        read(tmp_path / "gone.vtt")
    with pytest.raises(IsADirectoryError, match="is a folder; one file was expected"):
        read(tmp_path)


def test_an_encoding_that_there_is_not(write):
    with pytest.raises(ValueError, match="encoding 'klingon' is unknown"):
        read_narration(write("a.csv", "1,a\n"), encoding="klingon")


BROKEN = {
    "vtt": ROLLING,
    "srt": SRT,
    "csv": 'video,start,end,text\nv,1,2,"a, b"\nv,3,4,c\n',
    "tsv": "start\tduration\ttext\n1\t2\tx\n",
    "json": '{"segments": [{"start": 0, "end": 2.5, "text": " a b", "words": '
    '[{"word": " a", "start": 0.1, "end": 1}, {"word": " b", "start": 1, "end": 2}]}]}',
}
BITS = [
    "", "-->", "00:", "9" * 20, "\n", " ", "<", "<00:00:09.000>", "\ufeff", "\u2028",
    "\x00", "NaN", "1e999", '"', "{", "}", "-1", "WEBVTT", "NOTE", "²", ",", "null",
]  # fmt: skip
BROKEN_JSON = [
    BROKEN["json"],
    '{"events": [{"tStartMs": 5, "dDurationMs": 99, "segs": [{"utf8": "a"}, '
    '{"utf8": " b", "tOffsetMs": 40}]}]}',
    '{"chunks": [{"timestamp": [0.5, 2], "text": " a b"}]}',
    '{"transcription": [{"offsets": {"from": 5, "to": 90}, "text": " a b"}]}',
]
damage = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 20), st.sampled_from(BITS)), max_size=4
)


@pytest.mark.usefixtures("_library")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([*BROKEN.items(), *(("json", x) for x in BROKEN_JSON)]), damage)
def test_damaged_files_are_read_or_refused_by_name(write, file, damage):
    kind, text = file
    for place, n, bit in damage:
        start = int(place * len(text))
        text = text[:start] + bit + text[start + n :]
    path = write(f"a.{kind}", text)
    try:
        speech = read_narration(path)
    except ValueError as error:
        message = str(error)
    else:
        message = str(path)
        assert (np.diff(speech.times[:, 0]) >= 0).all()
    assert message.startswith(str(path))


def test_sounds_alone_are_a_narration_without_words(write):
    assert read_narration(write("a.csv", "start,text\n1,[Music]\n")).words == ()


def test_youcook2(data_dir):
    speeches = read_narrations(data_dir / "youcook2_narrations" / "narrations.csv")
    assert len(speeches) == 205
    speech = speeches["-CP9gKR9GR4"]
    assert speech.words[:5] == ("the", "next", "morning.", "so", "we")
    assert speech.times[:4:3, 0].tolist() == [12.9, 13.7]
