"""Images below the bands of a timeline."""

from dataclasses import replace

import numpy as np
import pytest

from skcrosstask import Task, Video
from skcrosstask.plotting import StepTimelineDisplay
from skcrosstask.plotting._frames import FRAME_HEIGHT
from skcrosstask.plotting._style import step_colours

colors = pytest.importorskip("matplotlib.colors")

TEA = Task("tea", ["boil water", "add tea", "pour water", "drink tea"])
KETTLE = Video(np.zeros((200, 1)), TEA, annotation=[[0, 2, 9]], name="kettle")
OTHER = Video(np.zeros((100, 1)), TEA, name="other")
IMAGE = np.zeros((36, 64, 3), dtype=np.uint8)


def always(video, time):
    return IMAGE


def draw(times, frames=always, videos=(KETTLE,), **options):
    return StepTimelineDisplay.from_predictions(
        videos, times, frames=frames, **options
    )  # fmt: skip


def boxes(ax):
    """Images by step, in the order in which they were added."""
    return {
        int(artist.get_gid().split("-")[1]): artist
        for artist in ax.artists
        if str(artist.get_gid()).startswith("frame-")
    }


def extents(display, i=0):
    """Their extents in pixels, by step."""
    display.figure_.draw_without_rendering()
    found = boxes(display.axes_[i])
    return {step: box.get_window_extent() for step, box in found.items()}


class TestWhatIsShown:
    def test_the_image_of_each_predicted_time(self):
        asked = []

        def frames(video, time):
            asked.append((video.name, time))
            return np.full((2, 3), time)

        display = draw([[10, 50, -1, 190]], frames)
        assert asked == [("kettle", 10), ("kettle", 50), ("kettle", 190)]
        shown = boxes(display.axes_[0])
        assert list(shown) == [0, 1, 3]
        for step, time in ((0, 10), (1, 50), (3, 190)):
            assert np.all(shown[step].offsetbox.get_data() == time)

    def test_each_video_has_its_own(self):
        display = draw([[1, 2, 3, 4]] * 2, videos=(KETTLE, OTHER))
        assert [len(boxes(ax)) for ax in display.axes_] == [4, 4]

    def test_some_are_missing(self):
        display = draw([[10, 50, 90, 190]], lambda _, t: IMAGE if t < 60 else None)
        assert list(boxes(display.axes_[0])) == [0, 1]

    @pytest.mark.parametrize("times", [None, [[-1, -1, -1, -1]]])
    def test_nothing_is_predicted(self, times):
        assert boxes(draw(times).axes_[0]) == {}

    def test_all_are_missing(self):
        with_none = draw([[10, 50, 90, 190]], lambda *_: None)
        without = draw([[10, 50, 90, 190]], None)
        assert boxes(with_none.axes_[0]) == {}
        np.testing.assert_allclose(
            with_none.figure_.get_size_inches(), without.figure_.get_size_inches()
        )

    def test_numbers_and_colours_are_those_of_the_steps(self):
        display = draw([[10, 50, 90, 190]])
        (ax,) = display.axes_
        colours = step_colours([TEA])
        chips = [text for text in ax.texts if text.get_bbox_patch() is not None]
        assert [chip.get_text() for chip in chips] == ["1", "2", "3", "4"]
        display.figure_.draw_without_rendering()
        for step, chip in enumerate(chips):
            box, colour = boxes(ax)[step], colours[TEA.steps[step]]
            assert colors.same_color(box.patch.get_edgecolor(), colour)
            assert colors.same_color(chip.get_bbox_patch().get_facecolor(), colour)
            # The number stands on its image.
            assert box.get_window_extent().overlaps(chip.get_window_extent())


