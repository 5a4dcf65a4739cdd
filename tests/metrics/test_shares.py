"""Shares of missing steps and of background."""

import numpy as np
import pytest

from skcrosstask import Task
from skcrosstask.metrics import background_share, missing_share

TEA = Task("tea", ["boil water", "add tea", "pour water", "add milk"])
TOAST = Task("toast", ["cut bread", "toast bread"])


class TestMissing:
    # Missing: 2 of 4, 4 of 4, 1 of 2.
    annotations = ([[0, 1, 2], [0, 3, 4], [3, 2, 9]], [], [[1, 0, 5]], None)
    tasks = (TEA, TEA, TOAST, TOAST)

    @pytest.mark.parametrize(
        ("average", "expected"),
        [
            ("task", (6 / 8 + 1 / 2) / 2),
            ("video", (1 / 2 + 1 + 1 / 2) / 3),
            ("micro", 7 / 10),
            (None, {"tea": 6 / 8, "toast": 1 / 2}),
        ],
    )
    def test_averages(self, average, expected):
        found = missing_share(self.annotations, self.tasks, average=average)
        assert found == pytest.approx(expected)

    def test_errors(self):
        with pytest.raises(ValueError, match="No video is annotated"):
            missing_share([None], [TEA])
        with pytest.raises(ValueError, match="1 annotations, 2 tasks"):
            missing_share([[]], [TEA, TEA])
        with pytest.raises(ValueError, match="holds step 2"):
            missing_share([[[2, 0, 1]]], [TOAST])
        with pytest.raises(TypeError, match=r"tasks\[0\] must be a Task, got 'tea'"):
            missing_share([[]], ["tea"])
        with pytest.raises(ValueError, match="average must be"):
            missing_share([[]], [TEA], average="mean")

    def test_release(self, primary_release, primary_table):
        data = primary_release
        annotations = [video.annotation for video in data.videos]
        found = missing_share(annotations, data.tasks, average=None)
        for task in data.primary:
            share = round(100 * found[task.name])
            assert share == primary_table[task.title]["missing"], task.title
        pooled = missing_share(annotations, data.tasks, average="micro")
        assert round(100 * pooled) == 31
        assert missing_share(annotations, data.tasks) == pytest.approx(0.304, abs=5e-4)


class TestBackground:
    # Background: 4 of 10, 5 of 5, 1 of 4.
    annotations = ([[0, 0.5, 3.5], [1, 3.2, 5.1]], [], [[0, 1.0, 9.0]], None)
    lengths = (10, 5, 4, -1)
    tasks = (TEA, TEA, "toast", "toast")

    @pytest.mark.parametrize(
        ("average", "expected"),
        [
            ("task", (0.7 + 0.25) / 2),
            ("video", (0.4 + 1 + 0.25) / 3),
            (None, {"tea": 0.7, "toast": 0.25}),
        ],
    )
    def test_averages(self, average, expected):
        found = background_share(
            self.annotations, self.lengths, self.tasks, average=average
        )
        assert found == pytest.approx(expected)

    def test_without_tasks_all_are_one(self):
        found = background_share(self.annotations, np.array(self.lengths))
        assert found == pytest.approx(1.65 / 3)

    def test_errors(self):
        with pytest.raises(ValueError, match="No video is annotated"):
            background_share([None], [3])
        with pytest.raises(ValueError, match="1 annotations, 2 lengths"):
            background_share([[]], [3, 4])
        with pytest.raises(ValueError, match="1 annotations, 2 tasks"):
            background_share([[]], [3], [TEA, TEA])
        with pytest.raises(ValueError, match="average must be"):
            background_share([[]], [3], average="micro")

    @pytest.mark.parametrize("length", [0, -1, 2.5, np.nan, np.inf])
    def test_bad_length(self, length):
        with pytest.raises(ValueError, match=r"lengths\[0\] must be a whole number"):
            background_share([[]], [length])

    def test_release(self, primary_release, primary_table):
        data = primary_release
        annotations = [video.annotation for video in data.videos]
        found = background_share(annotations, data.lengths, data.tasks, average=None)
        for task in data.primary:
            share = round(100 * found[task.name])
            assert share == primary_table[task.title]["background"], task.title
        mean = background_share(annotations, data.lengths, data.tasks)
        assert round(100 * mean) == 72

    def test_release_counts(self, primary_release, primary_table):
        for task in primary_release.primary:
            row = primary_table[task.title]
            assert primary_release.tasks.count(task) == row["videos"]
            assert len(task.steps) == row["steps"]
