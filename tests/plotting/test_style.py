"""Colours of steps, and places of markers."""

import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask import Task
from skcrosstask.plotting import HistoryDisplay, StepTimelineDisplay
from skcrosstask.plotting._style import INK, PALETTE, ink_on, spread, step_colours


def make_task(name, *steps):
    return Task(name, steps)


class TestStepColours:
    def test_equal_steps_have_one_colour(self):
        tasks = [make_task("a", "pour milk", "stir"), make_task("b", "stir", "drink")]
        colours = step_colours(tasks)
        assert list(colours) == ["pour milk", "stir", "drink"]
        assert len(set(colours.values())) == 3

    @pytest.mark.parametrize("shared", [0, 3])
    def test_no_colour_twice_in_a_task_while_the_palette_lasts(self, shared):
        n = len(PALETTE)
        steps = [f"s{i}" for i in range(3 * n)]
        first = make_task("a", *steps[:n])
        second = make_task("b", *steps[n - shared : 2 * n - shared])
        third = make_task("c", *steps[2 * n :: 2], steps[0])
        colours = step_colours([first, second, third])
        for task in (first, second, third):
            assert len({colours[step] for step in task.steps}) == len(task.steps)

    def test_more_steps_than_colours(self):
        task = make_task("long", *map(str, range(2 * len(PALETTE))))
        colours = list(step_colours([task]).values())
        assert sorted(colours) == sorted(2 * PALETTE)
        assert all(a != b for a, b in pairwise(colours))

    def test_neighbours_in_the_palette_differ_in_lightness(self):
        rgb = [[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in PALETTE]
        lightness = np.array(rgb) @ (0.299, 0.587, 0.114)
        assert np.abs(np.diff(lightness)).min() > 0.1


@pytest.mark.parametrize("colour", [*PALETTE, "#000000", "#ffffff"])
def test_ink_is_the_one_of_higher_contrast(colour):
    def luminance(name):
        name = "#ffffff" if name == "white" else name
        channels = np.array([int(name[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        low = channels <= 0.04045
        linear = np.where(low, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return linear @ (0.2126, 0.7152, 0.0722)

    def contrast(ink):
        light, dark = sorted((luminance(ink), luminance(colour)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    assert contrast(ink_on(colour)) == max(contrast(INK), contrast("white"))


class TestSpread:
    def test_nothing_to_do(self):
        assert spread([], 1.0, 0.0, 1.0).shape == (0,)
        np.testing.assert_allclose(spread([1, 4, 9], 2.0, 0.0, 10.0), [1, 4, 9])

    def test_moves_both_ways_alike(self):
        np.testing.assert_allclose(spread([5, 5, 5], 2.0, 0.0, 10.0), [3, 5, 7])

    def test_too_tight_fills_the_room(self):
        np.testing.assert_allclose(spread([9, 9, 9], 8.0, 0.0, 10.0), [0, 5, 10])

    @given(
        st.lists(st.floats(0, 100), min_size=1, max_size=12).map(sorted),
        st.floats(0.1, 9),
    )
    def test_apart_in_order_and_within_bounds(self, places, gap):
        found = spread(places, gap, 0.0, 100.0)
        least = min(gap, 100 / max(len(places) - 1, 1))
        assert np.all(np.diff(found) >= least - 1e-9)
        assert found[0] >= -1e-9
        assert found[-1] <= 100 + 1e-9
        if len(places) > 1 and np.diff(places).min() >= least:
            np.testing.assert_allclose(found, places, atol=1e-9)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: HistoryDisplay([{"phase": "init", "objective": 1.0}]).plot(),
        lambda: HistoryDisplay.from_estimator(None),
        lambda: StepTimelineDisplay([], []).plot(),
        lambda: StepTimelineDisplay.from_predictions([]),
        lambda: StepTimelineDisplay.from_estimator(None, []),
    ],
)
def test_without_matplotlib_says_how_to_get_it(draw, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(
        ImportError, match=r"^\w+Display needs matplotlib.*pip install matplotlib"
    ):
        draw()
