"""Word vectors in files."""

import bz2
import copy
import gzip
import lzma
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrosstask.narration import WordVectors, WordVectorText

WORDS = {"pour": [1.0, 0.0, -1.0], "milk": [0.0, 2.0, -3.0], "Éclair": [0.5, 0.5, 0.5]}


def text_file(path, words=WORDS, *, head=False, end="\n"):
    lines = [f"{len(words)} 3"] if head else []
    lines += [" ".join([word, *map(str, row)]) for word, row in words.items()]
    path.write_bytes("".join(line + end for line in lines).encode())
    return path


def binary_file(path, words=WORDS, newline=b""):
    with open(path, "wb") as file:
        file.write(f"{len(words)} 3\n".encode())
        for word, row in words.items():
            file.write(word.encode() + b" " + np.array(row, dtype="<f4").tobytes())
            file.write(newline)
    return path


def packed(module, path, suffix):
    target = path.with_name(f"{path.name}.{suffix}")
    target.write_bytes(module.compress(path.read_bytes()))
    path.unlink()
    return target


FILES = {
    "glove": lambda folder: text_file(folder / "g.txt"),
    "word2vec text": lambda folder: text_file(folder / "w.txt", head=True),
    "fasttext": lambda folder: text_file(folder / "f.vec", head=True, end=" \n"),
    "windows": lambda folder: text_file(folder / "f.vec", head=True, end="\r\n"),
    "word2vec": lambda folder: binary_file(folder / "w.bin"),
    "word2vec lines": lambda folder: binary_file(folder / "w.bin", newline=b"\n"),
}
PACKED = {
    "gzip": lambda folder: packed(gzip, text_file(folder / "f.vec", head=True), "gz"),
    "bzip2": lambda folder: packed(bz2, text_file(folder / "g.txt"), "bz2"),
    "xz": lambda folder: packed(lzma, text_file(folder / "g.txt"), "xz"),
    "word2vec gzip": lambda folder: packed(gzip, binary_file(folder / "w.bin"), "gz"),
}
MODULES = {".gz": gzip, ".bz2": bz2, ".xz": lzma}


@pytest.fixture(params=FILES | PACKED)
def vector_file(request, tmp_path):
    return (FILES | PACKED)[request.param](tmp_path)


def test_files_give_the_vectors_in_them(vector_file):
    vectors = WordVectors.open(vector_file)
    assert vectors.words == list(WORDS)
    assert len(vectors) == 3
    assert "milk" in vectors
    np.testing.assert_array_equal(vectors.look_up(list(WORDS)), list(WORDS.values()))
    np.testing.assert_array_equal(vectors.look_up(["éclair"]), [WORDS["Éclair"]])
    expected = WordVectors(WORDS, list(WORDS.values())).look_up(["pouring", "xyz"])
    np.testing.assert_array_equal(vectors.look_up(["pouring", "xyz"]), expected)
    text = WordVectorText(vector_file).fit([])
    expected = WordVectorText(WORDS).fit([]).transform(["pour milk", "éclair"])
    np.testing.assert_array_equal(text.transform(["pour milk", "éclair"]), expected)


