import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skcrosstask.learning._texts import mean_vectors, text_vectors
from skcrosstask.narration import WordVectors

TABLE = {"pour": [1.0, 0.0], "stir": [0.0, 2.0]}


def encode(texts):
    return [TABLE.get(text, [0.0, 0.0]) for text in texts]


@pytest.mark.parametrize(
    "source",
    [TABLE, encode, WordVectors(TABLE, list(TABLE.values()))],
    ids=["mapping", "callable", "WordVectors"],
)
def test_sources_agree(source):
    found = text_vectors(source, ["stir", "qqq", "pour"], "word_vectors")
    assert_array_equal(found, [[0, 2], [0, 0], [1, 0]])
    means = mean_vectors(source, [["pour", "stir", "qqq"], ["qqq"], []], "word_vectors")
    assert_array_equal(means, [[0.5, 1], [0, 0], [0, 0]])


def test_mapping_without_any_of_the_texts():
    assert not text_vectors({}, ["pour", "stir"], "word_vectors").any()


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        (3, TypeError, "word_vectors must map texts to vectors or be callable"),
        ({"a": [1.0], "b": [1.0, 2.0]}, ValueError, "vectors differ in shape"),
        ({"a": [1.0], "b": [np.nan]}, ValueError, "the vector of 'b' is not finite"),
        (lambda texts: np.ones((3, 2)), ValueError, "one vector for each of 2 texts"),
        (lambda texts: np.ones(2), ValueError, "one vector for each of 2 texts"),
        (lambda texts: [[1.0], [1.0, 2.0]], ValueError, "must be rows of numbers"),
        ({"a": "left", "b": "right"}, ValueError, "one vector for|rows of numbers"),
    ],
)
def test_what_is_no_source(source, error, message):
    with pytest.raises(error, match=message):
        text_vectors(source, ["a", "b"], "word_vectors")
