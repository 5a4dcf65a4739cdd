"""Tables by task."""

import math

import pytest

from skcrosstask.metrics import recall_table, step_recall, task_table

FIGURES = {"uniform": {"tea": 0.25, "tire": 0.5}, "weak": {"toast": 1, "tea": 0.5}}


class TestTaskTable:
    def test_by_hand(self):
        table = task_table(FIGURES)
        assert list(table) == ["task", "uniform", "weak"]
        assert table["task"] == ["tea", "tire", "toast", "average"]
        nan = float("nan")
        expected = [0.25, 0.5, nan, 0.375]
        assert table["uniform"] == pytest.approx(expected, nan_ok=True)
        assert table["weak"] == pytest.approx([0.5, nan, 1, 0.75], nan_ok=True)

    def test_without_average(self):
        table = task_table(FIGURES, average=False)
        assert table["task"] == ["tea", "tire", "toast"]
        assert {len(column) for column in table.values()} == {3}

    def test_system_without_a_figure(self):
        table = task_table({"a": {"tea": 1.0}, "b": {}, "c": {"tea": float("nan")}})
        assert all(math.isnan(x) for x in table["b"] + table["c"])

    def test_plain_numbers(self):
        columns = task_table({"a": {"tea": 1}})
        assert all(type(x) is float for x in columns["a"])

    @pytest.mark.parametrize(
        ("figures", "message"),
        [
            ({}, "holds no figure"),
            ({"a": {}}, "holds no figure"),
            ({"task": {"tea": 1}}, "No system may be called"),
            ({"a": {"average": 1}}, "No task may be called"),
        ],
    )
    def test_errors(self, figures, message):
        with pytest.raises(ValueError, match=message):
            task_table(figures)

    def test_pandas_takes_it(self):
        pandas = pytest.importorskip("pandas")
        frame = pandas.DataFrame(task_table(FIGURES)).set_index("task")
        assert frame.loc["average", "weak"] == 0.75


class TestRecallTable:
    annotations = ([[0, 2, 4], [1, 6, 9]], [[1, 0, 2], [1, 5, 8]])
    systems = {"uniform": [[2, 4], [1, 3]], "weak": [[3, 8], [0, 6]]}  # noqa: RUF012

    def test_by_hand(self):
        assert recall_table(self.annotations, self.systems, ["tea", "tire"]) == {
            "task": ["tea", "tire", "average"],
            "uniform": [0.5, 0, 0.25],
            "weak": [1, 1, 1],
        }

    def test_last_row_is_step_recall(self):
        tasks = ["tire", "tea"]
        table = recall_table(self.annotations, self.systems, tasks)
        for system, times in self.systems.items():
            assert table[system][-1] == step_recall(self.annotations, times, tasks)

    def test_without_tasks_and_average(self):
        table = recall_table(self.annotations, self.systems, average=False)
        assert table == {
            "task": ["all"],
            "uniform": pytest.approx([1 / 3]),
            "weak": [1],
        }

    def test_errors(self):
        with pytest.raises(ValueError, match="holds no figure"):
            recall_table(self.annotations, {})
        with pytest.raises(ValueError, match="2 annotations, 1 predictions"):
            recall_table(self.annotations, {"weak": [[0, 1]]})
