import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skcrosstask import Narration, Task, Video, WeaklySupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos, simulate_narration
from skcrosstask.metrics import window_scores
from skcrosstask.narration import (
    LearnedAggregation,
    NarrationAligner,
    TfidfText,
    WordVectorText,
    narration_windows,
    read_narration,
)

LATTE = Task("latte", ["grind coffee", "steam milk", "pour milk"])


def speak(text, start=0.0):
    """A word a second."""
    words = text.split()
    return Narration(words, start + np.arange(len(words))[:, None] + [0.0, 1.0])


SPEECH = speak(
    "hello everybody now grind the coffee very fine wait a bit here comes the "
    "steam for all the milk and then pour it slowly into that cup"
)


class Words:
    """One column a word, so that cosines can be worked out by hand."""

    def __init__(self, *words):
        self.words = words

    def transform(self, texts):
        return np.array([[w in text.split() for w in self.words] for text in texts])


@pytest.fixture(scope="module")
def spoken():
    videos, _ = make_instructional_videos(4, n_tasks=3, random_state=0)
    return simulate_narration(videos, random_state=0)


def windows(narration, steps, *words, **options):
    options = {"window_words": 1, "min_length": 0.1, **options}
    return narration_windows(narration, steps, Words(*words), **options).tolist()


def test_by_hand():
    # One column a step: windows are the times of the very words.
    speech = speak("so cut cut it then fry now")
    found = windows(speech, ["cut", "fry"], "cut", "fry")
    assert found == [[0, 1, 3], [1, 5, 6]]


def test_order_decides_where_words_return():
    # "fry" alone would be at 0; after "cut", at 3 only.
    speech = speak("fry a cut fry")
    assert windows(speech, ["cut", "fry"], "cut", "fry") == [[0, 2, 3], [1, 3, 4]]


def test_windows_of_words_are_shorter_in_short_narrations():
    """Windows of 20 words would all hold these 20, and say nothing of the place."""
    said = (
        "hello all now grind the coffee wait a bit and then pour the milk to the cup "
        "thank you bye"
    )
    found = narration_windows(speak(said), ["grind coffee", "pour milk"])
    middles = found[:, 1:].mean(axis=1)
    assert 3 <= middles[0] <= 6
    assert 11 <= middles[1] <= 14
    expected = narration_windows(
        speak(said), ["grind coffee", "pour milk"], window_words=10
    )
    np.testing.assert_array_equal(found, expected)


def test_background_decides_how_far_a_window_reaches():
    speech = speak("a b c cut d e f g h")
    lengths = [
        np.diff(windows(speech, ["cut"], "cut", window_words=5, background=b)[0][1:])
        for b in (-2.0, 0.5)
    ]
    assert lengths == [9, 5]


def test_padding_and_least_length_are_in_seconds():
    speech = speak("a b c cut d e")
    assert windows(speech, ["cut"], "cut", padding=(1, 2)) == [[0, 2, 6]]
    assert windows(speech, ["cut"], "cut", min_length=4) == [[0, 1.5, 5.5]]
    # What padding takes away, the least length gives back.
    assert windows(speech, ["cut"], "cut", padding=-1, min_length=2) == [[0, 2.5, 4.5]]


def test_windows_end_with_the_video():
    speech = speak("a cut b fry", start=10)
    found = windows(speech, ["cut", "fry"], "cut", "fry", duration=13, padding=2)
    assert found == [[0, 9, 13], [1, 11, 13]]
    # What is said after the end says nothing.
    assert windows(speech, ["cut", "fry"], "cut", "fry", duration=12) == [[0, 11, 12]]


def test_a_step_that_is_not_heard_has_no_window():
    found = windows(speak("a cut b"), ["wash", "cut", "fry"], "cut", "fry", "wash")
    assert found == [[1, 1, 2]]


