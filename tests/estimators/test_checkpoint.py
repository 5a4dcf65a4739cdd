"""Checkpoints: a fit that was ended goes on to the bit, and never one of others."""

import dataclasses
import json
import re
import shutil
import textwrap

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from twins import FIRST, ONE_UNIT

from skcrosstask import Task, WeaklySupervisedStepEstimator
from skcrosstask._files import read_archive, write_archive
from skcrosstask.baselines import SupervisedStepEstimator
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.estimators._model_files import load_model, save_model
from skcrosstask.learning.adam._alternation import Alternation
from skcrosstask.learning.adam._rounds import AdamRounds
from skcrosstask.learning.segments._passes import SegmentPasses

KINDS = {
    "segments": (WeaklySupervisedStepEstimator, {}),
    "refined": (WeaklySupervisedStepEstimator, {"n_passes": 2, "max_iter": 2}),
    "adam": (
        WeaklySupervisedStepEstimator,
        {**FIRST, "init_iter": 2, "max_iter": 2, "contrast": "both", "n_negatives": 4},
    ),
    "raw": (WeaklySupervisedStepEstimator, {**ONE_UNIT, "init_iter": 1, "max_iter": 2}),
    "rounds": (
        WeaklySupervisedStepEstimator,
        {**ONE_UNIT, "init_iter": 1, "max_iter": 3, "n_adam_shards": 3},
    ),
    "annotated": (SupervisedStepEstimator, {"max_iter": 2}),
}


class Killed(BaseException):
    """What ends a process leaves no time for anything."""


@pytest.fixture(scope="module")
def videos():
    return make_instructional_videos(
        3, n_tasks=3, n_features=8, length=(20, 60), random_state=0
    )[0]


def made(kind, path=None, **params):
    estimator_class, own = KINDS[kind]
    params = {"random_state": 0, **own, **params}
    return estimator_class(checkpoint=path, **params)


def fail_after(n_epochs, error, patch):
    """Make the epoch after so many whole ones end badly."""
    left = [n_epochs]

    def wrapped(one_epoch):
        def epoch(self, source):
            entry = one_epoch(self, source)
            left[0] -= 1
            if left[0] < 0:
                raise error
            return entry

        return epoch

    for course in (AdamRounds, Alternation, SegmentPasses):
        patch.setattr(course, "epoch", wrapped(course.epoch))


def end_after(kind, n_epochs, path, videos, monkeypatch, error=Killed, **params):
    """Whether a fit ended before it was finished."""
    with monkeypatch.context() as patch:
        fail_after(n_epochs, error, patch)
        try:
            made(kind, path, **params).fit(videos)
        except Killed:
            return True
    return False


def count_epochs(monkeypatch):
    """A list that grows with each epoch over all videos."""
    count = []

    def wrapped(one_epoch):
        def epoch(self, source):
            if len(getattr(self, "members", self.candidates)) == len(self.candidates):
                count.append(source)
            return one_epoch(self, source)

        return epoch

    for course in (AdamRounds, Alternation, SegmentPasses):
        monkeypatch.setattr(course, "epoch", wrapped(course.epoch))
    return count


def assert_same(one, other):
    assert_array_equal(one.coef_, other.coef_)
    assert_array_equal(one.intercept_, other.intercept_)
    assert list(map(list, one.alignments_)) == list(map(list, other.alignments_))
    assert one.n_iter_ == other.n_iter_
    told = [{**e, "seconds": 0} for e in one.history_]
    assert told == [{**e, "seconds": 0} for e in other.history_]
    states = [est._model.state() for est in (one, other)]
    assert states[0][0] == states[1][0]
    assert one._rng.bit_generator.state == other._rng.bit_generator.state
    for name, array in states[0][1].items():
        assert_array_equal(array, states[1][1][name])
    assert_array_equal(one.agreement_, other.agreement_)
    assert one.temperature_ == other.temperature_


