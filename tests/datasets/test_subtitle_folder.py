"""Which file of a folder is of which video."""

from pathlib import Path

import pytest

from skcrosstask.datasets._subtitle_folder import read_subtitles, video_name


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("abc.vtt", "abc"),
        ("abc.en.vtt", "abc"),
        ("abc.en-US.srt", "abc"),
        ("abc.zh-Hans.VTT", "abc"),
        ("-x_Y.9.en-orig.vtt", "-x_Y.9"),
        ("How to: a latte [dQw4w9WgXcQ].en.vtt", "dQw4w9WgXcQ"),
        ("Latte [dQw4w9WgXcQ].vtt", "dQw4w9WgXcQ"),
        ("Latte [in 4k].vtt", "Latte [in 4k]"),
        ("abc.en.json3", "abc"),
        ("step.no.csv", "step.no"),
    ],
)
def test_names_of_files(file, name):
    assert video_name(Path(file)) == name
    assert video_name(Path(file), {name}) == name
    assert video_name(Path(file), {"other"}) is None


@pytest.mark.parametrize(
    ("file", "name"),
    [("Latte [bean-7].en.vtt", "bean-7"), ("A [b] c [my cup 2].json", "my cup 2")],
)
def test_listed_names_in_brackets(file, name):
    assert video_name(Path(file), {name, "b"}) == name
    assert video_name(Path(file), {"b"}) is None
    assert video_name(Path(file)).endswith(f"[{name}]")


def test_a_listed_name_is_taken_literally():
    assert video_name(Path("abc.en.vtt"), {"abc", "abc.en"}) == "abc.en"


def test_files_as_yt_dlp_writes_them(write, tmp_path):
    pytest.importorskip("webvtt")
    for name, said in [
        ("v1.en.vtt", "grind"), ("v1.en-orig.vtt", "twice"), ("v2.en-orig.vtt", "stir"),
    ]:  # fmt: skip
        write(name, f"WEBVTT\n\n00:01.000 --> 00:09.000\n{said}\n")
    write("v1.info.json", '{"id": "v1"}')
    read = read_subtitles(tmp_path)
    words = {name: speech.words for name, speech in read.narrations.items()}
    assert words == {"v1": ("grind",), "v2": ("stir",)}
    assert read_subtitles(tmp_path, {"v2"}).unlisted == ["v1.en-orig.vtt", "v1.en.vtt"]


def test_several_files_of_a_video(write, tmp_path):
    for name in ("v1.csv", "v1.tsv", "v1.json3", "v1.txt", "v2.csv", "v3.de.srt"):
        write(name, "1,pour")
    write("v3.en.srt", "")
    message = "2 videos have several files, such as "
    with pytest.raises(ValueError, match=f"{message}'v1.csv', 'v1.json3', 'v1.tsv' of"):
        read_subtitles(tmp_path)
    with pytest.raises(ValueError, match=r"1 video has .*'v3.de.srt', 'v3.en.srt' of"):
        read_subtitles(tmp_path, {"v2", "v3"})
    read = read_subtitles(tmp_path, format="csv")
    assert list(read.narrations) == ["v1", "v2"]
