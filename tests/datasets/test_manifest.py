"""Manifests: one schema in three formats, and what they refer to."""

import json
import re
import textwrap
import warnings
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skcrosstask import Task
from skcrosstask.datasets import load_manifest
from skcrosstask.datasets._manifest_schema import _TASK, _VIDEO

YAML = """\
rate: 2
tasks:
  latte:
    title: Make a Latte
    steps: [add coffee, press coffee, pour milk]
    before: [1<2]
  tea:
    steps: [boil water]
    related: true
videos:
  - name: a
    task: latte
    source: clips/a.mp4
    features: rows/a.npy
    windows: w.csv
    annotation: a.csv
    subtitles: a.vtt
    rate: 0.5
  - source: clips/b.mp4
    task: tea
    validation: true
"""
CSV = """\
name,task,title,steps,before,related,source,features,windows,annotation,subtitles,rate,validation
,latte,Make a Latte,add coffee|press coffee | pour milk,1<2,,,,,,,,
,tea,,boil water,,yes,,,,,,,
a,latte,,,,,clips/a.mp4,rows/a.npy,w.csv,a.csv,a.vtt,.5,
,tea,,,,,clips/b.mp4,,,,,2,true
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "rows").mkdir()
    np.save(tmp_path / "rows" / "a.npy", np.ones((20, 3), np.float32))
    (tmp_path / "w.csv").write_text("1,0,5\n1,4,9\n3,30,99\n")
    (tmp_path / "a.csv").write_text("2,10,12.5\n")
    (tmp_path / "a.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nadd coffee\n")
    return tmp_path


def write(root, text, name="collection.yaml"):
    (root / name).write_text(text)
    return root / name


def as_json(root):
    yaml = pytest.importorskip("yaml")
    return write(root, json.dumps(yaml.safe_load(YAML), indent=1), "collection.json")


@pytest.mark.parametrize("suffix", ["yaml", "json", "csv"])
def test_one_schema_in_three_formats(suffix, root):
    if suffix == "json":
        path = as_json(root)
    else:
        path = write(root, YAML if suffix == "yaml" else CSV, f"c.{suffix}")
    data = load_manifest(path, narration=True)
    latte = Task(
        "latte",
        ["add coffee", "press coffee", "pour milk"],
        "Make a Latte",
        before=[(0, 1)],
    )
    tea = Task("tea", ["boil water"])
    assert data.tasks == [latte, tea]
    assert data.catalog == {"latte": latte, "tea": tea}
    assert (data.primary, data.related) == ((latte,), (tea,))
    assert data.validation_names == {"b"}
    assert data.missing_features == ("b",)
    assert_array_equal(data.lengths, [40, -1])
    assert data.subtitles == (root / "a.vtt", None)
    a, b = data.videos
    assert (a.name, a.rate, a.source) == ("a", 0.5, str(root / "clips" / "a.mp4"))
    assert a.shape == (20, 3)
    assert_array_equal(a.windows, [[0, 0, 9], [2, 30, 40]])
    assert_array_equal(a.annotation, [[1, 10, 12.5]])
    assert a.narration.words == ("add", "coffee")
    assert (b.name, b.rate, b.features, b.windows) == ("b", 2.0, None, None)


def test_segments_may_stand_in_the_manifest(root):
    path = write(
        root,
        "tasks: {t: {steps: [a, b]}}\nvideos:\n  - name: v\n    source: v.mp4\n"
        "    windows: [[1, 0, 2], [2, 3.5, 7]]\n    annotation: []\n",
    )
    (video,) = load_manifest(path).videos
    assert_array_equal(video.windows, [[0, 0, 2], [1, 3.5, 7]])
    assert video.annotation.shape == (0, 3)
    assert video.task.name == "t"


def test_folders_beside_the_manifest_are_found(root):
    np.savez(root / "v.npz", np.zeros((9, 2)))
    for folder in ("features", "constraints", "annotations", "other"):
        (root / folder).mkdir()
    (root / "v.npz").rename(root / "features" / "v.npz")
    (root / "constraints" / "t_v.csv").write_text("1,0,2\n")
    (root / "annotations" / "t_v.csv").write_text("1,1,2\n")
    np.save(root / "other" / "v.npy", np.zeros((7, 2)))
    path = write(root, "tasks: {t: {steps: [a]}}\nvideos: [{name: v}]\n")
    (video,) = load_manifest(path).videos
    assert video.shape == (9, 2)
    assert_array_equal(video.windows, [[0, 0, 2]])
    assert_array_equal(video.annotation, [[0, 1, 2]])
    (video,) = load_manifest(path, windows=False, features="other", rate=3).videos
    assert (video.shape, video.windows, video.rate) == ((7, 2), None, 3.0)
    (video,) = load_manifest(path, constraints=root / "other").videos
    assert video.windows is None
    kept = load_manifest(path, mmap=False).videos[0].features
    assert type(kept) is np.ndarray


def test_features_of_other_kinds(root, monkeypatch):
    np.savez(root / "v.npz", flow=np.zeros((4, 9)), rgb=np.zeros((4, 8)))
    path = write(
        root,
        "layout: features_first\ntasks: {t: {steps: [a]}}\nvideos:\n"
        "  - features: v.npz:flow\n"
        "  - {name: w, features: v.npz:rgb, layout: rows_first}\n"
        "  - features: s3://bucket/x.npy\n",
    )
    data = load_manifest(path)
    assert [v.name for v in data.videos] == ["v", "w", "x"]
    assert [v.shape for v in data.videos[:2]] == [(9, 4), (4, 8)]
    assert_array_equal(data.lengths, [9, 4, -1])
    assert data.missing_features == ()
    assert data.videos[2].features.features == "s3://bucket/x.npy"


def test_missing_features_are_told_once(root):
    path = write(
        root,
        "tasks: {t: {steps: [a]}}\nvideos: [{features: x.npy}, {features: y.npy}]\n",
    )
    with pytest.warns(UserWarning, match=r"2 of 2 files of features are missing, such"):
        data = load_manifest(path)
    assert data.missing_features == ("x", "y")


def test_tasks_choose_videos(root):
    path = write(
        root, YAML.replace("    task: tea\n", "    task: tea\n") + "  - name: c"
    )
    names = lambda tasks: [v.name for v in load_manifest(path, tasks=tasks).videos]  # noqa: E731
    assert names("all") == ["a", "b", "c"]
    assert names("primary") == ["a"]
    assert names("related") == ["b"]
    assert names(["tea", "latte"]) == ["a", "b"]
    with pytest.raises(ValueError, match="unknown: \\['lattte'\\]"):
        names(["lattte"])


def test_no_warning_where_nothing_is_missing(root):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_manifest(write(root, YAML))


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("task: latte", "task: lattte", 12, "video 'a': task 'lattte' is unknown; did "
         "you mean 'latte'?"),
        ("rate: 0.5", "rate: fast", 18, "video 'a': rate must be a number of rows"),
        ("rate: 2\n", "rate: -1\n", 1, "rate must be a number of rows a second"),
        ("rate: 2\n", "rates: 2\n", 1, "the collection: field 'rates' is unknown; did"),
        ("    rate: 0.5", "    layout: up", 18, "video 'a': layout must be rows_first"),
        ("validation: true", "validation: 1", 21, "must be true or false, got '1'"),
        ("    source: clips/a.mp4", "    sauce: x", 13, "'sauce' is unknown; did you"),
        ("steps: [boil water]", "steps: []", 7, "task 'tea' has no steps; list them"),
        ("steps: [boil water]", "steps: tea", 8, "steps must be a list, got 'tea'"),
        ("steps: [boil water]", "steps: [[a]]", 8, "a step must be text, got a list"),
        ("before: [1<2]", "before: [0<2]", 6, "expected steps counted from 1, such as"),
        ("before: [1<2]", "before: [1<4]", 3, "Task 'latte': before has the pair"),
        ("windows: w.csv", "windows: no.csv", 11, "windows: '"),
        ("windows: w.csv", "windows: [[4, 0, 1]]", 15, "step 4 is unknown; task"),
        ("windows: w.csv", "windows: [[1, 3, 1]]", 15, "start must be before end"),
        ("windows: w.csv", "windows: [[1, x]]", 15, "expected [step, start, end], got"),
        ("  - source: clips/b.mp4", "  - rate: 2", 19, "a video needs a name"),
        ("  - source: clips/b.mp4\n    task: tea", "  - name: a\n    task: latte", 19,
         "video 'a' was already listed in line 11."),
    ],
)  # fmt: skip
def test_mistakes_are_named_with_their_line(old, new, line, message, root):
    assert YAML.count(old) == 1
    path = write(root, YAML.replace(old, new))
    with pytest.raises((ValueError, FileNotFoundError)) as error:
        load_manifest(path)
    text = str(error.value)
    assert text.startswith(f"{path}, line {line}: ")
    assert message in text
    assert len(text) - 2 * len(str(root)) < 300


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("name,task,steps\nv,t,\n", "line 2: video 'v': task 't' is unknown; the"),
        ("name,task,steps\n,t,\nv,t,\n", "line 2: task 't' has no steps; give them in"),
        ("name,steps\nv,a|b\n", "line 2: steps of which task? It names none."),
        (
            "name,task,steps\nv,t,a\nw,t,a|b\n",
            "line 3: other steps of task 't' than",
        ),
        ("name,colour\nv,red\n", "line 2: a video: field 'colour' is unknown; known"),
        ("name\n", "line 1: names neither tasks nor videos."),
    ],
)
def test_mistakes_in_tables(rows, message, root):
    path = write(root, rows, "c.csv")
    with pytest.raises(ValueError, match=r"c\.csv") as error:
        load_manifest(path)
    assert message in str(error.value)


def test_a_table_of_subtitles_serves_many_videos(root):
    (root / "all.csv").write_text("video,start,end,text\nv,0,1,hello\nw,1,2,bye\n")
    text = "tasks: {t: {steps: [a]}}\nvideos:\n"
    for name in ("v", "w"):
        text += f"  - {{name: {name}, source: x.mp4, subtitles: all.csv}}\n"
    videos = load_manifest(write(root, text), narration=True).videos
    assert [v.narration.words for v in videos] == [("hello",), ("bye",)]
    path = write(root, text.replace("name: w", "name: u"))
    with pytest.raises(ValueError, match=r"line 4: video 'u': subtitles: '.*' says"):
        load_manifest(path, narration=True)


def test_the_manual_shows_a_manifest(tmp_path):
    manual = Path(__file__).parents[2] / "docs" / "user_guide" / "collections.rst"
    text = manual.read_text(encoding="utf-8")
    found = re.search(r"code-block:: yaml\n\n((?:   .*\n|\n)+)", text)
    path = tmp_path / "c.yaml"
    path.write_text(textwrap.dedent(found[1]))
    with pytest.warns(UserWarning, match="1 of 2 files of features are missing"):
        data = load_manifest(path)
    assert [(v.name, v.rate) for v in data.videos] == [("v1", 2.0), ("v2", 1.0)]
    known = {*_VIDEO, *_TASK, "rate", "layout", "tasks"} - {"videos"}
    assert not [name for name in known if f"``{name}" not in text]
