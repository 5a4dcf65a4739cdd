import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import NotFittedError
from twins import FIRST, ONE_UNIT

from skcrosstask import Task, WeaklySupervisedStepEstimator
from skcrosstask._files import replacing
from skcrosstask.baselines import SupervisedStepEstimator, UniformBaseline
from skcrosstask.datasets import make_instructional_videos
from skcrosstask.estimators._model_files import load_model, save_model

KINDS = {
    "weak": (
        WeaklySupervisedStepEstimator,
        {**FIRST, "init_iter": 2, "max_iter": 2},
    ),
    "segments": (WeaklySupervisedStepEstimator, {"n_passes": 2}),
    "annotated segments": (SupervisedStepEstimator, {"n_directions": 5}),
    "paper": (
        WeaklySupervisedStepEstimator,
        {
            **ONE_UNIT,
            "init_iter": 1,
            "max_iter": 2,
            "contrast": "steps",
            "sharing": "none",
            "stemmer": None,
            "decoding": "segments",
            "learning_rate": np.float32(0.01),
        },
    ),
    "supervised": (
        SupervisedStepEstimator,
        {**ONE_UNIT, "max_iter": 3, "stemmer": "snowball"},
    ),
}


@pytest.fixture(scope="module")
def videos():
    return make_instructional_videos(3, n_tasks=3, n_features=8, random_state=0)[0]


def fitted(kind, videos, **params):
    estimator_class, own = KINDS[kind]
    return estimator_class(**{"random_state": 0, **own, **params}).fit(videos)


def assert_same_state(one, other):
    assert_array_equal(one.coef_, other.coef_)
    assert_array_equal(one.intercept_, other.intercept_)
    assert_array_equal(one.components_, other.components_)
    assert one.n_iter_ == other.n_iter_
    assert len(one.alignments_) == len(other.alignments_)
    for left, right in zip(one.alignments_, other.alignments_, strict=True):
        assert_array_equal(left, right)
    objectives = [[e["objective"] for e in est.history_] for est in (one, other)]
    assert objectives[0] == objectives[1]


@pytest.fixture(params=KINDS)
def pair(request, videos, tmp_path):
    """An estimator and what came back from its file."""
    estimator = fitted(request.param, videos)
    save_model(estimator, tmp_path / "model.skct")
    return estimator, load_model(tmp_path / "model.skct")


def test_loaded_predicts_to_the_bit(pair, videos):
    estimator, loaded = pair
    assert type(loaded) is type(estimator)
    assert loaded.get_params() == estimator.get_params()
    assert loaded.history_ == estimator.history_
    assert loaded.n_features_in_ == estimator.n_features_in_
    assert loaded.learning_rate_ == estimator.learning_rate_
    assert_same_state(loaded, estimator)
    # Where nothing is shared, no new task is understood.
    unseen = Task("unseen", ["pour milk", "whisk the egg"])
    unseen = videos[0].task if estimator.sharing == "none" else unseen
    bare = [video.features for video in videos]
    for method in ("predict", "predict_proba", "decision_function"):
        for arguments in ([videos], [bare, unseen]):
            ours = getattr(estimator, method)(*arguments)
            theirs = getattr(loaded, method)(*arguments)
            for left, right in zip(ours, theirs, strict=True):
                assert_array_equal(left, right)


def test_partial_fit_goes_on_to_the_bit(pair, videos):
    more = [*videos, *make_instructional_videos(1, n_tasks=5, n_features=8)[0]]
    for estimator in pair:
        estimator.partial_fit(more[-5:]).partial_fit(more)
    assert_same_state(*pair)
    assert len(pair[0].components_) > 12


def test_warm_start_goes_on_to_the_bit(pair, videos):
    for estimator in pair:
        estimator.set_params(warm_start=True).fit(videos[::-1])
    assert_same_state(*pair)


def test_passes_with_files_between_them(videos, tmp_path):
    estimator_class, params = KINDS["weak"]
    whole = estimator_class(random_state=0, **params)
    estimator = estimator_class(random_state=0, **params)
    for i in range(4):
        whole.partial_fit(videos)
        estimator.partial_fit(videos)
        save_model(estimator, tmp_path / f"{i}.skct")
        estimator = load_model(tmp_path / f"{i}.skct")
    assert_same_state(estimator, whole)


def test_saving_again_gives_the_same_bytes(pair, tmp_path):
    save_model(pair[1], tmp_path / "again.skct")
    first, again = (tmp_path / f"{name}.skct" for name in ("model", "again"))
    assert first.read_bytes() == again.read_bytes()


