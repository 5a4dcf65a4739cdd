"""Models of fastText."""

import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask.narration import WordVectors, WordVectorText
from skcrosstask.narration.text._fasttext_files import gram_hashes

WORDS = ["</s>", "milk", "crème", "Salt"]


def model_file(
    path, words=WORDS, *, sizes=(2, 3), n_buckets=7, labels=(), rows=None, **heads
):
    if rows is None:
        rows = np.arange(2 * (len(words) + n_buckets)).reshape(-1, 2) ** 2 / 64
    rows = np.asarray(rows, dtype="<f4")
    heads = {"version": 12, "pruned": -1, "quantised": False, **heads}
    n = len(words)
    data = struct.pack("<3i", 793712314, heads["version"], rows.shape[1])
    data += struct.pack("<7i", 5, 3, 1, 5, 1, 2, 2)
    data += struct.pack("<4id", n_buckets, *sizes, 100, 1e-4)
    data += struct.pack("<3i", n + len(labels), heads.get("n_words", n), len(labels))
    data += struct.pack("<2q", 1000, heads["pruned"])
    for i, word in enumerate([*words, *labels]):
        word = word if isinstance(word, bytes) else word.encode()
        data += word + b"\0" + struct.pack("<qb", 100 - i, i >= n)
    data += struct.pack("<?2q", heads["quantised"], *rows.shape) + rows.tobytes()
    output = np.ones((n, rows.shape[1]), dtype="<f4")
    data += struct.pack("<?2q", False, *output.shape) + output.tobytes()
    path.write_bytes(data)
    return path


# What fastText 0.9.2 reads from the file of `model_file`.
FASTTEXT_VECTORS = {
    "</s>": [0, 0.015625],
    "milk": [3.0062501430511475, 3.4156250953674316],
    "crème": [3.1145834922790527, 3.546875],
    "Salt": [4.381249904632568, 4.903125286102295],
    "milky": [3.3352274894714355, 3.7883524894714355],
    "crèmes": [3.581730842590332, 4.054086685180664],
    "饺子": [2.7125000953674316, 3.1156251430511475],
    "😀": [2.9375, 3.3489584922790527],
    "a": [3.1041667461395264, 3.5572917461395264],
    "": [2.25, 2.640625],
    # Lower case stands for what is known in upper case, as in other files.
    "salt": [4.381249904632568, 4.903125286102295],
}
# Buckets, of 5000, of the n-grams of 1 to 4 letters, by fastText 0.9.2.
FASTTEXT_BUCKETS = {
    "pour": [
        4465, 1746, 1357, 1743, 88, 4455, 1383, 2934, 1969, 1553, 485, 3648, 2470,
        1216, 1981, 4353,
    ],
    "饺饺": [3417, 4647, 2619, 4739, 3089, 437, 4739, 2759],
    "😀é": [4818, 4006, 1352, 1496, 2240, 2522, 3777, 1781],
    "a": [3750, 2600, 2220, 4806],
}  # fmt: skip


@pytest.mark.parametrize("name", ["a.bin", "a.model"])
def test_vectors_are_those_of_fasttext(tmp_path, name):
    vectors = WordVectors.open(model_file(tmp_path / name, labels=["__label__a"]))
    assert vectors.words == WORDS
    assert "milk" in vectors
    assert "__label__a" not in vectors
    found = vectors.look_up(list(FASTTEXT_VECTORS))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, list(FASTTEXT_VECTORS.values()), rtol=1e-6)


@pytest.mark.parametrize("word", FASTTEXT_BUCKETS)
def test_buckets_are_those_of_fasttext(word):
    hashes = gram_hashes(word.encode(), 1, 4)
    assert [value % 5000 for value in hashes] == FASTTEXT_BUCKETS[word]


def test_hash_is_fnv_1a():
    # "<a", "<a>", "a", "a>"; the value of "a" is published with the hash.
    assert gram_hashes(b"a", 1, 9)[2] == 0xE40C292C


@given(st.text("ab<é牛😀", max_size=6), st.integers(0, 4), st.integers(0, 9))
def test_grams_are_all_runs_of_letters(word, least, greatest):
    marked, expected = f"<{word}>", []
    for i in range(len(marked)):
        for j in range(i + max(least, 1), min(i + greatest, len(marked)) + 1):
            if marked[i:j] not in (marked[:1], marked[-1:]) or 0 < i < j < len(marked):
                value = 2166136261
                for byte in np.frombuffer(marked[i:j].encode(), dtype=np.int8):
                    value = (value ^ int(byte) % 2**32) * 16777619 % 2**32
                expected.append(value)
    assert gram_hashes(word.encode(), least, greatest) == expected


