"""TF-IDF of stems."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.stem.porter import PorterStemmer
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer

from skcrosstask.narration import TfidfText
from skcrosstask.narration.text._tfidf import beside_tfidf

TEXTS = [
    "Pour the milk into a cup", "stir the coffee and the milk",
    "Grinding coffee beans", "grind, then stirred again", "the of and",
]  # fmt: skip


def dense(text, texts):
    return text.transform(texts).toarray()


def test_cosine_by_hand():
    text = TfidfText().fit(["pour milk", "stir milk", "pour it"])
    rare, common = np.log(4 / 2) + 1, np.log(4 / 3) + 1
    assert text.vocabulary_ == {"milk": 0, "pour": 1, "stir": 2}
    np.testing.assert_allclose(text.idf_, [common, common, rare])
    rows = dense(text, ["stirring the milks", "milk and milk, pour!"])
    length = np.hypot(rare, common)
    np.testing.assert_allclose(rows[0], [common / length, 0, rare / length])
    np.testing.assert_allclose(rows[1], np.array([2, 1, 0]) / 5**0.5)
    np.testing.assert_allclose(rows[0] @ rows[1], 2 * common / length / 5**0.5)


@pytest.mark.parametrize("sizes", [(1, 1), (1, 2), (2, 3)])
def test_the_same_as_scikit_learn_on_stems(sizes):
    stem = PorterStemmer().stem
    stems = [" ".join(stem(word) for word in text.lower().replace(",", "").split())
             for text in TEXTS]  # fmt: skip
    other = TfidfVectorizer(ngram_range=sizes, token_pattern=r"\S+").fit(stems)
    text = TfidfText(stop_words=None, ngram_range=sizes).fit(TEXTS)
    assert text.vocabulary_ == other.vocabulary_
    np.testing.assert_allclose(dense(text, TEXTS), other.transform(stems).toarray())


def test_n_grams_do_not_cross_texts_but_bridge_stop_words():
    text = TfidfText(stemmer=None, ngram_range=(2, 2)).fit(["pour the milk", "stir"])
    assert set(text.vocabulary_) == {"pour milk"}


def test_stemmers_and_stop_words():
    terms = {
        "porter": {"gener", "pour", "sky"},
        "snowball": {"generous", "pour", "sky"},
        None: {"generously", "pouring", "sky"},
        str.upper: {"GENEROUSLY", "POURING", "SKY"},
    }
    for stemmer, expected in terms.items():
        text = TfidfText(stemmer).fit(["pouring generously from the sky"])
        assert set(text.vocabulary_) == expected, stemmer
    text = TfidfText(None, stop_words=["sky"]).fit(["the sky"])
    assert set(text.vocabulary_) == {"the"}


@pytest.mark.parametrize("texts", [["the of"], ["", " !"], ["and", ""]])
def test_nothing_but_stop_words(texts):
    text = TfidfText().fit(texts)
    assert text.transform(["the milk", "", "of"]).shape == (3, 0)
    assert text.idf_.shape == (0,)


def test_texts_without_a_known_term_are_zero():
    text = TfidfText().fit(TEXTS)
    rows = dense(text, ["", "the of", "牛奶 zebra", "milk"])
    assert rows.any(axis=1).tolist() == [False, False, False, True]
    assert text.transform([]).shape == (0, len(text.vocabulary_))


def test_other_languages():
    texts = ["أضف الحليب", "牛奶 倒入", "Die Häufchen küssen", "दूध डालें"]
    text = TfidfText("snowball").fit(texts)
    rows = dense(text, texts)
    np.testing.assert_allclose(rows @ rows.T, np.eye(4), atol=1e-12)
    assert dense(text, ["Ha\u0308ufchen"]).any()


def test_copies_do_the_same():
    text = TfidfText("snowball", stop_words=["milk"], ngram_range=(1, 2))
    assert clone(text).get_params() == text.get_params()
    again = pickle.loads(pickle.dumps(text.fit(TEXTS)))
    np.testing.assert_array_equal(dense(again, TEXTS), dense(text, TEXTS))
    assert again.get_params() == text.get_params()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"ngram_range": (0, 1)}, "ngram_range must be"),
        ({"ngram_range": (2, 1)}, "ngram_range must be"),
        ({"ngram_range": (1, 2, 3)}, "ngram_range must be"),
        ({"ngram_range": (1, 1.5)}, "ngram_range must be"),
        ({"ngram_range": 1}, "ngram_range"),
        ({"stemmer": "lancaster"}, "stemmer"),
        ({"stop_words": "french"}, "stop_words"),
    ],
)
def test_wrong_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        TfidfText(**parameters).fit(TEXTS)


def test_wrong_use():
    with pytest.raises(ValueError, match="at least one text"):
        TfidfText().fit([])
    with pytest.raises(TypeError, match="X must be a list of texts"):
        TfidfText().fit("pour milk")
    with pytest.raises(NotFittedError):
        TfidfText().transform(["milk"])


words = st.text(st.sampled_from("abce ñ牛'’é\u0301-"), max_size=12)


@given(st.lists(words, min_size=1, max_size=6), st.lists(words, max_size=4))
def test_rows_have_length_1_or_0(texts, others):
    rows = dense(TfidfText().fit(texts), texts + others)
    lengths = np.linalg.norm(rows, axis=1)
    assert ((np.abs(lengths - 1) < 1e-9) | (lengths == 0)).all()
    assert (rows @ rows.T <= 1 + 1e-9).all()


def test_beside_others_the_cosine_is_the_mean():
    class Same(TransformerMixin, BaseEstimator):
        def fit(self, X, y=None):
            return self

        def transform(self, X):
            return np.array([[1.0, 0.0], [0.6, 0.8]])

    texts = ["pour milk", "milk"]
    both = beside_tfidf(Same()).fit(texts).transform(texts).toarray()
    stems = TfidfText().fit(texts).transform(texts).toarray()
    assert both[0] @ both[1] / 2 == pytest.approx((stems[0] @ stems[1] + 0.6) / 2)
    np.testing.assert_allclose(np.linalg.norm(both, axis=1), np.sqrt(2))
