"""Task and Video: what they accept, refuse and promise."""

import dataclasses
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skcrosstask import Narration, Task, Video
from skcrosstask._segments import (
    is_far_beyond,
    refuse_beyond,
    segment_units,
    suggest_rate,
)

LATTE = Task("latte", ["add coffee", "press coffee", "pour milk"])
ROWS = np.zeros((60, 8))


def refused(error, message):
    return pytest.raises(error, match=rf"^{re.escape(message)}")


class TestTask:
    def test_steps_become_a_tuple(self):
        for steps in (["a", "b c"], ("a", "b c"), iter(["a", "b c"])):
            assert Task("t", steps).steps == ("a", "b c")
        assert Task("t", ["a"]).title == ""

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ((3, ["a"]), TypeError, "Task: name must be a str, got 3."),
            (("t", ["a"], None), TypeError, "Task: title must be a str, got None."),
            (("", ["a"]), ValueError, "Task: name is empty."),
            ((" \t", ["a"]), ValueError, "Task: name is empty."),
            (("t", "pour"), TypeError, "Task 't': steps must be a list of str, got"),
            (("t", None), TypeError, "Task 't': steps must be a list of str, got"),
            (("t", []), ValueError, "Task 't': steps is empty."),
            (("t", ["a", 5]), TypeError, "Task 't': step 1 is 5, not a str."),
            (("t", ["a", b"b"]), TypeError, "Task 't': step 1 is b'b', not a str."),
            (("t", ["a", "b", "  "]), ValueError, "Task 't': step 2 is empty."),
            (("t", ["a"], "", 3), TypeError, "Task 't': before must be pairs (i, j)"),
            (("t", ["a"], "", [(0, 1)]), ValueError, "Task 't': before has the pair"),
            (("t", ["a"], "", [(0, 0)]), ValueError, "Task 't': before goes round"),
        ],
    )
    def test_errors(self, arguments, error, message):
        with refused(error, message):
            Task(*arguments)

    def test_equality_and_hash(self):
        same = Task("latte", ("add coffee", "press coffee", "pour milk"))
        assert same == LATTE
        assert hash(same) == hash(LATTE)
        others = [
            Task("mocha", LATTE.steps),
            Task("latte", LATTE.steps[::-1]),
            Task("latte", LATTE.steps, title="Make a Latte"),
            Task("latte", LATTE.steps, before=()),
            Task("latte", LATTE.steps, before=[(0, 1)]),
        ]
        assert len({LATTE, same, *others}) == 6

    def test_immutable(self):
        with pytest.raises(dataclasses.FrozenInstanceError):
            LATTE.name = "mocha"

    def test_order(self):
        assert LATTE.before is None
        task = Task("latte", LATTE.steps, before=iter([[2, 1], (0, 1), (0, 1)]))
        assert task.before == ((0, 1), (2, 1))
        assert task == Task("latte", LATTE.steps, before=[(0, 1), (2, 1)])
        assert eval(repr(task)) == task
        assert repr(LATTE) == f"Task(name='latte', steps={LATTE.steps}, title='')"

    def test_pickle(self):
        copy = pickle.loads(pickle.dumps(LATTE))
        assert copy == LATTE
        assert hash(copy) == hash(LATTE)


class TestFeatures:
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_floats_are_kept(self, dtype):
        features = np.zeros((4, 2), dtype=dtype)
        assert Video(features).open() is features
        assert Video(features).shape == (4, 2)

    @pytest.mark.parametrize("dtype", ["i1", "i8", "u2", "?", ">f4", ">f8"])
    def test_others_become_float32(self, tmp_path, dtype):
        features = np.array([[0, 1], [1, 0], [1, 1]]).astype(dtype)
        np.save(tmp_path / "v.npy", features)
        for source in (features, tmp_path / "v.npy"):
            opened = Video(source).open()
            assert opened.dtype == np.float32
            assert opened.dtype.isnative
            np.testing.assert_array_equal(opened, features)

    def test_lists(self):
        assert Video([[1, 2], [3, 4]]).open().dtype == np.float32
        assert Video([[1.0, 2.0]]).shape == (1, 2)

    @pytest.mark.parametrize(
        ("features", "message"),
        [
            ([[1, 2], [3]], "video 'v': features are not a (T, D) array: "),
            ([["a"]], "video 'v': features must be real numbers, got dtype <U1."),
            ([[1j]], "video 'v': features must be real numbers, got dtype complex"),
            ([[None]], "video 'v': features must be real numbers, got dtype object."),
            (3.0, "video 'v': features must have shape (T, D), got shape ()."),
            ([1, 2], "video 'v': features must have shape (T, D), got shape (2,)."),
            (np.zeros((2, 2, 2)), "video 'v': features must have shape (T, D), got"),
            (np.zeros((0, 3)), "video 'v': features are empty, shape (0, 3)."),
            (np.zeros((3, 0)), "video 'v': features are empty, shape (3, 0)."),
        ],
    )
    def test_errors(self, features, message):
        with refused(ValueError, message):
            Video(features, name="v")

    def test_values_are_not_read(self):
        # A pass over 30 GB belongs to whoever reads the rows.
        assert Video(np.full((3, 2), np.nan)).shape == (3, 2)