def test_fewer_words_than_steps():
    found = windows(speak("cut fry"), ["cut", "fry", "cut", "fry"], "cut", "fry")
    assert len(found) == 4
    starts = [row[1] for row in found]
    assert starts == sorted(starts)


def test_no_segment_goes_over_a_silence_where_steps_share_a_place():
    times = np.array([[0, 1], [1, 2], [100, 101.0], [101, 102]])
    speech = Narration(["cut", "fry", "fry", "wash"], times)
    steps = ["cut", "cut", "fry", "wash", "wash"]
    found = windows(speech, steps, "cut", "fry", "wash", background=-9.0)
    assert all(end <= 2 or start >= 100 for _, start, end in found)


def test_a_window_lasts_until_all_its_words_end():
    times = np.array([[0, 9], [1, 2], [10, 11.0]])
    speech = Narration(["cut", "cut", "fry"], times)
    found = windows(speech, ["cut", "fry"], "cut", "fry")
    assert found == [[0, 0, 9], [1, 10, 11]]


def test_the_length_of_vectors_does_not_matter(spoken):
    class Scaled:
        def transform(self, texts):
            rows = aligner.text_.transform(texts).toarray()
            return rows * np.arange(1, len(texts) + 1)[:, None]

    aligner = NarrationAligner(TfidfText()).fit(spoken)
    scaled = NarrationAligner(Scaled()).fit(spoken)
    for a, b in zip(aligner.transform(spoken), scaled.transform(spoken), strict=True):
        np.testing.assert_allclose(a.windows, b.windows)


@pytest.mark.parametrize("rate", [0.5, 2, 30])
def test_windows_are_in_seconds_at_any_rate(rate):
    video = Video(np.zeros((30, 1)), LATTE, narration=SPEECH)
    same = Video(np.zeros((int(30 * rate), 1)), LATTE, narration=SPEECH, rate=rate)
    aligner = NarrationAligner(padding=9).fit([video])
    expected, found = (v.windows for v in aligner.transform([video, same]))
    np.testing.assert_array_equal(found, expected)
    assert found[:, 2].max() == 30


def test_units_per_second_has_no_effect_but_a_warning():
    video = Video(np.zeros((30, 1)), LATTE, narration=SPEECH)
    expected = NarrationAligner().fit_transform([video])[0].windows
    old = NarrationAligner(units_per_second=2)
    with pytest.warns(FutureWarning, match="set the rate of the videos instead"):
        found = old.fit_transform([video])[0].windows
    np.testing.assert_array_equal(found, expected)


def test_confidence_is_posterior_mass():
    # Two places alike, of which the window holds the first.
    far = Video(
        np.zeros((99, 1)), Task("t", ["cut"]),
        narration=speak("cut " + "a " * 40 + "cut"),
    )  # fmt: skip
    aligner = NarrationAligner(Words("cut"), window_words=1).fit([far])
    (match,) = aligner.match([far])
    (start, stop), z = match.spans[0], (1 - 2 / 42) / np.sqrt(2 / 42 * 40 / 42)
    assert stop - start == 1
    other = np.exp(-(2 / 42) / np.sqrt(2 / 42 * 40 / 42))
    assert match.confidence[0] == pytest.approx(
        np.exp(z) / (2 * np.exp(z) + 40 * other)
    )


def test_weak_windows_can_be_dropped_or_widened(spoken):
    aligner = NarrationAligner(min_length=1e-3).fit(spoken)
    matches = aligner.match(spoken)
    bound = np.median(np.concatenate([m.confidence for m in matches]))
    for video, match in zip(
        aligner.set_params(min_confidence=bound).transform(spoken), matches, strict=True
    ):
        kept = np.flatnonzero(match.confidence >= bound)
        np.testing.assert_array_equal(video.windows[:, 0], kept)
    aligner.set_params(min_confidence=0.0, weak_padding=10.0)
    for video, match in zip(aligner.transform(spoken), matches, strict=True):
        wider = np.diff(video.windows[:, 1:]) - np.diff(match.windows[:, 1:])
        sure = match.confidence[match.windows[:, 0].astype(int)]
        inside = (video.windows[:, 1] > 0) & (video.windows[:, 2] < video.shape[0])
        np.testing.assert_allclose(wider[inside, 0], 20 * (1 - sure[inside]))


