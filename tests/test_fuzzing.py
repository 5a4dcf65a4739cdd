"""Files damaged at random: errors of ours, short, which name the file."""

import io
import json
import warnings
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skcrosstask import (
    Task,
    Video,
    WeaklySupervisedStepEstimator,
    load_model,
    save_model,
)
from skcrosstask.datasets import load_crosstask, load_manifest
from skcrosstask.datasets._task_files import read_task_list
from skcrosstask.narration import LearnedAggregation, WordVectors, read_narration
from skcrosstask.results import read_annotations, read_steps

LATTE = Task("latte", ["add coffee", "pour milk"])
FEATURES = np.random.default_rng(0).normal(size=(9, 3)).astype(np.float32)
LONGEST = 300
_FEW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# What stands in files, and what breaks those who read them.
TOKENS = [
    b"", b"\0", b"\n", b"\r", b",", b'"', b"'", b"-1", b"0", b"1e999", b"nan", b"-inf",
    b"9" * 25, b"9" * 5000, b"[", b"]" * 3, b"{", b"}", b":", b"null", b"true", b"&a ",
    b"*a", b"!!x ", b"<", b">", b"-->", b"\xff", b"\xef\xbb\xbf", b"\xf0\x9f\x99\x82",
    b"\t", b" " * 9, b"[" * 2000, b"x" * 3000, b"|", b"1<2", b"../", b"0x1f", b"1_0",
    b"\\u0000", b"\xd9\xa1",
]  # fmt: skip
CUTS = st.tuples(
    st.floats(0, 1), st.integers(0, 40), st.sampled_from(TOKENS) | st.binary(max_size=4)
)


@st.composite
def damaged(draw, whole):
    """Bytes with some parts replaced, left out or doubled."""
    data = whole
    for place, n_gone, new in draw(st.lists(CUTS, min_size=1, max_size=4)):
        at = int(place * len(data))
        data = data[:at] + new + data[at + n_gone :]
    if draw(st.integers(0, 9)) == 0:
        data = data[: draw(st.integers(0, len(data)))]
    return data


def check(read, path):
    """Read, or be told in a line what is wrong with the file."""
    message = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            read(path)
        except (ValueError, OSError, TypeError) as error:
            message = str(error)
    if message is not None:
        assert len(message) <= LONGEST
        assert len(message.splitlines()) == 1
        assert path.stem in message


