"""The same collection at three rates, and rates that do not fit, by command."""

import csv
import json
import re

import numpy as np
import pytest

from skcrosstask.datasets import load_manifest, make_instructional_videos

RATES = (0.5, 1.0, 2.0)
# Half a step of the 18 of each task; measured: none.
MARGIN = 0.03


def write_collection(root, videos, rate, *, stated=False):
    """A collection of one-second rows, repeated or averaged to another rate."""
    for kind in ("features", "annotations", "constraints"):
        (root / kind).mkdir(parents=True)
    tasks = {v.task.name: {"steps": v.task.steps} for v in videos}
    entries = []
    for video in videos:
        rows = video.features[: len(video.features) // 2 * 2]
        rows = np.repeat(rows, int(2 * rate), axis=0)
        rows = rows.reshape(-1, 2, rows.shape[1]).mean(axis=1)
        np.save(root / "features" / f"{video.name}.npy", rows)
        entries.append({"name": video.name, "task": video.task.name})
        for kind, segments in (
            ("annotations", video.annotation),
            ("constraints", video.windows),
        ):
            lines = [f"{int(k) + 1},{a},{b}\n" for k, a, b in segments]
            name = f"{video.task.name}_{video.name}.csv"
            (root / kind / name).write_text("".join(lines))
    document = {"tasks": tasks, "videos": entries, **({"rate": rate} if stated else {})}
    (root / "collection.json").write_text(json.dumps(document))
    return root


@pytest.fixture(scope="module")
def videos():
    return make_instructional_videos(
        12, n_tasks=2, n_features=16, length=(60, 90), random_state=0
    )[0]


@pytest.fixture(scope="module")
def collections(videos, tmp_path_factory):
    """Folders by rate, of which only the command line says the rate."""
    root = tmp_path_factory.mktemp("rates")
    return {rate: write_collection(root / f"{rate}", videos, rate) for rate in RATES}


@pytest.fixture(scope="module")
def recalls(collections, run, tmp_path_factory):
    """Recall of the test videos by fit, predict and evaluate, and the moments."""
    found = {}
    for rate, root in collections.items():
        out = tmp_path_factory.mktemp("out")
        options = ("--rate", rate)
        split = (*options, "--n-train", 8)
        model, times = out / "m.skct", out / "t.csv"
        assert run("fit", root, "--out", model, "--quiet", *split) == 0
        assert run("predict", model, root, "--out", times, *split) == 0
        report = out / "r.json"
        assert run("evaluate", times, root, "--json", report, *options) == 0
        found[rate] = json.loads(report.read_text()), times
    return found


def test_recall_does_not_depend_on_the_rate(recalls):
    reports = {rate: report for rate, (report, _) in recalls.items()}
    assert reports[1.0]["recall"] > reports[1.0]["uniform"] + 0.2
    for rate in (0.5, 2.0):
        for name, margin in ("recall", MARGIN), ("uniform", 0.1), ("iou", 0.1):
            difference = reports[rate][name] - reports[1.0][name]
            assert abs(difference) <= margin, (rate, name, difference)


def test_files_are_in_seconds_at_any_rate(recalls, videos):
    lengths = {video.name: len(video.features) for video in videos}
    for rate, (_, times) in recalls.items():
        latest = {}
        for row in csv.DictReader(times.read_text().splitlines()):
            moment = float(row["time"]) / lengths[row["video"]]
            latest[row["video"]] = max(moment, latest.get(row["video"], 0))
        assert max(latest.values()) <= 1, rate
        assert np.mean([*latest.values()]) > 0.6, rate


def test_view_and_reproduce_know_the_rate(collections, recalls, run, tmp_path):
    tables = []
    for rate, root in collections.items():
        page = tmp_path / f"{rate}.html"
        options = ("--rate", rate)
        assert run("view", recalls[rate][1], root, "--out", page, *options) == 0
        ends = json.loads(page.read_text().split('id="data">')[1].split("</script>")[0])
        assert 58 <= ends["videos"][0]["duration"] <= 90
        out = ("--out", tmp_path / f"{rate}", "--quiet", "--n-train", 8)
        assert run("reproduce", "table1", "--data", root, *out, *options) == 0
        tables.append((tmp_path / f"{rate}" / "table1.csv").read_text())
    assert tables[0] == tables[1] == tables[2]


# Rates that do not fit


def commands(root, model, times, out):
    """All that read features of a collection."""
    return {
        "fit": ["fit", root, "--out", out],
        "predict": ["predict", model, root, "--out", out],
        "evaluate": ["evaluate", times, root],
        "view": ["view", times, root, "--out", out],
        "reproduce": ["reproduce", "table1", "--data", root, "--out", out],
    }


@pytest.mark.parametrize("command", ["fit", "predict", "evaluate", "view", "reproduce"])
def test_annotations_beyond_the_rows(
    command, collections, recalls, run, tmp_path, capsys
):
    times = recalls[0.5][1]
    out = tmp_path / "out"
    argv = commands(collections[0.5], times.with_name("m.skct"), times, out)[command]
    assert run(*argv) == 2
    (*_, error) = capsys.readouterr().err.splitlines()
    assert re.search("2[34] of 24 videos differ in length from annotations or", error)
    assert error.endswith("; rate=0.5 would fit.")
    assert len(error) < 350
    assert not out.exists() or not list(out.iterdir())


def test_windows_beyond_the_rows(videos, run, tmp_path, only_error):
    root = write_collection(tmp_path / "c", videos[:4], 0.5)
    for file in (root / "annotations").iterdir():
        file.unlink()
    with pytest.raises(
        ValueError, match=r"4 of 4 videos differ.*rate=0\.5 would fit\.$"
    ):
        load_manifest(root / "collection.json")
    assert run("fit", root, "--out", tmp_path / "m") == 2
    assert "rate=0.5 would fit." in only_error()
    # Windows may be open, and are not read where they are of no use.
    for file in (root / "constraints").iterdir():
        file.write_text("1,2,99999\n")
    assert load_manifest(root / "collection.json").videos[0].windows[0, 2] < 50
    assert load_manifest(root / "collection.json", windows=False)


def test_few_videos_beyond_their_rows_are_a_warning(videos, tmp_path):
    root = write_collection(tmp_path / "c", videos[:6], 1)
    file = root / "features" / f"{videos[0].name}.npy"
    np.save(file, np.load(file)[:20])
    with pytest.warns(
        UserWarning, match=r"json: 1 of 6 videos differ.*20 rows at rate"
    ):
        load_manifest(root / "collection.json")
    # The others say nothing, if nothing is known of them.
    for video in videos[1:6]:
        name = f"{video.task.name}_{video.name}.csv"
        for kind in ("annotations", "constraints"):
            (root / kind / name).unlink()
    with pytest.raises(ValueError, match="1 of 1 video differs"):
        load_manifest(root / "collection.json")


@pytest.mark.parametrize("rate", RATES)
def test_subtitles_beyond_the_rows(rate, run, tmp_path, only_error):
    np.save(tmp_path / "v.npy", np.zeros((60, 2), np.float32))
    last = int(120 / rate) - 4
    times = [f"00:{t // 60:02}:{t % 60:02},000" for t in (1, 3, last, last + 3)]
    cues = [
        f"{times[i]} --> {times[i + 1]}\n{text}\n"
        for i, text in ((0, "pour milk"), (2, "whisk egg"))
    ]
    (tmp_path / "v.srt").write_text(f"1\n{cues[0]}\n2\n{cues[1]}")
    path = tmp_path / "c.json"
    steps = {"t": {"steps": ["pour milk", "whisk egg"]}}
    video = {"features": "v.npy", "subtitles": "v.srt"}
    path.write_text(json.dumps({"tasks": steps, "videos": [video]}))
    out = ("--out", tmp_path / "w")
    assert run("windows", path, *out, "--rate", rate, "--quiet") == 2
    error = only_error()
    assert f"60 rows at rate {rate:g} end at {60 / rate:.0f} s" in error
    assert f"rate={rate / 2:g} would fit" in error
    assert not (tmp_path / "w").exists()
    assert run("windows", path, *out, "--rate", rate / 2, "--quiet") == 0
    ends = (tmp_path / "w" / "t_v.csv").read_text().split()
    assert float(ends[-1].split(",")[2]) <= 60 / rate * 2


def test_a_rate_that_the_manifest_contradicts(videos, run, tmp_path, only_error):
    root = write_collection(tmp_path / "c", videos[:4], 2, stated=True)
    assert run("fit", root, "--out", tmp_path / "m", "--rate", 1) == 2
    assert "collection.json says rate 2, not 1: change it there" in only_error()
    assert {v.rate for v in load_manifest(root / "collection.json", rate=2).videos} == {
        2
    }


def test_rates_where_there_are_no_features(run, folder, tmp_path, only_error):
    argv = ["windows", tmp_path, folder, "--out", tmp_path / "w", "--rate", 2]
    assert run(*argv) == 2
    assert only_error().startswith("--rate is for features of a manifest")
    argv = ["reproduce", "five-tasks", "--data", folder, "--rate", 2]
    assert run(*argv, "--out", tmp_path / "r") == 2
    assert "features of five-tasks are always simulated" in only_error()


@pytest.mark.parametrize(
    "command",
    ["fit", "predict", "evaluate", "view", "windows", "features", "reproduce", "init"],
)
def test_one_spelling(command, run, capsys):
    with pytest.raises(SystemExit):
        run(command, "--help")
    assert "--rate X" in capsys.readouterr().out