def test_confidence_tells_good_windows_from_bad_ones():
    hits, sure = [], []
    for seed in range(3):
        videos, _ = make_instructional_videos(10, random_state=seed)
        videos = simulate_narration(videos, early=0.3, random_state=seed)
        for video, match in zip(
            videos, NarrationAligner().fit(videos).match(videos), strict=True
        ):
            for k, start, end in match.windows:
                rows = video.annotation[video.annotation[:, 0] == k]
                hits.append(((rows[:, 1] < end) & (rows[:, 2] > start)).any())
                sure.append(match.confidence[int(k)])
    high = np.array(sure) > np.median(sure)
    hits = np.array(hits)
    assert hits[high].mean() > hits[~high].mean() + 0.1


@pytest.mark.filterwarnings("ignore:the narration. no word matches")
@given(
    st.lists(st.sampled_from("abcde"), min_size=1, max_size=30),
    st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6),
    st.integers(1, 9),
    st.integers(1, 5),
    st.floats(-3, 3),
)
def test_windows_are_in_order_and_within_the_narration(
    words, steps, n_words, stride, background
):
    speech = speak(" ".join(words))
    found = narration_windows(
        speech, steps, Words(*"abcdef"), window_words=n_words, stride=stride,
        background=background, min_length=1e-3,
    )  # fmt: skip
    heard = set(words) if n_words == stride == 1 else set("abcdef")
    assert set(found[:, 0]) <= {k for k, step in enumerate(steps) if step in heard}
    assert (np.diff(found[:, 0]) > 0).all()
    assert (np.diff(found[:, 1]) >= 0).all()
    assert (found[:, 1] < found[:, 2]).all()
    assert (found[:, 1:] >= 0).all()
    assert (found[:, 1:] <= len(words)).all()


def test_videos_keep_everything_but_their_windows(spoken):
    before = [Video(**{**vars(v), "windows": [[0, 1, 2]]}) for v in spoken]
    after = NarrationAligner().fit(before).transform(before)
    for old, new in zip(before, after, strict=True):
        assert len(new.windows) > 1
        for field in ("features", "task", "name", "narration"):
            assert getattr(new, field) is getattr(old, field)
        np.testing.assert_array_equal(new.annotation, old.annotation)


def test_videos_without_narration_or_task_stay_as_they_are(spoken):
    aligner = NarrationAligner().fit(spoken)
    silent = Video(np.zeros((9, 2)), LATTE, [[0, 1, 2]])
    unknown = Video(np.zeros((30, 2)), "latte", narration=SPEECH)
    rows = np.zeros((9, 2))
    out = aligner.transform([silent, unknown, rows])
    assert out[0] is silent
    assert out[1] is unknown
    assert out[2] is rows
    assert aligner.match([silent, unknown]).tolist() == [None, None]
    # With the steps, the second has windows.
    named = aligner.transform([unknown], {"latte": LATTE.steps})
    assert len(named[0].windows)


@pytest.mark.filterwarnings("ignore:.*no word matches a step")
@pytest.mark.parametrize("speech", ["", "the of and", "的 牛奶 倒", "🎉 ♪ ... !"])
def test_speech_without_content_gives_no_window(speech, spoken):
    aligner = NarrationAligner(TfidfText()).fit(spoken)
    video = Video(np.zeros((30, 2)), LATTE, narration=speak(speech))
    assert aligner.transform([video])[0].windows.shape == (0, 3)
    # A fit on such a video alone does not fail either.
    assert aligner.fit_transform([video])[0].windows.shape == (0, 3)
    assert NarrationAligner().fit_transform([video])[0].windows.shape == (0, 3)


