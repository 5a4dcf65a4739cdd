"""Files of strangers run no code, write nowhere, and take no memory to speak of."""

import csv
import gzip
import io
import json
import os
import pickle
import stat
import zipfile

import numpy as np
import pytest

from skcrosstask import (
    Task,
    Video,
    WeaklySupervisedStepEstimator,
    _files,
    load_model,
    save_model,
)
from skcrosstask._cli import main
from skcrosstask.datasets import load_manifest
from skcrosstask.frames import FrameFeatures
from skcrosstask.learning.rows._store_files import KeptRows, rows_key
from skcrosstask.narration import (
    LearnedAggregation,
    WordVectors,
    _packed,
    read_narration,
)
from skcrosstask.results import StepTable, read_annotations, read_steps

LATTE = Task("latte", ["add coffee", "pour milk"])
FEATURES = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
HOSTILE = [
    "../../x", "/tmp/x", "..", "a/b", "a\\b", "C:x", "con", "<script>alert(1)</script>",
    "=cmd|'/c calc'!A0", "+1+1", "@x", "\t=1", "\r=1", "\u202etxt.exe", "x" * 3000,
]  # fmt: skip


class Harm:
    """Makes a folder where it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.fixture
def harm(tmp_path):
    """Something to pickle; a test fails if it was run."""
    place = tmp_path / "harmed"
    yield Harm(place)
    assert not place.exists()


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.skct"
    videos = [Video(FEATURES, LATTE), Video(FEATURES[::-1], LATTE)]
    save_model(WeaklySupervisedStepEstimator(n_passes=1).fit(videos), path)
    return path


def saved(save, thing):
    file = io.BytesIO()
    save(file, thing)
    return file.getvalue()


def archive_of(model, **members):
    """The model's file with other bytes for some of its members."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(model) as old,
        zipfile.ZipFile(file, "w", 8, compresslevel=1) as new,
    ):
        for name in old.namelist():
            new.writestr(name, members.get(name.split(".")[0], old.read(name)))
    return file.getvalue()


READERS = {
    "v1.npy": lambda path: Video(path).open()[:],
    "v1.npz": lambda path: Video(path).open()[:],
    "m.skct": load_model,
    "a.npz": LearnedAggregation.load,
    "w.bin": WordVectors.open,
    "w.txt": WordVectors.open,
    "v1.json": read_narration,
    "collection.json": load_manifest,
    "collection.yaml": load_manifest,
    "steps.json": read_steps,
    "steps.csv": read_annotations,
}


@pytest.mark.parametrize("name", READERS)
def test_pickles_are_not_opened(name, harm, model, tmp_path):
    objects = np.array([harm], dtype=object)
    written = {
        "pickle": pickle.dumps(harm),
        "npy": saved(np.save, objects),
        "npz": saved(np.savez, objects),
        "packed": saved(np.savez_compressed, objects),
        "member": archive_of(model, coef=saved(np.save, objects)),
        "bare member": archive_of(model, coef=pickle.dumps(harm)),
    }
    for content in written.values():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(ValueError, match=name):
            READERS[name](path)


def test_pickles_among_packed_rows_are_not_opened(harm, tmp_path):
    key = rows_key([Video(FEATURES)], [np.arange(20)], "float32")
    store = KeptRows(tmp_path, key)
    store.path.write_bytes(saved(np.save, np.array([harm], dtype=object)))
    store.path.with_suffix(".json").write_text('{"mean_norm": 1.0}')
    assert store.load((20, 4), np.dtype("float32")) is None


@pytest.mark.parametrize(
    "text",
    [
        "tasks: !!python/object/apply:os.mkdir ['{place}']\n",
        "!!python/object/new:os.mkdir ['{place}']\n",
        "tasks: !!python/name:os.system\n",
        "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\ntasks: [*c,*c]\n",
        "a: &a\n  b: *a\n",
    ],
)
def test_yaml_is_text_alone(text, harm, tmp_path):
    pytest.importorskip("yaml")
    path = tmp_path / "collection.yaml"
    path.write_text(text.replace("{place}", harm.path))
    with pytest.raises(ValueError, match=r"collection\.yaml, line 1: (tags|anchors)"):
        load_manifest(path)


def test_encoder_is_of_the_command_line_alone(tmp_path):
    for place in ({"encoder": "os:mkdir"}, {"tasks": {}, "encoder": "os:mkdir"}):
        path = tmp_path / "collection.json"
        path.write_text(json.dumps(place))
        with pytest.raises(ValueError, match="'encoder' is unknown"):
            load_manifest(path)
    video = {"name": "v1", "source": "v1.mp4", "encoder": "os:mkdir"}
    path.write_text(json.dumps({"videos": [video]}))
    with pytest.raises(ValueError, match="'encoder' is unknown"):
        load_manifest(path)


@pytest.mark.parametrize("field", ["store_folder", "n_jobs", "stemmer", "word_vectors"])
def test_model_file_commands_nothing(field, model, tmp_path):
    with np.load(model) as archive:
        arrays = dict(archive)
    document = json.loads(arrays["document"].tobytes())
    values = {"store_folder": str(tmp_path / "harm"), "n_jobs": 10**6}
    document["parameters"][field] = values.get(field, "os:system")
    arrays["document"] = np.frombuffer(json.dumps(document).encode(), np.uint8)
    with open(tmp_path / "m.skct", "wb") as file:
        np.savez(file, **arrays)
    with pytest.raises(ValueError, match=rf"m\.skct.*{field}"):
        load_model(tmp_path / "m.skct")


