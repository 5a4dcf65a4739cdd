"""Word vectors learnt from text."""

import numpy as np
import pytest

from skcrosstask.narration import learn_word_vectors
from skcrosstask.narration.text._cooccurrence import _count_pairs, _mutual_information


def test_vectors_learnt_from_text_put_like_words_together():
    drinks, tools = ["milk", "cream", "juice"], ["saw", "drill", "hammer"]
    texts = [f"pour some {a} into a glass" for a in drinks] * 4
    texts += [f"take your {b} for this wood" for b in tools] * 4
    vectors = learn_word_vectors(texts, n_components=4)
    rows = vectors.look_up(drinks + tools)
    cosine = rows @ rows.T
    assert cosine[:3, :3].min() > cosine[:3, 3:].max() + 0.5
    again = learn_word_vectors(texts, n_components=4)
    np.testing.assert_array_equal(vectors.vectors, again.vectors)
    assert "takes" not in vectors


@pytest.mark.parametrize("name", ["n_components", "window", "min_count"])
def test_parameters_of_learning(name):
    with pytest.raises(ValueError, match=f"{name} must be at least 1"):
        learn_word_vectors(["a"], **{name: 0})


def test_texts_that_are_none():
    with pytest.raises(TypeError, match="X must be a list of texts"):
        learn_word_vectors("pour milk")
    with pytest.raises(TypeError, match="text 0 is 3"):
        learn_word_vectors([3])


def slow_counts(tokens, words, window):
    """Pair by pair; words left out do not part their neighbours."""
    counts = np.zeros((len(words), len(words)))
    for text in tokens:
        ids = [words.index(word) for word in text if word in words]
        for i, a in enumerate(ids):
            for j, b in enumerate(ids):
                if 0 < abs(i - j) <= window:
                    counts[a, b] += 1 / abs(i - j)
    return counts


@pytest.mark.parametrize("window", [1, 2, 10])
def test_counts_and_information_by_definition(window):
    rng = np.random.RandomState(0)
    words = list("abcdef")
    tokens = [rng.choice([*words, "x"], n).tolist() for n in (9, 1, 0, 5, 7, 2)]
    counts = _count_pairs(tokens, words, window)
    expected = slow_counts(tokens, words, window)
    np.testing.assert_allclose(counts.toarray(), expected)
    of_word = expected.sum(axis=1)
    context = of_word**0.75 / (of_word**0.75).sum()
    with np.errstate(divide="ignore"):
        information = np.log(expected / of_word[:, None] / context)
    np.testing.assert_allclose(
        _mutual_information(counts).toarray(), np.maximum(information, 0), atol=1e-12
    )


def test_all_dimensions_keep_the_information():
    texts = ["pour the milk", "pour the cream", "cut the bread now", "cut now"]
    vectors = learn_word_vectors(texts, n_components=50, min_count=1)
    assert vectors.n_dimensions == len(vectors) == 7
    assert vectors.words[:4] == ["the", "cut", "now", "pour"]
    np.testing.assert_allclose(np.linalg.norm(vectors.vectors, axis=1), 1, rtol=1e-5)


def test_a_word_that_occurs_with_no_other_has_no_direction():
    texts = ["alles wird gemahlen", "steam", "steam", "alles wird gemahlen"]
    vectors = learn_word_vectors(texts)
    rows = vectors.look_up(["steam", "alles", "wird"])
    assert not rows[0].any()
    np.testing.assert_allclose(np.linalg.norm(rows[1:], axis=1), 1, rtol=1e-6)
