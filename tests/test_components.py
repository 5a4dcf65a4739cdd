"""Step descriptions to components: sharing, stems, unknown words."""

import itertools
import pickle
import re
import string
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrosstask import Task
from skcrosstask.components import SHARING, Composition, StepComponents

LATTE = Task("latte", ["pour milk", "add coffee", "pour milk"])
JELLY = Task("jelly", ["Pour the milk,", "add sugar"])


@pytest.mark.parametrize(
    ("sharing", "names"),
    [
        ("words", ["add", "coffee", "milk", "pour", "sugar", "the"]),
        (
            "task_words",
            [
                "jelly/add", "jelly/milk", "jelly/pour", "jelly/sugar", "jelly/the",
                "latte/add", "latte/coffee", "latte/milk", "latte/pour",
            ],
        ),
        ("steps", ["add coffee", "add sugar", "pour milk", "pour the milk"]),
        (
            "none",
            [
                "jelly/0: Pour the milk,", "jelly/1: add sugar",
                "latte/0: pour milk", "latte/1: add coffee", "latte/2: pour milk",
            ],
        ),
    ],
)  # fmt: skip
def test_names(sharing, names):
    for tasks in itertools.permutations([LATTE, JELLY, LATTE]):
        assert StepComponents(sharing, stemmer=None).update(tasks).names == names


@pytest.mark.parametrize(
    ("sharing", "rows"),
    [
        ("words", [[0, 0, 1, 1, 0, 1], [1, 0, 0, 0, 1, 0]]),
        ("task_words", [[0, 1, 1, 0, 1, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0, 0, 0, 0]]),
        ("steps", [[0, 0, 0, 1], [0, 1, 0, 0]]),
        ("none", [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0]]),
    ],
)
def test_matrix(sharing, rows):
    components = StepComponents(sharing, stemmer=None).update([LATTE, JELLY])
    rows = np.array(rows)
    expected = rows / rows.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(components.matrix(JELLY), expected, rtol=1e-7)


def test_composition():
    composition = Composition.from_rows([[4], [9, 2], [2, 4, 9]])
    assert composition.n_steps == 3
    assert composition.columns.tolist() == [2, 4, 9]
    assert composition.indptr.tolist() == [0, 1, 3, 6]
    assert composition.local.tolist() == [1, 2, 0, 0, 1, 2]
    assert composition.shares.dtype == np.float32
    third = 1 / 3
    expected = [[0, 1, 0], [0.5, 0, 0.5], [third, third, third]]
    np.testing.assert_allclose(composition.matrix, expected, rtol=1e-7)


@pytest.mark.parametrize(
    ("sharing", "stemmer", "n_components"),
    [
        ("words", "porter", 381),
        ("words", None, 406),
        ("steps", "porter", 517),
        ("none", "porter", 704),
    ],
)
def test_released_tasks(release, sharing, stemmer, n_components):
    tasks = list(release.catalog.values())
    assert len(tasks) == 83
    components = StepComponents(sharing, stemmer).update(tasks)
    assert len(components.names) == n_components
    reversed_order = StepComponents(sharing, stemmer).update(tasks[::-1])
    assert reversed_order.names == components.names
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compositions = components.compose(tasks)
    used = set()
    for task in tasks:
        composition = compositions[task]
        np.testing.assert_allclose(composition.matrix.sum(axis=1), 1.0, rtol=1e-6)
        used.update(composition.columns.tolist())
    assert used == set(range(n_components))


_WORDS = st.sampled_from(
    ["add", "the", "milk", "Milk", "milk,", "pour", "pouring", "poured", "(hot)", "&"]
)
_STEPS = st.lists(st.lists(_WORDS, min_size=1, max_size=4).map(" ".join), min_size=1,
                  max_size=4)  # fmt: skip
_TASKS = st.lists(
    st.builds(Task, st.sampled_from("abcd"), _STEPS), min_size=1, max_size=4
)


@given(tasks=_TASKS, sharing=st.sampled_from(SHARING), data=st.data())
@settings(max_examples=100, deadline=None)
def test_any_tasks(tasks, sharing, data):
    components = StepComponents(sharing).update(tasks)
    assert components.names == sorted(set(components.names))
    shuffled = data.draw(st.permutations(tasks))
    assert StepComponents(sharing).update(shuffled).names == components.names
    for task in tasks:
        matrix = components.matrix(task)
        assert matrix.shape == (len(task.steps), len(components.names))
        np.testing.assert_allclose(matrix.sum(axis=1), 1.0, rtol=1e-6)
        for row in matrix:
            assert len(set(row[row > 0])) == 1
        for i, j in itertools.combinations(range(len(task.steps)), 2):
            if task.steps[i] == task.steps[j] and sharing != "none":
                np.testing.assert_array_equal(matrix[i], matrix[j])