def zeros(n):
    """A .npy file of zeros, whose header says so."""
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({n // 16}, 4), }}"
    head = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + bytes(n)


@pytest.fixture(scope="module")
def bomb():
    """A few thousand bytes that would become 3 MB."""
    return zeros(3 << 20)


def test_bombs_are_refused(bomb, model, tmp_path, monkeypatch):
    for module in (_files, _packed):
        assert module._MUCH == 64 << 20
        monkeypatch.setattr(module, "_MUCH", 2 << 20)
    with zipfile.ZipFile(tmp_path / "v1.npz", "w", 8, compresslevel=1) as archive:
        archive.writestr("a.npy", bomb)
    with pytest.raises(ValueError, match="would unpack to 3 MB"):
        Video(tmp_path / "v1.npz").open()
    (tmp_path / "m.skct").write_bytes(archive_of(model, coef=bomb))
    with pytest.raises(ValueError, match=r"m\.skct.*would unpack to 3 MB"):
        load_model(tmp_path / "m.skct")
    (tmp_path / "v1.vtt.gz").write_bytes(gzip.compress(bomb, 1))
    with pytest.raises(ValueError, match=r"v1\.vtt\.gz.*more than 2 MB"):
        read_narration(tmp_path / "v1.vtt.gz")
    (tmp_path / "w.txt.gz").write_bytes(gzip.compress(bomb, 1))
    with pytest.raises(ValueError, match=r"w\.txt\.gz.*more than 2 MB"):
        WordVectors.open(tmp_path / "w.txt.gz")


def test_sizes_that_headers_claim_are_not_allocated(model, tmp_path):
    import tracemalloc

    claim = zeros(16).replace(b"(1, 4)", b"(9999999999, 4)")
    tracemalloc.start()
    for name in ("v1.npy", "m.skct", "a.npz"):
        content = claim if name == "v1.npy" else archive_of(model, coef=claim)
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=name):
            READERS[name](tmp_path / name)
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


def test_nothing_is_unpacked_to_the_disk(model, tmp_path):
    """Members that climb out, or are links, are read as arrays or refused."""
    link = zipfile.ZipInfo("coef.npy")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    for member, content in (("../../harm.npy", b"x"), (link, b"/etc/passwd")):
        file = tmp_path / "inner" / "m.skct"
        file.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(model) as old, zipfile.ZipFile(file, "w") as new:
            for name in old.namelist():
                if name != getattr(member, "filename", ""):
                    new.writestr(name, old.read(name))
            new.writestr(member, content)
        with pytest.raises(ValueError, match=r"inner/m\.skct"):
            load_model(file)
    assert {path.name for path in tmp_path.rglob("*")} == {"inner", "m.skct"}


def table_of(names):
    return StepTable([(name, "latte", 0, name, 1.0, 3.0, 2.0) for name in names])


@pytest.mark.parametrize("kind", ["vtt", "ffmetadata", "elan"])
def test_files_of_videos_stay_in_their_folder(kind, tmp_path):
    folder = tmp_path / "deep" / "out"
    folder.mkdir(parents=True)
    getattr(table_of(HOSTILE), f"to_{kind}")(folder)
    assert len([*folder.iterdir()]) == len(HOSTILE)
    outside = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert outside == {*folder.iterdir()}


def test_pages_and_tables_are_harmless():
    table = table_of(HOSTILE)
    page = table.to_html()
    assert "<script>alert" not in page
    assert "<script>alert" not in table._repr_html_()
    for cells in csv.reader(io.StringIO(table.to_csv(), newline="")):
        assert not any(cell.startswith(("=", "@", "+1", "\t", "\r")) for cell in cells)


@pytest.mark.parametrize("name", ["../../x", "/tmp/x", "..", "a\0b", ".hidden"])
def test_features_are_written_in_their_folder(name, tmp_path):
    video = Video(None, name=name, source=tmp_path / "none.mp4")
    maker = FrameFeatures(lambda x: x, folder=tmp_path / "out")
    with pytest.raises(ValueError, match="cannot be a file's name"):
        maker.transform([video])


@pytest.mark.parametrize("name", ["../../x", "/x", "a/../../x"])
def test_windows_are_written_in_their_folder(name, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    said = "WEBVTT\n\n00:01.000 --> 00:05.000\nadd the coffee now\n"
    (folder / "v1.vtt").write_text(said)
    document = {
        "tasks": {"t": {"steps": ["add coffee", "pour milk"]}},
        "videos": [{"name": name, "subtitles": "v1.vtt"}],
    }
    (folder / "collection.json").write_text(json.dumps(document))
    words = ["windows", "collection.json", "--out", "made", "--confidence", "c.csv"]
    assert main([*words, "--background=-9"]) == 2
    assert "name" in capsys.readouterr().err
    assert not [*tmp_path.rglob("*x.csv")]


def test_confidence_holds_no_formula(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = "WEBVTT\n\n00:01.000 --> 00:05.000\nadd the coffee now\n"
    (tmp_path / "v1.vtt").write_text(said)
    document = {
        "tasks": {"=t()": {"steps": ["add coffee", "pour milk"]}},
        "videos": [{"name": "=1+1", "subtitles": "v1.vtt"}],
    }
    (tmp_path / "collection.json").write_text(json.dumps(document))
    words = ["windows", "collection.json", "--out", "made", "--confidence", "c.csv"]
    assert main([*words, "--background=-9", "--quiet"]) == 0
    rows = (tmp_path / "c.csv").read_text().splitlines()[1:]
    assert rows
    assert all(row.startswith("'=t(),'=1+1,") for row in rows)