class TestFiles:
    @pytest.mark.parametrize("kind", [str, lambda path: path])
    def test_opened_on_demand(self, tmp_path, kind):
        path = tmp_path / "abc.npy"
        video = Video(kind(path), LATTE)
        assert str(video) == "video 'abc'"
        np.save(path, np.ones((7, 3), dtype=np.float16))
        assert isinstance(video.open(), np.memmap)
        assert not video.open().flags.writeable
        assert video.shape == (7, 3)
        np.save(path, np.ones((9, 3), dtype=np.float16))
        assert video.shape == (9, 3)

    def test_missing(self, tmp_path):
        video = Video(tmp_path / "gone.npy", name="clip")
        for read in (video.open, lambda: video.shape):
            with pytest.raises(
                FileNotFoundError,
                match=r"^video 'clip': features file '.*gone\.npy' is missing\.$",
            ):
                read()

    @pytest.mark.parametrize("content", [b"", b"no numpy array", b"\x93NUMPY\x01"])
    def test_not_npy(self, tmp_path, content):
        path = tmp_path / "v.npy"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"'v': .*v\.npy' is not a \.npy array"):
            Video(path).open()

    def test_cut_short(self, tmp_path):
        path = tmp_path / "v.npy"
        np.save(path, np.zeros((50, 4)))
        path.write_bytes(path.read_bytes()[:500])
        with pytest.raises(ValueError, match=r"'v': .* is not a \.npy array"):
            Video(path).open()

    def test_archive(self, tmp_path):
        with open(tmp_path / "v.npy", "wb") as file:
            np.savez(file, features=np.zeros((3, 2)))
        with pytest.raises(ValueError, match=r"'v': .* it is an archive"):
            Video(tmp_path / "v.npy").open()

    def test_folder(self, tmp_path):
        # Windows refuses to open a folder, Linux to read it.
        with pytest.raises(ValueError, match=r"is not a \.npy array"):
            Video(tmp_path, name="v").open()

    def test_objects(self, tmp_path):
        # They would run code when they are loaded.
        np.save(tmp_path / "v.npy", np.array([[1, "a"]], dtype=object))
        with pytest.raises(ValueError, match=r"'v': .* is not a \.npy array"):
            Video(tmp_path / "v.npy").open()

    @pytest.mark.parametrize(
        ("features", "message"),
        [
            (np.zeros(4), "features must have shape (T, D), got shape (4,)."),
            (np.zeros((2, 2, 2)), "features must have shape (T, D), got shape (2, 2"),
            (np.zeros((0, 3)), "features are empty, shape (0, 3)."),
            (np.array([["a"]]), "features must be real numbers, got dtype <U1."),
        ],
    )
    def test_wrong_arrays(self, tmp_path, features, message):
        np.save(tmp_path / "v.npy", features)
        with refused(ValueError, f"video 'v': {message}"):
            Video(tmp_path / "v.npy").open()