def test_file_is_plain_arrays_and_json(videos, tmp_path):
    save_model(fitted("weak", videos), tmp_path / "model.skct")
    with np.load(tmp_path / "model.skct", allow_pickle=False) as archive:
        document = json.loads(archive["document"].tobytes())
        assert archive["coef"].shape[0] == len(document["vocabulary"]["components"])
    assert document["class"] == "WeaklySupervisedStepEstimator"
    assert document["parameters"]["init_iter"] == 2


def test_interrupted_fit_can_be_saved(videos, tmp_path, monkeypatch):
    estimator = WeaklySupervisedStepEstimator(**FIRST, random_state=0)

    def stop(text, verbose):
        if text.startswith("init 3"):
            raise KeyboardInterrupt

    monkeypatch.setattr("skcrosstask.estimators._component.say", stop)
    with pytest.warns(UserWarning, match="interrupted after 3 of"):
        estimator.fit(videos)
    save_model(estimator, tmp_path / "model.skct")
    assert load_model(tmp_path / "model.skct").n_iter_ == 3


# What cannot be saved


def test_unfitted_is_refused(tmp_path):
    with pytest.raises(NotFittedError):
        save_model(WeaklySupervisedStepEstimator(), tmp_path / "model.skct")
    assert not list(tmp_path.iterdir())


class Subclass(WeaklySupervisedStepEstimator):
    pass


@pytest.mark.parametrize("other", [UniformBaseline(), Subclass(), "a text"])
def test_other_classes_are_refused(other, tmp_path):
    with pytest.raises(TypeError, match="save_model takes one of"):
        save_model(other, tmp_path / "model.skct")


def spoilt_coef(estimator):
    estimator.coef_[0, 0] = np.nan


def other_coef(estimator):
    estimator.coef_ = estimator.coef_ + 1


def odd_parameter(estimator):
    estimator.set_params(verbose=[1])


@pytest.mark.parametrize(
    ("params", "change", "message"),
    [
        ({"stemmer": str.lower}, None, "stemmer is a function .* holds no code"),
        (
            {"random_state": np.random.RandomState(0)},
            None,
            r"set_params\(random_state=None\)",
        ),
        ({}, odd_parameter, "parameters: verbose must be a finite scalar"),
        ({}, spoilt_coef, "coef must be finite"),
        ({}, other_coef, "coef_ and intercept_ must be those that fit left"),
    ],
)
def test_what_a_file_cannot_hold_is_refused(params, change, message, videos, tmp_path):
    estimator = fitted("weak", videos, **params)
    if change is not None:
        change(estimator)
    with pytest.raises(ValueError, match=f"cannot be saved: .*{message}"):
        save_model(estimator, tmp_path / "model.skct")
    assert not list(tmp_path.iterdir())


def test_stemmer_that_fit_used_counts_too(videos, tmp_path):
    estimator = fitted("weak", videos, stemmer=str.lower).set_params(stemmer=None)
    with pytest.raises(ValueError, match="stemmer is a function"):
        save_model(estimator, tmp_path / "model.skct")


def test_random_state_can_be_given_up(videos, tmp_path):
    estimator = fitted("weak", videos, random_state=np.random.RandomState(0))
    save_model(estimator.set_params(random_state=None), tmp_path / "model.skct")
    loaded = load_model(tmp_path / "model.skct")
    for one in (loaded, estimator):
        one.partial_fit(videos)
    assert_same_state(loaded, estimator)


# Writing


