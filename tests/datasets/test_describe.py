"""Figures of a collection: by hand, and those of the release against the paper."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask import Task, Video
from skcrosstask.datasets import describe, make_instructional_videos
from skcrosstask.metrics import background_share, missing_share, order_consistency

TEA = Task("tea", ["boil water", "add tea", "pour water"], "Make Tea")
TOAST = Task("toast", ["cut bread", "toast bread"])
SHARES = ("missing", "background", "order consistency")

# Videos, steps, missing and background in %, order consistency, as published.
PUBLISHED = {
    "Make Kimchi Fried Rice": (120, 6, 21, 69, 0.69),
    "Make Bread and Butter Pickles": (106, 11, 48, 75, 0.85),
    "Make Banana Ice Cream": (170, 5, 38, 80, 0.98),
    "Grill Steak": (228, 11, 46, 75, 0.95),
    "Jack Up a Car": (89, 3, 39, 81, 1.00),
    "Make Jello Shots": (182, 6, 21, 72, 0.87),
    "Change a Tire": (99, 11, 27, 62, 0.97),
    "Make Lemonade": (131, 8, 28, 69, 0.80),
    "Add Oil to Your Car": (137, 8, 33, 85, 0.92),
    "Make a Latte": (157, 6, 43, 71, 0.89),
    "Build Simple Floating Shelves": (153, 5, 34, 58, 0.96),
    "Make Taco Salad": (170, 8, 41, 79, 0.66),
    "Make French Toast": (252, 10, 23, 68, 0.80),
    "Make Irish Coffee": (185, 5, 13, 74, 0.77),
    "Make French Strawberry Cake": (86, 9, 25, 63, 0.82),
    "Make Pancakes": (182, 8, 19, 69, 0.89),
    "Make Meringue": (154, 6, 23, 67, 0.98),
    "Make Kerala Fish Curry": (149, 7, 25, 69, 0.74),
}


def make_video(task, annotation=None, name=None, length=10):
    return Video(np.zeros((length, 1)), task, annotation=annotation, name=name)


class TestByHand:
    videos = (
        make_video(TEA, [[0, 0, 4], [2, 6, 8]], "a", 20),
        make_video(TOAST, None, "b", 3600),
        make_video(TEA, [[1, 0, 2], [0, 4, 10]], "c", 10),
        make_video(TEA, None, "b", 1770),
    )

    def test_table(self):
        table = describe(self.videos).table
        assert list(table) == [
            "task", "title", "videos", "hours", "steps", "segments", "segment length",
            *SHARES,
        ]  # fmt: skip
        assert table["task"] == ["tea", "toast"]
        assert table["title"] == ["Make Tea", "toast"]
        assert table["videos"] == [3, 1]
        assert table["hours"] == [0.5, 1.0]
        assert table["steps"] == [3, 2]
        assert table["segments"] == [4, 0]
        assert table["segment length"][0] == 3.5
        # Two of six; 14 of 20 and 2 of 10 seconds; 2 and then 1 of 2 in order.
        assert table["missing"][0] == 0.3333
        assert table["background"][0] == 0.45
        assert table["order consistency"][0] == 0.75
        for name in ("segment length", *SHARES):
            assert np.isnan(table[name][1])

    def test_totals(self):
        assert describe(self.videos).totals == {
            "videos": 4,
            "distinct videos": 3,
            "hours": 1.5,
            "tasks": 2,
            "annotated videos": 2,
            "segments": 4,
            "segment length": 3.5,
            "steps a task": 2.5,
            "missing": 0.3333,
            "background": 0.45,
            "order consistency": 0.75,
        }

    def test_shares_are_means_over_tasks(self):
        more = make_video(TOAST, [[1, 0, 1], [0, 3, 4]])
        totals = describe([*self.videos, more]).totals
        assert totals["missing"] == pytest.approx((1 / 3 + 0) / 2, abs=5e-5)
        assert totals["background"] == pytest.approx((0.45 + 0.8) / 2)
        assert totals["order consistency"] == pytest.approx((0.75 + 0.5) / 2)

    def test_given_lengths(self):
        videos = [
            Video("nowhere.npy", TEA, annotation=[[0, 0, 9]], name="a"),
            Video("nowhere.npy", TEA, name="b"),
        ]
        table = describe(videos, np.array([90, 1710])).table
        assert table["hours"] == [0.5]
        assert table["background"] == [0.9]

    def test_segments_are_clipped_to_the_length(self):
        video = make_video(TEA, [[0, 8, 14]])
        assert describe([video]).table["background"] == [0.8]

    def test_nothing_is_annotated(self):
        totals = describe([make_video(TEA), make_video(TOAST)]).totals
        assert totals["annotated videos"] == totals["segments"] == 0
        assert all(np.isnan(totals[name]) for name in ("segment length", *SHARES))

    def test_an_annotation_without_segments(self):
        (table,) = [describe([make_video(TEA, [])]).table]
        assert table["missing"] == table["background"] == [1.0]
        assert np.isnan(table["order consistency"][0])

    def test_videos_without_a_name_are_distinct(self):
        videos = [make_video(TEA), make_video(TEA)]
        assert describe([*videos, videos[0]]).totals["distinct videos"] == 2

    def test_tasks_of_one_name_but_other_steps_are_two(self):
        other = Task("tea", ["buy tea"])
        assert describe([make_video(TEA), make_video(other)]).table["steps"] == [3, 1]


@st.composite
def collections(draw):
    videos = []
    for _ in range(draw(st.integers(1, 6))):
        task = draw(st.sampled_from([TEA, TOAST]))
        length = draw(st.integers(4, 40))
        starts = draw(st.none() | st.lists(st.integers(0, length - 2), max_size=4))
        truth = starts and [
            [draw(st.integers(0, len(task.steps) - 1)), start, start + 1.5]
            for start in starts
        ]
        videos.append(make_video(task, truth, length=length))
    return videos


class TestProperties:
    @given(collections(), st.randoms(use_true_random=False))
    def test_order_of_the_videos_does_not_matter(self, videos, random):
        before = describe(videos)
        random.shuffle(videos)
        after = describe(videos)
        np.testing.assert_equal(
            [after.totals[n] for n in before.totals], list(before.totals.values())
        )
        rows = {
            task: i for i, task in enumerate(after.table["task"])
        }  # in order of appearance
        again = [rows[task] for task in before.table["task"]]
        for name, column in before.table.items():
            np.testing.assert_equal([after.table[name][i] for i in again], column)

    @given(collections())
    def test_tasks_add_up(self, videos):
        found = describe(videos)
        for name in ("videos", "segments"):
            assert sum(found.table[name]) == found.totals[name]
        hours = sum(video.shape[0] for video in videos) / 3600
        assert found.totals["hours"] == pytest.approx(hours, abs=5e-5)
        assert sum(found.table["hours"]) == pytest.approx(hours, abs=2e-4)
        shares = np.array([found.table[name] for name in SHARES])
        assert np.all(np.isnan(shares) | ((shares >= 0) & (shares <= 1)))

    def test_shares_are_those_of_the_metrics(self):
        videos, tasks = make_instructional_videos(5, missing=0.4, random_state=0)
        truth = [video.annotation for video in videos]
        lengths = [video.shape[0] for video in videos]
        expected = {
            "missing": missing_share(truth, tasks, average=None),
            "background": background_share(truth, lengths, tasks, average=None),
            "order consistency": order_consistency(truth, tasks, lengths, average=None),
        }
        found = describe(videos)
        for name, by_task in expected.items():
            column = dict(zip(found.table["task"], found.table[name], strict=True))
            assert column == pytest.approx(by_task, abs=5e-5)
            mean = np.mean(list(by_task.values()))
            assert found.totals[name] == pytest.approx(mean, abs=5e-5)


@pytest.fixture(scope="module")
def primary(primary_release):
    return describe(primary_release.videos, primary_release.lengths)


class TestRelease:
    def test_table_1(self, release):
        totals = describe(release.videos, release.lengths).totals
        # 4.7K videos, 375 hours, 83 tasks; the hours here add up to 376.0.
        assert totals["videos"] == 4700
        assert totals["distinct videos"] == 4607
        assert totals["tasks"] == 83
        assert totals["hours"] == pytest.approx(375, abs=1)
        assert totals["annotated videos"] == 2750
        assert totals["segments"] == 20919
        assert totals["segment length"] == pytest.approx(9.6, abs=0.05)

    def test_primary_and_related(self, release, primary):
        assert primary.totals["hours"] == pytest.approx(213, abs=1)
        assert primary.totals["steps a task"] == pytest.approx(7.39, abs=0.005)
        related = set(release.related)
        rows = [i for i, v in enumerate(release.videos) if v.task in related]
        videos = [release.videos[i] for i in rows]
        found = describe(videos, release.lengths[rows])
        assert found.totals["videos"] == 1950
        assert found.totals["tasks"] == 65
        assert set(found.table["videos"]) == {30}
        # The paper says 161 hours; the released lengths add up to 163.8.
        assert found.totals["hours"] == pytest.approx(163.8, abs=0.05)
        assert found.totals["steps a task"] == pytest.approx(8.78, abs=0.005)
        assert found.totals["annotated videos"] == 0
        assert np.isnan(found.totals["missing"])

    def test_each_primary_task(self, primary):
        table = primary.table
        assert set(table["title"]) == set(PUBLISHED)
        for i, title in enumerate(table["title"]):
            n_videos, n_steps, missing, background, order = PUBLISHED[title]
            assert table["videos"][i] == n_videos, title
            assert table["steps"][i] == n_steps, title
            assert 100 * table["missing"][i] == pytest.approx(missing, abs=0.55), title
            assert 100 * table["background"][i] == pytest.approx(background, abs=0.55)
            assert round(table["order consistency"][i], 2) == order, title

    def test_means_over_primary_tasks(self, primary):
        assert primary.totals["missing"] == pytest.approx(0.304, abs=5e-4)
        assert primary.totals["background"] == pytest.approx(0.715, abs=5e-4)
        assert primary.totals["order consistency"] == pytest.approx(0.864, abs=5e-4)


class TestBadInput:
    @pytest.mark.parametrize(
        ("lengths", "message"),
        [
            ([10], "2 videos, but 1 lengths"),
            ([10, 0], "video 'b': its length must be a whole number from 1, got 0"),
            ([10, -1], "video 'b': its length"),
            ([10, 9.5], "video 'b': its length.* got 9.5"),
            ([10, np.nan], "video 'b': its length.* got nan"),
            ([10, np.inf], "video 'b': its length.* got inf"),
            ([2, 10], "video 'a': 2 seconds are too few for the 3 steps of 'tea'"),
        ],
    )
    def test_lengths(self, lengths, message):
        videos = [make_video(TEA, [[0, 0, 1]], "a"), make_video(TEA, None, "b")]
        with pytest.raises(ValueError, match=message):
            describe(videos, lengths)

    def test_no_video(self):
        with pytest.raises(ValueError, match="at least one video"):
            describe([])

    @pytest.mark.parametrize("task", [None, "tea"])
    def test_no_task(self, task):
        with pytest.raises(ValueError, match="video 'a': task must be a Task, got "):
            describe([make_video(TEA), make_video(task, name="a")])

    def test_no_video_but_an_array(self):
        with pytest.raises(TypeError, match=r"videos\[1\] must be a Video, got array"):
            describe([make_video(TEA), np.zeros((3, 1))])

    def test_features_that_are_not_there(self):
        with pytest.raises(
            FileNotFoundError, match=r"nowhere\.npy.*lengths=data\.lengths"
        ):
            describe([Video("nowhere.npy", TEA)])