def test_update_keeps_indices():
    components = StepComponents(stemmer=None).update([LATTE])
    before = list(components.names)
    assert components.update([JELLY]) is components
    assert components.names == [*before, "sugar", "the"]
    assert components.update([LATTE, JELLY, LATTE]).names == [*before, "sugar", "the"]
    # What was composed before keeps its columns.
    matrix = components.matrix(LATTE)
    assert not matrix[:, len(before) :].any()
    first = StepComponents(stemmer=None).update([LATTE]).matrix(LATTE)
    np.testing.assert_array_equal(matrix[:, : len(before)], first)


def test_a_word_counts_once():
    # Also where only its stem, its case or its punctuation stands twice.
    task = Task("t", ["add more and more milk", "pour Pouring poured, milk"])
    components = StepComponents().update([task])
    assert components.names == ["add", "and", "milk", "more", "pour"]
    expected = [[0.25, 0.25, 0.25, 0.25, 0], [0, 0, 0.5, 0, 0.5]]
    np.testing.assert_allclose(components.matrix(task), expected)


def test_case_and_punctuation():
    one = Task("t", ["Add  the (hot) MILK!", "don't stir"])
    two = Task("t", ['"add" the hot: milk', "Don't stir..."])
    for sharing in ("words", "task_words", "steps"):
        components = StepComponents(sharing, None).update([one])
        names = list(components.names)
        assert components.update([two]).names == names
        np.testing.assert_array_equal(components.matrix(one), components.matrix(two))
    words = StepComponents(stemmer=None).update([one]).names
    assert words == ["add", "don't", "hot", "milk", "stir", "the"]


@pytest.mark.parametrize("mark", string.punctuation)
def test_a_word_of_punctuation_stays(mark):
    # A step must not lose all its words.
    components = StepComponents(stemmer=None).update([Task("t", [mark, "salt"])])
    assert components.names == sorted([mark, "salt"])