@pytest.mark.parametrize("n_epochs", [0, 1, 2, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_goes_on_to_the_bit(kind, n_epochs, videos, tmp_path, monkeypatch):
    path = tmp_path / "fit.ckpt"
    whole = made(kind).fit(videos)
    ended = end_after(kind, n_epochs, path, videos, monkeypatch)
    count = count_epochs(monkeypatch)
    assert_same(made(kind, path).fit(videos), whole)
    assert len(count) == len(whole.history_) - n_epochs if ended else len(count) == 0
    # Nothing is left to do, and the same is given again.
    del count[:]
    monkeypatch.setattr("skcrosstask.estimators._weakly_supervised.calibrate", None)
    assert_same(made(kind, path).fit(videos), whole)
    assert not count


def test_ctrl_c(videos, tmp_path, monkeypatch):
    path = tmp_path / "fit.ckpt"
    message = r"after 1 of 3 epochs.*Call fit again to go on"
    with pytest.warns(UserWarning, match=message):
        end_after("raw", 1, path, videos, monkeypatch, KeyboardInterrupt)
    assert_same(made("raw", path).fit(videos), made("raw").fit(videos))


def test_any_seed_goes_on(videos, tmp_path, monkeypatch):
    # The seed of nobody's choice is that of the checkpoint.
    paths = tmp_path / "one", tmp_path / "two"
    end_after("adam", 2, paths[0], videos, monkeypatch, random_state=None)
    shutil.copy(*paths)
    one, two = (made("adam", path, random_state=None).fit(videos) for path in paths)
    assert_same(one, two)


def test_warm_start(videos, tmp_path, monkeypatch):
    path = tmp_path / "fit.ckpt"
    first = made("adam").fit(videos[:4])
    save_model(first, tmp_path / "model.skct")

    def again(checkpoint=None):
        est = load_model(tmp_path / "model.skct")
        return est.set_params(warm_start=True, checkpoint=checkpoint)

    whole = again().fit(videos)
    with monkeypatch.context() as patch:
        fail_after(1, Killed, patch)
        with pytest.raises(Killed):
            again(path).fit(videos)
    assert_same(again(path).fit(videos), whole)
    other = again(path)
    other._model.coef[0, 0] += 1
    with pytest.raises(ValueError, match="goes on from another model"):
        other.fit(videos)


def test_what_does_not_matter_may_change(videos, tmp_path, monkeypatch):
    path = tmp_path / "fit.ckpt"
    end_after("segments", 2, path, videos, monkeypatch)
    est = made("segments", path, n_jobs=2, decoding="segments", max_memory=0)
    assert_array_equal(est.fit(videos).coef_, made("segments").fit(videos).coef_)


def changed(video, **fields):
    return dataclasses.replace(video, **fields)


@pytest.mark.parametrize(
    ("params", "change", "message"),
    [
        ({"sharing": "steps"}, None, "sharing was 'words', and is 'steps'"),
        ({"random_state": 1}, None, "random_state was 0, and is 1"),
        (
            {"stemmer": textwrap.dedent},
            None,
            "stemmer was 'porter', and is 'textwrap:dedent'",
        ),
        ({}, lambda v: v[:-1], "it had 9 videos, not 8"),
        ({}, lambda v: v[::-1], "video 1 was"),
        (
            {},
            lambda v: [changed(v[0], features=v[0].features + 1), *v[1:]],
            "the features of",
        ),
        ({}, lambda v: [changed(v[0], windows=None), *v[1:]], "the windows of"),
        ({}, lambda v: [changed(v[0], rate=2.0), *v[1:]], "the rate of"),
        (
            {},
            lambda v: [changed(v[0], task=Task("p", v[0].task.steps[::-1])), *v[1:]],
            "the task of",
        ),
    ],
)
def test_of_another_fit(params, change, message, videos, tmp_path):
    path = tmp_path / "fit.ckpt"
    made("segments", path).fit(videos)
    before = path.read_bytes()
    if change is not None:
        videos = change(videos)
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        made("segments", path, **params).fit(videos)
    text = str(caught.value)
    assert text.startswith(f"checkpoint '{path}' is of another fit: ")
    assert text.endswith("Name another file, or delete it.")
    assert len(text.replace(str(path), "")) <= 300
    assert path.read_bytes() == before


def test_annotations_matter_where_they_are_read(videos, tmp_path):
    path = tmp_path / "fit.ckpt"
    shown = videos[0].annotation
    others = [changed(videos[0], annotation=shown[:1]), *videos[1:]]
    made("segments", path).fit(videos)
    made("segments", path).fit(others)
    path.unlink()
    made("annotated", path).fit(videos)
    with pytest.raises(ValueError, match="the annotation of"):
        made("annotated", path).fit(others)
    with pytest.raises(ValueError, match=r"is of a Supervised.* not of a Weakly"):
        made("segments", path).fit(videos)


def test_another_release(videos, tmp_path, monkeypatch):
    path = tmp_path / "fit.ckpt"
    made("raw", path).fit(videos)
    monkeypatch.setattr("skcrosstask.estimators._fit_identity.__version__", "99")
    with pytest.raises(ValueError, match=r"release .* wrote it, and this is 99"):
        made("raw", path).fit(videos)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.999])
