"""Tab-separated tables, Whisper's among them."""

import pytest

from skcrosstask.narration import read_narration


def test_whispers_table_is_in_milliseconds(write):
    rows = 'start\tend\ttext\n1000\t2500\t"Pour it," he said\n3000\t4000\tstir\n'
    speech = read_narration(write("a.tsv", rows))
    assert speech.words == ('"Pour', 'it,"', "he", "said", "stir")
    assert speech.times[[0, 3, 4], [0, 1, 1]].tolist() == [1, 2.5, 4]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", "start\tend\ttext\n1\t2.0\ta\n3\t4\tb\n"),
        ("a.tsv", "start_seconds\tend_seconds\ttext\n1\t2\ta\n3\t4\tb\n"),
        ("a.tsv", "1\t2\ta\n3\t4\tb\n"),
        ("a.csv", "start,end,text\n1,2,a\n3,4,b\n"),
    ],
)
def test_other_tables_of_whole_numbers_are_in_seconds(write, name, content):
    speech = read_narration(write(name, content))
    assert speech.times.tolist() == [[1, 2], [3, 4]]


def test_times_of_whispers_table_are_checked(write):
    content = "start\tend\ttext\n1\t2\ta\n\n4\t3\tb\n"
    with pytest.raises(ValueError, match=r"a\.tsv, line 4: ends before it starts"):
        read_narration(write("a.tsv", content))
