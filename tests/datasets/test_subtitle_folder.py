"""Which file of a folder is of which video."""

import gzip
import json
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


CAPTIONS = {
    "v1": {"start": [1], "end": [2], "text": ["pour"]},
    "v2": {"start": [3], "end": [4], "text": ["stir"]},
}


@pytest.mark.parametrize("name", ["raw_caption.json", "raw_caption.json.gz", "v2.json"])
def test_a_file_of_many_videos_among_those_of_one(write, tmp_path, name):
    content = json.dumps(CAPTIONS).encode()
    write(name, gzip.compress(content) if name.endswith("gz") else content)
    write("v3.csv.gz", gzip.compress(b"5,6,cut"))
    write("more.csv", "video,start,text\nv4,1,mix\n")
    read = read_subtitles(tmp_path)
    words = {name: speech.words for name, speech in read.narrations.items()}
    assert words == {"v1": ("pour",), "v2": ("stir",), "v3": ("cut",), "v4": ("mix",)}
    read = read_subtitles(tmp_path, {"v2", "v3"})
    assert sorted(read.narrations) == ["v2", "v3"]
    assert read.unlisted == ["more.csv"]
    write("v1.csv", "1,pour")
    with pytest.raises(ValueError, match="video 'v1' is in another file of the folder"):
        read_subtitles(tmp_path)


def test_a_broken_file_of_many_videos(write, tmp_path):
    write("many.json", json.dumps(CAPTIONS)[:-5])
    write("v3.csv", "1,pour")
    with pytest.raises(ValueError, match=r"many\.json: not JSON of videos"):
        read_subtitles(tmp_path)
    read = read_subtitles(tmp_path, skip_broken=True)
    assert list(read.narrations) == ["v3"]
    assert len(read.broken) == 1


def test_strict_folders(write, tmp_path):
    write("v1.csv", "1,küßt".encode("latin-1"))
    with pytest.warns(UserWarning, match=r"v1\.csv, line 1: not utf-8"):
        assert read_subtitles(tmp_path).narrations["v1"].words == ("küßt",)
    with pytest.raises(ValueError, match=r"v1\.csv, line 1: not utf-8"):
        read_subtitles(tmp_path, strict=True)