def test_damaged(share, videos, tmp_path):
    path = tmp_path / "fit.ckpt"
    made("raw", path).fit(videos)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=r"checkpoint '.*Delete it to start anew"):
        made("raw", path).fit(videos)


@pytest.mark.parametrize("kind", ["segments", "adam"])
def test_odd_content(kind, videos, tmp_path, monkeypatch):
    path = tmp_path / "fit.ckpt"
    end_after(kind, 2, path, videos, monkeypatch)
    document, arrays = read_archive(path, "document", "checkpoint")
    odd = [
        ({**document, "rng": {}}, arrays),
        ({**document, "identity": None}, arrays),
        ({**document, "identity": {**document["identity"], "videos": 3}}, arrays),
        ({**document, "model": {**document["model"], "adam": [1.0]}}, arrays),
        ({**document, "model": {**document["model"], "n_updates": -1}}, arrays),
        ({**document, "settled": {}}, arrays),
        (document, {**arrays, "model_last": arrays["model_last"] - 10**6}),
        (document, {**arrays, "model_last": arrays["model_last"] + 10**6}),
    ]
    for name, array in arrays.items():
        if array.ndim:
            odd.append((document, {**arrays, name: array[1:]}))
        if name.startswith(("model", "projection")):
            odd.append((document, {**arrays, name: array.astype(">f8")}))
        if name != "projection":  # which would be learnt anew
            odd.append((document, {k: a for k, a in arrays.items() if k != name}))
    for content in odd:
        write_archive(path, json.dumps(content[0]), content[1], "document")
        with pytest.raises(ValueError, match=r"^checkpoint '.*'( is of another|: dam)"):
            made(kind, path).fit(videos)
    write_archive(path, json.dumps(document), arrays, "document")
    assert_same(made(kind, path).fit(videos), made(kind).fit(videos))


def test_a_model_is_no_checkpoint(videos, tmp_path):
    save_model(made("raw").fit(videos), tmp_path / "model.skct")
    with pytest.raises(ValueError, match="its format is not 'skcrosstask checkpoint"):
        made("raw", tmp_path / "model.skct").fit(videos)


def test_bad_paths_and_seeds(videos, tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder"):
        made("raw", tmp_path).fit(videos)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        made("raw", tmp_path / "no" / "fit.ckpt").fit(videos)
    seed = np.random.RandomState(0)
    with pytest.raises(ValueError, match="random_state to be an int or None"):
        made("raw", tmp_path / "fit.ckpt", random_state=seed).fit(videos)


def test_a_full_disk(videos, tmp_path, monkeypatch):
    path = tmp_path / "fit.ckpt"
    write, left = write_archive, [2]

    def fails_later(*args, **options):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        write(*args, **options)

    monkeypatch.setattr("skcrosstask.estimators._checkpoint.write_archive", fails_later)
    with pytest.warns(UserWarning, match="could not be written .No space left"):
        est = made("raw", path).fit(videos)
    monkeypatch.undo()
    # The fit is whole, and the checkpoint that could be written still serves.
    assert_same(est, made("raw").fit(videos))
    count = count_epochs(monkeypatch)
    assert_same(made("raw", path).fit(videos), est)
    assert len(count) == est.n_iter_ - 1
    # A disk that is full from the start is better known then.
    left[0] = 0
    monkeypatch.setattr("skcrosstask.estimators._checkpoint.write_archive", fails_later)
    with pytest.raises(OSError, match="No space"):
        made("raw", tmp_path / "other").fit(videos)


def test_is_not_in_the_model_file(videos, tmp_path):
    est = made("raw", tmp_path / "fit.ckpt").fit(videos)
    save_model(est, tmp_path / "model.skct")
    assert load_model(tmp_path / "model.skct").checkpoint is None