class TestPlaces:
    def test_at_their_times_where_there_is_room(self):
        display = draw([[30, 80, 130, 170]])
        (ax,) = display.axes_
        found = extents(display)
        for step, time in enumerate([30, 80, 130, 170]):
            x = ax.transData.transform((time + 0.5, 0))[0]
            assert (found[step].x0 + found[step].x1) / 2 == pytest.approx(x, abs=1.5)
            height = found[step].height / display.figure_.dpi
            assert height == pytest.approx(FRAME_HEIGHT, abs=0.05)

    def test_seconds_at_another_rate(self):
        slow = replace(KETTLE, rate=0.5, annotation=None, windows=None)
        display = draw([[30, 80, 130, 170]], videos=[slow])
        assert boxes(display.axes_[0])[1].xy[0] == pytest.approx(161)

    @pytest.mark.parametrize(
        "times", [[0, 1, 2, 3], [196, 197, 198, 199], [99] * 4, [0, 1, 198, 199]]
    )
    def test_side_by_side_within_the_axes(self, times, assert_within):
        display = draw([times])
        found, ax = extents(display), display.axes_[0].get_window_extent()
        for step in range(3):
            assert found[step].x1 <= found[step + 1].x0 + 1
        assert found[0].x0 >= ax.x0 - 3
        assert found[3].x1 <= ax.x1 + 3
        assert_within(display.figure_)

    def test_in_the_order_of_time(self):
        found = extents(draw([[190, 50, 10, 51]]))
        order = sorted(found, key=lambda step: found[step].x0)
        assert order == [2, 1, 3, 0]

    def test_many_are_smaller(self, assert_within):
        task = Task("long", [f"step {k}" for k in range(20)])
        video = Video(np.zeros((200, 1)), task, name="v")
        display = draw([np.arange(20)], videos=[video])
        found = extents(display)
        ax = display.axes_[0].get_window_extent()
        for step in range(19):
            assert found[step].x1 <= found[step + 1].x0 + 1
        assert found[19].x1 <= ax.x1 + 3
        assert found[0].height < 0.8 * FRAME_HEIGHT * display.figure_.dpi
        assert found[0].width / found[0].height == pytest.approx(64 / 36, rel=0.1)
        assert_within(display.figure_)

    def test_images_of_several_shapes_are_of_one_height(self):
        shapes = {30: (90, 30, 3), 80: (36, 64, 3), 130: (10, 10), 170: (720, 1280, 4)}
        display = draw([list(shapes)], lambda _, t: np.zeros(shapes[t]))
        for step, box in extents(display).items():
            height, width = list(shapes.values())[step][:2]
            assert box.height == pytest.approx(50, abs=4)
            assert box.width / box.height == pytest.approx(width / height, rel=0.15)

    def test_below_their_band_and_above_the_next(self, assert_within):
        display = draw([[1, 50, 60, 99]] * 3, videos=[KETTLE, OTHER, KETTLE])
        for i, ax in enumerate(display.axes_):
            for box in extents(display, i).values():
                assert box.y1 <= ax.get_window_extent().y0
                if i < 2:
                    below = display.axes_[i + 1]
                    assert box.y0 >= below.title.get_window_extent().y1 - 1
        assert_within(display.figure_)

    def test_labels_of_the_time_axis_can_be_read(self):
        display = draw([[10, 50, 90, 190]])
        found = extents(display)
        label = display.axes_[0].xaxis.label.get_window_extent()
        assert max(box.y1 for box in found.values()) <= label.y0

    def test_bands_keep_their_height(self):
        heights = []
        for frames in (None, always):
            display = draw(
                [[1, 50, 60, 99]] * 3, frames, videos=[KETTLE] * 3, legend=False
            )
            display.figure_.draw_without_rendering()
            heights.append(display.axes_[0].get_window_extent().height)
        assert heights[1] > 0.8 * heights[0]

    def test_given_axes(self, pyplot):
        figure, ax = pyplot.subplots(figsize=(8, 4), layout="constrained")
        display = draw([[10, 50, 90, 190]], ax=ax)
        assert len(boxes(ax)) == 4
        assert display.figure_ is figure
        assert pyplot.get_fignums() == [figure.number]


class TestBadInput:
    @pytest.mark.parametrize("shape", [(3,), (2, 2, 2, 3), (4, 4, 2), (0, 4), ()])
    def test_no_image(self, shape, pyplot):
        message = r"video 'kettle': frames returned an array of shape .* for time 10"
        with pytest.raises(ValueError, match=message):
            draw([[10, 50, 90, 190]], lambda *_: np.zeros(shape))
        assert pyplot.get_fignums() == []
