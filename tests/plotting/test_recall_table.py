"""Tables of recall: figures, bold and colours, and room for all names."""

import sys

import numpy as np
import pytest

from skcrosstask import Task, Video
from skcrosstask.baselines import OracleBaseline, UniformBaseline
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.metrics import step_recall
from skcrosstask.plotting import RecallTableDisplay

pytest.importorskip("matplotlib")

RECALLS = {
    "uniform": {"tea": 0.1, "tire": 0.25},
    "weak": {"tea": 0.4, "tire": 0.2},
    "oracle": {"tea": 0.9, "tire": 1.0},
}


def figures(display):
    return [[text.get_text() for text in row] for row in display.text_]


def bold(display):
    return {
        (i, j)
        for (i, j), text in np.ndenumerate(display.text_)
        if text.get_fontweight() == "bold"
    }


def columns(display):
    return [label.get_text() for label in display.ax_.get_xticklabels()]


def systems(display):
    return [label.get_text() for label in display.ax_.get_yticklabels()]


def white_lines(display):
    """Level lines, by their place."""
    lines = [line for line in display.ax_.lines if line.get_color() == "white"]
    return [y[0] for line in lines if (y := list(line.get_ydata()))[0] == y[1]]


class TestFigures:
    def test_in_percent_with_the_mean(self):
        display = RecallTableDisplay(RECALLS)
        assert display.plot() is display
        assert figures(display) == [
            ["10.0", "25.0", "17.5"],
            ["40.0", "20.0", "30.0"],
            ["90.0", "100.0", "95.0"],
        ]
        assert columns(display) == ["tea", "tire", "average"]
        assert systems(display) == ["uniform", "weak", "oracle"]
        for (i, j), text in np.ndenumerate(display.text_):
            assert text.get_position() == (j, i)
        (image,) = display.ax_.images
        np.testing.assert_allclose(image.get_array()[1], [0.4, 0.2, 0.3])

    def test_without_the_mean(self):
        display = RecallTableDisplay(RECALLS, average=False).plot()
        assert columns(display) == ["tea", "tire"]
        assert display.text_.shape == (3, 2)

    def test_titles_and_spreads(self):
        display = RecallTableDisplay(
            RECALLS, spreads={"weak": 0.0123}, titles={"tea": "Make Tea"}
        ).plot()
        assert columns(display) == ["Make Tea", "tire", "average"]
        assert [row[-1] for row in figures(display)] == ["17.5", "30.0\n± 1.2", "95.0"]

    def test_what_a_system_lacks_is_blank(self):
        recalls = {"one": {"tea": 0.5}, "two": {"tire": 0.25, "tea": np.nan}, "no": {}}
        display = RecallTableDisplay(recalls).plot()
        assert figures(display) == [
            ["50.0", "", "50.0"],
            ["", "25.0", "25.0"],
            ["", "", ""],
        ]
        # What has no rival is not the best.
        assert bold(display) == {(0, 2)}


