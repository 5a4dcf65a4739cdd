"""Texts as pooled word vectors."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skcrosstask.narration import WordVectors, WordVectorText

WORDS = {"pour": [1.0, 0.0, -1.0], "milk": [0.0, 2.0, -3.0], "salt": [0.5, 0.5, 0.5]}


def test_pooling_by_hand():
    vectors = {"pour": [1.0, 0.0], "milk": [0.0, 2.0], "slowly": [-1.0, 1.0]}
    text = ["Pour MILK, slowly!", "the of", "", "12 %"]
    pooled = WordVectorText(vectors).fit([]).transform(text)
    np.testing.assert_allclose(pooled[0], np.array([1, 2]) / 5**0.5, rtol=1e-6)
    assert not pooled[1:].any()
    mean = WordVectorText(vectors, pooling="mean").fit([]).transform(text)
    np.testing.assert_allclose(mean[0], [0, 1], atol=1e-7)


def test_stop_words_are_left_out():
    vectors = {"the": [1.0, 0.0], "milk": [0.0, 1.0]}
    rows = WordVectorText(vectors).fit([]).transform(["the milk", "the"])
    np.testing.assert_array_equal(rows, [[0, 1], [0, 0]])
    rows = WordVectorText(vectors, stop_words=None).fit([]).transform(["the milk"])
    np.testing.assert_allclose(rows, [[0.5**0.5] * 2])


def test_vectors_of_another_language_are_noticed():
    with pytest.warns(UserWarning, match="none of the 2 words of the texts"):
        WordVectorText({"lait": [1.0]}).fit(["pour the milk"])
    WordVectorText({"Milk": [1.0]}).fit(["pour the milk"])
    WordVectorText({"lait": [1.0]}).fit([])


@pytest.mark.parametrize("texts", [[], [""], ["once"], ["牛奶 倒入", "牛奶 倒入"]])
def test_little_text_to_learn_from(texts):
    text = WordVectorText().fit(texts)
    rows = text.transform(["牛奶", "", "pour"])
    assert rows.shape == (3, text.n_features_out_)
    assert rows.any(axis=1).tolist() == [len(texts) == 2, False, False]


def test_stop_words_of_ones_own():
    text = WordVectorText(WORDS, stop_words=["milk"]).fit([])
    expected = WordVectorText(WORDS).fit([]).transform(["pour"])
    np.testing.assert_array_equal(text.transform(["pour the milk"]), expected)


def test_copies_do_the_same():
    text = WordVectorText(WordVectors(WORDS, list(WORDS.values())), pooling="mean")
    assert clone(text).get_params() == text.get_params()
    again = pickle.loads(pickle.dumps(text.fit([])))
    rows = text.transform(["pour milk", "salted", ""])
    np.testing.assert_array_equal(again.transform(["pour milk", "salted", ""]), rows)


def test_wrong_input():
    with pytest.raises(TypeError, match="X must be a list of texts"):
        WordVectorText(WORDS).fit("pour milk")
    text = clone(WordVectorText(WORDS)).fit([])
    with pytest.raises(TypeError, match="text 1 is 3"):
        text.transform(["pour", 3])
    with pytest.raises(TypeError, match="vectors must be a path"):
        WordVectorText(3).fit([])
    with pytest.raises(ValueError, match="pooling"):
        WordVectorText(WORDS, pooling="sum").fit([])
    with pytest.raises(NotFittedError):
        WordVectorText(WORDS).transform(["pour"])


texts = st.lists(st.sampled_from([*WORDS, "the", "xyz", "pouring"]), max_size=5)


@given(texts, st.sampled_from(["max", "mean"]))
def test_order_does_not_matter_and_rows_have_length_1_or_0(words, pooling):
    text = WordVectorText(WORDS, pooling=pooling).fit([])
    row, other = text.transform([" ".join(words), " ".join(reversed(words))])
    np.testing.assert_allclose(row, other, atol=1e-6)
    content = [word for word in words if word not in ("the", "xyz")]
    assert np.linalg.norm(row) == pytest.approx(1 if content else 0)
