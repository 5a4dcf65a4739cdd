"""Checks of texts, and their words."""

import pytest
from sklearn.utils import estimator_checks

from skcrosstask.narration import LearnedAggregation, TfidfText, WordVectorText
from skcrosstask.narration.text._texts import check_texts, stop_set, tokenize


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Pour the MILK, slowly!", "pour the milk slowly"),
        ("don’t stir 'it' 2 do_it", "don't stir it 2 do it"),
        ("Die Häufchen – küßt", "die häufchen küßt"),
        ("Ha\u0308ufchen", "häufchen"),
        ("दूध डालें।", "दूध डालें"),
        ("ใส่นม", "ใส่นม"),
        ("أَضِف الحليب!", "أَضِف الحليب"),
        ("می\u200cریزم شیر", "می\u200cریزم شیر"),
        ("把牛奶 倒入。", "把牛奶 倒入"),
        (" … %&_ \u0301", ""),
        ("", ""),
    ],
)
def test_words_of_many_scripts(text, words):
    assert tokenize(text) == words.split()


def test_stop_words():
    assert "the" in stop_set("english")
    assert stop_set(["milk"]) == {"milk"}
    assert stop_set(None) == frozenset()


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("pour milk", "X must be a list of texts, got 'pour milk'"),
        (3, "X must be a list of texts, got 3"),
        (["a", 3], "text 1 is 3, not a str"),
        ([None], "text 0 is None"),
        ([["a"]], "text 0 is"),
    ],
)
def test_what_is_no_list_of_texts(texts, message):
    with pytest.raises(TypeError, match=message):
        check_texts(texts)


def test_any_iterable_will_do():
    assert check_texts(word for word in ("a", "b")) == ["a", "b"]


@pytest.mark.parametrize("kind", [TfidfText, WordVectorText, LearnedAggregation])
@pytest.mark.parametrize(
    "check",
    [
        "check_estimator_cloneable",
        "check_estimator_repr",
        "check_get_params_invariance",
        "check_mixin_order",
        "check_no_attributes_set_in_init",
        "check_parameters_default_constructible",
        "check_set_params",
        "check_valid_tag_types",
    ],
)
def test_common_checks_that_need_no_matrix(kind, check):
    getattr(estimator_checks, check)(kind.__name__, kind())
