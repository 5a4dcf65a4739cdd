"""Related tasks: the ranking, near duplicates, and those of the release."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer

from skcrosstask import Task
from skcrosstask.datasets import find_related_tasks

LATTE = Task("latte", ["steam milk", "pour milk"])
COCOA = Task("cocoa", ["heat milk", "stir"])
JUICE = Task("juice", ["squeeze lemon", "pour juice", "drink"])
TYRE = Task("tyre", ["lift bike"])
CANDIDATES = [TYRE, JUICE, COCOA]


def names(found, task=LATTE):
    return [related.name for related in found.related[task.name]]


class TestRanking:
    def test_best_first_and_nothing_unrelated(self):
        found = find_related_tasks([LATTE], CANDIDATES)
        assert names(found) == ["cocoa", "juice"]
        scores = found.scores["latte"]
        assert scores[0] > scores[1] > 0
        np.testing.assert_array_equal(found.similarity[0, [2, 1]], scores)
        assert found.similarity[0, 0] == 0

    def test_cosines_by_hand(self):
        # Three documents; "milk" in two of them, all else in one.
        tasks = [Task("a", ["milk milk"]), Task("b", ["milk tea"]), Task("c", ["tea"])]
        text = {task.name: " ".join(task.steps) for task in tasks}
        found = find_related_tasks(tasks[:1], tasks[1:], texts=text)
        # The two stems of b are in two documents each, so weigh the same.
        np.testing.assert_allclose(found.similarity, [[np.sqrt(0.5), 0]])
        assert names(found, tasks[0]) == ["b"]

    def test_rare_words_weigh_more(self):
        wanted = Task("wanted", ["common rare"])
        common, rare = Task("one", ["common other"]), Task("two", ["rare thing"])
        rest = [Task(f"rest {i}", [f"common {i}"]) for i in range(8)]
        found = find_related_tasks([wanted], [common, rare, *rest])
        assert names(found, wanted)[0] == "two"

    def test_words_are_compared_by_stem_without_stop_words(self):
        wanted, other = Task("x", ["pouring the tea"]), Task("y", ["the pour"])
        nothing = Task("z", ["the of and lemon"])
        found = find_related_tasks([wanted], [nothing, other])
        assert names(found, wanted) == ["y"]

    def test_n_related(self):
        assert names(find_related_tasks([LATTE], CANDIDATES, n_related=1)) == ["cocoa"]

    def test_several_tasks(self):
        found = find_related_tasks([LATTE, TYRE], [JUICE, COCOA])
        assert names(found) == ["cocoa", "juice"]
        assert names(found, TYRE) == []
        assert found.scores["tyre"].shape == (0,)
        assert found.similarity.shape == (2, 2)

    def test_given_tasks_are_passed_over(self):
        found = find_related_tasks([LATTE, COCOA], [COCOA, LATTE, JUICE])
        assert names(found) == ["juice"]
        assert names(found, COCOA) == []

    def test_a_candidate_twice_is_one(self):
        assert names(find_related_tasks([LATTE], [COCOA, JUICE, COCOA])) == [
            "cocoa", "juice",
        ]  # fmt: skip

    def test_equal_scores_keep_the_order_of_candidates(self):
        # Alternately of two scores, and so many that not every sort keeps the order.
        steps = [["pour milk"], ["pour milk", "cut bread"]]
        many = [Task(f"task {i}", steps[i % 2], "title") for i in range(60)]
        found = find_related_tasks([LATTE], many, n_related=60)
        assert found.related["latte"] == [*many[::2], *many[1::2]]

    def test_title_counts(self):
        titled = Task("17", ["lift bike"], "Steam Milk")
        assert names(find_related_tasks([LATTE], [titled])) == ["17"]

    def test_texts_stand_for_steps(self):
        texts = {"latte": "Bikes have tyres to lift.", "cocoa": "", "other": "?"}
        found = find_related_tasks([LATTE], CANDIDATES, texts=texts)
        # An empty text is none: cocoa is described by its steps.
        assert names(found) == ["tyre"]

    def test_another_transformer(self):
        text = CountVectorizer(vocabulary=["stir", "milk"])
        found = find_related_tasks([LATTE], CANDIDATES, text=text)
        # Cosines, although counts are no unit vectors.
        np.testing.assert_allclose(found.similarity, [[0, 0, np.sqrt(0.5)]])


class TestDuplicates:
    videos = {  # noqa: RUF012
        "latte": ["1", "2", "3", "4", "5"],
        "cocoa": {"4", "5", "6", "7"},
        "juice": ("6", "8", "9", "10"),
    }

    def test_share_of_the_smaller_set(self):
        kept = {
            limit: names(
                find_related_tasks(
                    [LATTE], CANDIDATES, videos=self.videos, max_shared=limit
                )
            )
            for limit in (0.0, 0.2, 0.25, 0.49, 0.5, 1.0)
        }
        # Two of cocoa's four are of latte too; one of juice's four is of cocoa.
        assert kept[0.49] == kept[0.25] == ["juice"]
        assert kept[0.0] == kept[0.2] == ["juice"]
        assert kept[0.5] == kept[1.0] == ["cocoa", "juice"]

    def test_with_a_candidate_ranked_above(self):
        videos = {**self.videos, "latte": []}
        found = find_related_tasks([LATTE], CANDIDATES, videos=videos, max_shared=0.2)
        assert names(found) == ["cocoa"]

    def test_one_left_out_does_not_leave_out_others(self):
        # Juice shares with cocoa alone, and cocoa is out.
        found = find_related_tasks(
            [LATTE], CANDIDATES, videos=self.videos, max_shared=0.1
        )
        assert names(found) == ["juice"]

    def test_its_place_goes_to_the_next(self):
        found = find_related_tasks(
            [LATTE], CANDIDATES, videos=self.videos, n_related=1
        )  # fmt: skip
        assert names(found) == ["juice"]

    def test_tasks_without_videos_are_kept(self):
        videos = {"latte": self.videos["latte"], "cocoa": []}
        found = find_related_tasks([LATTE], CANDIDATES, videos=videos, max_shared=0)
        assert names(found) == ["cocoa", "juice"]


WORDS = st.lists(st.sampled_from(["milk", "tea", "pour", "cut"]), min_size=1)


class TestProperties:
    @given(
        st.lists(WORDS, min_size=2, max_size=6),
        st.integers(1, 4),
        st.lists(st.sets(st.integers(0, 9)), min_size=6, max_size=6),
        st.floats(0, 1),
    )
    def test_what_is_found(self, steps, n_related, sets, limit):
        tasks = [Task(f"task {i}", [" ".join(s)]) for i, s in enumerate(steps)]
        videos = {
            task.name: set(map(str, own))
            for task, own in zip(tasks, sets, strict=False)
        }
        first, *others = tasks
        found = find_related_tasks(
            [first], tasks, n_related=n_related, videos=videos, max_shared=limit
        )
        related, scores = found.related[first.name], found.scores[first.name]
        assert first not in related
        assert len(set(related)) == len(related) == len(scores) <= n_related
        assert np.all(np.diff(scores) <= 0)
        assert np.all((scores > 0) & (scores <= 1 + 1e-12))
        expected = brute_force(first, others, found.similarity[0, 1:], videos, limit)
        assert related == expected[:n_related]


def brute_force(task, candidates, scores, videos, limit):
    """Candidates from the best on, each kept if it is near to none that is kept."""
    kept = [task]
    ranked = sorted(zip(-scores, range(len(scores)), strict=True))
    for score, j in ranked:
        own = videos[candidates[j].name]
        shares = [
            len(own & videos[other.name]) / min(len(own), len(videos[other.name]))
            for other in kept
            if own and videos[other.name]
        ]
        if score < 0 and all(share <= limit for share in shares):
            kept.append(candidates[j])
    return kept[1:]


@pytest.fixture(scope="module")
def videos(release):
    of_task = {}
    for video in release.videos:
        of_task.setdefault(video.task.name, []).append(video.name)
    return of_task


@pytest.fixture(scope="module")
def found(release, videos):
    return find_related_tasks(
        release.primary, release.related, n_related=5, videos=videos
    )


class TestRelease:
    @staticmethod
    def titles(release, found, title):
        (name,) = [task.name for task in release.primary if task.title == title]
        return [task.title for task in found.related[name]]

    @pytest.mark.parametrize(
        ("title", "expected"),
        [
            ("Make Pancakes", {"Make Blueberry Pancakes", "Make Sourdough Pancakes"}),
            ("Make a Latte", {"Make a Cafe Au Lait", "Make a Caramel Macchiato"}),
            ("Grill Steak", {"Grill Flank Steak", "Grill Swordfish"}),
            ("Make Lemonade", {"Make Watermelon Lemonade", "Make Lavender Lemonade"}),
            ("Build Simple Floating Shelves", {"Build a Bookshelf", "Build a Desk"}),
            ("Change a Tire", {"Change Wheel Bearings"}),
            ("Jack Up a Car", {"Install Lowering Springs"}),
        ],
    )
    def test_the_best_are_sensible(self, release, found, title, expected):
        assert expected <= set(self.titles(release, found, title)[:3])

    def test_most_primary_tasks_have_a_namesake_on_top(self, release, found):
        """That is, one with a word of its title other than its first."""
        hits = 0
        for task in release.primary:
            best = found.related[task.name][0]
            own = set(task.title.split()[1:]) - {"a", "an", "the"}
            hits += bool(own & set(best.title.split()))
        assert hits >= 10

    def test_the_release_is_free_of_duplicates(self, release, videos, found):
        without = find_related_tasks(release.primary, release.related, n_related=5)
        assert found.related == without.related

    def test_no_video_in_common(self, release, videos):
        strict = find_related_tasks(
            release.primary, release.related, n_related=65, videos=videos, max_shared=0
        )
        sets = {name: set(of_task) for name, of_task in videos.items()}
        for name, related in strict.related.items():
            chosen = [name, *(task.name for task in related)]
            for i, one in enumerate(chosen):
                assert not any(sets[one] & sets[other] for other in chosen[:i])
        # Blueberry pancakes share three videos with pancakes, sourdough none.
        best = self.titles(release, strict, "Make Pancakes")
        assert best[0] == "Make Sourdough Pancakes"
        assert "Make Blueberry Pancakes" not in best

    def test_a_limit_between(self, release, videos):
        """Lattes share four of thirty videos with iced cappuccino, three with lait."""
        found = find_related_tasks(
            release.primary, release.related, videos=videos, max_shared=0.12
        )
        latte = self.titles(release, found, "Make a Latte")
        assert "Make a Cafe Au Lait" in latte
        assert "Make a Blended Iced Cappuccino" not in latte


class TestBadInput:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"n_related": 0}, "n_related must be a whole number from 1, got 0"),
            ({"n_related": 2.5}, "n_related must be a whole number from 1, got 2.5"),
            ({"max_shared": -0.1}, "max_shared must be from 0 to 1, got -0.1"),
            ({"max_shared": 1.1}, "max_shared"),
            ({"max_shared": np.nan}, "max_shared"),
            ({"texts": {"Make Latte": "milk"}}, "texts: none of its names .*'latte'"),
            ({"videos": {"Make Latte": ["1"]}}, "videos: none of its names"),
        ],
    )
    def test_values(self, options, message):
        with pytest.raises(ValueError, match=message):
            find_related_tasks([LATTE], CANDIDATES, **options)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"texts": {"latte": None}}, r"texts\['latte'\] must be a str, got None"),
            ({"videos": {"latte": "abc"}}, r"videos\['latte'\] must be a collection"),
        ],
    )
    def test_types(self, options, message):
        with pytest.raises(TypeError, match=message):
            find_related_tasks([LATTE], CANDIDATES, **options)

    @pytest.mark.parametrize("tasks", [([], [LATTE]), ([LATTE], [])])
    def test_nothing(self, tasks):
        with pytest.raises(ValueError, match="at least one task and a candidate"):
            find_related_tasks(*tasks)

    @pytest.mark.parametrize(
        ("tasks", "message"),
        [
            ((["latte"], [LATTE]), r"^tasks\[0\] must be a Task, got 'latte'"),
            ((LATTE, CANDIDATES), "^tasks must be a sequence of Task"),
            (([LATTE], COCOA), "^candidates must be a sequence of Task"),
        ],
    )
    def test_what_are_no_tasks(self, tasks, message):
        with pytest.raises(TypeError, match=message):
            find_related_tasks(*tasks)

    def test_two_tasks_of_one_name(self):
        with pytest.raises(ValueError, match="Two different tasks are named 'latte'"):
            find_related_tasks([LATTE], [Task("latte", ["grind coffee"])])

    def test_a_transformer_that_is_not_fitted(self):
        with pytest.raises(NotFittedError):
            find_related_tasks([LATTE], CANDIDATES, text=CountVectorizer())