def test_words_of_another_language_match_no_step(spoken):
    said = speak("jetzt mahlen wir das und dann gießen wir alles zusammen")
    german = [replace(spoken[0], name=f"v{i}", narration=said) for i in range(5)]
    aligner = NarrationAligner(TfidfText()).fit(spoken)
    message = "^video 'v0', video 'v1', video 'v2' and 2 more: no word matches a step"
    with pytest.warns(UserWarning, match=message) as warned:
        found = aligner.transform([*spoken, *german])
    assert warned[0].filename == __file__
    assert len(str(warned[0].message)) < 300
    assert all(len(video.windows) == 0 for video in found[len(spoken) :])
    with pytest.warns(UserWarning, match="'v0', .*: no word matches a step"):
        assert not len(NarrationAligner().fit_transform(german)[0].windows)
    with pytest.warns(UserWarning, match="the narration: no word matches"):
        assert len(narration_windows(said, LATTE.steps)) == 0


@pytest.mark.filterwarnings("ignore:.*no word matches a step")
def test_steps_of_stop_words_only():
    task = Task("t", ["to the", "and of"])
    video = Video(np.zeros((40, 2)), task, narration=SPEECH)
    for text in (None, TfidfText(), WordVectorText()):
        rows = NarrationAligner(text).fit_transform([video])[0].windows
        assert rows.shape == (0, 3)


def test_what_is_said_after_the_end_is_not_read(spoken):
    aligner = NarrationAligner().fit(spoken)
    speech = speak("grind the coffee now", start=1)
    late = speak("grind the coffee now and then steam the milk and pour the milk")
    late = Narration(late.words, late.times + np.repeat([[1], [110]], [4, 9], axis=0))
    short = Video(np.zeros((100, 2)), LATTE, name="v", narration=speech)
    with pytest.warns(UserWarning, match="video 'v': narration goes on until 1.. s"):
        found = aligner.transform([replace(short, narration=late)])
    expected = aligner.transform([short])
    np.testing.assert_array_equal(found[0].windows, expected[0].windows)
    # A few seconds are no news.
    aligner.transform([replace(short, narration=speak("pour milk " * 52))])


def test_a_narration_of_twice_the_time_is_of_another_rate(spoken):
    aligner = NarrationAligner().fit(spoken)
    video = Video(np.zeros((30, 2)), LATTE, name="v", narration=speak("a b " * 29))
    message = (
        "^video 'v': narration goes on until 57 s, but 30 rows at rate 1 end at 30 s; "
        "rate=0.5 would fit"
    )
    with pytest.raises(ValueError, match=message):
        aligner.transform([video])
    with pytest.warns(UserWarning, match="'v': no word matches a step"):
        aligner.transform([replace(video, rate=0.5)])


def test_silences_part_windows_and_segments():
    words = "cut the cut it wash cut it fry it fry"
    times = np.arange(10.0)[:, None] + [0, 1]
    times[3:] += 100
    speech = Narration(words.split(), times)
    found = windows(speech, ["cut", "fry"], "cut", "fry", background=-9.0)
    assert found[0] == [0, 0, 3]
    assert found[1][1] >= 103
    whole = windows(
        speech, ["cut", "fry"], "cut", "fry", background=-9.0, max_silence=200
    )
    assert whole[0][2] > 103
    # The text of a window does not reach over a silence either.
    task = Task("t", ["cut", "fry"])
    video = Video(np.zeros((200, 1)), task, narration=speech)
    aligner = NarrationAligner(Words("cut", "fry"), window_words=9).fit([video])
    match = aligner.match([video])[0]
    assert (match.similarity[:3, 1] == 0).all()
    assert (match.similarity[3:, 1] > 0).any()


def test_more_steps_than_places_between_silences():
    times = np.array([[0, 1], [100, 101.0]])
    speech = Narration(["cut", "fry"], times)
    steps = ["cut", "cut", "fry", "fry"]
    found = windows(speech, steps, "cut", "fry")
    assert found == [[0, 0, 1], [1, 0, 1], [2, 100, 101], [3, 100, 101]]


