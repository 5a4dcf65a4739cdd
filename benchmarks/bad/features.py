"""Features: arrays in memory, files of NumPy and HDF5, and what they are used for."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bad._case import LATTE, TEA, Case, fit, manifest, write
from skcrosstask import (
    FeaturesFirst,
    Video,
    WeaklySupervisedStepEstimator,
    load_model,
)
from skcrosstask.baselines import SupervisedStepEstimator

GOOD = np.random.default_rng(0).normal(size=(30, 8)).astype(np.float32)


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def header(text: str, data: bytes = b"") -> bytes:
    """A .npy file with a header of one's own."""
    padded = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded + data


def _said(shape: str, descr: str = "'<f4'") -> bytes:
    return header(f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}")


def with_value(value: float) -> np.ndarray:
    """Features with one value that is not as it should be."""
    array = GOOD.copy()
    array[3, 2] = value
    return array


ARRAYS: dict[str, Any] = {
    "one axis": GOOD[0],
    "three axes": GOOD[None],
    "no rows": GOOD[:0],
    "no features": GOOD[:, :0],
    "text": GOOD.astype(str),
    "bytes": GOOD.astype("S4"),
    "complex": GOOD.astype(complex),
    "dates": GOOD.astype("i8").astype("M8[s]"),
    "records": np.zeros(30, dtype=[("a", "f4"), ("b", "f4")]),
    "records, two axes": np.zeros((30, 8), dtype=[("a", "f4")]),
    "objects": GOOD.astype(object),
    "a scalar": np.float32(3.0),
    "nan": with_value(np.nan),
    "infinity": with_value(np.inf),
    "beyond float32": np.where(GOOD > 2, 1e300, GOOD.astype(float)),
    "wrong D": GOOD[:, :5],
    "fewer rows than steps": GOOD[:2],
}
FILES: dict[str, bytes] = {
    "zero bytes": b"",
    "half a magic": b"\x93NUM",
    "no header": b"\x93NUMPY\x01\x00",
    "half a header": _npy(GOOD)[:60],
    "cut short": _npy(GOOD)[:-100],
    "cut in a row": _npy(GOOD)[:-3],
    "no data": _npy(GOOD)[:128],
    "prose": b"this is not an array\n" * 9,
    "csv": b"1,2,3\n4,5,6\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(99),
    "unknown version": b"\x93NUMPY\x09\x00" + _npy(GOOD)[8:],
    "petabytes": _said("(1000000000, 1000000)"),
    "beyond 64 bits": _said("(99999999999999999999, 8)"),
    "negative": _said("(-30, 8)"),
    "a shape of text": _said("('a', 8)"),
    "unknown type": _said("(30, 8)", "'<q9'"),
    "code in header": header("__import__('os').system('touch harm') or {}"),
    "deep header": header("(" * 50 + ")" * 50),
    "an archive": b"PK\x03\x04" + bytes(40),
}


