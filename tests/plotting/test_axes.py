"""Figures that users make, and what displays need of them."""

import pytest

from skcrosstask import plotting
from skcrosstask.plotting import RecallTableDisplay
from skcrosstask.plotting._axes import is_constrained

pytest.importorskip("matplotlib")


@pytest.mark.parametrize("display", plotting.__all__)
def test_the_layout_that_makes_room_is_named(display):
    assert 'layout="constrained"' in getattr(plotting, display).plot.__doc__


def test_it_makes_room(pyplot, assert_within):
    figure, ax = pyplot.subplots(figsize=(5, 3), layout="constrained")
    recalls = {"a system of a long name": {"a task of a long name": 0.5}}
    RecallTableDisplay(recalls).plot(ax, title="A title")
    assert_within(figure)


@pytest.mark.parametrize(
    ("layout", "expected"),
    [("constrained", True), ("compressed", True), ("tight", False), (None, False)],
)
def test_which_layout_a_figure_has(pyplot, layout, expected):
    figure = pyplot.figure(layout=layout)
    assert is_constrained(figure.subplots()) is expected
    assert is_constrained(figure.subfigures().subplots()) is expected