_ARRAYS = {"npy": np.save, "npz": np.savez, "packed.npz": np.savez_compressed}
_MANIFEST = {
    "rate": 2,
    "tasks": {
        "latte": {"steps": ["add coffee", "pour milk"], "title": "A latte"},
        "tea": {"steps": ["boil", "steep"], "before": ["1<2"], "related": True},
    },
    "videos": [
        {"name": "v1", "task": "latte", "windows": [[1, 0.5, 2], [2, 3, 4]]},
        {"source": "v2.mp4", "task": "tea", "annotation": [[1, 0, 4.5]], "rate": 0.5},
    ],
}
_YAML = """\
rate: 2
tasks:
  latte:
    title: "A latte"
    steps: [add coffee, pour milk]
  tea: {steps: [boil, steep], before: [1<2], related: yes}
videos:
  - {name: v1, task: latte, windows: [[1, 0.5, 2]]}
  - source: v2.mp4
    task: tea
    annotation:
      - [1, 0, 4.5]
"""
_STEPS = "video,task,step,text,start,end,time,present,confidence\n" + (
    'v1,latte,1,"add, coffee",1.0,3.5,2.0,0.9,0.8\nv1,latte,2,pour milk,,,,0.1,\n'
)
_RECORDS = [
    {"video": "v1", "task": "latte", "step": 1, "start": 1, "end": 2.5, "time": 2},
    {"video": "v1", "task": "latte", "step": 2, "time": None, "present": 0.25},
]
TEXTS = {
    "fuzzed.json": (load_manifest, json.dumps(_MANIFEST)),
    "fuzzed.yaml": (load_manifest, _YAML),
    "fuzzed.csv": (
        load_manifest,
        "name,task,steps,rate,validation\n"
        ",latte,add coffee|pour milk,,\nv1,latte,,2,no\n",
    ),
    "fuzzed_steps.csv": (read_steps, _STEPS),
    "fuzzed_truth.csv": (read_annotations, _STEPS),
    "fuzzed_old.csv": (read_steps, "task,video,step,time\n7,v1,1,3\n7,v1,2,-1\n"),
    "fuzzed_steps.json": (read_steps, json.dumps(_RECORDS)),
    "fuzzed_tasks.json": (read_task_list, json.dumps({"latte": LATTE.steps})),
    "fuzzed_tasks.txt": (
        read_task_list,
        "7\nA latte\nurl\n2\nadd coffee,pour milk\n\n",
    ),
    "fuzzed.vtt": (
        read_narration,
        "WEBVTT\n\n00:01.000 --> 00:02.500 align:start\nadd <c>the</c> coffee\n",
    ),
    "fuzzed.srt": (read_narration, "1\n00:00:01,000 --> 00:00:02,000\nadd coffee\n\n"),
    "fuzzed_words.csv": (
        read_narration,
        "start,end,text\n1,2.5,add coffee\n0:03,4,x\n",
    ),
    "fuzzed.tsv": (read_narration, "start\tend\ttext\n1000\t2500\tadd coffee\n"),
    "fuzzed_words.json": (
        read_narration,
        json.dumps({"segments": [{"start": 1, "end": 2.5, "text": "add coffee"}]}),
    ),
    "fuzzed.json3": (
        read_narration,
        json.dumps(
            {"events": [{"tStartMs": 9, "dDurationMs": 8, "segs": [{"utf8": "add"}]}]}
        ),
    ),
    "fuzzed.srv1": (
        read_narration,
        '<transcript><text start="1" dur="2">add &amp; pour</text></transcript>',
    ),
    "fuzzed.ttml": (
        read_narration,
        '<tt xmlns="http://www.w3.org/ns/ttml"><body><div>'
        '<p begin="1s" end="00:00:02.5">add</p></div></body></tt>',
    ),
    "fuzzed.sbv": (read_narration, "0:00:01.000,0:00:02.000\nadd coffee\n\n"),
    "fuzzed.lrc": (read_narration, "[00:01.00]add coffee\n[00:02.00]pour\n"),
    "fuzzed.ass": (
        read_narration,
        "[Script Info]\n\n[Events]\nFormat: Layer, Start, End, Style, Text\n"
        "Dialogue: 0,0:00:01.00,0:00:02.00,Default,add coffee\n",
    ),
    "fuzzed.sub": (read_narration, "{1}{1}25\n{25}{50}add coffee\n"),
    "fuzzed.TextGrid": (
        read_narration,
        'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = 3\n'
        'tiers? <exists>\nsize = 1\nitem []:\n item [1]:\n  class = "IntervalTier"\n'
        '  name = "words"\n  xmin = 0\n  xmax = 3\n  intervals: size = 1\n'
        '  intervals [1]:\n   xmin = 1\n   xmax = 2\n   text = "add"\n',
    ),
    "fuzzed.txt": (WordVectors.open, "2 3\nadd 1 2 3\npour 4 5 6\n"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name, tmp_path):
    read, whole = TEXTS[name]
    path = tmp_path / name

    @_FEW
    @given(damaged(whole.encode()))
    def run(data):
        path.write_bytes(data)
        check(read, path)

    path.write_text(whole)
    read(path)  # it is well to begin with
    run()


@pytest.mark.parametrize("folder", ["constraints", "annotations"])
def test_segments_of_the_release(folder, tmp_path):
    tasks = "7\nA latte\nurl\n2\nadd coffee,pour milk\n\n"
    (tmp_path / "tasks_primary.txt").write_text(tasks)
    (tmp_path / "videos.csv").write_text("7,fuzzed,url\n")
    path = tmp_path / folder / "7_fuzzed.csv"
    path.parent.mkdir()

    @_FEW
    @given(damaged(b"1,0.5,2.25\n2,3,9\n"))
    def run(data):
        path.write_bytes(data)
        check(lambda path: load_crosstask(tmp_path, features=None), path)

    run()


def read_all(path):
    return Video(path).open()[:]


@pytest.mark.parametrize("suffix", _ARRAYS)
def test_arrays(suffix, tmp_path):
    path = tmp_path / f"fuzzed.{suffix}"
    file = io.BytesIO()
    _ARRAYS[suffix](file, FEATURES)

    @_FEW
    @given(damaged(file.getvalue()))
    def run(data):
        path.write_bytes(data)
        check(read_all, path)

    run()


def header_with(shape, descr, fortran):
    text = f"{{'descr': {descr!r}, 'fortran_order': {fortran}, 'shape': {shape}, }}"
    head = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head


@_FEW
@given(
    st.lists(st.integers(-3, 2**70) | st.integers(0, 12), max_size=4).map(tuple),
    st.sampled_from(
        [
            "<f4",
            ">f8",
            "<f2",
            "|O",
            "<U3",
            "<M8[s]",
            "|V4",
            "|b1",
            "<c8",
            "<i8",
            "|S0",
            "f",
        ]
    ),
    st.booleans() | st.just("x"),
    st.sampled_from(["npy", "npz"]),
)
def test_headers(tmp_path, shape, descr, fortran, suffix):
    data = header_with(shape, descr, fortran) + bytes(200)
    path = tmp_path / f"fuzzed.{suffix}"
    if suffix == "npz":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.npy", data)
    else:
        path.write_bytes(data)
    check(read_all, path)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.skct"
    videos = [Video(FEATURES, LATTE), Video(FEATURES[::-1], LATTE)]
    save_model(WeaklySupervisedStepEstimator(n_passes=1).fit(videos), path)
    with np.load(path) as archive:
        return path.read_bytes(), dict(archive)


def test_model_bytes(model, tmp_path):
    @_FEW
    @given(damaged(model[0]))
    def run(data):
        (tmp_path / "fuzzed.skct").write_bytes(data)
        check(load_model, tmp_path / "fuzzed.skct")
        check(LearnedAggregation.load, tmp_path / "fuzzed.skct")

    run()


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
    | st.sampled_from([2**63, 10**400, -1, "9" * 2000, [], {}]),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


def nodes(value, path=()):
    """Paths of all values of a document."""
    yield path
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in list(pairs)[:6]:
            yield from nodes(inner, (*path, key))


def test_model_documents(model, tmp_path):
    text = model[1]["document"].tobytes()

    @settings(_FEW, max_examples=100)
    @given(st.data())
    def run(data):
        document = json.loads(text)
        *keys, last = data.draw(st.sampled_from([*nodes(document)][1:]))
        place = document
        for key in keys:
            place = place[key]
        place[last] = data.draw(JUNK)
        changed = json.dumps(document).encode()
        arrays = {**model[1], "document": np.frombuffer(changed, np.uint8)}
        with open(tmp_path / "fuzzed.skct", "wb") as file:
            np.savez(file, **arrays)
        check(load_model, tmp_path / "fuzzed.skct")

    run()
