"""Inputs that look odd and must work as any other."""

import json
import os
import pickle

import numpy as np
import pytest

from skcrosstask import Task, Video, WeaklySupervisedStepEstimator
from skcrosstask._cli import main
from skcrosstask.datasets import load_crosstask, load_manifest
from skcrosstask.narration import read_narration
from skcrosstask.results import read_steps

LATTE = Task("latte", ["add coffee", "press coffee", "pour milk"])
FEATURES = np.random.default_rng(0).normal(size=(24, 6)).astype(np.float32)
WINDOWS = [[0, 2, 8], [2, 15, 20]]


def fit(*videos):
    return WeaklySupervisedStepEstimator(n_passes=1, random_state=0).fit(videos)


@pytest.fixture(scope="module")
def usual():
    return fit(Video(FEATURES, LATTE, WINDOWS), Video(FEATURES[::-1], LATTE))


@pytest.mark.parametrize(
    "as_stored",
    [
        np.asfortranarray,
        lambda a: a.astype(">f4"),
        lambda a: a.astype(np.float64),
        lambda a: np.repeat(a, 2, axis=0)[::2],
        lambda a: a[::-1][::-1],
        np.ndarray.tolist,
    ],
    ids=["fortran", "big-endian", "float64", "strided", "reversed", "lists"],
)
def test_layouts_give_the_same(usual, as_stored, tmp_path):
    stored = as_stored(FEATURES)
    videos = [Video(stored, LATTE, name="v1")]
    if isinstance(stored, np.ndarray):
        np.save(tmp_path / "v1.npy", stored)
        np.savez(tmp_path / "v1.npz", stored)
        videos += [Video(tmp_path / name, LATTE) for name in ("v1.npy", "v1.npz")]
    expected = usual.predict_proba([Video(FEATURES, LATTE)])[0]
    for found in usual.predict_proba(videos):
        np.testing.assert_array_equal(found, expected)
    second = Video(FEATURES[::-1], LATTE)
    again = fit(Video(stored, LATTE, WINDOWS), second)
    np.testing.assert_array_equal(again.coef_, usual.coef_)


@pytest.mark.parametrize(
    "dtype", ["float16", "int8", "uint16", "bool", ">f2", "longdouble"]
)
def test_numbers_of_any_type(usual, dtype, tmp_path):
    numbers = (FEATURES * 3 > 1).astype(dtype)
    np.save(tmp_path / "v1.npy", numbers)
    videos = [Video(numbers, LATTE), Video(tmp_path / "v1.npy", LATTE)]
    plain = Video(numbers.astype(np.float32), LATTE)
    expected = usual.predict_proba([plain])[0]
    for found in usual.predict_proba(videos):
        np.testing.assert_array_equal(found, expected)


def test_one_row():
    stir = Task("stir", ["stir"])
    videos = [Video(FEATURES[:1], stir, name="short"), Video(FEATURES, stir)]
    est = fit(*videos)
    assert est.predict(videos)[0].tolist() == [0]
    np.testing.assert_array_equal(est.predict_proba(videos)[0], [[1.0]])


def test_many_rows(usual, tmp_path):
    rows = np.zeros((100_000, 6), np.float32)
    rows[::1000] = FEATURES[0]
    np.save(tmp_path / "long.npy", rows)
    (row,) = usual.predict([Video(tmp_path / "long.npy", LATTE)])
    assert (np.diff(row) > 0).all()


def test_as_many_rows_as_steps_and_sixty_steps():
    many = Task("much", [f"do thing {i} again" for i in range(60)])
    features = np.random.default_rng(1).normal(size=(61, 6))
    videos = [Video(features, many), Video(features[:60], many)]
    placed = fit(*videos).predict(videos)
    assert placed[1].tolist() == list(range(60))


def test_steps_that_repeat():
    twice = Task("twice", ["stir", "pour milk", "stir"])
    videos = [Video(FEATURES, twice), Video(FEATURES[::-1], twice)]
    for row in fit(*videos).predict(videos):
        assert (np.diff(row) > 0).all()


NAMES = [
    "two words", "a,b", 'a"b', "a'b", "naïve café", "ビデオ", "🙂", "=1+1", "-x", "a;b",
    "<b>", "..hidden", "%41", "#1", "a&b",
]  # fmt: skip


@pytest.mark.parametrize("suffix", ["json", "csv"])
def test_names_survive_every_format(usual, suffix, tmp_path):
    videos = []
    for name in [*NAMES, "a\nb", "a\rb", "a/../b", "tab\there"]:
        videos.append(Video(FEATURES, LATTE, name=name))
    table = usual.locate(videos)
    getattr(table, f"to_{suffix}")(tmp_path / f"t.{suffix}")
    assert read_steps(tmp_path / f"t.{suffix}") == table