class TestVideo:
    def test_names(self):
        assert str(Video(ROWS, name="v1")) == "video 'v1'"
        assert str(Video(ROWS)) == "video (unnamed)"
        assert str(Video("folder/v2.npy")) == "video 'v2'"
        assert str(Video("folder/v2.npy", name="v3")) == "video 'v3'"

    def test_repr_is_short(self):
        speech = Narration(["pour", "milk"], [[12.9, 14], [13, 13.5]])
        rows = [[0, 5, 14], [1, 3, 4]]
        video = Video(ROWS, LATTE, rows, rows[:1], "v1", narration=speech)
        assert repr(video) == (
            "Video('v1', (60, 8), task 'latte', 2 windows, 1 segment, 2 words)"
        )
        assert repr(Video(ROWS, "latte")) == "Video((60, 8), task 'latte')"
        assert repr(speech) == "Narration(2 words, 12.9 to 14.0 s)"
        assert repr(Narration([], [])) == "Narration(0 words)"

    def test_repr_opens_no_file(self, tmp_path):
        path = tmp_path / "gone.npy"
        assert repr(Video(path, name="v1")) == f"Video('v1', {str(path)!r})"

    @pytest.mark.parametrize("name", [3, b"v", ("v",)])
    def test_name_error(self, name):
        with refused(TypeError, f"video {name!r}: name must be a str."):
            Video(ROWS, name=name)

    @pytest.mark.parametrize("task", [3, ["add coffee"], b"latte"])
    def test_task_error(self, task):
        message = f"video 'v': task must be a Task or a task's name, got {task!r}."
        with refused(TypeError, message):
            Video(ROWS, task, name="v")

    def test_task_kinds(self):
        assert Video(ROWS).task is None
        assert Video(ROWS, "latte").task == "latte"
        assert Video(ROWS, LATTE).task is LATTE

    def test_immutable(self):
        video = Video(ROWS, LATTE, windows=[[0, 5, 14]], annotation=[[0, 5, 14]])
        for field in ("features", "task", "windows", "annotation", "name"):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(video, field, None)
        for segments in (video.windows, video.annotation):
            with pytest.raises(ValueError, match="read-only"):
                segments[0, 1] = 7.0

    def test_segments_are_copies(self):
        windows = np.array([[0.0, 5, 14]])
        video = Video(ROWS, LATTE, windows=windows)
        windows[0, 1] = 6.0
        assert video.windows[0, 1] == 5.0

    def test_identity(self):
        # Arrays have no single truth: a video is itself, and may key a dictionary.
        one, two = Video(ROWS, LATTE, name="v"), Video(ROWS, LATTE, name="v")
        assert one != two
        assert len({one, two, one}) == 2

    def test_no_sequence(self):
        # numpy and scikit-learn would take what has a length for an array.
        video = Video(ROWS, LATTE)
        assert not hasattr(video, "__len__")
        assert not hasattr(video, "__array__")
        assert np.asarray([video, video]).shape == (2,)

    def test_pickle(self, tmp_path):
        video = Video(ROWS, LATTE, [[0, 5, 14]], [[1, 3, 4]], "v")
        copy = pickle.loads(pickle.dumps(video))
        for field in ("features", "windows", "annotation"):
            np.testing.assert_array_equal(getattr(copy, field), getattr(video, field))
        assert (copy.task, copy.name) == (LATTE, "v")
        np.save(tmp_path / "v.npy", np.zeros((900, 4)))
        lazy = pickle.dumps(Video(tmp_path / "v.npy"))
        assert len(lazy) < 1000  # The path, not what it leads to.
        assert pickle.loads(lazy).shape == (900, 4)


@pytest.mark.parametrize("field", ["windows", "annotation"])
class TestSegments:
    @pytest.mark.parametrize("empty", [[], np.empty((0, 3)), ()])
    def test_empty(self, field, empty):
        video = Video(ROWS, LATTE, **{field: empty})
        assert getattr(video, field).shape == (0, 3)

    def test_none(self, field):
        assert getattr(Video(ROWS, LATTE), field) is None

    def test_kept(self, field):
        rows = [[2, 0, 0.5], [0, 5.25, 99], [2, 0.5, 1]]
        found = getattr(Video(ROWS, LATTE, **{field: rows}), field)
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found, rows)

    @pytest.mark.parametrize(
        ("segments", "message"),
        [
            ("text", " must be rows of step, start, end: numbers"),
            ([[0, 1, "x"]], " must be rows of step, start, end: numbers"),
            ([[0, 1, 2], [0]], " must be rows of step, start, end: numbers"),
            ([[0, 1, {}]], " must be rows of step, start, end: numbers"),
            ([0, 1, 2], " must have shape (n, 3), rows step, start, end; got shape"),
            ([[0, 1]], " must have shape (n, 3), rows step, start, end; got shape"),
            ([[0, 1, 2], [0, np.nan, 3]], " row 1 is not finite: "),
            ([[0, 1, np.inf]], " row 0 is not finite: "),
            ([[np.inf, 1, 2]], " row 0 is not finite: "),
            ([[-1, 1, 2]], " row 0: step -1 is unknown; steps are whole numbers from"),
            ([[0, 1, 2], [3, 1, 2]], " row 1: step 3 is unknown; steps are whole "
             "numbers from 0 below 3, the number of steps."),
            ([[0.5, 1, 2]], " row 0: step 0.5 is unknown"),
            ([[0, -1, 2]], " row 0 starts before 0: -1."),
            ([[0, 14, 5]], " row 0 is reversed or empty: start 14 is not before end"),
            ([[0, 5, 5]], " row 0 is reversed or empty: start 5 is not before end 5."),
        ],
    )  # fmt: skip
    def test_errors(self, field, segments, message):
        with refused(ValueError, f"video 'v': {field}{message}"):
            Video(ROWS, LATTE, name="v", **{field: segments})

    def test_steps_of_a_task_by_name(self, field):
        # Its number of steps is not known here.
        found = getattr(Video(ROWS, "latte", **{field: [[99, 0, 1]]}), field)
        assert found[0, 0] == 99
        with refused(ValueError, f"video 'v': {field} row 0: step 0.5 is unknown; "
                     "steps are whole numbers from 0."):  # fmt: skip
            Video(ROWS, name="v", **{field: [[0.5, 0, 1]]})