def test_means_by_hand(tmp_path):
    # All n-grams share the one bucket; "a" has "<a" and "a>".
    path = model_file(
        tmp_path / "a.bin",
        ["a", "b"],
        sizes=(2, 2),
        n_buckets=1,
        rows=[[1, 0], [0, 1], [4, 8]],
    )
    found = WordVectors.open(path).look_up(["a", "b", "xyz"])
    np.testing.assert_allclose(found, [[3, 16 / 3], [8 / 3, 17 / 3], [4, 8]])
    text = WordVectorText(path, stop_words=None).fit(["a"]).transform(["xyz"])
    np.testing.assert_allclose(text, [[0.2**0.5, 0.8**0.5]], rtol=1e-6)


@pytest.mark.parametrize("model", [{"sizes": (0, 0)}, {"n_buckets": 0}])
def test_a_model_without_n_grams_knows_its_words_only(tmp_path, model):
    rows = np.arange(1.0, 1 + 2 * len(WORDS)).reshape(-1, 2)
    if "sizes" in model:
        model["n_buckets"] = 2_000_000
    vectors = WordVectors.open(model_file(tmp_path / "a.bin", rows=rows, **model))
    np.testing.assert_array_equal(vectors.look_up(WORDS), rows)
    np.testing.assert_array_equal(vectors.look_up(["milky"]), [[0, 0]])


def test_words_that_are_not_utf_8_have_the_n_grams_of_their_bytes(tmp_path):
    rows = np.eye(9)
    path = model_file(tmp_path / "a.bin", [b"\xff\x80", "b"], sizes=(2, 2), rows=rows)
    vectors = WordVectors.open(path)
    expected = rows[0].copy()
    for value in gram_hashes(b"\xff\x80", 2, 2):
        expected[2 + value % 7] += 1
    assert vectors.words[0] == "\ufffd\ufffd"
    found = vectors.look_up(["\ufffd\ufffd"])
    np.testing.assert_allclose(found, [expected / 3], rtol=1e-6)
    # Half a pair of UTF-16, as JSON may hold, is a word like others.
    assert vectors.look_up(["\ud83d"]).any()


def test_copies_read_the_same_file(tmp_path, monkeypatch):
    path = model_file(tmp_path / "a.bin")
    monkeypatch.chdir(tmp_path)
    vectors = WordVectors.open("a.bin")
    assert not hasattr(vectors, "vectors")
    data = pickle.dumps(vectors)
    monkeypatch.chdir("/")
    words = ["milk", "milky"]
    again = pickle.loads(data)
    np.testing.assert_array_equal(again.look_up(words), vectors.look_up(words))
    with open(path, "ab") as file:
        file.write(b"more")
    with pytest.raises(ValueError, match="has changed since it was opened"):
        pickle.loads(data)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"version": 11}, "of version 11; 12 was expected"),
        ({"quantised": True}, r"a quantised fastText model \(\.ftz\)"),
        ({"pruned": 3}, "a quantised fastText model"),
        ({"words": []}, "no word vectors"),
        ({"n_words": 5}, "no word vectors"),
        ({"n_words": 3}, "broken or cut short in word 3 of 4"),
        ({"words": ["a"], "labels": ["b"], "n_words": 2}, "broken .* word 1 of 2"),
        ({"rows": np.ones((10, 2))}, r"shape \(11, 2\) were expected, got \(10, 2\)"),
        ({"rows": np.ones((11, 0))}, r"weights of shape \(11, 0\)"),
        ({"rows": np.full((11, 2), np.nan)}, "vector of '</s>' is not finite"),
    ],
)
def test_broken_models(tmp_path, model, message):
    path = model_file(tmp_path / "a.bin", **model)
    with pytest.raises(ValueError, match=rf"a\.bin: .*{message}"):
        WordVectors.open(path)


def test_a_broken_row_is_named_when_it_is_read(tmp_path):
    rows = np.ones((11, 2))
    rows[1] = np.inf
    vectors = WordVectors.open(model_file(tmp_path / "a.bin", rows=rows))
    np.testing.assert_array_equal(vectors.look_up(["crème"]), [[1, 1]])
    with pytest.raises(ValueError, match=r"a\.bin: vector of 'milk' is not finite"):
        vectors.look_up(["crème", "milk"])


def test_a_model_that_is_cut_short_is_refused(tmp_path):
    path = model_file(tmp_path / "a.bin", labels=["__label__a"])
    whole = path.read_bytes()
    for n in range(4, len(whole)):
        path.write_bytes(whole[:n])
        with pytest.raises(ValueError, match=r"a\.bin: .*cut short"):
            WordVectors.open(path)
