"""Chapters, as other programs read them."""

import html
from io import BytesIO

import pytest
import webvtt
from hypothesis import example, given
from hypothesis import strategies as st

from skcrosstask.results import StepTable
from skcrosstask.results._chapters import list_chapters


def first(table):
    return table.by_video()["v1", "latte"]


TITLES = ['pour <b>"milk" & co</b>; a=b #1\\ --> x, and wait', "=SUM(A1)"]


def test_webvtt(table, tmp_path):
    first(table).to_vtt(tmp_path / "v1.vtt")
    found = webvtt.read(tmp_path / "v1.vtt")
    assert [(c.start, c.end) for c in found] == [
        ("00:00:00.000", "00:00:07.500"),
        ("00:00:07.500", "01:02:03.062"),
    ]
    assert [html.unescape(c.raw_text) for c in found] == TITLES


def test_webvtt_by_another_reader(table):
    pysubs2 = pytest.importorskip("pysubs2")
    found = pysubs2.SSAFile.from_string(first(table).to_vtt(), format_="vtt")
    assert [(e.start, e.end) for e in found] == [(0, 7500), (7500, 3723062)]


@example(texts=["\\", "a\\\\"])
@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4))
def test_any_text_is_one_cue_and_one_chapter(texts):
    table = StepTable(
        ("v", "t", k, text, k, k + 1, k) for k, text in enumerate([*texts, "last"])
    )
    titles = [title for _, _, title in list_chapters(table)]
    found = webvtt.from_string(table.to_vtt())
    assert [html.unescape(c.raw_text) for c in found] == titles
    assert all(titles)
    av = pytest.importorskip("av")
    data = BytesIO(table.to_ffmetadata().encode())
    with av.open(data, format="ffmetadata") as source:
        found = [c["metadata"]["title"] for c in source.chapters()]
    assert found == [t + " " if t.endswith("\\") else t for t in titles]


def test_ffmetadata_goes_into_an_mp4(table, tmp_path):
    av = pytest.importorskip("av")
    first(table).to_ffmetadata(tmp_path / "v1.ffmeta")
    with av.open(str(tmp_path / "v1.ffmeta"), format="ffmetadata") as source:
        chapters = source.chapters()
    with av.open(str(tmp_path / "v1.mp4"), "w") as film:
        stream = film.add_stream("mpeg4", rate=1)
        stream.width = stream.height = 16
        film.set_chapters(chapters)
        for _ in range(9):
            film.mux(stream.encode(av.VideoFrame(16, 16, "yuv420p")))
        film.mux(stream.encode())
    with av.open(str(tmp_path / "v1.mp4")) as film:
        found = film.chapters()
    seconds = [
        (float(c["start"] * c["time_base"]), float(c["end"] * c["time_base"]))
        for c in found
    ]
    assert seconds == [(0, 7.5), (7.5, 3723.062)]
    assert [c["metadata"]["title"] for c in found] == TITLES


def test_a_short_step_is_a_millisecond_long():
    table = StepTable([("v", "t", 0, " \n", 1.0, 1.0001, 1.0)])
    assert "00:00:01.000 --> 00:00:01.001\nstep 1\n" in table.to_vtt()


def test_steps_by_time_and_none_left_out():
    rows = [("v", "t", 0, "later", 5, 6, 5), ("v", "t", 1, "sooner", 2, 3, 2)]
    text = StepTable([*rows, ("v", "t", 2, "never")]).to_vtt()
    assert text.index("sooner") < text.index("later")
    assert "never" not in text
    assert StepTable([("v", "t", 2, "never")]).to_vtt() == "WEBVTT\n"


def test_moments_are_no_chapters():
    table = StepTable([("v", "t", 0, "x", float("nan"), float("nan"), 2.5)])
    with pytest.raises(ValueError, match="'v': step 1 has a time but no start"):
        table.to_vtt()
