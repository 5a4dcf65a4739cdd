"""WebVTT and SRT, as YouTube and others write them."""

import numpy as np
import pytest

from skcrosstask.narration import read_narration

pytest.importorskip("webvtt")

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


def test_rolling_captions_are_read_once_at_the_times_of_their_words(write):
    speech = read_narration(write("a.vtt", ROLLING))
    assert speech.words == ("hello", "all", "now", "grind", "coffee", "&", "salt")
    np.testing.assert_allclose(
        speech.times,
        [[0, 0.48], [0.48, 1.2], [1.2, 2.79], [2.8, 3.2], [3.2, 4], [4, 4.2], [4.2, 5]],
    )


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


def test_older_automatic_captions_with_colours(write):
    text = (
        "WEBVTT\nKind: captions\n\nSTYLE\n::cue(c.colorE5E5E5) { color: white }\n\n"
        "00:01.000 --> 00:03.000 align:start\n"
        "pour<c.colorE5E5E5><00:00:01.500><c> the</c></c><00:00:02.000><c> milk</c>\n"
    )
    speech = read_narration(write("a.vtt", text))
    assert speech.words == ("pour", "the", "milk")
    assert speech.times.tolist() == [[1, 1.5], [1.5, 2], [2, 3]]


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


def test_word_times_that_make_no_sense_do_no_harm(write):
    text = (
        "WEBVTT\n\n00:10.000 --> 00:20.000\n"
        "a<00:00:30.000> b<00:00:05.000> c <1:2:3:4> <3>\n"
    )
    speech = read_narration(write("a.vtt", text))
    assert sorted(speech.words) == ["a", "b", "c"]


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


def test_rolling_lines_without_word_times(write):
    blocks = [("a b", ""), ("a b", "c d"), ("c d", "e f")]
    text = "\n".join(
        f"{i + 1}\n00:00:0{i},000 --> 00:00:0{i + 1},500\n{up}\n{low}\n"
        for i, (up, low) in enumerate(blocks)
    )
    speech = read_narration(write("a.srt", text))
    assert " ".join(speech.words) == "a b c d e f"
    np.testing.assert_allclose(speech.times[::2, 0], [0, 1, 2])


def test_a_line_said_again_later_is_kept(write):
    said = ["stir", "stir", "pour", "wait", "cut", "mix", "fry", "eat"]
    text = "".join(
        f"{i + 1}\n00:00:{i:02d},000 --> 00:00:{i + 1:02d},000\n{word}\n\n"
        for i, word in enumerate(said)
    )
    assert read_narration(write("a.srt", text)).words == tuple(said)


def test_srt(write):
    speech = read_narration(write("a.srt", SRT.replace("\n", "\r\n")))
    assert speech.words == ("Pour", "the", "milk", "Stir!")
    shares = 1 + 2 * np.array([0, 4, 7, 11]) / 11
    np.testing.assert_allclose(speech.times[:3, 0], shares[:3])
    np.testing.assert_allclose(speech.times[:3, 1], shares[1:])
    assert speech.times[3].tolist() == [4, 5]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.srt", SRT.replace("00:00:05,000", "00:00:0x"), "a.srt, line 7: no times"),
        ("a.srt", SRT.replace("00:00:05", "00:00:03"), "line 7: ends before it start"),
        ("a.srt", "\npour milk\n", "line 2: no line with -->"),
        (
            "a.srt",
            "00:00:01,000 --> 00:00:02,000\nhi\n",
            "line 1: an empty line and a number were expected before it",
        ),
        ("a.vtt", SRT, "line 1: WEBVTT was expected"),
        ("a.vtt", "WEBVTT\n\n00:01 --> 00:02\nhi\n", "line 3: times unlike"),
        (
            "a.srt",
            "\n\nx\n00:00:01,000 --> 00:00:02,000\na\n",
            "line 4: an empty line and",
        ),
        ("a.srt", SRT.replace("2\n", "two\n"), "line 7: an empty line and a"),
        ("a.srt", SRT.replace("2\n", ""), "line 6: an empty line and a"),
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
        read_narration(write(name, content), strict=True)


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
        read_narration(write(name, text), strict=True)


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


def test_times_in_comments_say_nothing(write):
    text = "WEBVTT\n\nNOTE\n00:03.000 -> 00:04.000\n\n00:01.000 --> 00:02.000\nhi\n"
    assert read_narration(write("a.vtt", text)).words == ("hi",)


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
        read_narration(write(name, content), strict=True)


@pytest.mark.parametrize("cut", ["00:", "00:00:05", "00:00:05,", "0:0"])
def test_cut_off_within_a_time(write, cut):
    text = f"1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n{cut}\n\n"
    with pytest.raises(ValueError, match=r"a\.srt, line 6: "):
        read_narration(write("a.srt", text), strict=True)
    text = f"WEBVTT\n\n00:01.000 --> 00:02.000\na\n\n{cut.replace(',', '.')}"
    with pytest.raises(ValueError, match=r"a\.vtt, line 6: "):
        read_narration(write("a.vtt", text), strict=True)
    text = f"1\n00:00:01,000 --> 00:00:02,000\na\n\nb\n{cut.strip(',')}\n"
    assert len(read_narration(write("b.srt", text)).words) == 3
