"""Word vectors in memory, and guesses for unknown words."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from skcrosstask.narration import WordVectors
from skcrosstask.narration.text._word_vectors import as_word_vectors


def test_the_first_of_equal_words_counts():
    vectors = WordVectors(["a", "b", "a"], [[1, 0], [0, 1], [5, 5]])
    np.testing.assert_array_equal(vectors.look_up(["a", "b"]), np.eye(2))


def test_words_in_capitals_are_found_where_no_other_is():
    vectors = WordVectors(["Paris", "pan", "Pan"], np.eye(3))
    np.testing.assert_array_equal(vectors.look_up(["paris", "pan"]), np.eye(3)[:2])


def grams(word):
    word = f"<{word}>"
    return {word[i : i + n] for n in (3, 4, 5) for i in range(len(word) - n + 1)}


def dice(a, b):
    return 2 * len(a & b) / (len(a) + len(b))


def test_unknown_words_are_guessed_by_their_n_grams():
    known = ["pouring", "stirred", "pours"]
    vectors = WordVectors(known, np.eye(3))
    poured, other = vectors.look_up(["poured", "xyz"])
    alike = [dice(grams("poured"), grams(word)) for word in known]
    weights = np.where(np.array(alike) >= 0.2, alike, 0)
    assert weights[2] > weights[0] > weights[1] == 0
    np.testing.assert_allclose(poured, weights / weights.sum(), rtol=1e-6)
    assert not other.any()
    # The same again, from memory.
    np.testing.assert_array_equal(vectors.look_up(["poured"])[0], poured)


def test_at_most_ten_words_make_a_guess():
    known = [f"pour{c}" for c in "abcdefghijklmnop"]
    guess = WordVectors(known, np.eye(16)).look_up(["pour"])[0]
    assert (guess > 0).tolist() == [True] * 10 + [False] * 6
    np.testing.assert_allclose(guess[:10], 0.1, rtol=1e-6)


@pytest.mark.parametrize(
    ("words", "rows", "message"),
    [
        (["a"], np.ones((2, 2)), "1 words"),
        (["a"], np.ones(1), "1 words"),
        (["a", "b"], [[1, 1], [np.inf, 1]], "'b' is not finite"),
        (["a"], [[1e200, 1]], "'a' is not finite"),
    ],
)
def test_wrong_vectors(words, rows, message):
    with pytest.raises(ValueError, match=message):
        WordVectors(words, rows)


def test_words_that_are_none():
    with pytest.raises(TypeError, match="word 1 is 3"):
        WordVectors(["a", 3], np.eye(2))


def test_no_words_at_all():
    vectors = WordVectors([], np.zeros((0, 4)))
    assert vectors.look_up(["pour"]).tolist() == [[0, 0, 0, 0]]
    assert len(vectors) == 0


def test_what_users_pass():
    vectors = WordVectors(["a"], [[1, 2]])
    assert as_word_vectors(vectors) is vectors
    np.testing.assert_array_equal(as_word_vectors({"a": [1, 2]}).vectors, [[1, 2]])
    with pytest.raises(ValueError, match="no word is given"):
        as_word_vectors({})
    with pytest.raises(ValueError, match="vectors: "):
        as_word_vectors({"a": [1, 2], "b": [1]})
    with pytest.raises(TypeError, match="vectors must be a path"):
        as_word_vectors(3)
    with pytest.raises(FileNotFoundError):
        as_word_vectors("nowhere.vec")


def test_pickle():
    vectors = WordVectors(["pour"], [[1, 2]])
    data = pickle.dumps(vectors)
    again = pickle.loads(data)
    expected = vectors.look_up(["pour", "pouring"])
    np.testing.assert_array_equal(again.look_up(["pour", "pouring"]), expected)
    assert pickle.dumps(vectors) == data


def test_guesses_do_not_depend_on_how_strings_are_hashed():
    # Two hundred words share as much with the unknown one, at its start or its end;
    # only some of them are looked at.
    script = (
        "import numpy as np\n"
        "from skcrosstask.narration import WordVectors\n"
        "ends = [a + b for a in 'qwrtyzxvkn' for b in 'qwrtyzxvkn']\n"
        "words = [f'abcd{e}' for e in ends] + [f'{e}cdef' for e in ends]\n"
        "vectors = WordVectors(words, np.arange(200.0)[:, None])\n"
        "print(vectors.look_up(['abcdef'])[0, 0])\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, check=True, text=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in range(4)
    }  # fmt: skip
    assert len(found) == 1
