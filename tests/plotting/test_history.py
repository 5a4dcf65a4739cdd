"""The objective over the epochs."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from skcrosstask import WeaklySupervisedStepEstimator
from skcrosstask.baselines import SupervisedStepEstimator, UniformBaseline
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.plotting import HistoryDisplay
from skcrosstask.plotting._style import FAINT

colors = pytest.importorskip("matplotlib.colors")


def make_history(*phases):
    return [
        {"phase": phase, "objective": 1 / (i + 1)} for i, phase in enumerate(phases)
    ]


def shaded(ax):
    """Ends of the shaded bands."""
    bands = [
        patch.get_path().transformed(patch.get_patch_transform()).get_extents()
        for patch in ax.patches
        if patch.get_facecolor()[:3] == colors.to_rgb(FAINT)
    ]
    return [(band.x0, band.x1) for band in bands]


@pytest.fixture(scope="module")
def videos():
    return make_instructional_videos(n_videos=2, n_tasks=2, random_state=0)[0]


def test_line_and_phases():
    history = make_history("init", "init", "align", "align", "align")
    display = HistoryDisplay(history)
    assert display.plot() is display
    np.testing.assert_array_equal(display.line_.get_xdata(), [1, 2, 3, 4, 5])
    np.testing.assert_allclose(
        display.line_.get_ydata(), [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]
    )
    assert shaded(display.ax_) == [(0.5, 2.5)]
    names = {text.get_text(): text.xy[0] for text in display.ax_.texts}
    assert names == {"random placements": 1.5, "alternation": 4.0}
    assert display.ax_.get_xlim() == (0.5, 5.5)
    assert display.ax_.get_xlabel() == "epoch"
    assert display.ax_.get_ylabel() == "objective"


def test_a_phase_of_another_name_keeps_it():
    display = HistoryDisplay(make_history("warm", "align", "warm")).plot()
    names = [text.get_text() for text in display.ax_.texts]
    assert names == ["warm", "alternation", "warm"]
    assert shaded(display.ax_) == [(0.5, 1.5), (2.5, 3.5)]


@pytest.mark.parametrize("n_epochs", [1, 2, 3, 150])
def test_epochs_are_whole_numbers(n_epochs):
    ax = HistoryDisplay(make_history(*["align"] * n_epochs)).plot().ax_
    low, high = ax.get_xlim()
    ticks = [tick for tick in ax.get_xticks() if low <= tick <= high]
    assert ticks
    assert all(tick == round(tick) for tick in ticks)


def test_from_estimator(videos):
    estimator = WeaklySupervisedStepEstimator(n_passes=2, max_iter=2, random_state=0)
    display = HistoryDisplay.from_estimator(estimator.fit(videos))
    assert isinstance(display, HistoryDisplay)
    assert display.history is estimator.history_
    np.testing.assert_array_equal(
        display.line_.get_ydata(), [entry["objective"] for entry in estimator.history_]
    )
    assert len(display.line_.get_xdata()) == estimator.n_iter_ == 5
    names = [text.get_text() for text in display.ax_.texts]
    assert names == ["start", "segments", "Adam"]


def test_from_a_baseline(videos):
    estimator = SupervisedStepEstimator(max_iter=2, random_state=0).fit(videos)
    display = HistoryDisplay.from_estimator(estimator)
    names = [text.get_text() for text in display.ax_.texts]
    assert names == ["annotated units", "Adam"]


def test_given_axes_and_no_other_figure(pyplot):
    figure, (ax, other) = pyplot.subplots(1, 2)
    display = HistoryDisplay(make_history("init")).plot(ax)
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert not other.has_data()
    assert pyplot.get_fignums() == [figure.number]


def test_all_text_is_within_the_figure():
    figure = HistoryDisplay(make_history("init", *["align"] * 30)).plot().figure_
    figure.draw_without_rendering()
    box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert box.x0 >= 0
    assert box.y0 >= 0
    assert box.x1 <= width
    assert box.y1 <= height


def test_no_epoch(pyplot):
    with pytest.raises(ValueError, match="history has no epoch"):
        HistoryDisplay([]).plot()
    assert pyplot.get_fignums() == []


def test_not_fitted(pyplot):
    with pytest.raises(NotFittedError, match="not fitted"):
        HistoryDisplay.from_estimator(WeaklySupervisedStepEstimator())
    assert pyplot.get_fignums() == []


def test_a_fit_without_epochs(videos, pyplot):
    with pytest.raises(TypeError, match="UniformBaseline has no history_"):
        HistoryDisplay.from_estimator(UniformBaseline().fit(videos))
    assert pyplot.get_fignums() == []
