"""Video files, parameters, options, outputs, metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bad._case import LATTE, RELEASE, Case, fit, manifest, write
from bad.features import GOOD
from skcrosstask import Video, WeaklySupervisedStepEstimator
from skcrosstask._data import Narration
from skcrosstask.alignment import align_steps, sample_alignment, step_posteriors
from skcrosstask.baselines import ActionSetEstimator, DiffracEstimator
from skcrosstask.metrics import frame_accuracy, step_recall
from skcrosstask.narration import NarrationAligner
from skcrosstask.results import StepTable

# Values that fit no parameter but those that are named.
_VALUES: tuple[Any, ...] = (-1, float("nan"), "magic", [], 2.5, True)
_NOT_WRONG = {
    ("n_jobs", -1), ("n_jobs", True), ("random_state", True), ("verbose", True),
    ("background", -1), ("background", 2.5), ("padding", 2.5),
    ("padding", -1), ("padding", True), ("text", None),
}  # fmt: skip


def _clip(seconds: int = 2) -> bytes:
    """A video file that is well."""
    import av

    with av.open("good.mkv", "w") as file:
        stream = file.add_stream("mpeg4", rate=5, width=64, height=48)
        stream.pix_fmt = "yuv420p"
        for i in range(5 * seconds):
            picture = np.full((48, 64, 3), i, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture).reformat(format="yuv420p")
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    data = Path("good.mkv").read_bytes()
    Path("good.mkv").unlink()
    return data


VIDEOS: dict[str, Callable[[], bytes]] = {
    "zero bytes": lambda: b"",
    "prose": lambda: b"this is no video\n" * 99,
    "binary": lambda: bytes(range(256)) * 20,
    "a header alone": lambda: _clip()[:60],
    "half of the header": lambda: _clip()[:200],
    "a picture of nothing": lambda: b"\x89PNG\r\n\x1a\n" + bytes(999),
    "a manifest": lambda: b"rate: 1\n",
    "a playlist": lambda: b"#EXTM3U\n#EXTINF:1\nfile:///etc/passwd\n",
    "a list of files": lambda: b"ffconcat version 1.0\nfile /etc/passwd\n",
}
_OPTIONS: dict[str, tuple[str, ...]] = {
    "fit": (
        "--rate 0", "--rate fast", "--n-train 0", "--n-train 9", "--seed -1",
        "--seed x", "--sharing all", "--contrast no", "--learning-rate 0",
        "--learning-rate nan", "--dropout 1", "--dropout x", "--n-passes -1",
        "--init-iter 1.5", "--max-iter x", "--n-jobs 0", "--n-jobs x", "--tasks soup",
        "--from no.skct", "--from v1.npy", "--features no", "--constraints no",
        "--nonsense 1", "--partial-fit",
    ),
    "predict": (
        "--rate -1", "--task soup", "--decoding magic", "--skip-cost -1",
        "--skip-cost x", "--n-jobs 0", "--format exe", "--features no",
        "--n-train 1",
    ),
    "features": (
        "--rate 0", "--size 3", "--batch-size 0", "--n-frames 0", "--n-jobs 0",
        "--encoder no_such:thing", "--encoder os:nothing", "--encoder os:name",
        "--encoder :", "--encoder x",
    ),
    "windows": (
        "--window-words 0", "--stride 0", "--padding x", "--padding 1,2,3",
        "--weak-padding -1", "--min-length 0", "--background x",
        "--min-confidence 2", "--max-silence -1", "--text no.npz", "--vectors no.txt",
        "--format exe", "--encoding klingon", "--videos no.csv", "--plot-video v9",
    ),
    "evaluate": ("--annotations no.csv", "--features no", "--rate 0"),
}  # fmt: skip
_OUTS = {
    "a folder": "release",
    "in no folder": "no/new.skct",
    "in a file": "v1.npy/new.skct",
    "a name of 400": "x" * 400,
    "an empty name": "",
    "a zero byte": "a\0b",
}


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _video_files()
    yield from _parameters()
    yield from _options()
    yield from _outputs()
    yield from _functions()


def _video_files() -> Iterator[Case]:
    def encode(name: str, data: Callable[[], bytes] | None) -> Callable[[], Any]:
        def act() -> None:
            from skcrosstask.frames import FrameFeatures

            if data is not None:
                write(name, data())
            FrameFeatures(size=32).transform([Video(None, source=name, name="v7")])

        return act

    for fault, data in {**VIDEOS, "missing": None}.items():
        yield Case("video file", fault, "v7", encode("v7.mp4", data))
        yield Case(
            "video file",
            fault,
            "v7",
            lambda d=data: (
                (d and write("v7.mp4", d())) or ["features", "v7.mp4", "--out", "made"]
            ),
            cli=True,
        )._replace(act=lambda d=data: _features_of("v7.mp4", d))
    yield Case("video file", "a folder", "release", encode("release", None))
    yield Case(
        "video file",
        "a folder without one",
        "release",
        lambda: ["features", "release", "--out", "made"],
        cli=True,
    )
    yield Case("video file", "two of a name", "v7", _two_of_a_name, cli=True)
    yield Case("video file", "features in a manifest", "v7", _without_encoder, cli=True)


def _features_of(name: str, data: Callable[[], bytes] | None) -> list[str]:
    if data is not None:
        write(name, data())
    return ["features", name, "--out", "made", "--size", "32"]


def _two_of_a_name() -> list[str]:
    names = [write(f"{folder}/v7.mkv", _clip()) for folder in "ab"]
    return ["features", *names, "--out", "made", "--size", "32"]


def _without_encoder() -> list[str]:
    write("v7.mkv", _clip())
    return ["predict", "model.skct", "v7.mkv", "--task", "latte", "--out", "out.csv"]


def _parameters() -> Iterator[Case]:
    said = Narration(("add", "coffee", "now"), [[1, 2], [2, 3], [3, 4]])
    video = Video(GOOD, LATTE, annotation=[[0, 1, 3]], name="v1", narration=said)
    for make in (
        WeaklySupervisedStepEstimator,
        DiffracEstimator,
        ActionSetEstimator,
        NarrationAligner,
    ):
        for name in make().get_params():
            for value in _VALUES:
                if _may_be(make, name, value):
                    continue
                yield Case(
                    make.__name__,
                    f"{name}={value!r}",
                    name,
                    lambda m=make, n=name, v=value: m(**{n: v}).fit([video]),
                )


def _may_be(make: Any, name: str, value: Any) -> bool:
    """Whether a value is not wrong, or wrong in a way that is not checked by type."""
    if (name, value) in [pair for pair in _NOT_WRONG if type(pair[1]) is type(value)]:
        return True
    for rule in make._parameter_constraints[name]:
        if rule in ("boolean", "verbose") and value is True:
            return True
        if rule is str and isinstance(value, str):
            return True
        if rule is list and isinstance(value, list):
            return name != "padding"
        if hasattr(rule, "type") and hasattr(rule, "left"):
            number = isinstance(value, int | float)
            inside = number and value == value and value in rule
            if inside and isinstance(value, rule.type):
                return True
    return name == "units_per_second" and value == 2.5


def _options() -> Iterator[Case]:
    said = "WEBVTT\n\n00:01.000 --> 00:05.000\nadd the coffee now\n"
    tasks = '{"latte": ["add coffee", "pour milk"]}'

    def act(command: str, words: list[str]) -> list[str]:
        begin = {
            "fit": lambda: fit(manifest()),
            "predict": lambda: ["predict", "model.skct", "v1.npy", "--out", "out.csv"]
            + ([] if words[0] == "--task" else ["--task", "latte"]),
            "features": lambda: _features_of("v7.mkv", _clip),
            "windows": lambda: ["windows", str(Path(write("s/v1.vtt", said)).parent),
                write("tasks.json", tasks), "--out", "made"],
            "evaluate": lambda: ["evaluate", _found(), "release"],
        }[command]()  # fmt: skip
        return [*begin, *words]

    for command, options in _OPTIONS.items():
        for text in options:
            words = text.split()
            culprit = (
                words[-1]
                if words[-1].startswith("no.") or words[-1] == "v1.npy"
                else words[0]
            )
            yield Case(
                f"options, {command}",
                text,
                culprit.strip("-"),
                lambda c=command, w=words: act(c, w),
                cli=True,
            )
    for words in (
        [],
        ["--nonsense"],
        ["dance"],
        ["fit"],
        ["fit", "x"],
        ["predict"],
        ["evaluate", "times.csv"],
        ["init"],
        ["view"],
    ):
        yield Case(
            "options",
            " ".join(words) or "none",
            "skcrosstask",
            lambda w=words: w,
            cli=True,
        )


def _outputs() -> Iterator[Case]:
    for fault, out in _OUTS.items():
        culprit = {
            "a zero byte": "null",
            "an empty name": "",
            "a name of 400": "x",
            "in a file": "v1.npy",
        }.get(fault, out.split("/")[0])
        commands = {
            "fit": lambda o=out: [
                "fit",
                manifest(),
                "--out",
                o,
                "--n-passes",
                "1",
                "--quiet",
            ],
            "predict": lambda o=out: [
                "predict",
                "model.skct",
                "v1.npy",
                "--task",
                "latte",
                "--format",
                "csv",
                "--out",
                o,
            ],
            "evaluate": lambda o=out: ["evaluate", _found(), "release", "--json", o],
            "view": lambda o=out: ["view", "times.csv", "--out", o],
        }
        for command, make in commands.items():
            yield Case(f"output of {command}", fault, culprit, make, cli=True)
    yield Case(
        "output of features",
        "a file",
        "v1.npy",
        lambda: [*_features_of("v7.mkv", _clip)[:2], "--out", "v1.npy"],
        cli=True,
    )
    yield Case(
        "output of view",
        "a file that is no page",
        "v1.npy",
        lambda: ["view", "times.csv", "--out", "v1.npy"],
        cli=True,
    )


def _found() -> str:
    assert RELEASE
    return write("found.csv", "video,task,step,time\nv1,1,1,2.5\n")


def _functions() -> Iterator[Case]:
    cost = np.zeros((6, 3))
    wrong: dict[str, Any] = {
        "one axis": cost[0],
        "three axes": cost[None],
        "text": cost.astype(str),
        "words": [["a"]],
        "nan": cost * np.nan,
        "complex": cost * 1j,
        "no steps": cost[:, :0],
        "no rows": cost[:0],
        "too few rows": cost[:2],
        "None": None,
        "ragged": [[1], [1, 2]],
    }
    for name, function in (
        ("align_steps", align_steps),
        ("step_posteriors", step_posteriors),
    ):
        for fault, array in wrong.items():
            yield Case(name, fault, "", lambda f=function, a=array: f(a))
        for fault, windows in {
            "reversed": [[0, 4, 2]],
            "unknown": [[7, 1, 2]],
            "text": "abc",
            "nan": [[0, np.nan, 2]],
        }.items():
            yield Case(
                name, f"windows {fault}", "", lambda f=function, w=windows: f(cost, w)
            )
    for shape in ((0, 3), (3, 0), (2, 3), (3,), "ab", None, (-1, 2), (2.5, 1)):
        yield Case(
            "sample_alignment", repr(shape), "", lambda s=shape: sample_alignment(s)
        )
    truth = [np.array([[0, 1.0, 3.0]])]
    found: dict[str, Any] = {
        "too many": [np.array([1]), np.array([2])], "none": [], "None": None,
        "text": ["a"], "nan": [np.array([np.nan])], "two axes": [np.zeros((2, 2))],
    }  # fmt: skip
    for fault, prediction in found.items():
        yield Case("step_recall", fault, "", lambda p=prediction: step_recall(truth, p))
    for fault, labels in {
        "lengths": [np.zeros(3, int)],
        "text": ["abc"],
        "none": [],
    }.items():
        yield Case(
            "frame_accuracy",
            fault,
            "",
            lambda x=labels: frame_accuracy([np.zeros(4, int)], x),
        )
    rows: dict[str, Any] = {
        "too short": ("v1",),
        "reversed": ("v1", "t", 0, "a", 5.0, 2.0, 3.0),
        "negative": ("v1", "t", 0, "a", -5.0, 2.0, 1.0),
        "step -1": ("v1", "t", -1, "a"),
        "a number as name": (1, "t", 0, "a"),
        "infinity": ("v1", "t", 0, "a", 1.0, np.inf, 2.0),
        "present 2": ("v1", "t", 0, "a", 1.0, 2.0, 1.5, 2.0),
        "a number": 3,
    }
    for fault, row in rows.items():
        yield Case("StepTable", fault, "row", lambda r=row: StepTable([r]))