def test_overlap():
    # A narrated step is either possible at a time or not; a true one may be cut up.
    rows = [[0, 5, 9], [1, 6, 20], [0, 8, 12]]
    with refused(ValueError, "video 'v': windows rows 0 and 2 of step 0 overlap."):
        Video(ROWS, LATTE, windows=rows, name="v")
    assert len(Video(ROWS, LATTE, annotation=rows).annotation) == 3
    apart = [[0, 9, 12], [1, 6, 20], [0, 5, 9]]
    assert len(Video(ROWS, LATTE, windows=apart).windows) == 3


@pytest.mark.parametrize(
    ("segment", "units"),
    [
        ((2.1, 5.7), (2, 6)),
        ((6.0, 7.0), (6, 7)),
        ((0.0, 0.001), (0, 1)),
        ((4.999, 5.0), (4, 5)),
        ((5.0, 5.001), (5, 6)),
        ((8.5, 12.0), (8, 10)),  # Clipped to the ten units that there are.
        ((11.0, 12.0), (10, 10)),
    ],
)
def test_segment_units(segment, units):
    found = segment_units(np.array([[3, *segment]]), n_units=10)
    assert found.dtype == np.int64
    assert found.tolist() == [[3, *units]]


def test_segment_units_of_nothing():
    assert segment_units([]).shape == (0, 3)
    assert segment_units(np.empty((0, 3)), 5).shape == (0, 3)


@given(
    start=st.floats(0, 1000),
    length=st.floats(1e-3, 100),
    n_units=st.none() | st.integers(1, 900),
)
@settings(max_examples=200, deadline=None)
def test_segment_units_are_those_touched(start, length, n_units):
    end = start + length
    _, first, stop = segment_units(np.array([[0, start, end]]), n_units)[0]
    touched = [
        t
        for t in range(1101 if n_units is None else n_units)
        if t < end and t + 1 > start
    ]
    assert list(range(first, stop)) == touched


@given(
    first=st.integers(0, 10_000),
    length=st.integers(1, 500),
    rate=st.sampled_from([0.2, 0.5, 2.0, 15.0, 24.0, 25.0, 29.97, 30.0, 60.0]),
)
def test_segment_units_of_edges_of_rows(first, length, rate):
    # Written with the digits that a file has, or as the nearest float.
    for digits in (8, 17):
        edges = [float(f"{row / rate:.{digits}f}") for row in (first, first + length)]
        found = segment_units(np.array([[0, *edges]]), rate=rate)
        assert found.tolist() == [[0, first, first + length]]


@given(st.floats(0, 500), st.floats(1e-3, 50), st.floats(0.1, 60))
def test_segment_units_at_a_rate_are_those_touched(start, length, rate):
    end = start + length
    _, first, stop = segment_units(np.array([[0, start, end]]), rate=rate)[0]
    assert stop > first
    # Up to a millionth of a row.
    assert first / rate <= start + 1.1e-6 / rate < (first + 1 + 2e-6) / rate
    assert stop / rate >= end - 1.1e-6 / rate > (stop - 1 - 3e-6) / rate


@pytest.mark.parametrize(
    ("n_units", "seconds", "whole", "rate"),
    [
        (60, 112, False, "0.5"),
        (60, 123, False, "0.5"),  # An annotation that ends a little late.
        (60, 70, False, "0.5"),
        (118, 60, True, "2"),
        (1799, 60, True, "30"),
        (112, 60, True, "1.87"),
        (10, 10_000, False, "0.001"),
    ],
)
def test_suggested_rates(n_units, seconds, whole, rate):
    assert suggest_rate(n_units, seconds, whole=whole) == rate


