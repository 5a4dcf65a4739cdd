"""Recall against the number of training tasks."""

import sys

import numpy as np
import pytest

from skcrosstask.plotting import TransferCurveDisplay

pytest.importorskip("matplotlib")

NUMBERS = [1, 10, 65]
RECALLS = [[0.1, 0.12], [0.15, 0.13], [0.17, 0.19]]


def names(display):
    """Texts at level lines, with their height."""
    return {text.get_text(): text.xy[1] for text in display.ax_.texts}


def levels(display):
    """Heights of the dashed lines."""
    others = [line for line in display.ax_.lines if line is not display.line_]
    return [line.get_ydata()[0] for line in others]


class TestCurve:
    def test_mean_and_one_deviation(self):
        display = TransferCurveDisplay(NUMBERS, RECALLS)
        assert display.plot() is display
        np.testing.assert_array_equal(display.line_.get_xdata(), NUMBERS)
        np.testing.assert_allclose(display.line_.get_ydata(), [0.11, 0.14, 0.18])
        (band,) = display.ax_.collections
        corners = band.get_paths()[0].vertices
        for x, y in zip(NUMBERS, [0.11, 0.14, 0.18], strict=True):
            heights = corners[corners[:, 0] == x, 1]
            assert heights.min() == pytest.approx(y - 0.01)
            assert heights.max() == pytest.approx(y + 0.01)

    def test_one_recall_a_number(self):
        display = TransferCurveDisplay(NUMBERS, [0.1, 0.2, 0.3]).plot()
        np.testing.assert_allclose(display.line_.get_ydata(), [0.1, 0.2, 0.3])

    def test_axes(self):
        ax = TransferCurveDisplay(NUMBERS, RECALLS).plot().ax_
        assert ax.get_xlabel() == "training tasks"
        assert ax.get_ylabel() == "recall, %"
        assert ax.get_xlim()[0] == ax.get_ylim()[0] == 0
        assert ax.get_xlim()[1] > 65
        assert ax.get_ylim()[1] > 0.19
        assert ax.yaxis.get_major_formatter()(0.15, 0) == "15"

    @pytest.mark.parametrize("numbers", [[1], [1, 2], [3, 30], [1, 65], [400, 900]])
    def test_numbers_of_tasks_are_whole(self, numbers):
        ax = TransferCurveDisplay(numbers, [0.1] * len(numbers)).plot().ax_
        ticks = [tick for tick in ax.get_xticks() if 0 <= tick <= ax.get_xlim()[1]]
        assert len(ticks) > 1
        assert all(tick == round(tick) for tick in ticks)

    def test_all_zero(self):
        ax = TransferCurveDisplay(NUMBERS, [0, 0, 0]).plot().ax_
        assert ax.get_ylim()[1] > 0


class TestReferences:
    references = {"uniform": 0.097, "trained on target": 0.224}  # noqa: RUF012

    def test_lines_and_names(self):
        display = TransferCurveDisplay(NUMBERS, RECALLS, self.references).plot()
        assert sorted(levels(display)) == [0.097, 0.224]
        assert names(display) == pytest.approx(
            {"uniform 9.7": 0.097, "trained on target 22.4": 0.224}
        )
        assert display.ax_.get_ylim()[1] > 0.224

    def test_names_of_near_lines_are_apart(self, assert_apart, assert_within):
        references = {f"reference {i}": 0.1 + 0.001 * i for i in range(4)}
        display = TransferCurveDisplay(NUMBERS, RECALLS, references).plot()
        assert sorted(levels(display)) == sorted(references.values())
        assert list(names(display)) == [
            f"reference {i} {10 + 0.1 * i:.1f}" for i in range(4)
        ]
        assert_within(display.figure_)
        assert_apart(display.ax_.texts)

    def test_at_the_edges(self, assert_apart, assert_within):
        references = {"none": 0.0, "nothing": 0.0, "all": 1.0, "everything": 1.0}
        display = TransferCurveDisplay(NUMBERS, RECALLS, references).plot(note="note")
        assert_within(display.figure_)
        assert_apart(display.ax_.texts)


class TestFiguresAndAxes:
    def test_title_and_note(self, assert_within):
        display = TransferCurveDisplay(NUMBERS, RECALLS).plot(title="T", note="made up")
        assert display.ax_.get_title(loc="left") == "T"
        assert display.figure_.get_supxlabel() == "made up"
        assert_within(display.figure_)

    def test_given_axes_and_no_other_figure(self, pyplot):
        figure, (ax, other) = pyplot.subplots(1, 2)
        display = TransferCurveDisplay(NUMBERS, RECALLS, {"uniform": 0.1}).plot(ax)
        assert display.ax_ is ax
        assert display.figure_ is figure
        assert not other.has_data()
        assert pyplot.get_fignums() == [figure.number]

    def test_plot_can_be_repeated(self, pyplot):
        display = TransferCurveDisplay(NUMBERS, RECALLS)
        assert pyplot.get_fignums() == []
        assert display.plot().figure_ is not display.plot().figure_


class TestBadInput:
    @pytest.mark.parametrize(
        ("numbers", "recalls", "references", "message"),
        [
            ([], [], None, "n_tasks must be numbers"),
            ([[1, 2]], [0.1, 0.2], None, "n_tasks must be numbers"),
            ([2, 1], [0.1, 0.2], None, "n_tasks must be whole numbers from 1 that"),
            ([1, 1], [0.1, 0.2], None, "n_tasks must be whole"),
            ([0, 1], [0.1, 0.2], None, "n_tasks must be whole"),
            ([1, 2.5], [0.1, 0.2], None, "n_tasks must be whole"),
            ([1, np.nan], [0.1, 0.2], None, "n_tasks must be whole"),
            ([1, 2], [0.1], None, r"recalls must have shape \(2, n_splits\), got \(1,"),
            ([1, 2], [[0.1, 0.2]], None, r"recalls must have shape"),
            ([1, 2], [[], []], None, r"recalls must have shape"),
            ([1, 2], [0.1, 1.2], None, "recalls must be from 0 to 1"),
            ([1, 2], [0.1, -0.2], None, "recalls must be from 0 to 1"),
            ([1, 2], [0.1, np.nan], None, "recalls must be from 0 to 1"),
            ([1, 2], [0.1, 0.2], {"uniform": 9.7}, "references must be from 0 to 1"),
            ([1, 2], [0.1, 0.2], {"uniform": np.nan}, "references must be from 0"),
        ],
    )
    def test_message(self, numbers, recalls, references, message, pyplot):
        with pytest.raises(ValueError, match=message):
            TransferCurveDisplay(numbers, recalls, references).plot()
        assert pyplot.get_fignums() == []

    def test_without_matplotlib(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(ImportError, match="TransferCurveDisplay needs matplotlib"):
            TransferCurveDisplay(NUMBERS, RECALLS).plot()