def test_unseen_task_of_known_words():
    components = StepComponents().update([LATTE, JELLY])
    unseen = Task("tea", ["pouring sugar", "add tea", "add"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        matrix = components.matrix(unseen)
    row = dict(zip(components.names, matrix.T.tolist(), strict=True))
    assert row["pour"] == [0.5, 0, 0]
    assert row["sugar"] == [0.5, 0, 0]
    # An unknown word beside a known one is passed over.
    assert row["add"] == [0, 1, 1]


def test_unknown_step_falls_back_to_its_task():
    components = StepComponents(stemmer=None).update([LATTE, JELLY])
    task = Task("tea", ["add milk", "boil water", "add coffee"])
    with pytest.warns(UserWarning, match="'boil water' of task 'tea' was seen") as seen:
        matrix = components.matrix(task)
    assert len(seen) == 1
    known = np.isin(components.names, ["add", "coffee", "milk"])
    np.testing.assert_allclose(matrix[1], known / 3)


def test_warning_points_at_the_caller():
    components = StepComponents(stemmer=None).update([LATTE])
    with pytest.warns(UserWarning, match="'boil'") as seen:
        components.compose([Task("tea", ["boil", "add"])])
    assert seen[0].filename == __file__


def test_unknown_task_falls_back_to_everything():
    components = StepComponents(stemmer=None).update([LATTE])
    with pytest.warns(UserWarning, match="of task 'tea'"):
        matrix = components.matrix(Task("tea", ["boil water", "steep"]))
    np.testing.assert_allclose(matrix, 0.25)


def test_one_warning_for_all_unknown_steps():
    components = StepComponents(stemmer=None).update([LATTE])
    tasks = [
        Task("tea", ["boil", "add tea", "steep", "serve"]),
        Task("eggs", ["crack", "beat", "fry", "add salt"]),
    ]
    with pytest.warns(UserWarning, match="was seen in training") as seen:
        compositions = components.compose([*tasks, tasks[0]])
    assert len(seen) == 1
    message = str(seen[0].message)
    named = re.findall(r"'(\w+)' of task '(\w+)'", message)
    steps = [("boil", "tea"), ("steep", "tea"), ("serve", "tea"), ("crack", "eggs")]
    assert named == [*steps, ("beat", "eggs")]
    assert "and 1 more" in message
    assert list(compositions) == tasks


@pytest.mark.parametrize("sharing", ["task_words", "steps", "none"])
def test_other_sharing_does_not_transfer(sharing):
    components = StepComponents(sharing, stemmer=None).update([LATTE])
    with pytest.warns(UserWarning, match="'add milk' of task 'tea'"):
        components.compose([Task("tea", ["add milk"])])


def test_stemmers():
    task = Task("t", ["generously pouring", "pours generous"])
    assert StepComponents(stemmer=None).update([task]).names == [
        "generous", "generously", "pouring", "pours",
    ]  # fmt: skip
    assert StepComponents(stemmer="porter").update([task]).names == ["gener", "pour"]
    snowball = StepComponents(stemmer="snowball").update([task])
    assert snowball.names == ["generous", "pour"]


def first_letter(word):
    return word[0]


def test_own_stemmer():
    asked = []

    def stem(word):
        asked.append(word)
        return first_letter(word)

    components = StepComponents(stemmer=stem).update([LATTE, JELLY])
    assert components.names == ["a", "c", "m", "p", "s", "t"]
    components.matrix(LATTE)
    assert sorted(asked) == ["add", "coffee", "milk", "pour", "sugar", "the"]


@pytest.mark.parametrize("stem", ["", None, 3, b"pour"])
def test_bad_stemmer(stem):
    components = StepComponents(stemmer=lambda word: stem)
    message = rf"^stemmer turned 'milk' into {stem!r}, not a word\.$"
    with pytest.raises(ValueError, match=message):
        components.update([Task("t", ["milk"])])
    assert components.names == []


@pytest.mark.parametrize("sharing", ["steps", "none"])
def test_whole_steps_are_not_stemmed(sharing):
    def stem(word):
        raise AssertionError(word)

    components = StepComponents(sharing, stemmer=stem)
    components.update([Task("t", ["pour milk", "pouring milk"])])
    assert len(components.names) == 2


@pytest.mark.parametrize("sharing", ["word", "", None, "Words"])
def test_bad_sharing(sharing):
    with pytest.raises(ValueError, match=rf"^sharing must be one of .*{sharing!r}\.$"):
        StepComponents(sharing)


@pytest.mark.parametrize("stemmer", ["lancaster", "", 3, True])
def test_bad_stemmer_name(stemmer):
    with pytest.raises(ValueError, match=rf"^stemmer must be .* got {stemmer!r}\.$"):
        StepComponents(stemmer=stemmer)


@pytest.mark.parametrize("stemmer", ["porter", "snowball", None, first_letter])
@pytest.mark.parametrize("sharing", SHARING)
def test_pickle(sharing, stemmer):
    components = StepComponents(sharing, stemmer).update([LATTE])
    copy = pickle.loads(pickle.dumps(components))
    assert copy.names == components.names
    np.testing.assert_array_equal(copy.matrix(LATTE), components.matrix(LATTE))
    # It stems on, and the original is as it was.
    assert copy.update([JELLY]).names == components.update([JELLY]).names
    np.testing.assert_array_equal(copy.matrix(JELLY), components.matrix(JELLY))


def test_words_behind_a_stem_gather_over_updates():
    components = StepComponents().update([Task("a", ["Pouring milk", "pour water"])])
    assert components.words["pour"] == ["pour", "pouring"]
    components.update([Task("b", ["pours"])])
    assert components.words["pour"] == ["pour", "pouring", "pours"]
    assert sorted(components.words) == components.names == ["milk", "pour", "water"]


@pytest.mark.parametrize(
    ("sharing", "unseen"),
    [
        ("words", {"salt": ["salt"], "stir": ["stir", "stirring"]}),
        (
            "task_words",
            {
                "t/milk": ["milk"],
                "t/salt": ["salt"],
                "t/stir": ["stir", "stirring"],
            },
        ),
        (
            "steps",
            {"stir salt": ["salt", "stir"], "stirring milk": ["milk", "stirring"]},
        ),
        (
            "none",
            {
                "t/0: Stir salt": ["salt", "stir"],
                "t/1: stirring milk": ["milk", "stirring"],
            },
        ),
    ],
)
def test_unseen_components_and_their_words(sharing, unseen):
    components = StepComponents(sharing).update([LATTE])
    task = Task("t", ["Stir salt", "stirring milk"])
    assert components.unseen([task, LATTE, task]) == unseen


def test_compose_counts_more_columns_as_known():
    components = StepComponents(stemmer=None).update([LATTE])
    task = Task("t", ["stir milk", "stir"])
    more = {"stir": len(components.names)}
    steps = components.compose([task], more)[task]
    np.testing.assert_array_equal(steps.columns, [components.names.index("milk"), 4])
    np.testing.assert_allclose(steps.matrix, [[0.5, 0.5], [0, 1]])
    with pytest.warns(UserWarning, match="or could be learnt from word vectors"):
        components.compose([Task("t", ["whisk"])], more)