def test_copies_read_the_same_file(vector_file, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    vectors = WordVectors.open(vector_file.name)
    assert copy.deepcopy(vectors) is vectors
    data = pickle.dumps(vectors)
    monkeypatch.chdir("/")
    again = pickle.loads(data)
    np.testing.assert_array_equal(again.look_up(["milk"]), [WORDS["milk"]])
    more = b"salt 1 2 3\n"
    with open(vector_file, "ab") as file:
        module = MODULES.get(vector_file.suffix)
        file.write(more if module is None else module.compress(more))
    with pytest.raises(ValueError, match="has changed since it was opened"):
        pickle.loads(data)


def test_vectors_stay_on_disk(tmp_path):
    many = {f"word{i}": [i, 0.5, -1.0] for i in range(2000)}
    for path in (
        text_file(tmp_path / "a.txt", many),
        binary_file(tmp_path / "a.bin", many),
    ):
        vectors = WordVectors.open(path)
        assert not hasattr(vectors, "vectors")
        np.testing.assert_array_equal(vectors.look_up(["word1999"]), [[1999, 0.5, -1]])


def test_words_with_spaces(tmp_path):
    path = tmp_path / "g.txt"
    path.write_text("a 1 2\nb c 3 4\n. . . 5 6\n")
    vectors = WordVectors.open(path)
    assert vectors.words == ["a", "b c", ". . ."]
    np.testing.assert_array_equal(vectors.look_up(["b c", ". . ."]), [[3, 4], [5, 6]])


def test_empty_lines_and_words_that_are_not_utf_8(tmp_path):
    path = tmp_path / "g.txt"
    path.write_bytes(b"a 1 2\n\n\xff 3 4\n\n")
    vectors = WordVectors.open(path)
    assert vectors.words == ["a", "\ufffd"]
    np.testing.assert_array_equal(vectors.look_up(["\ufffd"]), [[3, 4]])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "a.txt: the file is empty"),
        ("a.txt", b"a 1 2\nb 3\n", "line 2: a word and its 2 numbers were expected"),
        ("a.txt", b"3 4\na 1 2 3\n", "line 2: a word and its 4 numbers"),
        ("a.txt", b"word\n", "line 1: a word and its"),
        ("a.txt", b"2 3\n", "no word vectors"),
        ("a.txt", b"2 0\na\n", "vectors of 0 dimensions"),
        ("a.txt", b"3 2\na 1 2\nb 1 2\n", "3 words were expected, got 2"),
        ("a.txt", b"1 2\na 1 2\nb 1 2\n", "1 words were expected, got 2"),
        ("a.txt", b"This is no file\nof the word vectors\n", "'This' is not 3 numbers"),
        ("a.txt", b"a 1 nan\nb 1 2\n", "'a' is not finite"),
        ("a.txt", b"a 1 2\nb 1 1e999\n", "'b' is not finite"),
        ("a.txt", b"a 1 2\nb 1 1e200\n", "'b' is not finite"),
        ("a.txt", b"a 1 2\nb 1 2-", "'b' is not 2 numbers"),
        ("a.vec.gz", b"a 1 2\n", "a.vec.gz: cannot be unpacked as gz"),
        ("a.vec.xz", b"a 1 2\n", "a.vec.xz: cannot be unpacked as xz"),
        ("a.vec.gz", gzip.compress(b"a 1 2\n")[:-5], "a.vec.gz: cannot be unpacked"),
        ("a.vec.gz", gzip.compress(b""), "a.vec.gz: the file is empty"),
        ("a.bin", b"nothing", "not a binary file of word2vec or fastText"),
        ("a.bin", b"2 2\na 12345678b 1234", "cut short in word 1 of 2"),
        ("a.bin", b"2 2\na 12345678b", "cut short in word 1 of 2"),
        ("a.bin", b"2 2\na 12345678", "cut short in word 1 of 2"),
        (
            "a.bin",
            b"1 2\n" + b"a" * 2000 + b" 12345678",
            "broken or cut short in word 0",
        ),
        ("a.bin", b"1 2\na 12345678b 12345678", "more than the 1 words"),
        ("a.bin", b"1 0\na ", "vectors of 0 dimensions"),
        ("a.bin", b"0 2\n", "no word vectors"),
        ("a.bin", b"1 1\na \x00\x00\xc0\x7f", "'a' is not finite"),
    ],
)
def test_broken_files(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        WordVectors.open(path)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("row", "message"),
    [("1 x", "'b' is not 2 numbers"), ("1 nan", "'b' is not finite")],
)
def test_a_broken_row_is_named_when_it_is_read(tmp_path, row, message):
    path = tmp_path / "a.txt"
    path.write_text(f"a 1 2\nb {row}\nc 3 4\n")
    vectors = WordVectors.open(path)
    np.testing.assert_array_equal(vectors.look_up(["c"]), [[3, 4]])
    with pytest.raises(ValueError, match=rf"a\.txt: vector of {message}"):
        vectors.look_up(["c", "b"])


# Without a head, a file that ends after a number does not show that it is cut short.
@pytest.mark.parametrize("kind", [kind for kind in FILES if kind != "glove"])
def test_a_file_that_is_cut_short_is_refused(tmp_path, kind):
    path = FILES[kind](tmp_path)
    whole = path.read_bytes()
    for n in range(whole.index(b"\n") + 1, len(whole.rstrip()) - 3):
        path.write_bytes(whole[:n])
        with pytest.raises(ValueError, match=path.name):
            WordVectors.open(path)


rows = st.lists(st.floats(-9, 9, width=32), min_size=3, max_size=3)
names = st.text(st.sampled_from("aé牛'-9"), min_size=1, max_size=5)


@settings(max_examples=30)
@given(st.dictionaries(names, rows, min_size=1, max_size=8), st.sampled_from("tb"))
def test_whatever_is_written_is_read(tmp_path_factory, words, kind):
    folder = tmp_path_factory.mktemp("vectors")
    if kind == "t":
        path = text_file(folder / "a.vec", words, head=True)
    else:
        path = binary_file(folder / "a.bin", words)
    vectors = WordVectors.open(path)
    assert vectors.words == list(words)
    np.testing.assert_array_equal(
        vectors.look_up(list(words)), np.array(list(words.values()), dtype=np.float32)
    )
