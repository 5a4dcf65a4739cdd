"""Gain from sharing, component by component."""

import sys

import numpy as np
import pytest

from skcrosstask.plotting import ComponentGainDisplay

colors = pytest.importorskip("matplotlib.colors")

GAINS = {"milk": 0.05, "jack": -0.031, "pour": 0.2, "cut": 0.0, "none": np.nan}


def bars(display):
    """Component and width of each bar, from the top."""
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    low, high = display.ax_.get_ylim()
    assert low > high
    return [
        (names[round(bar.get_y() + bar.get_height() / 2)], round(bar.get_width(), 9))
        for bar in display.bars_
    ]


def labels(display):
    return [text.get_text() for text in display.text_]


def assert_labels_are_free(display):
    """Labels are within the axes, so they cover no name of a component."""
    display.figure_.draw_without_rendering()
    box = display.ax_.get_window_extent()
    for text in display.text_:
        extent = text.get_window_extent()
        assert extent.x0 >= box.x0 - 1, text
        assert extent.x1 <= box.x1 + 1, text


class TestBars:
    def test_best_first_in_points(self):
        display = ComponentGainDisplay(GAINS)
        assert display.plot() is display
        expected = [("pour", 20.0), ("milk", 5.0), ("cut", 0.0), ("jack", -3.1)]
        assert bars(display) == expected
        assert labels(display) == ["+20.0", "+5.0", "+0.0", "\N{MINUS SIGN}3.1"]
        assert display.ax_.get_xlabel() == "gain in recall from sharing, points"

    def test_losses_have_another_colour(self):
        display = ComponentGainDisplay(GAINS).plot()
        hues = [bar.get_facecolor() for bar in display.bars_]
        assert len({*hues[:3]}) == 1
        assert not colors.same_color(hues[0], hues[3])

    def test_counts(self):
        display = ComponentGainDisplay(GAINS, {"pour": 3, "milk": 1, "other": 7}).plot()
        assert labels(display)[:3] == ["+20.0  (3 steps)", "+5.0  (1 step)", "+0.0"]

    def test_equal_gains_keep_their_order(self):
        display = ComponentGainDisplay({"b": 0.1, "a": 0.1}).plot()
        assert [name for name, _ in bars(display)] == ["b", "a"]

    def test_best_and_worst(self):
        gains = {f"c{i}": i / 100 for i in range(10)}
        display = ComponentGainDisplay(gains).plot(n_shown=2)
        names = [name for name, _ in bars(display)]
        assert names == ["c9", "c8", "c1", "c0"]
        assert [text.get_text() for text in display.ax_.texts][-1] == "6 more"
        dotted = [line for line in display.ax_.lines if line.get_linestyle() == ":"]
        assert [line.get_ydata()[0] for line in dotted] == [1.5]

    def test_all_where_they_are_few(self):
        gains = {f"c{i}": i / 100 for i in range(4)}
        display = ComponentGainDisplay(gains).plot(n_shown=2)
        assert len(bars(display)) == 4
        assert not any(line.get_linestyle() == ":" for line in display.ax_.lines)
        assert labels(display) == [text.get_text() for text in display.ax_.texts]


class TestRoom:
    @pytest.mark.parametrize(
        "gains",
        [
            np.linspace(-0.3, 0.3, 60),
            np.linspace(0.01, 0.9, 30),
            np.linspace(-0.9, -0.01, 30),
            np.r_[0.9, np.full(20, -0.001)],
            [1.0, -1.0],
            [0.0, 0.0],
            [-0.5],
        ],
        ids=lambda gains: f"{len(gains)} from {gains[0]}",
    )
    @pytest.mark.parametrize("n_shown", [12, 15])
    def test_nothing_is_cut_or_covered(
        self, gains, n_shown, assert_within, assert_apart
    ):
        names = [f"component{i}" for i in range(len(gains))]
        display = ComponentGainDisplay(
            dict(zip(names, gains, strict=True)), dict.fromkeys(names, 100)
        ).plot(n_shown=n_shown, title="Gain", note="simulated")
        assert_within(display.figure_)
        assert_labels_are_free(display)
        assert_apart([*display.text_, *display.ax_.get_yticklabels()])
        low, high = display.ax_.get_xlim()
        assert low <= 100 * min(gains, default=0) <= 100 * max(gains) <= high

    def test_given_axes_and_no_other_figure(self, pyplot):
        figure, (ax, other) = pyplot.subplots(1, 2)
        display = ComponentGainDisplay(GAINS, dict.fromkeys(GAINS, 12)).plot(ax)
        assert display.ax_ is ax
        assert display.figure_ is figure
        assert_labels_are_free(display)
        assert not other.has_data()
        assert pyplot.get_fignums() == [figure.number]

    def test_plot_can_be_repeated(self, pyplot):
        display = ComponentGainDisplay(GAINS)
        assert pyplot.get_fignums() == []
        assert display.plot().figure_ is not display.plot().figure_

    def test_title_and_note(self):
        display = ComponentGainDisplay(GAINS).plot(title="Gain", note="simulated")
        assert display.ax_.get_title(loc="left") == "Gain"
        assert display.figure_.get_supxlabel() == "simulated"


class TestBadInput:
    @pytest.mark.parametrize(
        ("gains", "n_shown", "message"),
        [
            ({}, 1, "gains holds no figure"),
            ({"milk": np.nan}, 1, "gains holds no figure"),
            ({"milk": 12.0}, 1, r"gains\['milk'\] must be from -1 to 1, got 12"),
            ({"milk": 0.1, "jack": -np.inf}, 1, r"gains\['jack'\] must be from -1"),
            (GAINS, 0, "n_shown must be at least 1, got 0"),
        ],
    )
    def test_message(self, gains, n_shown, message, pyplot):
        with pytest.raises(ValueError, match=message):
            ComponentGainDisplay(gains).plot(n_shown=n_shown)
        assert pyplot.get_fignums() == []

    def test_without_matplotlib(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(ImportError, match="ComponentGainDisplay needs matplotlib"):
            ComponentGainDisplay(GAINS).plot()
