"""The CrossTask reader, on the real release and on small folders."""

import pickle
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcrosstask import Task
from skcrosstask.datasets import load_crosstask
from skcrosstask.datasets._crosstask_files import clip_segments, merge_windows

TEA = "11\nMake Tea\nhttp://tea\n3\nboil water,add tea,pour water\n\n"
TOAST = "12\nMake Toast\nhttp://toast\n1\ncut bread\n\n"
CAKE = "21\nMake Cake\nhttp://cake\n2\nadd egg,stir\n"

FILES = {
    "tasks_primary.txt": TEA + TOAST,
    "tasks_related.txt": CAKE,
    "videos.csv": "11,a,http://a\n12,b-_,http://b?x,y\n21,a,http://a\n21,c,http://c\n",
    "videos_val.csv": "12,b-_,http://b\n",
    "frame_counts.csv": "a,10\nb-_,20\n",
    "annotations/11_a.csv": "1,0.5,2.25\n3,2,4\n3,8,10.4\n2,12,13\n",
    "annotations/12_b-_.csv": "",
    "constraints/11_a.csv": "2,3,6\n1,-4,5\n2,5.5,14\n3,11,12\n1,7,7\n",
}
QUIET = {"features": None, "constraints": None}


@pytest.fixture
def write(tmp_path):
    """Write a small release; keywords replace files, None leaves one out."""

    def write(changed=None):
        (tmp_path / "features").mkdir()
        for name, text in {**FILES, **(changed or {})}.items():
            if text is not None:
                (tmp_path / name).parent.mkdir(exist_ok=True)
                (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_printed_in_a_line(write):
    root = write()
    with pytest.warns(UserWarning, match="are missing, such as") as caught:
        data = load_crosstask(root)
    assert caught[0].filename == __file__
    text = "<CrossTask: 4 videos of 3 tasks; videos, tasks, catalog, primary, related,"
    assert repr(data).startswith(text)
    assert len(repr(data)) < 200
    assert pickle.loads(pickle.dumps(data)).keys() == data.keys()


class TestRelease:
    def test_loads_in_seconds(self, release_dir):
        start = time.perf_counter()
        load_crosstask(release_dir, **QUIET)
        assert time.perf_counter() - start < 10

    def test_counts(self, release):
        names = [video.name for video in release.videos]
        assert len(release.catalog) == 83
        assert (len(release.primary), len(release.related)) == (18, 65)
        assert len(names) == len(release.tasks) == len(release.lengths) == 4700
        assert len(set(names)) == 4607
        listed = {name: names.count(name) for name in set(names)}
        assert sum(n > 1 for n in listed.values()) == 89
        assert set(release.missing_features) == set(names)
        assert [video.task for video in release.videos] == release.tasks

    def test_tasks(self, release):
        steps = [[len(t.steps) for t in s] for s in (release.primary, release.related)]
        assert [round(np.mean(counts), 2) for counts in steps] == [7.39, 8.78]
        jello = release.catalog["23521"]
        assert (jello.name, jello.title) == ("23521", "Make Jello Shots")
        assert jello.steps[2] == "pour jello powder"
        assert sum(map(sum, steps)) == 704
        per_task = {t.name: 0 for t in release.related}
        for task in release.tasks:
            if task.name in per_task:
                per_task[task.name] += 1
        assert set(per_task.values()) == {30}

    def test_lengths(self, release):
        assert release.lengths.dtype == np.int64
        assert (release.lengths.min(), release.lengths.max()) == (15, 1117)
        assert np.median(release.lengths) == 271

    def test_annotations(self, release):
        annotated = [v for v in release.videos if v.annotation is not None]
        assert len(annotated) == 2750
        assert {v.task for v in annotated} == set(release.primary)
        rows = np.concatenate([v.annotation for v in annotated])
        assert len(rows) == 20_919
        assert np.mean(rows[:, 2] - rows[:, 1]) == pytest.approx(9.62, abs=0.005)
        assert rows[:, 0].min() == 0

    def test_six_files_are_clipped(self, release, release_dir):
        late = 0
        for video, length in zip(release.videos, release.lengths, strict=True):
            if video.annotation is None:
                continue
            file = release_dir / "annotations" / f"{video.task.name}_{video.name}.csv"
            raw = np.loadtxt(file, delimiter=",", ndmin=2)
            late += raw[:, 2].max() > length
            assert len(raw) == len(video.annotation)
            assert video.annotation[:, 2].max() <= length
            np.testing.assert_array_equal(raw[:, 0] - 1, video.annotation[:, 0])
        assert late == 6

    def test_validation(self, release, primary_release):
        assert len(release.validation_names) == 360
        held_out = [
            t.name
            for v, t in zip(primary_release.videos, primary_release.tasks, strict=True)
            if v.name in release.validation_names
        ]
        assert {held_out.count(t.name) for t in release.primary} == {20}

    def test_choice_of_tasks(self, primary_release, release_dir):
        assert len(primary_release.videos) == 2750
        assert len(primary_release.catalog) == 83
        related = load_crosstask(release_dir, tasks="related", **QUIET)
        assert len(related.videos) == 1950
        two = load_crosstask(release_dir, tasks=["23521", 16136], **QUIET)
        titles = {task.title for task in two.tasks}
        assert titles == {"Make Jello Shots", "Make a Black Forest Cake"}
        task = primary_release.primary[0]
        one = load_crosstask(release_dir, tasks=task, **QUIET)
        assert set(one.tasks) == {task}

    def test_one_warning_without_features(self, release_dir):
        with pytest.warns(UserWarning, match="4607 of 4607 .*does not exist") as caught:
            data = load_crosstask(release_dir, constraints=None)
        assert len(caught) == 1
        assert "\n" not in str(caught[0].message)
        assert caught[0].filename == __file__
        assert str(data.videos[0].features).endswith("UYTGe1ixPcc.npy")
        with pytest.raises(FileNotFoundError, match="UYTGe1ixPcc"):
            data.videos[0].open()


class TestSmallFolder:
    def test_videos(self, write):
        data = load_crosstask(write(), **QUIET)
        tea, toast, cake = (data.catalog[i] for i in ("11", "12", "21"))
        assert tea == Task("11", ("boil water", "add tea", "pour water"), "Make Tea")
        assert data.primary == (tea, toast)
        assert data.related == (cake,)
        assert [v.name for v in data.videos] == ["a", "b-_", "a", "c"]
        assert data.tasks == [tea, toast, cake, cake]
        assert data.validation_names == {"b-_"}
        assert data.lengths.tolist() == [10, 20, 10, -1]
        assert data.missing_features == ("a", "b-_", "c")
        assert pickle.loads(pickle.dumps(data)).tasks == data.tasks

    def test_annotations_are_clipped_and_dropped(self, write):
        data = load_crosstask(write(), **QUIET)
        expected = [[0, 0.5, 2.25], [2, 2, 4], [2, 8, 10]]
        np.testing.assert_array_equal(data.videos[0].annotation, expected)
        assert data.videos[1].annotation.shape == (0, 3)
        assert data.videos[2].annotation is None

    def test_unknown_length_clips_nothing(self, write):
        root = write({"frame_counts.csv": None})
        data = load_crosstask(root, **QUIET)
        assert data.videos[0].annotation[:, 2].max() == 13
        assert data.lengths.tolist() == [-1] * 4

    def test_windows_are_clipped_and_merged(self, write):
        root = write({"annotations/11_a.csv": None})
        with pytest.warns(UserWarning, match="3 of 4 files of constraints.*12_b-_.csv"):
            data = load_crosstask(root, features=None)
        assert data.videos[0].annotation is None
        assert [v.windows is None for v in data.videos] == [False, True, True, True]
        np.testing.assert_array_equal(data.videos[0].windows, [[0, 0, 5], [1, 3, 10]])

    def test_features_give_the_lengths(self, write):
        root = write()
        np.save(root / "features" / "a.npy", np.ones((9, 4), np.float32))
        np.save(root / "features" / "c.npy", np.ones((7, 4), np.float16))
        with pytest.warns(UserWarning, match="1 of 3 files of features.*b-_.npy'") as w:
            data = load_crosstask(root, constraints=None)
        assert len(w) == 1
        assert "does not exist" not in str(w[0].message)
        assert data.missing_features == ("b-_",)
        assert data.lengths.tolist() == [9, 20, 9, 7]
        assert data.videos[0].annotation[-1].tolist() == [2, 8, 9]
        assert isinstance(data.videos[0].open(), np.memmap)

    def test_features_tell_their_rate(self, write):
        root = write()
        np.save(root / "features" / "a.npy", np.ones((19, 4), np.float32))
        (root / "features" / ".records").mkdir()
        record = root / "features" / ".records" / "a.json"
        record.write_text('{"settings": {"rate": 2.0}}')
        with pytest.raises(ValueError, match=r"video 'a': .* made at 2 rows .* rate=2"):
            load_crosstask(root)
        with pytest.warns(UserWarning, match="files of features"):
            data = load_crosstask(root, constraints=None, rate=2)
        assert data.lengths[0] == 10

    def test_features_in_memory_are_shared_by_a_name(self, write):
        root = write()
        for name, length in (("a", 9), ("b-_", 19), ("c", 9)):
            np.save(root / "features" / f"{name}.npy", np.ones((length, 4)))
        data = load_crosstask(root, constraints=None, mmap=False)
        first, _, same, _ = (video.features for video in data.videos)
        assert type(first) is np.ndarray
        assert first is same

    def test_absolute_folders_elsewhere(self, write, tmp_path_factory):
        elsewhere = tmp_path_factory.mktemp("features")
        for name in ("b-_",):
            np.save(elsewhere / f"{name}.npy", np.ones((19, 4)))
        data = load_crosstask(
            write(), features=elsewhere, constraints=None, tasks=["12"]
        )
        assert data.videos[0].shape == (19, 4)
        assert data.missing_features == ()

    def test_relative_root_survives_a_change_of_folder(self, write, monkeypatch):
        root = write()
        np.save(root / "features" / "b-_.npy", np.ones((19, 4)))
        monkeypatch.chdir(root.parent)
        data = load_crosstask(root.name, constraints=None, tasks="12")
        monkeypatch.chdir("/")
        assert data.videos[0].shape == (19, 4)

    def test_one_warning_for_both_kinds(self, write):
        root = write({"constraints/11_a.csv": None})
        (root / "features").rmdir()
        with pytest.warns(UserWarning, match=r"features.*not exist; 4.*constr") as w:
            load_crosstask(root)
        assert len(w) == 1

    def test_windows_line_ends_and_byte_order_mark(self, write):
        changed = {name: "\ufeff" + FILES[name] for name in ("videos.csv",)}
        changed["tasks_primary.txt"] = (TEA + TOAST).replace("\n", "\r\n")
        data = load_crosstask(write(changed), **QUIET)
        assert len(data.videos) == 4
        assert data.primary[0].steps[-1] == "pour water"

    def test_works_without_a_validation_file(self, write):
        data = load_crosstask(write({"videos_val.csv": None}), **QUIET)
        assert data.validation_names == frozenset()

    def test_works_without_related_tasks(self, write):
        rows = "11,a,http://a\n12,b-_,http://b\n"
        root = write({"tasks_related.txt": None, "videos.csv": rows})
        data = load_crosstask(root, **QUIET)
        assert data.related == ()
        assert [video.task.name for video in data.videos] == ["11", "12"]
        assert list(data.catalog) == ["11", "12"]

    def test_works_without_annotations(self, write):
        root = write({"annotations/11_a.csv": None, "annotations/12_b-_.csv": None})
        assert not (root / "annotations").exists()
        data = load_crosstask(root, **QUIET)
        assert [video.annotation for video in data.videos] == [None] * 4

    @pytest.mark.parametrize("header", ["video,seconds", "Video,Seconds"])
    def test_header_of_the_lengths(self, write, header):
        root = write({"frame_counts.csv": f"{header}\na,10\nb-_,20\n"})
        data = load_crosstask(root, **QUIET)
        assert data.lengths.tolist() == [10, 20, 10, -1]


class TestBadInput:
    def test_missing_root(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="nowhere' is missing"):
            load_crosstask(tmp_path / "nowhere")

    @pytest.mark.parametrize("name", ["tasks_primary.txt", "videos.csv"])
    def test_missing_file(self, write, name):
        root = write({name: None})
        with pytest.raises(FileNotFoundError, match=name):
            load_crosstask(root, **QUIET)

    @pytest.mark.parametrize(
        ("name", "text", "message"),
        [
            ("tasks_primary.txt", TEA + "12\nToast\n", "line 7: a task has five lines"),
            (
                "tasks_primary.txt",
                TEA.replace("\n3\n", "\n4\n"),
                "line 4: .*'4'",
            ),
            ("tasks_primary.txt", TEA.replace("\n3\n", "\nx\n"), "line 4: .*'x'"),
            (
                "tasks_primary.txt",
                TEA.replace("add tea", " "),
                "line 5: a step",
            ),
            ("tasks_primary.txt", TEA + TEA, "line 7: task 11 is listed twice"),
            ("tasks_related.txt", TEA, r"Tasks \['11'\] are both"),
            ("videos.csv", "11,a,http://a\n11,b\n", "line 2: expected task,video,url"),
            ("videos.csv", "11,,http://a\n", "line 1: expected task,video,url"),
            ("videos.csv", "\n13,a,http://a\n", "line 2: task '13' is unknown"),
            ("videos.csv", "11,a,u\n\n11,a,u\n", "line 3: .*'a'.*already .*line 1"),
            ("videos_val.csv", "nonsense\n", "line 1: expected task,video,url"),
            ("frame_counts.csv", "a,10\na\n", "line 2: expected video,seconds"),
            ("frame_counts.csv", "a,1\nvideo,seconds\n", "line 2: expected video"),
            ("frame_counts.csv", "a,1.5\n", "line 1: expected video,seconds"),
            ("frame_counts.csv", "a,0\n", "line 1: expected video,seconds"),
            ("annotations/11_a.csv", "1,0,2\n4,2,3\n", "line 2: step 4 is unknown"),
            ("annotations/11_a.csv", "0,0,2\n", "line 1: step 0 is unknown"),
            ("annotations/11_a.csv", "1,0\n", "line 1: expected step,start,end"),
            ("annotations/11_a.csv", "step,begin,end\n1,0,2\n", "remove the header"),
            ("annotations/11_a.csv", "1,0,2,3\n", "line 1: expected step,start,end"),
            ("annotations/11_a.csv", "1.5,0,2\n", "line 1: expected step,start,end"),
            ("annotations/11_a.csv", "1,nan,2\n", "line 1: a time is not finite"),
            ("annotations/11_a.csv", "1,3,2\n", "line 1: .* reversed or empty"),
            ("annotations/11_a.csv", "1,3,3\n", "line 1: .* reversed or empty"),
            ("constraints/11_a.csv", "1,3,2\n", "line 1: .* reversed or empty"),
        ],
    )
    def test_malformed_rows(self, write, name, text, message):
        root = write({name: text})
        with pytest.raises(ValueError, match=message) as caught:
            load_crosstask(root, features=None)
        assert "both" in message or name.split("/")[-1] in str(caught.value)

    def test_not_text(self, write):
        root = write()
        (root / "videos.csv").write_bytes(b"\xff\xfe")
        with pytest.raises(ValueError, match=r"videos\.csv is not UTF-8"):
            load_crosstask(root, **QUIET)

    @pytest.mark.parametrize("tasks", ["secondary", ["11", "99"], [], 99])
    def test_unknown_tasks(self, write, tasks):
        with pytest.raises(ValueError, match=r"tasks; (unknown|it is)"):
            load_crosstask(write(), tasks=tasks, **QUIET)

    def test_broken_features(self, write):
        root = write()
        (root / "features" / "a.npy").write_bytes(b"not an array")
        with pytest.raises(ValueError, match=r"a\.npy"):
            load_crosstask(root, constraints=None)


segments = st.lists(
    st.tuples(st.integers(0, 2), st.integers(-5, 20), st.integers(0, 8)), max_size=12
).map(lambda rows: np.array([(k, s, s + d) for k, s, d in rows], float).reshape(-1, 3))


def covered(rows):
    """Pairs of a step and a time unit, for segments of whole numbers."""
    return {(k, t) for k, s, e in rows for t in np.arange(s, e)}


@given(segments, st.integers(1, 15))
def test_clipping_keeps_what_lies_inside(rows, length):
    clipped = clip_segments(rows, length)
    inside = {(k, t) for k, t in covered(rows) if 0 <= t < length}
    assert covered(clipped) == inside
    assert (clipped[:, 1] < clipped[:, 2]).all()


@given(segments)
def test_merging_covers_the_same_without_overlap(rows):
    rows = clip_segments(rows, None)
    merged = merge_windows(rows)
    assert covered(merged) == covered(rows)
    for step in range(3):
        own = merged[merged[:, 0] == step]
        assert (own[:-1, 2] <= own[1:, 1]).all()