def test_another_language():
    steps = ["掺 牛奶", "打 鸡蛋"]
    speech = speak("大家 好 先 掺 牛奶 进去 然后 再 打 鸡蛋 就 好 了")
    video = Video(np.zeros((13, 2)), Task("饼", steps), narration=speech)
    aligner = NarrationAligner(TfidfText(), window_words=2)
    found = aligner.fit_transform([video])[0].windows
    assert found[:, 0].tolist() == [0, 1]
    assert found[0, 1] <= 3 < found[0, 2] <= found[1, 1] <= 8 < found[1, 2]


def test_dense_and_sparse_vectors_give_the_same(spoken):
    class Dense:
        def transform(self, texts):
            return aligner.text_.transform(texts).toarray()

    aligner = NarrationAligner(TfidfText()).fit(spoken)
    dense = NarrationAligner(Dense()).fit(spoken)
    for a, b in zip(aligner.transform(spoken), dense.transform(spoken), strict=True):
        np.testing.assert_allclose(a.windows, b.windows)


def test_fitted_text_is_used_as_it_is(spoken):
    articles = [[["pour milk", "stir milk"], ["cut bread", "toast bread"]]] * 4
    learned = LearnedAggregation(n_filters=4, n_components=4, random_state=0)
    learned.fit(articles)
    assert NarrationAligner(learned).fit(spoken).text_ is learned
    frozen = FrozenEstimator(learned)
    copy = clone(NarrationAligner(frozen)).fit(spoken)
    assert copy.text_.estimator is learned
    unfitted = TfidfText()
    aligner = NarrationAligner(unfitted).fit(spoken)
    assert aligner.text_ is not unfitted
    with pytest.raises(NotFittedError):
        unfitted.transform(["a"])


def test_threads_and_pickle_change_nothing(spoken):
    aligner = NarrationAligner().fit(spoken)
    one = aligner.transform(spoken)
    two = pickle.loads(pickle.dumps(aligner)).set_params(n_jobs=2).transform(spoken)
    again = NarrationAligner().fit(spoken).transform(spoken)
    for a, b, c in zip(one, two, again, strict=True):
        np.testing.assert_array_equal(a.windows, b.windows)
        np.testing.assert_array_equal(a.windows, c.windows)


def test_progress(spoken, capsys):
    NarrationAligner(verbose=1).fit_transform(spoken)
    out, err = capsys.readouterr()
    assert out == ""
    assert "windows: 12 of 12 videos" in err


@pytest.mark.parametrize("output", ["pandas", "polars"])
def test_videos_go_out_as_videos_whatever_output_is_set(spoken, output):
    expected = NarrationAligner().fit_transform(spoken)
    with config_context(transform_output=output):
        found = NarrationAligner().fit_transform(spoken)
    again = make_pipeline(NarrationAligner()).set_output(transform=output)
    for videos in (found, again.fit_transform(spoken)):
        for video, other in zip(videos, expected, strict=True):
            np.testing.assert_array_equal(video.windows, other.windows)


def test_warnings_point_at_the_caller(spoken):
    end = spoken[0].narration.times[-1, 0]
    video = replace(spoken[0], features=np.zeros((int(end / 1.4), 2)))
    aligner = NarrationAligner(n_jobs=2).fit(spoken)
    with pytest.warns(UserWarning, match="narration goes on") as caught:
        aligner.transform([video])
    assert caught[0].filename == __file__


