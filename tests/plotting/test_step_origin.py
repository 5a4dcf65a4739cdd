"""A parse, and the training steps that its classifiers come from."""

import sys

import numpy as np
import pytest

from skcrosstask import Task, Video, WeaklySupervisedStepEstimator
from skcrosstask.baselines import UniformBaseline
from skcrosstask.components import component_sources
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.plotting import StepOriginDisplay

colors = pytest.importorskip("matplotlib.colors")

LATTE = Task("latte", ["pour milk", "stir milk"], "Make Latte")
VIDEO = Video(np.zeros((60, 1)), LATTE, annotation=[[0, 10, 20]], name="cup")
ORIGINS = [
    {"milk": [], "pour": ["pour water (tea)", "pour egg (cake)"]},
    {"milk": [], "stir": ["stir tea (tea)"]},
]


def written(display):
    return [[text.get_text() for text in texts] for texts in display.text_]


def headings(display):
    own = {text for texts in display.text_ for text in texts}
    others = [text for text in display.axes_[1].texts if text not in own]
    return [text.get_text() for text in others]


def pins(ax):
    lines = [line.get_xdata() for line in ax.lines if line.get_linewidth() == 0.9]
    return sorted(x[0] for x in lines if len(x) == 3 and x[0] == x[1])


class TestText:
    def test_components_of_each_step(self):
        display = StepOriginDisplay(VIDEO, LATTE, [15, 40], ORIGINS)
        assert display.plot() is display
        assert headings(display) == ["1", "pour milk", "2", "stir milk"]
        assert written(display) == [
            ["milk: nowhere in training", "pour: pour water (tea); pour egg (cake)"],
            ["milk: nowhere in training", "stir: stir tea (tea)"],
        ]

    def test_what_was_said_is_not_repeated(self):
        origins = [{"milk": ["heat milk"]}, {"milk": ["heat milk"], "stir": ["stir"]}]
        display = StepOriginDisplay(VIDEO, LATTE, [15, 40], origins).plot()
        assert written(display)[1] == ["milk: as for 1", "stir: stir"]
        other = [{"milk": ["heat milk"]}, {"milk": ["drink milk"]}]
        display = StepOriginDisplay(VIDEO, LATTE, [15, 40], other).plot()
        assert written(display)[1] == ["milk: drink milk"]

    def test_n_shown(self):
        display = StepOriginDisplay(VIDEO, LATTE, [15, 40], ORIGINS).plot(n_shown=1)
        assert written(display)[0][1] == "pour: pour water (tea); and 1 more"

    def test_numbers_have_the_colours_of_the_steps(self):
        display = StepOriginDisplay(VIDEO, LATTE, [15, 40], ORIGINS).plot()
        chips = [t for t in display.axes_[1].texts if t.get_bbox_patch() is not None]
        heads = {}
        for artist in display.axes_[0].collections:
            if str(artist.get_gid()).startswith(("hit-", "miss-", "absent-")):
                heads[artist.get_gid().split("-")[1]] = artist
        assert [chip.get_text() for chip in chips] == ["1", "2"]
        assert colors.same_color(
            chips[0].get_bbox_patch().get_facecolor(), heads["0"].get_facecolor()[0]
        )

    def test_of_tuples(self):
        origins = [{"milk": ("a", "b")}, {"milk": ("a", "b")}]
        display = StepOriginDisplay(VIDEO, LATTE, [15, 40], origins).plot()
        assert written(display) == [["milk: a; b"], ["milk: as for 1"]]


class TestTimeline:
    def test_times_and_truth(self):
        display = StepOriginDisplay(VIDEO, LATTE, [15, 40], ORIGINS).plot()
        top, bottom = display.axes_
        assert pins(top) == [15.5, 40.5]
        assert top.get_title(loc="left") == "cup"
        assert top.get_title(loc="right") == "1 of 1 present steps found"
        assert not bottom.axison

    def test_the_task_is_the_given_one(self):
        other = Task("other", ["first", "second", "third"])
        display = StepOriginDisplay(
            Video(np.zeros((60, 1)), LATTE), other, [1, 2, 3], [{}, {}, {}]
        ).plot()
        assert pins(display.axes_[0]) == [1.5, 2.5, 3.5]
        assert headings(display)[1::2] == list(other.steps)


