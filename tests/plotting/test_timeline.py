"""Timelines: what is drawn where, read off the artists."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from skcrosstask import Task, Video, WeaklySupervisedStepEstimator
from skcrosstask.baselines import UniformBaseline
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.plotting import StepTimelineDisplay
from skcrosstask.plotting._bands import LANES
from skcrosstask.plotting._style import FAINT, step_colours

colors = pytest.importorskip("matplotlib.colors")

TEA = Task("tea", ["boil water", "add tea", "pour water", "drink tea"], "Make Tea")
TOAST = Task("toast", ["cut bread", "toast bread"])
KETTLE = Video(
    np.zeros((20, 2)),
    TEA,
    windows=[[0, 1, 5], [1, 3, 8], [3, 8, 12]],
    annotation=[[0, 2, 4.5], [1, 8, 9], [1, 14, 16]],
    name="kettle",
)
BREAD = Video(np.zeros((10, 2)), TOAST, annotation=[[1, 6, 9]], name="bread")
BARE = Video(np.zeros((12, 2)), TOAST, name="bare")
TIMES = [[3, 10, 12, 18], [0, 7]]  # of kettle and bread


def tagged(ax, kind):
    """Artists whose gid is of a kind, with the step."""
    found = []
    for artist in ax.findobj(lambda a: str(a.get_gid()).startswith(f"{kind}-")):
        found.append((int(artist.get_gid().split("-")[1]), artist))
    return found


def spans(ax, kind):
    """Step, start and end of the bars of a kind, from left to right."""
    bars = []
    for step, artist in tagged(ax, kind):
        box = artist.get_paths()[0].get_extents()
        bars.append((step, box.x0, box.x1))
    return sorted(bars, key=lambda bar: bar[1:])


def heads(ax):
    """Of each step with a marker: its outcome and its place."""
    found = {}
    for outcome in ("hit", "miss", "absent", "unknown", "skipped"):
        for step, artist in tagged(ax, outcome):
            assert step not in found
            found[step] = outcome, float(artist.get_offsets()[0, 0])
    return found


def pins(ax):
    """Times at which pins stand, from left to right."""
    lines = [line.get_xdata() for line in ax.lines if line.get_linewidth() == 0.9]
    return sorted(x[0] for x in lines if len(x) == 3 and x[0] == x[1])


def hues(ax, kind):
    """Face and edge colours of the artists of a kind, by step."""
    return {
        step: (artist.get_facecolor()[0], artist.get_edgecolor()[0])
        for step, artist in tagged(ax, kind)
    }


def lane_names(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def legend_names(display):
    return [text.get_text() for text in display.legend_.get_texts()]


def titles(ax):
    return ax.get_title(loc="left"), ax.get_title(loc="right")


def assert_text_is_within(figure):
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert box.x0 >= 0
    assert box.y0 >= 0
    assert box.x1 <= width
    assert box.y1 <= height


@pytest.fixture(scope="module")
def generated():
    return make_instructional_videos(n_videos=3, n_tasks=3, random_state=0)[0]


@pytest.fixture(scope="module")
def fitted(generated):
    return WeaklySupervisedStepEstimator(
        init_iter=2, max_iter=2, random_state=0
    ).fit(generated)  # fmt: skip


class TestPredictedTimes:
    def test_outcome_and_place(self):
        display = StepTimelineDisplay.from_predictions([KETTLE], [[3, 10, 12, -1]])
        (ax,) = display.axes_
        expected = {0: ("hit", 3.5), 1: ("miss", 10.5), 2: ("absent", 12.5)}
        assert heads(ax) == expected
        assert pins(ax) == [3.5, 10.5, 12.5]
        assert titles(ax) == ("kettle", "1 of 2 present steps found; left out: 4")
        assert display.figure_.get_suptitle() == "Step recall 0.50"

    def test_numbers_count_from_one_and_stand_in_the_markers(self):
        display = StepTimelineDisplay.from_predictions([KETTLE], [[3, 10, 12, 18]])
        (ax,) = display.axes_
        numbers = {text.get_text(): text.xy[0] for text in ax.texts}
        assert numbers == {"1": 3.5, "2": 10.5, "3": 12.5, "4": 18.5}

    def test_hits_are_filled_misses_hollow_absent_grey(self):
        display = StepTimelineDisplay.from_predictions([KETTLE], [[3, 10, 12, 18]])
        (ax,) = display.axes_
        colours = step_colours([TEA])
        face, edge = hues(ax, "hit")[0]
        assert colors.same_color(face, colours["boil water"])
        assert colors.same_color(edge, colours["boil water"])
        face, edge = hues(ax, "miss")[1]
        assert colors.same_color(face, "white")
        assert colors.same_color(edge, colours["add tea"])
        for face, edge in hues(ax, "absent").values():
            assert colors.same_color(face, "white")
            assert len(set(edge[:3])) == 1

    def test_without_truth_all_are_filled_and_nothing_is_scored(self):
        display = StepTimelineDisplay.from_predictions([BARE], [[5, 11]])
        (ax,) = display.axes_
        assert heads(ax) == {0: ("unknown", 5.5), 1: ("unknown", 11.5)}
        assert colors.same_color(
            hues(ax, "unknown")[1][0], step_colours([TOAST])["toast bread"]
        )
        assert lane_names(ax) == ["video", "predicted"]
        assert titles(ax) == ("bare", "")
        assert display.figure_.get_suptitle() == ""
        assert legend_names(display)[-1] == " predicted"

    def test_recall_is_of_annotated_videos(self):
        display = StepTimelineDisplay.from_predictions(
            [BARE, BREAD, KETTLE], [[1, 2], [0, 7], [3, 10, 12, 18]]
        )
        # By task: 1 for toast, 1/2 for tea.
        assert display.figure_.get_suptitle() == "Step recall 0.75"

    def test_an_empty_annotation_is_not_scored(self):
        video = Video(np.zeros((10, 2)), TOAST, annotation=[])
        display = StepTimelineDisplay.from_predictions([video], [[1, 2]])
        assert display.figure_.get_suptitle() == ""
        assert heads(display.axes_[0])[0] == ("absent", 1.5)

    def test_all_left_out(self):
        display = StepTimelineDisplay.from_predictions([BREAD], [[-1, -1]])
        (ax,) = display.axes_
        assert heads(ax) == {}
        assert titles(ax)[1] == "0 of 1 present steps found; left out: 1, 2"
        assert display.figure_.get_suptitle() == "Step recall 0.00"
        assert not set(legend_names(display)) & {"predicted time", " found", " missed"}

    def test_in_the_object_array_of_predict(self):
        times = np.empty(1, dtype=object)
        times[0] = np.array([3.0, 10.0, 12.0, -1.0])  # whole numbers are enough
        (ax,) = StepTimelineDisplay.from_predictions([KETTLE], times).axes_
        assert pins(ax) == [3.5, 10.5, 12.5]

    def test_many_at_one_time_are_moved_apart(self):
        task = Task("long", [f"step {k}" for k in range(15)])
        video = Video(np.zeros((300, 1)), task)
        times = np.r_[np.full(10, 150), 296 + np.arange(4), 299]
        display = StepTimelineDisplay.from_predictions([video], [times])
        (ax,) = display.axes_
        display.figure_.draw_without_rendering()
        # The pins tell the truth, the markers are apart, in order and in sight.
        np.testing.assert_allclose(pins(ax), times + 0.5)
        markers = heads(ax)
        x = [markers[step][1] for step in range(15)]
        points = ax.transData.transform([(at, 0) for at in x])[:, 0]
        points *= 72 / display.figure_.dpi
        ((_, head),) = [item for item in tagged(ax, "unknown") if item[0] == 0]
        diameter = np.sqrt(head.get_sizes()[0])
        assert np.diff(points).min() > diameter
        box = ax.get_window_extent()
        assert points[0] - diameter / 2 >= box.x0 * 72 / display.figure_.dpi
        assert points[-1] + diameter / 2 <= box.x1 * 72 / display.figure_.dpi
        # Of those that fit, the middle is where it belongs.
        assert np.mean(x[:10]) == pytest.approx(150.5, abs=0.5)


class TestTruth:
    def test_spans(self):
        (ax,) = StepTimelineDisplay.from_predictions([KETTLE]).axes_
        assert spans(ax, "truth") == [(0, 2, 4.5), (1, 8, 9), (1, 14, 16)]
        colours = step_colours([TEA])
        for step, (face, _) in hues(ax, "truth").items():
            assert colors.same_color(face, colours[TEA.steps[step]])
        assert lane_names(ax) == ["truth", "windows"]

    def test_what_is_beyond_the_end_is_cut(self):
        late = Video(
            np.zeros((10, 1)), TOAST, windows=[[0, 7, 30]],
            annotation=[[0, 8, 14], [1, 12, 15]],
        )  # fmt: skip
        (ax,) = StepTimelineDisplay.from_predictions([late]).axes_
        assert spans(ax, "truth")[0] == (0, 8, 10)
        assert all(end <= 10 for _, _, end in spans(ax, "truth"))
        assert spans(ax, "window") == [(0, 7, 10)]

    def test_the_track_shows_each_video_s_length(self):
        videos = [replace(video, rate=0.5) for video in (KETTLE, BREAD)]
        display = StepTimelineDisplay.from_predictions(videos)
        for ax, n_units in zip(display.axes_, (20, 10), strict=True):
            tracks = [
                bar.get_paths()[0].get_extents()
                for bar in ax.collections
                if len(bar.get_facecolor())
                and colors.same_color(bar.get_facecolor()[0], FAINT)
            ]
            assert [(box.x0, box.x1) for box in tracks] == [(0, 2 * n_units)]
            assert ax.get_xlim() == (0, 40)

    def test_nothing_is_known(self):
        display = StepTimelineDisplay.from_predictions([BARE])
        (ax,) = display.axes_
        assert lane_names(ax) == ["video"]
        assert spans(ax, "truth") == []
        assert legend_names(display) == ["toast", " 1  cut bread", " 2  toast bread"]


class TestSegments:
    labels = np.repeat([-1, 0, -1, 1, 2, -1, 1], [2, 3, 1, 2, 4, 6, 2])

    def test_runs(self):
        display = StepTimelineDisplay.from_predictions([KETTLE], segments=[self.labels])
        (ax,) = display.axes_
        expected = [(0, 2, 5), (1, 6, 8), (2, 8, 12), (1, 18, 20)]
        assert spans(ax, "segment") == expected
        assert lane_names(ax) == ["truth", "segments", "windows"]

    def test_accuracy_is_of_annotated_videos(self):
        display = StepTimelineDisplay.from_predictions(
            [BARE, BREAD], segments=[np.zeros(12), np.repeat([-1, 1], 5)]
        )
        assert display.figure_.get_suptitle() == "Frame accuracy 0.80"
        assert [spans(ax, "segment") for ax in display.axes_] == [
            [(0, 0, 12)],
            [(1, 5, 10)],
        ]

    def test_beside_times(self):
        display = StepTimelineDisplay.from_predictions(
            [BREAD], [[0, 7]], segments=[np.repeat([-1, 1], [6, 4])]
        )
        expected = "Step recall 1.00, Frame accuracy 0.90"
        assert display.figure_.get_suptitle() == expected

    def test_background_alone(self):
        display = StepTimelineDisplay.from_predictions(
            [BARE], segments=[np.full(12, -1)]
        )
        assert spans(display.axes_[0], "segment") == []


class TestPosteriors:
    def test_hills_have_one_height_and_faint_ones_are_in_doubt(self):
        proba = np.zeros((10, 2))
        proba[2, 0] = 1.0
        proba[5:9, 1] = 0.25
        display = StepTimelineDisplay.from_predictions([BREAD], proba=[proba])
        (ax,) = display.axes_
        hills = [line for line in ax.lines if len(line.get_xdata()) == 10]
        assert len(hills) == 2
        base = hills[0].get_ydata()[0]
        for hill, column, step in zip(hills, proba.T, TOAST.steps, strict=True):
            np.testing.assert_allclose(hill.get_xdata(), np.arange(10) + 0.5)
            height = hill.get_ydata() - base
            top = hills[0].get_ydata()[2] - base
            share = column / column.max()
            np.testing.assert_allclose(height, share * top, atol=1e-12)
            assert colors.same_color(hill.get_color(), step_colours([TOAST])[step])
        assert 0.7 * LANES["posterior"] < top < LANES["posterior"]
        assert lane_names(ax) == ["posterior", "truth"]
        assert [hill.get_alpha() for hill in hills] == pytest.approx([1, 0.65])

    def test_opacity_is_that_of_the_filling_too(self):
        proba = np.zeros((10, 2))
        proba[2, 0], proba[5, 1] = 0.01, 1.0
        display = StepTimelineDisplay.from_predictions([BREAD], proba=[proba])
        filled = [
            bar.get_alpha()
            for bar in display.axes_[0].collections
            if bar.get_alpha() is not None
        ]
        assert filled == pytest.approx([0.14, 0.5])

    def test_flat_zero(self):
        display = StepTimelineDisplay.from_predictions(
            [BREAD], proba=[np.zeros((10, 2))]
        )
        for line in display.axes_[0].lines:
            assert np.isfinite(line.get_ydata()).all()


class TestWindows:
    def test_spans_and_rows(self):
        (ax,) = StepTimelineDisplay.from_predictions([KETTLE]).axes_
        assert spans(ax, "window") == [(0, 1, 5), (1, 3, 8), (3, 8, 12)]
        rows = {
            step: artist.get_paths()[0].get_extents()
            for step, artist in tagged(ax, "window")
        }
        assert rows[1].y1 < rows[0].y0
        assert rows[3].y0 == pytest.approx(rows[0].y0)
        colours = step_colours([TEA])
        for step, (face, edge) in hues(ax, "window").items():
            assert colors.same_color(face, "white")
            assert colors.same_color(edge, colours[TEA.steps[step]])

    def test_not_wanted(self):
        display = StepTimelineDisplay.from_predictions([KETTLE], windows=False)
        assert spans(display.axes_[0], "window") == []
        assert lane_names(display.axes_[0]) == ["truth"]

    def test_in_the_middle_of_a_lane_that_another_video_fills(self):
        other = Video(np.zeros((10, 1)), TOAST, windows=[[0, 1, 5]])
        none = Video(np.zeros((10, 1)), TOAST, windows=[])
        display = StepTimelineDisplay.from_predictions([KETTLE, other, none])
        centre = display.axes_[1].get_yticks()[-1]
        box = tagged(display.axes_[1], "window")[0][1].get_paths()[0].get_extents()
        assert (box.y0 + box.y1) / 2 == pytest.approx(centre)
        assert spans(display.axes_[2], "window") == []

    def test_the_lane_has_room_for_the_video_with_most_rows(self):
        rows = [[k, 1, 9] for k in range(4)]
        crowded = Video(np.zeros((20, 2)), TEA, windows=rows)
        display = StepTimelineDisplay.from_predictions([KETTLE, crowded])
        ax = display.axes_[1]
        lowest = min(
            artist.get_paths()[0].get_extents().y0 for _, artist in tagged(ax, "window")
        )
        assert lowest > 0 > ax.get_ylim()[0]


def test_all_times_are_seconds():
    proba = np.full((20, 4), 0.05)
    # A row each 2.5 s, and the same segments in rows.
    times = {
        name: getattr(KETTLE, name) * [1, 2.5, 2.5]
        for name in ("annotation", "windows")
    }
    kettle = replace(KETTLE, rate=0.4, **times)
    display = StepTimelineDisplay.from_predictions(
        [kettle], [[3, 10, 12, 18]], proba=[proba],
        segments=[np.repeat([-1, 2], 10)],
    )  # fmt: skip
    (ax,) = display.axes_
    assert [place for _, place in heads(ax).values()] == [8.75, 26.25, 31.25, 46.25]
    assert pins(ax) == [8.75, 26.25, 31.25, 46.25]
    assert spans(ax, "truth") == [(0, 5, 11.25), (1, 20, 22.5), (1, 35, 40)]
    assert spans(ax, "segment") == [(2, 25, 50)]
    assert spans(ax, "window") == [(0, 2.5, 12.5), (1, 7.5, 20), (3, 20, 30)]
    hill = next(line for line in ax.lines if len(line.get_xdata()) == 20)
    np.testing.assert_allclose(hill.get_xdata(), 2.5 * (np.arange(20) + 0.5))
    assert ax.get_xlim() == (0, 50)
    assert ax.get_xlabel() == "time (s)"
    # The score does not depend on it.
    assert display.figure_.get_suptitle().startswith("Step recall 0.50")


class TestManyVideos:
    def test_bands_have_the_same_lanes_and_time_axis(self):
        display = StepTimelineDisplay.from_predictions(
            [KETTLE, BREAD, BARE], [[3, 10, 12, 18], [0, 7], [1, 2]]
        )
        assert display.axes_.shape == (3,)
        assert len({ax.get_ylim() for ax in display.axes_}) == 1
        assert {ax.get_xlim() for ax in display.axes_} == {(0, 20)}
        names = [lane_names(ax) for ax in display.axes_]
        assert names[0] == names[1] == ["truth", "predicted", "windows"]
        assert names[2] == ["video", "predicted", "windows"]
        labels = [ax.get_xlabel() for ax in display.axes_]
        assert labels == ["", "", "time (s)"]
        display.axes_[0].set_xlim(3, 9)  # to zoom in one zooms in all
        assert {ax.get_xlim() for ax in display.axes_} == {(3, 9)}

    def test_a_step_of_two_tasks_has_one_colour(self):
        milk = [Task("latte", ["heat milk", "pour milk"]), Task("tea", ["pour milk"])]
        videos = [
            Video(np.zeros((9, 1)), task, annotation=[[len(task.steps) - 1, 2, 5]])
            for task in milk
        ]
        display = StepTimelineDisplay.from_predictions(videos)
        face = [next(iter(hues(ax, "truth").values()))[0] for ax in display.axes_]
        assert colors.same_color(*face)


class TestLegend:
    def test_tasks_steps_and_outcomes(self):
        display = StepTimelineDisplay.from_predictions(
            [KETTLE, BREAD, KETTLE], [[3, 10, 12, 18], [0, 7], [3, 8, 12, 18]]
        )
        assert legend_names(display) == [
            "Make Tea", " 1  boil water", " 2  add tea", " 3  pour water",
            " 4  drink tea", "toast", " 1  cut bread", " 2  toast bread",
            "predicted time", " found", " missed", " step not in the video",
        ]  # fmt: skip
        bold = [
            text.get_text().strip()
            for text in display.legend_.get_texts()
            if text.get_fontweight() == "bold"
        ]
        assert bold == ["Make Tea", "toast", "predicted time"]

    def test_colours_are_those_of_the_bars(self):
        display = StepTimelineDisplay.from_predictions([KETTLE, BREAD], TIMES)
        handles = dict(
            zip(legend_names(display), display.legend_.legend_handles, strict=True)
        )
        colours = step_colours([TEA, TOAST])
        for k, step in enumerate(TEA.steps):
            face = handles[f" {k + 1}  {step}"].get_facecolor()
            assert colors.same_color(face, colours[step])
        face = handles[" 2  toast bread"].get_facecolor()
        assert colors.same_color(face, colours["toast bread"])
        assert colors.same_color(hues(display.axes_[1], "truth")[1][0], face)

    def test_only_outcomes_that_occur(self):
        display = StepTimelineDisplay.from_predictions([BREAD], [[-1, 7]])
        assert legend_names(display)[3:] == ["predicted time", " found"]

    def test_without_numbers_each_step_once(self):
        tasks = [Task("one", ["take cup", "pour milk"]), Task("two", ["take cup"])]
        videos = [Video(np.zeros((9, 1)), task) for task in tasks]
        segments = [np.zeros(9)] * 2
        display = StepTimelineDisplay.from_predictions(videos, segments=segments)
        assert legend_names(display) == [" take cup", " pour milk"]

    def test_numbers_are_aligned(self):
        task = Task("long", [f"step {k}" for k in range(10)])
        display = StepTimelineDisplay.from_predictions([Video(np.zeros((99, 1)), task)])
        names = legend_names(display)
        assert names[1] == " \u20071  step 0"
        assert names[10] == " 10  step 9"

    def test_a_long_step_is_shortened(self):
        task = Task("long", ["very " * 30 + "long"])
        display = StepTimelineDisplay.from_predictions([Video(np.zeros((9, 1)), task)])
        assert legend_names(display)[1].endswith("…")
        assert len(legend_names(display)[1]) < 50
        assert_text_is_within(display.figure_)

    def test_not_wanted(self):
        display = StepTimelineDisplay.from_predictions([KETTLE], legend=False)
        assert display.legend_ is None
        assert display.figure_.legends == []


class TestRoom:
    @pytest.mark.parametrize("n_videos", [1, 2, 7])
    def test_all_text_is_within_the_figure(self, n_videos):
        task = Task("t", [f"{verb} something for quite a while" for verb in "abcdefgh"])
        videos = [
            Video(np.zeros((99, 1)), task, annotation=[[0, 1, 9]], name="name " * 40)
            for _ in range(n_videos)
        ]
        times = [[0, 1, 2, 50, 51, 97, 98, 98]] * n_videos
        display = StepTimelineDisplay.from_predictions(videos, times)
        assert_text_is_within(display.figure_)

    def test_a_long_name_ends_before_the_summary(self):
        video = Video(np.zeros((10, 2)), TOAST, annotation=[[0, 1, 2]], name="x" * 200)
        display = StepTimelineDisplay.from_predictions([video], [[1, 2]])
        (ax,) = display.axes_
        width = ax.get_window_extent().width
        display.figure_.draw_without_rendering()
        assert ax.get_window_extent().width == pytest.approx(width, rel=0.01)
        name, summary = (
            next(
                child
                for child in ax.get_children()
                if getattr(child, "get_text", str)() == text
            ).get_window_extent()
            for text in titles(ax)
        )
        assert titles(ax)[0].endswith("x…")
        # Nothing is cut without need.
        assert 5 < summary.x0 - name.x1 < 60
        assert titles(ax)[1] == "1 of 1 present steps found"
        assert name.x1 < summary.x0

    def test_a_name_that_fits_is_whole(self):
        video = Video(np.zeros((10, 2)), TOAST, name="x" * 40)
        display = StepTimelineDisplay.from_predictions([video], [[1, 2]])
        assert titles(display.axes_[0])[0] == "x" * 40

    def test_legend_beside_the_bands(self):
        display = StepTimelineDisplay.from_predictions([KETTLE, BREAD])
        display.figure_.draw_without_rendering()
        left = display.legend_.get_window_extent().x0
        for ax in display.axes_:
            assert ax.get_window_extent().x1 <= left


class TestTitle:
    def test_another(self):
        display = StepTimelineDisplay.from_predictions([BREAD], [[0, 7]], title="Hm")
        assert display.figure_.get_suptitle() == "Hm"

    def test_none_is_wanted(self):
        display = StepTimelineDisplay.from_predictions([BREAD], [[0, 7]], title="")
        assert display.figure_.get_suptitle() == ""

    def test_a_video_without_name(self):
        display = StepTimelineDisplay([Video(np.zeros((9, 1)), TOAST)], [TOAST]).plot()
        assert titles(display.axes_[0])[0] == "#0"


class TestFromEstimator:
    def test_draws_what_it_predicts(self, fitted, generated):
        display = StepTimelineDisplay.from_estimator(fitted, generated[:3])
        times, proba = (
            fitted.predict(generated[:3]),
            fitted.predict_proba(generated[:3]),
        )
        for i, ax in enumerate(display.axes_):
            assert pins(ax) == [time + 0.5 for time in sorted(times[i])]
            hills = [
                line for line in ax.lines if len(line.get_xdata()) == len(proba[i])
            ]
            assert len(hills) == proba[i].shape[1]
            assert np.argmax(hills[0].get_ydata()) == np.argmax(proba[i][:, 0])
        expected = f"Step recall {fitted.score(generated[:3]):.2f}"
        assert display.figure_.get_suptitle() == expected

    def test_without_posterior(self, fitted, generated):
        display = StepTimelineDisplay.from_estimator(
            fitted, generated[:1], posterior=False, windows=False, title="T"
        )
        assert display.proba is None
        assert lane_names(display.axes_[0]) == ["truth", "predicted"]
        assert display.figure_.get_suptitle() == "T"

    def test_an_estimator_without_posterior(self, generated):
        baseline = UniformBaseline().fit(generated)
        display = StepTimelineDisplay.from_estimator(baseline, generated[:1])
        assert "posterior" not in lane_names(display.axes_[0])
        assert pins(display.axes_[0])

    def test_arrays_and_one_task(self, fitted, generated):
        task = generated[0].task
        display = StepTimelineDisplay.from_estimator(
            fitted, [generated[0].features, generated[1].features], task
        )
        assert [titles(ax)[0] for ax in display.axes_] == ["#0", "#1"]
        assert [len(pins(ax)) for ax in display.axes_] == [len(task.steps)] * 2

    def test_tasks_by_name(self):
        video = Video(np.zeros((12, 1)), "toast", annotation=[[1, 2, 3]])
        display = StepTimelineDisplay.from_estimator(
            UniformBaseline().fit([BARE]), [video], {"toast": TOAST.steps}
        )
        assert pins(display.axes_[0]) == [3.5, 9.5]
        assert spans(display.axes_[0], "truth") == [(1, 2, 3)]


class TestFiguresAndAxes:
    def test_plot_returns_the_display_and_can_be_repeated(self, pyplot):
        display = StepTimelineDisplay([BREAD], [TOAST], [[0, 7]])
        assert pyplot.get_fignums() == []
        assert display.plot() is display
        first = display.figure_
        assert display.plot(legend=False).figure_ is not first
        assert pyplot.get_fignums() == [1, 2]
        assert pins(display.axes_[0]) == [0.5, 7.5]

    def test_one_axes_for_one_video(self, pyplot):
        figure, (ax, other) = pyplot.subplots(1, 2)
        display = StepTimelineDisplay.from_predictions([BREAD], [[0, 7]], ax=ax)
        assert list(display.axes_) == [ax]
        assert display.figure_ is figure
        assert heads(ax) == {0: ("absent", 0.5), 1: ("hit", 7.5)}
        assert not other.has_data()
        assert figure.get_suptitle() == ""
        assert pyplot.get_fignums() == [figure.number]

    @pytest.mark.parametrize("layout", [None, "constrained"])
    def test_one_axes_is_divided(self, pyplot, layout):
        figure, (ax, other) = pyplot.subplots(
            1, 2, figsize=(12, 6), layout=layout
        )  # fmt: skip
        display = StepTimelineDisplay.from_predictions(
            [KETTLE, BREAD, BARE], [[3, 10, 12, 18], [0, 7], [1, 2]], ax=ax
        )
        figure.draw_without_rendering()
        assert len(display.axes_) == 3
        assert ax not in display.axes_
        assert not ax.axison
        assert {ax.figure for ax in display.axes_} == {figure}
        assert {ax.get_xlim() for ax in display.axes_} == {(0, 20)}
        boxes = [ax.get_window_extent() for ax in display.axes_]
        for box, below in pairwise(boxes):
            assert box.y0 > below.y1
        # The legend has its room too, before the other axes.
        assert boxes[0].x1 < display.legend_.get_window_extent().x0
        assert display.legend_.get_window_extent().x1 < other.get_window_extent().x0
        assert pyplot.get_fignums() == [figure.number]

    def test_a_legend_higher_than_a_band_takes_nothing_from_it(self, pyplot):
        heights = []
        for legend in (False, True):
            figure, ax = pyplot.subplots(figsize=(8, 4), layout="constrained")
            display = StepTimelineDisplay.from_predictions(
                [KETTLE, BREAD], TIMES, ax=ax, legend=legend
            )
            figure.draw_without_rendering()
            heights.append(display.axes_[0].get_window_extent().height)
        assert display.legend_.get_window_extent().height > heights[1]
        assert heights[0] == pytest.approx(heights[1], rel=0.02)

    def test_constrained_layout_makes_room_for_the_legend(self, pyplot):
        figure, ax = pyplot.subplots(figsize=(8, 4), layout="constrained")
        StepTimelineDisplay.from_predictions([KETTLE], TIMES[:1], ax=ax)
        assert_text_is_within(figure)
        assert ax.get_window_extent().width < 0.8 * figure.get_window_extent().width

    def test_axes_that_are_in_no_grid(self, pyplot):
        figure = pyplot.figure()
        ax = figure.add_axes([0.1, 0.2, 0.8, 0.5])
        display = StepTimelineDisplay.from_predictions([KETTLE, BREAD], ax=ax)
        for drawn in display.axes_:
            box = drawn.get_position()
            assert box.x0 >= 0.1 - 1e-9
            assert box.x1 <= 0.9 + 1e-9
            assert box.y0 >= 0.2 - 1e-9
            assert box.y1 <= 0.7 + 1e-9

    def test_an_axes_a_video(self, pyplot):
        figure, axes = pyplot.subplots(2, 1)
        display = StepTimelineDisplay.from_predictions([KETTLE, BREAD], ax=axes)
        assert list(display.axes_) == list(axes)
        xaxes = [ax.xaxis for ax in axes]
        shown = [axis.get_major_ticks()[0].label1.get_visible() for axis in xaxes]
        assert shown == [False, True]
        assert spans(axes[1], "truth") == [(1, 6, 9)]
        display = StepTimelineDisplay.from_predictions([BREAD, BARE], ax=list(axes))
        assert display.figure_ is figure

    @pytest.mark.parametrize("n_steps", [2, 15])
    def test_the_legend_of_several_axes_is_in_the_figure(self, pyplot, n_steps):
        task = Task("long", [f"step number {k}" for k in range(n_steps)])
        other = Task("other", ["pour milk"], "Another")
        videos = [Video(np.zeros((40, 1)), of) for of in (task, other)]
        figure, axes = pyplot.subplots(2, figsize=(7, 3), layout="constrained")
        display = StepTimelineDisplay.from_predictions(videos, ax=axes)
        assert_text_is_within(figure)
        left = display.legend_.get_window_extent().x0
        for ax in axes:
            assert ax.get_window_extent().x1 < left
            assert ax.get_window_extent().width > 0.3 * 700
            assert ax.get_window_extent().height > 0.2 * 300

    def test_a_title_of_given_axes_is_refused(self, pyplot):
        _, ax = pyplot.subplots()
        with pytest.raises(ValueError, match="title: 'mine' would head a new figure"):
            StepTimelineDisplay.from_predictions([BREAD], ax=ax, title="mine")
        assert not ax.has_data()
        StepTimelineDisplay.from_predictions([BREAD], ax=ax, title="")

    def test_subfigure(self, pyplot):
        figure = pyplot.figure(figsize=(12, 5), layout="constrained")
        left, _ = figure.subfigures(1, 2)
        for n_axes in (1, 2):
            ax = left.subplots(n_axes, 1)
            display = StepTimelineDisplay.from_predictions(
                [KETTLE, BREAD], TIMES, ax=ax
            )
            assert display.figure_ is left
            assert pins(display.axes_[1]) == [0.5, 7.5]
            left.clear()

    def test_the_number_of_axes_does_not_fit(self, pyplot):
        _, axes = pyplot.subplots(3, 1)
        with pytest.raises(ValueError, match="ax: 2 videos need one Axes or 2, got 3"):
            StepTimelineDisplay.from_predictions([KETTLE, BREAD], ax=axes)


class TestBadInput:
    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"predictions": [[0, 1]] * 2}, "1 videos, but 2 predictions"),
            ({"predictions": [[0]]}, r"'bread': predictions\[0\] must have shape \(2,"),
            ({"predictions": [[0, 10]]}, r"predictions\[0\].* from -1 to 9"),
            ({"predictions": [[-2, 1]]}, r"predictions\[0\].* from -1 to 9"),
            ({"predictions": [[0, 1.5]]}, r"predictions\[0\].* whole numbers"),
            ({"predictions": [[0, np.nan]]}, r"predictions\[0\].* whole numbers"),
            ({"proba": []}, "1 videos, but 0 proba"),
            ({"proba": [np.ones((2, 10))]}, r"proba\[0\] must have shape \(10, 2\)"),
            ({"proba": [-np.ones((10, 2))]}, r"proba\[0\] must be finite"),
            ({"proba": [np.full((10, 2), np.nan)]}, r"proba\[0\] must be finite"),
            ({"proba": [np.full((10, 2), np.inf)]}, r"proba\[0\] must be finite"),
            ({"segments": [np.zeros(9)]}, r"segments\[0\] must have shape \(10,\)"),
            ({"segments": [np.full(10, 2)]}, r"segments\[0\].* from -1 to 1"),
            ({"segments": [np.full(10, -2)]}, r"segments\[0\].* from -1 to 1"),
            ({"y": [TOAST, TOAST]}, "1 videos, 2 tasks"),
        ],
    )
    def test_the_message_names_the_field(self, fields, message, pyplot):
        with pytest.raises(ValueError, match=message):
            StepTimelineDisplay.from_predictions([BREAD], **fields)
        assert pyplot.get_fignums() == []

    def test_the_message_names_the_video(self):
        with pytest.raises(ValueError, match=r"video 'bread': predictions\[1\]"):
            StepTimelineDisplay.from_predictions([BARE, BREAD], [[0, 1], [0, 11]])

    def test_no_video(self):
        with pytest.raises(ValueError, match="empty"):
            StepTimelineDisplay([], []).plot()

    def test_no_task(self):
        with pytest.raises(ValueError, match="has no task"):
            StepTimelineDisplay.from_predictions([np.zeros((9, 2))])

    def test_as_many_tasks_as_videos(self):
        with pytest.raises(ValueError, match="2 videos, 1 tasks"):
            StepTimelineDisplay([BREAD, BARE], [TOAST]).plot()