def test_failed_write_leaves_the_old_file(videos, tmp_path, monkeypatch):
    path = tmp_path / "model.skct"
    estimator = fitted("weak", videos)
    save_model(estimator, path)
    before = path.read_bytes()

    def full_disk(file, **arrays):
        file.write(b"PK half a file")
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save_model(estimator, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_missing_folder_is_named(videos, tmp_path):
    with (
        pytest.raises(FileNotFoundError, match="nowhere' does not exist"),
        replacing(tmp_path / "nowhere" / "model.skct"),
    ):
        pytest.fail("opened")


# Reading what is damaged or hostile


@pytest.fixture(scope="module")
def good(videos, tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "model.skct"
    save_model(fitted("weak", videos), path)
    return path


def unpack(path):
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return json.loads(arrays.pop("document").tobytes()), arrays


def pack(path, document, arrays):
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    with open(path, "wb") as file:
        np.savez(file, document=np.frombuffer(text, np.uint8), **arrays)


def test_missing_file():
    with pytest.raises(FileNotFoundError, match=r"'no_such\.skct' is missing"):
        load_model("no_such.skct")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_truncated_file(share, good, tmp_path):
    data = good.read_bytes()
    path = tmp_path / "half.skct"
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(ValueError, match=r"half\.skct': not a model file, or damaged"):
        load_model(path)


def test_flipped_bit_in_an_array(good, tmp_path):
    data = bytearray(good.read_bytes())
    with zipfile.ZipFile(good) as archive:
        place = archive.getinfo("coef.npy").header_offset + 400
    data[place] ^= 1
    path = tmp_path / "flipped.skct"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="Bad CRC"):
        load_model(path)


class Trap:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (Path(self.mark),)


def test_pickles_are_not_opened(good, tmp_path):
    mark, path = tmp_path / "mark", tmp_path / "model.skct"
    document, arrays = unpack(good)
    path.write_bytes(pickle.dumps(Trap(mark)))
    with pytest.raises(ValueError, match="not a model file"):
        load_model(path)
    trap = np.array([Trap(mark)], dtype=object)
    for name in ("coef", "alignments"):
        pack(path, document, {**arrays, name: trap})
        with pytest.raises(
            ValueError, match="is not an array: it holds Python objects"
        ):
            load_model(path)
    mark_of_test = io.BytesIO()
    np.save(mark_of_test, trap)
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            spoilt = name == "document.npy"
            new.writestr(name, mark_of_test.getvalue() if spoilt else old.read(name))
    with pytest.raises(ValueError, match="is not an array: it holds Python objects"):
        load_model(path)
    assert not mark.exists()


def test_members_must_be_those_of_the_format(good, tmp_path):
    document, arrays = unpack(good)
    path = tmp_path / "model.skct"
    pack(path, document, {**arrays, "more": np.zeros(3)})
    with pytest.raises(ValueError, match="it has the members"):
        load_model(path)
    del arrays["coef"]
    pack(path, document, arrays)
    with pytest.raises(ValueError, match="it has the members"):
        load_model(path)


def test_member_that_is_no_array(good, tmp_path):
    path = tmp_path / "model.skct"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"text" if name == "coef.npy" else old.read(name))
    with pytest.raises(ValueError, match="coef is not an array"):
        load_model(path)