class TestRoom:
    @pytest.mark.parametrize("n_steps", [1, 11])
    def test_nothing_is_cut_or_covered(self, n_steps, assert_within, assert_apart):
        steps = [f"step {k} of quite a long name that goes on" for k in range(n_steps)]
        task = Task("long", steps, "Long")
        found = ["another long step (A Task of a Long Title)"] * 30
        origins = [
            {f"{word}{k}": found for word in ("first", "second", "third")}
            for k in range(n_steps)
        ]
        display = StepOriginDisplay(
            Video(np.zeros((300, 1)), task), task, 20 * np.arange(n_steps), origins
        ).plot(title="A title", note="A note")
        assert_within(display.figure_)
        assert_apart(display.axes_[1].texts)
        assert any("\n" in text for texts in written(display) for text in texts)
        top = display.axes_[0].get_window_extent()
        assert top.height > 60
        highest = max(t.get_window_extent().y1 for t in display.axes_[1].texts)
        assert highest < top.y0

    def test_title_and_note(self):
        display = StepOriginDisplay(VIDEO, LATTE, [15, 40], ORIGINS)
        display.plot(title="T", note="simulated")
        assert display.figure_.get_suptitle() == "T"
        assert display.figure_.get_supxlabel() == "simulated"
        assert display.plot().figure_.get_suptitle() == ""

    def test_given_axes_and_no_other_figure(self, pyplot):
        figure, axes = pyplot.subplots(3, 1, layout="constrained")
        display = StepOriginDisplay(VIDEO, LATTE, [15, 40], ORIGINS)
        display.plot(axes[:2])
        assert list(display.axes_) == list(axes[:2])
        assert display.figure_ is figure
        assert not axes[2].has_data()
        with pytest.raises(ValueError, match="title: 'T' would head a new figure"):
            display.plot(axes[:2], title="T")
        assert pyplot.get_fignums() == [figure.number]

    def test_plot_can_be_repeated(self, pyplot):
        display = StepOriginDisplay(VIDEO, LATTE, [15, 40], ORIGINS)
        assert pyplot.get_fignums() == []
        assert display.plot().figure_ is not display.plot().figure_
        assert len(pyplot.get_fignums()) == 2


class TestFromEstimator:
    @pytest.fixture(scope="class")
    @staticmethod
    def videos():
        return make_instructional_videos(n_videos=3, n_tasks=4, random_state=0)[0]

    @pytest.mark.filterwarnings("ignore:No component of")
    @pytest.mark.parametrize("sharing", ["words", "steps"])
    def test_draws_what_it_predicts(self, videos, sharing):
        train = [video for video in videos if video.task.name != "omelette"]
        video = next(video for video in videos if video.task.name == "omelette")
        estimator = WeaklySupervisedStepEstimator(
            sharing=sharing, init_iter=1, max_iter=1, random_state=0
        ).fit(train)
        tasks = [v.task for v in train]
        display = StepOriginDisplay.from_estimator(
            estimator, video, tasks, n_shown=9, note="made up"
        )
        (times,) = estimator.predict([video])
        assert pins(display.axes_[0]) == [time + 0.5 for time in sorted(times)]
        sources = component_sources(video.task, tasks, sharing=sharing)
        assert [list(parts) for parts in display.origins] == [list(p) for p in sources]
        if sharing == "words":
            assert written(display)[0][0] == "egg: add egg (pancakes)"
            assert written(display)[2] == [
                "egg: as for 1", "pour: pour milk (pancakes); pour mixture (pancakes); "
                "pour milk (latte)",
            ]  # fmt: skip
        assert display.figure_.get_supxlabel() == "made up"

    def test_another_task(self, videos):
        estimator = WeaklySupervisedStepEstimator(
            init_iter=1, max_iter=1, random_state=0
        ).fit(videos)
        task = Task("milk", ["pour milk", "add milk"], "Milk")
        display = StepOriginDisplay.from_estimator(
            estimator, Video(videos[0].features), [videos[0].task], task
        )
        assert display.task == task
        assert written(display)[1][1] == "milk: as for 1"


class TestBadInput:
    @pytest.mark.parametrize(
        ("times", "origins", "options", "message"),
        [
            ([1, 2], ORIGINS[:1], {}, "2 steps, but 1 origins"),
            ([1], ORIGINS, {}, r"predictions\[0\] must have shape \(2,\)"),
            ([1, 60], ORIGINS, {}, r"'cup': predictions\[0\] must be whole"),
            ([1, 2], ORIGINS, {"n_shown": 0}, "n_shown must be at least 1, got 0"),
        ],
    )
    def test_message(self, times, origins, options, message, pyplot):
        with pytest.raises(ValueError, match=message):
            StepOriginDisplay(VIDEO, LATTE, times, origins).plot(**options)
        assert pyplot.get_fignums() == []

    def test_steps_without_components(self, pyplot):
        estimator = UniformBaseline().fit([VIDEO])
        with pytest.raises(TypeError, match="UniformBaseline has no parameters shar"):
            StepOriginDisplay.from_estimator(estimator, VIDEO, [LATTE])
        assert pyplot.get_fignums() == []

    def test_number_of_axes(self, pyplot):
        _, axes = pyplot.subplots(3, 1)
        display = StepOriginDisplay(VIDEO, LATTE, [1, 2], ORIGINS)
        with pytest.raises(ValueError, match="ax must be two Axes, got 3"):
            display.plot(axes)
        with pytest.raises(ValueError, match="ax must be two Axes, got 1"):
            display.plot(axes[0])

    @pytest.mark.parametrize(
        "draw",
        [
            lambda: StepOriginDisplay(VIDEO, LATTE, [1, 2], ORIGINS).plot(),
            lambda: StepOriginDisplay.from_estimator(None, VIDEO, []),
        ],
    )
    def test_without_matplotlib(self, draw, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(ImportError, match="StepOriginDisplay needs matplotlib"):
            draw()