def test_names_of_files(tmp_path):
    for name in NAMES:
        np.save(tmp_path / f"{name}.npy", FEATURES)
    entries = [{"name": n, "task": "t", "features": f"{n}.npy"} for n in NAMES]
    content = {"tasks": {"t": {"steps": ["a", "b"]}}, "videos": entries}
    path = tmp_path / "collection.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    data = load_manifest(path)
    assert [video.name for video in data.videos] == NAMES
    assert {video.shape for video in data.videos} == {FEATURES.shape}


def test_links(usual, tmp_path):
    if os.name == "nt":
        pytest.skip("links need leave")
    np.save(tmp_path / "real.npy", FEATURES)
    (tmp_path / "link.npy").symlink_to("real.npy")
    (tmp_path / "folder").symlink_to(tmp_path, target_is_directory=True)
    real, *links = (
        Video(tmp_path / name, LATTE)
        for name in ("real.npy", "link.npy", "folder/link.npy")
    )
    for link in links:
        assert usual.predict([link])[0].tolist() == usual.predict([real])[0].tolist()
    (tmp_path / "loop.npy").symlink_to("loop.npy")
    with pytest.raises((ValueError, OSError), match="loop"):
        Video(tmp_path / "loop.npy").open()


def as_written(text, how):
    if how == "crlf":
        text = text.replace("\n", "\r\n")
    elif how == "blank lines":
        text = text.replace("\n", "\n\n") if "," in text[:4] else text + "\n\n"
    elif how == "no last line end":
        text = text.rstrip("\n")
    return (b"\xef\xbb\xbf" if how == "mark" else b"") + text.encode()


HOW = ["mark", "crlf", "blank lines", "no last line end"]


@pytest.mark.parametrize("how", HOW)
def test_release_as_editors_write_it(how, tmp_path):
    files = {
        "tasks_primary.txt": "1\nLatte\nurl\n3\nadd coffee,press coffee,pour milk\n\n",
        "videos.csv": "1,v1,url\n",
        "constraints/1_v1.csv": "1,2,5\n3,10,14\n",
        "annotations/1_v1.csv": "1,2,5\n3,10,14\n",
    }
    for folder in ("constraints", "annotations", "features"):
        (tmp_path / folder).mkdir()
    for name, text in files.items():
        (tmp_path / name).write_bytes(as_written(text, how))
    np.save(tmp_path / "features" / "v1.npy", FEATURES)
    (video,) = load_crosstask(tmp_path).videos
    assert video.task.steps == LATTE.steps
    assert video.annotation.tolist() == [[0, 2, 5], [2, 10, 14]]
    assert video.windows.tolist() == [[0, 2, 5], [2, 10, 14]]


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("suffix", ["json", "yaml", "csv"])
def test_manifests_as_editors_write_them(how, suffix, tmp_path):
    if suffix == "yaml":
        pytest.importorskip("yaml")
    text = {
        "json": '{"tasks": {"t": {"steps": ["a","b"]}},\n"videos": [{"name":"v1"}]}\n',
        "yaml": "tasks:\n  t:\n    steps: [a, b]\nvideos:\n- name: v1\n",
        "csv": "name,task,steps\nv1,t,a|b\n",
    }[suffix]
    path = tmp_path / f"collection.{suffix}"
    path.write_bytes(as_written(text, how))
    data = load_manifest(path)
    assert [video.name for video in data.videos] == ["v1"]
    assert data.catalog["t"].steps == ("a", "b")


@pytest.mark.parametrize("how", HOW)
def test_subtitles_as_editors_write_them(how, tmp_path):
    text = "1\n00:00:01,000 --> 00:00:02,000\nadd coffee\n"
    (tmp_path / "v1.srt").write_bytes(as_written(text, how))
    assert list(read_narration(tmp_path / "v1.srt").words) == ["add", "coffee"]


@pytest.mark.parametrize("how", HOW)
def test_predictions_as_editors_write_them(how, usual, tmp_path):
    table = usual.locate([Video(FEATURES, LATTE, name="v1")])
    table.to_csv(tmp_path / "t.csv")
    text = (tmp_path / "t.csv").read_text()
    (tmp_path / "t.csv").write_bytes(as_written(text, how))
    assert read_steps(tmp_path / "t.csv") == table


def test_the_same_video_twice(usual):
    """As bootstraps draw them: it counts twice, and is found twice."""
    video = Video(FEATURES, LATTE, WINDOWS, name="v1")
    est = fit(video, video)
    first, second = est.predict([video, video])
    assert first.tolist() == second.tolist()


def test_the_same_file_twice_is_refused(usual, tmp_path, monkeypatch, capsys):
    """A table with both could not be read again."""
    from skcrosstask import save_model

    monkeypatch.chdir(tmp_path)
    save_model(usual, "m.skct")
    np.save("v1.npy", FEATURES)
    assert main(["predict", "m.skct", "v1.npy", "v1.npy", "--out", "t.csv"]) == 2
    assert "v1" in capsys.readouterr().err
    assert not (tmp_path / "t.csv").exists()


def test_video_survives_a_pickle():
    video = pickle.loads(pickle.dumps(Video(FEATURES, LATTE, WINDOWS, name="v1")))
    assert video.windows.tolist() == WINDOWS