@pytest.mark.parametrize(
    "text", [b"{", b"\xff", b"[" * 100_000, b'{"version": ' + b"9" * 5000 + b"}"]
)
def test_document_that_is_no_json(text, good, tmp_path):
    pack(tmp_path / "model.skct", text, unpack(good)[1])
    with pytest.raises(ValueError, match="document is not JSON"):
        load_model(tmp_path / "model.skct")


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (["format"], "another", "format must be 'skcrosstask model'"),
        (["version"], 4, "version is 4; this release of skcrosstask reads version 3"),
        (["tasks"], {}, "tasks must be a list"),
        (["tasks", 0], {"name": "a"}, "tasks entry 0 must have the keys"),
        (["tasks", 0, "steps"], [], "tasks entry 0: Task"),
        (["tasks", 0, "steps"], "pour", "tasks entry 0 must have a list of steps"),
        (["tasks", 0, "before"], [[0, 99]], "tasks entry 0: Task"),
        (["version"], True, "version is True"),
        (["class"], "os.system", "class must be one of"),
        (["class"], ["SupervisedStepEstimator"], "class must be one of"),
        (["class"], "SupervisedStepEstimator", "parameters must have the keys"),
        (["more"], 1, "document must have the keys"),
        (["parameters"], [], "parameters must be a JSON object"),
        (["parameters", "more"], 1, "parameters must have the keys"),
        (["parameters", "dropout"], 1.5, "'dropout' parameter"),
        (["parameters", "stemmer"], "os.system", "'stemmer' parameter"),
        (["parameters", "max_iter"], [3], "parameters: max_iter must be a finite"),
        (["parameters", "skip_cost"], np.inf, "parameters: skip_cost must be a finite"),
        (["vocabulary", "sharing"], "all", "vocabulary: sharing must be one of"),
        (["vocabulary", "stemmer"], {}, "vocabulary: stemmer must be one of"),
        (["vocabulary", "components"], ["a", "a"], "vocabulary: components must be"),
        (["vocabulary", "components"], [1, 2], "vocabulary: components must be"),
        (["vocabulary", "components"], [], "vocabulary: components must be"),
        (["vocabulary", "components"], ["a", "b"], "vocabulary: words must be one"),
        (["vocabulary", "words"], {"pour": ["pour"]}, "vocabulary: words must be one"),
        (["vocabulary", "words", 0], ["pour", 1], "vocabulary: words must be one"),
        (["model", "adam"], [0.1, 0.9, 0.999], "model: adam must be"),
        (["model", "adam"], [-0.1, 0.9, 0.999, 1e-8], "model: adam must be"),
        (["model", "adam"], [0.1, 0.9, 0.5, 1e-8], "model: adam must be"),
        (["model", "adam"], [np.nan, 0.9, 0.999, 1e-8], "model: adam must be"),
        (["model", "dropout_threshold"], 65536, "model: dropout_threshold must be"),
        (["model", "over_steps"], 1, "model: over_steps must be a boolean"),
        (["model", "over_time"], None, "model: over_time must be a boolean"),
        (["model", "n_negatives"], 0, "model: n_negatives must be"),
        (["model", "n_updates"], -1, "model: n_updates must be"),
        (["model", "n_updates"], 0, "last must be within 0 and n_updates"),
        (["model", "seed"], 1.5, "model: seed must be"),
        (["rng", "bit_generator"], "MT19937", "rng must be the state of a PCG64"),
        (["rng", "state"], 3, "rng: state must be a JSON object"),
        (["rng", "state", "inc"], 1 << 128, "rng must be the state of a PCG64"),
        (["rng", "has_uint32"], 2, "rng must be the state of a PCG64"),
        (["rng", "uinteger"], -1, "rng must be the state of a PCG64"),
        (["seed"], "0", "seed must be"),
        (["learning_rate_"], 0.0, "learning_rate_ must be"),
        (["n_iter_"], 3.0, "n_iter_ must be"),
        (["n_features_in_"], 0, "n_features_in_ must be"),
        (["n_features_in_"], 9, "coef must be float32 of shape"),
        (["history_"], {}, "history_ must be a list"),
        (["history_"], [{"phase": "init"}], "history_ entry 0 must have the keys"),
        (
            ["history_"],
            [{"phase": "init", "epoch": 1, "objective": np.inf, "seconds": 1.0}],
            "history_ entry 0 must be",
        ),
    ],
)
def test_tampered_document(keys, value, message, good, tmp_path):
    document, arrays = unpack(good)
    place = document
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    path = tmp_path / "tampered.skct"
    pack(path, document, arrays)
    with pytest.raises(ValueError, match=rf"tampered\.skct': .*{message}"):
        load_model(path)


@pytest.mark.parametrize("keys", [["seed"], ["rng", "state"], ["model", "adam"]])
def test_document_without_a_key(keys, good, tmp_path):
    document, arrays = unpack(good)
    place = document
    for key in keys[:-1]:
        place = place[key]
    del place[keys[-1]]
    pack(tmp_path / "model.skct", document, arrays)
    with pytest.raises(ValueError, match="must have the keys"):
        load_model(tmp_path / "model.skct")


def filled(value):
    def change(array):
        array = array.copy()
        array.flat[0] = value
        return array

    return change


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("coef", filled(np.nan), "must be finite"),
        ("coef", lambda a: a[:, 1:], "must be float32 of shape"),
        ("coef", lambda a: a.astype(np.float64), "must be float32 of shape"),
        ("coef_mean", filled(np.inf), "must be finite"),
        ("coef_mean", lambda a: a.T, "must be float32 of shape"),
        ("coef_square", filled(-1), "must not be negative"),
        ("intercept", filled(np.nan), "must be finite"),
        ("intercept_mean", lambda a: a[1:], "must be float32 of shape"),
        ("intercept_square", filled(-1), "must not be negative"),
        ("last", filled(-1), "must be within 0 and n_updates"),
        ("last", filled(1 << 40), "must be within 0 and n_updates"),
        ("last", lambda a: a.astype(float), "must be int64 of shape"),
        ("alignments", filled(-2), "must be from -1"),
        ("alignments", lambda a: a[None], "must be int64 of shape"),
        ("alignment_ends", lambda a: a[::-1], "must ascend"),
        ("alignment_ends", lambda a: a[:-1], "must ascend"),
        ("alignment_ends", lambda a: a[:0], "must ascend"),
        ("alignment_ends", filled(-1), "must ascend"),
    ],
)
def test_tampered_array(name, change, message, good, tmp_path):
    document, arrays = unpack(good)
    path = tmp_path / "tampered.skct"
    pack(path, document, {**arrays, name: change(arrays[name])})
    with pytest.raises(ValueError, match=rf"tampered\.skct': {name} {message}"):
        load_model(path)


