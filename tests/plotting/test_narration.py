"""What is said beside the steps: shades, frames and bars, read off the artists."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import make_pipeline

from skcrosstask import Narration, Task, Video
from skcrosstask.narration import NarrationAligner
from skcrosstask.plotting import NarrationDisplay
from skcrosstask.plotting._narration import _edges, _two_lines

pytest.importorskip("matplotlib")

TEXT = "hello all now grind the coffee wait a bit and pour the milk"
SPEECH = Narration(TEXT.split(), np.arange(13.0)[:, None] + [0, 1])
LATTE = Task("latte", ["grind coffee", "pour milk", "enjoy"])
TRUTH = [[0, 4, 6.5], [1, 12, 15]]
VIDEO = Video(np.zeros((15, 4)), LATTE, None, TRUTH, "v1", narration=SPEECH)


@pytest.fixture(scope="module")
def aligner():
    return NarrationAligner(window_words=3).fit([VIDEO])


@pytest.fixture(scope="module")
def match(aligner):
    return aligner.match([VIDEO])[0]


def bars(ax, kind):
    """Step, start and end of the bars of a kind."""
    found = []
    for artist in ax.findobj(lambda a: str(a.get_gid()).startswith(f"{kind}-")):
        box = artist.get_paths()[0].get_extents()
        found.append((int(artist.get_gid().split("-")[1]), box.x0, box.x1))
    return sorted(found)


def frames(ax):
    """Artists of the windows by step."""
    found = ax.findobj(lambda a: str(a.get_gid()).startswith("window-"))
    return {int(artist.get_gid().split("-")[1]): artist for artist in found}


def confidences(display):
    (right,) = display.ax_.child_axes
    return [label.get_text() for label in right.get_yticklabels()]


def legend(display):
    return [text.get_text() for text in display.legend_.get_texts()]


class TestWhatIsDrawn:
    def test_words_windows_and_truth(self, match):
        display = NarrationDisplay(match, annotation=TRUTH, duration=15, name="v1")
        assert display.plot() is display
        assert bars(display.ax_, "words") == [(0, 2, 7), (1, 9, 13)]
        assert bars(display.ax_, "window") == [(0, 2, 7), (1, 9, 13)]
        assert bars(display.ax_, "truth") == [(0, 4, 6.5), (1, 12, 15)]
        assert display.ax_.get_xlim() == (0, 15)
        assert display.ax_.get_title(loc="left") == "v1"
        assert legend(display) == ["similar", "step's words", "window", "truth"]

    def test_the_first_step_is_on_top(self, match):
        display = NarrationDisplay(match).plot()
        names = [label.get_text() for label in display.ax_.get_yticklabels()]
        assert names == list(LATTE.steps)
        heights = [
            display.ax_.transData.transform((0, level))[1]
            for level in display.ax_.get_yticks()
        ]
        assert heights == sorted(heights, reverse=True)
        numbers = [text for text in display.ax_.texts if text.get_text().isdigit()]
        assert [text.get_text() for text in numbers] == ["1", "2", "3"]
        assert [text.xy[1] for text in numbers] == list(display.ax_.get_yticks())

    def test_the_way_leads_from_words_to_words(self, match):
        (line,) = NarrationDisplay(match).plot().ax_.lines
        assert list(line.get_xdata()) == [7, 9]

    def test_confidence(self, match):
        display = NarrationDisplay(match).plot()
        expected = [f"{c:.2f}" for c in match.confidence[:2]]
        assert confidences(display) == [*expected, "–"]
        doubtful = replace(match, confidence=np.array([0.9, 0.1, 0.0]))
        drawn = frames(NarrationDisplay(doubtful).plot().ax_)
        alphas = [drawn[step].get_alpha() for step in (0, 1)]
        assert alphas == pytest.approx([0.93, 0.37])

    def test_shade_is_how_far_a_similarity_stands_out(self, match):
        image = NarrationDisplay(match).plot().image_
        shades = image.get_array()
        similarity = match.similarity[:, 0]
        expected = (similarity - similarity.mean()) / similarity.std()
        np.testing.assert_allclose(shades[0].compressed(), expected)
        # Between the rows is nothing; a step of no similarity is even.
        assert shades[1].mask.all()
        assert (shades[4].compressed() == 0).all()

    def test_padded_windows_reach_beyond_the_words(self, aligner):
        wide = NarrationAligner(aligner.text_, window_words=3, padding=(1, 2))
        display = NarrationDisplay.from_estimator(wide.fit([VIDEO]), VIDEO)
        assert bars(display.ax_, "words") == [(0, 2, 7), (1, 9, 13)]
        assert bars(display.ax_, "window") == [(0, 1, 9), (1, 8, 15)]

    def test_seconds_at_another_rate(self, aligner, match):
        video = replace(VIDEO, features=np.zeros((30, 4)), annotation=[[0, 4, 6.5]])
        display = NarrationDisplay.from_estimator(aligner, replace(video, rate=2.0))
        assert display.match.windows[0, 1:].tolist() == [2, 7]
        assert bars(display.ax_, "window")[0] == (0, 2, 7)
        assert bars(display.ax_, "truth") == [(0, 4, 6.5)]
        assert display.ax_.get_xlim() == (0, 15)

    def test_without_a_length_until_all_is_said(self, match):
        assert NarrationDisplay(match).plot().ax_.get_xlim() == (0, 13)

    def test_without_truth(self, match):
        display = NarrationDisplay(match).plot()
        assert bars(display.ax_, "truth") == []
        assert legend(display) == ["similar", "step's words", "window"]

    def test_nothing_is_said(self, aligner):
        mute = replace(VIDEO, narration=Narration([], []))
        display = NarrationDisplay.from_estimator(aligner, mute)
        assert display.image_ is None
        assert bars(display.ax_, "window") == []
        assert confidences(display) == ["–"] * 3
        assert bars(display.ax_, "truth") == [(0, 4, 6.5), (1, 12, 15)]


class TestCells:
    def test_only_a_true_silence_is_left_blank(self):
        times = np.array([[0, 0.4], [1, 1.5], [9, 9.5]])
        edges, spoken = _edges(times, np.arange(3))
        assert edges.tolist() == [0, 1, 1, 1.5, 9, 9.5]
        assert spoken.tolist() == [0, 2, 4]

    def test_a_place_stands_for_the_words_until_the_next(self):
        times = np.arange(5.0)[:, None] + [0, 1]
        edges, _ = _edges(times, np.array([0, 2, 4]))
        assert edges.tolist() == [0, 2, 2, 4, 4, 5]

    @given(st.data())
    @settings(max_examples=50)
    def test_edges_ascend(self, data):
        n_words = data.draw(st.integers(1, 30))
        gaps = st.floats(0, 20, allow_nan=False)
        starts = np.cumsum(
            data.draw(st.lists(gaps, min_size=n_words, max_size=n_words))
        )
        lengths = data.draw(st.lists(gaps, min_size=n_words, max_size=n_words))
        stride = data.draw(st.integers(1, 5))
        times = np.column_stack([starts, starts + lengths])
        places = np.arange(0, n_words, stride)
        edges, spoken = _edges(times, places)
        assert len(edges) == 2 * len(places)
        assert (np.diff(edges) >= 0).all()
        np.testing.assert_array_equal(edges[spoken], starts[places])


class TestNames:
    def test_a_short_one_is_on_one_line(self):
        assert _two_lines("pour the milk into the cup") == "pour the milk into the cup"

    def test_a_long_one_is_halved(self):
        name = "drain the potatoes and mash them all using a ricer"
        first, second = _two_lines(name).split("\n")
        assert f"{first} {second}" == name
        assert abs(len(first) - len(second)) < 8

    def test_a_very_long_one_is_cut(self):
        lines = _two_lines("again and " * 30).split("\n")
        assert len(lines) == 2
        assert max(map(len, lines)) <= 44
        assert lines[1].endswith(" …")


class TestFromEstimator:
    def test_takes_all_from_the_video(self, aligner):
        display = NarrationDisplay.from_estimator(aligner, VIDEO)
        assert display.name == "v1"
        assert bars(display.ax_, "truth") == [(0, 4, 6.5), (1, 12, 15)]

    @pytest.mark.parametrize("y", [LATTE, [LATTE], {"latte": list(LATTE.steps)}])
    def test_another_task(self, aligner, y):
        video = replace(VIDEO, task="latte")
        display = NarrationDisplay.from_estimator(aligner, video, y)
        assert display.match.steps == LATTE.steps

    def test_a_pipeline_is_no_aligner(self, aligner, pyplot):
        with pytest.raises(TypeError, match=r"got Pipeline; .* as pipeline\[0\]"):
            NarrationDisplay.from_estimator(make_pipeline(aligner), VIDEO)
        assert pyplot.get_fignums() == []

    def test_no_narration(self, aligner, pyplot):
        with pytest.raises(ValueError, match="video 'v1': narration is missing"):
            NarrationDisplay.from_estimator(aligner, replace(VIDEO, narration=None))
        assert pyplot.get_fignums() == []

    def test_no_task(self, aligner):
        with pytest.raises(ValueError, match="video 'v1': has no task"):
            NarrationDisplay.from_estimator(
                aligner, replace(VIDEO, task=None, annotation=None)
            )


class TestFromPredictions:
    def test_match_alone_and_with_its_video(self, match):
        display = NarrationDisplay.from_predictions(match, title="said")
        assert display.ax_.get_title(loc="left") == "said"
        assert bars(display.ax_, "truth") == []
        display = NarrationDisplay.from_predictions(match, VIDEO)
        assert display.ax_.get_title(loc="left") == "v1"
        assert bars(display.ax_, "truth") == [(0, 4, 6.5), (1, 12, 15)]


class TestRoom:
    def test_long_names_and_many_steps(self, aligner, assert_within, assert_apart):
        steps = [f"pour milk number {k} " + "and more " * k for k in range(15)]
        video = Video(np.zeros((15, 1)), Task("t", steps), name="n", narration=SPEECH)
        display = NarrationDisplay.from_estimator(aligner, video, note="made up")
        assert_within(display.figure_)
        right = display.ax_.child_axes[0].get_yticklabels()
        texts = [*display.ax_.get_yticklabels(), *display.ax_.texts, *right]
        assert_apart([*texts, *display.legend_.get_texts()])

    def test_given_axes(self, match, pyplot, assert_within):
        figure, (ax, other) = pyplot.subplots(
            1, 2, figsize=(13, 4), layout="constrained"
        )  # fmt: skip
        display = NarrationDisplay(match, name="v1").plot(ax)
        assert display.ax_ is ax
        assert display.figure_ is figure
        assert not other.has_data()
        assert pyplot.get_fignums() == [figure.number]
        assert_within(figure)

    def test_no_legend(self, match):
        assert NarrationDisplay(match).plot(legend=False).legend_ is None


class TestBadInput:
    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"annotation": [[3, 0, 1]]}, "step 3 is unknown; the match has 3"),
            ({"annotation": [[0, 2, 1]]}, "annotation row 0 is reversed"),
        ],
    )
    def test_the_message_names_the_field(self, fields, message, match, pyplot):
        with pytest.raises(ValueError, match=message):
            NarrationDisplay(match, **fields).plot()
        assert pyplot.get_fignums() == []

    def test_without_matplotlib(self, match, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(ImportError, match="NarrationDisplay needs matplotlib"):
            NarrationDisplay(match).plot()