def _archive(*members: tuple[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :]


_PACKED = _archive(("a.npy", _npy(GOOD)), how=zipfile.ZIP_DEFLATED)
ARCHIVES: dict[str, bytes] = {
    "zero bytes": b"",
    "not a zip": b"nothing of the kind",
    "a lone array": _npy(GOOD),
    "cut short": _archive(("a.npy", _npy(GOOD)))[:-40],
    "no members": _archive(),
    "two arrays": _archive(("a.npy", _npy(GOOD)), ("b.npy", _npy(GOOD))),
    "a text member": _archive(("a.txt", b"hello")),
    "objects": _archive(("a.npy", _npy(GOOD.astype(object)))),
    "objects, packed": _archive(
        ("a.npy", _npy(GOOD.astype(object))), how=zipfile.ZIP_DEFLATED
    ),
    "member cut short": _archive(("a.npy", _npy(GOOD)[:-9])),
    "petabytes": _archive(("a.npy", _said("(1000000000, 1000000)"))),
    "petabytes, packed": _archive(
        ("a.npy", _said("(1000000000, 1000000)")), how=zipfile.ZIP_DEFLATED
    ),
    "negative": _archive(("a.npy", _said("(-30, -8)"))),
    "flipped when packed": _flipped(_PACKED, 120),
    "unknown packing": _PACKED.replace(b"\x08\x00", b"\x63\x00"),
    "climbing out": _archive(("../../a.npy", b"")),
}


def cases() -> Iterator[Case]:
    """All of them."""
    for fault, array in ARRAYS.items():
        if "rows than steps" not in fault and "wrong" not in fault:
            yield Case("array", fault, "v1", _fit_arrays(array))
        yield Case("array, two videos", fault, "v1", _predict(array))
        if fault not in ("objects", "a scalar"):
            data = _npy(np.asarray(array))
            yield from _of_file(".npy", fault, data)
    for fault, data in FILES.items():
        yield from _of_file(".npy", fault, data)
    for fault, data in ARCHIVES.items():
        yield from _of_file(".npz", fault, data)
    yield Case(
        "npz",
        "no such member",
        "flow",
        lambda: _open("v1.npz:flow", ARCHIVES["two arrays"]),
    )
    for kind, path in (
        ("missing", "no.npy"),
        ("a folder", "."),
        ("no such drive", "foo://x/v1.npy"),
    ):
        yield Case("features file", kind, path, lambda path=path: Video(path).open())
    yield from _data_sets()
    yield from _other_things()


def _of_file(suffix: str, fault: str, data: bytes) -> Iterator[Case]:
    name = f"v1{suffix}"

    def collect(data: bytes = data) -> list[str]:
        write(name, data)
        return fit(manifest(features=name))

    def place(data: bytes = data) -> list[str]:
        write(name, data)
        return ["predict", "model.skct", name, "--task", "latte", "--out", "out.csv"]

    needs_two = fault in ("wrong D", "fewer rows than steps")
    if not needs_two:
        yield Case(suffix, fault, "v1", _fit_file(name, data))
    culprit = "v2" if fault == "wrong D" else "v1"
    yield Case(f"{suffix}, fit", fault, culprit, collect, cli=True)
    yield Case(f"{suffix}, predict", fault, "v1", place, cli=True)


def _fit_file(name: str, data: bytes) -> Callable[[], Any]:
    def act() -> None:
        write(name, data)
        _quick().fit([Video(name, LATTE)])

    return act


def _fit_arrays(array: Any) -> Callable[[], Any]:
    return lambda: _quick().fit([Video(array, LATTE, name="v1")])


def _predict(array: Any) -> Callable[[], Any]:
    return lambda: load_model("model.skct").predict([Video(array, LATTE, name="v1")])


def _open(path: str, data: bytes) -> None:
    write(path.split(":")[0], data)
    Video(path).open()


def _quick() -> WeaklySupervisedStepEstimator:
    return WeaklySupervisedStepEstimator(n_passes=1, random_state=0)


def _data_sets() -> Iterator[Case]:
    """Data sets of h5py; none where it is not installed."""
    try:
        import h5py
    except ImportError:
        return

    def of(array: Any, closed: bool = False) -> Callable[[], Any]:
        def act() -> None:
            file = h5py.File("f.h5", "w")
            data = file.create_dataset("v1", data=array)
            video = Video(data, LATTE, name="v1")
            if closed:
                file.close()
            try:
                _quick().fit([video])
            finally:
                file.close()

        return act

    for fault in (
        "one axis",
        "three axes",
        "no rows",
        "bytes",
        "complex",
        "nan",
        "infinity",
    ):
        yield Case("h5py", fault, "v1", of(ARRAYS[fault]))
    yield Case("h5py", "closed file", "v1", of(GOOD, closed=True))


def _other_things() -> Iterator[Case]:
    things: dict[str, Any] = {
        "ragged": [[1.0, 2.0], [3.0]],
        "a dict": {"a": 1},
        "a number": 3,
        "true": True,
        "a set": {1, 2},
        "a function": len,
        "turned and ragged": FeaturesFirst([[1.0], [2.0, 3.0]]),
        "turned nothing": FeaturesFirst(None),
        "a path of bytes": b"v1.npy",
        "zero byte in path": "v1\0.npy",
        "an empty path": "",
        "a path of 5000": "x" * 5000 + ".npy",
    }
    for fault, thing in things.items():
        yield Case("features", fault, "v1", lambda t=thing: Video(t, name="v1").open())
    yield Case("features", "neither", "v1", lambda: Video(None, name="v1"))
    video = Video(GOOD, LATTE, name="v1")
    wrong: dict[str, tuple[Any, Any, str]] = {
        "no videos": ([], None, "X"),
        "one video": (video, None, "X"),
        "one array": (GOOD, None, "X"),
        "text": ("v1.npy", None, "X"),
        "None": (None, None, "X"),
        "numbers": ([1, 2], None, "X[0]"),
        "no task": ([GOOD], None, "#0"),
        "too many tasks": ([video], [LATTE, TEA], "y"),
        "a task's name": ([video], "latte", "y"),
        "names": ([GOOD], ["latte"], "latte"),
        "unknown task": ([Video(GOOD, "soup", name="v1")], {"latte": ["a"]}, "soup"),
        "a number as y": ([video], 3, "y"),
        "other D": ([video, Video(GOOD[:, :5], LATTE, name="v2")], None, "v2"),
        "more steps than rows": ([Video(GOOD[:2], LATTE, name="v2")], None, "v2"),
        "no features": ([Video(None, LATTE, name="v2", source="a.mp4")], None, "v2"),
        "a string step list": ([GOOD], {"latte": "abc"}, "latte"),
    }
    for fault, (X, y, culprit) in wrong.items():
        yield Case("X and y", fault, culprit, lambda X=X, y=y: _quick().fit(X, y))
        if fault != "other D":
            yield Case(
                "X and y, predict",
                fault,
                culprit,
                lambda X=X, y=y: load_model("model.skct").predict(X, y),
            )
    yield Case(
        "supervised",
        "no annotation",
        "v1",
        lambda: SupervisedStepEstimator().fit([video]),
    )
    yield Case(
        "score",
        "no annotation",
        "annotation",
        lambda: load_model("model.skct").score([video]),
    )
    annotated = Video(GOOD, LATTE, annotation=[[0, 90, 95]], name="v1")
    yield Case(
        "supervised",
        "annotation after the end",
        "v1",
        lambda: SupervisedStepEstimator().fit([annotated]),
    )
    yield Case("file removed", "before fit", "v1", lambda: _quick().fit([_removed()]))


def _removed() -> Video:
    video = Video("v1.npy", LATTE)
    Path("v1.npy").unlink()
    return video