def test_in_a_pipeline_and_a_grid_search(spoken):
    tasks = [video.task for video in spoken]
    pipeline = make_pipeline(
        NarrationAligner(),
        WeaklySupervisedStepEstimator(init_iter=1, max_iter=1, random_state=0),
    )
    search = GridSearchCV(
        pipeline,
        {
            "narrationaligner__background": [0.0, 1.0],
            "narrationaligner__text": [TfidfText(), WordVectorText()],
        },
        cv=2,
        error_score="raise",
    ).fit(spoken, tasks)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert len(search.predict(spoken)) == len(spoken)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window_words": 0}, "window_words"),
        ({"stride": 0}, "stride"),
        ({"background": np.nan}, "background"),
        ({"padding": (1, 2, 3)}, r"padding must be seconds, or \(before, after\)"),
        ({"padding": np.inf}, "padding must be seconds"),
        ({"min_confidence": 2}, "min_confidence"),
        ({"min_length": 0}, "min_length"),
        ({"max_silence": -1}, "max_silence"),
        ({"text": "tfidf"}, "text"),
    ],
)
def test_bad_parameters(options, message, spoken):
    with pytest.raises(ValueError, match=message):
        NarrationAligner(**options).fit(spoken)
    with pytest.raises(ValueError, match=message):
        narration_windows(SPEECH, LATTE.steps, **options)


def test_bad_input(spoken):
    silent = Video(np.zeros((9, 2)), LATTE, name="v")
    with pytest.raises(ValueError, match="video 'v': narration is missing"):
        NarrationAligner().fit([silent])
    with pytest.raises(ValueError, match="has no task"):
        NarrationAligner().fit([Video(np.zeros((9, 2)), narration=SPEECH)])
    with pytest.raises(ValueError, match="X is empty"):
        NarrationAligner().fit([])
    with pytest.raises(NotFittedError):
        NarrationAligner().transform(spoken)
    with pytest.raises(TypeError, match="as read_narration gives it, got 'a"):
        narration_windows("a.vtt", LATTE.steps)
    unready = LearnedAggregation()
    with pytest.raises(TypeError, match="LearnedAggregation learns from articles"):
        NarrationAligner(unready).fit(spoken)
    with pytest.raises(NotFittedError, match="LearnedAggregation"):
        NarrationAligner(FrozenEstimator(unready)).fit(spoken)
    with pytest.raises(TypeError, match="no_such"):
        narration_windows(SPEECH, LATTE.steps, no_such=1)

    class Short:
        def transform(self, texts):
            return np.zeros((1, 3))

    with pytest.raises(ValueError, match=r"video 'pancakes-0': text\.transform must"):
        NarrationAligner(Short()).fit(spoken).transform(spoken)


def test_from_subtitles_to_predictions(tmp_path):
    gain = []
    for seed in range(5):
        videos, _ = make_instructional_videos(
            16, feature_noise=2.5, missing=0.2, random_state=seed
        )
        train, test = videos[:24], videos[24:]
        heard = []
        for video in simulate_narration(train, random_state=seed):
            path = tmp_path / f"{video.name}.vtt"
            path.write_text(subtitles(video.narration))
            speech = read_narration(path)
            assert speech.words == video.narration.words
            heard.append(Video(video.features, video.task, narration=speech))
        windows = NarrationAligner(padding=3).fit_transform(heard)
        scores = window_scores(
            [v.annotation for v in train], [v.windows for v in windows]
        )
        assert scores["outside"] < 0.4
        recall = [
            WeaklySupervisedStepEstimator(use_windows=use, random_state=seed)
            .fit(windows)
            .score(test)
            for use in (True, False)
        ]
        gain.append(recall[0] - recall[1])
    assert np.mean(gain) > 0.03


def subtitles(narration):
    """WebVTT of up to six words a line."""
    lines = ["WEBVTT", ""]
    for i in range(0, len(narration.words), 6):
        times = narration.times[i : i + 6]
        lines += [
            f"{clock(times[0, 0])} --> {clock(times[-1, 1])}",
            " ".join(narration.words[i : i + 6]),
            "",
        ]
    return "\n".join(lines)


def clock(seconds):
    minutes, seconds = divmod(round(seconds, 3), 60)
    return f"{int(minutes):02d}:{seconds:06.3f}"
