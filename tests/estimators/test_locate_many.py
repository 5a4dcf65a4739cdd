"""locate over many videos: resumed to the bit, broken ones left out and reported."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from skcrosstask import Video, WeaklySupervisedStepEstimator, load_model, save_model
from skcrosstask.baselines import SupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.estimators import _decisions
from skcrosstask.results import StepTable


@pytest.fixture(scope="module")
def videos():
    return make_instructional_videos(3, n_features=8, random_state=0)[0]


@pytest.fixture(scope="module")
def est(videos):
    return WeaklySupervisedStepEstimator(n_passes=1, calibrate=False).fit(videos)


def count_scores(monkeypatch):
    """Videos that are scored from now on."""
    seen, decide = [], _decisions._decide

    def counting(score, method, videos, *rest):
        seen.extend(video.name for video in videos)
        return decide(score, method, videos, *rest)

    monkeypatch.setattr(_decisions, "_decide", counting)
    return seen


def test_what_is_in_the_journal_is_not_done_again(est, videos, tmp_path, monkeypatch):
    whole, journal = est.locate(videos), tmp_path / "steps.journal"
    first = est.locate(videos[3:7], journal=journal)
    assert first == StepTable([row for row in whole if row in list(first)])
    seen = count_scores(monkeypatch)
    assert est.locate(videos, journal=journal) == whole
    assert seen == [v.name for i, v in enumerate(videos) if not 3 <= i < 7]
    seen.clear()
    assert est.locate(videos[::-1], journal=journal).by_video() == whole.by_video()
    assert seen == []


@pytest.mark.parametrize("lost", [1, 40, 400])
def test_an_unfinished_line_does_not_count(est, videos, tmp_path, lost):
    journal = tmp_path / "steps.journal"
    whole = est.locate(videos, journal=journal)
    text = journal.read_bytes()
    journal.write_bytes(text[:-lost])
    assert est.locate(videos, journal=journal) == whole
    assert journal.read_bytes() == text


def test_no_byte_of_a_journal_is_needed(est, videos, tmp_path):
    journal = tmp_path / "steps.journal"
    whole = est.locate(videos[:2], journal=journal)
    text = journal.read_bytes()
    for length in range(0, len(text), 7):
        journal.write_bytes(text[:length])
        assert est.locate(videos[:2], journal=journal) == whole


def test_a_changed_file_is_read_again(est, videos, tmp_path):
    np.save(tmp_path / "v.npy", videos[0].open())
    video = Video(tmp_path / "v.npy", videos[0].task, name="v")
    before = est.locate([video], journal=tmp_path / "j")
    np.save(tmp_path / "v.npy", np.concatenate([videos[0].open()[::-1]] * 2))
    after = est.locate([video], journal=tmp_path / "j")
    assert after == est.locate([video])
    assert after != before


def test_journals_of_others_are_refused(est, videos, tmp_path):
    journal = tmp_path / "j"
    est.locate(videos[:1], journal=journal)
    other = SupervisedStepEstimator().fit(videos)
    with pytest.raises(ValueError, match=r"journal '.*j' is of another model"):
        other.locate(videos[:1], journal=journal)
    for changed in ({"decoding": "free"}, {"skip_cost": 1.0}):
        with pytest.raises(ValueError, match="other parameters; delete it"):
            load_model_with(est, tmp_path, changed).locate(videos, journal=journal)
    # What changes no result may change.
    same = load_model_with(est, tmp_path, {"n_jobs": 2, "verbose": 0})
    same.locate(videos[:1], journal=journal)


def load_model_with(est, folder, parameters):
    save_model(est, folder / "model.skct")
    return load_model(folder / "model.skct").set_params(**parameters)


@pytest.mark.parametrize("text", ["steps\n", "video,task", '{"a": 1}\n', "[]\n", "7"])
def test_other_files_are_refused_and_kept(est, videos, tmp_path, text):
    (tmp_path / "j").write_text(text)
    with pytest.raises(ValueError, match=r"'.*j' is not a journal, or damaged"):
        est.locate(videos[:1], journal=tmp_path / "j")
    assert (tmp_path / "j").read_text() == text


def break_some(videos, tmp_path):
    np.save(tmp_path / "wide.npy", np.zeros((60, 9)))
    bad = np.array(videos[5].open())
    bad[3, 1] = np.nan
    task = videos[0].task
    broken = {
        2: Video(tmp_path / "gone.npy", task, name="gone"),
        4: Video(tmp_path / "wide.npy", task, name="wide"),
        5: Video(bad, videos[5].task, name="nan"),
        6: Video(np.zeros((1, 8)), task, name="short"),
    }
    return [broken.get(i, video) for i, video in enumerate(videos)]


def test_broken_videos_are_left_out_and_reported(est, videos, tmp_path):
    some = break_some(videos, tmp_path)
    good = [v for i, v in enumerate(videos) if i not in (2, 4, 5, 6)]
    with pytest.warns(UserWarning, match="left out 4 of 12 videos") as record:
        found = est.locate(some, on_error="skip", journal=tmp_path / "j")
    assert found == est.locate(good)
    message = str(record[0].message)
    for name in ("gone", "wide", "nan", "short"):
        assert f"'{name}" in message
    # They are tried again, as they may have been mended.
    assert est.locate(videos, journal=tmp_path / "j") == est.locate(videos)


def test_broken_videos_are_errors_by_default(est, videos, tmp_path):
    for i in (2, 4, 5, 6):
        with pytest.raises((ValueError, OSError), match=r"gone|wide|nan|short"):
            est.locate([break_some(videos, tmp_path)[i]])
    with pytest.raises(ValueError, match='on_error must be "raise" or "skip"'):
        est.locate(videos, on_error="ignore")


SCRIPT = """
import sys
from skcrosstask.estimators import _decisions
place, slow = _decisions.naming, __import__("time").sleep
_decisions.naming = lambda video: (slow(0.01), place(video))[1]
from skcrosstask.__main__ import run
sys.exit(run())
"""


def test_killed_at_random_ends_with_the_same_table(est, videos, tmp_path):
    rng = np.random.default_rng(0)
    files = []
    for i, video in enumerate(videos * 5):
        files.append(str(tmp_path / f"v{i:02}.npy"))
        np.save(files[-1], np.array(video.open()) + np.float32(i))
    save_model(est, tmp_path / "model.skct")
    out = tmp_path / "steps.csv"
    task = est.tasks_[0].name
    command = [
        *(sys.executable, "-c", SCRIPT, "predict", str(tmp_path / "model.skct")),
        *(*files, "--task", task, "--out", str(out), "--resume"),
    ]
    journal = tmp_path / "steps.csv.journal"
    sizes = []
    for _ in range(2):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while process.poll() is None:
            size = journal.stat().st_size if journal.exists() else 0
            if size > sum(sizes[-1:]) + 2000 * rng.random():
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                sizes.append(size)
    assert len(sizes) == 2
    assert not out.exists()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    undisturbed = est.locate([Video(f, est.tasks_[0]) for f in files])
    assert out.read_text() == undisturbed.to_csv()
    assert not journal.exists()