class TestBest:
    def test_in_bold(self):
        display = RecallTableDisplay(RECALLS).plot()
        assert bold(display) == {(2, 0), (2, 1), (2, 2)}

    def test_bounds_are_no_rivals(self):
        display = RecallTableDisplay(RECALLS, bounds=["oracle"]).plot()
        assert bold(display) == {(1, 0), (0, 1), (1, 2)}
        assert white_lines(display) == [1.5]

    def test_colours_tell_recalls_apart(self):
        recalls = {"a": {"tea": 0.2, "tire": 0.25}, "oracle": {"tea": 0.61, "tire": 1}}
        display = RecallTableDisplay(recalls, average=False, bounds={"oracle"}).plot()
        (image,) = display.ax_.images
        colours = image.to_rgba([0.2, 0.25, 0.61, 1.0]).sum(axis=1)
        assert np.all(np.diff(colours) < -0.05)
        bar = display.figure_.axes[1]
        assert bar.get_ylim() == (0, 1)
        assert [text.get_text() for text in bar.get_yticklabels()][-1] == "100"

    def test_rows_may_have_their_own_colours(self):
        recalls = {
            "missing": {"a": 0.1, "b": 0.2, "c": 0.3},
            "order": {"a": 0.8, "b": 1.0, "c": 0.9},
            "same": {"a": 0.7, "b": 0.7},
        }
        display = RecallTableDisplay(recalls, average=False).plot(scale="rows")
        (image,) = display.ax_.images
        expected = [[0, 0.5, 1], [0, 1, 0.5], [0.5, 0.5, np.nan]]
        np.testing.assert_allclose(image.get_array().filled(np.nan), expected)
        assert figures(display)[1] == ["80.0", "100.0", "90.0"]
        # A bar could not say what colours mean.
        assert display.figure_.axes == [display.ax_]

    def test_unknown_scale(self, pyplot):
        with pytest.raises(ValueError, match="scale must be 'table' or 'rows', got"):
            RecallTableDisplay(RECALLS).plot(scale="columns")
        assert pyplot.get_fignums() == []

    def test_bounds_alone(self):
        display = RecallTableDisplay(RECALLS, bounds=list(RECALLS)).plot()
        assert bold(display) == set()
        assert white_lines(display) == []

    def test_equals_share_it(self):
        recalls = {"a": {"tea": 0.5}, "b": {"tea": 0.5}, "c": {"tea": 0.1}}
        display = RecallTableDisplay(recalls, average=False).plot()
        assert bold(display) == {(0, 0), (1, 0)}

    def test_those_that_round_to_it_share_it(self):
        recalls = {"a": {"tea": 0.1331}, "b": {"tea": 0.1334}, "c": {"tea": 0.1324}}
        display = RecallTableDisplay(recalls, average=False).plot()
        assert figures(display) == [["13.3"], ["13.3"], ["13.2"]]
        assert bold(display) == {(0, 0), (1, 0)}

    def test_one_system(self):
        assert bold(RecallTableDisplay({"a": {"tea": 0.5}}).plot()) == set()

    def test_all_zero(self):
        recalls = {"a": {"tea": 0.0}, "b": {"tea": 0.0}}
        assert figures(RecallTableDisplay(recalls).plot())[0] == ["0.0", "0.0"]

    def test_figures_can_be_read_on_their_colours(self):
        display = RecallTableDisplay(RECALLS, bounds=["oracle"]).plot()
        (image,) = display.ax_.images
        for (i, j), text in np.ndenumerate(display.text_):
            red, green, blue, _ = image.to_rgba(image.get_array())[i, j]
            dark = 0.21 * red**2.2 + 0.72 * green**2.2 + 0.07 * blue**2.2 < 0.2
            assert (text.get_color() == "white") == dark


class TestRoom:
    @pytest.mark.parametrize("n_tasks", [1, 3, 18])
    @pytest.mark.parametrize("n_systems", [1, 7])
    def test_nothing_is_cut_or_covered(
        self, n_tasks, n_systems, assert_within, assert_apart
    ):
        titles = {str(j): f"Make Something Rather Long {j}" for j in range(n_tasks)}
        recalls = {
            f"A system of a long name {i}": dict.fromkeys(titles, 1.0)
            for i in range(n_systems)
        }
        spreads = dict.fromkeys(recalls, 0.1)
        display = RecallTableDisplay(recalls, spreads, titles).plot(
            title="A title that is longer than what is below it", note="A note"
        )
        assert_within(display.figure_)
        assert_apart(list(display.text_.ravel()))

    def test_title_and_note(self):
        display = RecallTableDisplay(RECALLS).plot(title="Recall", note="simulated")
        assert display.ax_.get_title(loc="left") == "Recall"
        assert display.figure_.get_supxlabel() == "simulated"

    def test_given_axes_and_no_other_figure(self, pyplot):
        figure, (ax, other) = pyplot.subplots(1, 2)
        display = RecallTableDisplay(RECALLS).plot(ax, title="Recall")
        assert display.ax_ is ax
        assert display.figure_ is figure
        assert ax.get_title(loc="left") == "Recall"
        assert not other.has_data()
        assert pyplot.get_fignums() == [figure.number]

    def test_plot_can_be_repeated(self, pyplot):
        display = RecallTableDisplay(RECALLS)
        assert pyplot.get_fignums() == []
        first = display.plot().figure_
        assert display.plot().figure_ is not first
        assert pyplot.get_fignums() == [1, 2]


TEA = Task("tea", ["boil water", "add tea"], "Make Tea")
TOAST = Task("toast", ["cut bread", "toast bread"])


def make_video(task, annotation):
    return Video(np.zeros((10, 1)), task, annotation=annotation)


