"""Distances between tasks, and the map that follows them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from skcrosstask import Task
from skcrosstask.components import StepComponents
from skcrosstask.datasets import sharing_map

LATTE = Task("latte", ["pour milk", "stir"])
COCOA = Task("cocoa", ["pouring milk"])
TYRE = Task("tyre", ["lift bike"])


class TestDistances:
    def test_by_hand(self):
        found = sharing_map([LATTE, COCOA, LATTE, TYRE])
        assert found.tasks == [LATTE, COCOA, TYRE]
        np.testing.assert_array_equal(
            found.n_shared, [[3, 2, 0], [2, 2, 0], [0, 0, 2]]
        )  # fmt: skip
        third = 1 / 3
        np.testing.assert_allclose(
            found.distances, [[0, third, 1], [third, 0, 1], [1, 1, 0]], atol=1e-15
        )

    def test_without_stems_other_forms_are_other_words(self):
        found = sharing_map([LATTE, COCOA], stemmer=None)
        assert found.n_shared[0, 1] == 1
        assert found.distances[0, 1] == pytest.approx(1 - 1 / 4)

    @pytest.mark.parametrize(
        ("sharing", "n_shared"),
        [
            ("words", [[2, 2], [2, 3]]),
            ("task_words", [[2, 0], [0, 3]]),
            ("steps", [[1, 1], [1, 2]]),
            ("none", [[1, 0], [0, 2]]),
        ],
    )
    def test_what_a_component_is(self, sharing, n_shared):
        tasks = [Task("one", ["pour milk"]), Task("two", ["pour milk", "stir milk"])]
        found = sharing_map(tasks, sharing=sharing)
        np.testing.assert_array_equal(found.n_shared, n_shared)


class TestPositions:
    def test_three_tasks_are_drawn_as_they_are(self):
        found = sharing_map([LATTE, COCOA, TYRE])
        np.testing.assert_allclose(
            cdist(found.positions, found.positions), found.distances, atol=1e-9
        )

    def test_two_tasks_are_on_a_line(self):
        found = sharing_map([LATTE, TYRE])
        np.testing.assert_allclose(np.abs(found.positions[:, 0]), 0.5)
        np.testing.assert_allclose(found.positions[:, 1], 0, atol=1e-9)

    def test_tasks_of_the_same_words_are_in_one_place(self):
        twin = Task("twin", ["stir", "milk pour"])
        found = sharing_map([LATTE, twin, TYRE])
        assert found.distances[0, 1] == 0
        np.testing.assert_allclose(found.positions[0], found.positions[1], atol=1e-7)

    def test_all_alike(self):
        found = sharing_map([LATTE, Task("twin", ["stir", "milk pour"])])
        np.testing.assert_allclose(found.positions, 0, atol=1e-7)

    def test_is_the_same_again(self):
        tasks = [LATTE, COCOA, TYRE, Task("tea", ["pour tea", "stir tea"])]
        np.testing.assert_array_equal(
            sharing_map(tasks).positions, sharing_map(tasks).positions
        )


WORDS = ["milk", "tea", "pour", "cut", "stir", "lift"]
STEPS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
TASKS = st.lists(st.lists(STEPS, min_size=1, max_size=3), min_size=2, max_size=7)


class TestProperties:
    @given(TASKS)
    def test_distances_are_those_of_sets_and_a_metric(self, steps):
        tasks = [Task(str(i), of_task) for i, of_task in enumerate(steps)]
        found = sharing_map(tasks)
        held = [
            {name for step in StepComponents().keys(task) for name in step}
            for task in tasks
        ]
        for i, own in enumerate(held):
            for j, other in enumerate(held):
                assert found.n_shared[i, j] == len(own & other)
                expected = 1 - len(own & other) / len(own | other)
                assert found.distances[i, j] == pytest.approx(expected)
        detour = found.distances[:, :, None] + found.distances[None]
        assert np.all(found.distances <= detour.min(axis=1) + 1e-12)

    @given(TASKS)
    def test_map(self, steps):
        tasks = [Task(str(i), of_task) for i, of_task in enumerate(steps)]
        found = sharing_map(tasks)
        x, y = found.positions.T
        assert found.positions.shape == (len(tasks), 2)
        np.testing.assert_allclose(found.positions.mean(axis=0), 0, atol=1e-7)
        # Wider than high, and the two directions have nothing in common.
        assert x @ x >= y @ y - 1e-9
        assert x @ y == pytest.approx(0, abs=1e-7)

    @given(TASKS, st.randoms(use_true_random=False))
    def test_order_of_the_tasks_does_not_matter(self, steps, random):
        tasks = [Task(str(i), of_task) for i, of_task in enumerate(steps)]
        before = sharing_map(tasks).distances
        order = list(range(len(tasks)))
        random.shuffle(order)
        after = sharing_map([tasks[i] for i in order]).distances
        np.testing.assert_allclose(after, before[np.ix_(order, order)])


@pytest.fixture(scope="module")
def found(release):
    return sharing_map([*release.primary, *release.related])


class TestRelease:
    def test_all_tasks(self, found):
        assert len(found.tasks) == 83
        assert found.distances.shape == (83, 83)
        np.testing.assert_array_equal(found.n_shared, found.n_shared.T)

    def test_neighbours_are_alike(self, found):
        titles = [task.title for task in found.tasks]
        apart = found.distances + 2 * np.eye(len(titles))
        nearest = {
            title: titles[j] for title, j in zip(titles, apart.argmin(1), strict=True)
        }
        assert nearest["Make Pancakes"] == "Make Sourdough Pancakes"
        assert "Lemonade" in nearest["Make Lemonade"]
        assert "Grill" in nearest["Grill Steak"]

    def test_the_map_tells_kitchen_from_workshop(self, found):
        titles = [task.title for task in found.tasks]
        workshop = {"Car", "Tire", "Hubcap", "Wheel", "Shelves", "Desk", "Bookshelf"}
        inside = np.array([bool(workshop & set(t.split())) for t in titles])
        assert inside.sum() > 6
        x = found.positions[:, 0]
        within = x[inside] if x[inside].mean() > 0 else -x[inside]
        assert within.min() > 0

    def test_the_plane_follows_the_distances(self, found):
        """By rank, over all pairs: a plane holds part of it only."""
        pairs = np.triu_indices(83, 1)
        drawn = cdist(found.positions, found.positions)[pairs]
        ranks = [
            np.argsort(np.argsort(v, kind="stable"), kind="stable")
            for v in (drawn, found.distances[pairs])
        ]
        assert np.corrcoef(ranks)[0, 1] > 0.5


class TestBadInput:
    @pytest.mark.parametrize("tasks", [[], [LATTE], [LATTE, LATTE]])
    def test_too_few(self, tasks):
        with pytest.raises(ValueError, match="two distinct tasks, got"):
            sharing_map(tasks)

    def test_no_task_but_a_name(self):
        with pytest.raises(TypeError, match=r"tasks\[1\] must be a Task, got 'latte'"):
            sharing_map([LATTE, "latte"])
        with pytest.raises(TypeError, match="tasks must be a sequence of Task, got"):
            sharing_map(LATTE)

    @pytest.mark.parametrize("option", ["sharing", "stemmer"])
    def test_options(self, option):
        with pytest.raises(ValueError, match=f"{option} must be one of"):
            sharing_map([LATTE, TYRE], **{option: "other"})