def test_layout_in_memory_does_not_matter(good, videos, tmp_path):
    document, arrays = unpack(good)
    arrays["coef"] = np.asfortranarray(arrays["coef"].astype(">f4"))
    arrays["last"] = arrays["last"].astype(">i8")
    pack(tmp_path / "model.skct", document, arrays)
    loaded, expected = load_model(tmp_path / "model.skct"), load_model(good)
    for estimator in (loaded, expected):
        estimator.partial_fit(videos)
    assert_same_state(loaded, expected)


def test_folders_of_this_machine_stay_here(videos, tmp_path):
    estimator = fitted("weak", videos, store_folder=tmp_path / "rows")
    save_model(estimator, tmp_path / "model.skct")
    assert load_model(tmp_path / "model.skct").store_folder is None
    assert estimator.store_folder == tmp_path / "rows"


def test_a_file_of_the_second_version(videos, tmp_path):
    est = fitted("weak", videos, calibrate=False)
    save_model(est, tmp_path / "new.skct")
    document, arrays = unpack(tmp_path / "new.skct")
    for name in ("temperature_", "agreement_", "rate", "tasks"):
        del document[name]
    del document["parameters"]["calibrate"]
    pack(tmp_path / "old.skct", {**document, "version": 2}, arrays)
    old = load_model(tmp_path / "old.skct")
    assert (old.temperature_, np.isnan(old.agreement_)) == (1.0, True)
    for one, other in zip(old.predict(videos), est.predict(videos), strict=True):
        assert_array_equal(one, other)


def test_calibration_is_kept(videos, tmp_path):
    est = fitted("weak", videos)
    est.temperature_, est.agreement_ = 2.5, 0.25
    save_model(est, tmp_path / "model.skct")
    again = load_model(tmp_path / "model.skct")
    assert (again.temperature_, again.agreement_) == (2.5, 0.25)


def test_a_file_of_the_first_release(tmp_path):
    path = Path(__file__).parent / "data" / "version_1.skct"
    videos, tasks = make_instructional_videos(
        4, n_tasks=3, n_features=8, random_state=0
    )
    estimator = load_model(path)
    times = [found.tolist() for found in estimator.predict(videos[:3], tasks[:3])]
    assert times == [[51, 60, 61, 63, 95], [3, 43, 80, 140], [1, 3, 115, 133]]
    scores = estimator.decision_function(videos[:1], tasks[:1])[0][0]
    expected = [0.0015, -0.0096, 0.0025, -0.0008, -0.0078]
    np.testing.assert_allclose(scores, expected, atol=6e-5)
    estimator.set_params(warm_start=True).fit(videos, tasks)
    expected = [[-0.017711, 0.001874, -0.003772], [0.005154, -0.015013, 0.010519]]
    np.testing.assert_allclose(estimator.coef_[:2, :3], expected, atol=1e-4)


def test_a_file_of_version_2_does_not_know_its_tasks(tmp_path):
    path = Path(__file__).parent / "data" / "version_2.skct"
    videos, tasks = make_instructional_videos(
        4, n_tasks=3, n_features=8, random_state=0
    )
    estimator = load_model(path)
    assert estimator.tasks_ == ()
    times = [found.tolist() for found in estimator.predict(videos[:3], tasks[:3])]
    assert times == [[19, 35, 56, 67, 96], [11, 42, 82, 125], [9, 63, 101, 131]]
    estimator.partial_fit(videos[:2], tasks[:2])
    save_model(estimator, tmp_path / "m")
    assert load_model(tmp_path / "m").tasks_ == tuple(tasks[:2])


def test_a_model_knows_its_tasks(tmp_path):
    videos, tasks = make_instructional_videos(
        3, n_tasks=2, n_features=4, random_state=0
    )
    partial = Task("free", tasks[0].steps, "Any order", before=[(0, 1)])
    estimator = WeaklySupervisedStepEstimator(n_passes=1, random_state=0)
    estimator.fit(videos[:2], [partial, tasks[1]])
    estimator.partial_fit(videos[2:3], tasks[2:3])
    assert estimator.tasks_ == tuple(dict.fromkeys([partial, tasks[1], tasks[2]]))
    save_model(estimator, tmp_path / "m")
    assert load_model(tmp_path / "m").tasks_ == estimator.tasks_
    estimator.fit(videos[:1], tasks[:1])
    assert estimator.tasks_ == (tasks[0],)
