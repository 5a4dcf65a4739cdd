"""Maps of tasks: places at one scale, and names that can be read."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrosstask import Task
from skcrosstask.datasets import sharing_map
from skcrosstask.plotting import SharingMapDisplay
from skcrosstask.plotting._style import PALETTE

colors = pytest.importorskip("matplotlib.colors")

PLACES = np.array([[0, 0], [3, 1], [1, 2], [2, 1]], dtype=float)
NAMES = ["left", "right", "middle", "other"]


def names(display):
    return [text.get_text() for text in display.text_]


def dots(display):
    """Places of grey and of coloured dots."""
    grey, coloured = display.ax_.collections
    return grey.get_offsets().tolist(), coloured.get_offsets().tolist()


def ends(display):
    """Places to which lines lead, by name."""
    lines = [line.get_xydata() for line in display.ax_.lines]
    assert len(lines) == len(display.text_)
    # Lines may begin at one height on both sides: then the nearest in x.
    found = {}
    for text in display.text_:
        x, y = text.get_position()
        near = [line for line in lines if abs(line[0, 1] - y) < 1e-9]
        line = min(near, key=lambda line: abs(line[0, 0] - x))
        found[text.get_text()] = line[1].tolist()
    return found


class TestPlaces:
    def test_dots_and_names(self):
        display = SharingMapDisplay(PLACES, NAMES)
        assert display.plot() is display
        assert dots(display) == ([], PLACES.tolist())
        assert sorted(names(display)) == sorted(NAMES)
        assert ends(display) == dict(zip(NAMES, PLACES.tolist(), strict=True))

    def test_some_are_named(self):
        display = SharingMapDisplay(PLACES, NAMES, named=["left", "right"]).plot()
        assert dots(display) == (PLACES[2:].tolist(), PLACES[:2].tolist())
        assert names(display) == ["left", "right"]
        legend = display.ax_.get_legend()
        assert [text.get_text() for text in legend.get_texts()] == [
            "other tasks",
            "named tasks",
        ]
        grey, blue = (handle.get_facecolor()[0] for handle in legend.legend_handles)
        assert colors.same_color(blue, PALETTE[0])
        assert not colors.same_color(grey, blue)

    def test_none_is_named(self):
        display = SharingMapDisplay(PLACES, NAMES, named=[]).plot()
        assert names(display) == []
        (text,) = display.ax_.get_legend().get_texts()
        assert text.get_text() == "other tasks"
        assert dots(display)[0] == PLACES.tolist()

    def test_no_legend_where_all_are_named(self):
        assert SharingMapDisplay(PLACES, NAMES).plot().ax_.get_legend() is None

    def test_names_stand_on_the_side_of_their_place(self):
        display = SharingMapDisplay(PLACES, NAMES).plot()
        side = {t.get_text(): t.get_horizontalalignment() for t in display.text_}
        assert side == {
            "left": "right", "middle": "right", "other": "left", "right": "left",
        }  # fmt: skip

    def test_few_names_stand_on_the_far_side(self):
        places = np.array([[0, 0], [0.1, 1], [0.2, 2], [0.3, 3], [0.4, 4], [9, 0]])
        display = SharingMapDisplay(places, list("abcdef")).plot()
        side = {t.get_text(): t.get_horizontalalignment() for t in display.text_}
        # Five of six are on the left, but a column takes two thirds at most.
        assert [side[name] for name in "abcdef"] == ["right"] * 4 + ["left"] * 2

    def test_one_scale(self):
        for places in (PLACES, PLACES[:, ::-1], PLACES * [1, 0.01]):
            ax = SharingMapDisplay(places, NAMES).plot().ax_
            origin, x, y = ax.transData.transform([[0, 0], [1, 0], [0, 1]])
            assert x[0] - origin[0] == pytest.approx(y[1] - origin[1], rel=1e-3)

    def test_all_in_one_place(self, assert_apart, assert_within):
        display = SharingMapDisplay(np.zeros((4, 2)), NAMES).plot()
        assert_apart(display.text_)
        assert_within(display.figure_)

    def test_one_task(self, assert_within):
        display = SharingMapDisplay([[0.5, 0.5]], ["one"]).plot()
        assert names(display) == ["one"]
        assert_within(display.figure_)


class TestRoom:
    @pytest.mark.parametrize("stretch", [(1, 1), (1, 0.3), (0.4, 1)])
    def test_the_map_fills_the_figure(self, stretch, pyplot):
        angle = np.linspace(0, 2 * np.pi, 20)
        places = np.column_stack([np.cos(angle), np.sin(angle)]) * stretch
        names = [f"Make a Long Name {i}" for i in range(20)]
        display = SharingMapDisplay(places, names, names[:6]).plot()
        display.figure_.draw_without_rendering()
        box = display.ax_.get_window_extent()
        dots = display.ax_.transData.transform(places)
        margins = np.array([box.y1 - dots[:, 1].max(), dots[:, 1].min() - box.y0])
        assert np.all(margins > 0)
        assert np.all(margins < 0.15 * display.figure_.dpi)
        ends = [t.get_window_extent() for t in display.text_]
        left = max(end.x1 for end in ends if end.x1 < dots[:, 0].min())
        assert dots[:, 0].min() - left < 0.3 * display.figure_.dpi

    def test_few_tasks_have_a_small_map(self):
        angle = np.linspace(0, 2 * np.pi, 60)
        places = np.column_stack([np.cos(angle), np.sin(angle)])
        heights = []
        for every in (1, 10):
            some = places[::every]
            display = SharingMapDisplay(some, [str(i) for i in range(len(some))]).plot()
            heights.append(display.figure_.get_figheight())
        assert heights[1] < 0.7 * heights[0]

    @pytest.mark.parametrize("named", [None, []])
    def test_a_long_title_or_note_over_a_small_map(self, named, assert_within):
        for field in ("title", "note"):
            text = {field: "Longer than the map of one task is wide by itself " * 2}
            display = SharingMapDisplay([[0, 0]], ["one"], named).plot(**text)
            assert_within(display.figure_)

    def test_given_axes_keep_their_figure(self, pyplot):
        figure, ax = pyplot.subplots(figsize=(9, 7), layout="constrained")
        SharingMapDisplay(PLACES * [1, 0.1], NAMES).plot(ax)
        assert figure.get_size_inches().tolist() == [9, 7]

    @pytest.mark.parametrize("n_tasks", [2, 18, 83])
    def test_nothing_is_cut_or_covered(self, n_tasks, assert_within, assert_apart):
        rng = np.random.default_rng(0)
        titles = [f"Make a Dish of a Rather Long Name {i}" for i in range(n_tasks)]
        display = SharingMapDisplay(rng.normal(size=(n_tasks, 2)), titles).plot(
            title="Tasks", note="note"
        )
        assert len(display.text_) == n_tasks
        assert_within(display.figure_)
        assert_apart(display.text_)
        assert {text.get_fontsize() for text in display.text_} == {8}

    def test_the_release(self, release, assert_within, assert_apart):
        tasks = [*release.primary, *release.related]
        display = SharingMapDisplay.from_tasks(tasks, primary=release.primary)
        assert sorted(names(display)) == sorted(task.title for task in release.primary)
        grey, coloured = dots(display)
        assert (len(grey), len(coloured)) == (65, 18)
        assert_within(display.figure_)
        assert_apart(display.text_)
        # Names are beside the map, not on it.
        dot_boxes = display.ax_.transData.transform([*grey, *coloured])[:, 0]
        for text in display.text_:
            box = text.get_window_extent()
            assert box.x1 < dot_boxes.min() or box.x0 > dot_boxes.max()

    def test_small_axes_have_small_names(self, pyplot, assert_apart):
        figure, ax = pyplot.subplots(figsize=(8, 2), layout="constrained")
        titles = [f"task {i}" for i in range(30)]
        places = np.random.default_rng(0).normal(size=(30, 2))
        display = SharingMapDisplay(places, titles).plot(ax)
        assert {text.get_fontsize() < 8 for text in display.text_} == {True}
        figure.draw_without_rendering()
        assert_apart(display.text_)

    @given(
        st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=20)
    )
    @settings(max_examples=10)
    def test_names_are_apart_in_any_map(self, places):
        import matplotlib.pyplot as plt

        titles = [f"task {i}" for i in range(len(places))]
        display = SharingMapDisplay(places, titles).plot()
        assert len(display.text_) == len(places)
        boxes = [text.get_window_extent() for text in display.text_]
        for i, box in enumerate(boxes):
            for other in boxes[:i]:
                wide = min(box.x1, other.x1) - max(box.x0, other.x0)
                high = min(box.y1, other.y1) - max(box.y0, other.y0)
                assert wide <= 1 or high <= 1
        plt.close(display.figure_)


class TestFromTasks:
    tasks = (
        Task("latte", ["pour milk", "stir"], "Make Latte"),
        Task("tyre", ["lift bike"]),
        Task("cocoa", ["pouring milk"]),
    )

    def test_places_are_those_of_the_map(self):
        display = SharingMapDisplay.from_tasks(self.tasks)
        expected = sharing_map(self.tasks).positions
        np.testing.assert_allclose(dots(display)[1], expected)
        assert sorted(names(display)) == ["Make Latte", "cocoa", "tyre"]

    @pytest.mark.parametrize("options", [{"stemmer": None}, {"sharing": "steps"}])
    def test_options_of_the_map(self, options):
        display = SharingMapDisplay.from_tasks(self.tasks, **options)
        expected = sharing_map(self.tasks, **options).positions
        np.testing.assert_allclose(dots(display)[1], expected)
        assert np.abs(expected - sharing_map(self.tasks).positions).max() > 0.05

    def test_primary(self):
        display = SharingMapDisplay.from_tasks(self.tasks, primary=self.tasks[:1])
        assert names(display) == ["Make Latte"]

    def test_options_of_plot(self, pyplot):
        figure, (ax, other) = pyplot.subplots(1, 2)
        display = SharingMapDisplay.from_tasks(self.tasks, ax=ax, title="T", note="n")
        assert display.ax_ is ax
        assert display.figure_ is figure
        assert ax.get_title(loc="left") == "T"
        assert figure.get_supxlabel() == "n"
        assert not other.has_data()
        assert pyplot.get_fignums() == [figure.number]


class TestBadInput:
    @pytest.mark.parametrize(
        ("places", "titles", "named", "message"),
        [
            ([], [], None, r"positions must have shape \(0, 2\)"),
            (PLACES, NAMES[:3], None, r"must have shape \(3, 2\), got \(4, 2\)"),
            (PLACES[:, :1], NAMES, None, r"must have shape \(4, 2\), got \(4, 1\)"),
            (PLACES * np.nan, NAMES, None, "positions: that of 'left' is not finite"),
            (PLACES, NAMES, ["up"], "named: 'up' is not among the names"),
        ],
    )
    def test_message(self, places, titles, named, message, pyplot):
        with pytest.raises(ValueError, match=message):
            SharingMapDisplay(places, titles, named).plot()
        assert pyplot.get_fignums() == []

    def test_one_where_many_are_expected(self, pyplot):
        with pytest.raises(TypeError, match=r"^named must be a sequence .* 'left'"):
            SharingMapDisplay(PLACES, NAMES, "left").plot()
        tasks = TestFromTasks.tasks
        with pytest.raises(TypeError, match=r"^primary must be a sequence of Task"):
            SharingMapDisplay.from_tasks(tasks, primary=tasks[0])
        assert pyplot.get_fignums() == []

    def test_primary_that_are_not_there(self, pyplot):
        with pytest.raises(ValueError, match="named: 'tea' is not among"):
            SharingMapDisplay.from_tasks(
                TestFromTasks.tasks, primary=[Task("tea", ["boil water"])]
            )
        assert pyplot.get_fignums() == []

    @pytest.mark.parametrize(
        "draw",
        [
            lambda: SharingMapDisplay(PLACES, NAMES).plot(),
            lambda: SharingMapDisplay.from_tasks([]),
        ],
    )
    def test_without_matplotlib(self, draw, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(ImportError, match="SharingMapDisplay needs matplotlib"):
            draw()
