"""The command `windows`: subtitles and tasks in, constraints of the release out."""

import csv
import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.frozen import FrozenEstimator

from skcrosstask import Task, Video
from skcrosstask._cli import main
from skcrosstask.datasets import load_crosstask, make_instructional_videos
from skcrosstask.narration import (
    LearnedAggregation,
    NarrationAligner,
    TfidfText,
    WordVectorText,
    read_narration,
)
from skcrosstask.narration.text._tfidf import beside_tfidf

LATTE = ["grind coffee", "steam milk", "pour milk"]
SPEECH = """start,end,text
0,4,hello everybody and welcome back to my little kitchen
10,14,first we grind all of the coffee beans
20,24,it is raining today by the way
30,34,now steam some milk until it is hot
44,48,and very slowly pour the milk into it
55,58,see you next week bye bye
"""
IDS = {"pancakes": "11", "latte": "22", "omelette": "33"}


def run(*argv):
    return main(["windows", *map(str, argv)])


def error(capsys):
    """The error's line, without the name of the program."""
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "error: " in line] == lines[-1:]
    return lines[-1].removeprefix("skcrosstask: error: ")


def rows(path):
    lines = Path(path).read_text().splitlines()
    return [[float(x) for x in line.split(",")] for line in lines]


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def names(folder):
    return sorted(path.name for path in Path(folder).iterdir())


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A working directory with a task, and subtitles of two videos of it."""
    monkeypatch.chdir(tmp_path)
    Path("latte.json").write_text(json.dumps({"latte": LATTE}))
    Path("said").mkdir()
    Path("said/v1.csv").write_text(SPEECH)
    Path("said/v2.csv").write_text(SPEECH.replace("now steam", "oh well: steam"))
    return tmp_path


@pytest.fixture(scope="module")
def release(tmp_path_factory, write_release):
    """A folder like the release, and a folder of what is said in its videos."""
    root = tmp_path_factory.mktemp("release")
    videos, _ = make_instructional_videos(
        4, n_tasks=3, n_features=8, length=(80, 120), random_state=0
    )
    write_release(root, videos, IDS, ["omelette"])
    for file in (root / "constraints").iterdir():
        file.unlink()
    said = tmp_path_factory.mktemp("said")
    for video in videos:
        lines = ["start,text\n"]
        for step, start, _ in sorted(video.annotation.tolist(), key=lambda r: r[1]):
            lines.append(f"{start},here we {video.task.steps[int(step)]} as you see\n")
            if start + 10 < len(video.features):
                lines.append(f"{start + 3},and that is all there is to it my friends\n")
        (said / f"{video.name}.csv").write_text("".join(lines))
    return root, said


# The whole way


def test_windows_are_read_by_fit(release, tmp_path, capsys):
    root, said = release
    out, model = tmp_path / "deep" / "windows", tmp_path / "model.skct"
    assert run(said, root, "--out", out, "--padding", "1,2") == 0
    printed, err = capsys.readouterr()
    assert "read subtitles of 12 videos" in err
    assert "windows: 12 of 12 videos" in err
    assert printed.startswith("videos: 12, windows: ")
    assert printed.endswith(f" of {4 * (5 + 4 + 4)}; {out}\n")
    assert printed.count("\n") == 1
    data = load_crosstask(root, constraints=out)
    spoken = [
        Video(
            v.features,
            v.task,
            None,
            None,
            v.name,
            narration=read_narration(said / f"{v.name}.csv"),
        )
        for v in data.videos
    ]
    expected = NarrationAligner(padding=(1, 2)).fit_transform(spoken)
    for video, other in zip(data.videos, expected, strict=True):
        assert_allclose(video.windows, other.windows, atol=0.0051)
        assert len(video.windows) > 0
    learn = [
        "fit",
        root,
        "--constraints",
        out,
        "--out",
        model,
        "--max-iter",
        1,
        "--quiet",
    ]
    assert main([str(word) for word in learn]) == 0
    assert model.is_file()
    assert "warning" not in capsys.readouterr().err


def test_the_layout_of_the_release(here):
    assert run("said", "latte.json", "--out", "out", "--quiet") == 0
    assert names("out") == ["latte_v1.csv", "latte_v2.csv"]
    lines = Path("out/latte_v1.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["1", "2", "3"]
    assert all(len(t.split(".")[1]) == 2 for s in lines for t in s.split(",")[1:])
    for (_, start, end), said in zip(
        rows("out/latte_v1.csv"), (10, 30, 44), strict=True
    ):
        assert start < said + 4
        assert end > said


def test_a_video_of_two_tasks(here):
    Path("two.json").write_text(json.dumps({"latte": LATTE, "milk": LATTE[1:]}))
    Path("list.csv").write_text("task,video\nlatte,v1\nmilk,v1,url\n\nlatte,v2\n")
    assert run("said", "two.json", "--videos", "list.csv", "--out", "out") == 0
    assert names("out") == ["latte_v1.csv", "latte_v2.csv", "milk_v1.csv"]
    assert [row[0] for row in rows("out/milk_v1.csv")] == [1, 2]


def test_one_file_of_the_tasks(release, tmp_path, capsys):
    root, said = release
    assert run(said, root / "tasks_related.txt", "--out", tmp_path / "out") == 0
    assert names(tmp_path / "out") == [f"33_omelette-{i}.csv" for i in range(4)]
    assert "8 of the subtitles have no listed video" in capsys.readouterr().err


def test_the_list_beside_a_json_file(here, capsys):
    Path("videos.csv").write_text("task,video\nlatte,v2\ntea,v9\n")
    assert run("said", "latte.json", "--out", "out") == 0
    assert names("out") == ["latte_v2.csv"]
    err = capsys.readouterr().err
    assert "1 of the subtitles has no listed video, such as 'v1.csv'" in err
    assert "read subtitles of 1 video\n" in err
    Path("two.json").write_text(json.dumps({"latte": LATTE, "tea": ["boil"]}))
    Path("videos.csv").write_text("latte,v2\ntea,v1\n")
    assert run("said", "two.json", "--out", "two") == 0
    assert names("two") == ["latte_v2.csv", "tea_v1.csv"]


# Subtitles


def test_a_table_of_several_videos(here, capsys):
    lines = SPEECH.splitlines()
    text = [f"video,{lines[0]}"] + [f"v{i},{x}" for i in (1, 2) for x in lines[1:]]
    Path("table.csv").write_text("\n".join(text))
    assert run("table.csv", "latte.json", "--out", "out") == 0
    assert run("said/v1.csv", "latte.json", "--out", "one") == 0
    assert names("out") == ["latte_v1.csv", "latte_v2.csv"]
    assert names("one") == ["latte_v1.csv"]
    Path("list.csv").write_text("latte,v2\nlatte,v3\n")
    capsys.readouterr()
    argv = ("table.csv", "latte.json", "--videos", "list.csv", "--out", "some")
    assert run(*argv) == 0
    assert names("some") == ["latte_v2.csv"]
    err = capsys.readouterr().err
    assert "1 of 2 videos has no subtitles that can be read, such as 'v3'" in err
    assert "1 of the subtitles has no listed video, such as 'v1'" in err


def test_captions_of_youtube(here):
    pytest.importorskip("webvtt")
    cues = [line.split(",") for line in SPEECH.splitlines()[1:]]
    text = [f"00:{int(a):02}.000 --> 00:{int(b):02}.000\n{c}\n" for a, b, c in cues]
    Path("tube").mkdir()
    Path("tube/Latte! [dQw4w9WgXcQ].en.vtt").write_text("\n".join(["WEBVTT\n", *text]))
    assert run("tube", "latte.json", "--out", "out") == 0
    assert run("said/v1.csv", "latte.json", "--out", "out") == 0
    assert rows("out/latte_dQw4w9WgXcQ.csv") == rows("out/latte_v1.csv")


def test_broken_subtitles_stop_all_or_are_left_out(here, capsys):
    Path("said/v3.csv").write_text(SPEECH + "70,60,pour it again\n")
    assert run("said", "latte.json", "--out", "out") == 2
    assert "v3.csv, line 8: ends before it starts" in error(capsys)
    assert not Path("out").exists()
    assert run("said", "latte.json", "--out", "out", "--skip-broken") == 0
    assert names("out") == ["latte_v1.csv", "latte_v2.csv"]
    err = capsys.readouterr().err
    assert "warning: left out, broken: " in err
    assert "v3.csv, line 8" in err


def test_all_subtitles_are_broken(here, capsys):
    for file in Path("said").iterdir():
        file.write_text("start,text\n-1,a\n")
    assert run("said", "latte.json", "--out", "out", "--skip-broken") == 2
    *warned, last = capsys.readouterr().err.splitlines()
    assert len(warned) == 2
    for line, name in zip(warned, ("v1.csv", "v2.csv"), strict=True):
        assert f"{name}, line 2: times must be finite" in line
    assert last == "skcrosstask: error: no subtitles can be read."


def test_two_files_of_a_video(here, capsys):
    Path("said/v1.tsv").write_text(SPEECH)
    assert run("said", "latte.json", "--out", "out") == 2
    message = "'said': 1 video has several files, such as 'v1.csv', 'v1.tsv' of 'v1'"
    assert message in error(capsys)
    assert not Path("out").exists()
    Path("said/v2.tsv").write_text("1\tgrind coffee\n9\tpour milk\n")
    assert run("said", "latte.json", "--out", "out") == 2
    assert "2 videos have several files" in error(capsys)
    for format in ("csv", "tsv"):
        Path("said/v1.tsv").write_text("1\tgrind coffee\n9\tpour milk\n")
        assert run("said", "latte.json", "--out", format, "--format", format) == 0
    assert rows("csv/latte_v1.csv") != rows("tsv/latte_v1.csv")
    assert rows("tsv/latte_v1.csv") == rows("tsv/latte_v2.csv")
    assert run("said", "latte.json", "--out", "out", "--format", "json") == 2
    assert "'said' holds no subtitles (.json)" in error(capsys)


def test_format_of_one_file(here):
    Path("said.txt").write_text(SPEECH)
    argv = ("said.txt", "latte.json", "--out", "out", "--format", "csv")
    assert run(*argv) == 0
    assert names("out") == ["latte_said.csv"]


def test_encoding(here, capsys):
    for file in Path("said").iterdir():
        file.write_bytes(SPEECH.replace("hello", "holà").encode("latin-1"))
    assert run("said", "latte.json", "--out", "out", "--strict") == 2
    assert "v1.csv, line 2: not utf-8" in error(capsys)
    assert run("said", "latte.json", "--out", "out") == 0
    warned = [line for line in capsys.readouterr().err.splitlines() if "utf-8" in line]
    assert len(warned) == 2
    assert "warning: said" in warned[0]
    assert run("said", "latte.json", "--out", "out", "--encoding", "latin-1") == 0


def test_warnings_name_options_of_the_command(here, capsys):
    for file in Path("said").iterdir():
        file.write_bytes(SPEECH.replace("hello", "holà").encode("latin-1"))
    assert run("said", "latte.json", "--out", "out") == 0
    err = capsys.readouterr().err
    assert "give --encoding; --strict refuses it." in err
    assert "strict=True" not in err


def test_subtitles_in_another_language_are_warned_of(here, capsys):
    for file in Path("said").iterdir():
        if file.suffix == ".csv":
            file.write_text("start,end,text\n1,5,und nun wird alles gemahlen\n")
        else:
            file.unlink()
    assert run("said", "latte.json", "--out", "out") == 0
    (line,) = [x for x in capsys.readouterr().err.splitlines() if "warning" in x]
    assert "no word matches a step of the task" in line
    assert "in the same language?" in line


def test_captions_of_howto100m_and_compressed_vectors(here, capsys):
    lines = [line.split(",", 1) for line in SPEECH.splitlines()[1:]]
    starts = [float(start) for start, _ in lines]
    column = {"start": starts, "end": [s + 2 for s in starts]}
    column["text"] = [text for _, text in lines]
    Path("many").mkdir()
    Path("many/raw_caption.json").write_text(json.dumps({"v1": column, "v2": column}))
    words = ["grind", "coffee", "pour", "milk", "steam"]
    rows = "".join(f"{word} {i} {i * i} 1\n" for i, word in enumerate(words))
    Path("w.vec.gz").write_bytes(gzip.compress(rows.encode()))
    made = run("many", "latte.json", "--out", "out", "--vectors", "w.vec.gz")
    assert made == 0
    assert names("out") == ["latte_v1.csv", "latte_v2.csv"]


def test_nothing_of_the_task_is_said(here, capsys):
    Path("music.csv").write_text("start,text\n2,[Music]\n")
    assert run("music.csv", "latte.json", "--out", "out") == 0
    assert Path("out/latte_music.csv").read_text() == ""
    last = "videos: 1, windows: 0, steps without a window: 3 of 3; out"
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_windows_of_other_videos_stay(here, capsys):
    assert run("said/v1.csv", "latte.json", "--out", "out") == 0
    assert run("said/v1.csv", "latte.json", "--out", "out") == 0
    assert "stay" not in capsys.readouterr().err
    assert run("said/v2.csv", "latte.json", "--out", "out") == 0
    err = capsys.readouterr().err
    assert "warning: 1 file stays in 'out' from before, such as 'latte_v1.csv'" in err
    Path("tea.json").write_text('{"tea": ["pour milk"]}')
    assert run("said", "tea.json", "--out", "out", "--quiet") == 0
    assert "warning: 2 files stay in 'out' from before" in capsys.readouterr().err


# Options


def test_lengths_end_windows(release, tmp_path):
    root, said = release
    (tmp_path / "tasks_primary.txt").write_bytes(
        (root / "tasks_primary.txt").read_bytes()
    )
    (tmp_path / "videos.csv").write_text("22,latte-0,url\n")
    wide = ("--padding", 500)
    assert run(said, tmp_path, "--out", tmp_path / "a", *wide) == 0
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "frame_counts.csv").write_text("latte-0,70\n")
    assert run(said, tmp_path, "--out", tmp_path / "b", *wide) == 0
    ends = [max(row[2] for row in rows(tmp_path / x / "22_latte-0.csv")) for x in "ab"]
    assert ends[0] > 500
    assert ends[1] == 70


def test_options_reach_the_aligner(here):
    run("said", "latte.json", "--out", "plain")
    assert run("said", "latte.json", "--out", "wide", "--padding", "1,3") == 0
    plain, wide = (np.array(rows(f"{x}/latte_v1.csv")) for x in ("plain", "wide"))
    assert_allclose(wide - plain, [[0, -1, 3]] * 3, atol=0.011)
    high = ("--background", 1.5, "--n-jobs", 2)
    assert run("said", "latte.json", "--out", "short", *high) == 0
    short = np.array(rows("short/latte_v1.csv"))
    assert np.diff(short[:, 1:]).sum() < np.diff(plain[:, 1:]).sum()


def test_windows_have_no_units_but_seconds(here, capsys):
    assert run("said", "latte.json", "--out", "half", "--units-per-second", 0.5) == 2
    assert (
        "--units-per-second is gone: windows are in seconds" in capsys.readouterr().err
    )
    assert not (here / "half").exists()


def test_each_option_of_the_aligner(here):
    options = {
        "window_words": 4, "stride": 3, "background": 0.9, "padding": 1.5,
        "weak_padding": 6, "min_length": 25, "min_confidence": 0.7,
        "max_silence": 2,
    }  # fmt: skip
    spoken = [
        Video(
            np.zeros((999, 1)),
            Task("latte", LATTE),
            name="v1",
            narration=read_narration("said/v1.csv"),
        )
    ]
    plain = NarrationAligner().fit_transform(spoken)[0].windows
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        assert run("said/v1.csv", "latte.json", "--out", name, option, value) == 0
        expected = NarrationAligner(**{name: value}).fit_transform(spoken)[0].windows
        found = np.array(rows(f"{name}/latte_v1.csv")).reshape(-1, 3)
        assert_allclose(found - [1, 0, 0], expected, atol=0.0051, err_msg=name)
        assert expected.shape != plain.shape or np.abs(expected - plain).max() > 0.1


def test_confidence(here):
    argv = ("said", "latte.json", "--confidence", "sure.csv")
    assert run(*argv, "--out", "all") == 0
    every = table("sure.csv")
    assert list(every[0]) == ["task", "video", "step", "start", "end", "confidence"]
    assert [(r["video"], r["step"]) for r in every] == [
        (v, k) for v in ("v1", "v2") for k in "123"
    ]
    assert [[float(r[k]) for k in ("step", "start", "end")] for r in every[:3]] == rows(
        "all/latte_v1.csv"
    )
    sure = [float(row["confidence"]) for row in every]
    least = np.sort(sure)[1]
    assert run(*argv, "--out", "some", "--min-confidence", least + 0.001) == 0
    kept = [row for row in table("sure.csv") if row["start"]]
    assert len(kept) == np.sum(np.array(sure) > least + 0.001) < 6
    assert sum(len(rows(f"some/latte_v{i}.csv")) for i in (1, 2)) == len(kept)


def test_text_features(here, capsys):
    vectors = {w: np.eye(7)[i % 7] for i, w in enumerate(" ".join(LATTE).split())}
    lines = [f"{w} {' '.join(map(str, v))}\n" for w, v in vectors.items()]
    Path("glove.txt").write_text("".join(lines))
    articles = [[["pour milk", "steam milk"], ["grind coffee"]]] * 2
    learned = LearnedAggregation("glove.txt", max_iter=1, random_state=0).fit(articles)
    learned.save("a.npz")
    spoken = [
        Video(
            [[0]] * 99,
            Task("latte", LATTE),
            name=v,
            narration=read_narration(f"said/{v}.csv"),
        )
        for v in ("v1", "v2")
    ]
    glove = beside_tfidf(WordVectorText("glove.txt", pooling="mean"))
    learned = beside_tfidf(FrozenEstimator(learned))
    for text, options in [
        (None, ()),
        (TfidfText(), ("--text", "tfidf")),
        (glove, ("--vectors", "glove.txt")),
        (learned, ("--text", "a.npz", "--vectors", "glove.txt")),
    ]:
        assert run("said", "latte.json", "--out", "out", *options) == 0
        expected = NarrationAligner(text).fit_transform(spoken)[0].windows
        found = np.array(rows("out/latte_v1.csv"))
        assert_allclose(found - [1, 0, 0], expected, atol=0.0051)
    options = ("--text", "tfidf", "--vectors", "glove.txt")
    assert run("said", "latte.json", "--out", "out", *options) == 2
    assert "no use" in error(capsys)


def test_plot(here, capsys):
    pytest.importorskip("matplotlib").use("Agg")
    argv = ("said", "latte.json", "--out", "out", "--plot", "one.png")
    assert run(*argv, "--plot-video", "v2") == 0
    assert Path("one.png").read_bytes().startswith(b"\x89PNG")
    assert run(*argv, "--plot-video", "v7") == 2
    assert "no subtitles of video 'v7'" in error(capsys)
    assert run(*argv[:-1], "one.doc") == 2
    assert "--plot: cannot write pictures in the format 'doc'" in error(capsys)


def test_plot_without_matplotlib(here, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert run("said", "latte.json", "--out", "out", "--plot", "one.png") == 2
    assert "--plot needs matplotlib; install it with" in error(capsys)
    assert not Path("out").exists()


def test_quiet(here, capsys):
    assert run("said", "latte.json", "--out", "out", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


# Mistakes


@pytest.mark.parametrize(
    ("files", "argv", "message"),
    [
        ({}, "nowhere latte.json", "nowhere: there is no such file or folder"),
        ({}, "nowhere.vtt latte.json", "nowhere.vtt: there is no such file"),
        ({"videos.csv": "tea,v1\n"}, "said latte.json", "lists no video of the tasks"),
        ({}, "said nowhere.json", "Tasks 'nowhere.json' is missing"),
        ({"empty/x.txt": ""}, "empty latte.json", "'empty' holds no subtitles"),
        ({"empty/x.txt": ""}, "said empty", "'empty' holds no tasks"),
        ({"t.json": "{"}, "said t.json", "t.json, line 1: not JSON"),
        ({"t.json": "[]"}, "said t.json", "t.json: an object"),
        ({"t.json": '{"a": ["x", ""]}'}, "said t.json", "'a': step 1 is empty"),
        ({"t.json": '{"a": "x"}'}, "said t.json", "'a': steps must be a list"),
        ({"t.json": '{"a": ["x"], "b": ["y"]}'}, "said t.json", "give --videos"),
        ({"t.json": '{"a/b": ["x"]}'}, "said t.json", "no file can be named"),
        ({"l": "tea,v1\n"}, "said latte.json --videos l", "line 1: task 'tea' is unk"),
        ({"l": "latte\n"}, "said latte.json --videos l", "l, line 1: expected task,vi"),
        (
            {"l": "latte,v1\nlatte,v1\n"},
            "said latte.json --videos l",
            "l, line 2: video 'v1' of task latte was already listed in line 1",
        ),
        ({"l": "latte,v9\n"}, "said latte.json --videos l", "can be read (0 of 1)"),
        (
            {"t.json": '{"a": ["x"], "a_v1": ["x"]}', "l": "a,v1_v1\na_v1,v1\n"},
            "said t.json --videos l",
            "would share the file name 'a_v1_v1.csv'",
        ),
        ({}, "said latte.json --min-confidence 2", "'min_confidence'"),
        ({}, "said latte.json --text no.npz", "no.npz: No such file"),
        ({"x.npz": "x"}, "said latte.json --text x.npz", "x.npz: not a saved"),
        ({}, "said latte.json --plot-video v1", "--plot-video has no use without"),
        ({}, "said latte.json --confidence no/c.csv", "folder 'no' does not exist"),
    ],
)
def test_mistakes(files, argv, message, here, capsys):
    for name, text in files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)
    before = sorted(here.rglob("*"))
    assert run(*argv.split(), "--out", "out") == 2
    assert message in error(capsys)
    assert sorted(here.rglob("*")) == before


def test_out_is_a_file(here, capsys):
    assert run("said", "latte.json", "--out", "latte.json") == 2
    assert "'latte.json' is a file, not a folder" in error(capsys)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--padding wide", "--padding: must be seconds, or two of them joined by"),
        ("--padding 1,2,3", "--padding: must be seconds, or two of them joined by"),
        ("--background", "--background: expected one argument"),
        ("--stride 0", "--stride: must be an integer >= 1, got '0'"),
    ],
)
def test_wrong_usage(option, message, capsys):
    with pytest.raises(SystemExit) as stop:
        run("said", "latte.json", "--out", "out", *option.split())
    assert stop.value.code == 2
    assert message in error(capsys)


def test_failed_write_leaves_old_files(here, monkeypatch, capsys):
    assert run("said", "latte.json", "--out", "out") == 0
    before = {file.name: file.read_bytes() for file in Path("out").iterdir()}

    def full_disk(number):
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    assert run("said", "latte.json", "--out", "out", "--padding", 2) == 2
    assert error(capsys) == "No space left on device"
    assert {file.name: file.read_bytes() for file in Path("out").iterdir()} == before