class TestFromPredictions:
    videos = (
        make_video(TOAST, [[0, 1, 3], [1, 5, 6]]),
        make_video(TEA, [[1, 2, 4]]),
        make_video(TEA, None),
    )

    def test_recalls_of_each_system(self):
        display = RecallTableDisplay.from_predictions(
            self.videos,
            {"one": [[1, 5], [0, 3], [0, 0]], "two": [[1, 9], [0, 9], [0, 0]]},
        )
        assert isinstance(display, RecallTableDisplay)
        assert columns(display) == ["toast", "Make Tea", "average"]
        assert figures(display) == [
            ["100.0", "100.0", "100.0"],
            ["50.0", "0.0", "25.0"],
        ]

    def test_options(self, pyplot):
        figure, ax = pyplot.subplots()
        display = RecallTableDisplay.from_predictions(
            self.videos[:2],
            {"one": [[1, 5], [0, 3]], "two": [[1, 9], [0, 9]]},
            average=False, bounds=["one"], ax=ax, title="T",
        )  # fmt: skip
        assert display.figure_ is figure
        assert bold(display) == set()
        assert columns(display) == ["toast", "Make Tea"]
        assert ax.get_title(loc="left") == "T"

    def test_other_tasks(self):
        other = Task("other", ["first", "second"])
        display = RecallTableDisplay.from_predictions(
            self.videos[:2], {"one": [[1, 5], [0, 3]]}, other
        )
        assert columns(display) == ["other", "average"]
        assert figures(display) == [["100.0", "100.0"]]

    def test_a_prediction_that_does_not_fit(self, pyplot):
        with pytest.raises(ValueError, match="predictions"):
            RecallTableDisplay.from_predictions(self.videos[:2], {"one": [[1, 5]]})
        assert pyplot.get_fignums() == []


def test_from_estimators():
    videos, _ = make_instructional_videos(n_videos=3, n_tasks=3, random_state=0)
    estimators = {
        "uniform": UniformBaseline().fit(videos),
        "oracle": OracleBaseline().fit(videos),
    }
    display = RecallTableDisplay.from_estimators(estimators, videos, bounds=["oracle"])
    truth, tasks = [v.annotation for v in videos], [v.task for v in videos]
    for (name, estimator), row in zip(
        estimators.items(), figures(display), strict=True
    ):
        by_task = step_recall(truth, estimator.predict(videos), tasks, average=None)
        expected = [by_task[task] for task in columns(display)[:-1]]
        expected.append(estimator.score(videos))
        assert row == [f"{100 * value:.1f}" for value in expected], name
    assert systems(display) == ["uniform", "oracle"]
    assert columns(display)[0] == videos[0].task.name


class TestBadInput:
    @pytest.mark.parametrize(
        ("recalls", "options", "message"),
        [
            ({}, {}, "holds no figure"),
            ({"a": {}}, {}, "holds no figure"),
            ({"a": {"tea": np.nan}}, {}, "holds no figure"),
            ({"a": {"tea": 1.1}}, {}, "must be from 0 to 1"),
            ({"a": {"tea": -0.1}}, {}, "must be from 0 to 1"),
            ({"a": {"tea": np.inf}}, {}, "must be from 0 to 1"),
            ({"a": {"tea": 1}}, {"bounds": ["b"]}, "bounds: 'b' is not in recalls"),
            ({"a": {"tea": 1}}, {"spreads": {"b": 1}}, "spreads: 'b' is not in"),
        ],
    )
    def test_message(self, recalls, options, message, pyplot):
        with pytest.raises(ValueError, match=message):
            RecallTableDisplay(recalls, **options).plot()
        assert pyplot.get_fignums() == []

    def test_what_is_not_by_system(self, pyplot):
        drawn = {
            "recalls": lambda: RecallTableDisplay([{"tea": 1}]).plot(),
            "bounds": lambda: RecallTableDisplay(RECALLS, bounds="oracle").plot(),
            "predictions": lambda: RecallTableDisplay.from_predictions([], [[1]]),
            "estimators": lambda: RecallTableDisplay.from_estimators([None], []),
        }
        for field, draw in drawn.items():
            with pytest.raises(TypeError, match=f"^{field} must be a "):
                draw()
        assert pyplot.get_fignums() == []

    @pytest.mark.parametrize(
        "draw",
        [
            lambda: RecallTableDisplay({}).plot(),
            lambda: RecallTableDisplay.from_estimators({}, []),
            lambda: RecallTableDisplay.from_predictions([], {}),
        ],
    )
    def test_without_matplotlib(self, draw, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(ImportError, match="RecallTableDisplay needs matplotlib"):
            draw()