def test_times_far_beyond_the_end():
    assert not is_far_beyond(25, 20)
    assert is_far_beyond(25.1, 20)
    assert not is_far_beyond(110, 100)
    assert is_far_beyond(110.1, 100)
    assert is_far_beyond(60, 100, rate=2.0)
    assert not is_far_beyond(190, 100, rate=0.5)
    refuse_beyond(None, 5, 1.0, "windows")
    refuse_beyond(np.empty((0, 3)), 5, 1.0, "windows")


# Narration


def test_narration_keeps_words_and_times():
    speech = Narration(["pour", "milk"], [[1, 1.5], [1.5, 2]])
    assert speech.words == ("pour", "milk")
    assert speech.times.tolist() == [[1, 1.5], [1.5, 2]]
    assert not speech.times.flags.writeable


def test_nothing_said():
    assert Narration([], []).times.shape == (0, 2)


@pytest.mark.parametrize(
    ("times", "fault"),
    [
        ([[0, 1], [np.nan, 2]], "word 1, 'milk', is not finite"),
        ([[-1, 1], [1, 2]], "word 0, 'pour', starts before 0"),
        ([[0, 1], [3, 2]], "word 1, 'milk', ends before it starts"),
        ([[2, 3], [1, 2]], "word 1, 'milk', starts before the word before it"),
        ([[0, 1]], "2 words, but 1 times"),
    ],
)
def test_narration_refuses_bad_times(times, fault):
    with pytest.raises(ValueError, match=f"Narration: {fault}"):
        Narration(["pour", "milk"], times)


@pytest.mark.parametrize(
    ("words", "fault"), [("pour", "must be a list"), ([1], "word 0 is 1, not a str")]
)
def test_narration_refuses_what_are_no_words(words, fault):
    with pytest.raises(TypeError, match=fault):
        Narration(words, [[0, 1]])


def test_video_refuses_a_narration_that_is_none():
    with pytest.raises(TypeError, match=r"clip.*narration"):
        Video(np.ones((3, 2)), name="clip", narration="pour milk")


def test_a_video_keeps_its_rate_and_source(tmp_path):
    video = Video(ROWS, rate=2, source=tmp_path / "a.mp4")
    assert (video.rate, video.source) == (2.0, tmp_path / "a.mp4")
    assert repr(video) == "Video((60, 8), 2 rows a second)"
    assert Video(ROWS).rate == 1.0


@pytest.mark.parametrize(
    ("rate", "error", "message"),
    [
        (0, ValueError, "video 'v': rate must be above 0 rows a second, got 0."),
        (-1.5, ValueError, "video 'v': rate must be above 0 rows a second, got -1.5."),
        (np.nan, ValueError, "video 'v': rate must be above 0 rows a second, got nan."),
        (np.inf, ValueError, "video 'v': rate must be above 0 rows a second, got inf."),
        ("2", TypeError, "video 'v': rate must be a number, got '2'."),
        (True, TypeError, "video 'v': rate must be a number, got True."),
        (None, TypeError, "video 'v': rate must be a number, got None."),
    ],
)
def test_a_rate_is_a_positive_number(rate, error, message):
    with refused(error, message):
        Video(ROWS, name="v", rate=rate)


def test_a_video_file_may_still_lack_features():
    video = Video(None, source="clips/a.mp4")
    assert str(video) == "video 'a'"
    assert repr(video) == "Video(source 'clips/a.mp4')"
    with refused(ValueError, "video 'a': has no features; make them with"):
        video.open()
    with refused(ValueError, "video (unnamed): needs features or a source, got"):
        Video(None)
    with refused(TypeError, "video (unnamed): source must be a path, got 3."):
        Video(ROWS, source=3)


def test_in_a_notebook():
    tea = Task("tea", ["boil <water>", "add tea"], title="Make & drink")
    text = tea._repr_html_()
    assert "Make &amp; drink" in text
    assert '<td style="text-align:left">boil &lt;water&gt;</td>' in text
    said = Narration(["boil"], [[0, 1]])
    video = Video(ROWS, tea, [[0, 1, 2]], name="<v>", narration=said, rate=2)
    text = video._repr_html_()
    assert "Video &#x27;&lt;v&gt;&#x27;" in text
    shape = " × ".join(map(str, np.shape(ROWS)))
    for shown in (shape, "2 rows a second", "tea", "1 segment", "1 word, 0.0 to"):
        assert f">{shown}" in text or shown in text
    assert "annotation" not in text
    assert "clips/a.mp4" in Video(None, source="clips/a.mp4")._repr_html_()
