"""Subtitles and transcripts as words with times."""

import numpy as np
import pytest

from skcrosstask.narration import read_narration, read_narrations
from skcrosstask.narration.subtitles._spoken import clean


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


def test_sounds_alone_are_a_narration_without_words(write):
    assert read_narration(write("a.csv", "start,text\n1,[Music]\n")).words == ()


def test_youcook2(data_dir):
    speeches = read_narrations(data_dir / "youcook2_narrations" / "narrations.csv")
    assert len(speeches) == 205
    speech = speeches["-CP9gKR9GR4"]
    assert speech.words[:5] == ("the", "next", "morning.", "so", "we")
    assert speech.times[:4:3, 0].tolist() == [12.9, 13.7]
